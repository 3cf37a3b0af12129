"""Hold moments: as text that sorts, and as the seconds that time to live wants."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from pynamodb.constants import NUMBER, STRING

from madmall_models import clock
from madmall_models.attributes.checked import Checked
from madmall_models.attributes.type_variables import Moment, Options


class TimeAttribute(Checked[Moment, Moment | str]):
    """Hold an aware moment, stored as ``2026-11-22T13:45:00.123Z``, cut to milliseconds.

    ISO 8601 text with an offset is taken too. A naive datetime is refused.
    """

    attr_type = STRING

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: TimeAttribute[datetime],
            *,
            null: Literal[False] | None = None,
            **options: Unpack[Options[datetime | str]],
        ) -> None: ...
        @overload
        def __init__(
            self: TimeAttribute[datetime | None], *, null: bool, **options: Unpack[Options[datetime | str]]
        ) -> None: ...
        def __init__(self, **options: Any) -> None: ...

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
        if isinstance(value, datetime) and value.tzinfo is UTC:
            return None
        try:
            clock.to_milliseconds(value)
        except (ValueError, AttributeError):
            return "an aware datetime or ISO 8601 text with an offset"
        return None

    def serialize(self, value: Any) -> str:
        """Return the text to store."""
        # Nearly every moment is this, which an attribute of an application may see otherwise.
        fits = type(self) is TimeAttribute and isinstance(value, datetime) and value.tzinfo is UTC
        return clock.to_text(value if fits else self.checked(value))

    def deserialize(self, value: str) -> datetime:
        """Return the stored moment."""
        return clock.from_text(value)


class EpochAttribute(Checked[Moment, Moment | int]):
    """Hold an aware moment as whole seconds since 1970, the form that DynamoDB's time to live wants."""

    attr_type = NUMBER

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: EpochAttribute[datetime],
            *,
            null: Literal[False] | None = None,
            **options: Unpack[Options[datetime | int]],
        ) -> None: ...
        @overload
        def __init__(
            self: EpochAttribute[datetime | None], *, null: bool, **options: Unpack[Options[datetime | int]]
        ) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def coerce(self, value: Any) -> Any:
        """Return a number of seconds, or a moment of any zone, as UTC cut to seconds."""
        if isinstance(value, datetime) and value.utcoffset() is not None:
            try:
                return value.astimezone(UTC).replace(microsecond=0)
            except OverflowError:
                return value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 253402300800:
            return datetime.fromtimestamp(value, UTC)
        return value

    def fault(self, value: Any) -> str | None:
        """Return what the attribute takes unless ``value`` is an aware datetime of 1970 or later."""
        fits = isinstance(value, datetime) and value.tzinfo is UTC and value.year >= 1970
        return None if fits else "an aware datetime or seconds since 1970 (not milliseconds)"

    def serialize(self, value: Any) -> str:
        """Return the seconds to store."""
        return str(int(self.checked(value).timestamp()))

    def deserialize(self, value: str) -> datetime:
        """Return the stored moment.

        Raises:
            ValueError: it is before 1970, which could be read and not be written back.
        """
        seconds = int(Decimal(value))
        if seconds < 0:
            raise ValueError("the stored moment is before 1970")
        return datetime.fromtimestamp(seconds, UTC)
