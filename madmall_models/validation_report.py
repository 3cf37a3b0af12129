"""Say what is wrong with data: entries that block a write, and entries that only warn.

An entry keeps the value that it is about, for the caller that has it anyway; messages and ``repr`` leave it out,
since it may say something about a person.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from enum import Enum
from typing import Any

from madmall_models.errors import ValidationError
from madmall_models.identifiers import shown_path

_NAMED_IN_A_MESSAGE = 10


class Severity(Enum):
    """Say whether an entry blocks the write."""

    ERROR = "error"
    WARNING = "warning"


ERROR = Severity.ERROR
WARNING = Severity.WARNING


@dataclasses.dataclass(frozen=True)
class Entry:
    """Hold one finding.

    Args:
        field: the attribute as it is stored, dotted into documents: ``profile.firstName``, ``contributors[0].id``. What
            was given where a name belongs stays here too, and is left out of the text.
        message: what the attribute takes, without the value.
        code: the kind of finding, for programs: ``REQUIRED``, ``MIN_LENGTH``, ...
        value: what was given; None where nothing was.
    """

    field: str
    message: str
    code: str
    value: Any = dataclasses.field(default=None, repr=False, hash=False)
    severity: Severity = ERROR

    def __repr__(self) -> str:
        shown = f"{shown_path(self.field)!r}, {self.message!r}, {self.code!r}"
        return f"Entry({shown}, severity={self.severity})"

    def __str__(self) -> str:
        return f"{shown_path(self.field)} {self.message} ({self.code})"


@dataclasses.dataclass(frozen=True)
class ValidationReport:
    """Hold every finding about one piece of data, in the order in which they were made.

    >>> report = ValidationReport([Entry("email", "is required", "REQUIRED")])
    >>> report.is_valid, str(report.errors[0])
    (False, 'email is required (REQUIRED)')
    """

    entries: tuple[Entry, ...] = ()

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        object.__setattr__(self, "entries", tuple(entries))

    @property
    def errors(self) -> tuple[Entry, ...]:
        """Return the entries that block a write."""
        return tuple(entry for entry in self.entries if entry.severity is ERROR)

    @property
    def warnings(self) -> tuple[Entry, ...]:
        """Return the entries that do not."""
        return tuple(entry for entry in self.entries if entry.severity is WARNING)

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing blocks a write; warnings do not."""
        return not self.errors

    def __add__(self, other: object) -> ValidationReport:
        """Return the entries of both, these first."""
        if not isinstance(other, ValidationReport):
            return NotImplemented
        return ValidationReport(self.entries + other.entries)

    def raise_if_invalid(self, what: str) -> None:
        """Do nothing where nothing blocks a write.

        Raises:
            ValidationError: something does; the message names ``what``, the fields and the codes, ``report`` has all.
        """
        if not self.is_valid:
            raise ValidationError(self.summary(what), report=self)

    def summary(self, what: str) -> str:
        """Return in a line that ``what`` is not valid, with the first fields and codes."""
        errors = self.errors
        named = "; ".join(map(str, errors[:_NAMED_IN_A_MESSAGE]))
        left = len(errors) - _NAMED_IN_A_MESSAGE
        more = f"; and {left} more" if left > 0 else ""
        return f"{what} is not valid: {named}{more}"
