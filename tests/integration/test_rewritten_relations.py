"""What stands beside an item is not rewritten with it, and a check of the table finds what is out of step."""

from __future__ import annotations

from typing import Any

from madmall_models import Database
from madmall_models.integrity import check
from madmall_models.migration import RewriteItems
from tests.integration.plain_run import applied
from tests.integration.samples import make_user


def moved(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "email": item["email"].replace("example.org", "example.net")}


def test_keys_and_claims_of_a_changed_attribute_stay_as_they_were_and_a_check_finds_them(db: Database) -> None:
    make_user(db, "u1")
    assert check(db) == ()

    applied(db, RewriteItems("USER", moved, describe="Move addresses to another domain"))

    assert db.users.get("u1").email == "u1@example.net"
    assert {finding.rule for finding in check(db)} == {"keys", "claim"}
