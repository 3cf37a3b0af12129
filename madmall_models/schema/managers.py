"""Describe managers and their operations, and find which of them ask which access pattern."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from madmall_models import binding
from madmall_models.counting import tenant_key
from madmall_models.manager import Manager
from madmall_models.query import Query
from madmall_models.schema.entity_description import ManagerDescription, Operation
from madmall_models.schema.example_values import MOMENT
from madmall_models.schema.recorder import RecordedDatabase
from madmall_models.schema.words import docstring_of, python_text

_MODULES = re.compile(r"\b(?:\w+\.)+(?=\w)")
# What every manager has and an access pattern is asked by.
_ASKING = ("of_tenant",)
# What readings of item collections call themselves.
_COLLECTION = "ItemCollection"


class _Text:
    """Be a text that shows itself without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def describe_manager(entity: type[Any]) -> ManagerDescription:
    """Return what carries the operations of an entity."""
    cls = manager_class_of(entity)
    return ManagerDescription(
        name=cls.__name__,
        module=cls.__module__,
        collection=cls.collection,
        text=docstring_of(cls),
        operations=tuple(_operation(name, method) for name, method in _own_methods(cls)),
    )


def describe_every_manager() -> tuple[Operation, ...]:
    """Return the operations that each manager has."""
    return tuple(_operation(name, method) for name, method in _public_methods(Manager))


def manager_class_of(entity: type[Any]) -> type[Any]:
    """Return the manager class of an entity; the plain one where it has none of its own."""
    return binding.manager_class(entity) or Manager


def calls_by_pattern(known: Mapping[type[Any], Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the calls of managers by the label of the key that they ask first, as in ``Circle.by_type``.

    Args:
        known: for each entity class, example values by the name of a parameter.
    """
    calls: dict[str, list[str]] = {}
    for entity, values in known.items():
        for label, call in _calls_of(entity, values):
            calls.setdefault(f"{entity.__name__}.item_collection" if label == _COLLECTION else label, []).append(call)
    return {label: tuple(sorted(found)) for label, found in calls.items()}


def _calls_of(entity: type[Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    cls = manager_class_of(entity)
    if cls.collection is None:
        return
    methods = [*_own_methods(cls), *((name, getattr(cls, name)) for name in _ASKING if tenant_key(entity))]
    for name, method in methods:
        arguments = _arguments(method, known) if _asks(name, method) else None
        label = None if arguments is None else _asked(entity, name, arguments)
        if label is not None and arguments is not None:
            yield label, f"db.{cls.collection}.{name}({', '.join(map(_shown, arguments))})"


def _asks(name: str, method: Callable[..., Any]) -> bool:
    returned = annotation_text(inspect.signature(method).return_annotation)
    reads = returned.startswith("Query[") or returned.endswith("Collection")
    return reads or (name.startswith("get") and not returned.startswith("list["))


def _asked(entity: type[Any], name: str, arguments: tuple[Any, ...]) -> str | None:
    """Return the label of the key that a method asks first, None where it does not like the example values."""
    database = RecordedDatabase()
    try:
        result = getattr(database.manager_of(entity), name)(*arguments)
    except (Exception, SystemExit):
        # It may be an application's, and nothing is there to be found; what it asked until then is known.
        result = None
    if isinstance(result, Query):
        return result.key.label
    label = next(iter(database.recorded.patterns), None)
    reads_one = bool(database.recorded.requests) and database.recorded.requests[0].operation == "GetItem"
    return label.removesuffix(".key") + ".get" if label and reads_one and label.endswith(".key") else label


def _arguments(method: Callable[..., Any], known: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return example values of the parameters that must be given, None where one is not known."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    needed = [p for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    must_be_named = any(p.default is p.empty and p.kind is p.KEYWORD_ONLY for p in parameters)
    given = [MOMENT if annotation_text(p.annotation) == "datetime" else known.get(p.name) for p in needed]
    return None if must_be_named or None in given else tuple(given)


def _shown(value: Any) -> str:
    return "utc_now()" if isinstance(value, datetime) else python_text(value)


def _own_methods(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    for name, method in _public_methods(cls):
        if getattr(Manager, name, None) is not method:
            yield name, method


def _public_methods(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    for name in sorted(dir(cls)):
        # As it is declared: a static method takes no manager, and is no operation of one.
        method = inspect.getattr_static(cls, name)
        if not name.startswith("_") and inspect.isfunction(method):
            yield name, method


def _operation(name: str, method: Callable[..., Any]) -> Operation:
    return Operation(name, signature_text(method), inspect.getdoc(method) or "")


def signature_text(method: Callable[..., Any]) -> str:
    """Return the parameters of a method and what it returns, as they are written."""
    signature = inspect.signature(method)
    parameters = [parameter.replace(annotation=_annotation(parameter.annotation), default=_default(parameter.default))
                  for parameter in list(signature.parameters.values())[1:]]  # fmt: skip
    shown = signature.replace(parameters=parameters, return_annotation=_annotation(signature.return_annotation))
    return str(shown)


def annotation_text(annotation: Any) -> str:
    """Return an annotation as it is written, without the modules of classes; empty where there is none."""
    if annotation is inspect.Signature.empty:
        return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _MODULES.sub("", text)


def _annotation(annotation: Any) -> Any:
    return annotation if annotation is inspect.Signature.empty else _Text(annotation_text(annotation))


def _default(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return default
    text = python_text(default)
    return _Text("...") if " at 0x" in text else _Text(text)
