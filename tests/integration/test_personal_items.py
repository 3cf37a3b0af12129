"""What belongs to a person alone goes with them: an application's own entities too, expired or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import Database, Entity, IdAttribute, Pointer, PrimaryKey, TimeAttribute, UnicodeAttribute, utc_now
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry
from tests.integration.samples import NOON, make_resource, make_user
from tests.integration.table_content import edit, mentions, places


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def own() -> Iterator[SimpleNamespace]:
    with isolated_registry():

        class Note(Entity, discriminator="DIARY_NOTE"):
            key = PrimaryKey("USER#{user_id}", "DIARY#{written_at}#{note_id}")
            shared = Pointer("SHARED#DIARY", "{written_at}#{note_id}")

            user_id = IdAttribute()
            note_id = IdAttribute()
            written_at = TimeAttribute()
            text = UnicodeAttribute(null=True)

        yield SimpleNamespace(Note=Note)


def test_personal_items_go_with_the_person(db: Database, own: SimpleNamespace) -> None:
    notes = db.manager_of(own.Note)
    for user_id in ("leaver", "stayer"):
        make_user(db, user_id)
        for number in range(3):
            at = NOON + timedelta(hours=number)
            notes.create(
                user_id=user_id, note_id=f"{user_id}-{number}", written_at=at, text="Canary" if number else None
            )
    expired = own.Note.key.of("leaver", NOON, "leaver-0")
    edit(db, expired, "SET #ttl = :past", past={"N": str(int((utc_now() - timedelta(days=1)).timestamp()))})
    make_resource(db, author="leaver")

    db.users.delete("leaver")

    assert [place for place in places(db) if "leaver" in place] == []
    assert len(notes.collection_of("stayer", NOON, "any").of(own.Note)) == 3
    assert len([place for place in mentions(db, "canary") if "stayer" in place]) == 2
    assert not [place for place in mentions(db, "canary") if "leaver" in place]
    assert len([place for place in places(db) if place.startswith("SHARED#DIARY")]) == 3
    assert db.resources.get("r1").author.id == "leaver"


def test_an_item_that_changes_or_goes_meanwhile_does_not_stop_the_deletion(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = db.manager_of(own.Note)
    make_user(db, "leaver")
    for number in range(2):
        notes.create(user_id="leaver", note_id=f"n{number}", written_at=NOON)
    call, done = db.connection.call, []

    def meanwhile(operation: str, request: Any, **options: Any) -> Any:
        if "DIARY#" in str(request) and operation == "TransactWriteItems" and not done:
            done.append(True)
            notes.update("leaver", NOON, "n0", text="Changed.")
            notes.delete("leaver", NOON, "n1")
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", meanwhile)
    db.users.delete("leaver")
    assert done
    assert places(db) == []
