"""The schema of an entity: what it takes, what it shows, and how it refuses."""

from __future__ import annotations

import contextlib
import inspect
import json
import threading
from typing import Any

import marshmallow
import pytest
from marshmallow import fields, validate

from madmall_models import (
    AdvisoryReview,
    Circle,
    CircleMember,
    DeclarationError,
    MadMallError,
    Resource,
    Story,
    User,
    ValidationError,
)
from madmall_models.attributes import IdAttribute, UnicodeAttribute
from madmall_models.declaration import isolated_registry
from madmall_models.document import Document
from madmall_models.entity import Entity
from madmall_models.keys import PrimaryKey
from madmall_models.marshmallow_bridge import InvalidInput, ModelSchema, schema_class, schema_of

CANARY = "canary@example.org"
INPUT: dict[str, Any] = {
    "userId": "u1",
    "email": "jane@example.com",
    "profile": {"firstName": "Jane", "lastName": "Smith", "location": {"city": "Atlanta"}},
    "settings": {"theme": "dark"},
}
RESOURCE: dict[str, Any] = {
    "resourceId": "r1",
    "title": "Eating well",
    "description": "What to eat",
    "category": "nutrition",
    "author": {"id": "u1", "name": "Jane"},
    "price": {"amount": "19.90", "currency": "USD"},
}


def refusal(schema: ModelSchema, data: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        schema.load(data)
    return caught.value


def test_what_is_loaded_has_python_names_at_every_level_and_the_defaults() -> None:
    loaded = User.schema().load(INPUT)

    assert loaded["user_id"] == "u1"
    assert loaded["profile"]["location"] == {"city": "Atlanta"}
    assert loaded["settings"] == {
        "theme": "dark",
        "language": "en",
        "timezone": "UTC",
        "accessibility": {
            "high_contrast": False,
            "large_text": False,
            "screen_reader": False,
            "reduced_motion": False,
        },
    }
    assert (loaded["primary_goals"], loaded["is_active"], loaded["tenant_id"]) == ([], True, "default")
    assert loaded["preferences"]["share_health_journey"] is False
    assert "stats" not in loaded


def test_two_loads_do_not_share_their_defaults() -> None:
    one, other = User.schema().load(INPUT), User.schema().load(INPUT)
    one["primary_goals"].append("share_story")

    assert other["primary_goals"] == []


def test_changes_have_what_was_given_and_nothing_else() -> None:
    schema = User.schema(partial=True)

    assert schema.load({}) == {}
    assert schema.load({"profile": {"bio": "Hello", "location": None}, "settings": {"theme": "light"}}) == {
        "profile": {"bio": "Hello", "location": None},
        "settings": {"theme": "light"},
    }


def test_changes_remove_only_what_an_item_may_lack() -> None:
    messages = User.schema(partial=True).validate(
        {"email": None, "settings": {"language": None}, "profile": {"firstName": None, "bio": None}}
    )

    assert messages == {
        "email": ["is required"],
        "settings": {"language": ["is required"]},
        "profile": {"firstName": ["is required"]},
    }


def test_changes_cannot_touch_counters_and_gauges() -> None:
    refused = refusal(
        User.schema(partial=True), {"stats": {"daysActive": 1}, "profile": {"lastActive": "2026-11-22T12:00:00Z"}}
    )

    assert {(entry.field, entry.code) for entry in refused.errors} == {
        ("stats", "READ_ONLY"),
        ("profile.lastActive", "READ_ONLY"),
    }
    assert User.schema().load({**INPUT, "stats": {"daysActive": 1}})["stats"] == {"days_active": 1}


@pytest.mark.parametrize(
    ("model", "data", "path"),
    [
        *[(User, {name: "x"}, [name]) for name in ("PK", "SK", "GSI1PK", "GSI4SK", "entityType")],
        *[(User, {name: 1}, [name]) for name in ("version", "createdAt", "updatedAt", "deletingAt")],
        (User, {"stats": {"circlesJoined": 5}}, ["stats", "circlesJoined"]),
        (Circle, {"moderators": ["u1"]}, ["moderators"]),
        (AdvisoryReview, {"decisions": []}, ["decisions"]),
        (Circle, {"stats": {"memberCount": 5}}, ["stats", "memberCount"]),
        (Story, {"engagement": {"comments": 5}}, ["engagement", "comments"]),
    ],
)
@pytest.mark.parametrize("partial", [True, False])
def test_what_the_package_keeps_is_shown_and_never_taken(model: Any, data: Any, path: list[str], partial: bool) -> None:
    messages: Any = model.schema(partial=partial).validate(data)
    if partial and len(path) > 1:
        path = path[:1]  # the whole document is measured
        expected = "is a counter or gauge, which the operations for it change"
    else:
        expected = "is kept for you and cannot be given"
    for name in path:
        messages = messages[name]

    assert messages == [expected]


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
@pytest.mark.parametrize("partial", [True, False])
def test_a_blank_text_is_none_where_one_is_required_and_breaks_no_rule_elsewhere(blank: str, partial: bool) -> None:
    data = {
        **INPUT,
        "email": blank,
        "profile": {"firstName": blank, "lastName": "Smith", "bio": blank},
        "settings": {"theme": blank, "language": blank},
    }

    assert User.schema(partial=partial).validate(data) == {
        "email": ["is required"],
        "profile": {"firstName": ["is required"]},
        "settings": {"theme": ["must be one of light, dark, auto"]},
    }
    assert Resource.schema(partial=partial).validate({**RESOURCE, "externalUrl": blank, "tags": [blank]}) == {}


def test_an_unknown_name_is_refused_and_a_near_miss_named_at_every_level() -> None:
    messages = User.schema().validate(
        {**INPUT, "eMail": "x", "colour": "red", "profile": {**INPUT["profile"], "first_name": "x"}, 5: 6}
    )

    assert messages == {
        "eMail": ["is no field; did you mean 'email'?"],
        "colour": ["is no field"],
        "profile": {"first_name": ["is no field; did you mean 'firstName'?"]},
        5: ["is no field"],
    }
    assert User.schema(unknown=marshmallow.EXCLUDE).load({**INPUT, "colour": "red", "PK": "x"})["user_id"] == "u1"


# -- the error -----------------------------------------------------------------------------------------------------


def test_the_error_is_that_of_both_libraries() -> None:
    refused = refusal(User.schema(), {**INPUT, "email": "jane", "settings": {"theme": "pink"}})

    assert isinstance(refused, marshmallow.ValidationError)
    assert isinstance(refused, ValidationError | MadMallError | ValueError)
    assert refused.messages == {
        "email": ["must be an e-mail address such as name@example.org"],
        "settings": {"theme": ["must be one of light, dark, auto"]},
    }
    assert refused.messages_dict == refused.messages
    assert refused.data["email"] == "jane"
    assert {(entry.field, entry.code) for entry in refused.errors} == {
        ("email", "INVALID_FORMAT"),
        ("settings.theme", "INVALID_VALUE"),
    }
    assert json.loads(json.dumps(refused.messages)) == refused.messages


@pytest.mark.parametrize("data", [None, 5, "x", [], [INPUT]])
def test_what_is_no_map_is_refused(data: Any) -> None:
    assert refusal(User.schema(), data).messages == {"_schema": ["must be a map"]}


def test_members_of_lists_are_refused_by_their_positions() -> None:
    data = {**RESOURCE, "tags": ["a", 5], "contributors": [{"id": "x"}, {"isVerified": "yes"}, 7]}
    refused = refusal(Resource.schema(), data)

    assert refused.messages == {
        "tags": {1: ["must be text"]},
        "contributors": {1: {"isVerified": ["must be True or False"]}, 2: ["must be a map"]},
    }
    assert {entry.field for entry in refused.errors} == {"tags[1]", "contributors[1].isVerified", "contributors[2]"}
    assert {entry.field for entry in refusal(Resource.schema(many=True), [RESOURCE, data]).errors} == {
        "data[1].tags[1]",
        "data[1].contributors[1].isVerified",
        "data[1].contributors[2]",
    }


def test_several_broken_rules_of_one_field_are_all_told() -> None:
    schema = schema_of(User, overrides={"email": {"validate": validate.Length(max=3)}})

    assert schema.validate({**INPUT, "email": "jane"}) == {
        "email": ["must be an e-mail address such as name@example.org", "Longer than maximum length 3."]
    }
    assert schema.validate({**INPUT, "email": "jane@example.com"}) == {"email": ["Longer than maximum length 3."]}


@pytest.mark.parametrize("name", ["userId", "email", "profile", "settings", "primaryGoals", "isActive", "ttl"])
def test_no_message_has_the_value(name: str) -> None:
    for value in (CANARY + " ", [CANARY], {"x": CANARY}, CANARY.encode(), {"theme": CANARY}, {"firstName": [CANARY]}):
        for schema in (User.schema(), User.schema(partial=True)):
            with contextlib.suppress(InvalidInput):
                schema.load({**INPUT, name: value})
                continue
            refused = refusal(schema, {**INPUT, name: value})
            assert CANARY not in f"{refused.messages} {refused} {refused.report!r}"


def test_warnings_are_in_the_report() -> None:
    data = {**INPUT, "profile": {**INPUT["profile"], "diagnosisStage": "unsure", "bio": "x" * 501}}

    assert User.schema().validate(data) == {}
    assert {(entry.field, entry.code) for entry in User.schema().report(data).warnings} == {
        ("profile.diagnosisStage", "INVALID_VALUE"),
        ("profile.bio", "LENGTH_WARNING"),
        ("profile.communicationStyle", "RECOMMENDED"),
    }
    assert User.schema(partial=True).report({"settings": {}}).entries == ()


# -- the schema itself ---------------------------------------------------------------------------------------------


def test_fields_are_of_the_kinds_that_generators_of_documents_know() -> None:
    user, circle = User.schema().fields, Circle.schema().fields
    member = CircleMember.schema().fields

    assert isinstance(user["email"], fields.String)
    assert isinstance(user["is_active"], fields.Boolean)
    assert isinstance(user["created_at"], fields.AwareDateTime)
    assert isinstance(user["version"], fields.Integer)
    assert isinstance(user["profile"], fields.Nested)
    assert isinstance(user["primary_goals"], fields.List)
    assert isinstance(member["contribution_score"], fields.Decimal)
    (name_length,) = circle["name"].validators
    assert isinstance(name_length, validate.Length)
    assert (name_length.min, name_length.max) == (3, 100)
    theme = user["settings"].schema.fields["theme"]
    assert [tuple(found.choices) for found in theme.validators] == [("light", "dark", "auto")]
    assert member["role"].metadata == {"x-known-values": ["member", "moderator", "admin"]}
    assert user["email"].required
    assert user["ttl"].allow_none
    assert type(user["profile"].schema).__name__ == "UserProfileSchema"


def test_instances_are_loaded_if_asked_for() -> None:
    user = User.schema(load_instance=True).load(INPUT)

    assert isinstance(user, User)
    assert user.settings.theme == "dark"
    assert User.schema(load_instance=True).load({}, partial=True) == {}


def test_a_schema_of_ones_own_derives_from_the_class() -> None:
    class Registration(schema_class(User)):  # type: ignore[misc]
        password = fields.String(required=True, load_only=True)

    assert list(Registration().validate(INPUT)) == ["password"]
    assert Registration(partial=True).load({"email": "a@b.co"}) == {"email": "a@b.co"}


def test_an_abstract_entity_lends_its_fields() -> None:
    with isolated_registry():

        class Dated(Entity):
            title = UnicodeAttribute()

        class Event(Dated, discriminator="EVENT_OF_A_TEST"):
            key = PrimaryKey("EVENT_OF_A_TEST#{event_id}", "METADATA")
            event_id = IdAttribute()

        assert Event.schema().load({"eventId": "e1", "title": "x"}) == {
            "event_id": "e1",
            "title": "x",
            "tenant_id": "default",
        }
        assert Dated.schema().validate({"title": "x"}) == {}


def test_threads_that_come_first_together_are_given_one_class() -> None:
    class Inner(Document):
        box_id = IdAttribute()

    class Fresh(Document):
        inner = Inner()

    gate, found = threading.Barrier(8), []

    def make() -> None:
        gate.wait()
        found.append(schema_class(Fresh))
        schema_of(Fresh).load({"inner": {"boxId": "b"}})

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_signature_names_its_options() -> None:
    assert list(inspect.signature(User.schema).parameters) == ["partial", "many", "options"]


@pytest.mark.parametrize("data", [{}, "x", "", None, 5])
def test_where_many_are_loaded_a_list_is_expected(data: Any) -> None:
    schema = User.schema(many=True)
    refused = refusal(schema, data)
    assert refused.messages == {"_schema": ["must be a list"]} == schema.validate(data)
    assert [(entry.field, entry.code) for entry in refused.errors] == [("data", "TYPE_ERROR")]
    assert schema.load([]) == []


@pytest.mark.parametrize(
    ("option", "fix"), [("partail", "did you mean partial?"), ("wobble", "it takes partial, many, only")]
)
def test_an_unknown_option_is_refused_by_the_name_that_was_called(option: str, fix: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        User.schema(**{option: True})
    assert f"User.schema() takes no option {option}; {fix}" in str(refused.value)
