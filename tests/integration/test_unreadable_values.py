"""What another program stored in a form of its own is left aside in reading, and never lost by what builds on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from madmall_models import (
    AdvisoryReview,
    Circle,
    CohortMembership,
    Database,
    Image,
    Incident,
    MadMallError,
    Personalization,
    Unreadable,
    User,
)
from madmall_models.integrity import check
from madmall_models.keys import ItemKey
from tests.integration.image_samples import make_image, make_incident
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import edit, nothing_written, raw

Wire = dict[str, Any]
REVIEW, INCIDENT, IMAGE = AdvisoryReview.key.of("r1"), Incident.key.of("n1"), Image.key.of("i1")
PROFILE, CIRCLE = Personalization.key.of("u1"), Circle.key.of("c1")
ALERT: Wire = {"M": {"type": {"S": "escalation"}, "channel": {"S": "sms"}}}
EXPERIMENT: Wire = {"M": {"experimentId": {"S": "e1"}, "variant": {"S": "A"}}}


def vote_of(reviewer: Wire) -> Wire:
    return {"M": {"reviewerId": reviewer, "decision": {"S": "approve"}, "rationale": {"S": "It fits."}}}


def vote(db: Database, reviewer: str) -> AdvisoryReview:
    return db.reviews.add_decision("r1", reviewer_id=reviewer, decision="reject", rationale="It does not.")


@pytest.fixture
def world(db: Database) -> Database:
    """Give a table with one of each that has a list or a map to build on."""
    make_user(db)
    make_circle(db)
    make_image(db)
    make_incident(db)
    db.images.mark_status("i1", "flagged", "a note")
    db.images.record_usage("i1", "home.hero")
    db.incidents.escalate("n1", 1)
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1")
    vote(db, "first")
    db.personalization.upsert_for_user(
        "u1", cohorts=["early", "late"], ab_tests=[{"experiment_id": "e1", "variant": "A"}]
    )
    return db


Case = tuple[ItemKey, str, Wire, Callable[[Database], Any]]
CASES: Mapping[str, Case] = {
    "a vote beside one that is none": (
        REVIEW, "decisions", {"L": [vote_of({"S": "first"}), {"NULL": True}]}, lambda db: vote(db, "second"),
    ),
    "a second vote beside one that is none": (
        REVIEW, "decisions", {"L": [vote_of({"S": "first"}), {"S": "legacy"}]}, lambda db: vote(db, "first"),
    ),
    "a vote beside one of nobody knows whom": (
        REVIEW, "decisions", {"L": [vote_of({"N": "1"})]}, lambda db: vote(db, "second"),
    ),
    "a vote where nobody knows how many decide": (
        REVIEW, "consensus", {"M": {"requiredVotes": {"S": "five"}}}, lambda db: vote(db, "second"),
    ),
    "a status of a review whose votes are unknown": (
        REVIEW, "decisions", {"S": "none"}, lambda db: db.reviews.update_status("r1", "queued"),
    ),
    "an alert": (
        INCIDENT, "alerts", {"L": [ALERT, {"S": "legacy"}]},
        lambda db: db.incidents.add_alert("n1", type="escalation", channel="sms"),
    ),
    "an escalation beside a text": (
        INCIDENT, "escalation", {"S": "2"}, lambda db: db.incidents.escalate("n1", 1),
    ),
    "an escalation from a level that is a text": (
        INCIDENT, "escalation", {"M": {"level": {"S": "2"}}}, lambda db: db.incidents.escalate("n1", 1),
    ),
    "an escalation over a moment that is none": (
        INCIDENT, "escalation", {"M": {"level": {"N": "1"}, "onCallNotifiedAt": {"S": "noon"}}},
        lambda db: db.incidents.escalate("n1", 2),
    ),
    "a note": (
        IMAGE, "validation", {"M": {"issues": {"L": [{"S": "a note"}, {"NULL": True}]}}},
        lambda db: db.images.mark_status("i1", "flagged", "another"),
    ),
    "an audit": (
        IMAGE, "validation", {"S": "passed"},
        lambda db: db.images.mark_validated("i1", cultural_score=1, sensitivity_score=1, inclusivity_score=1),
    ),
    "a context": (
        IMAGE, "#usage", {"M": {"contexts": {"SS": ["home.hero"]}}}, lambda db: db.images.record_usage("i1", "start"),
    ),
    "a cohort that is entered": (
        PROFILE, "cohorts", {"SS": ["early", "late"]},
        lambda db: db.personalization.enter_cohort(CohortMembership(user_id="u1", cohort_id="third")),
    ),
    "a cohort that is left": (
        PROFILE, "cohorts", {"L": [{"S": "early"}, {"NULL": True}]},
        lambda db: db.personalization.leave_cohort("u1", "early"),
    ),
    "an experiment": (
        PROFILE, "abTests", {"L": [EXPERIMENT, {"S": "legacy"}]},
        lambda db: db.personalization.upsert_for_user("u1", ab_tests=[{"experiment_id": "e2", "variant": "B"}]),
    ),
    "an experiment beside one of no known name": (
        PROFILE, "abTests", {"L": [{"M": {"experimentId": {"N": "1"}}}]},
        lambda db: db.personalization.upsert_for_user("u1", ab_tests=[{"experiment_id": "e2", "variant": "B"}]),
    ),
    "preferences": (
        PROFILE, "preferences", {"S": "none"},
        lambda db: db.personalization.upsert_for_user("u1", preferences={"avoid_tags": ["needles"]}),
    ),
    "a part of a map": (
        User.key.of("u1"), "profile", {"S": "Jane"}, lambda db: db.users.update_profile("u1", bio="A gardener."),
    ),
    "a part of a map in a map": (
        User.key.of("u1"), "profile", {"M": {"firstName": {"S": "Jane"}, "lastName": {"S": "Smith"},
                                             "location": {"S": "Atlanta"}}},
        lambda db: db.users.update_profile("u1", location={"state": "GA"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_read_is_not_written_over(case: str, world: Database) -> None:
    key, name, wire, operation = CASES[case]
    edit(world, key, f"SET {name} = :odd", odd=wire)
    with nothing_written(world), pytest.raises(Unreadable, match=r"repair the stored item") as refused:
        operation(world)
    assert str(refused.value).startswith(f"{key.entity.__name__}.") or "location" in refused.value.field
    assert isinstance(refused.value, MadMallError)
    assert not {"legacy", "Jane", "Atlanta"} & set(str(refused.value).split())


def test_what_is_stored_as_nothing_is_built_on(world: Database) -> None:
    for key, name in ((INCIDENT, "alerts"), (INCIDENT, "escalation"), (PROFILE, "cohorts"), (PROFILE, "abTests")):
        edit(world, key, f"SET {name} = :nothing", nothing={"NULL": True})
    assert len(world.incidents.add_alert("n1", type="escalation", channel="sms").alerts) == 1
    assert world.incidents.escalate("n1", 1).escalation.level == 1
    assert len(world.personalization.upsert_for_user("u1", ab_tests=[{"experiment_id": "e2"}]).ab_tests) == 1


def test_what_a_vote_holds_beside_reviewer_and_decision_may_be_anything_and_stays(world: Database) -> None:
    stored = vote_of({"S": "first"})
    stored["M"] |= {"decidedAt": {"N": "5"}, "mood": {"SS": ["good"]}}
    edit(world, REVIEW, "SET decisions = :odd", odd={"L": [stored]})
    vote(world, "second")
    assert raw(world, REVIEW)["decisions"]["L"][0] == stored


def test_what_cannot_be_read_is_replaced_by_whoever_gives_the_whole_of_it(world: Database) -> None:
    edit(world, PROFILE, "SET cohorts = :odd", odd={"SS": ["early", "late"]})
    assert world.personalization.upsert_for_user("u1", cohorts=["late"]).cohorts == ["late"]
    edit(world, User.key.of("u1"), "SET settings = :odd", odd={"S": "dark"})
    user = world.users.get("u1")
    user.settings = {"theme": "dark"}
    user.save()
    assert world.users.get("u1").settings.theme == "dark"
    assert check(world) == ()


@pytest.mark.parametrize("change", ["a new one", "one less", "a deletion", "a transfer"])
def test_moderators_that_cannot_be_read_follow_from_the_roles_again(change: str, world: Database) -> None:
    for user in ("alpha", "beta", "gamma"):
        make_user(world, user)
        world.circles.add_member("c1", user, role="moderator")
    edit(world, CIRCLE, "SET moderators = :odd", odd={"L": [{"S": "alpha"}, {"NULL": True}]})
    if change == "a new one":
        make_user(world, "delta")
        world.circles.add_member("c1", "delta", role="moderator")
        assert world.circles.get("c1").moderators == ["alpha", "beta", "gamma", "delta"]
    elif change == "one less":
        world.circles.update_member_role("c1", "beta", "member")
        assert world.circles.get("c1").moderators == ["alpha", "gamma"]
    elif change == "a deletion":
        world.users.delete("beta")
        assert world.circles.get("c1").moderators == ["alpha", "gamma"]
    else:
        world.circles.transfer_ownership("c1", to="alpha", keep_as="moderator")
        assert world.circles.get("c1").moderators == ["beta", "gamma", "u1"]
    assert check(world) == ()
    world.circles.delete("c1")
    assert check(world) == ()
