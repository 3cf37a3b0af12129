"""Parse, render and match key templates such as ``CIRCLE#{circle_id}``.

A template is text with fields in braces. A field is a Python attribute name, dotted into documents, and may carry
a modifier:

=================  =================================================================================================
``{circle_id}``    the value as it is
``{status:upper}`` normalised to NFC, trimmed, upper case
``{city:lower}``   the same, lower case
``{email:fold}``   the same, case-folded (the strongest: for comparing what people typed)
``{level:04}``     a whole number from 0, padded with zeros to a width, so that text order is number order
=================  =================================================================================================

Times are written as the table stores them. ``%`` and ``#`` in a value are percent-encoded, so that different values
never give the same key and a key can be read back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from madmall_models import clock
from madmall_models.errors import DeclarationError, KeyValueError

_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)(?::([a-z]+|0[0-9]+))?\}")
_ENCODED = re.compile(r"%(25|23)")
_MOST_BYTES_OF_A_CHARACTER = 4
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MODIFIERS: Mapping[str, Callable[[str], str]] = {
    "lower": lambda text: unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower()).strip(),
    "upper": lambda text: unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).upper()).strip(),
    "fold": lambda text: unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).strip(),
}


@dataclass(frozen=True)
class Field:
    """A field of a template: a dotted attribute name and its modifier."""

    name: str
    modifier: str | None = None

    @property
    def takes_number(self) -> bool:
        """Tell whether the field is a whole number, padded to a width."""
        return self.modifier is not None and self.modifier.isdigit()

    def encode(self, value: object) -> str | None:
        """Return the key text of a value, or None where it is missing or empty.

        Raises:
            KeyValueError: a value of this type cannot stand in a key.
        """
        if value is None:
            return None
        if isinstance(value, datetime):
            return self._encode_time(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._encode_number(value)
        if not isinstance(value, str):
            raise KeyValueError(f"{self.name} is of type {type(value).__name__}, which cannot stand in a key; use text")
        if self.modifier is not None and self.modifier in _MODIFIERS:
            value = _MODIFIERS[self.modifier](value)
        if not (value.isascii() and value.isprintable()):
            self._check_characters(value)
        return value.replace("%", "%25").replace("#", "%23") or None

    def _check_characters(self, text: str) -> None:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise KeyValueError(f"{self.name} holds a lone surrogate, which UTF-8 cannot write") from None
        if _CONTROL.search(text):
            raise KeyValueError(
                f"{self.name} holds a control character, which nobody would see in a key; give text without any"
            )

    def decode(self, text: str) -> str:
        """Return the text that :meth:`encode` was given, normalised by the modifier."""
        return _ENCODED.sub(lambda found: "%" if found[1] == "25" else "#", text)

    def _encode_time(self, value: datetime) -> str:
        try:
            return clock.to_text(value)
        except ValueError as error:
            raise KeyValueError(f"{self.name}: {error}") from None

    def _encode_number(self, value: int) -> str:
        if self.modifier is None or not self.takes_number:
            raise KeyValueError(
                f"{self.name} is a number without a width, so 10 would sort before 9; write {{{self.name}:06}}"
            )
        text = str(value).rjust(int(self.modifier), "0")
        if value < 0 or len(text) > int(self.modifier):
            raise KeyValueError(f"{self.name} is negative or wider than {int(self.modifier)} digits")
        return text


@dataclass(frozen=True)
class Prefix:
    """The longest text that the known fields give; ``complete`` when it is the whole key."""

    text: str
    complete: bool
    next_field: Field | None = None


class KeyTemplate:
    """A template, parsed once.

    >>> template = KeyTemplate("MEMBER#{user_id}")
    >>> template.render({"user_id": "u1"})
    'MEMBER#u1'
    >>> template.prefix({}).text
    'MEMBER#'
    >>> template.match("MEMBER#u1")
    {'user_id': 'u1'}
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = _parse(text)
        self.fields = tuple(part for part in self.parts if isinstance(part, Field))
        self._pattern = re.compile(
            "".join(r"([^#]+)" if isinstance(part, Field) else re.escape(part) for part in self.parts)
        )

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """Return the dotted names of the fields, left to right."""
        return tuple(field.name for field in self.fields)

    def render(self, values: Mapping[str, Any]) -> str | None:
        """Return the key text, or None where a field is missing.

        Raises:
            KeyValueError: a value cannot stand in a key.
        """
        text = ""
        for part in self.parts:
            added = part if isinstance(part, str) else part.encode(values.get(part.name))
            if added is None:
                return None
            text += added
        return text

    def prefix(self, values: Mapping[str, Any]) -> Prefix:
        """Return the text from the left up to the first missing field."""
        text = ""
        for part in self.parts:
            if isinstance(part, str):
                text += part
                continue
            encoded = part.encode(values.get(part.name))
            if encoded is None:
                return Prefix(text, complete=False, next_field=part)
            text += encoded
        return Prefix(text, complete=True)

    def match(self, text: str) -> dict[str, str] | None:
        """Return the text of each field if ``text`` is a key of this template, else None."""
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        return {field.name: field.decode(value) for field, value in zip(self.fields, found.groups(), strict=True)}

    def overlaps(self, other: KeyTemplate) -> bool:
        """Tell whether some key could belong to both templates.

        Values hold no ``#``, so two templates can only meet segment by segment.
        """
        mine, theirs = self._segments(), other._segments()
        return len(mine) == len(theirs) and all(map(_segments_meet, mine, theirs))

    def starts_like(self, other: KeyTemplate) -> bool:
        """Tell whether a query by this template's leading literal could return keys of ``other``."""
        return other.prefix({}).text.startswith(self.prefix({}).text)

    def _segments(self) -> list[str]:
        """Return the pattern of each piece between ``#``."""
        source = "".join("\0" if isinstance(part, Field) else part for part in self.parts)
        return source.split("#")

    def __repr__(self) -> str:
        return f"KeyTemplate({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyTemplate) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _parse(text: str) -> tuple[str | Field, ...]:
    """Return the literals and fields of a template text.

    Raises:
        DeclarationError: the text is empty, a brace is out of place, a modifier is unknown, or two fields stand
            side by side without a ``#`` between them.
    """
    if not text:
        raise DeclarationError("a key template is empty; write for example 'CIRCLE#{circle_id}'")
    parts: list[str | Field] = []
    position = 0
    for found in _FIELD.finditer(text):
        literal = text[position : found.start()]
        if parts and "#" not in literal:
            raise DeclarationError(f"key template {text!r}: two fields need a # between them, else keys could collide")
        if literal:
            parts.append(literal)
        name, modifier = found.groups()
        if modifier and not modifier.isdigit() and modifier not in _MODIFIERS:
            raise DeclarationError(
                f"key template {text!r}: unknown modifier {modifier!r}; known are {', '.join(_MODIFIERS)} and a width"
            )
        parts.append(Field(name, modifier))
        position = found.end()
    if text[position:]:
        parts.append(text[position:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        raise DeclarationError(f"key template {text!r}: a brace is out of place; a field is written {{name}}")
    return tuple(parts)


def _segments_meet(mine: str, theirs: str) -> bool:
    if "\0" in mine and "\0" in theirs:
        head, other_head = mine.split("\0")[0], theirs.split("\0")[0]
        tail, other_tail = mine.split("\0")[-1], theirs.split("\0")[-1]
        return (head.startswith(other_head) or other_head.startswith(head)) and (
            tail.endswith(other_tail) or other_tail.endswith(tail)
        )
    if "\0" in mine:
        return _pattern_of(mine).fullmatch(theirs) is not None
    if "\0" in theirs:
        return _pattern_of(theirs).fullmatch(mine) is not None
    return mine == theirs


def _pattern_of(segment: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, segment.split("\0"))))


def cut(text: str, most: int) -> str:
    """Return ``text`` cut to ``most`` bytes at a character boundary, never inside a percent-encoded character."""
    if len(text) <= most // _MOST_BYTES_OF_A_CHARACTER:
        return text
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    short = encoded[:most].decode(errors="ignore")
    return re.sub(r"%2?$", "", short)
