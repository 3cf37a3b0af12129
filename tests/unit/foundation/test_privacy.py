"""Nothing that is printed, raised or logged says what somebody wrote: only what kind of thing was wrong with it.

The canary stands in every value that a person may have typed.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    Comment,
    Database,
    MadMallError,
    Query,
    Resource,
    Story,
    User,
    ValidationError,
    limits,
)
from madmall_models.errors import redacted
from madmall_models.footprint import footprint
from madmall_models.row import Row
from madmall_models.sending import Reason
from madmall_models.validation_report import Entry

CANARY = "canary"
EMAIL = "canary@example.org"
PROFILE = {"first_name": "Canary", "last_name": "Canary", "bio": "canary", "location": {"city": "Canary"}}

database = Database(table="table")


def user(**changes: Any) -> User:
    given: dict[str, Any] = {"user_id": "u1", "email": EMAIL, "profile": PROFILE}
    return User(**{**given, **changes})


def asking(key: Any, **fields: Any) -> Query[Any]:
    query: Query[Any] = database.query_of(key, key.checked_fields(fields))
    return query


def transaction() -> Any:
    steps = database.transaction()
    steps.create(user())
    steps.create(Comment(comment_id="k1", story_id="s1", author={"id": "u1", "display_name": "Canary"}, content=CANARY))
    steps.check(User.key.of("u1"), User.email == EMAIL)
    return steps


OBJECTS: dict[str, Callable[[], object]] = {
    "entity": user,
    "document": lambda: user().profile,
    "nested document": lambda: user().profile.location,
    "key": lambda: User.key.of("canary"),
    "query": lambda: asking(User.by_email, email=EMAIL),
    "query with bounds": lambda: asking(Resource.by_category, category="education").between("Canary", "Canary2"),
    "query with a beginning": lambda: asking(Resource.by_category, category="education").begins_with("Canary"),
    "query with a filter": lambda: asking(Circle.by_type, type="support_group").filter(Circle.name == "Canary"),
    "manager": lambda: database.users,
    "transaction": transaction,
    "step": lambda: transaction().steps,
    "reason": lambda: Reason("ConditionalCheckFailed", "item", {"email": {"S": EMAIL}}),
    "report": lambda: User.validate({"user_id": "canary!", "email": CANARY, "profile": "canary"}),
    "finding on a name that is none": lambda: Entry(f"profile.{EMAIL}", "is no field", "UNKNOWN_FIELD"),
    "row": lambda: Row({"user_id": CANARY, EMAIL: 1}),
    "warnings": lambda: User.validate({"user_id": "u1", "email": EMAIL, "profile": {"bio": CANARY * 100}}).warnings,
}


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_printed_shows_no_value(name: str) -> None:
    thing = OBJECTS[name]()
    assert CANARY not in repr(thing).lower()
    assert CANARY not in str(thing).lower()


REFUSALS: dict[str, Callable[[], object]] = {
    "an id with other characters": lambda: User.key.of(EMAIL),
    "a key that is too long": lambda: footprint(user(email=EMAIL * 200)),
    "a lone surrogate": lambda: user(email="canary\ud800").rendered_keys(),
    "a value of a wrong type": lambda: footprint(user(profile={**PROFILE, "bio": ["canary"]})),
    "a wrong text for a time": lambda: footprint(user(created_at="canary")),
    "a wrong member of a list": lambda: footprint(user(primary_goals=[EMAIL, 5])),
    "a broken rule": lambda: User.validate(user(email="canary")).raise_if_invalid("User"),
    "a broken rule of a document": lambda: User.validate(
        {"user_id": "u1", "email": EMAIL, "settings": {"theme": "canary"}}
    ).raise_if_invalid("User"),
    "an item that is too large": lambda: footprint(user(profile={**PROFILE, "bio": CANARY * 80_000})),
    "a map that is none": lambda: user(profile="canary").serialize(),
    "a contradiction": lambda: Circle(name="Canary", status="INACTIVE", is_active=True).reconcile(
        ["status", "is_active"]
    ),
    "a narrowing too many": lambda: asking(User.by_email, email=EMAIL).begins_with("canary").begins_with("canary"),
    "a filter on a key": lambda: asking(User.by_email, email=EMAIL).filter(User.GSI1PK == EMAIL),
    "an unfit field of a query": lambda: asking(Story.by_author, author_id=EMAIL).sort_range(),
    "an unfit part of a member": lambda: CircleMember(circle_id="canary!", user_id="u1").item_key(),
    "a claim that is too long": lambda: User.unique_email.claim_key({"email": EMAIL * 200}),
    "a name that is none, loaded": lambda: User.schema().load({EMAIL: 1, "profile": {EMAIL: 1}}),
    "a name that is none, in a list": lambda: User.schema(many=True).load([{EMAIL: 1}]),
    "a name that is none, of a query": lambda: database.users.query(**{EMAIL: 1}),
    "a name that is none, of a count": lambda: database.users.count(**{EMAIL: 1}),
    "a name that is none, of a key": lambda: User.key.of(**{EMAIL: 1}),
    "a name that is none, of an index key": lambda: asking(User.by_email, **{EMAIL: 1}),
    "a name that is none, of a figure": lambda: database.users.increment_stats("u1", **{EMAIL: 1}),
    "a name that is none, of an item": lambda: database.users.get(**{EMAIL: 1}),
    "a name that is none, of a change": lambda: database.users.update("u1", **{EMAIL: 1}),
    "a name that is none, of a document": lambda: user(profile={EMAIL: 1}),
    "a value that no attribute takes": lambda: database.transaction().update(
        User.key.of("u1"), User.settings.theme.set(CANARY)
    ),
    "a set without members": lambda: limits.check_item({"canary": {"S": "canary"}, "x": {"SS": []}}, entity="User"),
}


@pytest.mark.defect(4)
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_shows_no_value(name: str) -> None:
    with pytest.raises(MadMallError) as refused:
        REFUSALS[name]()
    chain = [refused.value, refused.value.__cause__]
    # The frames of a traceback quote source lines, which are the program's own; messages are what counts.
    shown = "".join("".join(traceback.format_exception_only(error)) for error in chain if error is not None)
    assert CANARY not in shown.lower()


def test_a_report_gives_the_value_to_the_caller_who_has_it_anyway() -> None:
    report = User.validate({"user_id": "u1", "email": "canary", "profile": PROFILE})
    assert [entry.value for entry in report.errors] == ["canary"]


def test_a_report_gives_the_name_to_the_caller_who_has_it_anyway() -> None:
    with pytest.raises(ValidationError) as refused:
        User.schema().load({EMAIL: 1})
    assert EMAIL in {entry.field for entry in refused.value.errors}
    assert EMAIL in refused.value.messages


def test_a_report_names_what_is_a_name() -> None:
    report = User.validate({"user_id": "u1", "email": "canary", "profile": {"bio": 1}, "primary_goals": [1]})
    assert {"email", "profile.bio", "primaryGoals[0]"} <= {str(entry).split(" ")[0] for entry in report.errors}


def test_a_row_names_what_is_a_name() -> None:
    assert repr(Row({"profile.bio": 1, "goals[0]": 2})) == "<Row of profile.bio, goals[0]>"


def test_a_key_in_a_message_is_shown_by_its_kind() -> None:
    assert redacted({"PK": "EMAIL#canary@example.org", "SK": "USER#canary"}) == "PK=EMAIL#..., SK=USER#..."


def test_the_log_shows_no_value(caplog: pytest.LogCaptureFixture) -> None:
    from madmall_models.writer import check

    with caplog.at_level(logging.DEBUG, logger="madmall_models"):
        check(user(profile={**PROFILE, "bio": CANARY * 100}, primary_goals=["canary"]))
    assert "LENGTH" in caplog.text
    assert CANARY not in caplog.text.lower()
