"""Deleting leaves nothing behind, refuses what would leave others stranded, and finishes after it was killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Circle, Comment, Database, OwnsCircles, Story, User, item_deleted, member_removed
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.integration.samples import LONG_TEXT, make_business, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit, everything, mentions, nothing_written, places, raw


class Killed(BaseException):
    """Stand for the end of a process in the middle of its work."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def killed_at_write(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets so many writes of the database through and then ends the work."""
    call = db.connection.call

    def let_through(most: int) -> None:
        left = [most]

        def counted(operation: str, *args: Any, **options: Any) -> Any:
            if operation in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
                if not left[0]:
                    raise Killed
                left[0] -= 1
            return call(operation, *args, **options)

        monkeypatch.setattr(db.connection, "call", counted)

    return let_through


def revived(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


# -- users ---------------------------------------------------------------------------------------------------------


def populated(db: Database) -> None:
    """Make a person with memberships of every status, stories and comments, beside one who stays."""
    make_user(db, "owner")
    make_user(db, "leaver", email="leaver@example.org", profile={"first_name": "Canary", "last_name": "Canary"})
    for circle_id in ("active", "moderated", "pending", "banned"):
        make_circle(db, circle_id, owner="owner", settings={"require_approval": True})
    db.circles.add_member("active", "leaver")
    db.circles.add_member("moderated", "leaver", role="moderator")
    db.circles.request_to_join("pending", "leaver")
    db.circles.add_member("banned", "leaver")
    db.circles.ban_member("banned", "leaver")
    db.stories.create(
        story_id="s1",
        title="How it began",
        content=LONG_TEXT,
        author={"id": "leaver", "display_name": "Canary Canary", "avatar": "https://example.org/canary.png"},
        circle_id="active",
    )
    make_story(db, "s2", author="owner")
    db.stories.add_comment("s2", author_id="leaver", content="Thank you.", comment_id="k1")


def gone(db: Database) -> None:
    """Demand that nothing of the person is left, and that the others' counts are right."""
    assert not [place for place in places(db) if "leaver" in place]
    assert mentions(db, "leaver@example.org") == []
    assert mentions(db, "canary") == []
    for circle_id in ("active", "moderated", "pending", "banned"):
        circle = db.circles.get(circle_id)
        assert (circle.stats.member_count, circle.moderators) == (1, [])
        assert [member.user_id for member in db.circles.get_members(circle_id, status=None)] == ["owner"]


@pytest.mark.defect(21)
def test_nothing_of_a_deleted_user_is_left(db: Database) -> None:
    populated(db)
    db.users.delete("leaver")
    gone(db)
    make_user(db, "newcomer", email="leaver@example.org")


def test_stories_and_comments_stay_by_a_former_member(db: Database) -> None:
    populated(db)
    db.users.delete("leaver")
    story = db.stories.get("s1")
    comment = db.stories.get_comments("s2").one()
    assert (story.author.id, story.author.display_name, story.author.avatar) == ("leaver", "former member", None)
    assert (comment.author.id, comment.author.display_name) == ("leaver", "former member")
    assert (story.content, comment.content) == (LONG_TEXT, "Thank you.")
    assert [found.story_id for found in db.stories.get_by_author("leaver")] == ["s1"]
    assert db.stories.get("s2").engagement.comments == 1


@pytest.mark.defect(21)
@pytest.mark.parametrize("writes", range(9))
def test_a_user_s_deletion_that_was_killed_is_finished_by_the_next(
    writes: int, db: Database, killed_at_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    populated(db)
    killed_at_write(writes)
    try:
        db.users.delete("leaver")
    except Killed:
        revived(db, monkeypatch)
        db.users.delete("leaver")
    gone(db)


def test_a_half_deleted_user_is_added_to_nothing(
    db: Database, killed_at_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    populated(db)
    make_circle(db, "other", owner="owner")
    killed_at_write(1)
    with pytest.raises(Killed):
        db.users.delete("leaver")
    revived(db, monkeypatch)
    for attempt in (
        lambda: db.circles.add_member("other", "leaver"),
        lambda: db.circles.request_to_join("other", "leaver"),
        lambda: db.circles.approve_member("pending", "leaver"),
        lambda: db.circles.transfer_ownership("active", "leaver"),
        lambda: db.stories.add_comment("s2", author_id="leaver", content="Again."),
        lambda: make_circle(db, "mine", owner="leaver"),
    ):
        with nothing_written(db), pytest.raises(User.DoesNotExist):
            attempt()


def test_who_owns_a_circle_is_not_deleted(db: Database) -> None:
    populated(db)
    with nothing_written(db), pytest.raises(OwnsCircles, match=r"owns 4 circle.*transfer or delete them first"):
        db.users.delete("owner")
    for circle_id in ("moderated", "pending", "banned"):
        db.circles.delete(circle_id)
    db.circles.transfer_ownership("active", "leaver")
    db.users.delete("owner")
    assert db.circles.get("active").stats.member_count == 1


def test_a_circle_received_in_the_last_moment_stops_the_deletion(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    populated(db)
    look, looked = type(db.users)._refuse_owner, []

    def meanwhile(manager: Any, user_id: str, circles: Any) -> None:
        look(manager, user_id, circles)
        looked.append(user_id)
        if len(looked) == 1:
            db.circles.transfer_ownership("active", "leaver")

    monkeypatch.setattr(type(db.users), "_refuse_owner", meanwhile)
    with pytest.raises(OwnsCircles):
        db.users.delete("leaver")
    assert db.users.get("leaver").deleting_at is None
    assert len(list(db.users.get_user_circles("leaver"))) == 4


def test_a_user_who_is_not_there_is_not_deleted(db: Database) -> None:
    with pytest.raises(User.DoesNotExist):
        db.users.delete("nobody")


def test_resources_and_businesses_of_a_deleted_user_do_not_name_them(db: Database) -> None:
    make_user(db, "leaver", profile={"first_name": "Canary", "last_name": "Canary"})
    make_resource(db, "r1", author="leaver")
    make_business(db, "b1", owner="leaver")
    db.resources.update("r1", author={"name": "Canary Canary"})
    db.users.delete("leaver")
    assert mentions(db, "canary") == []
    # What the person made stays, with the id, which says nothing about them; nothing lies under their own key.
    assert db.resources.get("r1").author.id == "leaver"
    assert list(db.resources.get_by_author("leaver")) == []
    assert mentions(db, "USER#leaver") == []
    assert check(db) == ()
    assert [business.business_id for business in db.businesses.get_by_owner("leaver")] == ["b1"]


# -- circles -------------------------------------------------------------------------------------------------------


def full_circle(db: Database) -> None:
    for number in range(1, 6):
        make_user(db, f"u{number}")
    make_circle(db, settings={"require_approval": True})
    make_circle(db, "c2", owner="u2")
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "u3", role="moderator")
    db.circles.request_to_join("c1", "u4")
    db.circles.add_member("c1", "u5")
    db.circles.ban_member("c1", "u5")
    make_story(db, "s1", circle_id="c1")
    make_story(db, "s2", circle_id="c1", status="draft")


def circle_is_gone(db: Database) -> None:
    assert not [place for place in places(db) if "CIRCLE#c1" in place]
    assert mentions(db, '"c1"') == []
    joined = {f"u{number}": db.users.get(f"u{number}").stats.circles_joined for number in range(1, 6)}
    assert joined == {"u1": 0, "u2": 1, "u3": 0, "u4": 0, "u5": 0}
    assert {story.story_id for story in db.stories.get_by_author("u1")} == {"s1", "s2"}


@pytest.mark.defect(21)
def test_nothing_of_a_deleted_circle_is_left(db: Database) -> None:
    full_circle(db)
    db.circles.delete("c1")
    circle_is_gone(db)
    assert db.circles.exists("c2")


@pytest.mark.parametrize("writes", range(9))
def test_a_circle_s_deletion_that_was_killed_is_finished_by_the_next(
    writes: int, db: Database, killed_at_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    full_circle(db)
    killed_at_write(writes)
    try:
        db.circles.delete("c1")
    except Killed:
        revived(db, monkeypatch)
        db.circles.delete("c1")
    circle_is_gone(db)


def test_nobody_joins_a_half_deleted_circle(
    db: Database, killed_at_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    full_circle(db)
    make_user(db, "newcomer")
    killed_at_write(2)
    with pytest.raises(Killed):
        db.circles.delete("c1")
    revived(db, monkeypatch)
    for attempt in (
        lambda: db.circles.add_member("c1", "newcomer"),
        lambda: db.circles.request_to_join("c1", "newcomer"),
        lambda: db.circles.approve_member("c1", "u4"),
    ):
        with nothing_written(db), pytest.raises(Circle.DoesNotExist):
            attempt()


def test_a_circle_that_is_not_there_is_not_deleted(db: Database) -> None:
    with pytest.raises(Circle.DoesNotExist):
        db.circles.delete("nothing")


def test_the_end_of_each_membership_is_announced(db: Database) -> None:
    full_circle(db)
    ended: list[str] = []
    deleted: list[str] = []

    def member_left(sender: Any, **keywords: Any) -> None:
        ended.append(keywords["member"].user_id)

    def circle_left(sender: Any, **keywords: Any) -> None:
        deleted.append(keywords["item"].circle_id)

    with member_removed.connected_to(member_left), item_deleted.connected_to(circle_left, sender=Circle):
        db.circles.delete("c1")
    assert sorted(ended) == ["u1", "u2", "u3", "u4", "u5"]
    assert deleted == ["c1"]


# -- stories -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 99])
def test_nothing_of_a_deleted_story_is_left(
    writes: int, db: Database, killed_at_write: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(db)
    make_circle(db)
    make_story(db, circle_id="c1")
    db.stories.feature("s1")
    for number in range(2):
        db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id=f"k{number}")
    killed_at_write(writes)
    try:
        db.stories.delete("s1")
    except Killed:
        revived(db, monkeypatch)
        assert db.stories.get("s1").engagement.comments == db.stories.get_comments("s1").count()
        db.stories.delete("s1")
    assert [place for place in places(db) if "s1" in place] == []
    assert mentions(db, '"s1"') == []


def test_pointers_go_with_what_they_point_to(db: Database) -> None:
    make_user(db)
    make_resource(db, status="featured", published_at="2024-11-22T12:00:00Z")
    assert len(everything(db)) == 5
    db.resources.delete("r1")
    assert [item["entityType"]["S"] for item in everything(db)] == ["UNIQUE_CLAIM", "USER"]


def test_a_deletion_frees_a_claim_only_if_it_is_one_s_own(db: Database) -> None:
    make_user(db, "u1")
    make_user(db, "u2")
    # Another program gave both the same address; the claim belongs to u2.
    edit(db, User.key.of("u1"), "SET email = :email", email={"S": "u2@example.org"})
    db.users.get("u1").delete()
    assert db.users.get_or_none("u1") is None
    assert db.users.get_by_email("u2@example.org").user_id == "u2"


def test_a_comment_s_story_and_a_story_s_comment_are_told_apart(db: Database) -> None:
    make_user(db)
    make_story(db)
    with pytest.raises(Comment.DoesNotExist):
        db.stories.remove_comment("s1", "nothing")
    with pytest.raises(Story.DoesNotExist):
        db.stories.delete("nothing")
    assert raw(db, Story.key.of("s1"))["engagement"]["M"]["comments"] == {"N": "0"}
