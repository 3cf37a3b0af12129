"""Which database is meant: the bound one here, the configured one elsewhere, never another thread's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from madmall_models import Circle, ConfigurationError, Database, User, binding
from madmall_models.managers import CircleManager, UserManager


@pytest.fixture(autouse=True)
def nothing_is_configured() -> Iterator[None]:
    before = list(binding._configured)
    binding.set_default(None)
    yield
    binding.set_default(before[0] if before else None)


def table() -> str:
    """Return the table that is meant here."""
    name: str = User.objects.database.table_name
    return name


def test_without_a_database_the_error_says_how_to_get_one() -> None:
    with pytest.raises(ConfigurationError, match=r"no database is bound here; call Database\.configure") as refused:
        table()
    assert "A new thread does not inherit the block" in str(refused.value)


def test_a_configured_database_is_meant_everywhere() -> None:
    Database.configure(table="configured")
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(table()))
    thread.start()
    thread.join()
    assert [table(), *seen] == ["configured", "configured"]


def test_the_last_configuration_counts() -> None:
    Database.configure(table="first")
    database = Database.configure("dev", table="second")
    assert table() == "second"
    assert database.environment == "development"


def test_a_block_replaces_the_configured_database_and_gives_it_back() -> None:
    Database.configure(table="configured")
    with Database(table="outer").bound():
        assert table() == "outer"
        with Database(table="inner").bound():
            assert table() == "inner"
        assert table() == "outer"
    assert table() == "configured"


def test_a_block_that_raises_gives_it_back_too() -> None:
    Database.configure(table="configured")
    with pytest.raises(ZeroDivisionError), Database(table="bound").bound():
        raise ZeroDivisionError
    assert table() == "configured"


def test_what_was_configured_before_a_test_is_configured_after_it() -> None:
    before = Database.configure(table="table-one")
    with binding.configured_as(Database(table="table-two")):
        assert table() == "table-two"
        Database.configure(table="table-three")
        assert table() == "table-three"
    assert binding.current_database() is before


def test_a_block_is_of_its_thread_only() -> None:
    seen: dict[str, str] = {}
    both_are_bound = threading.Barrier(2)

    def work(name: str) -> None:
        with Database(table=name).bound():
            both_are_bound.wait()
            seen[name] = table()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"one": "one", "two": "two"}


def test_a_new_thread_does_not_inherit_a_block() -> None:
    refused: list[bool] = []

    def work() -> None:
        try:
            table()
        except ConfigurationError:
            refused.append(True)

    with Database(table="bound").bound():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert refused == [True]


def test_tasks_are_apart() -> None:
    async def work(name: str) -> str:
        with Database(table=name).bound():
            await asyncio.sleep(0)
            return table()

    async def both() -> list[str]:
        return list(await asyncio.gather(work("one"), work("two")))

    assert asyncio.run(both()) == ["one", "two"]


def test_managers_of_a_database_never_look_at_the_block() -> None:
    mine = Database(table="mine")
    with Database(table="other").bound():
        assert mine.users.database is mine
        assert mine.circles.get_by_type("support_group").database is mine
        assert User.objects.database.table_name == "other"


def test_a_query_of_a_key_means_the_database_where_it_is_made() -> None:
    with Database(table="here").bound():
        query = Circle.by_type.query(type="support_group")
    with Database(table="there").bound():
        assert query.database.table_name == "here"


def test_objects_and_the_database_s_own_manager_are_of_the_same_class() -> None:
    database = Database(table="mine")
    with database.bound():
        assert User.objects is database.users
        assert type(Circle.objects) is CircleManager
        assert type(database.users) is UserManager


def test_a_misspelt_manager_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(AttributeError, match=r"a database has no 'user'; its managers are .*circles.*users"):
        _ = Database(table="mine").user


@pytest.fixture
def request_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], binding.Surroundings]:
    """Return a function that begins a request of an application with this table, as a framework would say it."""
    requests: list[binding.Surroundings] = []
    monkeypatch.setattr(binding, "_finders", [])
    binding.register_surroundings(lambda: requests[-1] if requests else None)

    def begin(table: str) -> binding.Surroundings:
        requests.append(binding.Surroundings(object(), Database(table=table)))
        return requests[-1]

    return begin


def test_the_surroundings_of_a_framework_say_what_is_meant(request_of: Callable[[str], binding.Surroundings]) -> None:
    Database.configure(table="configured")
    assert table() == "configured"
    request_of("application")
    assert table() == "application"


def test_a_block_inside_of_the_surroundings_is_meant_rather(request_of: Callable[[str], binding.Surroundings]) -> None:
    request_of("application")
    with Database(table="block").bound():
        assert table() == "block"
    assert table() == "application"


def test_a_block_outside_of_the_surroundings_does_not_reach_into_them(
    request_of: Callable[[str], binding.Surroundings],
) -> None:
    request_of("first")
    with Database(table="block").bound():
        request_of("second")
        assert table() == "second"
