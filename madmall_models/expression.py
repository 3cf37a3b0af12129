"""Write DynamoDB expressions: the difference of two items as an update, and conditions, with placeholders for every
name and value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, AddAction, SetAction, Update

Path = tuple[str, ...]
Wire = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """The leaves to set and to remove, by stored path; ``new_maps`` are set as a whole since they were absent."""

    sets: Mapping[Path, Wire] = field(default_factory=dict)
    removes: tuple[Path, ...] = ()
    new_maps: tuple[Path, ...] = ()

    @classmethod
    def between(cls, old: Mapping[str, Wire], new: Mapping[str, Wire], *, skip: Collection[Path] = ()) -> Change:
        """Return what turns ``old`` into ``new``, the paths in ``skip`` left alone."""
        sets: dict[Path, Wire] = {}
        removes: list[Path] = []
        new_maps: list[Path] = []
        _compare(old, new, (), frozenset(skip), sets, removes, new_maps)
        return cls(sets, tuple(removes), tuple(new_maps))

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return every path that is set or removed."""
        return (*self.sets, *self.removes)

    def without(self, names: Collection[str]) -> Change:
        """Return the change without the attributes of these top-level names."""
        return Change(
            {path: wire for path, wire in self.sets.items() if path[0] not in names},
            tuple(path for path in self.removes if path[0] not in names),
            self.new_maps,
        )

    def __bool__(self) -> bool:
        return bool(self.sets or self.removes)


def _compare(
    old: Mapping[str, Wire],
    new: Mapping[str, Wire],
    prefix: Path,
    skip: frozenset[Path],
    sets: dict[Path, Wire],
    removes: list[Path],
    new_maps: list[Path],
) -> None:
    for name in {**old, **new}:
        path = (*prefix, name)
        before, after = old.get(name), new.get(name)
        if path in skip or (before is not None and after is not None and same(before, after)):
            continue
        if after is None:
            removes.append(path)
        elif before is not None and "M" in before and "M" in after:
            _compare(before["M"], after["M"], path, skip, sets, removes, new_maps)
        else:
            sets[path] = after
            if before is None and "M" in after:
                new_maps.append(path)


def same(before: Wire, after: Wire) -> bool:
    """Tell whether two attribute values are equal to DynamoDB: numbers by value, sets in any order."""
    if before == after:
        return True
    kind = next(iter(before))
    if kind not in after:
        return False
    if kind == "N":
        return Decimal(before["N"]) == Decimal(after["N"])
    if kind in ("SS", "BS"):
        return set(before[kind]) == set(after[kind])
    if kind == "NS":
        return set(map(Decimal, before[kind])) == set(map(Decimal, after[kind]))
    if kind == "L":
        return len(before["L"]) == len(after["L"]) and all(map(same, before["L"], after["L"]))
    if kind == "M":
        return before["M"].keys() == after["M"].keys() and all(same(before["M"][n], after["M"][n]) for n in before["M"])
    return False


class Expression:
    """Collect a condition and an update with their placeholders; each method returns the expression itself.

    >>> Expression().exists("PK").request()["ConditionExpression"]
    'attribute_exists (#0)'
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Wire] = {}
        self._conditions: list[str] = []
        self._clauses: dict[str, str] = {}

    def exists(self, *path: str) -> Self:
        """Demand that the attribute exists."""
        self._conditions.append(f"attribute_exists ({self._name(path)})")
        return self

    def absent(self, *path: str) -> Self:
        """Demand that the attribute does not exist."""
        self._conditions.append(f"attribute_not_exists ({self._name(path)})")
        return self

    def equals(self, path: Path, value: Wire) -> Self:
        """Demand that the attribute has this value."""
        self._conditions.append(f"{self._name(path)} = {self._value(value)}")
        return self

    def either_absent_or_equal(self, absent: str, equal: Mapping[str, Wire]) -> Self:
        """Demand that the attribute does not exist, or that all the others have these values."""
        equals = " AND ".join(f"{self._name((name,))} = {self._value(value)}" for name, value in equal.items())
        self._conditions.append(f"(attribute_not_exists ({self._name((absent,))}) OR ({equals}))")
        return self

    def satisfying(self, condition: Condition | None) -> Self:
        """Demand a PynamoDB condition."""
        if condition is not None:
            self._conditions.append(self._foreign(condition))
        return self

    def updating(self, change: Change) -> Self:
        """Apply a change; a map that is set as a whole must still be absent, so that nobody's counter is lost."""
        for path in change.new_maps:
            self.absent(*path)
        if change.sets:
            sets = (f"{self._name(path)} = {self._value(wire)}" for path, wire in change.sets.items())
            self._add_clause("SET", ", ".join(sets))
        if change.removes:
            self._add_clause("REMOVE", ", ".join(map(self._name, change.removes)))
        return self

    def setting(self, path: Path, value: Wire) -> Self:
        """Set one attribute."""
        self._add_clause("SET", f"{self._name(path)} = {self._value(value)}")
        return self

    def adding(self, *actions: AddAction | SetAction) -> Self:
        """Add to counters and set gauges beside the change that :meth:`updating` applies."""
        for clause, kind in (("SET", SetAction), ("ADD", AddAction)):
            chosen = [action for action in actions if isinstance(action, kind)]
            if chosen:
                self._add_clause(clause, self._foreign(Update(*chosen)).removeprefix(f"{clause} "))
        return self

    def applying(self, *actions: Action) -> Self:
        """Apply PynamoDB update actions; the caller's list is left as it is."""
        self._clauses = {"all": self._foreign(Update(*actions))}
        return self

    def request(self) -> dict[str, Any]:
        """Return the parts of a request; a failed condition answers with the stored item."""
        parts: dict[str, Any] = {}
        if self._clauses:
            clauses = (self._clauses.get(name) for name in ("SET", "REMOVE", "ADD", "all"))
            parts["UpdateExpression"] = " ".join(clause for clause in clauses if clause)
        if self._conditions:
            parts["ConditionExpression"] = " AND ".join(self._conditions)
            parts["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if self._names:
            parts["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in self._names.items()}
        if self._values:
            parts["ExpressionAttributeValues"] = dict(self._values)
        return parts

    def _add_clause(self, name: str, text: str) -> None:
        present = self._clauses.get(name)
        self._clauses[name] = f"{name} {text}" if present is None else f"{present}, {text}"

    def _name(self, path: Path) -> str:
        return ".".join(self._names.setdefault(name, f"#{len(self._names)}") for name in path)

    def _value(self, value: Wire) -> str:
        placeholder = f":{len(self._values)}"
        self._values[placeholder] = value
        return placeholder

    def _foreign(self, expression: Condition | Update) -> str:
        # PynamoDB numbers placeholders by the size of the two mappings, as this class does. Its types say that values
        # are text, where it puts attribute values.
        values: Any = self._values
        return expression.serialize(self._names, values) or ""
