"""Write counters and gauges: atomic, and right also where the map that they live in is absent.

DynamoDB refuses to add to ``stats.memberCount`` on an item without ``stats``, in every form of one expression. Then
the map is made, on condition that it is absent, and the same request is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action as UpdateAction

from madmall_models import clock
from madmall_models.attributes import Checked, CounterAttribute, EnumAttribute, ListAttribute
from madmall_models.connection.operations import Connection
from madmall_models.declaration import attribute_at, stored_path
from madmall_models.document import Document, Measurements
from madmall_models.errors import ConditionFailed, MadMallError, QueryError, ServiceError, ValidationError
from madmall_models.expression import Change, Expression
from madmall_models.filter_fault import undeclared
from madmall_models.footprint import Action, measured_paths
from madmall_models.identifiers import shown_name
from madmall_models.keys import ItemKey, Mirror
from madmall_models.sending import CONDITION, Refused

MapContent = Callable[[], Mapping[str, Any]]
# By stored path: what makes the content of a map that is absent.
AbsentMaps = Mapping[tuple[str, ...], MapContent]


def update_of(key: ItemKey, actions: Sequence[UpdateAction], condition: Condition | None) -> list[Action]:
    """Return the actions that apply PynamoDB update actions to an item and its mirrors.

    Counters and gauges leave ``version`` and ``updated_at`` alone; anything else raises both.

    Raises:
        QueryError: an action touches a part of a key or a unique value, which only saving the entity can follow.
        ValidationError: a value is none of those that its attribute takes.
    """
    if not actions:
        raise QueryError(f"an update of {key!r} needs an action, for example {key.entity.__name__}.stats....add(1)")
    if not all(isinstance(action, UpdateAction) for action in actions):
        raise QueryError(f"an update of {key!r} takes actions such as {key.entity.__name__}.stats....add(1) or .set()")
    paths = [_path(action) for action in actions]
    refuse_undeclared(key, paths)
    _refuse_key_parts(key, paths)
    for action in actions:
        _refuse_unknown_words(key.entity, action)
    measured = measured_paths(key.entity)
    applied = list(actions)
    if not all(any(path[: len(known)] == known for known in measured) for path in paths):
        applied += _next_version(key)
    request = _condition(key).satisfying(condition).applying(*applied).request()
    mirrored = _condition(key).applying(*applied).request()
    return [
        Action("Update", "item", {"Key": key.wire, **request}, key),
        *(
            Action("Update", f"mirror:{name}", {"Key": mirror.wire, **mirrored}, mirror)
            for name, mirror in mirror_keys(key)
        ),
    ]


def refuse_undeclared(key: ItemKey, paths: Iterable[tuple[str, ...]]) -> None:
    """Refuse to write or to judge what the entity of a key does not have.

    Raises:
        QueryError: a path belongs to another entity.
    """
    for path in paths:
        if (unknown := undeclared(key.entity, path)) is not None:
            raise QueryError(f"{key!r}: the update or condition names {unknown}")


def touched_names(entity: Any, actions: Iterable[UpdateAction]) -> set[str]:
    """Return the Python names of the attributes of an entity that actions touch, documents as a whole."""
    return {entity._dynamo_to_python_attr(_path(action)[0]) for action in actions}


def absent_maps(
    key: ItemKey, actions: Sequence[UpdateAction], given: AbsentMaps | None
) -> dict[tuple[str, ...], MapContent]:
    """Return the maps that the actions need, outermost first, with what makes the content of each."""
    maps: dict[tuple[str, ...], MapContent] = {}
    for action in actions:
        path = _path(action)
        for depth in range(1, len(path)):
            outer = path[:depth]
            maps.setdefault(outer, (given or {}).get(outer, partial(_zeros, key.entity, outer)))
    return dict(sorted(maps.items(), key=lambda entry: len(entry[0])))


def is_missing_map(error: Refused | MadMallError) -> bool:
    """Tell whether a write may have been refused because a map on its path is absent."""
    if isinstance(error, Refused):
        codes = {reason.code for reason in error.reasons if reason is not None}
        # The condition of an item is judged before its update; only a pure validation error speaks of the path.
        return bool(codes) and CONDITION not in codes and "ValidationError" in codes
    return isinstance(error, ServiceError) and error.code == "ValidationException" and "document path" in error.details


def put_absent(connection: Connection, key: ItemKey, path: tuple[str, ...], value: Mapping[str, Any]) -> bool:
    """Put a value where an existing item has none at ``path``; return whether it was this call that did.

    Args:
        connection: where to write.
        key: the item.
        path: stored names from the outside in.
        value: the DynamoDB attribute value, for example ``{"M": {...}}``.
    """
    change = Change({path: value}, new_maps=(path,))
    request = _condition(key).updating(change).request()
    try:
        connection.call(
            "UpdateItem", {"TableName": connection.table, "Key": key.wire, **request}, was_applied=lambda item: True
        )
    except ConditionFailed:
        # Somebody else put one, or the item is gone: the repeated request will tell.
        return False
    return True


def measuring(model: type[Any], name: str, value: Any) -> UpdateAction:
    """Return the action that adds to a counter, or sets a gauge, of a dotted Python name.

    Raises:
        ValidationError: the name is unknown, or no counter or gauge, or the value does not fit.
    """
    attribute = attribute_at(model, name)
    path = () if attribute is None else stored_path(model, name)
    if attribute is None or not any(path[: len(known)] == known for known in measured_paths(model)):
        raise ValidationError(f"{model.__name__}: {shown_name(name)} is no counter or gauge; use update()")
    checked = attribute.checked(value) if isinstance(attribute, Checked) else value
    operand: Any = model
    for part in name.split("."):
        operand = getattr(operand, part)
    action: UpdateAction = operand.add(checked) if isinstance(attribute, CounterAttribute) else operand.set(checked)
    return action


def refuse_measurements(model: type[Any], changes: Mapping[str, Any]) -> None:
    """Refuse changes of counters and gauges, which an update of the entity never sends.

    Raises:
        ValidationError: one is among them.
    """
    measured = measured_paths(model)
    for name in _dotted(model, changes):
        path = stored_path(model, name)
        if any(path[: len(known)] == known for known in measured):
            raise ValidationError(
                f"{model.__name__}: {name} is a counter or gauge, which update() never sends; "
                "use the manager's operation for it"
            )


def _dotted(container: Any, changes: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted Python names that changes touch, nested maps opened."""
    for name, value in changes.items():
        python = container.python_name(name)
        attribute = container._attributes[python]
        if isinstance(attribute, Document) and not isinstance(attribute, Measurements) and isinstance(value, Mapping):
            yield from _dotted(type(attribute), value, f"{prefix}{python}.")
        else:
            yield prefix + python


def _condition(key: ItemKey) -> Expression:
    return Expression().exists("PK").equals(("entityType",), {"S": key.entity.discriminator})


def _path(action: UpdateAction) -> tuple[str, ...]:
    target = action.values[0]
    if not isinstance(target, Path):
        raise QueryError("an update action needs a path, for example Circle.stats.member_count.add(1)")
    return tuple(target.path)


def _refuse_unknown_words(entity: Any, action: UpdateAction) -> None:
    """Refuse to set a text that its attribute never takes, wherever it stands in what is set."""
    path = _path(action)
    attribute = _attribute_at(entity, path)
    for value in _values(action.values[1:]):
        if any(not _takes(enum, word) for enum, word in _words(attribute, value)):
            raise ValidationError(f"{entity.__name__}: {'.'.join(path)} never takes this value; nothing was written")


def _takes(attribute: EnumAttribute[Any], word: Any) -> bool:
    return word not in attribute.read_only and (not attribute.strict or word in attribute.choices)


def _values(operands: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the attribute values in the operands of an action, those within functions too."""
    for operand in operands:
        if isinstance(operand, Value):
            yield operand.value
        elif not isinstance(operand, Path):
            yield from _values(operand.values)


def _words(attribute: Any, value: Any) -> Iterator[tuple[EnumAttribute[Any], Any]]:
    """Yield the known-word attributes that an attribute value fills, each with its text."""
    if isinstance(attribute, EnumAttribute):
        # What is appended to a list of words comes as a list.
        yield from ((attribute, word) for member in value.get("L", [value]) if (word := member.get("S")) is not None)
    elif isinstance(attribute, ListAttribute):
        for member in value.get("L", []):
            yield from _words(attribute.element, member)
    elif isinstance(attribute, Document):
        declared = {member.attr_name: member for member in type(attribute).get_attributes().values()}
        for name, member in value.get("M", {}).items():
            yield from _words(declared.get(name), member)


def _attribute_at(entity: Any, path: Sequence[Any]) -> Any:
    """Return the attribute at a stored path, None where nothing is declared."""
    found: Any = entity
    for name in path:
        declared = found.get_attributes().values() if hasattr(found, "get_attributes") else ()
        found = next((attribute for attribute in declared if attribute.attr_name == name), None)
    return found


def _refuse_key_parts(key: ItemKey, paths: Sequence[tuple[str, ...]]) -> None:
    parts = dict(_key_parts(key.entity))
    for path in paths:
        for part, owner in parts.items():
            if path[: len(part)] == part or part[: len(path)] == path:
                raise QueryError(
                    f"{'.'.join(path)} is a part of {owner}, which this update would leave stale; "
                    f"change the entity and use tx.save(entity) or the manager's update"
                )


def _key_parts(entity: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, key in entity.keys.items():
        for field in key.field_names:
            yield stored_path(entity, field), f"{entity.__name__}.{name}"
    for name, claim in entity.claims.items():
        for field in claim.template.field_names:
            yield stored_path(entity, field), f"{entity.__name__}.{name}"
    for name in ("PK", "SK", "entityType", "version"):
        yield (name,), f"{entity.__name__} itself"


def _next_version(key: ItemKey) -> list[UpdateAction]:
    entity = key.entity
    timed = [name for name, declared in entity.keys.items() if "updated_at" in declared.field_names]
    if timed:
        raise QueryError(
            f"{entity.__name__}.{timed[0]} is made of updated_at, so only counters and gauges can be updated by key; "
            "change the entity and use tx.save(entity) or the manager's update"
        )
    return [entity.version.set((entity.version | 0) + 1), entity.updated_at.set(clock.utc_now())]


def mirror_keys(key: ItemKey) -> Iterator[tuple[str, ItemKey]]:
    """Yield the keys of the mirrors of an item, by the names that they are declared under.

    Raises:
        QueryError: one is made of more than the primary key.
    """
    mirrors = [(name, declared) for name, declared in key.entity.keys.items() if isinstance(declared, Mirror)]
    if not mirrors:
        return
    primary = key.entity.key
    values = {**(primary.partition.match(key.partition) or {}), **(primary.sort.match(key.sort) or {})}
    for name, declared in mirrors:
        stored = declared.stored_key(values)
        if stored is None:
            raise QueryError(f"{declared.label} is made of more than the primary key; save the entity instead")
        yield name, ItemKey(stored.partition, stored.sort, key.entity)


def _zeros(entity: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the stored defaults of the document at a path, empty where none is declared."""
    container: Any = entity
    for stored in path:
        python = getattr(container, "_dynamo_to_python_attrs", {}).get(stored, stored)
        attribute = getattr(container, "_attributes", {}).get(python)
        container = type(attribute)
    if not (isinstance(container, type) and issubclass(container, Document)):
        return {}
    defaults: Mapping[str, Any] = container().serialize(container())
    return defaults
