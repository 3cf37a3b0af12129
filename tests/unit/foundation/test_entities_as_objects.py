"""An entity is an ordinary object: made by keywords, compared by content, and silent about what it holds."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.models import Model

from madmall_models import Circle, KeyValueError, QueryError, User, ValidationError
from madmall_models.row import Row

CANARY = "canary@example.org"


def user(**changes: Any) -> User:
    given: dict[str, Any] = {
        "user_id": "u1",
        "email": CANARY,
        "profile": {"first_name": "Canary", "last_name": "Canary"},
    }
    return User(**{**given, **changes})


@pytest.mark.parametrize("name", ["is_verified", "isVerified"])
def test_names_are_taken_in_either_spelling(name: str) -> None:
    assert user(**{name: True}).is_verified is True
    assigned = user()
    setattr(assigned, name, True)
    assert assigned.is_verified is True
    assert "isVerified" not in vars(assigned)


@pytest.mark.parametrize(("name", "near"), [("is_verifed", "is_verified"), ("emial", "email"), ("userid", "user_id")])
def test_a_misspelt_name_is_refused_with_a_near_miss(name: str, near: str) -> None:
    with pytest.raises(ValidationError, match=f"User: '{name}' is no attribute of it; did you mean '{near}'"):
        user(**{name: CANARY})
    with pytest.raises(ValidationError, match=f"did you mean '{near}'"):
        setattr(user(), name, CANARY)


@pytest.mark.parametrize("name", ["PK", "SK", "GSI1PK", "entity_type", "entityType"])
def test_a_derived_attribute_cannot_be_given(name: str) -> None:
    with pytest.raises(ValidationError, match=f"User: '{name}' is derived and cannot be given"):
        user(**{name: "x"})
    with pytest.raises((ValidationError, AttributeError), match="is derived"):
        setattr(user(), name, "x")


def test_derived_attributes_can_be_read() -> None:
    one = user()
    assert (one.PK, one.SK, one.GSI1PK, one.entity_type) == ("USER#u1", "PROFILE", f"EMAIL#{CANARY}", "USER")
    assert one.GSI2PK is None


def test_a_changed_part_changes_the_key_at_once() -> None:
    one = user()
    one.email = " New@Example.org "
    assert one.GSI1PK == "EMAIL#new@example.org"


def test_an_entity_without_its_id_has_no_key() -> None:
    with pytest.raises(KeyValueError, match=r"User\.key takes user_id; missing: user_id"):
        User(email=CANARY).item_key()


def test_defaults_are_filled_and_not_shared() -> None:
    one, other = user(), user()
    assert one.preferences.profile_visibility == "circles_only"
    assert one.tenant_id == "default"
    one.primary_goals.append("share_story")
    one.preferences.weekly_digest = False
    one.settings.accessibility.large_text = True
    assert (other.primary_goals, other.preferences.weekly_digest) == ([], True)
    assert other.settings.accessibility.large_text is False


def test_entities_are_equal_by_content_and_hashed_by_key() -> None:
    join = {"profile": {"first_name": "A", "last_name": "B", "join_date": "2026-11-22T12:00:00Z"}}
    join["profile"]["last_active"] = join["profile"]["join_date"]
    assert user(**join) == user(**join)
    assert user(**join) != user(**join, is_verified=True)
    assert user() != "user"
    assert len({user(**join), user(**join, is_verified=True)}) == 2
    assert hash(user(**join)) == hash(user(**join, is_verified=True))


def test_an_entity_shows_its_ids_and_its_version_only() -> None:
    assert repr(user()) == "<User user_id='u1' version=None>"
    assert "canary" not in str(user()).lower()


def test_an_entity_as_a_dict_is_plain() -> None:
    given = user(primary_goals=["share_story"], profile={"first_name": "A", "last_name": "B"}).to_dict()
    assert given["profile"]["first_name"] == "A"
    assert type(given["profile"]) is dict
    assert type(given["settings"]["accessibility"]) is dict
    assert "stats" in given


# -- as a model of PynamoDB ----------------------------------------------------------------------------------------


def test_an_entity_is_a_model_of_pynamodb() -> None:
    assert issubclass(User, Model)
    back = User.from_raw_data(user().serialize())
    assert (back.email, back.profile.first_name, back.item_key()) == (CANARY, "Canary", user().item_key())


@pytest.mark.parametrize(
    ("attempt", "fix"),
    [
        (lambda: User.query("USER#u1"), "ask one of User.key.query(...), User.by_email.query(...)"),
        (lambda: User.scan(), "would read the whole table; ask one of its keys"),
        (lambda: User.count(), "use .query(...).count() of a key"),
        (lambda: user().update(actions=[]), "use User.objects.update(...) or save()"),
        (lambda: User._get_connection(), "Use User.objects or db.<managers>"),
    ],
)
def test_what_pynamodb_does_wrong_on_one_table_is_refused_with_the_fix(attempt: Any, fix: str) -> None:
    with pytest.raises(QueryError) as refused:
        attempt()
    assert fix in str(refused.value)


# -- rows ----------------------------------------------------------------------------------------------------------


def test_a_row_is_read_by_name_and_as_attributes_and_cannot_be_changed() -> None:
    circle = Circle(circle_id="c1", name="Canary", settings={"max_members": 5})
    row = Row.of(circle, ("circle_id", "settings.max_members", "cover_image"))
    assert (row["circle_id"], row.circle_id, row["settings.max_members"]) == ("c1", "c1", 5)
    assert row.cover_image is None
    assert dict(row) == {"circle_id": "c1", "settings.max_members": 5, "cover_image": None}
    with pytest.raises(AttributeError, match="a row is read-only; get the entity to change it"):
        row.circle_id = "c2"
    with pytest.raises(AttributeError, match=r"this row holds .*, not name"):
        _ = row.name


def test_a_row_shows_no_values() -> None:
    assert repr(Row({"name": "Canary"})) == "<Row of name>"
