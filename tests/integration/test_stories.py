"""Stories: in the feed while they are public, found by author, circle and status, counted with their comments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Comment,
    Database,
    Story,
    User,
    ValidationError,
    item_created,
    item_updated,
    utc_now,
)
from tests.integration.samples import LONG_TEXT, NOON, make_circle, make_story, make_user
from tests.integration.table_content import edit, everything, nothing_sent, nothing_written, places, raw

S1 = Story.key.of("s1")


@pytest.fixture(autouse=True)
def author(db: Database) -> None:
    make_user(db)


def ids(stories: Any) -> list[str]:
    return [story.story_id for story in stories]


# -- creating ------------------------------------------------------------------------------------------------------


def test_a_story_is_stored_with_its_keys(db: Database) -> None:
    make_circle(db)
    make_story(db, created_at=NOON, circle_id="c1")
    item = raw(db, S1)
    assert {name: wire["S"] for name, wire in item.items() if name.startswith("GSI")} == {
        "GSI1PK": "AUTHOR#u1",
        "GSI1SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI2PK": "STORY_FEED",
        "GSI2SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI3PK": "STORY_STATUS#PUBLISHED",
        "GSI3SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#STORIES",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    pointer = next(found for found in everything(db) if found["entityType"] == {"S": "STORY_POINTER"})
    assert (pointer["PK"]["S"], pointer["SK"]["S"]) == ("CIRCLE#c1", "STORY#2024-11-22T12:00:00.000Z#s1")
    assert (pointer["targetPK"]["S"], pointer["targetSK"]["S"]) == ("STORY#s1", "METADATA")
    assert len(pointer) <= 7


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"title": "Why"}, {"title"}),
        ({"title": "x" * 201}, {"title"}),
        ({"content": None}, {"content"}),
        ({"author": {"display_name": "Jane"}}, {"author.id"}),
        ({"type": "novel"}, {"type"}),
        ({"status": "gone"}, {"status"}),
    ],
)
def test_a_story_that_breaks_a_rule_is_refused(fields: dict[str, Any], messages: set[str], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_story(db, **fields)
    assert set(refused.value.messages) == messages


# -- where it is found ---------------------------------------------------------------------------------------------


def test_the_feed_holds_what_is_published_and_approved(db: Database) -> None:
    make_story(db, "s1", created_at=NOON)
    make_story(db, "s2", created_at=NOON + timedelta(hours=1))
    make_story(db, "draft", status="draft")
    make_story(db, "pending", moderation_status="pending")
    assert ids(db.stories.get_feed_stories()) == ["s1", "s2"]
    assert ids(db.stories.get_feed_stories().newest_first()) == ["s2", "s1"]
    assert set(ids(db.stories.get_published_stories())) == {"s1", "s2", "pending"}
    assert set(ids(db.stories.get_by_author("u1"))) == {"s1", "s2", "draft", "pending"}
    assert ids(db.stories.get_stories_awaiting_moderation()) == ["pending"]


@pytest.mark.defect(32)
def test_a_story_moves_between_lists_as_it_changes(db: Database) -> None:
    make_story(db, status="draft", moderation_status="pending")
    assert (ids(db.stories.get_feed_stories()), ids(db.stories.get_stories_awaiting_moderation())) == ([], ["s1"])
    db.stories.update("s1", moderation_status="approved")
    assert (ids(db.stories.get_feed_stories()), ids(db.stories.get_stories_awaiting_moderation())) == ([], [])
    before = utc_now()
    published = db.stories.publish("s1")
    assert (published.status, published.published_at >= before) == ("published", True)
    assert ids(db.stories.get_feed_stories()) == ["s1"]
    db.stories.feature("s1")
    assert ids(db.stories.get_featured_stories()) == ["s1"]
    db.stories.archive("s1")
    assert (ids(db.stories.get_feed_stories()), ids(db.stories.get_featured_stories())) == ([], [])
    assert [place for place in places(db) if "FEATURED" in place or "MODERATION" in place] == []
    db.stories.publish("s1")
    assert ids(db.stories.get_featured_stories()) == ["s1"]
    for operation in (db.stories.publish, db.stories.feature, db.stories.archive):
        with pytest.raises(Story.DoesNotExist):
            operation("nothing")


def test_a_pointer_moves_with_its_sort_field(db: Database) -> None:
    make_story(db)
    db.stories.update("s1", featured_at=NOON)
    assert "FEATURED#STORY / 2024-11-22T12:00:00.000Z#s1" in places(db)
    db.stories.update("s1", featured_at=NOON + timedelta(days=1))
    assert [place for place in places(db) if "FEATURED" in place] == ["FEATURED#STORY / 2024-11-23T12:00:00.000Z#s1"]


@pytest.mark.defect(58)
def test_a_story_moves_from_circle_to_circle(db: Database) -> None:
    make_circle(db, "c1")
    make_circle(db, "c2")
    make_story(db, circle_id="c1")
    assert ids(db.stories.get_by_circle("c1")) == ["s1"]
    db.stories.update("s1", circle_id="c2")
    assert (ids(db.stories.get_by_circle("c1")), ids(db.stories.get_by_circle("c2"))) == ([], ["s1"])
    db.stories.update("s1", circle_id=None)
    assert ids(db.stories.get_by_circle("c2")) == []
    assert not [place for place in places(db) if "STORY#2" in place]


@pytest.mark.defect(49)
def test_members_and_stories_of_a_circle_are_told_apart(db: Database) -> None:
    make_circle(db)
    make_story(db, circle_id="c1")
    assert [member.user_id for member in db.circles.get_members("c1", status=None)] == ["u1"]
    assert ids(db.stories.get_by_circle("c1")) == ["s1"]


def test_a_pointer_whose_story_is_gone_is_left_out(db: Database) -> None:
    make_circle(db)
    make_story(db, "s1", circle_id="c1")
    make_story(db, "s2", circle_id="c1")
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": S1.wire})
    assert ids(db.stories.get_by_circle("c1")) == ["s2"]


def test_a_list_that_lags_behind_shows_no_story_that_left_it(db: Database) -> None:
    make_circle(db)
    make_story(db, circle_id="c1")
    # The pointer of a circle that the story has left, as an index would still have it.
    edit(db, S1, "SET circleId = :other", other={"S": "c9"})
    assert ids(db.stories.get_by_circle("c1")) == []
    edit(db, S1, "SET #status = :draft", draft={"S": "draft"})
    assert ids(db.stories.get_published_stories()) == []


def test_stories_are_searched_in_the_feed(db: Database) -> None:
    make_story(db, "s1", themes=["hope"], tags=["a", "b"], metadata={"cultural_elements": ["song"]})
    make_story(db, "s2", themes=["fear"], tags=["b"], type="advice_sharing")
    make_story(db, "s3", themes=["hope"], status="draft")

    def found(**criteria: Any) -> set[str]:
        return set(ids(db.stories.search_stories(**criteria)))

    assert found() == {"s1", "s2"}
    assert found(themes=["hope", "love"]) == {"s1"}
    assert found(tags=["b"], type="advice_sharing") == {"s2"}
    assert found(tags=["a", "b"], cultural_elements=["song"], themes=["hope"]) == {"s1"}
    assert found(type="gratitude_expression") == set()


# -- figures -------------------------------------------------------------------------------------------------------


def test_engagement_adds_without_a_new_version(db: Database) -> None:
    created = make_story(db)
    db.stories.update_engagement("s1", likes=1, views=10)
    db.stories.update_engagement("s1", likes=2)
    story = db.stories.get("s1")
    assert (story.engagement.likes, story.engagement.views, story.engagement.shares) == (3, 10, 0)
    assert (story.version, story.updated_at) == (1, created.updated_at)
    with nothing_written(db):
        with pytest.raises(ValidationError):
            db.stories.update_engagement("s1", applause=1)
        with pytest.raises(Story.DoesNotExist):
            db.stories.update_engagement("nothing", likes=1)


# -- comments ------------------------------------------------------------------------------------------------------


def test_a_comment_is_counted_at_the_story_and_at_its_author(db: Database) -> None:
    make_story(db)
    make_user(db, "u2", preferences={"show_real_name": False})
    first = db.stories.add_comment("s1", author_id="u1", content="Thank you.")
    second = db.stories.add_comment("s1", author_id="u2", content="Me too.", parent_comment_id=first.comment_id)
    assert [comment.comment_id for comment in db.stories.get_comments("s1")] == [first.comment_id, second.comment_id]
    assert (first.author.display_name, second.author.display_name) == ("Jane Smith", "Member")
    assert db.stories.get("s1").engagement.comments == 2
    assert [db.users.get(name).stats.comments_posted for name in ("u1", "u2")] == [1, 1]
    db.stories.remove_comment("s1", first.comment_id)
    assert db.stories.get("s1").engagement.comments == 1
    assert [comment.content for comment in db.stories.get_comments("s1")] == ["Me too."]


def test_a_name_to_show_may_be_said(db: Database) -> None:
    make_story(db)
    comment = db.stories.add_comment("s1", author_id="u1", content="Thank you.", display_name="J.", comment_id="k1")
    assert (comment.comment_id, comment.author.display_name) == ("k1", "J.")


@pytest.mark.parametrize(
    ("story_id", "author_id", "content", "error"),
    [
        ("nothing", "u1", "Thank you.", Story.DoesNotExist),
        ("s1", "nobody", "Thank you.", User.DoesNotExist),
        ("s1", "u1", " ", ValidationError),
    ],
)
def test_a_comment_that_cannot_be_made_leaves_nothing(
    story_id: str, author_id: str, content: str, error: type[Exception], db: Database
) -> None:
    make_story(db)
    with nothing_written(db), pytest.raises(error):
        db.stories.add_comment(story_id, author_id=author_id, content=content)


def test_a_comment_is_removed_once(db: Database) -> None:
    make_story(db)
    db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id="k1")
    db.stories.remove_comment("s1", "k1")
    with nothing_written(db), pytest.raises(Comment.DoesNotExist):
        db.stories.remove_comment("s1", "k1")
    assert raw(db, S1)["engagement"]["M"]["comments"] == {"N": "0"}


def test_a_comment_of_the_same_id_is_refused_and_not_counted(db: Database) -> None:
    make_story(db)
    db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id="k1")
    with nothing_written(db), pytest.raises(AlreadyExists):
        db.stories.add_comment("s1", author_id="u1", content="Again.", comment_id="k1")


@pytest.mark.difference("missing-maps")
def test_comments_are_counted_where_the_map_is_absent(db: Database) -> None:
    make_story(db)
    edit(db, S1, "REMOVE engagement")
    edit(db, User.key.of("u1"), "REMOVE stats")
    db.stories.add_comment("s1", author_id="u1", content="Thank you.")
    story = db.stories.get("s1")
    assert (story.engagement.comments, story.engagement.likes) == (1, 0)
    assert db.users.get("u1").stats.comments_posted == 1


# -- what others hear ----------------------------------------------------------------------------------------------


def test_stories_and_comments_are_announced(db: Database) -> None:
    heard: list[str] = []

    def created(sender: Any, item: Any) -> None:
        heard.append(f"{sender.__name__} created")

    def updated(sender: Any, item: Any, changed: Any) -> None:
        heard.append(f"{sender.__name__} updated: {', '.join(sorted(changed))}")

    with item_created.connected_to(created), item_updated.connected_to(updated):
        make_story(db, status="draft")
        db.stories.archive("s1")
        db.stories.add_comment("s1", author_id="u1", content=LONG_TEXT)
        db.stories.update_engagement("s1", likes=1)
    assert heard == ["Story created", "Story updated: status", "Comment created"]


def test_a_draft_that_others_put_into_the_feed_is_not_shown(db: Database) -> None:
    make_story(db, "s1")
    make_story(db, "s2", status="draft")
    feed = {"pk": {"S": "STORY_FEED"}, "sk": {"S": "CREATED#2024-11-22T12:00:00.000Z"}}
    edit(db, Story.key.of("s2"), "SET GSI2PK = :pk, GSI2SK = :sk", **feed)

    assert [story.story_id for story in db.stories.get_feed_stories()] == ["s1"]
    assert [row.title for row in db.stories.get_feed_stories().only("title")] == ["How it began"]
    assert db.stories.get_feed_stories().count() == 1
    assert not db.stories.get_feed_stories().page(size=1).has_more
