"""Put conditions together for searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pynamodb.expressions.condition import Condition

from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import ValidationError
from madmall_models.managers.argument import checked_text
from madmall_models.query import Query

E = TypeVar("E")

_MOST = 50
_MOST_CHARACTERS = 1024


def narrowed(query: Query[E], *conditions: Condition | None) -> Query[E]:
    """Return a query that keeps what satisfies every condition there is."""
    for condition in conditions:
        query = query if condition is None else query.filter(condition)
    return query


def equals(path: Any, text: str | None, *, name: str) -> Condition | None:
    """Return the condition that a text attribute holds just this text, or None when none is wanted.

    Raises:
        ValidationError: it is no text, blank, or longer than any such text.
    """
    if text is None:
        return None
    condition: Condition = path == _checked(text, name=name)
    return condition


def contains_any(path: Any, texts: Iterable[str], *, name: str) -> Condition | None:
    """Return the condition that a list attribute holds one of these texts, or None when there is none.

    Args:
        path: the attribute, for example ``Circle.tags``.
        texts: at most 50 texts.
        name: what the caller calls them, for messages.

    Raises:
        ValidationError: it is no list of texts, or has too many.
    """
    if isinstance(texts, str | bytes | Mapping) or not isinstance(texts, Iterable):
        raise ValidationError(f"{name} takes a list of texts, not {type(texts).__name__}")
    wanted = list(dict.fromkeys(_checked(text, name=f"each of {name}") for text in texts))
    if len(wanted) > _MOST:
        raise ValidationError(f"{name} takes at most {_MOST} texts; an expression has a limit of 4 KB")
    found: Condition | None = None
    for text in wanted:
        holds = path.contains(text)
        found = holds if found is None else found | holds
    return found


def in_tenant(entity: Any, tenant_id: str) -> Condition:
    """Return the condition that an item belongs to a tenant; one that names none belongs to the default tenant.

    Raises:
        KeyValueError: it is no id.
    """
    mine: Condition = entity.tenant_id == entity._checked_key_value("tenant_id", tenant_id)
    return mine | entity.tenant_id.does_not_exist() if tenant_id == DEFAULT_TENANT else mine


def checked_parts(parts: Mapping[str, str] | None, *known: str, name: str) -> Mapping[str, str]:
    """Return the parts of a location.

    Raises:
        ValidationError: it is no mapping, or has an unknown part, or one that is no text.
    """
    if parts is None:
        return {}
    if not isinstance(parts, Mapping):
        raise ValidationError(f"{name} takes a map of texts: {', '.join(known)}")
    unknown = set(parts) - set(known)
    if unknown:
        raise ValidationError(f"{name} takes {', '.join(known)}; {len(unknown)} other given")
    return {part: _checked(text, name=f"{name}.{part}") for part, text in parts.items()}


def _checked(text: Any, *, name: str) -> str:
    return checked_text(text, name=name, most=_MOST_CHARACTERS)
