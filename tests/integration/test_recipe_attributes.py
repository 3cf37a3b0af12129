"""What other items depend on changes with them or not at all: no update, save or creation goes past the recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    AdvisoryReview,
    Circle,
    CircleMember,
    Database,
    Entity,
    MadMallError,
    Personalization,
    PrimaryKey,
    QueryError,
    Story,
    TimeAttribute,
    UnicodeAttribute,
    User,
    ValidationError,
    utc_now,
)
from madmall_models.declaration import isolated_registry
from madmall_models.integrity import check
from tests.integration.samples import LONG_TEXT, make_circle, make_story, make_user
from tests.integration.table_content import mark_as_leaving, nothing_written, raw

MEMBER = CircleMember.key.of("c1", "u2")
NAMES = {"first_name": "Jane", "last_name": "Smith"}


@pytest.fixture
def content(db: Database) -> Database:
    for user in ("u1", "u2"):
        make_user(db, user)
    make_circle(db)
    db.circles.add_member("c1", "u2")
    make_story(db)
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1")
    db.personalization.upsert_for_user("u1", cohorts=["early"])
    db.images.create_from_url("https://example.org/i1.png", category="joy", alt_text="Two women", image_id="i1")
    return db


def changed(found: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        setattr(found, name, value)
    return found


PAST_THE_RECIPE: dict[str, Callable[[Database, Any], Any]] = {
    "role": lambda db, tx: tx.update(MEMBER, CircleMember.role.set("admin")),
    "role, if it has none": lambda db, tx: tx.update(MEMBER, CircleMember.role.set(CircleMember.role | "admin")),
    "moderators": lambda db, tx: tx.update(Circle.key.of("c1"), Circle.moderators.set(["u2"])),
    "no moderators": lambda db, tx: tx.update(Circle.key.of("c1"), Circle.moderators.remove()),
    "owner": lambda db, tx: tx.update(Circle.key.of("c1"), Circle.created_by.set("u2")),
    "decisions": lambda db, tx: tx.update(AdvisoryReview.key.of("r1"), AdvisoryReview.decisions.set([])),
    "cohorts": lambda db, tx: tx.update(Personalization.key.of("u1"), Personalization.cohorts.set(["late"])),
    "mark": lambda db, tx: tx.update(User.key.of("u1"), User.deleting_at.set(utc_now())),
    "no mark": lambda db, tx: tx.update(Story.key.of("s1"), Story.deleting_at.remove()),
    "saved role": lambda db, tx: tx.save(changed(db.circles.get_member("c1", "u2"), role="moderator")),
    "saved status": lambda db, tx: tx.save(changed(db.circles.get_member("c1", "u2"), status="inactive")),
    "saved role beside a figure": lambda db, tx: tx.save(
        db.circles.get_member("c1", "u2"), adding=[CircleMember.role.set("admin")]
    ),
    "saved owner": lambda db, tx: tx.save(changed(db.circles.get("c1"), created_by="u2")),
    "saved moderators, not judged": lambda db, tx: tx.save(
        changed(db.circles.get("c1"), moderators=["u2"]), judged=False
    ),
    "saved mark, not judged": lambda db, tx: tx.save(changed(db.images.get("i1"), deleting_at=utc_now()), judged=False),
}


@pytest.mark.parametrize("what", PAST_THE_RECIPE)
def test_a_transaction_of_the_application_does_not_change_what_others_depend_on(what: str, content: Database) -> None:
    with nothing_written(content), pytest.raises(QueryError), content.transaction() as tx:
        PAST_THE_RECIPE[what](content, tx)
    assert check(content) == ()


def test_a_refused_save_leaves_the_entity_as_it_was(content: Database) -> None:
    member = content.circles.get_member("c1", "u2")
    before = member.version, member.updated_at
    member.role = "moderator"
    with pytest.raises(QueryError, match=r"CircleMember\.role changes together with other items"):
        content.transaction().save(member)
    assert (member.version, member.updated_at) == before


def test_the_rest_of_a_membership_can_be_saved_in_a_transaction(content: Database) -> None:
    with content.transaction() as tx:
        tx.save(changed(content.circles.get_member("c1", "u2"), notes="Knits"))
    assert content.circles.get_member("c1", "u2").notes == "Knits"
    assert check(content) == ()


UNKNOWN_WORDS: dict[str, Callable[[Any], Any]] = {
    "a text that is only read": lambda tx: tx.update(MEMBER, CircleMember.role.set("founder")),
    "in a document": lambda tx: tx.update(User.key.of("u1"), User.settings.theme.set("pink")),
    "a document": lambda tx: tx.update(User.key.of("u1"), User.settings.set({"theme": "pink"})),
    "where there is none": lambda tx: tx.update(
        User.key.of("u1"), User.settings.theme.set(User.settings.theme | "pink")
    ),
}


@pytest.mark.parametrize("what", UNKNOWN_WORDS)
def test_an_update_by_key_takes_known_words_only(what: str, content: Database) -> None:
    with nothing_written(content), pytest.raises(ValidationError, match="never takes this value"):
        UNKNOWN_WORDS[what](content.transaction())
    with content.transaction() as tx:
        tx.update(User.key.of("u1"), User.settings.theme.set("dark"))
    assert content.users.get("u1").settings.theme == "dark"


# -- the mark of what is being deleted -----------------------------------------------------------------------------

MARKED: dict[str, Callable[[Database], Any]] = {
    "create": lambda db: make_user(db, "u3", deleting_at=utc_now()),
    "create of an image": lambda db: db.images.create(
        image_id="i2", url="https://example.org/i2.png", category="joy", alt_text="Two women", deleting_at=utc_now()
    ),
    "create of a story": lambda db: make_story(db, "s2", deleting_at=utc_now()),
    "batch": lambda db: db.users.batch_write(
        [User(user_id="u3", email="u3@example.org", profile=NAMES, deleting_at=utc_now())]
    ),
    "update": lambda db: db.users.update("u1", deleting_at=utc_now()),
    "update of a circle": lambda db: db.circles.update("c1", deletingAt=utc_now()),
    "save": lambda db: changed(db.stories.get("s1"), deleting_at=utc_now()).save(),
}


@pytest.mark.parametrize("what", MARKED)
def test_nobody_marks_by_hand_what_is_not_being_deleted(what: str, content: Database) -> None:
    with nothing_written(content), pytest.raises(MadMallError, match=r"deleting_at|1 of 1"):
        MARKED[what](content)


@pytest.mark.parametrize("collection", ["users", "circles", "stories", "images"])
def test_nobody_takes_the_mark_off_what_is_being_deleted(collection: str, content: Database) -> None:
    manager = getattr(content, collection)
    key = {"users": "u1", "circles": "c1", "stories": "s1", "images": "i1"}[collection]
    mark_as_leaving(content, manager.model.key.of(key))
    with nothing_written(content):
        with pytest.raises(ValidationError, match="deleting_at cannot be given; it is kept for you"):
            manager.update(key, deleting_at=None)
        with pytest.raises(ValidationError, match="deleting_at belongs to the deletion alone"):
            changed(manager.get(key), deleting_at=None).save()
    assert "deletingAt" in raw(content, manager.model.key.of(key))


def test_what_was_read_while_it_was_deleted_can_be_new_again(content: Database) -> None:
    mark_as_leaving(content, Story.key.of("s1"))
    story = content.stories.get("s1")
    story.delete()
    with nothing_written(content), pytest.raises(ValidationError, match="deleting_at belongs to the deletion alone"):
        story.create()
    story.deleting_at = None
    story.create()
    assert content.stories.get("s1").content == LONG_TEXT


def test_an_application_may_call_an_attribute_of_its_own_so(db: Database) -> None:
    with isolated_registry():

        class Ticket(Entity, discriminator="TICKET"):
            """Something that is thrown away some day."""

            key = PrimaryKey("TICKET#{ticket_id}", "METADATA")

            ticket_id = UnicodeAttribute()
            deleting_at = TimeAttribute(null=True)

        with db.bound():
            Ticket(ticket_id="t1", deleting_at=utc_now()).create()
            Ticket.objects.update("t1", deleting_at=None)
            assert Ticket.objects.get("t1").deleting_at is None
