"""Sixteen threads on one circle: nothing may break, and without the conditions something must."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from madmall_models import Database, MadMallError, TransactionCancelled
from madmall_models.integrity import check

THREADS = 16
OPERATIONS = 25
USERS = 12
ADDRESSES = 40
CONDITION = ("ConditionExpression", "ReturnValuesOnConditionCheckFailure")
pytestmark = pytest.mark.difference("no-lock")


@pytest.mark.parametrize("seed", range(3))
def test_sixteen_threads_leave_no_broken_invariant(db: Database, seed: int) -> None:
    prepare(db)

    outcome = hammer(db, seed)

    assert check(db) == ()
    assert outcome.unexpected == []
    assert outcome.succeeded > THREADS, f"seed {seed}: too little happened to mean anything"


def test_the_same_threads_break_invariants_once_the_conditions_are_removed(db: Database) -> None:
    prepare(db)
    db.connection.call = without_conditions(db.connection.call)  # type: ignore[method-assign]

    findings = []
    for seed in range(10):
        hammer(db, seed)
        findings = list(check(db))
        if findings:
            break

    assert findings, "removing every condition changed nothing, so the test above could not fail"


def prepare(db: Database) -> None:
    for number in range(USERS):
        create_user(db, f"user{number}", f"user{number}@example.com")
    db.circles.create(circle_id="circle", name="Sisters", description="-", type="support_group", created_by="user0")


def create_user(db: Database, user_id: str, email: str) -> None:
    db.users.create(user_id=user_id, email=email, profile={"first_name": "A", "last_name": "B"})


class Outcome:
    """What became of the operations."""

    def __init__(self) -> None:
        self.succeeded = 0
        self.unexpected: list[str] = []
        self._lock = threading.Lock()

    def note(self, error: BaseException | None) -> None:
        with self._lock:
            if error is None:
                self.succeeded += 1
            elif not isinstance(error, MadMallError) or isinstance(error, TransactionCancelled):
                self.unexpected.append(repr(error))


def hammer(db: Database, seed: int) -> Outcome:
    """Let every thread add, remove, transfer, change roles and register at random; return what became of it."""
    outcome = Outcome()
    started = threading.Barrier(THREADS)

    def work(number: int) -> None:
        chance = random.Random(f"{seed}-{number}")
        started.wait()
        for turn in range(OPERATIONS):
            try:
                chosen_operation(db, chance, f"new-{seed}-{number}-{turn}")()
            except Exception as error:
                outcome.note(error)
            else:
                outcome.note(None)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def chosen_operation(db: Database, chance: random.Random, new_user: str) -> Callable[[], Any]:
    user = f"user{chance.randrange(USERS)}"
    kind = chance.choices(["add", "remove", "transfer", "role", "register"], [4, 4, 2, 1, 2])[0]
    if kind == "add":
        return lambda: db.circles.add_member("circle", user)
    if kind == "remove":
        return lambda: db.circles.remove_member("circle", user)
    if kind == "transfer":
        return lambda: db.circles.transfer_ownership("circle", to=user)
    if kind == "role":
        role = chance.choice(["member", "moderator"])
        return lambda: db.circles.update_member_role("circle", user, role)
    return lambda: create_user(db, new_user, f"Address{chance.randrange(ADDRESSES)}@Example.com")


def without_conditions(call: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return a connection's call that sends writes with their conditions cut out."""

    def careless(operation: str, request: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        if operation == "TransactWriteItems":
            items = [item for item in request["TransactItems"] if "ConditionCheck" not in item]
            request = {**request, "TransactItems": [{kind: cut(part) for kind, part in item.items()} for item in items]}
        elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
            request = cut(request)
        return call(operation, request, **options)

    return careless


def cut(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request without its condition and without the placeholders that only the condition used."""
    bare = {name: value for name, value in part.items() if name not in CONDITION}
    used = set(re.findall(r"[#:]\w+", bare.get("UpdateExpression", "")))
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        kept = {placeholder: value for placeholder, value in bare.pop(name, {}).items() if placeholder in used}
        if kept:
            bare[name] = kept
    return bare
