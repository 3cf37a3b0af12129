"""Demand of an item that it is there to stay: neither being deleted nor past its time to live."""

from __future__ import annotations

from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models import clock
from madmall_models.entities import User
from madmall_models.step import Step
from madmall_models.transaction import WriteTransaction


def user_if_there(database: Any, transaction: WriteTransaction, user_id: str) -> Step:
    """Add the demand that a user who is there now stays; one who is not there may be missing, as in legacy data.

    Without the look beforehand, a request that is under way while the user is deleted would leave something of theirs.
    """
    key = User.key.of(user_id)
    if database.users.get_or_none(user_id, consistent=True) is not None:
        return transaction.check(key, User.deleting_at.does_not_exist())
    return transaction.check_if_there(key, User.deleting_at.does_not_exist())


def stays(entity: Any) -> Condition:
    """Return the condition that an item of an entity is not being deleted and has not expired.

    DynamoDB deletes what has expired within days, not at once; until then it counts as absent, as it does for readers.
    """
    lasting: Condition = ~entity.ttl.is_type() | (entity.ttl > clock.utc_now())
    here: Condition = entity.deleting_at.does_not_exist() & lasting
    return here
