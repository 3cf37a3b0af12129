"""The inventory tells what is there and expected, there and not, and whose a value is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from madmall_models.integrity import Finding
from madmall_models.integrity.check_memory import CheckMemory
from madmall_models.migration.inventory import Inventory, Origin
from madmall_models.migration.source import Row

DIGEST, OTHER = b"a" * 16, b"b" * 16
JANE, ANN = ("USER#jane", "PROFILE"), ("USER#ann", "PROFILE")


@pytest.fixture
def inventory() -> Iterator[Inventory]:
    with CheckMemory() as memory:
        yield Inventory(memory)


def test_a_row_learns_what_the_table_has_of_it(inventory: Inventory) -> None:
    inventory.found(JANE, "USER", DIGEST)

    assert inventory.expect(JANE, Row("users", (1,), {}), []) == DIGEST
    assert inventory.expect(ANN, Row("users", (2,), {}), []) is None


def test_what_no_row_gives_is_extra_unless_it_may_be_added(inventory: Inventory) -> None:
    for place in (JANE, ANN, ("USER#eve", "PROFILE")):
        inventory.found(place, "USER", DIGEST)
    inventory.expect(JANE, Row("users", (1,), {}), [])
    inventory.may_be_added(ANN)

    assert list(inventory.extras()) == [("USER", ("USER#eve", "PROFILE"))]
    assert inventory.added() == {"USER": 1}
    assert list(inventory.stored()) == [("USER", DIGEST)] * 2


def test_what_may_be_added_and_is_given_by_a_row_counts_as_given(inventory: Inventory) -> None:
    inventory.found(JANE, "USER", DIGEST)
    inventory.may_be_added(JANE)
    inventory.expect(JANE, Row("users", (1,), {}), [])

    assert (inventory.added(), list(inventory.extras()), list(inventory.stored())) == ({}, [], [("USER", DIGEST)])


def test_what_is_expected_and_not_there_is_no_item_of_the_table(inventory: Inventory) -> None:
    inventory.expect(JANE, Row("users", (1,), {}), [])

    assert (list(inventory.stored()), list(inventory.extras())) == ([], [])


def test_an_item_leads_to_its_row(inventory: Inventory) -> None:
    inventory.expect(JANE, Row("users", (7,), {}), ["createdBy"])
    inventory.expect(ANN, Row("members", ("c1", b"\xff"), {}), [])

    assert inventory.origin(JANE) == Origin("users", 7, frozenset({"createdBy"}))
    assert inventory.origin(ANN) == Origin("members", ["c1", {"$base64": "/w=="}], frozenset())
    assert inventory.origin(("USER#eve", "PROFILE")) is None


def test_a_value_is_taken_if_it_is_anothers(inventory: Inventory) -> None:
    claim = ("UNIQUE#USER#jane@example.com", "CLAIM")
    assert not inventory.is_taken(claim, JANE)

    inventory.claimed(claim, JANE)

    assert not inventory.is_taken(claim, JANE)
    assert inventory.is_taken(claim, ANN)


def test_findings_are_held_whole(inventory: Inventory) -> None:
    findings = [Finding("keys", "User", "PK", "wrong", JANE, "email"), Finding("mirror", "User", "PK", "left")]
    for finding in findings:
        inventory.hold(finding)

    held = list(inventory.held())
    assert held == findings
    assert [(finding.place, finding.attribute) for finding in held] == [(JANE, "email"), (None, None)]


def test_claimed_values_are_not_kept_as_they_are() -> None:
    with CheckMemory() as memory:
        Inventory(memory).claimed(("UNIQUE#jane@example.com", "CLAIM"), JANE)

        assert b"jane@" not in memory.database.serialize()
