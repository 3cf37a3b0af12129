"""Give the rules that one value may have to keep, each with its codes and its severity.

Every rule is a validator of marshmallow underneath, so that a report and a schema made from the same declaration
never disagree. The patterns of e-mail address, URL and phone number are those of the system being replaced, written
out: marshmallow's own e-mail and URL validators accept and refuse other texts.

A rule sees a value only after its attribute found that the type fits, and never a value that is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sized
from decimal import Decimal
from typing import Any, TypeVar

import marshmallow
from marshmallow import validate

from madmall_models.errors import DeclarationError
from madmall_models.validation_report import ERROR, WARNING, Severity

# ``$`` would also match before a line break at the end, hence ``\Z``; ``[0-9]``, since ``\d`` knows other digits too.
# The e-mail pattern stops at the first dot that can separate, so that a text of many dots takes no longer than others.
# Unlike the original it takes no control characters: they would stand, unseen, in the key that claims the address.
_IN_ADDRESS = r"[^\s@\x00-\x1f\x7f-\x9f]"
EMAIL = rf"{_IN_ADDRESS}+@(?={_IN_ADDRESS}+\Z){_IN_ADDRESS}[^\s@.]*\.{_IN_ADDRESS}"
URL = r"https?://."
PHONE = r"\+?[0-9\s\-()]+\Z"

Number = int | float | Decimal
_Measured = TypeVar("_Measured", bound=Sized)


class StrippedLength(validate.Length):
    """Measure the length of a text without the spaces around it, of a list as it is."""

    def __call__(self, value: _Measured) -> _Measured:
        """Return ``value`` as it was given.

        Raises:
            marshmallow.ValidationError: it is too short or too long.
        """
        super().__call__(value.strip() if isinstance(value, str) else value)
        return value


class Presence(validate.Validator):
    """Refuse None, an empty text and one of spaces only."""

    def __call__(self, value: Any) -> Any:
        """Return ``value`` as it was given.

        Raises:
            marshmallow.ValidationError: there is none.
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            raise marshmallow.ValidationError("is missing")
        return value


class Rule:
    """Be a rule about one value: what to check, and what to report when it is broken.

    Attributes:
        codes: the codes that breaking the rule can give.
        severity: whether breaking it blocks a write.
    """

    codes: tuple[str, ...]

    def __init__(self, validator: validate.Validator, severity: Severity) -> None:
        self.severity = severity
        self._validator = validator

    @property
    def code(self) -> str:
        """Return the code of breaking the rule; of a length with two bounds, that of being too short."""
        return self.codes[0]

    def validator(self) -> validate.Validator:
        """Return the validator for a field of a marshmallow schema."""
        return self._validator

    def bounds(self) -> Mapping[str, Any]:
        """Return what the rule was declared with, by the names of its arguments."""
        return {}

    def describe(self) -> str:
        """Return what the rule asks, as the end of a sentence that begins with the attribute's name."""
        raise NotImplementedError(f"{type(self).__name__} does not describe itself")

    def broken_by(self, value: Any) -> str | None:
        """Return the code if ``value`` breaks the rule, else None."""
        try:
            self._validator(value)
        except marshmallow.ValidationError:
            return self.code_for(value)
        return None

    def code_for(self, value: Any) -> str:
        """Return the code of the way in which ``value`` breaks the rule."""
        return self.code

    def __repr__(self) -> str:
        bounds = "".join(f"{name}={bound!r}, " for name, bound in self.bounds().items())
        return f"{type(self).__name__}({bounds}severity={self.severity.name})"


class Required(Rule):
    """Refuse data without a value: none, an empty text, or one of spaces only.

    An attribute that is neither ``null`` nor has a default is required without this rule.
    """

    codes = ("REQUIRED",)

    def __init__(self) -> None:
        super().__init__(Presence(), ERROR)

    def describe(self) -> str:
        """Return "is required"."""
        return "is required"


class Recommended(Rule):
    """Warn of data without a value."""

    codes = ("RECOMMENDED",)

    def __init__(self) -> None:
        super().__init__(Presence(), WARNING)

    def describe(self) -> str:
        """Return "is recommended"."""
        return "is recommended"


class Length(Rule):
    """Bound the length of a text, without the spaces around it, or of a list; both bounds included.

    Raises:
        DeclarationError: there is no bound, or no length fits.
    """

    def __init__(self, min: int | None = None, max: int | None = None, *, severity: Severity = ERROR) -> None:
        _check_bounds(self, min, max)
        super().__init__(StrippedLength(min=min, max=max), severity)
        self.min, self.max = min, max
        of_each_bound = [code for code, bound in (("MIN_LENGTH", min), ("MAX_LENGTH", max)) if bound is not None]
        self.codes = tuple(of_each_bound) if severity is ERROR else ("LENGTH_WARNING",)

    def bounds(self) -> Mapping[str, Any]:
        """Return the bounds that there are, as ``min`` and ``max``."""
        return _present(min=self.min, max=self.max)

    def describe(self) -> str:
        """Return the bounds in words."""
        return f"must have a length of {_between(self.min, self.max)}"

    def code_for(self, value: Any) -> str:
        """Return MIN_LENGTH, MAX_LENGTH or LENGTH_WARNING."""
        length = len(value.strip() if isinstance(value, str) else value)
        return self.codes[0] if self.min is not None and length < self.min else self.codes[-1]


class Range(Rule):
    """Bound a number; both bounds included.

    Raises:
        DeclarationError: there is no bound, or no number fits.
    """

    def __init__(self, min: Number | None = None, max: Number | None = None, *, severity: Severity = ERROR) -> None:
        _check_bounds(self, min, max)
        super().__init__(validate.Range(min=min, max=max), severity)
        self.min, self.max = min, max
        self.codes = ("RANGE_ERROR",) if severity is ERROR else ("RANGE_WARNING",)

    def bounds(self) -> Mapping[str, Any]:
        """Return the bounds that there are, as ``min`` and ``max``."""
        return _present(min=self.min, max=self.max)

    def describe(self) -> str:
        """Return the bounds in words."""
        return f"must be {_between(self.min, self.max)}"


class OneOf(Rule):
    """Take one of a list of values.

    Raises:
        DeclarationError: the list is empty.
    """

    codes = ("INVALID_VALUE",)

    def __init__(self, *values: Any, severity: Severity = ERROR) -> None:
        if not values:
            raise DeclarationError("OneOf() takes no value at all; name the values it may be")
        super().__init__(validate.OneOf(values), severity)
        self.values = values

    def bounds(self) -> Mapping[str, Any]:
        """Return the values, as ``choices``."""
        return {"choices": self.values}

    def describe(self) -> str:
        """Return the values in words."""
        return must_be_one_of(self.values)


class Pattern(Rule):
    """Take a text that begins with a match of a regular expression; end the expression with ``\\Z`` for a whole one.

    Args:
        pattern: the regular expression.
        form: what such a text is, for messages: "a time such as 18:30".
    """

    def __init__(self, pattern: str, *, form: str, severity: Severity = ERROR) -> None:
        super().__init__(validate.Regexp(pattern), severity)
        self.pattern, self.form = pattern, form
        self.codes = ("INVALID_FORMAT",) if severity is ERROR else ("FORMAT_WARNING",)

    def bounds(self) -> Mapping[str, Any]:
        """Return the regular expression, as ``pattern``."""
        return {"pattern": self.pattern}

    def describe(self) -> str:
        """Return the form in words."""
        return f"must be {self.form}"


class Email(Pattern):
    """Take what looks like an e-mail address: something, ``@``, something with a dot in it, and no spaces."""

    def __init__(self, *, severity: Severity = ERROR) -> None:
        super().__init__(EMAIL, form="an e-mail address such as name@example.org", severity=severity)


class Url(Pattern):
    """Take a text that begins with ``http://`` or ``https://`` and goes on."""

    def __init__(self, *, severity: Severity = ERROR) -> None:
        super().__init__(URL, form="a URL that begins with http:// or https://", severity=severity)


class Phone(Pattern):
    """Take digits, spaces, hyphens and brackets, with a plus sign before them or without."""

    def __init__(self, *, severity: Severity = WARNING) -> None:
        super().__init__(PHONE, form="a phone number such as +1 (404) 555-0100", severity=severity)


def must_be_one_of(values: tuple[Any, ...]) -> str:
    """Return the values that an attribute takes, as the end of a sentence."""
    return "must be one of " + ", ".join(map(str, values))


def _check_bounds(rule: Rule, lower: Number | None, upper: Number | None) -> None:
    name = type(rule).__name__
    if lower is None and upper is None:
        raise DeclarationError(f"{name}() bounds nothing; give min=, max= or both")
    if lower is not None and upper is not None and lower > upper:
        raise DeclarationError(f"{name}(min={lower}, max={upper}) is kept by nothing; min is over max")


def _present(**bounds: Number | None) -> Mapping[str, Any]:
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _between(lower: Number | None, upper: Number | None) -> str:
    if lower is None:
        return f"at most {upper}"
    return f"at least {lower}" if upper is None else f"{lower} to {upper}"
