"""Bring up to date what the table counts for itself, once the rows are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models import batch, footprint
from madmall_models.declaration import stored_path
from madmall_models.expression import Expression
from madmall_models.keys import ItemKey
from madmall_models.migration.item_digest import Path
from madmall_models.migration.run_memory import Touched
from madmall_models.sending import Refused, send


def nothing(entity: Any) -> Iterable[ItemKey]:
    """Return no keys: completing such an entity adds no items."""
    return ()


@dataclass(frozen=True)
class Completion:
    """Say what is to be done with each touched item of an entity when every row was moved.

    Attributes:
        entity: the entity class.
        complete: gets the database, the id of an item, and the id of the run, with which it marks what it creates (None
            where nothing may be written); returns whether it wrote anything. Doing it twice writes nothing the second
            time.
        sets: dotted Python names of the attributes that it sets: they are no content of the item, see
            :mod:`run_mark`.
        count: dotted Python name of a counter that is 0 in a new item, or as :mod:`forecast` foresees it, where the
            rows of a run may say by themselves what it is to be; None where only ``complete`` can tell.
        adds: gets an entity and returns the keys of the items that completing it may write beside it.
    """

    entity: type[Any]
    complete: Callable[[Any, str, str | None], bool]
    sets: tuple[str, ...] = ()
    count: str | None = None
    adds: Callable[[Any], Iterable[ItemKey]] = nothing

    @property
    def entity_type(self) -> str:
        """Return the discriminator of the entity."""
        return str(self.entity.discriminator)

    @property
    def counted(self) -> tuple[Path, ...]:
        """Return the stored paths of what it sets."""
        return tuple(tuple(stored_path(self.entity, name)) for name in self.sets)


def set_counts(database: Any, completion: Completion, counts: Sequence[Touched]) -> list[str]:
    """Set counters that are as they were written, many in one transaction, and return the ids of those that are not.

    Such a counter has counted nothing yet, and whoever adds to it meanwhile makes the condition fail: that item must be
    counted in the table.

    Args:
        database: where to write.
        completion: whose counter.
        counts: at most 100 items, the count of each known.
    """
    assert completion.count is not None, "only asked where there is a counter"
    path = tuple(stored_path(completion.entity, completion.count))
    actions = [_set(completion.entity, path, touched) for touched in counts]
    moved: list[str] = []
    while actions:
        try:
            send(database.connection, actions)
        except Refused as refused:
            kept = [action for action, reason in zip(actions, refused.reasons, strict=True) if reason is None]
            moved += [action.part for action in actions if action not in kept]
            actions = kept
        else:
            break
    return moved


def unlike_foreseen(database: Any, completion: Completion, foreseen: Sequence[Touched]) -> list[str]:
    """Return the ids of the items whose counter is not (any more) what they were written with.

    The rows made the forecast true, so it is right where it still stands; whoever deleted an item meanwhile and made
    it anew began at 0. What is not there has no counter.

    Args:
        database: where to read.
        completion: whose counter.
        foreseen: the items.
    """
    assert completion.count is not None, "only asked where there is a counter"
    path = stored_path(completion.entity, completion.count)
    keys = [completion.entity.key.of(touched.identifier) for touched in foreseen]
    stored = batch.get_items(database.connection, keys)
    unlike = []
    for touched, key in zip(foreseen, keys, strict=True):
        item = stored.get((key.partition, key.sort))
        if item is not None and _at(item, path) != {"N": str(touched.expected)}:
            unlike.append(touched.identifier)
    return unlike


def _at(item: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return what is stored at a path of an item; an empty dict where there is nothing."""
    found: Any = {"M": item}
    for name in path:
        found = found.get("M", {}).get(name, {})
    return found


def _set(entity: type[Any], path: Path, touched: Touched) -> footprint.Action:
    key = entity.key.of(touched.identifier)
    as_written, to_be = {"N": str(touched.expected)}, {"N": str(touched.counted)}
    update = Expression().exists("PK").equals(path, as_written).setting(path, to_be)
    return footprint.Action("Update", touched.identifier, {"Key": key.wire, **update.request()}, key)
