"""Decide of each item that a run wrote whether it can go: it is as the run left it, and nothing depends on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from madmall_models.codec import decode
from madmall_models.keys import ItemKey
from madmall_models.migration.item_digest import Item
from madmall_models.migration.removal import Removal
from madmall_models.migration.rollback_memory import Place, RollbackMemory, place_of
from madmall_models.migration.rollback_report import Kept
from madmall_models.migration.rollback_scope import RollbackScope
from madmall_models.migration.run_mark import RunMark


class RollbackJudge:
    """Judge the items of one run; may be asked by several threads.

    Args:
        connection: where to read.
        run: the run that is rolled back.
        scope: what it may have written.
        memory: knows what would be removed, in a dry run.
    """

    def __init__(self, connection: Any, run: str, scope: RollbackScope, memory: RollbackMemory) -> None:
        self._connection = connection
        self._run = run
        self._scope = scope
        self._memory = memory

    def is_of_the_run(self, entity: Any) -> bool:
        """Tell whether the run wrote an entity, changed since or not."""
        mark = RunMark.of(entity._stored)
        return mark is not None and mark.run == self._run

    def is_unchanged(self, entity: Any) -> bool:
        """Tell whether an entity was read as the run wrote it, but for what the table counts."""
        mark = RunMark.of(entity._stored)
        counted = self._scope.counted.get(entity.discriminator, ())
        return mark is not None and mark.run == self._run and mark.is_true_of(entity._stored, counted)

    def companion_key(self, entity: Any) -> ItemKey | None:
        """Return the key of the item without which an entity is not whole, None where there is none."""
        companion = self._scope.companions.get(entity.discriminator)
        return None if companion is None else companion(entity)

    def verdict(self, entity: Any, companion: Any) -> Removal | Kept:
        """Return what removes an entity as it was read, or why it stays.

        Args:
            entity: as it was read.
            companion: the same of its companion, None where there is none.
        """
        if not self.is_unchanged(entity):
            return Kept.CHANGED
        removal = Removal.of(entity)
        if companion is not None and self.is_unchanged(companion):
            removal = removal.together_with(Removal.of(companion))
        return Kept.DEPENDED_ON if self._has_dependants(entity, removal.places) else removal

    def _has_dependants(self, entity: Any, own: Collection[Place]) -> bool:
        partitions = dict.fromkeys(self._scope.partitions_of_dependants(entity))
        return any(
            place_of(item) not in own
            and self._scope.comes_after(item.get("entityType", {}).get("S", ""), entity.discriminator)
            and not self._memory.is_leaving(place_of(item))
            for partition in partitions
            for item in self._beside(partition)
        )

    def _beside(self, partition: str) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._connection.table,
            "KeyConditionExpression": "PK = :partition",
            "ExpressionAttributeValues": {":partition": {"S": partition}},
            "ProjectionExpression": "PK, SK, entityType",
            "ConsistentRead": True,
        }
        while True:
            page = self._connection.call("Query", request)
            yield from page["Items"]
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def read_entity(key: ItemKey, items: dict[Place, Any]) -> Any:
    """Return the entity of a key among raw items, None where there is none."""
    item = items.get((key.partition, key.sort))
    return None if item is None else decode(key.entity, item)
