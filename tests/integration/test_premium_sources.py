"""Premium sources: found by provider, switched on and off."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import AlreadyExists, Database, PremiumSource, ValidationError
from tests.integration.image_samples import make_source
from tests.integration.samples import NOON
from tests.integration.table_content import nothing_sent, nothing_written, places, raw


def ids(sources: Any) -> list[str]:
    return [source.source_id for source in sources]


@pytest.mark.defect(36)
def test_a_source_is_stored_with_its_keys(db: Database) -> None:
    make_source(db, created_at=NOON, quality_threshold=0.8, api_key_arn="arn:aws:secretsmanager:::secret:nappy")
    item = raw(db, PremiumSource.key.of("p1"))
    assert (item["GSI1PK"]["S"], item["GSI1SK"]["S"]) == ("PROVIDER#nappy", "CREATED#2024-11-22T12:00:00.000Z")
    assert item["qualityThreshold"] == {"N": "0.8"}
    source = db.sources.get("p1")
    assert (source.status, source.quality_threshold) == ("active", Decimal("0.8"))
    with nothing_written(db), pytest.raises(AlreadyExists):
        make_source(db)


@pytest.mark.defect(43)
def test_sources_are_listed_by_provider(db: Database) -> None:
    make_source(db, "p1", created_at=NOON + timedelta(days=1))
    make_source(db, "p2", created_at=NOON)
    make_source(db, "p3", provider="createher")
    assert ids(db.sources.get_by_provider("nappy")) == ["p2", "p1"]
    db.sources.update("p1", provider="createher")
    assert ids(db.sources.get_by_provider("nappy")) == ["p2"]
    assert set(ids(db.sources.get_by_provider("createher"))) == {"p1", "p3"}


@pytest.mark.defect(35)
def test_a_source_is_updated_by_its_id_and_merged(db: Database) -> None:
    make_source(db)
    db.sources.update("p1", license_defaults={"usage_restrictions": ["web only"]}, display_name="Nappy Stock")
    source = db.sources.get("p1")
    assert (source.display_name, source.version) == ("Nappy Stock", 2)
    assert source.license_defaults.license_type == "royalty_free"
    assert source.license_defaults.usage_restrictions == ["web only"]


def test_a_source_is_switched_off_and_on(db: Database) -> None:
    make_source(db)
    assert db.sources.deactivate("p1").status == "inactive"
    assert ids(db.sources.get_by_provider("nappy").filter(PremiumSource.status == "active")) == []
    assert db.sources.activate("p1").version == 3
    assert db.sources.activate("p1").version == 3
    for operation in (db.sources.activate, db.sources.deactivate):
        with nothing_written(db), pytest.raises(PremiumSource.DoesNotExist):
            operation("nothing")


def test_a_source_that_breaks_a_rule_is_refused(db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_source(db, provider="unsplash", display_name=" ")
    assert set(refused.value.messages) == {"provider", "displayName"}


def test_a_source_is_deleted(db: Database) -> None:
    make_source(db)
    db.sources.delete("p1")
    assert places(db) == []
