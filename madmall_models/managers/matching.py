"""Put conditions together for searches."""

from __future__ import annotations

from collections.abc import Iterable

from pynamodb.expressions.condition import Condition


def any_of(conditions: Iterable[Condition]) -> Condition | None:
    """Return the condition that holds when one of these does, or None when there is none."""
    found: Condition | None = None
    for condition in conditions:
        found = condition if found is None else found | condition
    return found
