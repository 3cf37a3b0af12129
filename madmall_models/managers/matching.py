"""Put conditions together for searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import ValidationError

_MOST = 50


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
    wanted = list(dict.fromkeys(texts))
    if any(not isinstance(text, str) or not text for text in wanted):
        raise ValidationError(f"{name} takes a list of texts; one of them is empty or no text")
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
    if not isinstance(parts, Mapping) or not all(isinstance(text, str) for text in parts.values()):
        raise ValidationError(f"{name} takes a map of texts: {', '.join(known)}")
    unknown = set(parts) - set(known)
    if unknown:
        raise ValidationError(f"{name} takes {', '.join(known)}; {len(unknown)} other given")
    return parts
