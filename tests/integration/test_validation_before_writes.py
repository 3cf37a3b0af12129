"""What breaks a rule is refused before anything is written, whichever operation brings it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import marshmallow
import pytest

from madmall_models import Database, KeyValueError, User, ValidationError
from tests.integration.image_samples import make_feedback, make_image, make_incident, make_source
from tests.integration.samples import make_business, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import everything, nothing_sent

Operation = Callable[[Database], object]


@pytest.fixture
def content(db: Database) -> Database:
    makers: list[Any] = [make_user, make_circle, make_story, make_business, make_resource]
    makers += [make_image, make_feedback, make_incident, make_source]
    for make in makers:
        make(db)
    make_user(db, "u2")
    db.circles.add_member("c1", "u2")
    db.reviews.enqueue(review_id="r1", target_type="image", target_id="i1")
    db.personalization.upsert_for_user("u1", preferences={"image_styles": ["studio"]})
    return db


def saved(db: Database) -> None:
    user = db.users.get("u1")
    user.profile.first_name = " "
    user.save()


def stepped(db: Database) -> None:
    with db.transaction() as transaction:
        user = db.users.get("u1")
        user.email = "nobody"
        transaction.save(user)


# What the system being replaced stored, and what it would have: a bad change of everything that can be changed.
REFUSED: dict[str, Operation] = {
    "address of a user": lambda db: db.users.update("u1", email="bad"),
    "blank name in a profile": lambda db: db.users.update_profile("u1", first_name=""),
    "removed name in a profile": lambda db: db.users.update_profile("u1", last_name=None),
    "type in a profile": lambda db: db.users.update_profile("u1", bio=5),
    "list in a profile": lambda db: db.users.update_profile("u1", cultural_background="Latina"),
    "preference": lambda db: db.users.update_preferences("u1", weekly_digest="yes"),
    "removed preference": lambda db: db.users.update_preferences("u1", weekly_digest=None),
    "theme": lambda db: db.users.update("u1", settings={"theme": "pink"}),
    "counter of a user": lambda db: db.users.increment_stats("u1", stories_shared=1.5),  # type: ignore[arg-type]
    "counter that is none": lambda db: db.users.increment_stats("u1", stories=1),
    "naive time": lambda db: db.users.update("u1", profile={"join_date": datetime(2026, 1, 1)}),
    "saved user": saved,
    "step of a transaction": stepped,
    "name of a circle": lambda db: db.circles.update("c1", name="ab"),
    "most members": lambda db: db.circles.update_settings("c1", max_members=1),
    "no members": lambda db: db.circles.update_settings("c1", max_members=0),
    "moderation of a circle": lambda db: db.circles.update_settings("c1", moderation_level="none"),
    "rate of a circle": lambda db: db.circles.update_stats("c1", engagement_rate="much"),
    "contradiction": lambda db: db.circles.update("c1", status="ACTIVE", is_active=False),
    "role": lambda db: db.circles.update_member_role("c1", "u2", "emperor"),
    "title of a story": lambda db: db.stories.update("s1", title="abcd"),
    "status of a story": lambda db: db.stories.update("s1", status="lost"),
    "content of a comment": lambda db: db.stories.add_comment("s1", author_id="u1", content="  "),
    "counter of a story": lambda db: db.stories.update_engagement("s1", likes="many"),
    "address of a business": lambda db: db.businesses.update("b1", profile={"contact": {"email": "bad"}}),
    "site of a business": lambda db: db.businesses.update("b1", profile={"website": "example.org"}),
    "rating of a business": lambda db: db.businesses.update_metrics("b1", rating=float("nan")),
    "type of a resource": lambda db: db.resources.update("r1", type="novel"),
    "link of a resource": lambda db: db.resources.update("r1", external_url="example.org"),
    "status of an image": lambda db: db.images.mark_status("i1", "lost"),
    "text of an image": lambda db: db.images.update("i1", alt_text="    "),
    "rating of a picture": lambda db: make_feedback(db, "f2", rating=6),
    "status of a feedback": lambda db: db.feedback.update_status("f1", 5),  # type: ignore[arg-type]
    "priority of an incident": lambda db: db.incidents.update("n1", priority="p9"),
    "summary of an incident": lambda db: db.incidents.update("n1", summary=""),
    "target of a review": lambda db: db.reviews.enqueue(target_type="user", target_id="u1"),
    "provider of a source": lambda db: db.sources.update("p1", provider="else"),
    "preference of a personalization": lambda db: db.personalization.upsert_for_user(
        "u1", preferences={"avoid_tags": "all"}
    ),
}


@pytest.mark.defect(27, 28)
@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_a_rule_is_refused_before_anything_is_written(name: str, content: Database) -> None:
    before = everything(content)
    with nothing_sent(content), pytest.raises(ValidationError):
        REFUSED[name](content)
    assert everything(content) == before


UNFIT_FOR_A_KEY: dict[str, Operation] = {
    "address with what nobody sees": lambda db: db.users.update("u1", email="jane@exam\u0007ple.org"),
    "new address with what nobody sees": lambda db: make_user(db, "u3", email="ja\x00ne@example.org"),
    "address that UTF-8 cannot write": lambda db: make_user(db, "u3", email="ja\ud800ne@example.org"),
    "category with what nobody sees": lambda db: db.businesses.update("b1", category="tea\x00"),
    "title with what nobody sees": lambda db: db.resources.update("r1", title="Eating\x1bwell"),
    "map without a name": lambda db: db.businesses.update("b1", profile={"social_media": {"": "x"}}),
    "map in a map without a name": lambda db: db.feedback.update(
        "i1", "u1", db.feedback.get_by_id("f1").created_at, "f1", metadata={"a": [{"": 1}]}
    ),
}


@pytest.mark.parametrize("name", UNFIT_FOR_A_KEY)
def test_what_no_key_and_no_map_can_hold_is_refused_before_anything_is_written(name: str, content: Database) -> None:
    with nothing_sent(content), pytest.raises((ValidationError, KeyValueError)):
        UNFIT_FOR_A_KEY[name](content)


@pytest.mark.defect(27, 28)
def test_the_merged_state_is_judged_and_not_the_change_alone(db: Database) -> None:
    make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "bio": "Hello"})

    assert db.users.update_profile("u1", bio="Hi").profile.first_name == "Jane"
    user = db.users.get("u1")
    user.profile = {"first_name": "Jane"}  # the whole document, without the last name
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        user.save()
    assert set(refused.value.messages) == {"profile.lastName"}


@pytest.mark.defect(65)
def test_warnings_reach_who_writes(db: Database) -> None:
    user = make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "bio": "x" * 501})
    assert ("profile.bio", "LENGTH_WARNING") in [(entry.field, entry.code) for entry in user.warnings]

    changed = db.users.update_profile("u1", diagnosis_stage="unsure", bio="Hello")
    assert [(entry.field, entry.code) for entry in changed.warnings if entry.code != "RECOMMENDED"] == [
        ("profile.diagnosisStage", "INVALID_VALUE")
    ]


# -- by way of a schema --------------------------------------------------------------------------------------------


def test_what_a_schema_loads_is_created_and_changed(db: Database) -> None:
    data = {
        "userId": "u1",
        "email": "jane@example.com",
        "profile": {"firstName": "Jane", "lastName": "Smith", "joinDate": "2024-01-01T00:00:00Z"},
        "settings": {"theme": "dark"},
    }
    user = db.users.create(**User.schema().load(data))
    assert user.warnings == db.users.get("u1").validate(data).warnings

    changes = User.schema(partial=True).load({"profile": {"bio": "Hello"}, "settings": {"theme": "light"}})
    changed = db.users.update("u1", **changes)

    assert (changed.profile.first_name, changed.profile.bio, changed.settings.theme) == ("Jane", "Hello", "light")
    shown = User.schema().dump(db.users.get("u1"))
    assert shown["profile"]["joinDate"] == "2024-01-01T00:00:00.000Z"
    assert (shown["version"], shown["entityType"], shown["PK"]) == (2, "USER", "USER#u1")
    assert shown["stats"] == {
        "storiesShared": 0,
        "circlesJoined": 0,
        "commentsPosted": 0,
        "helpfulVotes": 0,
        "daysActive": 0,
        "streakDays": 0,
    }
    removed = db.users.update("u1", **User.schema(partial=True).load({"profile": {"bio": None}}))
    assert removed.profile.bio is None


def test_changes_may_name_the_item_themselves(db: Database) -> None:
    make_user(db)
    changes = User.schema(partial=True).load({"userId": "u1", "isVerified": True})

    assert db.users.update(**changes).is_verified is True


@pytest.mark.parametrize(
    ("collection", "key"),
    [
        ("users", "u1"),
        ("circles", "c1"),
        ("stories", "s1"),
        ("businesses", "b1"),
        ("resources", "r1"),
        ("images", "i1"),
        ("incidents", "n1"),
        ("sources", "p1"),
        ("reviews", "r1"),
        ("personalization", "u1"),
    ],
)
def test_every_entity_is_shown_and_what_is_shown_is_taken_back_as_a_change(
    collection: str, key: str, content: Database
) -> None:
    manager = getattr(content, collection)
    stored = manager.get(key)
    schema = manager.model.schema()
    shown = schema.dump(stored)

    assert shown["version"] == stored.version
    change = manager.model.schema(partial=True, unknown=marshmallow.EXCLUDE).load(shown)
    # These change by the operations for them only, and are refused even as they are.
    unmoved = {"created_by", "consensus", "decisions"}
    with nothing_sent(content):
        assert manager.update(key, **{name: value for name, value in change.items() if name not in unmoved}) == stored


def test_a_stored_item_that_breaks_every_rule_is_shown_as_far_as_it_is_read(content: Database) -> None:
    key = User.key.of("u1")
    request = {
        "TableName": content.table_name,
        "Key": key.wire,
        "UpdateExpression": "SET email = :bad, settings = :text, isActive = :odd",
        "ExpressionAttributeValues": {":bad": {"S": "bad"}, ":text": {"S": "dark"}, ":odd": {"N": "1"}},
    }
    content.connection.call("UpdateItem", request)

    shown = User.schema().dump(content.users.get("u1"))
    assert shown["email"] == "bad"
    assert {"settings", "isActive"}.isdisjoint(shown)
