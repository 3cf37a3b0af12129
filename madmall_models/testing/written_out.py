"""Write out signatures: put the names that a declaration gives in the place of ``**fields``."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Collection
from typing import Any

from madmall_models.document import Document
from madmall_models.entity import Entity

# A manager of this package changes a document of its entity by a method of this name.
_PART = re.compile("(?:update|increment)_([a-z_]+)")
# They take the fields of the primary key, in their order or by name.
OF_A_KEY = frozenset(["get", "get_or_none", "exists", "delete", "collection_of"])
_OF_ANY_KEY = frozenset(["asking", "query", "count"])


def written_out(method: Callable[..., Any], model: type[Entity]) -> inspect.Signature:
    """Return the signature of a method of a manager, each field that ``**fields`` stands for by its name.

    What takes any names, and what takes none, keeps its own. Names of attributes are there in both spellings.
    """
    signature = inspect.signature(method)
    open_end = [each for each in signature.parameters.values() if each.kind is inspect.Parameter.VAR_KEYWORD]
    names = _names(method.__name__, model) if open_end else None
    if names is None:
        return signature
    kept = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = {each.name for each in kept}
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
        for name in sorted(names)
        if name not in taken
    ]
    return signature.replace(parameters=[*kept, *added])


def with_signature(method: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    """Return a function that has the signature and the name of another one, and stands for it in a mock."""

    @functools.wraps(method)
    def stand_in(*arguments: Any, **keywords: Any) -> Any:
        return method(*arguments, **keywords)

    stand_in.__signature__ = signature  # type: ignore[attr-defined]
    return stand_in


def _names(method: str, model: type[Entity]) -> Collection[str] | None:
    """Return the names that the open end of a method of this name takes; None where that is not known."""
    if method in OF_A_KEY:
        return _key_names(model, ["key"])
    if method in _OF_ANY_KEY:
        return _key_names(model, list(model.keys))
    part = _PART.fullmatch(method)
    if part is not None:
        document = model.get_attributes().get(part[1])
        return _spellings(type(document)) if isinstance(document, Document) else None
    return _spellings(model)


def _key_names(model: type[Entity], keys: Collection[str]) -> set[str]:
    return {name.replace(".", "_") for key in keys for name in model.keys[key].field_names}


def _spellings(cls: type[Any]) -> set[str]:
    attributes = cls.get_attributes()
    return {*attributes, *(attribute.attr_name for attribute in attributes.values())}
