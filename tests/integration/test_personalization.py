"""Personalization: one profile for each user, merged block by block; figures that are counted apart."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Database,
    Personalization,
    User,
    ValidationError,
    VersionConflict,
    stats_incremented,
)
from madmall_models.integrity import check
from tests.integration.samples import NOON, make_user
from tests.integration.table_content import edit, everything, mark_as_leaving, nothing_sent, nothing_written, raw

U1 = Personalization.key.of("u1")
LATER = NOON.replace(hour=13)


@pytest.fixture(autouse=True)
def user(db: Database) -> None:
    make_user(db)


def experiment(experiment_id: str, **fields: Any) -> dict[str, Any]:
    return {"experiment_id": experiment_id, "variant": "A", "started_at": NOON, **fields}


# -- making and merging --------------------------------------------------------------------------------------------


@pytest.mark.defect(90)
def test_the_first_upsert_makes_a_profile_with_its_required_blocks(db: Database) -> None:
    made = db.personalization.upsert_for_user("u1", preferences={"image_styles": ["studio"]})

    assert (made.version, made.preferences.image_styles) == (1, ["studio"])
    assert db.personalization.get_for_user("u1") == made
    stored = raw(db, U1)
    assert stored["entityType"] == {"S": "PERSONALIZATION"}
    assert stored["engagement"]["M"]["impressions"] == stored["engagement"]["M"]["clicks"] == {"N": "0"}


def test_an_upsert_of_nothing_makes_a_profile_with_its_required_blocks(db: Database) -> None:
    db.personalization.upsert_for_user("u1")
    assert {"preferences", "engagement"} <= set(raw(db, U1))
    with nothing_written(db):
        assert db.personalization.upsert_for_user("u1").version == 1


@pytest.mark.defect(90)
def test_preferences_are_merged_and_raise_the_version(db: Database) -> None:
    db.personalization.upsert_for_user("u1", preferences={"avoid_tags": ["needles"], "image_styles": ["studio"]})
    changed = db.personalization.upsert_for_user("u1", preferences={"imageStyles": ["candid"]})

    assert (changed.preferences.avoid_tags, changed.preferences.image_styles) == (["needles"], ["candid"])
    assert changed.version == 2
    assert changed.updated_at > changed.created_at
    emptied = db.personalization.upsert_for_user("u1", preferences={"avoid_tags": None})
    assert emptied.preferences.avoid_tags is None
    assert "avoidTags" not in raw(db, U1)["preferences"]["M"]


def test_experiments_are_merged_by_their_id(db: Database) -> None:
    db.personalization.upsert_for_user("u1", ab_tests=[experiment("e1"), experiment("e2")])
    changed = db.personalization.upsert_for_user(
        "u1", ab_tests=[{"experimentId": "e1", "endedAt": LATER, "metrics": {"clicks": 0.5}}, experiment("e3")]
    )

    assert [(one.experiment_id, one.variant, one.ended_at) for one in changed.ab_tests] == [
        ("e1", "A", LATER),
        ("e2", "A", None),
        ("e3", "A", None),
    ]
    assert db.personalization.get_for_user("u1").ab_tests[0].metrics == {"clicks": Decimal("0.5")}


@pytest.mark.defect(90)
def test_one_block_leaves_the_others(db: Database) -> None:
    db.personalization.upsert_for_user(
        "u1",
        preferences={"avoid_tags": ["needles"]},
        engagement={"impressions": 9},
        ab_tests=[experiment("e1")],
        cohorts=["early"],
    )
    for block in ({"preferences": {}}, {"engagement": {"clicks": 1}}, {"ab_tests": []}, {"cohorts": ["early"]}):
        db.personalization.upsert_for_user("u1", **block)
    kept = db.personalization.get_for_user("u1")

    assert kept.preferences.avoid_tags == ["needles"]
    assert (kept.engagement.impressions, kept.engagement.clicks) == (9, 1)
    assert [one.experiment_id for one in kept.ab_tests] == ["e1"]
    assert kept.cohorts == ["early"]


def test_figures_are_set_as_they_are_given_and_leave_the_version(db: Database) -> None:
    db.personalization.upsert_for_user("u1", engagement={"impressions": 5, "last_interaction_at": NOON})
    again = db.personalization.upsert_for_user("u1", engagement={"clicks": 2, "lastInteractionAt": LATER})
    twice = db.personalization.upsert_for_user("u1", engagement={"clicks": 2})

    assert (again.engagement.impressions, again.engagement.clicks) == (5, 2)
    assert (twice.engagement.clicks, twice.engagement.last_interaction_at) == (2, LATER)
    assert twice.version == 1


def test_figures_and_preferences_are_written_together(db: Database) -> None:
    db.personalization.upsert_for_user("u1")
    db.personalization.record_engagement("u1", impressions=3)
    both = db.personalization.upsert_for_user(
        "u1", preferences={"avoid_tags": ["x"]}, engagement={"clicks": 7, "last_interaction_at": NOON}
    )

    figures = both.engagement
    assert (figures.impressions, figures.clicks, figures.last_interaction_at) == (3, 7, NOON)
    assert (both.preferences.avoid_tags, both.version) == (["x"], 2)


def test_a_stored_profile_without_its_blocks_is_filled_and_counted(db: Database) -> None:
    db.personalization.upsert_for_user("u1")
    edit(db, U1, "REMOVE preferences, engagement")
    filled = db.personalization.upsert_for_user("u1", engagement={"impressions": 4})

    assert filled.preferences == {}
    assert filled.engagement.impressions == 4


WRONG: list[dict[str, Any]] = [
    {"preferences": {"colour": "red"}},
    {"preferences": ["studio"]},
    {"preferences": {"avoid_tags": "needles"}},
    {"engagement": {"impressions": -5}},
    {"engagement": {"impressions": "many"}},
    {"engagement": {"impressions": None}},
    {"engagement": {"clapping": 1}},
    {"engagement": {"last_interaction_at": "noon"}},
    {"engagement": 7},
    {"ab_tests": [{"variant": "A"}]},
    {"ab_tests": ["e1"]},
    {"ab_tests": [{"experiment_id": "e1", "colour": "red"}]},
    {"ab_tests": "e1"},
    {"ab_tests": 7},
    {"cohorts": ["two words"]},
    {"cohorts": "early"},
    {"cohorts": [7]},
    {"cohorts": [["early"]]},
    {"cohorts": 7},
]


@pytest.mark.defect(28, 90)
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_does_not_fit_is_refused_before_anything_is_sent(wrong: dict[str, Any], db: Database) -> None:
    before = db.metrics().total
    with pytest.raises(ValidationError):
        db.personalization.upsert_for_user("u1", **wrong)
    assert db.metrics().total == before


# -- whose it is ---------------------------------------------------------------------------------------------------

ADDING: dict[str, Callable[[Database, str], object]] = {
    "upsert": lambda db, user: db.personalization.upsert_for_user(user, preferences={"avoid_tags": ["x"]}),
    "upsert figures": lambda db, user: db.personalization.upsert_for_user(user, engagement={"clicks": 1}),
    "upsert cohorts": lambda db, user: db.personalization.upsert_for_user(user, cohorts=["early"]),
    "record": lambda db, user: db.personalization.record_engagement(user, clicks=1),
    "create": lambda db, user: db.personalization.create(user_id=user),
}


@pytest.mark.parametrize("name", ADDING)
def test_nobody_who_is_not_there_gets_a_profile(name: str, db: Database) -> None:
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        ADDING[name](db, "nobody")


@pytest.mark.parametrize("has_one", [False, True])
@pytest.mark.parametrize("name", ADDING)
def test_who_is_being_deleted_is_not_personalized(name: str, has_one: bool, db: Database) -> None:
    if has_one:
        db.personalization.upsert_for_user("u1")
    mark_as_leaving(db, User.key.of("u1"))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        ADDING[name](db, "u1")


@pytest.mark.defect(49)
def test_a_user_s_partition_gives_each_item_as_what_it_is(db: Database) -> None:
    db.personalization.upsert_for_user("u1", cohorts=["early"])
    assert db.users.get("u1").user_id == "u1"
    assert list(db.users.get_user_circles("u1")) == []
    assert list(db.activities.get_user_activity("u1")) == []
    assert type(db.personalization.get("u1")) is Personalization


# -- a profile's own methods ---------------------------------------------------------------------------------------


def test_a_profile_is_created_saved_and_deleted_by_the_recipe(db: Database) -> None:
    with db.bound():
        profile = Personalization(user_id="u1", cohorts=["early", "late"]).create()
        with pytest.raises(AlreadyExists):
            Personalization(user_id="u1").create()
        assert check(db) == ()
        profile.cohorts.remove("late")
        profile.cohorts.append("new")
        profile.save()
        assert check(db) == ()
        assert [found.user_id for found in db.personalization.list_by_cohort("new")] == ["u1"]
        profile.delete()
    assert check(db) == ()
    assert [item["entityType"]["S"] for item in everything(db)] == ["UNIQUE_CLAIM", "USER"]


def test_a_save_of_a_stale_profile_is_refused(db: Database) -> None:
    db.personalization.upsert_for_user("u1", cohorts=["early"])
    mine, theirs = db.personalization.get("u1"), db.personalization.get("u1")
    mine.cohorts = ["mine"]
    mine.save()
    theirs.cohorts = ["theirs"]
    with nothing_written(db), pytest.raises(VersionConflict) as refused:
        theirs.save()
    assert refused.value.current.cohorts == ["mine"]
    assert theirs.version == 1
    with nothing_written(db), pytest.raises(VersionConflict):
        theirs.delete()


def test_an_update_moves_the_edges_too(db: Database) -> None:
    db.personalization.upsert_for_user("u1", cohorts=["early"])
    changed = db.personalization.update("u1", cohorts=["late"], ab_tests=[experiment("e1")])
    assert (changed.cohorts, changed.version) == (["late"], 2)
    assert list(db.personalization.list_by_cohort("early")) == []
    assert check(db) == ()


def test_a_save_without_a_change_sends_no_write(db: Database) -> None:
    profile = db.personalization.upsert_for_user("u1")
    with nothing_sent(db):
        profile.save()


def test_a_profile_that_is_not_there(db: Database) -> None:
    for attempt in (
        lambda: db.personalization.get_for_user("u1"),
        lambda: db.personalization.delete("u1"),
        lambda: db.personalization.update("u1", cohorts=["early"]),
    ):
        with nothing_written(db), pytest.raises(Personalization.DoesNotExist):
            attempt()


# -- figures -------------------------------------------------------------------------------------------------------


def test_engagement_is_added_up_and_dated(db: Database) -> None:
    db.personalization.upsert_for_user("u1")
    told: list[Any] = []

    def counted(sender: Any, **keywords: Any) -> None:
        told.append(keywords["changes"]["engagement.impressions"])

    with stats_incremented.connected_to(counted, sender=Personalization):
        for _ in range(2):
            db.personalization.record_engagement("u1", impressions=2, clicks=1, dwell_time_ms=300)
    profile = db.personalization.get_for_user("u1", consistent=True)
    figures = profile.engagement

    assert (figures.impressions, figures.clicks, figures.dwell_time_ms) == (4, 2, 600)
    assert figures.last_interaction_at >= profile.created_at
    assert profile.version == 1
    assert told == [2, 2]


def test_engagement_of_a_user_without_a_profile_makes_one(db: Database) -> None:
    db.personalization.record_engagement("u1", impressions=1)
    assert db.personalization.get_for_user("u1").engagement.impressions == 1


def test_no_engagement_writes_nothing(db: Database) -> None:
    with nothing_sent(db):
        db.personalization.record_engagement("u1")


@pytest.mark.parametrize("amount", [-1, 1.5, "1", True, None])
def test_an_amount_that_is_none_is_refused(amount: Any, db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError):
        db.personalization.record_engagement("u1", clicks=amount)
