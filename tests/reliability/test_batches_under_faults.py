"""Under faults of every kind a batch writes all, or names exactly what is missing; nothing is there by half."""

from __future__ import annotations

import dataclasses

import pytest

from madmall_models import AlreadyExists, BatchIncomplete, Database, MadMallError, OutcomeUnknown, User
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.reliability.faulty_client import conflicted, dropped_before, failed_after, lost_after, throttled, with_faults

pytestmark = pytest.mark.difference("tokens")
FAULTS = (lost_after, failed_after, dropped_before, throttled, conflicted)


@pytest.fixture
def hurried(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return the database with two attempts, no waiting, and no breaker that would spare it the faults."""
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    settings = dataclasses.replace(db.connection.settings, max_attempts=2, breaker_failures=0)
    db.connection.settings = settings
    db.connection._breaker._most = 0
    return db


def users(count: int) -> list[User]:
    profile = {"first_name": "Jane", "last_name": "Smith"}
    return [User(user_id=f"u{n:03}", email=f"u{n:03}@example.com", profile=profile) for n in range(count)]


def write_all(db: Database, waiting: list[User]) -> None:
    """Write a batch, and what it names as missing, until nothing is."""
    unknown: set[str] = set()
    for _ in range(60):
        try:
            db.users.batch_write(waiting)
            return
        except BatchIncomplete as incomplete:
            pairs = list(zip(incomplete.unwritten, incomplete.reasons, strict=True))
        unknown |= {user.user_id for user, reason in pairs if isinstance(reason, OutcomeUnknown)}
        # Only of what an answer was lost, and whose outcome was said to be unknown, may be there already.
        there = {user.user_id for user, reason in pairs if isinstance(reason, AlreadyExists)}
        assert there <= unknown
        waiting = [user for user, _ in pairs if user.user_id not in there]
        if not waiting:
            return
    raise AssertionError("the batch never ended")


@pytest.mark.parametrize("seed", range(4))
def test_creations_are_whole_and_what_is_missing_is_named(hurried: Database, seed: int) -> None:
    faulty = with_faults(hurried, *FAULTS, share=0.75, seed=seed, only={"transact_write_items"})
    new = users(120)
    for start in range(0, len(new), 8):
        write_all(hurried, new[start : start + 8])
    assert faulty.injected > 10
    found = hurried.users.batch_get([user.user_id for user in new], consistent=True)
    assert [user.user_id for user in found if user is not None] == [user.user_id for user in new]
    assert check(hurried) == ()


@pytest.mark.parametrize("seed", range(2))
def test_reading_many_gives_all_or_an_error_and_never_a_part(hurried: Database, seed: int) -> None:
    hurried.users.batch_write(users(150))
    faulty = with_faults(hurried, lost_after, dropped_before, throttled, share=0.3, seed=seed, only={"batch_get_item"})
    wanted = [f"u{number:03}" for number in range(149, -1, -1)] + ["nobody"]
    whole = 0
    for _ in range(10):
        try:
            found = hurried.users.batch_get(wanted)
        except MadMallError:
            continue
        whole += 1
        assert [user.user_id if user else None for user in found] == [*wanted[:-1], None]
    assert faulty.injected > 3
    assert whole > 2
