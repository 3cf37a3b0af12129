"""Tell what a mocked method of a manager answers until a test says something else: the shape of the real answer."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar, get_args, get_origin

from madmall_models import clock
from madmall_models.document import assigned_names
from madmall_models.entity import Entity
from madmall_models.item_collection import ItemCollection
from madmall_models.keys import ItemKey, checked_item_key
from madmall_models.manager import Manager
from madmall_models.measurement import measuring
from madmall_models.query import Query
from madmall_models.rules import validate
from madmall_models.testing.factories import Factories
from madmall_models.testing.written_out import OF_A_KEY

Answer = Callable[..., Any]
_EMPTY = frozenset([bool, int, list, dict, tuple])


def answer_of(manager: Any, name: str, samples: Factories) -> Any:
    """Return what makes the answer of a method from its arguments; the class ``Query`` where it is a lazy query.

    Args:
        manager: a real one, bound to no engine.
        name: of the method.
        samples: make the entities that are answered.
    """
    model = manager.model
    if name == "create":
        return lambda **fields: _created(model, fields)
    if name == "batch_get":
        return lambda keys, **_: [None for _ in keys]
    if getattr(type(manager), name) is Manager.measure:
        return partial(_measured, model)
    origin = _answered(getattr(type(manager), name), model)
    if origin is not None and issubclass(origin, Query):
        return Query
    answer = _answer(origin, _Sample(getattr(manager, name), model, samples))
    if name == "update" and "key" in inspect.signature(getattr(manager, name)).parameters:
        return _of_a_key_in_order(model, answer)
    return _of_a_key(model, answer) if name in OF_A_KEY else answer


def _answer(origin: type[Any] | None, sample: _Sample) -> Answer:
    if origin is None:
        return lambda *_, **__: None
    if issubclass(origin, Entity):
        return lambda *arguments, **fields: sample.of(origin, arguments, fields)
    if issubclass(origin, ItemCollection):
        return lambda *arguments, **fields: origin((sample.of(sample.model, arguments, fields),))
    return lambda *_, **__: origin() if origin in _EMPTY else None


def _of_a_key(model: type[Entity], answer: Answer) -> Answer:
    """Let an answer be given only where the key is one, as the real method demands."""

    def answered(*key: Any, consistent: bool = False, **fields: Any) -> Any:
        model.key.of(*key, **fields)
        return answer(*key, **fields)

    return answered


def _of_a_key_in_order(model: type[Entity], answer: Answer) -> Answer:
    """Let an answer be given only where what comes before the changes is a key."""

    def answered(*key: Any, **changes: Any) -> Any:
        model.key.of(*key)
        return answer(*key, **changes)

    return answered


def _measured(
    model: type[Entity], key: ItemKey, changes: Mapping[str, Any], *, within: str = "", condition: Any = None
) -> None:
    """Measure nothing, where there are such counters and gauges."""
    checked_item_key(key)
    for name, value in changes.items():
        measuring(model, f"{within}.{name}" if within else name, value)


class _Sample:
    """Make an entity that has what the arguments of a method tell of it."""

    def __init__(self, method: Callable[..., Any], model: type[Entity], samples: Factories) -> None:
        self.model = model
        self._method = method
        self._samples = samples

    def of(self, entity: type[Entity], arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        """Return a sample: an argument that has the name of an attribute, or of a part of the key, is its value."""
        signature = inspect.signature(self._method)
        given = signature.bind(*arguments, **keywords).arguments
        told = dict(zip(self.model.key.field_names, given.pop("key", ()), strict=False))
        for name, value in given.items():
            is_open = signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
            told.update(value if is_open else {name: value})
        attributes = entity.get_attributes()
        known = {name: value for name, value in told.items() if name in attributes and value is not None}
        return self._samples.of(entity).build(**known)


@lru_cache(maxsize=4096)
def _answered(method: Callable[..., Any], model: type[Entity]) -> type[Any] | None:
    """Return the class that a method returns, by its annotation; None where it returns none, or may.

    Where a variable stands, the manager's own entity is meant.
    """
    try:
        annotation = typing.get_type_hints(method).get("return")
    except NameError:
        return _named(str(method.__annotations__.get("return")), model)
    if isinstance(annotation, TypeVar):
        return model
    if isinstance(annotation, types.UnionType) or type(None) in get_args(annotation):
        return None
    origin = get_origin(annotation) or annotation
    return origin if isinstance(origin, type) and origin is not type(None) else None


def _named(annotation: str, model: type[Entity]) -> type[Any] | None:
    """Return the class that an annotation means whose names are not all known, as of a class in a function."""
    name = annotation.partition("[")[0].rpartition(".")[2]
    known: dict[str, type[Any]] = {"Query": Query, model.__name__: model}
    return known.get(name)


def _created(model: type[Entity], fields: Mapping[str, Any]) -> Entity:
    """Return the entity of these fields and no others, as it would be after its creation.

    Raises:
        ValidationError: a rule is broken, a field is missing or unknown.
    """
    now = clock.utc_now()
    entity = model(**{"created_at": now, "updated_at": now, "version": 1, **fields})
    entity.reconcile(set(assigned_names(entity)))
    validate(model, entity).raise_if_invalid(model.__name__)
    return entity
