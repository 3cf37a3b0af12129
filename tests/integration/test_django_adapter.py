"""A Django project has a table: its settings say which, and models mean it everywhere in the project."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import AsyncClient, Client, override_settings

from madmall_models import ConfigurationError, Database, User
from madmall_models.adapters.django import database
from tests.integration.django_project import HTML, JANE, project, project_on

NOWHERE = {"table": "mine", "endpoint": "http://127.0.0.1:1"}


@pytest.fixture
def site(db: Database, engine: Any, client: Any) -> Iterator[Client]:
    with project_on(db, engine, client):
        yield Client()


@pytest.fixture
def idle() -> Iterator[Client]:
    """Give a project whose table is not there: nothing may ask it."""
    with project(**NOWHERE):
        yield Client()


def test_a_model_in_a_view_means_the_table_of_the_settings(site: Client, db: Database) -> None:
    assert site.post("/users").content == b"u1"
    assert site.get("/users/u1").content == b"jane@example.com"
    assert db.users.get("u1").email == JANE["email"]


def test_a_model_outside_of_requests_means_it_too(site: Client, db: Database) -> None:
    User.objects.create(user_id="u2", **JANE)

    assert db.users.exists("u2")


def test_a_thread_that_a_view_starts_means_it_too(idle: Client) -> None:
    assert idle.get("/thread").content == b"mine"


def test_an_async_view_means_it_too(idle: Client) -> None:
    answer = asyncio.run(AsyncClient().get("/later"))

    assert answer.content == b"mine"


def test_a_sync_view_behind_an_async_server_means_it_too(idle: Client) -> None:
    answer = asyncio.run(AsyncClient().get("/table"))

    assert answer.content == b"mine"


def test_a_block_means_another_table(idle: Client) -> None:
    with Database(table="other").bound():
        assert database().table_name == "other"
    assert database().table_name == "mine"


def test_a_request_does_not_see_the_block_of_who_sent_it(idle: Client) -> None:
    with Database(table="other").bound():
        assert idle.get("/table").content == b"mine"


def test_settings_are_read_again_when_they_change(idle: Client) -> None:
    assert database().table_name == "mine"
    with override_settings(MADMALL={"table": "changed"}):
        assert database().table_name == "changed"
        assert idle.get("/table").content == b"changed"
    assert database().table_name == "mine"


def test_other_settings_leave_the_database_alone(idle: Client) -> None:
    before = database()
    with override_settings(DEBUG=True):
        assert database() is before


@pytest.mark.usefixtures("idle")
def test_one_database_serves_all_who_ask() -> None:
    assert database() is database()


def test_a_project_may_choose_the_database_of_each_request(idle: Client) -> None:
    with override_settings(MIDDLEWARE=["tests.integration.django_project.OneTableForEach"]):
        assert Client().get("/table", headers={"x-customer": "east"}).content == b"table-of-east"
        assert Client().get("/table", headers={"x-customer": "west"}).content == b"table-of-west"
        refused = Client().get("/table", headers={"x-customer": "unknown", **HTML})
        assert refused.status_code == 500
        assert b"HIV" not in refused.content
        later = asyncio.run(AsyncClient().get("/later", headers={"x-customer": "unknown", **HTML}))
        assert later.status_code == 500


def test_what_is_sent_while_it_is_made_means_the_database_of_its_request(idle: Client) -> None:
    with override_settings(MIDDLEWARE=["tests.integration.django_project.OneTableForEach"]):
        east = Client().get("/stream", headers={"x-customer": "east"}).streaming_content
        west = Client().get("/stream", headers={"x-customer": "west"}).streaming_content
        sent = [next(parts) for parts in (east, west, east, west)]
        assert sent == [b"table-of-east", b"table-of-west"] * 2
        assert database().table_name == "mine"


def test_what_is_sent_by_an_async_server_does_too(idle: Client) -> None:
    async def read() -> list[bytes]:
        answer = await AsyncClient().get("/stream-later", headers={"x-customer": "east"})
        return [part async for part in answer.streaming_content]

    with override_settings(MIDDLEWARE=["tests.integration.django_project.OneTableForEach"]):
        assert asyncio.run(read()) == [b"table-of-east"] * 2


def test_a_file_is_sent_as_it_is(idle: Client) -> None:
    answer = idle.get("/file")

    assert b"".join(answer.streaming_content) == b"a file"
    assert answer.headers["Content-Length"] == "6"


# -- what the settings say -----------------------------------------------------------------------------------------


def sources() -> dict[str, tuple[Any, str]]:
    return {name: (setting.value, setting.source) for name, setting in database().settings.items()}


def test_the_settings_win_over_the_environment_which_wins_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_TABLE", "of-the-environment")
    monkeypatch.setenv("MADMALL_TIMEOUT", "7")
    with project(table="of-the-settings", endpoint="http://127.0.0.1:1"):
        found = sources()

    assert found["table"] == ("of-the-settings", "settings.MADMALL")
    assert found["timeout"] == (7.0, "MADMALL_TIMEOUT")
    assert found["max_attempts"] == (3, "default")


def test_without_a_word_in_the_settings_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_TABLE", "of-the-environment")
    with project():
        assert sources()["table"] == ("of-the-environment", "MADMALL_TABLE")


def test_none_and_empty_texts_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_TABLE", "of-the-environment")
    with project(table=None, endpoint="", region=None):
        assert sources()["table"] == ("of-the-environment", "MADMALL_TABLE")


def test_numbers_may_be_texts_as_they_come_from_the_environment() -> None:
    with project(**NOWHERE, timeout="2.5", max_attempts="4"):
        assert (sources()["timeout"][0], sources()["max_attempts"][0]) == (2.5, 4)


def test_an_environment_gives_its_defaults() -> None:
    with project(environment="prod", cursor_keys=["secret"]):
        assert database().environment == "production"
        assert database().table_name == "madmall-prod-main"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tabel": "x"}, "MADMALL in the settings has no key 'tabel'; did you mean 'table'?"),
        ({"TABLE": "x"}, "did you mean 'table'?"),
        ({"cursor_key": ["x"]}, "did you mean 'cursor_keys'?"),
        ({"colour": "blue"}, "it takes table, region, endpoint"),
        ({"table": "mine", "timeout": "soon"}, "MADMALL['timeout'] must be a number"),
        ({"table": "mine", "timeout": -1}, "timeout is in seconds"),
        ({"table": "mine", "cursor_keys": "secret"}, "cursor_keys is a list of texts"),
        ({"environment": "prodction"}, "Did you mean production?"),
        ({}, "no table is named"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_meant(wrong: dict[str, Any], said: str) -> None:
    with project(**wrong), pytest.raises(ConfigurationError) as refused:
        database()
    assert said in str(refused.value)


def test_settings_that_are_no_dict_are_refused() -> None:
    with project(), override_settings(MADMALL=["table"]), pytest.raises(ConfigurationError, match="is a dict"):
        database()


def test_a_project_with_a_wrong_setting_starts_and_says_so_at_each_request() -> None:
    with project(tabel="x"):
        answer = Client().get("/table", headers=HTML)

    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert b"tabel" not in answer.content
