"""A cancelled transaction is split by its reasons: each row gets its own outcome, and the rest is sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import EndpointUnreachable, ServiceError, TransactionCancelled
from madmall_models.connection import retry
from madmall_models.connection.deadline import Deadline
from madmall_models.migration import OnConflict
from madmall_models.migration.pace import Pace
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rehearsal_sink import RehearsalSink
from madmall_models.migration.sink import EmptySink, Fate, Outcome
from madmall_models.migration.table_sink import TableSink
from tests.unit.migration.prepared_rows import user

Answer = Callable[[list[str]], Any]
MET = {"Code": "ConditionalCheckFailed"}
FINE = {"Code": "None"}


class Table:
    """Stand for a connection: remembers what is stored, and answers a transaction as the test says."""

    table = "t"

    def __init__(self, *answers: Answer, stored: Sequence[Mapping[str, Any]] = ()) -> None:
        self.answers = list(answers)
        self.stored = list(stored)
        self.sent: list[list[str]] = []
        self.operations: list[str] = []

    def deadline(self) -> Deadline:
        return Deadline(60.0)

    def call(self, operation: str, request: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        self.operations.append(operation)
        if operation == "BatchGetItem":
            asked = [(key["PK"]["S"], key["SK"]["S"]) for key in request["RequestItems"]["t"]["Keys"]]
            found = [item for item in self.stored if (item["PK"]["S"], item["SK"]["S"]) in asked]
            return {"Responses": {"t": found}}
        keys = [action["Put"]["Item"]["PK"]["S"] for action in request["TransactItems"]]
        self.sent.append([key for key in keys if key.startswith("USER#")])
        if self.answers:
            reasons = self.answers.pop(0)(keys)
            if isinstance(reasons, Exception):
                raise reasons
            if reasons is not None:
                raise TransactionCancelled("cancelled", steps=range(len(reasons)), reasons=reasons)
        return {}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait for real."""
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)


def refusing(fault: Mapping[str, Any], *prefixes: str) -> Answer:
    return lambda keys: [fault if key.startswith(prefixes) else FINE for key in keys]


def sink_of(table: Table, on_conflict: OnConflict = OnConflict.SKIP) -> TableSink:
    return TableSink(SimpleNamespace(connection=table), on_conflict, Pace(None))


def fates(outcomes: Sequence[Outcome]) -> dict[str, Fate]:
    return {outcome.prepared.entity.user_id: outcome.fate for outcome in outcomes}


def pack(count: int = 3) -> tuple[Prepared, ...]:
    return tuple(user(number) for number in range(1, count + 1))


def test_a_pack_that_is_taken_is_one_transaction() -> None:
    table = Table()

    outcomes = sink_of(table).write(pack())

    assert fates(outcomes) == {"u1": Fate.WRITTEN, "u2": Fate.WRITTEN, "u3": Fate.WRITTEN}
    assert table.sent == [["USER#u1", "USER#u2", "USER#u3"]]


@pytest.mark.defect(78)
def test_a_row_that_is_there_is_skipped_and_the_rest_is_sent_again() -> None:
    table = Table(refusing(MET, "USER#u2"))

    outcomes = sink_of(table).write(pack())

    assert fates(outcomes) == {"u1": Fate.WRITTEN, "u2": Fate.SKIPPED, "u3": Fate.WRITTEN}
    assert table.sent == [["USER#u1", "USER#u2", "USER#u3"], ["USER#u1", "USER#u3"]]


def test_a_row_that_is_there_is_rejected_where_that_was_asked() -> None:
    table = Table(refusing(MET, "USER#u2"))

    outcomes = sink_of(table, OnConflict.FAIL).write(pack())

    [rejected] = [outcome for outcome in outcomes if outcome.fate is Fate.REJECTED]
    assert rejected.fault is not None
    assert (rejected.prepared.entity.user_id, rejected.fault.code) == ("u2", "ALREADY_EXISTS")


def test_a_unique_value_that_somebody_else_has_rejects_the_row() -> None:
    table = Table(refusing(MET, "UNIQUE#USER#EMAIL#u3"))

    outcomes = sink_of(table).write(pack())

    [rejected] = [outcome for outcome in outcomes if outcome.fate is Fate.REJECTED]
    assert rejected.fault is not None
    assert (rejected.prepared.entity.user_id, rejected.fault.field, rejected.fault.code) == (
        "u3",
        "email",
        "VALUE_TAKEN",
    )
    assert "u3@example.com" not in str(rejected.fault)


def test_a_row_with_key_and_value_taken_is_there_already() -> None:
    table = Table(refusing(MET, "USER#u1", "UNIQUE#USER#EMAIL#u1"))

    assert fates(sink_of(table).write(pack(1))) == {"u1": Fate.SKIPPED}


def test_every_row_may_be_decided_by_one_refusal() -> None:
    table = Table(refusing(MET, "USER#"))

    assert set(fates(sink_of(table).write(pack())).values()) == {Fate.SKIPPED}
    assert len(table.sent) == 1


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_what_passes_is_sent_again_as_it_was(code: str) -> None:
    table = Table(refusing({"Code": code}, "USER#u1"), refusing({"Code": code}, "USER#u2"))

    outcomes = sink_of(table).write(pack())

    assert set(fates(outcomes).values()) == {Fate.WRITTEN}
    assert len(table.sent) == 3


def test_what_never_passes_ends_the_transfer() -> None:
    table = Table(*[refusing({"Code": "TransactionConflict"}, "USER#u1")] * 50)

    with pytest.raises(TransactionCancelled):
        sink_of(table).write(pack())


def test_an_item_that_the_service_refuses_by_reason_is_rejected_alone() -> None:
    table = Table(refusing({"Code": "ItemCollectionSizeLimitExceeded"}, "USER#u2"))

    outcomes = sink_of(table).write(pack())

    assert fates(outcomes) == {"u1": Fate.WRITTEN, "u2": Fate.REJECTED, "u3": Fate.WRITTEN}


@pytest.mark.defect(78)
def test_an_item_that_makes_the_service_refuse_the_request_is_found_by_halving() -> None:
    def answer(keys: list[str]) -> Any:
        return ServiceError("refused", code="ValidationException") if "USER#u3" in keys else None

    table = Table(*[answer] * 20)

    outcomes = sink_of(table).write(pack(5))

    assert fates(outcomes) == {f"u{n}": Fate.REJECTED if n == 3 else Fate.WRITTEN for n in range(1, 6)}


@pytest.mark.parametrize("error", [EndpointUnreachable("gone"), ServiceError("no", code="InternalServerError")])
def test_an_error_of_the_service_ends_the_transfer(error: Exception) -> None:
    with pytest.raises(type(error)):
        sink_of(Table(lambda keys: error)).write(pack())


def test_a_fresh_table_is_looked_at_once() -> None:
    table = Table()
    sink = sink_of(table)

    for number in range(3):
        sink.write((user(number),))

    assert table.operations == ["BatchGetItem", *["TransactWriteItems"] * 3]


def test_as_long_as_rows_are_there_nothing_is_sent() -> None:
    rows = [user(number) for number in range(6)]
    table = Table(stored=[row.actions[0].request["Item"] for row in rows])
    sink = sink_of(table)

    outcomes = [*sink.write(tuple(rows[:3])), *sink.write(tuple(rows[3:]))]

    assert {outcome.fate for outcome in outcomes} == {Fate.SKIPPED}
    assert table.operations == ["BatchGetItem"] * 2


def test_a_skipped_row_tells_what_is_in_the_table_not_what_the_source_says() -> None:
    stored = user(1, bio="As it is now.").actions[0].request["Item"]

    [outcome] = sink_of(Table(stored=[stored])).write((user(1),))

    assert outcome.present.profile.bio == "As it is now."


def test_a_rehearsal_foresees_every_outcome_and_writes_nothing() -> None:
    there, other = user(1), user(9)
    claim = {**other.actions[1].request["Item"], "PK": user(2).actions[1].request["Item"]["PK"]}
    table = Table(stored=[there.actions[0].request["Item"], claim])

    outcomes = RehearsalSink(SimpleNamespace(connection=table), OnConflict.SKIP).write(pack())

    assert fates(outcomes) == {"u1": Fate.SKIPPED, "u2": Fate.REJECTED, "u3": Fate.WRITTEN}
    assert set(table.operations) == {"BatchGetItem"}


def test_without_a_table_everything_would_be_written() -> None:
    assert set(fates(EmptySink().write(pack())).values()) == {Fate.WRITTEN}
