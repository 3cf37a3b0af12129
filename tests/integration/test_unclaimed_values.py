"""A value that another program stored without its claim may be claimed by somebody else: it stays theirs."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Database, TransactionCancelled, UniqueViolation, User
from tests.integration.samples import make_user
from tests.integration.table_content import nothing_written, places, raw

OLD = "jane@example.org"
CLAIM = "UNIQUE#USER#EMAIL#{} / CLAIM"


@pytest.fixture
def users(db: Database) -> Database:
    """Make two users of one address, as another program does: the first without a claim, which is the second's."""
    make_user(db, "owner", email=OLD)
    wire: dict[str, Any] = {**raw(db, User.key.of("owner")), "PK": {"S": "USER#raw"}, "userId": {"S": "raw"}}
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": wire})
    return db


def owner_of(db: Database, address: str) -> str:
    return db.users.get_by_email(address).user_id


def test_a_user_without_a_claim_moves_to_a_free_address(users: Database) -> None:
    users.users.update("raw", email="new@example.org")
    assert (owner_of(users, "new@example.org"), owner_of(users, OLD)) == ("raw", "owner")
    assert users.users.get("raw").version == 2


def test_a_transaction_leaves_the_claim_of_another_user_alone(users: Database) -> None:
    user = users.users.get("raw")
    user.email = "new@example.org"
    with users.transaction() as tx:
        tx.save(user)
        tx.check(User.key.of("owner"), User.is_active == True)
    assert (owner_of(users, "new@example.org"), owner_of(users, OLD)) == ("raw", "owner")
    assert (user.version, users.users.get("raw").version) == (2, 2)
    with users.transaction() as tx:
        tx.delete(user)
        tx.delete(users.users.get("owner"))
    assert places(users) == []


def test_a_user_without_a_claim_is_deleted_and_leaves_it_to_its_owner(users: Database) -> None:
    users.users.get("raw").delete()
    assert CLAIM.format(OLD) in places(users)
    assert owner_of(users, OLD) == "owner"


def test_an_address_that_is_taken_stays_taken(users: Database) -> None:
    make_user(users, "other", email="taken@example.org")
    with nothing_written(users), pytest.raises(UniqueViolation, match="this email belongs to another User"):
        users.users.update("raw", email="taken@example.org")
    user = users.users.get("raw")
    user.email = "taken@example.org"
    with nothing_written(users), pytest.raises(TransactionCancelled) as cancelled, users.transaction() as tx:
        tx.save(user)
    assert isinstance(cancelled.value.reasons[0].error, UniqueViolation)


def test_a_step_that_is_refused_beside_a_spared_claim_is_named(users: Database) -> None:
    user = users.users.get("raw")
    user.email = "new@example.org"
    tx = users.transaction()
    saved = tx.save(user)
    absent = tx.check(User.key.of("nobody"))
    with nothing_written(users), pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    assert cancelled.value.refused(absent)
    assert user.version == 1
    assert saved.action_count == 3
