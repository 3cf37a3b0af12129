"""Demand of an item that it is there to stay: neither being deleted nor past its time to live."""

from __future__ import annotations

from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models import clock


def stays(entity: Any) -> Condition:
    """Return the condition that an item of an entity is not being deleted and has not expired.

    DynamoDB deletes what has expired within days, not at once; until then it counts as absent, as it does for readers.
    """
    lasting: Condition = ~entity.ttl.is_type() | (entity.ttl > clock.utc_now())
    here: Condition = entity.deleting_at.does_not_exist() & lasting
    return here
