"""Say which rows of a table are moved, how they are changed before, and what must be true of them.

All three are pure functions of a row, a dict of its columns. What such a function raises befalls its row only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from madmall_models.migration.cast import CastError
from madmall_models.migration.rejects import Fault, RowFiltered, RowRejected

Values = Mapping[str, Any]
Transformation = Callable[[Values], Values]
T = TypeVar("T")


@dataclass(frozen=True)
class Filter:
    """Leave rows out on purpose; they count as skipped.

    Attributes:
        reason: why, for the report; for example ``"accounts of testers"``.
        takes: gets a row and returns whether it is to be moved.
    """

    reason: str
    takes: Callable[[Values], bool]


@dataclass(frozen=True)
class Check:
    """Reject rows of which something is not true.

    Attributes:
        field: the column that is to blame; None where the row as a whole is.
        holds: gets a row and returns whether it is as it must be.
        message: what must be true, for people; it ends in reports and must not hold values of people.
        code: for programs.
    """

    field: str | None
    holds: Callable[[Values], bool]
    message: str
    code: str = "CHECK_FAILED"

    @property
    def fault(self) -> Fault:
        """Return what is wrong with a row of which it does not hold."""
        return Fault(self.field, self.code, self.message)


@dataclass(frozen=True)
class Screening:
    """What happens to a row before its columns are cast: transformations in order, then filters, then all checks."""

    transformations: tuple[Transformation, ...] = ()
    filters: tuple[Filter, ...] = ()
    checks: tuple[Check, ...] = ()

    def screened(self, row: Values) -> Values:
        """Return the row as it is to be moved.

        Raises:
            RowFiltered: a filter leaves it out.
            RowRejected: checks fail (all of them are named), or one of the functions raised something.
        """
        for transformation in self.transformations:
            row = _asked(transformation, row, "transform", None)
        for each in self.filters:
            if not _asked(each.takes, row, "filter", None):
                raise RowFiltered(each.reason)
        faults = tuple(check.fault for check in self.checks if not _asked(check.holds, row, "check", check.field))
        if faults:
            raise RowRejected("check", faults)
        return row


def _asked(function: Callable[[Values], T], row: Values, stage: str, field: str | None) -> T:
    try:
        return function(row)
    except CastError as error:
        raise RowRejected(stage, (Fault(error.field or field, error.code, error.message),)) from error
    except Exception as error:
        # Whatever a function of a user raises, it is this row that cannot be moved. The text of the error may hold
        # the values of the row.
        name = getattr(function, "__name__", type(function).__name__)
        raise RowRejected(stage, (Fault(field, "FUNCTION_FAILED", f"{name} raised {type(error).__name__}"),)) from None
