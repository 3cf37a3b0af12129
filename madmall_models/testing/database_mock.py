"""Stand in for a database in tests that want no engine: every manager and method, each with its own signature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from inspect import isfunction
from typing import Any
from unittest.mock import DEFAULT, create_autospec

from madmall_models import binding
from madmall_models.connection.metrics import Recorder
from madmall_models.connection.operations import Connection
from madmall_models.database import Database, Health
from madmall_models.entity import Entity
from madmall_models.manager import Manager
from madmall_models.page import Page
from madmall_models.query import Query
from madmall_models.scan import Scan
from madmall_models.table_plan import TablePlan, TableSettings
from madmall_models.testing.factories import Factories
from madmall_models.testing.given_query import GivenQuery
from madmall_models.testing.mock_answers import answer_of
from madmall_models.testing.written_out import with_signature, written_out
from madmall_models.transaction import WriteTransaction

TABLE = "mock-database"
_ANSWERS_NOTHING = (
    "batch_write",
    "check_table",
    "close",
    "create_entity",
    "create_table",
    "delete_entity",
    "delete_table",
    "refresh_entity",
    "save_entity",
)
# What a database has without a call.
_FACTS = ("connection", "cursors", "environment", "settings", "table_name")


def mock_database() -> Any:
    """Return a mock of a :class:`~madmall_models.database.Database`, which has every manager that is declared by now.

    A method or an argument that the real one does not have fails, the names of an entity's fields among them. Each
    method answers in the shape of the real one until the test says something else by ``return_value`` or
    ``side_effect``: with a sample of the entity that has what the call gave (``get``, ``create``, ``update``), with
    None where the real one may find nothing, with False, 0 and empty lists. A lazy query is answered by
    ``db.circles.get_by_type.returns_items([...])``; without it, it finds nothing. ``with db.bound():`` lets
    ``User.objects`` and the queries of keys mean the mock.

    Nothing is sent anywhere, and no engine and no botocore client is needed.

    >>> db = mock_database()
    >>> db.users.create(user_id="u1", email="jane@example.com", profile={"first_name": "Jane", "last_name": "S."})
    <User user_id='u1' version=1>
    >>> db.users.create.assert_called_once()
    """
    return _MockMaker().database


class _SilentConnection(Connection):
    """A connection that nothing leaves by."""

    def call(self, operation: str, *_: Any, **__: Any) -> dict[str, Any]:
        raise AssertionError(f"a mock database sends nothing, and {operation} was asked for; give the method an answer")

    @property
    def client(self) -> Any:
        raise AssertionError("a mock database has no client")


class _MockMaker:
    """Make the mock of a database and, one by one, those of its managers."""

    def __init__(self) -> None:
        self._samples = Factories()
        self._managers: dict[type[Any], Any] = {}
        # It makes the queries that methods would return, which check what they are given.
        self._silent = Database(table=TABLE, endpoint="http://127.0.0.1:1", cursor_keys=[TABLE])
        self._silent.connection = _SilentConnection(self._silent.connection.settings, TABLE)
        collections = {name: binding.collection_manager(name) for name in binding.collection_names()}
        spec = type("Database", (Database,), dict.fromkeys([*_FACTS, *collections]))
        self.database = create_autospec(spec, instance=True, spec_set=True)
        self.database.configure_mock(**{name: getattr(self._silent, name) for name in _FACTS})
        self._answer_as_a_database()
        for name, manager in collections.items():
            # Every mock has a class of its own.
            setattr(type(self.database), name, _LateManager(self, name, manager))

    def manager_of(self, entity: type[Entity]) -> Any:
        """Return the mock of an entity's manager, the same each time."""
        if entity not in self._managers:
            self._managers[entity] = self._mock_of(binding.manager_class(entity) or Manager, entity)
        return self._managers[entity]

    # -- the database ----------------------------------------------------------------------------------------------

    def _answer_as_a_database(self) -> None:
        mock = self.database
        mock.health.return_value = Health(ok=True, table="ACTIVE", latency_ms=0.0)
        mock.metrics.return_value = Recorder().snapshot()
        mock.run.return_value = Page((), None, has_more=False)
        mock.read_only.return_value = mock
        mock.describe_table.return_value = {"TableName": TABLE, "TableStatus": "ACTIVE"}
        mock.diff_table.return_value = mock.apply_table.return_value = TablePlan(TABLE, TableSettings(), exists=True)
        for making in (mock.configure, mock.for_environment):
            _answer(making, self._configured)
        mock.bound.side_effect = lambda: binding.bound_to(mock)
        mock.manager_of.side_effect = self.manager_of
        for reading in (mock.batch_get, mock.read_transaction):
            _answer(reading, lambda keys, **_: [None for _ in keys])
        mock.transaction.return_value = transaction = create_autospec(WriteTransaction, instance=True)
        transaction.__enter__.return_value = transaction
        transaction.__exit__.return_value = False
        mock.scan.return_value = scan = create_autospec(Scan, instance=True)
        scan.__iter__.side_effect = lambda: iter(())
        for name in _ANSWERS_NOTHING:
            getattr(mock, name).return_value = None
        self._answer_with_items(mock.query_of, self._silent.query_of)

    def _configured(self, environment: str | None = None, **settings: Any) -> Any:
        """Return the mock, where the real one would take these settings."""
        Database(environment=environment, **{"table": TABLE, **settings}).close()
        return self.database

    # -- managers --------------------------------------------------------------------------------------------------

    def _mock_of(self, manager: Any, entity: type[Entity]) -> Any:
        real = manager(self._silent, entity)
        spec = _spec_of(manager, entity)
        mock = create_autospec(spec, instance=True, spec_set=True)
        # Past __setattr__, which would make the database a part of its manager.
        vars(mock).update(model=entity, entity=entity, collection=manager.collection, database=self.database)
        for name in _methods_of(manager):
            answer = answer_of(real, name, self._samples)
            if answer is Query:
                self._answer_with_items(getattr(mock, name), getattr(real, name))
            else:
                _answer(getattr(mock, name), answer)
        return mock

    def _answer_with_items(self, method: Any, asked: Callable[..., Query[Any]]) -> None:
        """Let a mocked method return the query that the real one returns, answered with given items."""
        given: list[Any] = []

        def returns_items(items: Iterable[Entity]) -> None:
            answer = list(items)
            if not all(isinstance(item, Entity) for item in answer):
                raise TypeError("a query returns entities; give returns_items() such as make_user.build() makes")
            given[:] = answer

        _answer(method, lambda *arguments, **fields: GivenQuery.of(asked(*arguments, **_present(fields)), tuple(given)))
        # Past __setattr__, which takes only what the method itself has.
        vars(method)["returns_items"] = returns_items


class _LateManager:
    """The mock of a manager, made when it is asked for: most tests need one or two of them."""

    def __init__(self, maker: _MockMaker, name: str, manager: Any) -> None:
        self._maker = maker
        self._name = name
        self._manager = manager
        self._made: Any = None

    def __get__(self, database: Any, owner: Any) -> Any:
        if self._made is None and database is not None:
            # By way of the mock, which then hears of the calls of its managers too.
            setattr(database, self._name, self._maker.manager_of(self._manager.entity))
        return self._made

    def __set__(self, database: Any, value: Any) -> None:
        self._made = value


def _methods_of(manager: type[Any]) -> list[str]:
    return [name for name in dir(manager) if not name.startswith("_") and isfunction(getattr(manager, name))]


@lru_cache(maxsize=256)
def _spec_of(manager: type[Any], entity: type[Entity]) -> type[Any]:
    """Return a class with the methods of a manager, their signatures written out; no manager, which would register."""
    methods = {name: getattr(manager, name) for name in _methods_of(manager)}
    spelled = {name: with_signature(method, written_out(method, entity)) for name, method in methods.items()}
    facts = dict.fromkeys(["model", "entity", "collection", "database"])
    return type(manager.__name__, (), {**spelled, **facts})


def _answer(method: Any, make: Callable[..., Any]) -> None:
    """Let a mocked method make its answer from its arguments, until the test gives a ``return_value``."""
    unset = method.return_value

    def answer(*arguments: Any, **keywords: Any) -> Any:
        return make(*arguments, **keywords) if method.return_value is unset else DEFAULT

    method.side_effect = answer


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
