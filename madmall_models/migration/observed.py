"""Look at the values of a column, and remember of them only how many there are of each kind.

No value is kept: what is remembered are counts, lengths and the forms that values have.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from madmall_models.identifiers import is_id
from madmall_models.migration.source import UndecodableText


class Storage(StrEnum):
    """Name the types in which SQLite stores values."""

    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    BLOB = "blob"
    NULL = "null"

    # Counted for every value; that of an Enum is ten times slower.
    __hash__ = str.__hash__


class Form(StrEnum):
    """Name what a whole number or a text looks like. A value has one form, the first that fits."""

    BLANK = "blank"
    ZERO_OR_ONE = "0 or 1"
    YES_OR_NO = "yes or no"
    SECONDS = "seconds since 1970"
    MILLISECONDS = "milliseconds since 1970"
    WHOLE = "whole number"
    NUMBER = "number"
    TIME = "ISO time"
    FINE_TIME = "ISO time finer than milliseconds"
    UUID = "UUID"
    EMAIL = "e-mail address"
    OBJECT = "JSON object"
    LIST = "JSON list"
    UNDECODABLE = "not UTF-8"
    OTHER = "other"

    __hash__ = str.__hash__


_SECONDS = range(946_684_800, 4_102_444_800)
"""From 2000 to 2100. An older moment is taken for a number, since small numbers mean many things."""
_MILLISECONDS = range(_SECONDS.start * 1000, _SECONDS.stop * 1000)
_LONGEST_WORD = 320
_WHOLE = re.compile(r"[+-]?[0-9]{1,38}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]+))?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_BOOLEAN = frozenset(["t", "true", "y", "yes", "on", "f", "false", "n", "no", "off"])


@dataclass(frozen=True)
class Observed:
    """Say what the values of a column are.

    Attributes:
        storage: how many values SQLite stores as which type; a type without values is left out.
        forms: how many whole numbers and texts look like what; a form without values is left out.
        ids: how many values can be an id as they are: 1 to 128 of ``A-Z a-z 0-9 _ -``, or a whole number.
        longest: characters of the longest text, or bytes of the longest blob.
    """

    storage: Mapping[Storage, int] = field(default_factory=dict)
    forms: Mapping[Form, int] = field(default_factory=dict)
    ids: int = 0
    longest: int = 0

    @property
    def nulls(self) -> int:
        """Return how many rows have no value."""
        return self.storage.get(Storage.NULL, 0)

    @property
    def given(self) -> int:
        """Return how many values there are, NULL and blank texts left out."""
        return sum(self.storage.values()) - self.nulls - self.forms.get(Form.BLANK, 0)

    def stored(self, *types: Storage) -> int:
        """Return how many values are stored as one of these types."""
        return sum(self.storage.get(name, 0) for name in types)

    def formed(self, *forms: Form) -> int:
        """Return how many values have one of these forms."""
        return sum(self.forms.get(form, 0) for form in forms)


class Observation:
    """Take in the values of a column one by one."""

    def __init__(self) -> None:
        self._storage: Counter[Storage] = Counter()
        self._forms: Counter[Form] = Counter()
        self._ids = 0
        self._longest = 0

    def add(self, value: Any) -> None:
        """Take in one value, as the source gives it."""
        storage = storage_of(value)
        self._storage[storage] += 1
        if storage is Storage.TEXT:
            self._forms[form_of_text(value)] += 1
            self._ids += is_id(value)
            self._longest = max(self._longest, length_of(value))
        elif storage is Storage.INTEGER:
            self._forms[form_of_whole(value)] += 1
            self._ids += 1
        elif storage is Storage.REAL:
            self._ids += value.is_integer()
        elif storage is Storage.BLOB:
            self._longest = max(self._longest, len(value))

    def observed(self) -> Observed:
        """Return what was seen."""
        return Observed(dict(self._storage.most_common()), dict(self._forms.most_common()), self._ids, self._longest)


def storage_of(value: Any) -> Storage:
    """Return the type in which SQLite stores a value."""
    if value is None:
        return Storage.NULL
    if isinstance(value, int):
        return Storage.INTEGER
    if isinstance(value, float):
        return Storage.REAL
    return Storage.BLOB if isinstance(value, bytes) else Storage.TEXT


def length_of(value: str | bytes | UndecodableText) -> int:
    """Return the characters of a text or the bytes of anything else."""
    return len(value.data) if isinstance(value, UndecodableText) else len(value)


def form_of_whole(number: int) -> Form:
    """Return what a whole number looks like.

    >>> form_of_whole(1704164645).value
    'seconds since 1970'
    """
    if number in (0, 1):
        return Form.ZERO_OR_ONE
    if number in _SECONDS:
        return Form.SECONDS
    return Form.MILLISECONDS if number in _MILLISECONDS else Form.WHOLE


def form_of_text(text: str | UndecodableText) -> Form:
    """Return what a text looks like.

    >>> form_of_text("2024-01-31 12:00:00").value
    'ISO time'
    """
    if isinstance(text, UndecodableText):
        return Form.UNDECODABLE
    word = text.strip()
    if not word:
        return Form.BLANK
    if word[0] in "{[":
        return _form_of_json(word)
    if len(word) > _LONGEST_WORD:
        return Form.OTHER
    if word[0] in "+-.0123456789":
        return _form_of_digits(word)
    return _form_of_word(word)


def masked(value: Any) -> str:
    """Return the kind, form and length of a value, and nothing of itself.

    >>> masked("jane@example.com")
    'text, e-mail address, length: 16'
    """
    storage = storage_of(value)
    if storage is Storage.NULL:
        return "NULL"
    if storage is Storage.INTEGER:
        return f"integer, digits: {len(str(abs(value)))}"
    if storage is Storage.TEXT:
        return f"text, {form_of_text(value)}, length: {length_of(value)}"
    return f"blob, bytes: {len(value)}" if storage is Storage.BLOB else "real"


def _form_of_digits(word: str) -> Form:
    if _WHOLE.fullmatch(word):
        return form_of_whole(int(word))
    if _NUMBER.fullmatch(word):
        return Form.NUMBER
    found = _TIME.fullmatch(word)
    if found is not None and _is_time(word):
        return Form.FINE_TIME if (found[1] or "")[3:].strip("0") else Form.TIME
    return _form_of_word(word)


def _form_of_word(word: str) -> Form:
    if word.lower() in _BOOLEAN:
        return Form.YES_OR_NO
    if _UUID.fullmatch(word):
        return Form.UUID
    return Form.EMAIL if _EMAIL.fullmatch(word) else Form.OTHER


def _is_time(word: str) -> bool:
    try:
        datetime.fromisoformat(word)
    except ValueError:
        return False
    return True


def _form_of_json(word: str) -> Form:
    try:
        _JSON.decode(word)
    except (ValueError, RecursionError):
        return Form.OTHER
    return Form.OBJECT if word[0] == "{" else Form.LIST


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
