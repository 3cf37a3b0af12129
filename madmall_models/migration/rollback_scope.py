"""Say what a run may have written, and how it hangs together: what a rollback must know besides the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from typing import Any

from madmall_models.declaration import entity_class
from madmall_models.keys import ItemKey, Mirror, PrimaryKey
from madmall_models.migration.completion import Completion
from madmall_models.migration.item_digest import Path
from madmall_models.migration.mapping import Mapping, Policy, Reference, Touch

Companion = Callable[[Any], ItemKey]


@dataclass(frozen=True)
class RollbackScope:
    """What a run may have written.

    Attributes:
        order: the entity types in the order in which they were written; they are removed in the reverse order.
        counted: by entity type, the stored paths that the table counts for itself.
        touches: by entity type, the items whose counts an item of it changes.
        references: by entity type, the items that an item of it cannot be without.
        companions: by entity type, the key of the item without which one of it is not whole, such as the owner's
            membership of a circle: both are removed by one transaction, or both are kept.
        recounts: bring up to date the counts of what stays; they add no item.
    """

    order: tuple[str, ...]
    counted: Values[str, Collection[Path]] = field(default_factory=dict)
    touches: Values[str, Sequence[Touch]] = field(default_factory=dict)
    references: Values[str, Sequence[Reference]] = field(default_factory=dict)
    companions: Values[str, Companion] = field(default_factory=dict)
    recounts: tuple[Completion, ...] = ()

    @classmethod
    def of(
        cls,
        mappings: Iterable[Mapping],
        *,
        counted: Values[str, Collection[Path]],
        companions: Values[str, Companion],
        recounts: Iterable[Completion],
    ) -> RollbackScope:
        """Return the scope of what was moved by mappings, given in the order in which they are applied."""
        mappings = tuple(mappings)
        return cls(
            order=tuple(dict.fromkeys(mapping.entity_type for mapping in mappings)),
            counted=counted,
            touches={mapping.entity_type: mapping.touches for mapping in mappings},
            references={
                mapping.entity_type: [each for each in mapping.references if each.policy is Policy.REJECT]
                for mapping in mappings
            },
            companions=companions,
            recounts=tuple(recounts),
        )

    def touched_by(self, entity: Any) -> Iterator[tuple[str, str]]:
        """Yield entity type and id of each item whose counts an entity changes."""
        values = entity.field_values()
        for touch in self.touches.get(entity.discriminator, ()):
            identifier = values.get(touch.target)
            if isinstance(identifier, str):
                yield str(touch.entity.discriminator), identifier

    def counted_itself(self, entity: Any) -> Iterator[tuple[str, str]]:
        """Yield entity type and id of an entity that has counts of its own."""
        if any(completion.entity is type(entity) for completion in self.recounts):
            yield entity.discriminator, entity.field_values()[type(entity).key.partition.field_names[0]]

    def partitions_of_dependants(self, entity: Any) -> Iterator[str]:
        """Yield the partitions in which items stand that cannot be without this one; none for what is no parent.

        A parent stands at the one fixed sort key of its item collection, and what depends on it stands beside it. An
        entity that names it and has a collection of its own for each, like the feedback on an image, is found there.
        """
        cls = type(entity)
        if cls.key.sort.field_names:
            return
        yield entity.item_key().partition
        if len(cls.key.partition.field_names) != 1:
            return
        identifier = entity.field_values()[cls.key.partition.field_names[0]]
        for name, key in self._keys_that_name(cls):
            yield key.partition.render({name: identifier})

    def comes_after(self, entity_type: str, other: str) -> bool:
        """Tell whether items of a type may depend on items of another one, which was written before them."""
        known = self.order.index
        return entity_type not in self.order or known(entity_type) >= known(other)

    def _keys_that_name(self, parent: type[Any]) -> Iterator[tuple[str, Any]]:
        """Yield the keys whose partition is made of a reference to a parent alone, and the reference's attribute."""
        for entity_type, references in self.references.items():
            keys = getattr(entity_class(entity_type), "keys", {}).values()
            targets = {reference.target for reference in references if reference.entity is parent}
            for key in keys:
                [name, *more] = key.partition.field_names or [""]
                if isinstance(key, PrimaryKey | Mirror) and name in targets and not more:
                    yield name, key
