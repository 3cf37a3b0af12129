"""How an application connects. Each block is one that the documents show."""

from __future__ import annotations

from typing import Any

import pytest

import madmall_models
from madmall_models import Circle, ConfigurationError, Database, Provisioned, User, binding


@pytest.fixture(autouse=True)
def nothing_stays_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "_configured", [])


def test_an_environment() -> None:
    db = Database.for_environment("production")
    assert db.table_name == "madmall-prod-main"


def test_a_table_of_ones_own_choice() -> None:
    db = Database(
        table="custom-table",
        region="us-west-2",
        endpoint="http://localhost:8000",
        max_attempts=5,
        timeout=5.0,
        max_connections=100,
    )
    assert db.table_name == "custom-table"
    db.close()


def test_the_table(db: Database) -> None:
    db.create_table(wait=True)
    db.create_table(wait=True, billing=Provisioned(5, 5))
    health = db.health()
    assert health.ok
    assert health.table == "ACTIVE"
    assert health.reasons == ()
    assert health.latency_ms > 0


def test_figures(db: Database) -> None:
    db.users.get_or_none("user123")
    metrics = db.metrics()
    assert (metrics.in_flight, metrics.total, metrics.succeeded, metrics.failed, metrics.retried) == (0, 1, 1, 0, 0)
    assert metrics.average_latency_ms > 0
    assert metrics.operations["GetItem"].calls == 1
    assert metrics.operations["GetItem"].p50_ms <= metrics.operations["GetItem"].p99_ms


@pytest.mark.defect(94)
def test_managers(db: Database) -> None:
    managers = (db.users, db.circles, db.stories, db.businesses, db.resources)
    assert [manager.model.__name__ for manager in managers] == ["User", "Circle", "Story", "Business", "Resource"]


def test_a_process_wide_default_and_a_block(db: Database, engine: Any) -> None:
    with pytest.raises(ConfigurationError):
        _ = User.objects
    Database.configure(table=db.table_name, **engine.connection_settings())
    assert User.objects.get_or_none("user123") is None
    with Database(table="another-table").bound():
        assert Circle.objects.database.table_name == "another-table"
    assert Circle.objects.database.table_name == db.table_name


@pytest.mark.defect(94)
def test_every_public_name_can_be_imported() -> None:
    for name in madmall_models.__all__:
        assert getattr(madmall_models, name) is not None
