"""Give the attribute types that PynamoDB lacks, and the usual ones with their values checked.

Each class is a PynamoDB attribute. What it adds: :meth:`Checked.fault` says in words why a value does not fit,
:meth:`Checked.coerce` turns what people write (ISO text, a float) into what the attribute holds, and serialising a
value that does not fit raises :class:`~madmall_models.errors.ValidationError` before anything is sent.

In the table a name is written in camelCase: ``created_at`` is stored as ``createdAt`` unless ``attr_name`` says
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import partial
from typing import Any, TypeAlias, TypeVar

from pynamodb import attributes as pynamodb_attributes
from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, NULL, NUMBER, STRING

from madmall_models import clock, limits
from madmall_models.errors import ValidationError
from madmall_models.identifiers import is_id

T = TypeVar("T")
# Decimal's own context rounds to 28 digits; DynamoDB holds 38, and what was read may have more.
_EXACT = Context(prec=1000)
Default: TypeAlias = T | Callable[[], T] | None


def camel_case(name: str) -> str:
    """Return the stored spelling of a Python name: ``created_at`` gives ``createdAt``; ``PK`` stays."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


class Checked(Attribute[T]):
    """Be an attribute that can say why a value does not fit.

    Args:
        null: whether the attribute may be absent. An attribute that is neither ``null`` nor has a default is required.
        default: the value, or a callable without arguments that makes it, given to new entities only.
        attr_name: the stored name; camelCase of the Python name when left out.
        measurement: whether the value is written by counters and gauges, which never touch ``version``.
    """

    measurement = False

    def __init__(
        self,
        *,
        hash_key: bool = False,
        range_key: bool = False,
        null: bool | None = None,
        default: Default[T] = None,
        attr_name: str | None = None,
        measurement: bool | None = None,
    ) -> None:
        if isinstance(default, Decimal):
            # PynamoDB takes it for a value that somebody could change.
            default = partial(Decimal, default)
        super().__init__(hash_key=hash_key, range_key=range_key, null=null, default=default, attr_name=attr_name)
        if measurement is not None:
            self.measurement = measurement

    def fault(self, value: Any) -> str | None:
        """Return what the attribute takes if ``value`` does not fit, else None."""
        return None

    def coerce(self, value: Any) -> Any:
        """Return ``value`` in the form that the attribute holds; a value that does not fit is returned as it is."""
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, None if value is None else self.coerce(value))

    def checked(self, value: Any) -> Any:
        """Return ``value`` coerced.

        Raises:
            ValidationError: it does not fit; the message has the attribute and the type, never the value.
        """
        value = self.coerce(value)
        fault = self.fault(value)
        if fault is not None:
            raise ValidationError(f"{'.'.join(map(str, self.attr_path))} takes {fault}, not {type(value).__name__}")
        return value


class UnicodeAttribute(Checked[str], pynamodb_attributes.UnicodeAttribute):
    """Hold text."""

    attr_type = STRING

    def fault(self, value: Any) -> str | None:
        """Return "text" unless ``value`` is text that UTF-8 can hold."""
        if not isinstance(value, str):
            return "text"
        return "text without lone surrogates" if any("\ud800" <= char <= "\udfff" for char in value) else None

    def serialize(self, value: Any) -> str:
        """Return the text to store."""
        return str(self.checked(value))


class IdAttribute(UnicodeAttribute):
    """Hold an id: 1 to 128 of letters, digits, ``_`` and ``-``."""

    def fault(self, value: Any) -> str | None:
        """Return the form of an id unless ``value`` is one."""
        return None if is_id(value) else "an id (1 to 128 of A-Z a-z 0-9 _ -)"


class EnumAttribute(UnicodeAttribute):
    """Hold one of a list of texts.

    Args:
        choices: the texts known.
        strict: whether another text is an error (INVALID_VALUE); otherwise it is a warning. Reading takes any text.
        read_only: texts that are read without a murmur but never written.
    """

    def __init__(self, *choices: str, strict: bool = False, read_only: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices
        self.strict = strict
        self.read_only = read_only


class BooleanAttribute(Checked[bool], pynamodb_attributes.BooleanAttribute):
    """Hold True or False."""

    def fault(self, value: Any) -> str | None:
        """Return "True or False" unless ``value`` is a bool."""
        return None if isinstance(value, bool) else "True or False"

    def serialize(self, value: Any) -> bool:
        """Return the bool to store."""
        return bool(self.checked(value))


class DecimalAttribute(Checked[Decimal]):
    """Hold a number exactly, as Decimal: at most 38 digits, between 1E-130 and 9.99E+125.

    A float is taken by its shortest text, so that 0.85 is stored as 0.85.
    """

    attr_type = NUMBER

    def coerce(self, value: Any) -> Any:
        """Return an int or float as Decimal."""
        if isinstance(value, float):
            return Decimal(repr(value))
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def fault(self, value: Any) -> str | None:
        """Return what a number may be unless ``value`` is one that DynamoDB holds."""
        if isinstance(value, bool) or not isinstance(value, Decimal):
            return "a number"
        return limits.number_fault(value)

    def serialize(self, value: Any) -> str:
        """Return the digits to store."""
        return number_text(self.checked(value))

    def deserialize(self, value: str) -> Decimal:
        """Return the stored number exactly."""
        return Decimal(value)


class IntegerAttribute(Checked[int]):
    """Hold a whole number of at most 38 digits. A stored fraction is read as Decimal rather than refused."""

    attr_type = NUMBER

    def coerce(self, value: Any) -> Any:
        """Return a whole float or Decimal as int."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, Decimal) and _is_whole(value):
            return int(value)
        return value

    def fault(self, value: Any) -> str | None:
        """Return "a whole number" unless ``value`` is an int that DynamoDB holds."""
        if isinstance(value, bool) or not isinstance(value, int):
            return "a whole number"
        return limits.number_fault(Decimal(value))

    def serialize(self, value: Any) -> str:
        """Return the digits to store; a fraction that was read is written back as it was."""
        if isinstance(value, Decimal) and value.is_finite() and not _is_whole(value):
            return number_text(value)
        return str(self.checked(value))

    def deserialize(self, value: str) -> int:
        """Return the stored number."""
        number: int = self.coerce(Decimal(value))
        return number


class CounterAttribute(IntegerAttribute):
    """Hold a count that is changed by atomic addition only.

    Args:
        maintained: whether the count changes only in the transaction that changes what it counts.
    """

    measurement = True

    def __init__(self, *, maintained: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.maintained = maintained


class TimeAttribute(Checked[datetime]):
    """Hold an aware moment, stored as ``2026-11-22T13:45:00.123Z``, cut to milliseconds.

    ISO 8601 text with an offset is taken too. A naive datetime is refused.
    """

    attr_type = STRING

    def coerce(self, value: Any) -> Any:
        """Return ISO text, or a moment of any zone, as UTC cut to milliseconds."""
        try:
            if isinstance(value, datetime):
                return clock.to_milliseconds(value)
            return clock.from_text(value) if isinstance(value, str) else value
        except ValueError:
            return value

    def fault(self, value: Any) -> str | None:
        """Return what a time may be unless ``value`` is an aware datetime."""
        aware = isinstance(value, datetime) and value.utcoffset() is not None
        return None if aware else "an aware datetime or ISO 8601 text with an offset"

    def serialize(self, value: Any) -> str:
        """Return the text to store."""
        return clock.to_text(self.checked(value))

    def deserialize(self, value: str) -> datetime:
        """Return the stored moment."""
        return clock.from_text(value)


class EpochAttribute(Checked[datetime]):
    """Hold an aware moment as whole seconds since 1970, the form that DynamoDB's time to live wants."""

    attr_type = NUMBER

    def coerce(self, value: Any) -> Any:
        """Return a number of seconds, or a moment of any zone, as UTC cut to seconds."""
        if isinstance(value, datetime) and value.utcoffset() is not None:
            return value.astimezone(UTC).replace(microsecond=0)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 253402300800:
            return datetime.fromtimestamp(value, UTC)
        return value

    def fault(self, value: Any) -> str | None:
        """Return what the attribute takes unless ``value`` is an aware datetime."""
        aware = isinstance(value, datetime) and value.utcoffset() is not None
        return None if aware else "an aware datetime or seconds since 1970 (not milliseconds)"

    def serialize(self, value: Any) -> str:
        """Return the seconds to store."""
        return str(int(self.checked(value).timestamp()))

    def deserialize(self, value: str) -> datetime:
        """Return the stored moment."""
        return datetime.fromtimestamp(int(Decimal(value)), UTC)


class ListAttribute(Checked[list[Any]], pynamodb_attributes.ListAttribute[Any]):
    """Hold a list.

    Args:
        of: the attribute class, or an attribute, that each member is; None for members of any kind.
    """

    attr_type = LIST

    def __init__(self, *, of: type[Attribute[Any]] | Attribute[Any] | None = None, **options: Any) -> None:
        Checked.__init__(self, **options)
        self.element: Attribute[Any] | None = of() if isinstance(of, type) else of
        self.element_type = type(self.element) if self.element is not None else None

    def coerce(self, value: Any) -> Any:
        """Return a tuple as list, its members coerced."""
        if not isinstance(value, list | tuple):
            return value
        coerce = getattr(self.element, "coerce", None)
        return [member if member is None or coerce is None else coerce(member) for member in value]

    def fault(self, value: Any) -> str | None:
        """Return "a list" unless ``value`` is one whose members fit."""
        if not isinstance(value, list):
            return "a list"
        member_fault = getattr(self.element, "fault", None)
        if member_fault is None:
            return None
        return next((f"a list of {fault}" for fault in map(member_fault, value) if fault is not None), None)

    def serialize(self, values: Any, *, null_check: bool = True) -> list[Any]:
        """Return the members to store."""
        return [any_to_wire(member, self.element) for member in self.checked(values)]

    def deserialize(self, values: list[Any]) -> list[Any]:
        """Return the stored members.

        Raises:
            ValueError: one is of another type; the entity then leaves the whole list unread, and as it is.
        """
        return [_member_from_wire(member, self.element) for member in values]


class DictAttribute(Checked[dict[str, Any]]):
    """Hold a map with keys of any name, as a plain dict.

    Args:
        of: the attribute class, or an attribute, that each value is; None for values of any kind.
    """

    attr_type = MAP

    def __init__(self, *, of: type[Attribute[Any]] | Attribute[Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.element: Attribute[Any] | None = of() if isinstance(of, type) else of

    def fault(self, value: Any) -> str | None:
        """Return "a dict with text keys" unless ``value`` is one whose values fit."""
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            return "a dict with text keys"
        member_fault = getattr(self.element, "fault", None)
        if member_fault is None:
            return None
        return next((f"a dict of {fault}" for fault in map(member_fault, value.values()) if fault is not None), None)

    def serialize(self, value: Any) -> dict[str, Any]:
        """Return the map to store."""
        return {key: any_to_wire(member, self.element) for key, member in self.checked(value).items()}

    def deserialize(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stored map.

        Raises:
            ValueError: a value is of another type; the entity then leaves the whole map unread, and as it is.
        """
        return {key: _member_from_wire(member, self.element) for key, member in value.items()}


def _is_whole(number: Decimal) -> bool:
    """Tell whether a number is whole and not so large that writing it out as an int would take long."""
    return number.is_finite() and number.adjusted() <= 130 and number == number.to_integral_value()


def number_text(number: Decimal) -> str:
    """Return the digits of ``number`` in DynamoDB's form, without trailing zeros."""
    exact = _EXACT.normalize(number)
    return format(exact, "f") if abs(exact.adjusted()) < limits.NUMBER_DIGITS else str(exact)


def any_to_wire(value: Any, element: Attribute[Any] | None = None) -> dict[str, Any]:
    """Return any value as a DynamoDB attribute value, by ``element`` where one is given.

    Raises:
        ValidationError: DynamoDB has no form for this type of value.
    """
    if value is None:
        return {NULL: True}
    if element is not None:
        return {element.attr_type: element.serialize(value)}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {NUMBER: DecimalAttribute(attr_name="number").serialize(value)}
    if isinstance(value, str):
        return {STRING: UnicodeAttribute(attr_name="text").serialize(value)}
    if isinstance(value, datetime):
        return {STRING: TimeAttribute(attr_name="time").serialize(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, set | frozenset) and value:
        return _set_to_wire(value)
    if isinstance(value, list | tuple):
        return {LIST: [any_to_wire(member) for member in value]}
    if isinstance(value, Mapping):
        return {MAP: {str(key): any_to_wire(member) for key, member in value.items()}}
    raise ValidationError(f"DynamoDB has no form for a value of type {type(value).__name__}")


def _set_to_wire(members: Set[Any]) -> dict[str, Any]:
    kinds = {next(iter(any_to_wire(member))) for member in members}
    if len(kinds) != 1 or not kinds <= {STRING, NUMBER, "B"}:
        raise ValidationError("a set holds texts, or numbers, or bytes, and nothing else beside them")
    kind = kinds.pop()
    return {f"{kind}S": sorted(any_to_wire(member)[kind] for member in members)}


def _member_from_wire(wire: Mapping[str, Any], element: Attribute[Any] | None) -> Any:
    if element is not None and element.attr_type not in wire:
        raise ValueError("a member is of another type than the declared one")
    return any_from_wire(wire, element)


def any_from_wire(wire: Mapping[str, Any], element: Attribute[Any] | None = None) -> Any:
    """Return the Python value of a DynamoDB attribute value, by ``element`` where it fits, else by its own type."""
    kind, content = next(iter(wire.items()))
    if kind == NULL:
        return None
    if element is not None and element.attr_type == kind:
        return element.deserialize(content)
    if kind == NUMBER:
        number = Decimal(content)
        return int(number) if _is_whole(number) else number
    if kind == LIST:
        return [any_from_wire(member) for member in content]
    if kind == MAP:
        return {key: any_from_wire(member) for key, member in content.items()}
    if kind == "NS":
        return {Decimal(member) for member in content}
    return set(content) if kind in ("SS", "BS") else content
