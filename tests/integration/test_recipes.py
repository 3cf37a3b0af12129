"""What an entity does by itself is what its manager does: no shorter way leaves counts, copies or people behind."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    AlreadyMember,
    Circle,
    CircleIsFull,
    CircleMember,
    Comment,
    Database,
    Manager,
    NotAMember,
    OwnerCannotLeave,
    OwnsCircles,
    Resource,
    Story,
    User,
    ValidationError,
    VersionConflict,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import LONG_TEXT, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import mark_as_leaving, mentions, nothing_sent, nothing_written, places


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture(autouse=True)
def people(db: Database) -> Any:
    make_user(db)
    make_user(db, "u2")
    with db.bound():
        yield


def circle(**fields: Any) -> Circle:
    given: dict[str, Any] = {"circle_id": "c1", "name": "Support", "type": "support_group", "created_by": "u1"}
    return Circle(**{**given, **fields})


def comment(**fields: Any) -> Comment:
    given: dict[str, Any] = {"comment_id": "k1", "story_id": "s1", "author": {"id": "u1"}, "content": "Thank you."}
    return Comment(**{**given, **fields})


# -- circles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["create", "save"])
def test_a_circle_that_creates_itself_has_its_owner(method: str, db: Database) -> None:
    created = getattr(circle(stats={"member_count": 44}), method)()
    assert (created.version, created.stats.member_count, created.moderators) == (1, 1, [])
    assert db.circles.get_member("c1", "u1").role == "admin"
    assert db.users.get("u1").stats.circles_joined == 1
    with nothing_written(db), pytest.raises(AlreadyExists):
        circle(created_by="u2").create()
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        circle(circle_id="c2", created_by="nobody").create()


def test_a_circle_that_deletes_itself_takes_its_members_along(db: Database) -> None:
    make_circle(db)
    db.circles.add_member("c1", "u2")
    make_story(db, circle_id="c1")
    stale = db.circles.get("c1")
    db.circles.update("c1", name="Renamed")
    with nothing_written(db), pytest.raises(VersionConflict) as refused:
        stale.delete()
    assert refused.value.current.name == "Renamed"
    db.circles.get("c1").delete()
    assert [place for place in places(db) if "CIRCLE#c1" in place] == []
    assert [db.users.get(name).stats.circles_joined for name in ("u1", "u2")] == [0, 0]
    assert db.stories.get("s1").circle_id is None


# -- memberships ---------------------------------------------------------------------------------------------------


def test_a_membership_that_creates_itself_is_counted(db: Database) -> None:
    make_circle(db, settings={"max_members": 2})
    CircleMember(circle_id="c1", user_id="u2", role="moderator").create()
    found = db.circles.get("c1")
    assert (found.stats.member_count, found.moderators) == (2, ["u2"])
    make_user(db, "u3")
    with nothing_written(db):
        with pytest.raises(CircleIsFull):
            CircleMember(circle_id="c1", user_id="u3").create()
        with pytest.raises(AlreadyMember):
            CircleMember(circle_id="c1", user_id="u2").create()
        with pytest.raises(ValidationError):
            CircleMember(circle_id="c1", user_id="u3", role="founder").create()


@pytest.mark.parametrize("change", [{"role": "moderator"}, {"status": "banned"}, {"status": "inactive"}])
def test_role_and_status_are_not_saved_past_the_circle(change: dict[str, str], db: Database) -> None:
    make_circle(db)
    member = db.circles.add_member("c1", "u2")
    for name, value in change.items():
        setattr(member, name, value)
    with nothing_sent(db), pytest.raises(ValidationError, match="use update_member_role"):
        member.save()
    assert db.circles.get_member("c1", "u2").version == 1


def test_other_attributes_of_a_membership_are_saved(db: Database) -> None:
    make_circle(db)
    member = db.circles.add_member("c1", "u2")
    member.notes = "Knows the way."
    assert member.save().version == 2
    assert db.users.get_user_circles("u2").one().notes == "Knows the way."


def test_a_membership_that_deletes_itself_is_uncounted(db: Database) -> None:
    make_circle(db)
    member = db.circles.add_member("c1", "u2", role="moderator")
    member.delete()
    found = db.circles.get("c1")
    assert (found.stats.member_count, found.moderators) == (1, [])
    assert list(db.users.get_user_circles("u2")) == []
    with nothing_written(db):
        with pytest.raises(OwnerCannotLeave):
            db.circles.get_member("c1", "u1").delete()
        with pytest.raises((NotAMember, CircleMember.DoesNotExist)):
            member.delete()


# -- users ---------------------------------------------------------------------------------------------------------


def test_a_user_who_deletes_themselves_leaves_nothing(db: Database) -> None:
    make_user(db, "leaver", email="leaver@example.org", profile={"first_name": "Canary", "last_name": "Canary"})
    make_circle(db)
    db.circles.add_member("c1", "leaver")
    make_story(db)
    db.stories.add_comment("s1", author_id="leaver", content="Thank you.")
    db.users.get("leaver").delete()
    assert mentions(db, "canary") == []
    assert [place for place in places(db) if "leaver" in place] == []
    assert db.circles.get("c1").stats.member_count == 1
    with nothing_written(db), pytest.raises(OwnsCircles):
        db.users.get("u1").delete()


# -- comments ------------------------------------------------------------------------------------------------------


def test_a_comment_counts_itself(db: Database) -> None:
    make_story(db)
    one = comment().create()
    assert (db.stories.get("s1").engagement.comments, db.users.get("u1").stats.comments_posted) == (1, 1)
    with nothing_written(db):
        with pytest.raises(AlreadyExists):
            comment().create()
        with pytest.raises(Story.DoesNotExist):
            comment(comment_id="k2", story_id="nothing").create()
        with pytest.raises(User.DoesNotExist):
            comment(comment_id="k2", author={"id": "nobody"}).create()
    one.content = "Thank you all."
    assert one.save().version == 2
    one.delete()
    assert db.stories.get("s1").engagement.comments == 0


def test_a_story_that_deletes_itself_takes_its_comments_along(db: Database) -> None:
    make_story(db)
    comment().create()
    db.stories.get("s1").delete()
    assert [place for place in places(db) if "s1" in place] == []


# -- authors -------------------------------------------------------------------------------------------------------


def test_nothing_new_is_written_by_somebody_who_is_being_deleted(db: Database) -> None:
    make_story(db, "s0")
    mark_as_leaving(db, User.key.of("u1"))
    with nothing_written(db):
        with pytest.raises(User.DoesNotExist):
            make_story(db)
        with pytest.raises(User.DoesNotExist):
            Story(story_id="s1", title="How it began", content=LONG_TEXT, author={"id": "u1"}).create()
        with pytest.raises(User.DoesNotExist):
            make_resource(db)
        with pytest.raises(User.DoesNotExist):
            comment(story_id="s0").create()


def test_an_author_need_not_have_an_account(db: Database) -> None:
    make_story(db, author="guest")
    make_resource(db, author="publisher")
    assert db.stories.get("s1").author.id == "guest"
    assert db.resources.get("r1").author.id == "publisher"


def test_managers_of_memberships_and_comments_follow_the_recipes_too(db: Database) -> None:
    make_circle(db)
    make_story(db)
    members: Manager[CircleMember] = db.manager_of(CircleMember)
    comments: Manager[Comment] = db.manager_of(Comment)
    members.create(circle_id="c1", user_id="u2")
    comments.create(comment_id="k1", story_id="s1", author={"id": "u2"}, content="Thank you.")
    assert db.circles.get("c1").stats.member_count == 2
    assert db.stories.get("s1").engagement.comments == 1
    members.delete("c1", "u2")
    comments.delete("s1", "k1")
    assert db.circles.get("c1").stats.member_count == 1
    assert db.stories.get("s1").engagement.comments == 0
    assert isinstance(db.resources, Manager)
    assert Resource.objects is db.resources
