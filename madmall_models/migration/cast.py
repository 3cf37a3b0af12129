"""Turn what a legacy column holds into what an attribute takes.

SQLite lets any row hold any type, so a cast looks at the value, not at the declared type of the column. NULL and
blank text give None, "nothing given": the default belongs to the mapping and to the entity, not to the cast. What a
cast cannot read without guessing it refuses with a :class:`CastError`, whose text never holds the value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from madmall_models import clock, limits
from madmall_models.errors import MigrationError
from madmall_models.identifiers import is_id
from madmall_models.migration.source import UndecodableText

Cast = Callable[[Any], Any]

# As tuples: every value of every row is asked, and a union would be made anew each time.
_NUMBERS = (int, float)
_ANY_NUMBERS = (int, float, Decimal)

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})
_INTEGER = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_COMPACT_DATE = re.compile(r"(?:19|20)[0-9]{6}")
_FIRST_MILLISECONDS = Decimal(10) ** 11  # as seconds this is the year 5138, as milliseconds 1973
# Nearer to zero are years, Julian days, ages, and the 0 that says "never": as seconds, all of them would be of 1970.
_FIRST_SECONDS = Decimal(10) ** 8
_TOO_MANY_DIGITS = 10**limits.NUMBER_DIGITS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_YEARS = range(1900, 2201)
_NOT_BOOLEAN = ("NOT_BOOLEAN", "the value is neither yes nor no; write 1 or 0")
_NOT_AN_INTEGER = ("NOT_AN_INTEGER", "the value is not a whole number; write digits only")
_NOT_A_NUMBER = ("NOT_A_NUMBER", "the value is not a number; write digits with a point for the fraction")
_NOT_A_TIME = ("NOT_A_TIME", "the value is not a time; write for example 2024-01-31T12:00:00Z")


class CastError(MigrationError, ValueError):
    """Refuse a value of the source; ``code`` is for programs, ``field`` names the column where it is known."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.code = code
        self.message = message
        self.field = field


def text(value: Any) -> str | None:
    """Return text as it stands; a number as its digits; bytes as the UTF-8 text they hold.

    A NUL character is a character like any other, here and in DynamoDB.

    >>> text("  kept as it is ")
    '  kept as it is '
    >>> text("   ") is None
    True
    """
    if type(value) is str and value.isascii():
        # Nearly all that a column holds.
        return value if value.strip() else None
    if isinstance(value, UndecodableText):
        raise CastError("INVALID_UTF8", "the text is not valid UTF-8; repair it in the source")
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            raise CastError("INVALID_UTF8", "the bytes are not text in UTF-8; repair them in the source") from None
    if isinstance(value, _NUMBERS) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return _encodable(value)
    raise CastError("NOT_TEXT", f"a value of type {type(value).__name__} is not text")


def identifier(value: Any) -> str | None:
    """Return an id as text; a whole number becomes its digits.

    >>> identifier(17)
    '17'
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = text(value)
    if found is None or is_id(found):
        return found
    raise CastError("NOT_AN_ID", "an id has 1 to 128 of A-Z a-z 0-9 _ -; give the row another id in the source")


def boolean(value: Any) -> bool | None:
    """Return True or False for 1 and 0, as number or text, and for the usual words in any case.

    >>> boolean(0), boolean("t"), boolean("FALSE"), boolean(None)
    (False, True, False, None)
    """
    if isinstance(value, _NUMBERS) and value in (0, 1):
        return bool(value)
    word = _worded(value, _NOT_BOOLEAN)
    if word is None:
        return None
    if word.lower() in _TRUE:
        return True
    if word.lower() in _FALSE:
        return False
    raise CastError(*_NOT_BOOLEAN)


def integer(value: Any) -> int | None:
    """Return a whole number, also from text or from a float without a fraction.

    >>> integer("5"), integer(5.0)
    (5, 5)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _TOO_MANY_DIGITS:
        return int(value)
    word = _worded(value, _NOT_AN_INTEGER)
    if word is None:
        return None
    if _INTEGER.fullmatch(word) is None or len(word) > limits.NUMBER_DIGITS:
        raise CastError(*_NOT_AN_INTEGER)
    return int(word.split(".")[0])


def decimal(value: Any) -> Decimal | None:
    """Return a number exactly, a float by its shortest text.

    >>> decimal(0.85), decimal("4.90")
    (Decimal('0.85'), Decimal('4.90'))
    """
    if isinstance(value, _ANY_NUMBERS) and not isinstance(value, bool):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    else:
        word = _worded(value, _NOT_A_NUMBER)
        if word is None:
            return None
        if _NUMBER.fullmatch(word) is None:
            raise CastError(*_NOT_A_NUMBER)
        number = Decimal(word)
    fault = limits.number_fault(number)
    if fault is not None:
        raise CastError("OUT_OF_RANGE", f"DynamoDB holds {fault}")
    return number


def time(value: Any) -> datetime | None:
    """Return a moment in UTC, cut to milliseconds.

    Taken are ISO 8601 text (also with a space, also a date alone; without an offset it is UTC, as SQLite writes it)
    and seconds or milliseconds since 1970 as number or text. Numbers from 1E11 on are milliseconds; those under 1E8, of
    the years around 1970, are refused: they are years, Julian days or a 0 for "never".

    >>> time("2024-01-02 03:04:05").isoformat()
    '2024-01-02T03:04:05+00:00'
    >>> time(1704164645) == time("1704164645000") == time("2024-01-02T03:04:05Z")
    True
    """
    if isinstance(value, datetime):
        return clock.to_milliseconds(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return _since_epoch(Decimal(repr(value)))
    word = _worded(value, _NOT_A_TIME)
    if word is None:
        return None
    if _NUMBER.fullmatch(word) and not _COMPACT_DATE.fullmatch(word):
        return _since_epoch(Decimal(word))
    try:
        moment = datetime.fromisoformat(word)
        return clock.to_milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise CastError(*_NOT_A_TIME) from None


def json_list(value: Any) -> list[Any] | None:
    """Return the list that a JSON text holds; its fractions are Decimal.

    Refused is also what JSON allows and nobody means: two values under one name, of which one would be lost.
    """
    found = _json(value)
    if found is None or isinstance(found, list):
        return found
    raise CastError("NOT_A_LIST", 'the JSON is not a list; write for example ["a", "b"]')


def json_object(value: Any) -> dict[str, Any] | None:
    """Return the object that a JSON text holds, as a dict; its fractions are Decimal."""
    found = _json(value)
    if found is None or isinstance(found, dict):
        return found
    raise CastError("NOT_AN_OBJECT", 'the JSON is not an object; write for example {"instagram": "https://..."}')


def _worded(value: Any, refusal: tuple[str, str]) -> str | None:
    """Return a text without the spaces around it, None for nothing; a number is refused."""
    if isinstance(value, _ANY_NUMBERS):
        raise CastError(*refusal)
    found = text(value)
    return None if found is None else found.strip()


def _since_epoch(number: Decimal) -> datetime:
    try:
        milliseconds = number if abs(number) >= _FIRST_MILLISECONDS else number * 1000
        # A float of seconds holds about a tenth of a microsecond; rounding there keeps its milliseconds.
        moment = _EPOCH + timedelta(microseconds=int((milliseconds * 1000).to_integral_value()))
    except (ArithmeticError, ValueError):
        moment = datetime.max.replace(tzinfo=UTC)
    if moment.year not in _EPOCH_YEARS or abs(number) < _FIRST_SECONDS:
        raise CastError("OUT_OF_RANGE", "the number is no plausible time; write seconds or milliseconds since 1970")
    return clock.to_milliseconds(moment)


def _json(value: Any) -> Any:
    if isinstance(value, list | dict):
        return value
    if isinstance(value, _NUMBERS):
        raise CastError("NOT_JSON", "a number stands where JSON was expected")
    document = text(value)
    if document is None:
        return None
    try:
        found = json.loads(
            document, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats
        )
    except CastError:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise CastError("NOT_JSON", "the text is not JSON; repair it in the source") from None
    _check_members(found)
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise CastError("REPEATED_NAME", "the JSON gives two values for one name; leave one of them")
    return document


def _check_members(document: Any) -> None:
    """Refuse what is JSON, but nothing that DynamoDB can hold."""
    waiting = [(document, 1)]
    while waiting:
        member, level = waiting.pop()
        if level > limits.NESTING_LEVELS:
            raise CastError("TOO_DEEP", f"the JSON nests deeper than the {limits.NESTING_LEVELS} levels of DynamoDB")
        if isinstance(member, dict):
            for name in member:
                _encodable(name)
            waiting += [(inner, level + 1) for inner in member.values()]
        elif isinstance(member, list):
            waiting += [(inner, level + 1) for inner in member]
        elif isinstance(member, str):
            _encodable(member)
        elif isinstance(member, int | Decimal):
            fault = limits.number_fault(Decimal(member))
            if fault is not None:
                raise CastError("OUT_OF_RANGE", f"DynamoDB holds {fault}")


def _encodable(word: str) -> str:
    """Return a text, unless it holds half of a surrogate pair, as a text escaped in JSON can."""
    try:
        word.encode()
    except UnicodeEncodeError:
        raise CastError("INVALID_UTF8", "the text holds half a character; repair it in the source") from None
    return word
