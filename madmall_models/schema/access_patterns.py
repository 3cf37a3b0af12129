"""Describe what can be asked of an entity, by asking it: the requests are those that the package makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from madmall_models import clock
from madmall_models.codec import Item
from madmall_models.declaration import attribute_at
from madmall_models.explanation import Cost, order_of
from madmall_models.footprint import footprint
from madmall_models.hydration import key_names
from madmall_models.keys import IndexKey, Key, Mirror, Pointer, PrimaryKey
from madmall_models.query import Query
from madmall_models.schema.example_values import value_of
from madmall_models.schema.item_collections import ItemCollection, is_single
from madmall_models.schema.managers import manager_class_of
from madmall_models.schema.pattern_description import AccessPatternDescription, CostDescription
from madmall_models.schema.recorder import RecordedDatabase
from madmall_models.schema.words import python_text, spoken

PAGE_SIZE = 20
_NO_LIMIT = "no limit"
_WHOLE = "no limit: the whole partition is read"
_FOLLOWED = "what a pointer names is fetched, one read unit per 4 KB each"


class EntityPatterns:
    """The access patterns of one entity.

    Args:
        entity: the class.
        examples: an example of each entity class.
        calls: the calls of managers by the label of the key that they ask.
        collections: the item collections of all entities.
    """

    def __init__(
        self,
        entity: type[Any],
        examples: Mapping[type[Any], Any],
        calls: Mapping[str, tuple[str, ...]],
        collections: Sequence[ItemCollection],
    ) -> None:
        self._entity = entity
        self._examples = examples
        self._example = examples[entity]
        self._occupied = footprint(self._example)
        self._calls = calls
        self._collections = collections

    def describe(self) -> Iterator[AccessPatternDescription]:
        """Yield them: one item, lists in the order of declaration, unique values, the item collection."""
        yield self._single()
        for key in self._entity.keys.values():
            if not isinstance(key, PrimaryKey) or _lists(key):
                yield self._list(key)
        for name in self._entity.claims:
            if f"{self._entity.__name__}.{name}" in self._calls:
                yield self._claim(name)
        for collection in self._collections:
            if collection.root is self._entity.key and len(collection.keys) > 1:
                yield self._collection(collection)

    # -- one item --------------------------------------------------------------------------------------------------

    def _single(self) -> AccessPatternDescription:
        key = self._entity.key
        values = {name: self._value(name) for name in key.field_names}
        database = RecordedDatabase(self._items())
        database.manager_of(self._entity).get_by_key(self._example.item_key())
        asked = key.answers if not _lists(key) else ""
        arguments = _arguments(values) if len(values) > 1 else python_text(_plain(next(iter(values.values()), "")))
        name = f"{self._entity.__name__}.get"
        collection = manager_class_of(self._entity).collection
        owners = (f"db.{collection}",) if collection else ()
        return AccessPatternDescription(
            name=name,
            question=asked or f"Which {spoken(self._entity.__name__)} has this key?",
            entity=self._entity.__name__,
            key=key.name,
            kind="item",
            call=f"{name}({arguments})",
            operations=tuple(sorted({*self._calls.get(name, ()), *(f"{owner}.get({arguments})" for owner in owners)})),
            index="table",
            partition_key=key.partition.text,
            sort_key=key.sort.text,
            key_condition=f"PK = {key.partition.text} AND SK = {key.sort.text}",
            fields=key.field_names,
            narrowing=(),
            order="one item",
            requests=tuple(database.recorded.requests),
            hydrates=False,
            sparse=False,
            consistent="on request",
            cost=_cost(Cost.of(1, hydrates=False, consistent=False), 1),
            warnings=(),
        )

    def _claim(self, name: str) -> AccessPatternDescription:
        claim = self._entity.claims[name]
        label = f"{self._entity.__name__}.{name}"
        values = {field: self._value(field) for field in claim.template.field_names}
        key = claim.claim_key(values)
        stored = self._occupied.claims.get(claim.field, {})
        database = RecordedDatabase({**self._items(), (key.partition, key.sort): stored})
        method = self._calls[label][0].partition("(")[0].rpartition(".")[2]
        getattr(database.manager_of(self._entity), method)(*values.values())
        requests = tuple(database.recorded.requests)
        return AccessPatternDescription(
            name=label,
            question=f"Which {spoken(self._entity.__name__)} holds this {claim.field.replace('_', ' ')}, as of now?",
            entity=self._entity.__name__,
            key=name,
            kind="claim",
            call=self._calls[label][0],
            operations=self._calls[label],
            index="table",
            partition_key=claim.partition.text,
            sort_key=claim.sort_key,
            key_condition=f"PK = {claim.partition.text} AND SK = {claim.sort_key}",
            fields=claim.template.field_names,
            narrowing=(),
            order="one item",
            requests=requests,
            hydrates=True,
            sparse=False,
            consistent="always",
            cost=_cost(Cost.of(1, hydrates=True, consistent=True), 1),
            warnings=(),
        )

    # -- lists -----------------------------------------------------------------------------------------------------

    def _list(self, key: Key) -> AccessPatternDescription:
        values = {name: self._value(name) for name in key.partition.field_names}
        database = RecordedDatabase(self._items(), [self._entry(key)])
        query: Query[Any] = Query(database, key, key.checked_fields(values))
        query.page(size=PAGE_SIZE)
        explained = query.limit(PAGE_SIZE).explain()
        return AccessPatternDescription(
            name=key.label,
            question=key.answers or self._asked(key),
            entity=self._entity.__name__,
            key=key.name,
            kind={PrimaryKey: "list", Mirror: "mirror", Pointer: "pointer"}.get(type(key), "index"),
            call=f"{key.label}.query({_arguments(values)})",
            operations=self._calls.get(key.label, ()),
            index=key.index_name,
            partition_key=key.partition.text,
            sort_key=key.sort.text,
            key_condition=_key_condition(key),
            fields=key.partition.field_names,
            narrowing=tuple(name for name in key.sort.field_names if name not in key.partition.field_names),
            order=order_of(key, forward=True),
            requests=tuple(database.recorded.requests),
            hydrates=key.hydrates,
            sparse=key.when is not None,
            consistent="never" if isinstance(key, IndexKey) else "on request",
            cost=CostDescription(
                explained.read_units, explained.read_units_per_item, PAGE_SIZE, explained.assumptions
            ),
            warnings=tuple(warning for warning in explained.warnings if not warning.startswith(_NO_LIMIT)),
        )

    def _collection(self, collection: ItemCollection) -> AccessPatternDescription:
        key = self._entity.key
        item_key = self._example.item_key()
        database = RecordedDatabase(self._items(), self._standing_in(item_key.partition))
        values = [self._value(name) for name in key.field_names]
        database.manager_of(self._entity).collection_of(*values)
        follows = any(isinstance(each, Pointer) for each in collection.keys)
        kinds = sorted({each.entity.__name__ for each in collection.keys} - {self._entity.__name__})
        manager = manager_class_of(self._entity).collection
        owner = f"db.{manager}" if manager else f"{self._entity.__name__}.objects"
        return AccessPatternDescription(
            name=f"{self._entity.__name__}.item_collection",
            question=f"What stands with this {spoken(self._entity.__name__)} ({', '.join(map(spoken, kinds))})?",
            entity=self._entity.__name__,
            key=key.name,
            kind="collection",
            call=f"{owner}.collection_of({', '.join(python_text(_plain(value)) for value in values)})",
            operations=self._calls.get(f"{self._entity.__name__}.item_collection", ()),
            index="table",
            partition_key=key.partition.text,
            sort_key="",
            key_condition=f"PK = {key.partition.text}",
            fields=key.partition.field_names,
            narrowing=(),
            order="ascending by sort key",
            requests=tuple(database.recorded.requests),
            hydrates=follows,
            sparse=False,
            consistent="on request",
            cost=_cost(Cost.of(None, hydrates=False, consistent=False), 100),
            warnings=(_WHOLE, _FOLLOWED) if follows else (_WHOLE,),
        )

    def _asked(self, key: Key) -> str:
        """Return a question for a key that says none."""
        fields = [name.replace(".", " ").replace("_", " ") for name in key.partition.field_names]
        listed = f"Which items of {spoken(self._entity.__name__)}"
        return f"{listed} have this {' and '.join(fields)}?" if fields else f"{listed} are there?"

    # -- examples --------------------------------------------------------------------------------------------------

    def _value(self, name: str) -> Any:
        """Return the value of an attribute of the example, a made up one where it has none."""
        value = self._example.field_values()[name]
        attribute = attribute_at(self._entity, name)
        return value_of(attribute, name.rpartition(".")[2]) if value is None and attribute is not None else value

    def _items(self) -> dict[tuple[str, str], Item]:
        return {_place(item): item for item in [self._occupied.item, *self._occupied.mirrors.values()]}

    def _entry(self, key: Key) -> Item:
        """Return what a list of a key holds for the example."""
        item = dict(self._occupied.mirrors.get(key.name) or self._occupied.pointers.get(key.name) or {})
        if item:
            return item
        own = self._occupied.item
        if not isinstance(key, IndexKey | Pointer):
            return own
        names = {"PK", "SK", *key_names(key)}
        entry = {name: wire for name, wire in own.items() if name in names or not key.hydrates}
        return {**entry, "targetPK": own["PK"], "targetSK": own["SK"]}

    def _standing_in(self, partition: str) -> list[Item]:
        items = []
        for example in self._examples.values():
            occupied = footprint(example)
            items += [occupied.item, *occupied.mirrors.values(), *occupied.pointers.values()]
        return sorted((item for item in items if item["PK"]["S"] == partition), key=lambda item: item["SK"]["S"])


def _lists(key: PrimaryKey) -> bool:
    """Tell whether the question of a primary key is about several items: of one partition that it names."""
    return bool(key.partition.fields) and not is_single(key)


def _key_condition(key: Key) -> str:
    partition, sort = key_names(key)
    condition = f"{partition} = {key.partition.text}"
    if is_single(key):
        return f"{condition} AND {sort} = {key.sort.text}"
    beginning = key.sort.text[: key.sort.text.index("{")]
    return f"{condition} AND begins_with({sort}, {beginning})" if beginning else condition


def _cost(cost: Cost, items: int) -> CostDescription:
    return CostDescription(cost.page, cost.item, items, cost.assumptions)


def _arguments(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('.', '_')}={python_text(_plain(value))}" for name, value in values.items())


def _plain(value: Any) -> Any:
    return clock.to_text(value) if isinstance(value, datetime) else value


def _place(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]
