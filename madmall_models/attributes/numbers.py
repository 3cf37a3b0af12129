"""Hold numbers exactly: decimals, whole numbers, counters."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from pynamodb.constants import NUMBER

from madmall_models import limits
from madmall_models.attributes.checked import Checked
from madmall_models.attributes.type_variables import Number, Options, Whole

# Decimal's own context rounds to 28 digits; DynamoDB holds 38, and what was read may have more.
_EXACT = Context(prec=1000)
_FIRST_TOO_LONG = 10**limits.NUMBER_DIGITS


class DecimalAttribute(Checked[Number, Number | int | float]):
    """Hold a number exactly, as Decimal: at most 38 digits, between 1E-130 and 9.99E+125.

    A float is taken by its shortest text, so that 0.85 is stored as 0.85.
    """

    attr_type = NUMBER

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: DecimalAttribute[Decimal],
            *,
            null: Literal[False] | None = None,
            **options: Unpack[Options[Decimal | int | float]],
        ) -> None: ...
        @overload
        def __init__(
            self: DecimalAttribute[Decimal | None], *, null: bool, **options: Unpack[Options[Decimal | int | float]]
        ) -> None: ...
        def __init__(self, **options: Any) -> None: ...

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


class IntegerAttribute(Checked[Whole, Whole]):
    """Hold a whole number of at most 38 digits. A stored fraction is left unread, and written back as it is."""

    attr_type = NUMBER

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: IntegerAttribute[int], *, null: Literal[False] | None = None, **options: Unpack[Options[int]]
        ) -> None: ...
        @overload
        def __init__(self: IntegerAttribute[int | None], *, null: bool, **options: Unpack[Options[int]]) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def coerce(self, value: Any) -> Any:
        """Return a whole float or Decimal as int."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, Decimal) and is_whole(value):
            return int(value)
        return value

    def fault(self, value: Any) -> str | None:
        """Return "a whole number" unless ``value`` is an int that DynamoDB holds."""
        if isinstance(value, bool) or not isinstance(value, int):
            return "a whole number"
        return None if -_FIRST_TOO_LONG < value < _FIRST_TOO_LONG else limits.number_fault(Decimal(value))

    def serialize(self, value: Any) -> str:
        """Return the digits to store."""
        # Nearly every number that is stored is this.
        if type(self) in _TAKES_ANY_WHOLE and type(value) is int and -_FIRST_TOO_LONG < value < _FIRST_TOO_LONG:
            return str(value)
        return str(self.checked(value))

    def deserialize(self, value: str) -> int:
        """Return the stored number.

        Raises:
            ValueError: it is a fraction; the entity then leaves it unread, and as it is.
        """
        number = Decimal(value)
        if not is_whole(number):
            raise ValueError("a fraction is no whole number")
        return int(number)


class CounterAttribute(IntegerAttribute[Whole]):
    """Hold a count that is changed by atomic addition only.

    A maintained one changes only in the transaction that changes what it counts.
    """

    measurement = True

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: CounterAttribute[int], *, null: Literal[False] | None = None, **options: Unpack[Options[int]]
        ) -> None: ...
        @overload
        def __init__(self: CounterAttribute[int | None], *, null: bool, **options: Unpack[Options[int]]) -> None: ...
        def __init__(self, **options: Any) -> None: ...


# Of these two, every whole number fits that DynamoDB holds; a subclass may see that otherwise.
_TAKES_ANY_WHOLE = frozenset([IntegerAttribute, CounterAttribute])


def is_whole(number: Decimal) -> bool:
    """Tell whether a number is whole and not so large that writing it out as an int would take long."""
    return number.is_finite() and number.adjusted() <= 130 and number == number.to_integral_value()


def number_text(number: Decimal) -> str:
    """Return the digits of ``number`` in DynamoDB's form, without trailing zeros."""
    exact = _EXACT.normalize(number)
    return format(exact, "f") if abs(exact.adjusted()) < limits.NUMBER_DIGITS else str(exact)
