"""Count the items of an entity by a key that lists them; never by a scan that nobody asked for."""

from __future__ import annotations

from typing import Any

from madmall_models.attributes import EnumAttribute
from madmall_models.declaration import attribute_at
from madmall_models.errors import QueryError
from madmall_models.keys import IndexKey, PrimaryKey

_TENANT_INDEX = "GSI4"
_ALWAYS_THERE = frozenset(["created_at", "updated_at"])


def tenant_key(entity: Any) -> IndexKey | None:
    """Return the key that lists a tenant's items of an entity, None where there is none."""
    keys = (key for key in entity.keys.values() if isinstance(key, IndexKey))
    return next((key for key in keys if key.index_name == _TENANT_INDEX), None)


def count_all(manager: Any, tenant_id: str) -> int:
    """Return how many items of an entity a tenant has.

    Where no key lists them by tenant, one partition of the primary key may hold them all, or the partitions of a key
    that is made of one known word, which no item can lack; the other tenants' are read too, then.

    Raises:
        QueryError: no key lists them all.
    """
    entity = manager.model
    if tenant_key(entity) is not None:
        return int(manager.of_tenant(tenant_id).count())
    for key in entity.keys.values():
        partitions = _partitions(key)
        if partitions:
            queries = (manager.asking(key, **fields).filter(entity.tenant_id == tenant_id) for fields in partitions)
            return sum(query.count() for query in queries)
    raise _refusal(entity)


def _partitions(key: Any) -> list[dict[str, str]]:
    """Return the fields of every partition of a key where they can be told and no item is in none; else nothing."""
    names = key.partition.field_names
    if isinstance(key, PrimaryKey) and not names:
        return [{}]
    if not isinstance(key, IndexKey) or key.when is not None or len(names) != 1:
        return []
    attribute = attribute_at(key.entity, names[0])
    # An item that lacks a part of the sort key is not in the index.
    if not isinstance(attribute, EnumAttribute) or set(key.sort.field_names) - _ALWAYS_THERE:
        return []
    if attribute.null or not attribute.strict:
        return []
    return [{names[0]: word} for word in (*attribute.choices, *attribute.read_only)]


def _refusal(entity: Any) -> QueryError:
    asked = [key for key in entity.keys.values() if isinstance(key, PrimaryKey | IndexKey)]
    fields = [[name.replace(".", "_") for name in key.partition.field_names] for key in asked]
    usable = "; ".join(f"count({', '.join(f'{name}=...' for name in names)})" for names in fields if names)
    return QueryError(
        f"no key lists every {entity.__name__}, so all of them cannot be counted by one: use {usable}; or "
        f"db.scan({entity.__name__}).count(), which reads the whole table"
    )
