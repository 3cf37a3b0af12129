"""Invent the people of the legacy database. Nobody in it exists; every address is under example.com, .org or .net."""

from __future__ import annotations

import unicodedata

FIRST_NAMES = (
    "Abena", "Adaeze", "Aisha", "Amara", "Anaïs", "Ayana", "Bernadette", "Bianca", "Camille", "Chantal", "Chidinma",
    "Danielle", "Deborah", "Ebony", "Elise", "Esperanza", "Fatou", "Gabrielle", "Gloria", "Halima", "Imani", "Inès",
    "Jasmine", "Joyce", "Kadijah", "Keisha", "Latoya", "Lorraine", "Makeda", "Marisol", "Monique", "Nadine", "Naomi",
    "Nkechi", "Octavia", "Patrice", "Quiana", "Renée", "Rosalind", "Sade", "Shanice", "Simone", "Tamika", "Thandiwe",
    "Ursula", "Vivian", "Wanda", "Xiomara", "Yolanda", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Abernathy", "Adeyemi", "Baptiste", "Beaumont", "Boateng", "Broussard", "Calloway", "Charles", "Coleman",
    "D'Aubigny", "Delacroix", "Desrosiers", "Dupree", "Ellison", "Fairweather", "Fontenot", "Gaines", "Guillory",
    "Hathaway", "Holloway", "Ibarra", "Jeanpierre", "Joubert", "Kincaid", "Lattimore", "Lovelace", "Mbeki", "McCray",
    "Merriweather", "Montgomery", "Nwosu", "O'Neal", "Okafor", "Osei", "Pemberton", "Pettigrew", "Quarles", "Rainey",
    "Robichaux", "St. Clair", "Santana", "Tillman", "Toussaint", "Underwood", "Vance", "Villanueva", "Wetherby",
    "Whitfield", "Yarborough", "Zamora",
)  # fmt: skip
CITIES = (
    ("Atlanta", "GA", "America/New_York"),
    ("Baltimore", "MD", "America/New_York"),
    ("Birmingham", "AL", "America/Chicago"),
    ("Charlotte", "NC", "America/New_York"),
    ("Chicago", "IL", "America/Chicago"),
    ("Detroit", "MI", "America/Detroit"),
    ("Houston", "TX", "America/Chicago"),
    ("Memphis", "TN", "America/Chicago"),
    ("New Orleans", "LA", "America/Chicago"),
    ("Washington", "DC", "America/New_York"),
)
BACKGROUNDS = ("African American", "Afro-Caribbean", "Afro-Latina", "Black British", "Creole", "Haitian", "Latina",
               "Multiracial", "West African")  # fmt: skip
BIOGRAPHIES = (
    "Mother of two, gardener, and stubborn believer in early nights.",
    "I teach chemistry by day and sing alto on Sundays.",
    "Nurse for eighteen years, patient for three.",
    "I was told it was stress. It was not stress.",
    "Here to listen first and talk second.",
    "Walking my way back, one block at a time.",
    "I draw, I bake, I keep a list of questions for every appointment.",
    "Small business owner who has learned to close at five.",
    "My eyes changed before anybody believed me.",
    "Auntie to eleven and proud of every one of them.",
    "I came for the lab results and stayed for the laughter.",
    "Still looking for a doctor who looks up from the screen.",
)
_DOMAINS = ("example.com", "example.org", "example.net")
# Knuth's multiplier: neighbouring numbers get names that are far apart, without a table of who has which.
_SPREAD = 2_654_435_761
_LOW_BITS = 0xFFFF_FFFF


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


class People:
    """Know the name and the address of person number 0, 1, 2, ... of a seed, without keeping any."""

    def __init__(self, seed: int) -> None:
        self._offset = seed * 7919
        self._plain_first = tuple(map(_plain, FIRST_NAMES))
        self._plain_last = tuple(map(_plain, LAST_NAMES))

    def name(self, number: int) -> tuple[str, str]:
        """Return first and last name."""
        first, last = self._indexes(number)
        return FIRST_NAMES[first], LAST_NAMES[last]

    def email(self, number: int) -> str:
        """Return an address that nobody else has."""
        first, last = self._indexes(number)
        return f"{self._plain_first[first]}.{self._plain_last[last]}.{number + 1}@{_DOMAINS[number % 3]}"

    def display_name(self, number: int) -> str:
        """Return the name as stories and comments show it: the last name is an initial."""
        first, last = self.name(number)
        return f"{first} {last[0]}."

    def _indexes(self, number: int) -> tuple[int, int]:
        spread = (number + self._offset) * _SPREAD & _LOW_BITS
        return (spread >> 8) % len(FIRST_NAMES), (spread >> 20) % len(LAST_NAMES)


def user_id(number: int) -> str:
    """Return the id of person ``number``."""
    return f"user-{number + 1}"
