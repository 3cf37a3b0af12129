"""Say in plain words what declarations hold."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pynamodb.attributes import Attribute

from madmall_models.document import Document

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
# Marks of reStructuredText in docstrings: a reference, whose last name is kept, and a literal.
ROLE = re.compile(r":[a-z:]+:`~?(?:[^`<]*?\.)?([^`<.]+)`")
LITERAL = re.compile(r"``(.+?)``", re.DOTALL)


def docstring_of(thing: Any) -> str:
    """Return the docstring of a class or function without its indentation; empty where it has none of its own."""
    own = vars(thing).get("__doc__") if isinstance(thing, type) else getattr(thing, "__doc__", None)
    return inspect.cleandoc(own) if own else ""


def first_sentence(text: str) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join(text.split("\n\n")[0].split())


def prose(text: str) -> str:
    """Return a docstring in plain words: without roles and the marks of literals, each paragraph one line."""
    plain = LITERAL.sub(r"\1", ROLE.sub(r"\1", text))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in plain.split("\n\n"))


def spoken(name: str) -> str:
    """Return the name of a class in words, as in ``circle member``."""
    return " ".join(word.lower() for word in _WORD.findall(name)) or name


def singular(name: str) -> str:
    """Return the name of one member of a list that has this name, as in ``tag`` of ``tags``."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name if name.endswith(("ss", "us")) else name.removesuffix("s")


def declared(container: Any) -> dict[str, Attribute[Any]]:
    """Return the attributes of an entity or document in the order of declaration; PynamoDB keeps them by name."""
    attributes: dict[str, Attribute[Any]] = container.get_attributes()
    names = (name for ancestor in reversed(container.__mro__) for name in vars(ancestor))
    return {name: attributes[name] for name in dict.fromkeys(names) if name in attributes}


def default_of(attribute: Attribute[Any]) -> Any:
    """Return what a new item gets, or what makes it; None where there is nothing."""
    for_new = getattr(attribute, "default_for_new", None)
    return getattr(attribute, "default", None) if for_new is None else for_new


def literal_default(attribute: Attribute[Any]) -> Any:
    """Return what every new item gets alike; None where there is nothing, or something made for each."""
    default = default_of(attribute)
    if default is Decimal or (isinstance(default, functools.partial) and default.func is Decimal):
        return default()
    return None if callable(default) else default


def default_text(attribute: Attribute[Any]) -> str | None:
    """Return as Python text what a new item gets, None where there is nothing."""
    default = literal_default(attribute)
    if default is not None:
        return str(default) if isinstance(default, Decimal) else python_text(default)
    made = default_of(attribute)
    return None if made is None else _made_text(made)


def _made_text(default: Callable[[], Any]) -> str:
    if default in (list, dict, set, str):
        return repr(default())
    if isinstance(default, type) and issubclass(default, Document):
        return f"{default.__name__}()"
    name = getattr(default, "__name__", "")
    return f"{name}()" if name.isidentifier() else "made for each item"


def python_text(value: Any) -> str:
    """Return a value as Python text, in double quotes."""
    if isinstance(value, list):
        return f"[{', '.join(map(python_text, value))}]"
    text = repr(value)
    quotable = isinstance(value, str) and text.startswith("'") and '"' not in text
    return f'"{text[1:-1]}"' if quotable else text
