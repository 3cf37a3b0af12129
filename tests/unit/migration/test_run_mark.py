"""The mark on an item tells which run wrote it and whether it is still what was written."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Circle, CircleMember
from madmall_models.footprint import Action, creation
from madmall_models.migration.run_mark import MARK, RunMark, mark, without_mark
from madmall_models.writer import prepare_creation
from tests.integration.samples import NOON

COUNTED = [("stats", "memberCount")]


def actions() -> list[Action]:
    circle = Circle(circle_id="c1", name="New", type="support_group", created_by="u1", created_at=NOON)
    return creation(prepare_creation(circle))


def item_of(made: list[Action]) -> dict[str, Any]:
    return dict(made[0].request["Item"])


@pytest.mark.parametrize("is_stub", [False, True])
def test_a_mark_is_read_as_it_was_written(is_stub: bool) -> None:
    made = actions()

    written = mark(made, "01RUN", COUNTED, is_stub=is_stub)

    assert RunMark.of(item_of(made)) == written
    assert (written.run, written.is_stub, len(written.digest)) == ("01RUN", is_stub, 16)


@pytest.mark.parametrize("text", ["", "01RUN", "somebody"])
def test_an_item_that_no_run_wrote_has_none(text: str) -> None:
    assert RunMark.of({MARK: {"S": text}}) is None
    assert RunMark.of({}) is None


def test_a_mark_is_true_until_the_item_is_changed() -> None:
    made = actions()
    written, item = mark(made, "01RUN", COUNTED), item_of(made)

    assert written.is_true_of(item, COUNTED)
    assert not written.is_true_of({**item, "name": {"S": "Renamed"}}, COUNTED)
    assert not written.is_true_of({**item, "updatedAt": {"S": "2030-01-01T00:00:00.000Z"}}, COUNTED)
    assert not written.is_true_of({**item, "unknown": {"S": "added"}}, COUNTED)


def test_what_the_table_counts_for_itself_is_no_change() -> None:
    made = actions()
    written, item = mark(made, "01RUN", COUNTED), item_of(made)
    counted = {**item, "stats": {"M": {**item["stats"]["M"], "memberCount": {"N": "7"}}}, "version": {"N": "9"}}

    assert written.is_true_of(counted, COUNTED)
    assert not written.is_true_of(counted, [])


def test_two_runs_that_write_the_same_leave_the_same_digest() -> None:
    first, second = mark(actions(), "01RUN", COUNTED), mark(actions(), "02RUN", COUNTED)

    assert (first.digest, first.run != second.run) == (second.digest, True)


def test_mirrors_carry_the_mark_and_nothing_else_does() -> None:
    member = CircleMember(circle_id="c1", user_id="u1", joined_at=NOON, last_active=NOON, created_at=NOON)
    made = creation(prepare_creation(member))

    written = mark(made, "01RUN", ())

    marked = {action.part for action in made if action.request["Item"].get(MARK) == {"S": written.text}}
    assert marked == {action.part for action in made if action.part == "item" or action.part.startswith("mirror:")}
    assert len(marked) >= 2


def test_an_item_without_its_mark_is_as_if_no_run_had_written_it() -> None:
    made, plain = actions(), item_of(actions())
    mark(made, "01RUN", COUNTED)

    assert without_mark(item_of(made)) == plain
