"""Who edits is not disturbed by traffic, meets other editors, and says nothing but attributes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madmall_models import Circle, Database, User, ValidationError, VersionConflict
from tests.integration.samples import NOON, make_business, make_circle, make_resource, make_user
from tests.integration.table_content import nothing_sent, nothing_written, raw


@pytest.fixture(autouse=True)
def content(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    make_circle(db)


TRAFFIC: dict[str, Callable[[Database], object]] = {
    "somebody joins": lambda db: db.circles.add_member("c1", "u2"),
    "somebody asks to join": lambda db: db.circles.request_to_join("c1", "u2"),
    "posts are counted": lambda db: db.circles.update_stats("c1", posts_this_week=3, engagement_rate=0.5),
}


@pytest.mark.defect(16)
@pytest.mark.parametrize("what", TRAFFIC)
def test_traffic_of_a_circle_does_not_conflict_with_its_editor(what: str, db: Database) -> None:
    edited = db.circles.get("c1")
    TRAFFIC[what](db)
    edited.name = "A new name"
    assert edited.save().version == 2
    after = db.circles.get("c1", consistent=True)
    # What was read before the traffic is not written back over it.
    assert (after.name, after.stats.member_count) == ("A new name", 2 if "joins" in what or "asks" in what else 1)
    assert after.stats.posts_this_week == (3 if "posts" in what else 0)


TARGETED: dict[str, Callable[[Database], object]] = {
    "profile": lambda db: db.users.update_profile("u1", bio="Theirs"),
    "preferences": lambda db: db.users.update_preferences("u1", weekly_digest=False),
    "any": lambda db: db.users.update("u1", is_verified=True),
}


@pytest.mark.defect(14, 15)
@pytest.mark.parametrize("what", TARGETED)
def test_a_targeted_change_is_seen_by_who_edits_the_whole(what: str, db: Database) -> None:
    edited = db.users.get("u1")
    TARGETED[what](db)
    edited.profile.bio = "Mine"
    with nothing_written(db), pytest.raises(VersionConflict):
        edited.save()


@pytest.mark.defect(21)
@pytest.mark.parametrize("collection", ["businesses", "resources"])
def test_what_was_changed_meanwhile_is_not_deleted_as_it_was_read(collection: str, db: Database) -> None:
    make_business(db)
    make_resource(db)
    manager = getattr(db, collection)
    stale = manager.of_tenant().one()
    manager.update(*(getattr(stale, name) for name in type(stale).key.field_names), ttl=NOON + timedelta(days=36_500))
    with nothing_written(db), pytest.raises(VersionConflict):
        stale.delete()


@pytest.mark.defect(31)
@pytest.mark.parametrize(
    "option",
    [
        {"update_expression": "SET isVerified = :yes"},
        {"updateExpression": "SET isVerified = :yes"},
        {"expression_attribute_values": {":yes": True}},
        {"return_values": "UPDATED_OLD"},
    ],
)
def test_a_change_takes_attributes_and_refuses_what_it_would_ignore(option: dict[str, Any], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError):
        db.users.update("u1", is_verified=True, **option)


@pytest.mark.defect(31)
def test_a_change_gives_back_the_whole_item_as_it_is_now(db: Database) -> None:
    updated = db.users.update("u1", is_verified=True)
    assert updated == db.users.get("u1", consistent=True)
    assert (updated.is_verified, updated.email, updated.version) == (True, "u1@example.org", 2)


@pytest.mark.defect(34)
@pytest.mark.parametrize(
    "change",
    [
        {"entity_type": "CIRCLE"},
        {"PK": "USER#u2"},
        {"GSI1PK": "EMAIL#u2@example.org"},
        {"version": 9},
        {"updated_at": NOON},
    ],
)
def test_what_is_derived_is_not_given(change: dict[str, Any], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError):
        db.users.update("u1", **change)


@pytest.mark.defect(52)
def test_a_filter_on_what_the_query_itself_asks_about_disturbs_nothing(db: Database) -> None:
    own = (Circle.entity_type == "CIRCLE") & Circle.ttl.does_not_exist() & (Circle.circle_id == "c1")
    for query in (db.circles.get_by_type("support_group"), db.circles.get_active_circles(), db.circles.of_tenant()):
        for each in (query, query.filter(own), query.filter(own).filter(Circle.ttl.does_not_exist())):
            assert [circle.circle_id for circle in each] == ["c1"]
        assert list(query.filter(Circle.entity_type == "USER")) == []


@pytest.mark.defect(52)
def test_a_condition_on_what_the_change_itself_writes_disturbs_nothing(db: Database) -> None:
    stored = raw(db, Circle.key.of("c1"))["updatedAt"]
    for amount in (1, 2):
        with db.transaction() as tx:
            tx.update(
                Circle.key.of("c1"),
                Circle.stats.posts_this_week.add(amount),
                Circle.stats.active_members.set(amount),
                condition=(Circle.stats.posts_this_week == amount - 1) & (Circle.entity_type == "CIRCLE"),
            )
    stats = db.circles.get("c1").stats
    assert (stats.posts_this_week, stats.active_members) == (3, 2)
    assert raw(db, Circle.key.of("c1"))["updatedAt"] == stored
    with db.transaction() as tx:
        tx.update(User.key.of("u1"), User.is_verified.set(True), condition=User.is_verified == False)
    assert db.users.get("u1").version == 2
