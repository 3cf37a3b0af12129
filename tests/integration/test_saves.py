"""Saving sends what changed and nothing else, on condition that nobody else changed it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    ConditionFailed,
    Database,
    KeyValueError,
    Story,
    UniqueViolation,
    User,
    ValidationError,
    VersionConflict,
    item_updated,
)
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import edit, everything, nothing_sent, nothing_written, places, raw

JANE = User.key.of("u1")
HAT = {"SS": ["bowler", "top"]}


def test_a_new_entity_is_created_by_its_first_save(db: Database) -> None:
    with db.bound():
        user = User(user_id="u1", email="u1@example.org", profile={"first_name": "Jane", "last_name": "Smith"}).save()
    assert user.version == 1
    assert "UNIQUE#USER#EMAIL#u1@example.org / CLAIM" in places(db)
    user.is_verified = True
    assert user.save().version == 2
    assert db.users.get("u1").is_verified is True


@pytest.mark.defect(29)
def test_only_the_leaves_that_changed_are_sent(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db)
    user = db.users.get("u1")
    user.profile.bio = "Hello"
    user.settings.accessibility.large_text = True
    user.primary_goals.append("share_story")
    sent: list[Any] = []
    call = db.connection.call
    monkeypatch.setattr(db.connection, "call", lambda *args, **options: sent.append(args) or call(*args, **options))
    user.save()
    ((operation, request),) = sent
    names = request["ExpressionAttributeNames"]
    update = request["UpdateExpression"].removeprefix("SET ")
    paths = {".".join(names[name] for name in part.split(" = ")[0].split(".")) for part in update.split(", ")}
    assert operation == "UpdateItem"
    assert paths == {"profile.bio", "settings.accessibility.largeText", "primaryGoals", "version", "updatedAt"}
    item = raw(db, JANE)
    assert item["profile"]["M"]["bio"] == {"S": "Hello"}
    assert item["profile"]["M"]["firstName"] == {"S": "Jane"}
    assert item["settings"]["M"]["accessibility"]["M"]["largeText"] == {"BOOL": True}


@pytest.mark.defect(30)
def test_what_is_set_to_none_is_removed(db: Database) -> None:
    make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "bio": "Hello", "location": {"city": "Atlanta"}})
    user = db.users.get("u1")
    user.profile.bio = None
    user.profile.location = None
    user.save()
    assert not {"bio", "location"} & set(raw(db, JANE)["profile"]["M"])


@pytest.mark.defect(15)
def test_counters_and_gauges_are_never_sent(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    db.users.increment_stats("u1", stories_shared=7)
    user.stats.stories_shared = 100
    user.profile.last_active = NOON - timedelta(days=1)
    user.is_verified = True
    user.save()
    item = raw(db, JANE)
    assert item["stats"]["M"]["storiesShared"] == {"N": "7"}
    assert item["profile"]["M"]["lastActive"] != {"S": "2024-11-21T12:00:00.000Z"}
    assert item["isVerified"] == {"BOOL": True}


@pytest.mark.defect(16)
def test_traffic_on_counters_does_not_conflict_with_an_editor(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    db.users.increment_stats("u1", stories_shared=1)
    db.users.update_last_active("u1")
    user.is_verified = True
    assert user.save().version == 2


def test_a_change_of_counters_only_sends_nothing(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    user.stats.stories_shared = 100
    with nothing_sent(db):
        user.save()
    assert user.version == 1


@pytest.mark.defect(14)
def test_a_stale_save_is_refused_and_gives_the_current_user(db: Database) -> None:
    make_user(db)
    mine, theirs = db.users.get("u1"), db.users.get("u1")
    theirs.is_verified = True
    theirs.save()
    mine.profile.bio = "Mine"
    with nothing_written(db), pytest.raises(VersionConflict, match=r"version 2 is stored.*read it again") as refused:
        mine.save()
    current = refused.value.current
    assert (current.version, current.is_verified, current.profile.bio) == (2, True, None)
    assert (mine.version, mine.profile.bio) == (1, "Mine")
    current.profile.bio = "Mine"
    assert current.save().version == 3


def test_a_refused_save_can_be_repeated_after_a_refresh(db: Database) -> None:
    make_user(db)
    mine = db.users.get("u1")
    db.users.update("u1", is_verified=True)
    mine.profile.bio = "Mine"
    with pytest.raises(VersionConflict):
        mine.save()
    assert mine.refresh().is_verified is True
    assert mine.profile.bio is None
    mine.profile.bio = "Mine"
    assert mine.save().version == 3


@pytest.mark.defect(26)
def test_what_was_deleted_meanwhile_is_not_made_again(db: Database) -> None:
    make_user(db)
    mine, theirs = db.users.get("u1"), db.users.get("u1")
    theirs.delete()
    mine.is_verified = True
    for attempt in (mine.save, mine.delete, mine.refresh):
        with pytest.raises(User.DoesNotExist):
            attempt()
    assert everything(db) == []


@pytest.mark.defect(21)
def test_a_stale_delete_is_refused(db: Database) -> None:
    make_user(db)
    mine = db.users.get("u1")
    db.users.update("u1", is_verified=True)
    with nothing_written(db), pytest.raises(VersionConflict) as refused:
        mine.delete()
    assert refused.value.current.version == 2


@pytest.mark.defect(27)
def test_a_save_that_breaks_a_rule_is_refused_before_anything_is_sent(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    user.email = "nowhere"
    with nothing_sent(db), pytest.raises(ValidationError):
        user.save()
    assert user.version == 1
    user.email = "somewhere@example.org"
    assert user.save().version == 2


def test_a_save_that_no_key_can_hold_leaves_the_entity_as_it_was_read(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    before = user.updated_at
    user.email = f"{'x' * 3000}@example.org"
    with nothing_sent(db), pytest.raises(KeyValueError, match="at most 2048"):
        user.save()
    assert (user.version, user.updated_at) == (1, before)


def test_a_save_of_a_taken_address_leaves_the_entity_as_it_was_read(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    user = db.users.get("u1")
    before = user.updated_at
    user.email = "u2@example.org"
    with nothing_written(db), pytest.raises(UniqueViolation):
        user.save()
    assert (user.version, user.updated_at) == (1, before)
    user.email = "u3@example.org"
    assert user.save().version == 2


@pytest.mark.defect(34)
def test_a_part_of_the_primary_key_cannot_change(db: Database) -> None:
    make_user(db)
    user = db.users.get("u1")
    user.user_id = "u2"
    with nothing_sent(db), pytest.raises(KeyValueError, match="a part of the primary key was changed"):
        user.save()


def test_what_a_class_does_not_know_survives_a_save(db: Database) -> None:
    make_user(db)
    edit(
        db,
        JANE,
        "SET hat = :hat, profile.hat = :hat, settings.accessibility.hat = :hat, isVerified = :text",
        hat=HAT,
        text={"S": "perhaps"},
    )
    user = db.users.get("u1")
    assert user.is_verified is None
    user.profile.bio = "Hello"
    user.settings.accessibility.large_text = True
    user.save()
    item = raw(db, JANE)
    found = [item["hat"], item["profile"]["M"]["hat"], item["settings"]["M"]["accessibility"]["M"]["hat"]]
    assert [set(wire["SS"]) for wire in found] == [set(HAT["SS"])] * 3
    assert item["isVerified"] == {"S": "perhaps"}
    assert db.users.update_profile("u1", bio="Again").version == 3
    assert raw(db, JANE)["profile"]["M"]["hat"]["SS"]


def test_a_stored_index_key_that_is_wrong_is_mended_by_the_next_save(db: Database) -> None:
    make_user(db)
    edit(db, JANE, "SET GSI1PK = :wrong REMOVE GSI4PK, GSI4SK", wrong={"S": "EMAIL#wrong@example.org"})
    db.users.get("u1").save()
    item = raw(db, JANE)
    assert item["GSI1PK"] == {"S": "EMAIL#u1@example.org"}
    assert item["GSI4PK"] == {"S": "TENANT#default#USERS"}


@pytest.mark.defect(32, 33)
def test_every_index_key_whose_parts_changed_is_rewritten(db: Database) -> None:
    make_user(db)
    make_circle(db)
    circle = db.circles.get("c1")
    circle.type, circle.tenant_id, circle.status = "wellness_focus", "other", "INACTIVE"
    circle.save()
    item = raw(db, Circle.key.of("c1"))
    assert item["GSI1PK"] == {"S": "CIRCLE_TYPE#wellness_focus"}
    assert item["GSI3PK"] == {"S": "CIRCLE_STATUS#INACTIVE"}
    assert item["GSI3SK"] == {"S": f"UPDATED#{item['updatedAt']['S']}"}
    assert item["GSI4PK"] == {"S": "TENANT#other#CIRCLES"}
    assert [found.circle_id for found in db.circles.get_by_type("wellness_focus")] == ["c1"]
    assert list(db.circles.get_by_type("support_group")) == []


def test_an_index_key_leaves_when_its_predicate_does_not_hold(db: Database) -> None:
    make_user(db)
    make_story(db)
    story = db.stories.get("s1")
    assert {"GSI2PK", "GSI2SK"} <= set(raw(db, Story.key.of("s1")))
    story.moderation_status = "needs_review"
    story.save()
    assert not {"GSI2PK", "GSI2SK"} & set(raw(db, Story.key.of("s1")))


# -- mirrors -------------------------------------------------------------------------------------------------------


def test_a_mirror_is_changed_with_its_item(db: Database) -> None:
    make_user(db)
    make_circle(db)
    member = db.circles.get_member("c1", "u1")
    member.notes = "Founding member"
    member.badges = ["host"]
    member.save()
    item, mirror = raw(db, CircleMember.key.of("c1", "u1")), raw_mirror(db)
    assert mirror == {**{name: wire for name, wire in item.items() if not name.startswith("GSI")}, **mirror_key()}
    assert mirror["notes"] == {"S": "Founding member"}


def test_a_mirror_that_is_gone_is_reported_and_nothing_written(db: Database) -> None:
    make_user(db)
    make_circle(db)
    member = db.circles.get_member("c1", "u1")
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": mirror_key()})
    member.notes = "Founding member"
    with nothing_written(db), pytest.raises(ConditionFailed, match="the mirror of_user is out of step with its item"):
        member.save()


def test_a_membership_read_from_its_mirror_is_saved_to_both(db: Database) -> None:
    make_user(db)
    make_circle(db)
    member = db.users.get_user_circles("u1").one()
    with nothing_sent(db):
        member.save()
    member.notes = "Founding member"
    member.save()
    assert raw(db, CircleMember.key.of("c1", "u1"))["notes"] == {"S": "Founding member"}
    assert raw(db, CircleMember.key.of("c1", "u1"))["GSI3PK"] == {"S": "MEMBER_STATUS#active"}
    assert raw_mirror(db)["notes"] == {"S": "Founding member"}
    assert "GSI3PK" not in raw_mirror(db)


def mirror_key() -> dict[str, dict[str, str]]:
    return {"PK": {"S": "USER#u1"}, "SK": {"S": "CIRCLE#c1"}}


def raw_mirror(db: Database) -> dict[str, Any]:
    return next(item for item in everything(db) if {**item, **mirror_key()} == item)


# -- what others hear ----------------------------------------------------------------------------------------------


def test_a_save_is_announced_with_what_changed(db: Database) -> None:
    make_user(db)
    heard: list[Any] = []

    def receiver(sender: Any, **keywords: Any) -> None:
        heard.append((sender, keywords["item"].user_id, set(keywords["changed"])))

    with item_updated.connected_to(receiver, sender=User):
        db.users.update_profile("u1", bio="Hello")
        db.users.increment_stats("u1", stories_shared=1)
        db.users.get("u1").save()
    assert heard == [(User, "u1", {"profile.bio"})]


@pytest.mark.parametrize("version", [{"S": "5"}, {"N": "2.5"}, {"NULL": True}, {"N": "3.0"}])
def test_an_item_with_an_odd_version_can_be_changed_and_deleted(version: dict[str, Any], db: Database) -> None:
    make_user(db, "u1")
    make_user(db, "u2")
    for user in ("u1", "u2"):
        edit(db, User.key.of(user), "SET version = :odd", odd=version)

    assert db.users.update_profile("u1", bio="Here").profile.bio == "Here"
    assert isinstance(db.users.get("u1").version, int)
    db.users.delete("u2")
    assert db.users.get_or_none("u2") is None


def test_none_removes_what_was_stored_in_a_form_that_cannot_be_read(db: Database) -> None:
    make_circle_of_one(db)
    edit(db, Circle.key.of("c1"), "SET coverImage = :odd", odd={"N": "5"})
    assert db.circles.get("c1").cover_image is None

    db.circles.update("c1", cover_image=None)
    assert "coverImage" not in raw(db, Circle.key.of("c1"))


def make_circle_of_one(db: Database) -> None:
    make_user(db, "u1")
    make_circle(db)
