"""Businesses: listed by category, owner, verification and featuring, and measured by gauges."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import Business, Database, ValidationError, utc_now
from tests.integration.samples import NOON, make_business
from tests.integration.table_content import nothing_sent, nothing_written, places, raw

B1 = Business.key.of("b1")


def ids(businesses: Any) -> list[str]:
    return [business.business_id for business in businesses]


def test_a_business_is_stored_with_its_keys(db: Database) -> None:
    make_business(db, name="Rest & #1 Care", category="Day Spa", created_at=NOON)
    item = raw(db, B1)
    assert {name: wire["S"] for name, wire in item.items() if name.startswith("GSI")} == {
        "GSI1PK": "BUSINESS_CATEGORY#day spa",
        "GSI1SK": "NAME#rest & %231 care",
        "GSI2PK": "OWNER#u1",
        "GSI2SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI3PK": "BUSINESS_STATUS#ACTIVE",
        "GSI3SK": "UPDATED#2024-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#BUSINESSES",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert db.businesses.get("b1").category == "Day Spa"


@pytest.mark.defect(58)
def test_businesses_of_a_category_are_listed_by_name_in_any_spelling(db: Database) -> None:
    for number, name in enumerate(("zen", "Ärger", "alpha", "Beta")):
        make_business(db, f"b{number}", name=name, category="Spa")
    make_business(db, "b9", category="Food")
    assert ids(db.businesses.get_by_category(" SPA ")) == ["b2", "b3", "b0", "b1"]
    assert ids(db.businesses.get_by_category("spa").begins_with("Be")) == ["b3"]
    assert ids(db.businesses.get_by_category("spa").between("a", "c")) == ["b2", "b3"]
    assert ids(db.businesses.get_by_category("spa").until("beta")) == ["b2", "b3"]


def test_a_renamed_business_moves_in_its_list(db: Database) -> None:
    make_business(db, name="Zen")
    db.businesses.update("b1", profile={"name": "Alpha"}, category="Food")
    assert raw(db, B1)["GSI1SK"] == {"S": "NAME#alpha"}
    assert ids(db.businesses.get_by_category("general")) == []
    assert ids(db.businesses.get_by_category("food")) == ["b1"]
    assert db.businesses.get("b1").profile.contact.email == "contact@example.org"


def test_names_too_long_for_a_key_are_cut_in_the_key_only(db: Database) -> None:
    make_business(db, "b1", name="ü" * 2000)
    make_business(db, "b2", name="ü" * 1999 + "x")
    assert set(ids(db.businesses.get_by_category("general"))) == {"b1", "b2"}
    assert db.businesses.get("b1").profile.name == "ü" * 2000
    assert set(ids(db.businesses.get_by_category("general").begins_with("ü" * 300))) == {"b1", "b2"}


@pytest.mark.defect(58)
def test_businesses_are_listed_by_owner_and_status(db: Database) -> None:
    make_business(db, "b1", created_at=NOON)
    make_business(db, "b2", owner="u2", created_at=NOON + timedelta(days=1))
    make_business(db, "b3", status="suspended", created_at=NOON + timedelta(days=2))
    assert ids(db.businesses.get_by_owner("u1")) == ["b1", "b3"]
    assert ids(db.businesses.get_by_status("active")) == ["b1", "b2"]
    assert ids(db.businesses.get_by_status("ACTIVE")) == ["b1", "b2"]
    db.businesses.update("b1", owner_id="u2")
    assert set(ids(db.businesses.get_by_owner("u2"))) == {"b1", "b2"}


@pytest.mark.defect(58)
def test_featured_businesses_are_those_still_featured(db: Database) -> None:
    make_business(db, "b1", featured_until=utc_now() + timedelta(days=2))
    make_business(db, "b2", featured_until=utc_now() - timedelta(days=1))
    make_business(db, "b3", featured_until=utc_now() + timedelta(days=1))
    make_business(db, "b4", featured_until=utc_now() + timedelta(days=1), status="suspended")
    make_business(db, "b5")
    assert ids(db.businesses.get_featured_businesses()) == ["b3", "b1"]
    db.businesses.update("b3", status="suspended")
    assert ids(db.businesses.get_featured_businesses()) == ["b1"]
    assert not [place for place in places(db) if place.startswith("FEATURED") and "#b3" in place]


@pytest.mark.defect(58)
def test_verified_businesses_are_listed_by_time_of_verification(db: Database) -> None:
    make_business(db, "b1", verified_at=NOON)
    make_business(db, "b2", verified_at=NOON - timedelta(days=1))
    make_business(db, "b3")
    assert ids(db.businesses.get_verified_businesses()) == ["b2", "b1"]
    db.businesses.update("b2", verified_at=None)
    assert ids(db.businesses.get_verified_businesses()) == ["b1"]


def test_businesses_are_searched_by_all_criteria(db: Database) -> None:
    def contact(city: str) -> dict[str, Any]:
        return {"name": "Rest", "contact": {"email": "a@example.org", "address": {"city": city, "country": "US"}}}

    make_business(db, "b1", certifications=["black_owned"], specialties=["massage"], profile=contact("Atlanta"))
    make_business(db, "b2", certifications=["woman_owned"], type="fitness_studio", profile=contact("Macon"))
    make_business(db, "b3", certifications=["black_owned"], status="inactive", profile=contact("Atlanta"))

    def found(**criteria: Any) -> list[str]:
        return sorted(ids(db.businesses.search_businesses(**criteria)))

    assert found() == ["b1", "b2"]
    assert found(certifications=["black_owned", "woman_owned"]) == ["b1", "b2"]
    assert found(location={"city": "Atlanta", "country": "US"}) == ["b1"]
    assert found(type="fitness_studio") == ["b2"]
    assert found(specialties=["massage"], location={"city": "Macon"}) == []
    assert found(tenant_id="other") == []
    with pytest.raises(ValidationError, match="location takes city, state, country"):
        db.businesses.search_businesses(location={"town": "Atlanta"})


def test_each_criterion_of_a_search_narrows(db: Database) -> None:
    def profile(**address: str) -> dict[str, Any]:
        return {"name": "Rest", "contact": {"email": "a@example.org", "address": address}}

    make_business(
        db,
        "b1",
        type="nutrition_service",
        certifications=["black_owned", "woman_owned"],
        specialties=["thyroid"],
        cultural_competencies=["African American", "Latina"],
        profile=profile(city="Atlanta", state="GA", country="US"),
    )
    make_business(db, "b2", profile=profile(city="Atlanta", state="TX", country="US"))
    make_business(db, "b3")

    def found(**criteria: Any) -> list[str]:
        return sorted(ids(db.businesses.search_businesses(**criteria)))

    assert found() == ["b1", "b2", "b3"]
    for criteria in (
        {"type": "nutrition_service"},
        {"certifications": ["minority_owned", "woman_owned"]},
        {"specialties": ["thyroid", "sleep"]},
        {"cultural_competencies": ["Latina"]},
        {"location": {"state": "GA"}},
        {"type": "nutrition_service", "certifications": ["black_owned"], "location": {"city": "Atlanta"}},
    ):
        assert found(**criteria) == ["b1"]
    assert found(location={"city": "Atlanta"}) == found(location={"country": "US"}) == ["b1", "b2"]
    assert found(type="nutrition_service", location={"state": "TX"}) == []


def test_a_business_is_verified_once_and_then_active(db: Database) -> None:
    make_business(db, status="pending_verification")
    assert ids(db.businesses.search_businesses()) == []
    before = utc_now()
    verified = db.businesses.verify("b1")
    assert (verified.status, verified.verified_at >= before) == ("active", True)
    assert ids(db.businesses.get_verified_businesses()) == ids(db.businesses.search_businesses()) == ["b1"]
    with nothing_sent(db):
        assert db.businesses.verify("b1").verified_at == verified.verified_at
    make_business(db, "b2", status="suspended")
    assert db.businesses.verify("b2").status == "suspended"
    with nothing_written(db), pytest.raises(Business.DoesNotExist):
        db.businesses.verify("nothing")


def test_a_business_is_featured_until_a_moment(db: Database) -> None:
    make_business(db)
    until = utc_now() + timedelta(days=7)
    assert db.businesses.feature("b1", until=until).featured_until == until
    assert ids(db.businesses.get_featured_businesses()) == ["b1"]
    with nothing_sent(db):
        for wrong in (utc_now() - timedelta(days=1), until.replace(tzinfo=None), "soon", None):
            with pytest.raises(ValidationError, match="featured_until takes"):
                db.businesses.feature("b1", until=wrong)  # type: ignore[arg-type]
    db.businesses.feature("b1", until=until + timedelta(days=1))
    assert db.businesses.get_featured_businesses().count() == 1
    db.businesses.unfeature("b1")
    assert ids(db.businesses.get_featured_businesses()) == []
    assert not [place for place in places(db) if place.startswith("FEATURED")]


def test_figures_are_set_without_a_new_version(db: Database) -> None:
    make_business(db)
    db.businesses.update_metrics("b1", rating=4.5, review_count=10)
    db.businesses.update_metrics("b1", rating=Decimal("4.75"))
    metrics = db.businesses.get("b1").metrics
    assert (metrics.rating, metrics.review_count, metrics.trust_score) == (Decimal("4.75"), 10, Decimal(0))
    assert db.businesses.get("b1").version == 1
    with nothing_sent(db), pytest.raises(ValidationError):
        db.businesses.update_metrics("b1", stars=5)
    with pytest.raises(Business.DoesNotExist):
        db.businesses.update_metrics("nothing", rating=1)


def test_a_business_that_breaks_a_rule_is_refused(db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_business(db, profile={"name": "X", "contact": {"email": "nowhere"}, "website": "example"})
    assert set(refused.value.messages) == {"profile.name", "profile.contact.email", "profile.website"}
