"""Say why a value does not fit one of PynamoDB's own attributes, which take anything and fail when they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pynamodb import attributes as plain
from pynamodb.attributes import Attribute, MapAttribute

from madmall_models.attributes.text import has_lone_surrogate


def plain_fault(attribute: Attribute[Any], value: object) -> str | None:
    """Return what one of PynamoDB's attributes takes if ``value`` does not fit; None for other classes.

    Raises:
        Exception: whatever serialising raises; the value is then the reason.
    """
    for cls in type(attribute).__mro__:
        if cls in _TAKES:
            fits, words = _TAKES[cls]
            if not fits(value):
                return words
            attribute.serialize(value)
            return None
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not has_lone_surrogate(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _is_end(value: object) -> bool:
    return isinstance(value, timedelta) or (isinstance(value, datetime) and value.utcoffset() is not None)


def _set_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, set | frozenset) and all(map(fits, value))


_TAKES: Mapping[type[Any], tuple[Callable[[Any], bool], str]] = {
    plain.UnicodeAttribute: (_is_text, "text without lone surrogates"),
    plain.BooleanAttribute: (lambda value: isinstance(value, bool), "True or False"),
    plain.NumberAttribute: (_is_number, "a number"),
    plain.UTCDateTimeAttribute: (lambda value: isinstance(value, datetime), "a datetime"),
    plain.TTLAttribute: (_is_end, "an aware datetime or a timedelta"),
    plain.BinaryAttribute: (_is_bytes, "bytes"),
    plain.UnicodeSetAttribute: (_set_of(_is_text), "a set of texts"),
    plain.NumberSetAttribute: (_set_of(_is_number), "a set of numbers"),
    plain.BinarySetAttribute: (_set_of(_is_bytes), "a set of bytes"),
    plain.ListAttribute: (lambda value: isinstance(value, list | tuple), "a list"),
    plain.MapAttribute: (lambda value: isinstance(value, Mapping | MapAttribute), "a map"),
    plain.JSONAttribute: (lambda value: True, "what JSON can write"),
}
