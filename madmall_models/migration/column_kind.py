"""Decide as what a column is taken, from what is declared and from what its values are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from madmall_models.migration.observed import Form, Observed, Storage
from madmall_models.migration.suggested_names import words
from madmall_models.migration.table_analysis import ColumnAnalysis


class Kind(StrEnum):
    """Name what a column can be taken as: an attribute with a cast."""

    ID = "id"
    KEY_TEXT = "text of a key"
    KEY_BYTES = "hexadecimal"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIME = "time"
    OBJECT = "JSON object"
    LIST = "JSON list"
    BYTES = "bytes"


@dataclass(frozen=True)
class Verdict:
    """Say as what a column is taken.

    Attributes:
        kind: the best guess.
        doubt: why somebody must say whether the guess or text is right; empty where the values leave no doubt.
        otherwise: what else it may be taken as.
    """

    kind: Kind
    doubt: str = ""
    otherwise: Kind = Kind.TEXT


_WHOLE_FORMS = (Form.ZERO_OR_ONE, Form.SECONDS, Form.MILLISECONDS, Form.WHOLE)
_EPOCH_FORMS = (Form.SECONDS, Form.MILLISECONDS)
_DECLARED = (
    (Kind.BOOLEAN, ("BOOL",)),
    (Kind.TIME, ("DATE", "TIME")),
    (Kind.OBJECT, ("JSON",)),
    (Kind.INTEGER, ("INT",)),
    (Kind.DECIMAL, ("REAL", "FLOA", "DOUB", "DEC", "NUM", "MONEY")),
    (Kind.TEXT, ("CHAR", "TEXT", "CLOB", "STRING", "UUID")),
    (Kind.BYTES, ("BLOB", "BINARY")),
)
_WORDS_OF_TIMES = frozenset(
    ["at", "created", "date", "day", "modified", "since", "time", "timestamp", "updated", "when"]
)
_WORDS_OF_TRUTH = frozenset(
    ["active", "allow", "can", "deleted", "disabled", "enabled", "flag", "has", "is", "public", "verified", "visible"]
)
_WORDS_OF_PEOPLE = frozenset(
    [
        "account", "address", "age", "birth", "birthday", "birthdate", "bmi", "city", "diagnosis", "dob", "email",
        "fax", "gender", "health", "income", "ip", "lat", "latitude", "lng", "location", "lon", "longitude", "mail",
        "mobile", "name", "password", "phone", "postal", "race", "religion", "salary", "secret", "sex", "ssn", "token",
        "weight", "zip",
    ]
)
_PERSONAL_KINDS = (Kind.TEXT, Kind.OBJECT, Kind.LIST, Kind.BYTES)


def kind_of_key(observed: Observed) -> Kind:
    """Return as what a part of a key is taken: always a text."""
    if observed.stored(Storage.BLOB):
        return Kind.KEY_BYTES
    return Kind.ID if observed.ids == observed.given else Kind.KEY_TEXT


def verdict_on(column: ColumnAnalysis) -> Verdict:
    """Return as what a column outside the keys is taken."""
    observed, declared = column.observed, declared_kind(column)
    if not observed.given:
        return Verdict(declared or Kind.TEXT)
    found = _certain(column, declared)
    if found is not None:
        return Verdict(found)
    return _in_doubt(column, declared)


def declared_kind(column: ColumnAnalysis) -> Kind | None:
    """Return what the declared type means, None where none is declared or nobody knows it."""
    declared = column.declared_type.upper()
    return next((kind for kind, parts in _DECLARED if any(part in declared for part in parts)), None)


def is_personal(column: ColumnAnalysis, kind: Kind) -> bool:
    """Tell whether a column may hold what belongs to a person: free text, documents, and what its name hints at."""
    if kind in _PERSONAL_KINDS or column.observed.formed(Form.EMAIL):
        return True
    return bool(_WORDS_OF_PEOPLE & set(words(column.name)))


def fitting(kind: Kind, observed: Observed) -> int:
    """Return how many values can be taken as a kind without a loss."""
    whole = observed.formed(*_WHOLE_FORMS)
    if kind is Kind.INTEGER:
        return whole
    if kind is Kind.DECIMAL:
        return whole + observed.formed(Form.NUMBER) + observed.stored(Storage.REAL)
    if kind is Kind.BOOLEAN:
        return observed.formed(Form.ZERO_OR_ONE, Form.YES_OR_NO)
    if kind is Kind.TIME:
        return observed.formed(*_EPOCH_FORMS, Form.TIME)
    if kind is Kind.OBJECT:
        return observed.formed(Form.OBJECT)
    if kind is Kind.LIST:
        return observed.formed(Form.LIST)
    if kind is Kind.BYTES:
        return observed.stored(Storage.BLOB)
    return observed.given - observed.stored(Storage.BLOB) - observed.formed(Form.UNDECODABLE)


def _certain(column: ColumnAnalysis, declared: Kind | None) -> Kind | None:
    """Return the kind that every value fits and that nothing speaks against, or None."""
    observed = column.observed
    fits = {kind for kind in Kind if fitting(kind, observed) == observed.given}
    hinted = set(words(column.name))
    if Kind.BOOLEAN in fits and (declared is Kind.BOOLEAN or hinted & _WORDS_OF_TRUTH):
        return Kind.BOOLEAN
    if Kind.BOOLEAN in fits and observed.formed(Form.YES_OR_NO):
        # An F can be a woman and an N the north.
        return None
    written = observed.formed(Form.TIME) > 0
    if Kind.TIME in fits:
        # A number that could be a time and says nowhere that it is one leaves a doubt.
        return Kind.TIME if declared is Kind.TIME or written or hinted & _WORDS_OF_TIMES else None
    for kind in (Kind.OBJECT, Kind.LIST, Kind.BYTES):
        if kind in fits:
            return kind
    if declared in (Kind.INTEGER, Kind.DECIMAL, Kind.TEXT) and declared in fits:
        return declared
    return _by_storage(observed, fits, declared)


def _by_storage(observed: Observed, fits: set[Kind], declared: Kind | None) -> Kind | None:
    """Return the kind of values whose declared type says nothing, or something else than they are."""
    if Kind.TEXT in fits and observed.stored(Storage.TEXT) == observed.given + observed.formed(Form.BLANK):
        # Digits in a text are kept as they are: 007 is no 7. Where numbers or times were declared, it is a doubt.
        fine = observed.formed(Form.FINE_TIME)
        return Kind.TEXT if declared in (None, Kind.TEXT, Kind.BYTES) and not fine else None
    if not observed.stored(Storage.TEXT):
        return next((kind for kind in (Kind.INTEGER, Kind.DECIMAL) if kind in fits), None)
    return None


def _in_doubt(column: ColumnAnalysis, declared: Kind | None) -> Verdict:
    observed = column.observed
    if observed.formed(Form.FINE_TIME) and fitting(Kind.TIME, observed) + observed.formed(Form.FINE_TIME) == (
        observed.given
    ):
        doubt = "It holds times finer than milliseconds. As time they are cut to milliseconds, as text they are kept."
        return Verdict(Kind.TIME, doubt)
    if fitting(Kind.BOOLEAN, observed) == observed.given:
        return Verdict(Kind.BOOLEAN, "It holds nothing but words and letters that can mean yes and no. Do they?")
    if fitting(Kind.TIME, observed) == observed.given:
        doubt = "It holds whole numbers that can be times, in seconds or milliseconds since 1970. What are they?"
        return Verdict(Kind.TIME, doubt, Kind.INTEGER)
    candidates = [declared] if declared not in (None, Kind.TEXT) else []
    candidates += [Kind.DECIMAL, Kind.TIME, Kind.OBJECT, Kind.LIST, Kind.BYTES]
    best = max(candidates, key=lambda kind: fitting(kind, observed))
    most, texts = fitting(best, observed), fitting(Kind.TEXT, observed)
    if not most or (texts == observed.given and most * 2 < observed.given and declared in (None, Kind.TEXT)):
        return Verdict(Kind.TEXT)
    # Text cannot say every blob; hexadecimal digits can.
    other = Kind.KEY_BYTES if observed.stored(Storage.BLOB) else Kind.TEXT
    kept = observed.given - observed.formed(Form.UNDECODABLE)
    doubt = (
        f"It holds {_listed(observed)}. As {best} {most:,} of {observed.given:,} can be taken and the others are "
        f"rejected, as {other} {kept:,}."
    )
    return Verdict(best, doubt, other)


def _listed(observed: Observed) -> str:
    """Return what the values are, in words."""
    parts = [f"{count:,} {storage}" for storage, count in observed.storage.items() if storage is not Storage.NULL]
    looks = [f"{count:,} {form}" for form, count in observed.forms.items()]
    return ", ".join(parts) + (f" ({', '.join(looks)})" if looks else "")
