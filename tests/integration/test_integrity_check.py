"""Whatever is broken in a table is found and named, each alone, and a whole table has no findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import codec
from madmall_models.entities import Circle, CircleMember, Comment, Story, User
from madmall_models.integrity import TableCheck, check
from madmall_models.integrity.snapshot import primary_entity
from madmall_models.keys import ItemKey
from tests.integration.table_content import edit, everything, raw

MIRROR = ItemKey("USER#u2", "CIRCLE#c1")


def remove(db: Any, key: ItemKey) -> None:
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key.wire})


def put(db: Any, item: dict[str, Any]) -> None:
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})


def a_copy_of(db: Any, key: ItemKey, **changed: str) -> None:
    put(db, {**raw(db, key), **{name: {"S": text} for name, text in changed.items()}})


@pytest.fixture
def whole(db: Any) -> Any:
    """Give a table with a circle of two, a story and a comment."""
    for name in ("u1", "u2"):
        db.users.create(user_id=name, email=f"{name}@example.com", profile={"first_name": "Ada", "last_name": "M."})
    db.circles.create(circle_id="c1", name="Newly diagnosed", type="support_group", created_by="u1")
    db.circles.add_member("c1", "u2", role="moderator")
    author = {"id": "u1", "display_name": "Ada"}
    db.stories.create(story_id="s1", title="My first year", content="It was long.", author=author, circle_id="c1")
    db.stories.add_comment("s1", author_id="u2", content="Thank you.")
    return db


def claim_of(db: Any) -> ItemKey:
    [item] = [item for item in everything(db) if item["entityType"]["S"] == "UNIQUE_CLAIM" and "u2" in str(item)]
    return ItemKey(item["PK"]["S"], item["SK"]["S"])


Break = Callable[[Any], None]
BROKEN: dict[str, tuple[Break, set[str]]] = {
    "a mirror differs": (
        lambda db: edit(db, MIRROR, "SET notes = :notes", notes={"S": "private"}),
        {"mirror: CIRCLE_MEMBER PK=USER#..., SK=CIRCLE#...: differs from its item in notes"},
    ),
    "a mirror is missing": (
        lambda db: remove(db, MIRROR),
        {"mirror: CIRCLE_MEMBER PK=USER#..., SK=CIRCLE#...: is missing"},
    ),
    "a mirror is left over": (
        lambda db: a_copy_of(db, MIRROR, PK="USER#u9"),
        {"mirror: CIRCLE_MEMBER PK=USER#..., SK=CIRCLE#...: a copy without its item"},
    ),
    "a claim is missing": (
        lambda db: remove(db, claim_of(db)),
        {"claim: UNIQUE_CLAIM PK=UNIQUE#..., SK=CLAIM#...: is missing"},
    ),
    "a claim belongs to another": (
        lambda db: edit(db, claim_of(db), "SET ownerPK = :owner", owner={"S": "USER#u1"}),
        {"claim: UNIQUE_CLAIM PK=UNIQUE#..., SK=CLAIM#...: differs from its item in ownerPK"},
    ),
    "an index key is wrong": (
        lambda db: edit(db, Circle.key.of("c1"), "SET GSI1PK = :other", other={"S": "CIRCLE_TYPE#other"}),
        {"keys: Circle PK=CIRCLE#..., SK=METADATA#...: GSI1PK differ from what the attributes give"},
    ),
    "nobody knows an item": (
        lambda db: put(db, {"PK": {"S": "A#1"}, "SK": {"S": "B"}, "entityType": {"S": "FOREIGN"}}),
        {"unknown: FOREIGN PK=A#..., SK=B#...: no declared entity reads this item"},
    ),
    "a member count is wrong": (
        lambda db: edit(db, Circle.key.of("c1"), "SET stats.memberCount = :n", n={"N": "7"}),
        {"member-count: Circle PK=CIRCLE#..., SK=METADATA#...: says 7, has 2 active members"},
    ),
    "a count of circles is wrong": (
        lambda db: edit(db, User.key.of("u2"), "SET stats.circlesJoined = :n", n={"N": "3"}),
        {"circles-joined: User PK=USER#..., SK=PROFILE#...: says 3, is an active member of 1"},
    ),
    "a count of comments is wrong": (
        lambda db: edit(db, Story.key.of("s1"), "SET engagement.comments = :n", n={"N": "0"}),
        {"comment-count: Story PK=STORY#..., SK=METADATA#...: says 0, has 1 comments"},
    ),
    "a list of moderators is wrong": (
        lambda db: edit(db, Circle.key.of("c1"), "SET moderators = :list", list={"L": []}),
        {"moderators: Circle PK=CIRCLE#..., SK=METADATA#...: the list differs from the roles of the members"},
    ),
    "an owner is no admin": (
        lambda db: edit(db, Circle.key.of("c1"), "SET createdBy = :owner", owner={"S": "u2"}),
        {"owner: Circle PK=CIRCLE#..., SK=METADATA#...: the owner is not an active member with role admin"},
    ),
}


def test_a_whole_table_has_no_findings(whole: Any) -> None:
    assert check(whole) == ()


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found_alone(whole: Any, what: str) -> None:
    damage, expected = BROKEN[what]
    damage(whole)

    assert set(map(str, check(whole))) == expected


def test_what_hangs_on_a_missing_item_is_orphaned(whole: Any) -> None:
    remove(whole, Story.key.of("s1"))

    found = {finding.rule: finding.entity for finding in check(whole)}

    assert found == {"orphan": Comment.__name__, "pointer": "STORY_POINTER"}


def test_a_member_without_a_user_and_a_circle_is_orphaned_twice(whole: Any) -> None:
    member = CircleMember(circle_id="c9", user_id="u9")
    whole.connection.call("PutItem", {"TableName": whole.table_name, "Item": codec.encode(member)})

    facts = {finding.fact for finding in check(whole) if finding.rule == "orphan"}

    assert facts == {"a member of a circle that does not exist", "a membership of a user who does not exist"}


def test_a_copy_that_was_mended_after_the_scan_is_no_finding(whole: Any) -> None:
    edit(whole, MIRROR, "SET notes = :notes", notes={"S": "private"})
    with TableCheck(whole) as looked:
        for item in everything(whole):
            looked.look_at(item, primary_entity(item))
        edit(whole, MIRROR, "REMOVE notes")

        assert list(looked.conclude()) == []


def test_a_finding_leads_to_its_item_and_does_not_show_it(whole: Any) -> None:
    edit(whole, MIRROR, "SET notes = :notes", notes={"S": "private"})

    [finding] = check(whole)

    assert finding.place == ("CIRCLE#c1", "MEMBER#u2")
    assert "u2" not in f"{finding} {finding!r}"
