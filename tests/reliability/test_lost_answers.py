"""A lost answer never doubles a count, never looks like a conflict and never invents an item."""

from __future__ import annotations

import dataclasses

import pytest

from madmall_models import Business, Database, OutcomeUnknown, User
from madmall_models.connection import retry
from madmall_models.integrity import check
from tests.reliability.faulty_client import (
    conflicted,
    dropped_before,
    failed_after,
    lost_after,
    throttled,
    with_faults,
)

pytestmark = pytest.mark.difference("tokens")


@pytest.fixture
def patient(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return the database with ten attempts and no waiting between them."""
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)
    monkeypatch.setattr("madmall_models.connection.call.time.sleep", lambda seconds: None)
    db.connection.settings = dataclasses.replace(db.connection.settings, max_attempts=10)
    return db


def create_user(db: Database, user_id: str) -> User:
    profile = {"first_name": "A", "last_name": "B"}
    return db.users.create(user_id=user_id, email=f"{user_id}@example.com", profile=profile)


def create_business(db: Database) -> Business:
    profile = {"name": "Calm", "contact": {"email": "calm@example.com"}}
    return db.businesses.create(business_id="calm", owner_id="o", profile=profile)


@pytest.mark.parametrize("seed", range(3))
def test_every_increment_counts_once_however_many_answers_are_lost(patient: Database, seed: int) -> None:
    create_user(patient, "u1")
    faulty = with_faults(patient, lost_after, failed_after, dropped_before, throttled, share=0.3, seed=seed)

    for _ in range(100):
        patient.users.increment_stats("u1", helpful_votes=1)

    assert faulty.injected > 20
    assert patient.users.get("u1", consistent=True).stats.helpful_votes == 100


def test_a_lone_writer_never_meets_a_version_conflict_when_answers_are_lost(patient: Database) -> None:
    business = create_business(patient)
    faulty = with_faults(patient, lost_after, failed_after, share=0.25, seed=7)

    for number in range(100):
        business.profile.mission = f"mission {number}"
        business.save()

    assert faulty.injected > 15
    stored = patient.businesses.get("calm", consistent=True)
    assert (stored.version, stored.profile.mission) == (101, "mission 99")


def test_a_creation_whose_answer_was_lost_is_no_duplicate(patient: Database) -> None:
    faulty = with_faults(patient, lost_after, share=0.5, seed=3)

    for number in range(20):
        create_user(patient, f"u{number}")
    create_business(patient)

    assert faulty.injected > 5
    assert check(patient) == ()


def test_a_deletion_whose_answer_was_lost_is_no_missing_item(patient: Database) -> None:
    business = create_business(patient)
    faulty = with_faults(patient, lost_after, share=1.0, only={"delete_item"})
    faulty._chance.random = iter([0.0, 1.0]).__next__  # type: ignore[method-assign]

    business.delete()

    assert faulty.injected == 1
    assert patient.businesses.get_or_none("calm") is None


def test_memberships_stay_whole_under_faults(patient: Database) -> None:
    for number in range(6):
        create_user(patient, f"u{number}")
    patient.circles.create(circle_id="c", name="Circle", description="-", type="support_group", created_by="u0")
    faulty = with_faults(patient, lost_after, failed_after, dropped_before, throttled, conflicted, share=0.2, seed=5)

    for _ in range(4):
        for number in range(1, 6):
            patient.circles.add_member("c", f"u{number}")
        patient.circles.transfer_ownership("c", to="u3")
        patient.circles.transfer_ownership("c", to="u0")
        for number in range(1, 6):
            patient.circles.remove_member("c", f"u{number}")

    assert faulty.injected > 20
    assert check(patient) == ()
    assert patient.circles.get("c").stats.member_count == 1


def test_a_write_whose_every_answer_is_lost_says_that_its_outcome_is_unknown(patient: Database) -> None:
    create_user(patient, "u1")
    with_faults(patient, lost_after, share=1.0, only={"transact_write_items"})

    with pytest.raises(OutcomeUnknown, match="may or may not have been applied"):
        patient.users.increment_stats("u1", helpful_votes=1)


def test_a_read_whose_answer_is_spoilt_is_never_taken_for_a_missing_item(patient: Database) -> None:
    create_user(patient, "u1")
    faulty = with_faults(patient, lost_after, dropped_before, failed_after, share=0.5, seed=11)

    for _ in range(50):
        assert patient.users.get("u1").user_id == "u1"

    assert faulty.injected > 15
