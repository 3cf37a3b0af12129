"""What expired, and waits for DynamoDB to remove it, goes with a deletion like everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    CohortMembership,
    Comment,
    Database,
    Image,
    Resource,
    Story,
    User,
    utc_now,
)
from madmall_models.entity import Entity
from madmall_models.integrity import check
from tests.integration.image_samples import make_feedback, make_image
from tests.integration.samples import make_circle, make_resource, make_story, make_user
from tests.integration.table_content import mentions

PAST = utc_now() - timedelta(days=1)


def expire(entity: Entity) -> None:
    """Let the time to live of an entity pass."""
    entity.ttl = PAST
    entity._database.writer.rewrite(entity)
    assert entity._database.batch_get([entity.item_key()], consistent=True) == [None]


def nothing_is_left(db: Database, text: str) -> None:
    assert mentions(db, text) == []
    assert check(db) == ()


@pytest.mark.parametrize("root", ["user", "image"])
def test_feedback_that_expired_goes_with_its_user_and_its_image(root: str, db: Database) -> None:
    make_user(db, "leaver")
    make_image(db, "painting")
    expire(make_feedback(db, "opinion", image="painting", user="leaver"))
    db.users.delete("leaver") if root == "user" else db.images.delete("painting")
    nothing_is_left(db, "opinion")
    nothing_is_left(db, "leaver" if root == "user" else "painting")


@pytest.mark.parametrize("role", ["member", "moderator"])
@pytest.mark.parametrize("root", ["user", "circle"])
def test_a_membership_that_expired_goes_with_its_user_and_its_circle(root: str, role: str, db: Database) -> None:
    make_user(db, "stayer")
    make_user(db, "leaver")
    make_circle(db, "sewing", owner="stayer")
    expire(db.circles.add_member("sewing", "leaver", role))
    if root == "user":
        db.users.delete("leaver")
        assert db.circles.get("sewing").stats.member_count == 1
        nothing_is_left(db, "leaver")
    else:
        db.circles.delete("sewing")
        assert db.users.get("leaver").stats.circles_joined == 0
        nothing_is_left(db, "sewing")


def test_a_user_who_expired_is_erased_with_all_that_expired_too(db: Database) -> None:
    make_user(db, "stayer")
    make_user(db, "leaver")
    make_circle(db, "sewing", owner="stayer")
    expire(make_story(db, "tale", author="leaver"))
    make_story(db, "other", author="stayer")
    expire(db.stories.add_comment("other", author_id="leaver", display_name="Leonora", content="Yes"))
    leaflet = make_resource(db, "leaflet", author="leaver")
    expire(leaflet)
    expire(db.circles.add_member("sewing", "leaver"))
    expire(db.personalization.upsert_for_user("leaver", cohorts=["early"]))
    expire(db.query_of(CohortMembership.key, {"user_id": "leaver"}).first())
    for days_ago in (1, 95):
        moment = utc_now() - timedelta(days=days_ago)
        db.activities.record(
            user_id="leaver", type="circle_joined", entity_id="sewing", entity_type="circle", at=moment
        )
    expire(db.users.get("leaver"))
    db.users.delete("leaver")
    assert mentions(db, "leaver@example.org") == []
    assert mentions(db, "USER#leaver") == []
    assert mentions(db, "Leonora") == []
    assert db.manager_of(Story)._stored_at(Story.key.of("tale")).author.display_name == "former member"
    assert db.manager_of(Resource)._stored_at(leaflet.item_key()).author.name == "former member"
    assert check(db) == ()


def test_a_circle_that_expired_goes_with_its_owner_whom_it_would_hold_for_ever(db: Database) -> None:
    make_user(db, "leaver")
    make_user(db, "stayer")
    make_circle(db, "sewing", owner="leaver")
    db.circles.add_member("sewing", "stayer", "moderator")
    expire(db.circles.get("sewing"))
    db.users.delete("leaver")
    nothing_is_left(db, "leaver")
    nothing_is_left(db, "sewing")


def test_a_circle_that_expired_is_erased_with_its_moderators_and_its_stories_leave_it(db: Database) -> None:
    make_user(db, "owner")
    make_user(db, "helper")
    make_circle(db, "sewing", owner="owner")
    expire(db.circles.add_member("sewing", "helper", "moderator"))
    expire(make_story(db, "tale", author="owner", circle_id="sewing"))
    expire(db.circles.get("sewing"))
    db.circles.delete("sewing")
    nothing_is_left(db, "sewing")


def test_comments_and_the_story_that_expired_are_erased(db: Database) -> None:
    make_user(db, "writer")
    make_story(db, "tale", author="writer")
    for number in ("first", "second"):
        expire(db.stories.add_comment("tale", author_id="writer", content=number))
    expire(db.stories.get("tale"))
    db.stories.delete("tale")
    nothing_is_left(db, "tale")


ROOTS: dict[str, Callable[[Database], Entity]] = {
    "user": lambda db: make_user(db, "thing"),
    "circle": lambda db: make_circle(db, "thing", owner=make_user(db, "owner").user_id),
    "story": lambda db: make_story(db, "thing", author=make_user(db, "owner").user_id),
    "image": lambda db: make_image(db, "thing"),
    "feedback": lambda db: make_feedback(db, "thing", image=make_image(db).image_id, user=make_user(db).user_id),
    "comment": lambda db: db.stories.add_comment(
        make_story(db, author=make_user(db).user_id).story_id, author_id="u1", content="thing"
    ),
    "member": lambda db: db.circles.add_member(
        make_circle(db, owner=make_user(db, "owner").user_id).circle_id, make_user(db, "thing").user_id
    ),
    "profile": lambda db: db.personalization.upsert_for_user(make_user(db, "u1").user_id, cohorts=["thing"]),
    "resource": lambda db: make_resource(db, "thing", author=make_user(db).user_id),
}


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("by_itself", [True, False])
def test_what_expired_is_deleted_as_if_it_were_there(kind: str, by_itself: bool, db: Database) -> None:
    entity = ROOTS[kind](db)
    entity = entity._database.manager_of(type(entity))._stored_at(entity.item_key())
    expire(entity)
    if by_itself:
        entity.delete()
    else:
        db.manager_of(type(entity)).delete(*(getattr(entity, name) for name in type(entity).key.field_names))
    if kind == "member":
        db.users.delete("thing")
    nothing_is_left(db, "thing")


@pytest.mark.parametrize("kind", [User, Circle, Story, Image, Comment, CircleMember])
def test_what_was_never_there_is_still_refused(kind: type[Entity], db: Database) -> None:
    names = ["nobody"] * len(kind.key.field_names)
    with pytest.raises(kind.DoesNotExist):
        db.manager_of(kind).delete(*names)
