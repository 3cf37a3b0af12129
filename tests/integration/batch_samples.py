"""Make the entities of batches, and put something else in the place of what a client does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from madmall_models import Database, Entity, IdAttribute, Length, PrimaryKey, Required, Rules, UnicodeAttribute, User
from tests.integration.table_content import everything

Send = Callable[..., Any]


def declare() -> SimpleNamespace:
    """Declare plain entities as an application would."""

    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENTS#{event_id}", "METADATA")
        event_id = IdAttribute()
        title = UnicodeAttribute(null=True)
        rules = Rules(title=[Required(), Length(max=400_000)])

    class Visit(Entity, discriminator="VISIT"):
        key = PrimaryKey("VISITS#{visit_id}", "METADATA")
        visit_id = IdAttribute()

    return SimpleNamespace(Event=Event, Visit=Visit)


def events(own: SimpleNamespace, count: int, title: str = "Meeting") -> list[Any]:
    return [own.Event(event_id=f"e{number:04}", title=title) for number in range(count)]


def user(user_id: str, email: str | None = None, **fields: Any) -> User:
    profile = {"first_name": "Jane", "last_name": "Smith"}
    return User(user_id=user_id, email=email or f"{user_id}@example.org", **{"profile": profile, **fields})


def stored(db: Database) -> list[str]:
    return sorted(item["eventId"]["S"] for item in everything(db) if item["entityType"]["S"] == "EVENT")


def replaced(db: Database, monkeypatch: pytest.MonkeyPatch, method: str, by: Callable[..., Any]) -> None:
    """Put ``by(send, request)`` in the place of a method of the client."""
    send = getattr(db.connection.client, method)
    monkeypatch.setattr(db.connection.client, method, lambda **request: by(send, request))


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")
