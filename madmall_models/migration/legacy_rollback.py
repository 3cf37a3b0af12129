"""Say what the import of the legacy tables writes, for its rollback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from madmall_models.entities import Circle, CircleMember, Story, User
from madmall_models.keys import ItemKey
from madmall_models.migration.completion import Completion
from madmall_models.migration.legacy_completions import (
    complete_story,
    complete_user,
    madmall_completions,
    recount_circle,
)
from madmall_models.migration.mapping import Mapping as TableMapping
from madmall_models.migration.rollback_scope import RollbackScope


def madmall_rollback(mappings: Iterable[TableMapping]) -> RollbackScope:
    """Return the scope of a run that moved rows by these mappings, in the order in which they are applied.

    The owner's membership goes with the circle or stays with it.
    """
    return RollbackScope.of(
        mappings,
        counted={completion.entity_type: completion.counted for completion in madmall_completions()},
        companions={"CIRCLE": _owners_membership},
        recounts=(
            Completion(Circle, recount_circle),
            Completion(Story, complete_story),
            Completion(User, complete_user),
        ),
    )


def _owners_membership(circle: Any) -> ItemKey:
    return CircleMember.key.of(circle.circle_id, circle.created_by)
