"""What could not be asked is neither absent nor there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from madmall_models import Database, EndpointUnreachable, Throttled
from madmall_models.connection.retry import Backoff
from tests.integration.samples import make_circle, make_user
from tests.reliability.faulty_client import throttled, with_faults

ASKED: dict[str, Callable[[Database], object]] = {
    "exists": lambda db: db.users.exists("u1"),
    "get_or_none": lambda db: db.users.get_or_none("u1"),
    "get_by_email": lambda db: db.users.get_by_email("u1@example.org"),
    "is_member": lambda db: db.circles.is_member("c1", "u1"),
    "get_member": lambda db: db.circles.get_member("c1", "u1"),
    "batch_get": lambda db: db.users.batch_get(["u1"]),
    "first": lambda db: db.circles.get_by_type("support_group").first(),
    "count": lambda db: db.circles.get_by_type("support_group").count(),
    "delete": lambda db: db.users.delete("u1"),
    "create": lambda db: make_circle(db, "c2"),
}


@pytest.mark.defect(13)
@pytest.mark.parametrize("name", ASKED)
def test_an_endpoint_that_does_not_answer_says_nothing_of_an_item(name: str) -> None:
    nowhere = Database(table="nowhere", endpoint="http://127.0.0.1:1", max_attempts=1)
    with pytest.raises(EndpointUnreachable):
        ASKED[name](nowhere)


@pytest.mark.defect(3, 13)
@pytest.mark.parametrize("name", ASKED)
def test_a_throttled_table_says_nothing_of_an_item(name: str, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db)
    make_circle(db)
    with_faults(db, throttled, share=1.0)
    with pytest.raises(Throttled):
        ASKED[name](db)
