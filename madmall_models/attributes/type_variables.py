"""Name what an attribute gives when it is read: its kind of value, or that or None where it is nullable.

``UnicodeAttribute()`` is an ``UnicodeAttribute[str]``, ``UnicodeAttribute(null=True)`` an
``UnicodeAttribute[str | None]``. All this is for type checkers; nothing here is looked at when a program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypedDict

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    # A type variable has a default since Python 3.13, and for type checkers wherever they run.
    from typing_extensions import TypeVar

    # What is read from any attribute, and what may be assigned to it.
    Value = TypeVar("Value", default=Any)
    Assigned = TypeVar("Assigned", default=Value)
    Text = TypeVar("Text", bound=str | None, default=str)
    Truth = TypeVar("Truth", bound=bool | None, default=bool)
    Number = TypeVar("Number", bound=Decimal | None, default=Decimal)
    Whole = TypeVar("Whole", bound=int | None, default=int)
    Moment = TypeVar("Moment", bound=datetime | None, default=datetime)
    Members = TypeVar("Members", bound=list[Any] | None, default=list[Any])
    Listed = TypeVar("Listed", default=list[Any] | tuple[Any, ...])
    Entries = TypeVar("Entries", bound=dict[str, Any] | None, default=dict[str, Any])
else:
    from typing import TypeVar

    Value, Assigned = map(TypeVar, ("Value", "Assigned"))
    Text, Truth, Number, Whole = map(TypeVar, ("Text", "Truth", "Number", "Whole"))
    Moment, Members, Listed, Entries = map(TypeVar, ("Moment", "Members", "Listed", "Entries"))

# What one member of a list or map is.
Member = TypeVar("Member")
Given = TypeVar("Given")


class Options(TypedDict, Generic[Given], total=False):
    """Name the arguments that every attribute takes beside ``null``."""

    hash_key: bool
    range_key: bool
    default: Given | Callable[[], Given] | None
    attr_name: str | None
    measurement: bool | None
    maintained: bool
