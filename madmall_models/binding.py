"""Know which database is meant, and which manager belongs to which entity.

Keys and entities stand below :mod:`madmall_models.database`; this module holds the small protocol that they call,
which the database implements and registers. Nothing else looks upwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from madmall_models.errors import ConfigurationError, DeclarationError


class BoundDatabase(Protocol):
    """What a key or an entity asks of the database that is bound."""

    def query_of(self, key: Any, fields: Mapping[str, Any]) -> Any:
        """Return a lazy query of a key."""

    def manager_of(self, entity: type[Any]) -> Any:
        """Return the manager of an entity class, bound to this database."""

    def create_entity(self, entity: Any) -> None:
        """Write a new entity."""

    def save_entity(self, entity: Any) -> None:
        """Write what changed since the entity was loaded."""

    def delete_entity(self, entity: Any) -> None:
        """Delete an entity as it was loaded."""

    def refresh_entity(self, entity: Any) -> None:
        """Read an entity again."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Say in what a framework runs the code that asks, such as one request.

    Attributes:
        place: tells these surroundings from others: the same object for as long as they last.
        database: the database that is meant there.
    """

    place: object
    database: BoundDatabase


@dataclass(frozen=True, eq=False)
class _Block:
    database: BoundDatabase
    place: object | None


_bound: ContextVar[_Block | None] = ContextVar("madmall_models_database", default=None)
_lock = threading.Lock()
_finders: list[Callable[[], Surroundings | None]] = []
_configured: list[BoundDatabase] = []
_stand_ins: list[BoundDatabase] = []
_managers: dict[str, type[Any]] = {}
_collections: dict[str, type[Any]] = {}


def current_database() -> BoundDatabase:
    """Return the database of the innermost block or surroundings of a framework, else the configured one.

    Raises:
        ConfigurationError: there is none of them.
    """
    block, around = _bound.get(), _surroundings()
    # A block that was opened outside of these surroundings, perhaps by another application, is not meant in them.
    if around is not None and (block is None or block.place is not around.place):
        return around.database
    if block is not None:
        return block.database
    if _configured:
        return _configured[0]
    raise ConfigurationError(
        "no database is bound here; call Database.configure(...) at start, or use `with database.bound():`. "
        "A new thread does not inherit the block: bind again, or use the managers of a Database"
    )


def set_default(database: BoundDatabase | None) -> None:
    """Make ``database`` the one that is meant outside of any block."""
    with _lock:
        _configured[:] = [] if database is None else [database]


@contextmanager
def configured_as(database: BoundDatabase) -> Iterator[None]:
    """Make ``database`` the one that is meant outside of any block, in every thread; for tests.

    It stands in for the one that the settings of a framework describe, too. At the end the one that was meant before is
    meant again, whatever was configured meanwhile.
    """
    before = _configured[0] if _configured else None
    set_default(database)
    _stand_ins.append(database)
    try:
        yield
    finally:
        _stand_ins.remove(database)
        set_default(before)


def stand_in() -> BoundDatabase | None:
    """Return the database that a test put in the place of the configured one, None outside of such a test."""
    return _stand_ins[-1] if _stand_ins else None


@contextmanager
def bound_to(database: BoundDatabase) -> Iterator[None]:
    """Mean ``database`` within the block, in this thread or task only."""
    around = _surroundings()
    token = _bound.set(_Block(database, None if around is None else around.place))
    try:
        yield
    finally:
        _bound.reset(token)


def register_surroundings(find: Callable[[], Surroundings | None]) -> None:
    """Let a framework say in what the code that asks is run; ``find`` returns None outside of it. Safe to repeat."""
    with _lock:
        if find not in _finders:
            _finders.append(find)


def _surroundings() -> Surroundings | None:
    return next((found for find in _finders if (found := find()) is not None), None)


def register_manager(entity: type[Any], manager: type[Any], collection: str | None) -> None:
    """Make ``manager`` the manager of ``entity``, and ``collection`` its name on a database.

    Raises:
        DeclarationError: another entity's manager has this collection name.
    """
    if collection is not None:
        other = _collections.get(collection)
        if other is not None and other.entity.discriminator != entity.discriminator:
            raise DeclarationError(
                f"{manager.__name__}: db.{collection} is already {other.__name__}; choose another name"
            )
        _collections[collection] = manager
    _managers[entity.discriminator] = manager


def manager_class(entity: type[Any]) -> type[Any] | None:
    """Return the manager class registered for an entity, or None."""
    return _managers.get(entity.discriminator)


def collection_manager(name: str) -> type[Any] | None:
    """Return the manager class that stands under ``name`` on a database, or None."""
    return _collections.get(name)


def collection_names() -> tuple[str, ...]:
    """Return the names of all managers on a database, sorted."""
    return tuple(sorted(_collections))
