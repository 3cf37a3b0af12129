"""Users: created whole, changed without losing anything, found by their address."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Database,
    KeyValueError,
    UniqueViolation,
    User,
    ValidationError,
    VersionConflict,
    utc_now,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import NOON, make_user
from tests.integration.table_content import edit, everything, nothing_sent, nothing_written, places, raw

JANE = User.key.of("u1")
EMAIL_CLAIM = "UNIQUE#USER#EMAIL#{} / CLAIM"


# -- creating ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(1)
def test_a_user_is_stored_with_its_keys_and_its_claim(db: Database) -> None:
    created = make_user(db, email="Jane@Example.com", created_at=NOON)
    item = raw(db, JANE)
    texts = {name: wire["S"] for name, wire in item.items() if name.startswith(("PK", "SK", "GSI"))}
    assert texts == {
        "PK": "USER#u1",
        "SK": "PROFILE",
        "GSI1PK": "EMAIL#jane@example.com",
        "GSI1SK": "USER#u1",
        "GSI4PK": "TENANT#default#USERS",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert item["entityType"] == {"S": "USER"}
    assert item["email"] == {"S": "Jane@Example.com"}
    assert (item["version"], item["createdAt"]) == ({"N": "1"}, {"S": "2024-11-22T12:00:00.000Z"})
    assert item["profile"]["M"]["firstName"] == {"S": "Jane"}
    assert places(db) == [EMAIL_CLAIM.format("jane@example.com"), "USER#u1 / PROFILE"]
    claim = everything(db)[0]
    assert (claim["ownerPK"], claim["ownerSK"], claim["ownerType"]) == (
        {"S": "USER#u1"},
        {"S": "PROFILE"},
        {"S": "USER"},
    )
    assert (created.version, created.created_at, created.email) == (1, NOON, "Jane@Example.com")


def test_defaults_are_filled(db: Database) -> None:
    before = utc_now()
    make_user(db)
    user = db.users.get("u1")
    assert user.profile.join_date >= before
    assert user.profile.last_active >= before
    assert user.preferences.profile_visibility == "circles_only"
    assert user.preferences.share_health_journey is False
    assert user.settings.accessibility.high_contrast is False
    assert (user.stats.stories_shared, user.stats.circles_joined) == (0, 0)
    assert (user.is_active, user.is_verified, user.tenant_id) == (True, False, "default")


@pytest.mark.defect(2)
def test_what_was_created_is_what_is_read(db: Database) -> None:
    created = make_user(db, primary_goals=["share_story"], profile={"firstName": "Jane", "last_name": "Smith"})
    assert db.users.get("u1") == created
    assert db.users.get("u1", consistent=True) == created


@pytest.mark.defect(11)
def test_the_key_is_taken_once(db: Database) -> None:
    make_user(db)
    with nothing_written(db), pytest.raises(AlreadyExists, match="User: an item with this key exists already"):
        make_user(db, email="other@example.org")


@pytest.mark.defect(9, 10)
@pytest.mark.parametrize("email", ["u1@example.org", "U1@EXAMPLE.ORG", " u1@example.org"])
def test_an_address_is_taken_once_in_any_spelling(email: str, db: Database) -> None:
    make_user(db)
    with nothing_written(db), pytest.raises(UniqueViolation) as refused:
        make_user(db, "u2", email=email.strip())
    assert refused.value.field == "email"
    assert "example" not in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"email": "nowhere"}, {"email"}),
        ({"email": None}, {"email"}),
        ({"profile": {"first_name": " "}}, {"profile.firstName", "profile.lastName"}),
        ({"profile": None}, {"profile"}),
        ({"settings": {"theme": "pink"}}, {"settings.theme"}),
    ],
)
def test_a_user_that_breaks_a_rule_is_refused(fields: dict[str, Any], messages: set[str], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_user(db, **fields)
    assert set(refused.value.messages) == messages


@pytest.mark.defect(65)
def test_a_warning_does_not_refuse_and_is_kept_on_the_user(db: Database) -> None:
    created = make_user(db, primary_goals=["world_peace"])
    assert {(warning.field, warning.code) for warning in created.warnings} >= {("primaryGoals[0]", "INVALID_VALUE")}
    assert db.users.get("u1").primary_goals == ["world_peace"]


def test_an_unknown_field_is_refused_with_a_near_miss(db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError, match="did you mean 'primary_goals'"):
        make_user(db, primary_goal=["share_story"])


@pytest.mark.defect(57)
@pytest.mark.parametrize("user_id", ["jane@example.org", "", "u#1", "u" * 129, None, 5])
def test_an_unfit_id_is_refused_before_anything_is_sent(user_id: Any, db: Database) -> None:
    with nothing_sent(db), pytest.raises((KeyValueError, ValidationError)):
        make_user(db, user_id, email="jane@example.org")


# -- reading -------------------------------------------------------------------------------------------------------


def test_a_user_that_is_not_there(db: Database) -> None:
    with pytest.raises(User.DoesNotExist, match="there is no User with this key"):
        db.users.get("nobody")
    assert db.users.get_or_none("nobody") is None
    assert not db.users.exists("nobody")
    with pytest.raises(User.DoesNotExist, match="there is no user with this e-mail address"):
        db.users.get_by_email("nobody@example.org")


@pytest.mark.defect(10)
def test_a_user_is_found_by_any_spelling_of_the_address(db: Database) -> None:
    make_user(db, email="Jané@Example.com")
    for spelling in ("Jané@Example.com", "JANÉ@EXAMPLE.COM", "  jane\u0301@example.com "):
        assert db.users.get_by_email(spelling).user_id == "u1"


def test_a_user_is_found_by_address_in_the_moment_of_creation(db: Database) -> None:
    for number in range(5):
        make_user(db, f"u{number}")
        assert db.users.get_by_email(f"u{number}@example.org").user_id == f"u{number}"


@pytest.mark.defect(87)
def test_an_expired_user_is_hidden(db: Database) -> None:
    make_user(db, "u1", ttl=datetime(2020, 1, 1, tzinfo=UTC))
    make_user(db, "u2", ttl=utc_now() + timedelta(days=1))
    assert db.users.get_or_none("u1") is None
    assert not db.users.exists("u1")
    assert [user.user_id for user in db.users.get_users_by_tenant()] == ["u2"]
    assert {user.user_id for user in db.users.get_users_by_tenant().including_expired()} == {"u1", "u2"}


# -- changing ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(32)
def test_a_new_address_moves_the_index_key_and_the_claim(db: Database) -> None:
    created = make_user(db)
    updated = db.users.update("u1", email="New@Example.org")
    item = raw(db, JANE)
    assert item["GSI1PK"] == {"S": "EMAIL#new@example.org"}
    assert (item["email"], item["version"]) == ({"S": "New@Example.org"}, {"N": "2"})
    assert (updated.version, updated.created_at) == (2, created.created_at)
    assert updated.updated_at >= created.updated_at
    assert places(db) == [EMAIL_CLAIM.format("new@example.org"), "USER#u1 / PROFILE"]
    assert db.users.get_by_email("new@example.org").user_id == "u1"
    with pytest.raises(User.DoesNotExist):
        db.users.get_by_email("u1@example.org")
    make_user(db, "u2", email="u1@example.org")


def test_an_address_that_differs_in_letter_case_keeps_its_claim(db: Database) -> None:
    make_user(db)
    db.users.update("u1", email="U1@Example.ORG")
    assert raw(db, JANE)["email"] == {"S": "U1@Example.ORG"}
    assert places(db) == [EMAIL_CLAIM.format("u1@example.org"), "USER#u1 / PROFILE"]


def test_an_address_of_somebody_else_changes_nothing(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    with nothing_written(db), pytest.raises(UniqueViolation) as refused:
        db.users.update("u1", email="U2@example.org", is_verified=True)
    assert refused.value.field == "email"


@pytest.mark.defect(29, 30)
def test_a_profile_is_merged_and_never_replaced(db: Database) -> None:
    make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "bio": "Hello", "location": {"city": "Atlanta"}})
    db.users.update_profile("u1", bio="Wellness advocate", support_needs=["self_care"], location={"state": "GA"})
    profile = db.users.get("u1").profile
    assert (profile.first_name, profile.bio, profile.support_needs) == ("Jane", "Wellness advocate", ["self_care"])
    assert (profile.location.city, profile.location.state) == ("Atlanta", "GA")
    db.users.update_profile("u1", bio=None, location={"city": None})
    assert "bio" not in raw(db, JANE)["profile"]["M"]
    assert raw(db, JANE)["profile"]["M"]["location"] == {"M": {"state": {"S": "GA"}}}


@pytest.mark.defect(29)
@pytest.mark.parametrize("name", ["weekly_digest", "weeklyDigest"])
def test_preferences_are_merged_in_either_spelling(name: str, db: Database) -> None:
    make_user(db, preferences={"profile_visibility": "private"})
    updated = db.users.update_preferences("u1", **{name: False})
    assert (updated.preferences.weekly_digest, updated.preferences.profile_visibility) == (False, "private")


@pytest.mark.defect(27, 28)
def test_a_change_that_breaks_a_rule_is_refused_on_the_merged_state(db: Database) -> None:
    make_user(db)
    with nothing_written(db):
        with pytest.raises(ValidationError) as refused:
            db.users.update_profile("u1", first_name="")
        assert set(refused.value.messages) == {"profile.firstName"}
        with pytest.raises(ValidationError, match="did you mean 'first_name'"):
            db.users.update_profile("u1", firstname="Jane")
        with pytest.raises(ValidationError, match="email is required"):
            db.users.update("u1", email=None)


def test_a_change_of_nothing_sends_nothing(db: Database) -> None:
    make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "bio": "Hello"})
    with nothing_sent(db):
        assert db.users.update_profile("u1", bio="Hello").version == 1
        assert db.users.update("u1").version == 1
        db.users.get("u1").save()


@pytest.mark.defect(26)
def test_a_change_of_what_is_not_there(db: Database) -> None:
    with nothing_sent(db), pytest.raises(User.DoesNotExist):
        db.users.update("nobody", is_verified=True)


@pytest.mark.defect(14)
def test_a_change_may_insist_on_a_version(db: Database) -> None:
    make_user(db)
    assert db.users.update("u1", expected_version=1, is_verified=True).version == 2
    with nothing_written(db), pytest.raises(VersionConflict, match="User is at version 2, not 1") as refused:
        db.users.update("u1", expected_version=1, is_verified=False)
    assert refused.value.current.version == 2


@pytest.mark.defect(15)
def test_a_lost_race_is_read_again_and_repeated(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db)
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    merge, raced = type(db.users)._merge, []

    def meanwhile(manager: Any, entity: Any, changes: Any) -> None:
        if len(raced) < 2:
            raced.append(True)
            rival = db.users.get("u1", consistent=True)
            rival.primary_goals = [*rival.primary_goals, "share_story"]
            rival.save()
        merge(manager, entity, changes)

    monkeypatch.setattr(type(db.users), "_merge", meanwhile)
    updated = db.users.update("u1", is_verified=True)
    assert (updated.version, updated.is_verified, len(updated.primary_goals)) == (4, True, 2)


def test_a_race_that_is_always_lost_ends_with_the_current_user(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db)
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    merge = type(db.users)._merge

    def meanwhile(manager: Any, entity: Any, changes: Any) -> None:
        edit(db, JANE, "ADD version :one", one={"N": "1"})
        merge(manager, entity, changes)

    monkeypatch.setattr(type(db.users), "_merge", meanwhile)
    with pytest.raises(VersionConflict) as refused:
        db.users.update("u1", is_verified=True)
    assert refused.value.current.version > 2
    assert raw(db, JANE)["isVerified"] == {"BOOL": False}


# -- counters and gauges -------------------------------------------------------------------------------------------


def test_counters_add_and_leave_the_version_alone(db: Database) -> None:
    created = make_user(db)
    db.users.increment_stats("u1", stories_shared=1, helpful_votes=5)
    db.users.increment_stats("u1", stories_shared=2, helpful_votes=-1)
    user = db.users.get("u1")
    assert (user.stats.stories_shared, user.stats.helpful_votes, user.stats.days_active) == (3, 4, 0)
    assert (user.version, user.updated_at) == (1, created.updated_at)


@pytest.mark.difference("missing-maps")
def test_counters_work_where_the_map_is_absent(db: Database) -> None:
    make_user(db)
    edit(db, JANE, "REMOVE stats")
    db.users.increment_stats("u1", stories_shared=3)
    stats = db.users.get("u1").stats
    assert (stats.stories_shared, stats.helpful_votes, stats.circles_joined) == (3, 0, 0)


def test_the_last_activity_is_noted_without_a_new_version(db: Database) -> None:
    created = make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "last_active": NOON})
    db.users.update_last_active("u1")
    user = db.users.get("u1")
    assert user.profile.last_active > NOON
    assert (user.version, user.updated_at, user.profile.first_name) == (1, created.updated_at, "Jane")


@pytest.mark.difference("missing-maps")
def test_the_last_activity_of_a_user_without_a_profile_is_no_counter(db: Database) -> None:
    make_user(db)
    edit(db, JANE, "REMOVE profile")
    db.users.update_last_active("u1")
    assert not {"circlesJoined", "storiesShared", "daysActive"} & set(raw(db, JANE)["profile"]["M"])


@pytest.mark.parametrize(
    "deltas", [{"stories": 1}, {"stories_shared": 1.5}, {"stories_shared": "1"}, {"stories_shared": True}]
)
def test_a_wrong_increment_is_refused_before_anything_is_sent(deltas: dict[str, Any], db: Database) -> None:
    make_user(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.users.increment_stats("u1", **deltas)


@pytest.mark.defect(26)
def test_counters_of_nobody(db: Database) -> None:
    with pytest.raises(User.DoesNotExist):
        db.users.increment_stats("nobody", stories_shared=1)
    with pytest.raises(User.DoesNotExist):
        db.users.update_last_active("nobody")
    assert everything(db) == []


@pytest.mark.difference("no-lock")
def test_no_increment_is_lost_among_threads(db: Database) -> None:
    make_user(db)

    def work() -> None:
        for _ in range(5):
            db.users.increment_stats("u1", stories_shared=1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.users.get("u1", consistent=True).stats.stories_shared == 20


def test_update_refuses_counters_wherever_they_are(db: Database) -> None:
    make_user(db)
    with nothing_sent(db):
        with pytest.raises(ValidationError, match=r"stats .*counter.* update\(\) never sends"):
            db.users.update("u1", stats={"stories_shared": 5})
        with pytest.raises(ValidationError, match="counter"):
            db.users.update_profile("u1", last_active=NOON)


@pytest.mark.parametrize("place", [{1: 2}, {None: "x"}, {("a", "b"): 1}])
def test_a_map_whose_names_are_no_text_is_refused_by_a_typed_error(place: Any, db: Database) -> None:
    make_user(db, profile={"first_name": "Jane", "last_name": "Smith", "location": {"city": "Atlanta"}})
    with nothing_written(db), pytest.raises(ValidationError, match="whose name is no text"):
        db.users.update_profile("u1", location=place)
