"""What other programs and the time to live left behind neither holds a deletion up nor outlives it."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import CircleMember, Database, Story, User
from madmall_models.integrity import check
from madmall_models.keys import ItemKey
from tests.integration.image_samples import make_feedback, make_image
from tests.integration.samples import make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit, everything, mentions, places

Wire = dict[str, Any]
NO_KEY: tuple[Wire, ...] = ({"N": "5"}, {"NULL": True}, {"S": ""}, {"S": "x" * 2049}, {"S": "USER#nobody"})


@pytest.fixture
def leaver(db: Database) -> Database:
    """Give a table with a user to whom pointers lead, in a circle of somebody else."""
    make_user(db, "stayer")
    make_user(db, "leaver")
    make_circle(db, "c1", owner="stayer")
    db.circles.add_member("c1", "leaver")
    make_image(db)
    make_feedback(db, user="leaver")
    make_resource(db, author="leaver")
    make_story(db, author="stayer", circle_id="c1")
    db.activities.record(user_id="leaver", type="circle_joined", entity_id="c1", entity_type="circle", circle_id="c1")
    return db


def remove(db: Database, key: ItemKey) -> None:
    """Remove an item and leave what lies beside it, as DynamoDB and other programs do."""
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key.wire})


def pointers(db: Database, kind: str, partition: str) -> list[ItemKey]:
    """Return the keys of the stored pointers of a kind in a partition."""
    stored = [(item["PK"]["S"], item["SK"]["S"], item["entityType"]["S"]) for item in everything(db)]
    return [ItemKey(place, sort) for place, sort, what in stored if (place, what) == (partition, f"{kind}_POINTER")]


# -- pointers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", NO_KEY)
@pytest.mark.parametrize("kind", ["FEEDBACK", "RESOURCE"])
def test_a_pointer_that_names_no_item_neither_stops_reading_nor_a_deletion(
    kind: str, target: Wire, leaver: Database
) -> None:
    for pointer in pointers(leaver, kind, "USER#leaver"):
        edit(leaver, pointer, "SET targetPK = :odd", odd=target)
    listed = leaver.feedback.list_by_user if kind == "FEEDBACK" else leaver.resources.get_by_author
    assert list(listed("leaver")) == []
    assert len(leaver.users.in_full("leaver").of(User)) == 1
    leaver.users.delete("leaver")
    assert mentions(leaver, "USER#leaver") == []


def test_a_pointer_in_the_feed_of_a_circle_that_names_no_item_goes_with_the_circle(leaver: Database) -> None:
    for pointer in pointers(leaver, "ACTIVITY", "CIRCLE_ACTIVITY#c1"):
        edit(leaver, pointer, "REMOVE targetPK")
    assert list(leaver.activities.get_circle_activity("c1")) == []
    leaver.circles.delete("c1")
    assert mentions(leaver, "CIRCLE_ACTIVITY#c1") == []


def test_the_pointer_of_a_feedback_that_expired_first_goes_with_its_user(leaver: Database) -> None:
    remove(leaver, leaver.feedback.get_by_id("f1").item_key())
    leaver.users.delete("leaver")
    assert mentions(leaver, "USER#leaver") == []


def test_the_pointer_of_a_story_that_expired_first_goes_with_its_circle(leaver: Database) -> None:
    remove(leaver, Story.key.of("s1"))
    assert len(pointers(leaver, "STORY", "CIRCLE#c1")) == 1
    leaver.circles.delete("c1")
    assert [place for place in places(leaver) if "CIRCLE#c1" in place] == []


def test_what_is_no_pointer_of_ours_stays_when_pointers_go(leaver: Database) -> None:
    kept = {"PK": {"S": "CIRCLE#c1"}, "SK": {"S": "STORY#board"}, "entityType": {"S": "NOTICE"}}
    leaver.connection.call("PutItem", {"TableName": leaver.table_name, "Item": kept})
    leaver.circles.delete("c1")
    assert [place for place in places(leaver) if "CIRCLE#c1" in place] == ["CIRCLE#c1 / STORY#board"]


# -- copies --------------------------------------------------------------------------------------------------------


def test_the_copy_of_a_membership_that_is_gone_goes_with_its_user(leaver: Database) -> None:
    remove(leaver, CircleMember.key.of("c1", "leaver"))
    leaver.users.delete("leaver")
    assert mentions(leaver, "USER#leaver") == []


def test_a_membership_that_is_there_again_keeps_its_copy(leaver: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    members = leaver.manager_of(CircleMember)
    look, pending = members._stored_at, [True]

    def too_early(key: ItemKey) -> CircleMember:
        if pending:
            pending.pop()
            raise CircleMember.DoesNotExist
        found: CircleMember = look(key)
        return found

    monkeypatch.setattr(members, "_stored_at", too_early)
    leaver.circles.forget_member("c1", "leaver")
    assert [member.circle_id for member in leaver.users.get_user_circles("leaver")] == ["c1"]
    assert check(leaver) == ()


# -- claims --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", NO_KEY)
def test_an_address_that_no_user_can_be_found_by_is_nobodys(owner: Wire, leaver: Database) -> None:
    edit(leaver, claim_of("leaver@example.org"), "SET ownerPK = :odd", odd=owner)
    with pytest.raises(User.DoesNotExist):
        leaver.users.get_by_email("leaver@example.org")
    leaver.users.delete("leaver")
    if owner != {"S": "USER#nobody"}:  # which is somebody else's, for all that this deletion can know
        assert mentions(leaver, "leaver@example.org") == []


def test_an_address_that_was_changed_behind_the_claim_finds_nobody(leaver: Database) -> None:
    edit(leaver, User.key.of("leaver"), "SET email = :other", other={"S": "other@example.org"})
    for address in ("leaver@example.org", "other@example.org"):
        with pytest.raises(User.DoesNotExist):
            leaver.users.get_by_email(address)
    edit(leaver, User.key.of("leaver"), "SET email = :same", same={"S": "LEAVER@example.org "})
    assert leaver.users.get_by_email("leaver@example.org").user_id == "leaver"


def claim_of(address: str) -> ItemKey:
    claim = User.unique_email.claim_key({"email": address})
    assert claim is not None
    return claim
