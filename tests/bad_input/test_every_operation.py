"""Every operation of every manager refuses bad input by a typed error, writes nothing and tells nobody's data.

One good call of each operation is spoiled in one place at a time. What an operation takes all the same is decided in
``accepted.py``, so that a new leniency is a decision and not an accident.
"""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from madmall_models import Database, InvalidCursor, MadMallError, Query, QueryError
from tests.bad_input.accepted import is_accepted
from tests.bad_input.bad_values import MISSING, OF_ANOTHER_TYPE, SECRET, spoiled, with_each_id
from tests.bad_input.calls import CALLS
from tests.bad_input.trial import Trial
from tests.bad_input.world import make_world, own_collections

# No operations on data; or their arguments are entities, keys and queries, which were checked when they were made.
NOT_CALLED = frozenset(
    [
        "asking",
        "batch_write",
        "create_entity",
        "delete_entity",
        "enter_cohort",
        "entity",
        "get_by_key",
        "measure",
        "refuse_stale",
        "save_entity",
        "scan",
    ]
)
# What these ids name may be somewhere else, or gone.
NEED_NOT_BE_THERE = {
    ("feedback.create_for_image", "user_id"),
    ("activities.record", "entity_id"),
    ("incidents.create_incident", "incident_id"),
    ("incidents.create_incident", "related_image_id"),
    ("reviews.add_decision", "reviewer_id"),
    ("reviews.assign", "reviewer_id"),
    ("reviews.enqueue", "review_id"),
    ("reviews.enqueue", "target_id"),
    ("personalization.leave_cohort", "cohort_id"),
}
FORGED = ("forged", "=", "é", "a" * 100_000, "eyJQSyI6ICJhIn0.AAAA", " ")


@pytest.fixture(scope="module")
def world(engine: Any) -> Iterator[Trial]:
    """Give one world to all tests of a worker: refused input leaves it as it is, and the rest is taken back."""
    db = Database(table=f"test-{uuid.uuid4().hex}", **engine.connection_settings())
    db.create_table()
    yield Trial(db, make_world(db))
    db.delete_table()
    db.close()


@pytest.fixture
def trial(world: Trial) -> Iterator[Trial]:
    yield world
    world.wrote()


def test_every_operation_is_called(trial: Trial) -> None:
    db = trial.db
    operations = {
        f"{collection}.{name}"
        for collection in own_collections(db)
        for name in dir(type(getattr(db, collection)))
        if not name.startswith("_") and name not in NOT_CALLED and callable(getattr(getattr(db, collection), name))
    }

    unlisted = {name for name in operations - set(CALLS) if name.split(".")[1] == "of_tenant"}
    for name in unlisted:
        assert isinstance(trial.raised(name, {}), QueryError)
    assert operations - set(CALLS) - unlisted == set()
    assert set(CALLS) - operations == set()


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_the_call_that_is_spoiled_is_good_otherwise(operation: str, trial: Trial) -> None:
    assert trial.raised(operation, CALLS[operation]) is None


@pytest.mark.difference("many-requests")
@pytest.mark.parametrize("operation", sorted(CALLS))
def test_bad_values_are_refused(operation: str, trial: Trial) -> None:
    findings = []
    for path, kind, arguments in spoiled(CALLS[operation]):
        error = trial.raised(operation, arguments)
        wrote = trial.wrote()
        if error is None and is_accepted(trial.manager(operation), operation, path, kind):
            continue
        fault = trial.fault(error, wrote=wrote)
        if fault is None and path.endswith("id") and "." not in path and trial.sent:
            fault = f"was found only after {trial.sent}"
        if fault is not None:
            findings.append(f"{path} = {kind}: {fault}")

    assert not findings, "\n" + "\n".join(findings)


@pytest.mark.parametrize("operation", sorted(name for name in CALLS if not name.endswith(".create")))
@pytest.mark.parametrize("item_id", [MISSING, OF_ANOTHER_TYPE])
def test_an_item_that_is_not_there_is_not_there(operation: str, item_id: str, trial: Trial) -> None:
    findings = []
    for path, arguments in with_each_id(CALLS[operation], item_id):
        if (operation, path) in NEED_NOT_BE_THERE or operation.endswith(".collection_of"):
            continue
        error = trial.raised(operation, arguments)
        found = bool(trial.answer) and trial.answer != [None]
        wrote = trial.wrote()
        if error is None and not found and not wrote:
            continue
        fault = trial.fault(error, wrote=wrote)
        if fault is not None:
            findings.append(f"{path}: {fault}")

    assert not findings, "\n" + "\n".join(findings)


@pytest.mark.parametrize("operation", sorted(name for name in CALLS if name.endswith(".create")))
def test_nothing_is_created_over_an_item_of_another_type(operation: str, trial: Trial) -> None:
    key = trial.manager(operation).model.key.field_names
    new = {**CALLS[operation], **{name: OF_ANOTHER_TYPE for name in key if name in CALLS[operation]}}

    error = trial.raised(operation, new)

    assert trial.fault(error, wrote=trial.wrote()) is None


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_field_that_does_not_exist_is_refused(operation: str, trial: Trial) -> None:
    parameters = inspect.signature(getattr(trial.manager(operation), operation.split(".")[1])).parameters.values()
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return

    error = trial.raised(operation, {**CALLS[operation], "no_such_field": SECRET})

    assert trial.fault(error, wrote=trial.wrote()) is None


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_forged_cursor_is_refused_and_nothing_is_sent(operation: str, trial: Trial) -> None:
    trial.raised(operation, CALLS[operation])
    query = trial.query
    if not isinstance(query, Query):
        return

    for cursor in FORGED:
        trial.sent.clear()
        with pytest.raises(InvalidCursor) as refused:
            query.page(after=cursor)
        assert len(str(refused.value)) < 300
        assert trial.sent == []


def test_bad_values_are_told_apart() -> None:
    """The tests above can fail: an error of Python and a text that quotes are found."""
    assert "ValueError" in str(Trial.fault(ValueError("x"), wrote=False))
    assert "quotes" in str(Trial.fault(MadMallError(f"{SECRET} is wrong"), wrote=False))
    assert "written" in str(Trial.fault(MadMallError("wrong"), wrote=True))
    assert "accepted" in str(Trial.fault(None, wrote=False))
    assert Trial.fault(MadMallError("wrong"), wrote=False) is None
