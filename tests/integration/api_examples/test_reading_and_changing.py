"""Queries, transactions, signals and errors. Each block is one that the documents show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import madmall_models
from madmall_models import (
    Circle,
    CircleMember,
    Database,
    DoesNotExist,
    InvalidCursor,
    MadMallError,
    MembershipError,
    QueryError,
    TransactionCancelled,
    User,
    item_created,
    member_added,
)


@pytest.fixture
def content(engine: Any, db: Database) -> Iterator[Database]:
    """Give a database with people and circles, and a key to sign cursors with."""
    database = Database(table=db.table_name, cursor_keys=["first signs", "all verify"], **engine.connection_settings())
    for number in range(3):
        database.users.create(
            user_id=f"user{number}",
            email=f"user{number}@example.com",
            profile={"first_name": "Jane", "last_name": "Smith"},
        )
        database.circles.create(
            circle_id=f"circle{number}",
            name=f"Circle {number}",
            type="support_group",
            created_by="user0",
            created_at=datetime(2024, 11, 22, number, tzinfo=UTC),
        )
    yield database
    database.close()


def test_pages(content: Database) -> None:
    db, arguments = content, {"cursor": ""}
    page = db.circles.get_by_type("support_group").page(size=2, after=arguments.get("cursor"))
    assert [circle.circle_id for circle in page.items] == ["circle0", "circle1"]
    assert page.has_more
    page = db.circles.get_by_type("support_group").page(size=2, after=page.cursor)
    assert [circle.circle_id for circle in page.items] == ["circle2"]
    assert (page.cursor, page.has_more) == (None, False)
    with pytest.raises(InvalidCursor):
        db.circles.get_by_type("support_group").page(size=2, after="altered")


def test_a_query(content: Database) -> None:
    query = content.circles.get_by_type("support_group")
    explanation = query.explain()
    assert explanation.index == "GSI1"
    assert explanation.key_condition == "GSI1PK = CIRCLE_TYPE#support_group AND GSI1SK begins_with CREATED#"
    assert explanation.read_units > 0
    first = query.first()
    assert first is not None
    assert query.count() == len(list(query)) == 3
    with pytest.raises(QueryError):
        query.one()
    rows = query.limit(20).newest_first().only("circle_id", "name")
    assert [row.circle_id for row in rows] == ["circle2", "circle1", "circle0"]


def test_a_transaction(content: Database) -> None:
    db, cid, uid = content, "circle1", "user1"
    member = CircleMember(circle_id=cid, user_id=uid)
    with db.transaction() as tx:
        tx.create(member)
        tx.update(
            Circle.key.of(circle_id=cid), Circle.stats.member_count.add(1), condition=Circle.stats.member_count < 50
        )
        tx.check(User.key.of(user_id=uid), User.is_active == True)
    assert db.circles.is_member(cid, uid)
    assert db.circles.get(cid).stats.member_count == 2


def test_a_transaction_that_is_cancelled(content: Database) -> None:
    tx = content.transaction()
    created = tx.create(CircleMember(circle_id="circle1", user_id="user1"))
    checked = tx.check(User.key.of(user_id="user1"), User.is_active == False)
    with pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    assert cancelled.value.because_of(created) is None
    assert cancelled.value.because_of(checked) is not None
    assert len(cancelled.value.reasons) == 2


def test_many_at_once(content: Database) -> None:
    found = content.users.batch_get(["user2", "nobody", "user0"])
    assert [user.user_id if user else None for user in found] == ["user2", None, "user0"]
    mixed = content.batch_get([User.key.of(user_id="user1"), Circle.key.of(circle_id="circle1")])
    assert [type(item) for item in mixed] == [User, Circle]


def test_signals(content: Database) -> None:
    heard: list[str] = []

    def welcome(sender: type[CircleMember], member: CircleMember) -> None:
        heard.append(f"{member.user_id} joined {member.circle_id}")

    def count(sender: type[Any], item: Any) -> None:
        heard.append(f"{sender.__name__} created")

    with member_added.connected_to(welcome), item_created.connected_to(count):
        content.circles.add_member("circle1", "user2")
    assert heard == ["CircleMember created", "user2 joined circle1"]


TREE: dict[str, list[str]] = {
    "MadMallError": [
        "ConfigurationError",
        "DeclarationError",
        "KeyValueError",
        "ValidationError",
        "QueryError",
        "DoesNotExist",
        "AlreadyExists",
        "UniqueViolation",
        "VersionConflict",
        "ConditionFailed",
        "MembershipError",
        "TransactionCancelled",
        "BatchIncomplete",
        "ItemTooLarge",
        "LimitExceeded",
        "Throttled",
        "CircuitOpen",
        "DeadlineExceeded",
        "CorruptAnswer",
        "OutcomeUnknown",
        "TableNotFound",
        "AccessDenied",
        "MigrationError",
    ],
    "MembershipError": [
        "AlreadyMember",
        "NotAMember",
        "CircleIsFull",
        "Banned",
        "OwnerCannotLeave",
        "NotOwner",
        "OwnsCircles",
    ],
    "QueryError": ["InvalidCursor"],
    "ValueError": ["ConfigurationError", "KeyValueError", "ValidationError", "QueryError"],
    "TypeError": ["DeclarationError"],
    "LookupError": ["DoesNotExist"],
}


@pytest.mark.parametrize("root", TREE)
def test_errors(root: str) -> None:
    builtins = {"ValueError": ValueError, "TypeError": TypeError, "LookupError": LookupError}
    for name in TREE[root]:
        error = getattr(madmall_models, name)
        assert issubclass(error, builtins.get(root) or getattr(madmall_models, root))
        assert issubclass(error, MadMallError)


def test_each_error_names_what_is_wrong_and_what_to_do(content: Database) -> None:
    with pytest.raises(User.DoesNotExist, match="there is no User with this key") as missing:
        content.users.get("nobody")
    assert isinstance(missing.value, DoesNotExist)
    with pytest.raises(MembershipError, match="transfer the ownership first"):
        content.circles.remove_member("circle1", "user0")
    with pytest.raises(QueryError, match="no key serves a query by name"):
        content.circles.query(name="Circle 1")
