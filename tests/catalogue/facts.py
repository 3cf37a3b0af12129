"""Hold what is compared: small texts, by entity, path and aspect, and the differences between two sets of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where a fact belongs: an attribute's stored path, or the name of a key, and the aspect of it."""

    entity: str
    path: str
    aspect: str


class Difference(NamedTuple):
    """What the catalogue says and what the class says about one place."""

    catalogue: str
    declared: str


Facts = Mapping[Place, str]
ABSENT = "absent"
TOLD_OF_A_WHOLE = ("template", "when", "type", "given")


def differences(catalogue: Facts, declared: Facts) -> dict[Place, Difference]:
    """Return every place about which the two disagree; what only one of them has differs as a whole, once."""
    both_have = {place[:2] for place in catalogue} & {place[:2] for place in declared}
    found: dict[Place, Difference] = {}
    for place in [*catalogue, *declared]:
        if place[:2] not in both_have:
            whole = Place(place.entity, place.path, "presence")
            found[whole] = Difference(_whole(catalogue, place), _whole(declared, place))
        elif catalogue.get(place) != declared.get(place):
            found[place] = Difference(catalogue.get(place, ABSENT), declared.get(place, ABSENT))
    return found


def _whole(facts: Facts, place: Place) -> str:
    told = (facts.get(Place(place.entity, place.path, aspect)) for aspect in TOLD_OF_A_WHOLE)
    return ", ".join(text for text in told if text) or ABSENT
