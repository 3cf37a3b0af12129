"""A creation never replaces what is there, whoever is faster, and gives back what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import AlreadyExists, AlreadyMember, Database, UniqueViolation
from madmall_models.codec import decode
from tests.catalogue import catalogue_facts
from tests.catalogue.test_catalogue import DECLARED, LISTED
from tests.integration.catalogue_items import CatalogueItem
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import everything, nothing_written, raw

CATALOGUE = catalogue_facts.load()
WRITES = ("PutItem", "TransactWriteItems")
# What each entity needs to be there before it.
NEEDED = {"CIRCLE_MEMBER": ["CIRCLE"], "STORY_COMMENT": ["STORY"], "FEEDBACK": ["IMAGE_ASSET"]}
every_entity = pytest.mark.parametrize("entity", DECLARED)


@pytest.fixture(autouse=True)
def content(db: Database, request: pytest.FixtureRequest) -> None:
    """Put what the entity under test needs, in the form that any program may have written it in."""
    entity = request.node.callspec.params.get("entity") if hasattr(request.node, "callspec") else None
    needed = NEEDED.get(entity, []) if entity in (None, "USER") else ["USER", *NEEDED.get(entity, [])]
    for name in needed:
        item = CatalogueItem(CATALOGUE, name, LISTED, whole=False).item
        db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})


def fields_of(entity: str) -> dict[str, Any]:
    """Return what a caller gives for a new item: what must be given, and nothing derived."""
    read = decode(DECLARED[entity], CatalogueItem(CATALOGUE, entity, LISTED, whole=False).item)
    derived = {"version", "created_at", "updated_at", "entity_type"}
    given = {name: value for name, value in read.attribute_values.items() if name not in derived}
    # The moment is a part of this key.
    return {**given, "created_at": read.created_at} if "created_at" in DECLARED[entity].key.field_names else given


def create(db: Database, entity: str, **fields: Any) -> Any:
    return db.manager_of(DECLARED[entity]).create(**{**fields_of(entity), **fields})


def meanwhile(db: Database, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Let somebody else act right before the next write is sent."""
    call = db.connection.call

    def interrupted(operation: str, request: Any, **options: Any) -> Any:
        if operation in WRITES:
            monkeypatch.setattr(db.connection, "call", call)
            act()
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", interrupted)


@pytest.mark.defect(1, 2)
@every_entity
def test_every_entity_can_be_created_and_what_is_given_back_is_stored(entity: str, db: Database) -> None:
    created = create(db, entity)
    manager = db.manager_of(DECLARED[entity])
    assert manager.get_by_key(created.item_key(), consistent=True) == created
    assert raw(db, created.item_key())["version"] == {"N": "1"}


@pytest.mark.defect(11)
@every_entity
def test_no_entity_replaces_another_of_its_key(entity: str, db: Database) -> None:
    create(db, entity)
    with nothing_written(db), pytest.raises((AlreadyExists, AlreadyMember)):
        create(db, entity, tenant_id="other", **another_address(entity))


@pytest.mark.defect(12)
@every_entity
def test_who_was_faster_is_not_replaced(entity: str, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    faster: list[Any] = []
    meanwhile(db, monkeypatch, lambda: faster.append(create(db, entity, tenant_id="faster")))
    with pytest.raises((AlreadyExists, AlreadyMember)):
        create(db, entity, **another_address(entity))
    (winner,) = faster
    assert db.manager_of(DECLARED[entity]).get_by_key(winner.item_key(), consistent=True) == winner


def another_address(entity: str) -> dict[str, str]:
    """Return what makes the key the only thing that two creations have in common."""
    return {"email": "another@example.org"} if entity == "USER" else {}


@pytest.mark.defect(9)
def test_of_two_who_take_one_address_at_once_one_gets_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(db, monkeypatch, lambda: make_user(db, "faster", email="Jane@Example.org"))
    with pytest.raises(UniqueViolation):
        make_user(db, "slower", email="jane@example.org")
    assert db.users.get_by_email("jane@example.org").user_id == "faster"
    assert not db.users.exists("slower")


@pytest.mark.defect(9)
def test_of_two_who_change_to_one_address_at_once_one_gets_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db, "faster")
    make_user(db, "slower")
    meanwhile(db, monkeypatch, lambda: db.users.update("faster", email="jane@example.org"))
    with pytest.raises(UniqueViolation):
        db.users.update("slower", email="JANE@example.org")
    assert db.users.get_by_email("jane@example.org").user_id == "faster"
    assert db.users.get_by_email("slower@example.org").user_id == "slower"


@pytest.mark.defect(19)
def test_a_circle_and_its_owner_s_membership_are_one_write(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db)
    before = everything(db)
    call, sent = db.connection.call, []

    def seen(operation: str, request: Any, **options: Any) -> Any:
        sent.append(operation)
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", seen)
    make_circle(db)
    assert [operation for operation in sent if operation not in ("GetItem", "Query")] == ["TransactWriteItems"]
    assert len(everything(db)) == len(before) + 3
