"""``manage.py check`` says what is wrong with the settings, and with --deploy what is wrong with the table."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks
from django.test import override_settings

from madmall_models import Database
from tests.integration.django_project import project, project_on

NOWHERE = {"table": "mine", "endpoint": "http://127.0.0.1:1", "max_attempts": 1}


def found(*, deploy: bool = False) -> list[str]:
    """Return the ids of what the checks find."""
    return [str(message.id) for message in checks.run_checks(tags=["madmall"], include_deployment_checks=deploy)]


def test_sound_settings_find_nothing_and_ask_nobody() -> None:
    with project(**NOWHERE):
        assert found() == []


def test_a_wrong_setting_is_an_error_with_the_near_miss() -> None:
    with project(tabel="x"):
        [message] = checks.run_checks(tags=["madmall"])

    assert message.id == "madmall.E001"
    assert "did you mean 'table'?" in message.msg


def test_a_wrong_setting_is_said_once() -> None:
    with project(tabel="x"):
        assert found(deploy=True) == ["madmall.E001"]


def test_production_without_cursor_keys_is_an_error_at_each_start() -> None:
    with project(environment="production", endpoint="http://127.0.0.1:1"):
        assert found() == ["madmall.E002"]


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_production_with_cursor_keys_is_sound(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"cursor_keys": ["secret"]} if where == "settings" else {}
    if where == "environment":
        monkeypatch.setenv("MADMALL_CURSOR_KEYS", "secret")
    with project(environment="production", endpoint="http://127.0.0.1:1", **given):
        assert found() == []


def test_a_project_without_the_middleware_is_warned() -> None:
    with project(**NOWHERE), override_settings(MIDDLEWARE=["django.middleware.common.CommonMiddleware"]):
        assert found() == ["madmall.W001"]


def test_a_misspelt_middleware_is_a_missing_one() -> None:
    with project(**NOWHERE), override_settings(MIDDLEWARE=["madmall_models.adapters.django.MadMallMidleware"]):
        assert found() == ["madmall.W001"]


def test_a_middleware_of_its_own_that_derives_from_ours_will_do() -> None:
    with project(**NOWHERE), override_settings(MIDDLEWARE=["tests.integration.django_project.OneTableForEach"]):
        assert found() == []


def test_a_table_that_cannot_be_asked_is_an_error_before_deployment() -> None:
    with project(**NOWHERE, cursor_keys=["secret"]):
        assert found(deploy=True) == ["madmall.E005"]


def test_a_table_as_it_should_be_finds_nothing(db: Database, engine: Any, client: Any) -> None:
    db.create_table()
    with project_on(db, engine, client, cursor_keys=["secret"]):
        assert found(deploy=True) == []


def test_no_cursor_keys_are_a_warning_before_deployment(db: Database, engine: Any, client: Any) -> None:
    db.create_table()
    with project_on(db, engine, client):
        assert found(deploy=True) == ["madmall.W002"]
        assert found() == []


def test_a_table_that_is_not_there_is_an_error(db: Database, engine: Any, client: Any) -> None:
    db.delete_table()
    with project_on(db, engine, client, cursor_keys=["secret"]):
        [message] = checks.run_checks(tags=["madmall"], include_deployment_checks=True)

    assert message.id == "madmall.E003"
    assert "manage.py madmall_table create" in str(message.hint)


def test_a_table_with_other_keys_is_an_error(db: Database, engine: Any, client: Any) -> None:
    db.delete_table()
    request = {
        "TableName": db.table_name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    db.connection.call("CreateTable", request)
    with project_on(db, engine, client, cursor_keys=["secret"]):
        [message] = checks.run_checks(tags=["madmall"], include_deployment_checks=True)

    assert message.id == "madmall.E004"
    assert "it has no index GSI1" in message.msg


def test_a_table_that_keeps_what_expired_is_a_warning(db: Database, engine: Any, client: Any) -> None:
    # The fixture leaves the time to live off.
    with project_on(db, engine, client, cursor_keys=["secret"]):
        assert found(deploy=True) == ["madmall.W003"]
