"""Hold the rules that a class declares: by attribute, and about the data as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from madmall_models.errors import DeclarationError
from madmall_models.rules.rule import Rule
from madmall_models.validation_report import Entry

Check = Callable[[Mapping[str, Any]], Iterable[Entry]]


class Rules:
    """State the rules of an entity or a document.

    Args:
        checks: callables about several attributes at once. Each is given the values by Python name, in the form that
            the attributes hold, documents as mappings likewise, and gives entries with stored field names. What is
            absent, or does not fit its attribute, is not in the mapping.
        by_attribute: for a Python name a rule, or a list of rules, which are reported in this order.

    Raises:
        DeclarationError: a check is not callable, or something given for an attribute is not a rule.

    >>> from madmall_models.rules import Length, Rules
    >>> Rules(name=[Length(min=3, max=100)]).of("name")
    (Length(min=3, max=100, severity=ERROR),)
    """

    def __init__(self, *checks: Check, **by_attribute: Rule | Sequence[Rule]) -> None:
        for check in checks:
            if not callable(check):
                raise DeclarationError(f"Rules() takes callables and rules by attribute, not {type(check).__name__}")
        self.checks = checks
        self._by_attribute = {name: _rules_of(name, given) for name, given in by_attribute.items()}

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the Python names of the attributes that have rules."""
        return tuple(self._by_attribute)

    def of(self, attribute: str) -> tuple[Rule, ...]:
        """Return the rules of an attribute, by its Python name; none if it has none."""
        return self._by_attribute.get(attribute, ())

    def unknown(self, names: Collection[str]) -> list[str]:
        """Return what has rules and is not among ``names``, the Python names of the attributes of a class."""
        return [name for name in self._by_attribute if name not in names]

    def __repr__(self) -> str:
        return f"<Rules of {', '.join(self._by_attribute) or 'no attribute'}, {len(self.checks)} checks>"


def _rules_of(name: str, given: Rule | Sequence[Rule]) -> tuple[Rule, ...]:
    rules = (given,) if isinstance(given, Rule) else tuple(given) if isinstance(given, list | tuple) else None
    if rules is None or not all(isinstance(rule, Rule) for rule in rules):
        raise DeclarationError(f"the rules of {name} are a rule or a list of rules, for example [Recommended(), Url()]")
    return rules
