"""Changes of a table are made one after the other, waited for, given up in time, and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    AccessDenied,
    DeadlineExceeded,
    OutcomeUnknown,
    ServiceError,
    TableChangeRefused,
    TablePlan,
    TableSettings,
    Throttled,
)
from madmall_models.table_plan import Application, plan_of, state_or_none
from tests.unit.foundation.pretended_table import PretendedTable
from tests.unit.foundation.table_samples import EXTRA, add_index, declared, drop_index, index, plan


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None
        monkeypatch.setattr("madmall_models.table_plan.application.time.sleep", self._sleep)
        monkeypatch.setattr("madmall_models.table_plan.application.time.monotonic", lambda: self.seconds)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        self.meanwhile()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def apply(
    table: PretendedTable, *, seconds: float = 3600.0, heard: list[str] | None = None, **settings: Any
) -> TablePlan:
    connection: Any = table
    found = plan_of("care", state_or_none(connection), TableSettings(**settings))
    return Application(connection, found, seconds, (heard if heard is not None else []).append).run()


def lacking(*names: str, lag: int = 0) -> PretendedTable:
    table = declared(lag=lag)
    for name in names:
        drop_index(table, name)
    return table


def refused(code: str, details: str = "") -> ServiceError:
    return ServiceError(f"UpdateTable was refused: {code}", code=code, details=details)


# -- waiting -------------------------------------------------------------------------------------------------------


def test_an_index_is_filled_before_the_next_one_is_asked_for(clock: Clock) -> None:
    table = lacking("GSI1", "GSI3", lag=3)
    heard: list[str] = []
    assert apply(table, heard=heard).is_equal
    added = "Add the index GSI1 on GSI1PK and GSI1SK, with whole items"
    also = "Add the index GSI3 on GSI3PK and GSI3SK, with keys only"
    assert heard == [
        f"{added}: asked for",
        f"{added}: waits for the table, which is UPDATING",
        f"{added}: waits for index GSI1, which is CREATING",
        f"{added}: done",
        f"{also}: asked for",
        f"{also}: waits for the table, which is UPDATING",
        f"{also}: waits for index GSI3, which is CREATING",
        f"{also}: done",
    ]
    assert clock.waits[:7] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert table.changes == ["UpdateTable", "UpdateTable"]


def test_a_dropped_index_is_waited_for(clock: Clock) -> None:
    table = declared(lag=2)
    add_index(table, EXTRA)
    assert apply(table, drop_extra_indexes=True).is_equal
    assert table.description is not None
    assert [one["IndexName"] for one in table.description["GlobalSecondaryIndexes"]] == ["GSI1", "GSI2", "GSI3", "GSI4"]


def test_an_index_that_somebody_else_makes_is_waited_for(clock: Clock) -> None:
    table = lacking("GSI3")
    add_index(table, EXTRA)
    index(table, "ByCreator")["IndexStatus"] = "CREATING"
    table._looks = 5
    heard: list[str] = []
    assert apply(table, heard=heard).is_equal
    assert heard[0].endswith("waits for index ByCreator, which is CREATING")
    assert len(table.sent) == 1


def test_a_setting_does_not_wait_for_an_index_that_is_filled(clock: Clock) -> None:
    table = declared()
    add_index(table, EXTRA)
    index(table, "ByCreator")["IndexStatus"] = "CREATING"
    table._looks = 1000
    assert apply(table, deletion_protection=True, tags={"a": "b"}, seconds=30).is_equal


def test_a_declared_index_that_is_being_filled_is_a_difference_that_passes(clock: Clock) -> None:
    table = declared()
    index(table, "GSI3")["IndexStatus"] = "CREATING"
    table._looks = 5
    assert plan(table).describe()[1] == "  1. Wait until the index GSI3 is filled; queries of it fail before"
    assert apply(table).is_equal
    assert table.sent == []


def test_a_declared_index_that_is_being_dropped_is_added_when_it_is_gone(clock: Clock) -> None:
    table = declared()
    index(table, "GSI3")["IndexStatus"] = "DELETING"
    table._looks = 5
    assert apply(table).is_equal
    assert len(table.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refused("ResourceInUseException"),
        refused("LimitExceededException"),
        Throttled("UpdateTable was throttled", code="ThrottlingException"),
    ],
)
def test_a_service_that_asks_for_patience_is_asked_again(answer: ServiceError, clock: Clock) -> None:
    table = lacking("GSI3")
    table.refusals = [answer] * 5
    heard: list[str] = []
    assert apply(table, heard=heard).is_equal
    assert heard[0].endswith("waits for DynamoDB, which takes no change yet")
    assert len(table.sent) == 6


def test_backups_that_are_not_ready_are_waited_for(clock: Clock) -> None:
    table = PretendedTable(None)
    table.refusals = [None, None, refused("ContinuousBackupsUnavailableException")]
    assert apply(table, point_in_time_recovery=True).is_equal


def test_a_second_change_of_the_time_to_live_waits_for_its_hour(clock: Clock) -> None:
    table = declared()
    table.time_to_live = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    hour = refused("ValidationException", "Time to live has been modified multiple times within a fixed interval")
    table.refusals = [None] + [hour] * 700
    assert apply(table, replace_time_to_live=True).is_equal
    assert clock.seconds > 4000


def test_a_time_to_live_that_is_ending_is_waited_for(clock: Clock) -> None:
    table = declared()
    table.time_to_live = {"TimeToLiveStatus": "DISABLING", "AttributeName": "ttl"}

    def end() -> None:
        if len(clock.waits) == 10:
            table.time_to_live = {"TimeToLiveStatus": "DISABLED"}

    clock.meanwhile = end
    heard: list[str] = []
    assert apply(table, heard=heard).is_equal
    assert heard[0] == "Let items expire by ttl: waits for the time to live, which is DISABLING"
    assert table.changes == ["UpdateTimeToLive"]


# -- giving up -----------------------------------------------------------------------------------------------------


def test_time_that_is_over_is_told_and_the_next_run_goes_on(clock: Clock) -> None:
    table = lacking("GSI1", "GSI3", lag=100)
    with pytest.raises(DeadlineExceeded, match=r"not changed in 20 seconds. Last: Add the index GSI1.*apply again"):
        apply(table, seconds=20)
    assert clock.seconds == pytest.approx(1020)
    assert apply(table, seconds=100_000).is_equal
    assert table.changes == ["UpdateTable", "UpdateTable"]


def test_a_refusal_names_the_change_and_the_reason(clock: Clock) -> None:
    table = lacking("GSI1", "GSI3")
    table.refusals = [None, refused("ValidationException", "One or more parameter values were invalid")]
    with pytest.raises(TableChangeRefused, match=r"'care'.*Add the index GSI3.*ValidationException: One or") as raised:
        apply(table)
    assert raised.value.code == "ValidationException"
    assert index(table, "GSI1")["IndexStatus"] == "ACTIVE"
    assert apply(table).is_equal


def test_a_limit_that_does_not_pass_is_told(clock: Clock) -> None:
    table = lacking("GSI3")
    table.refusals = [refused("LimitExceededException", "too many indexes")] * 1000
    with pytest.raises(TableChangeRefused, match="LimitExceededException: too many indexes"):
        apply(table)
    assert clock.seconds < 1100


def test_credentials_that_may_not_are_told(clock: Clock) -> None:
    table = lacking("GSI3")
    table.refusals = [AccessDenied("UpdateTable was refused: AccessDeniedException; check credentials and policy")]
    with pytest.raises(AccessDenied):
        apply(table)


def test_a_setting_that_an_engine_takes_and_forgets_is_told(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    table = declared()
    monkeypatch.setattr(table, "_tag_resource", lambda request: None)
    with pytest.raises(TableChangeRefused, match=r"took this and the table does not show it: Tag the table a=b"):
        apply(table, tags={"a": "b"})
    assert table.changes == ["TagResource"]
    assert clock.seconds < 1100


@pytest.mark.parametrize("status", ["DELETING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"])
def test_a_table_in_a_state_that_takes_no_change_is_told(status: str, clock: Clock) -> None:
    table = lacking("GSI3")
    assert table.description is not None
    table.description["TableStatus"] = status
    assert plan(table).notes == (f"the table is {status}",)
    with pytest.raises(TableChangeRefused, match=f"'care' is {status}, and takes no change"):
        apply(table)
    assert clock.waits == []


# -- others --------------------------------------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_looked_up(clock: Clock) -> None:
    table = lacking("GSI3")
    take = table._update_table

    def lose(request: dict[str, Any]) -> None:
        take(request)
        raise OutcomeUnknown("the answer to UpdateTable was lost")

    table._update_table = lose  # type: ignore[method-assign]
    assert apply(table).is_equal
    assert len(table.sent) == 1


def test_a_request_that_was_lost_is_sent_again(clock: Clock) -> None:
    table = lacking("GSI3")
    table.refusals = [OutcomeUnknown("the answer to UpdateTable was lost")]
    assert apply(table).is_equal
    assert len(table.sent) == 2


def test_what_another_apply_did_is_not_done_again(clock: Clock) -> None:
    table = lacking("GSI1", "GSI3")
    connection: Any = table
    mine = plan(table)
    apply(table)
    sent = len(table.sent)
    assert Application(connection, mine, 60.0, lambda _: None).run().is_equal
    assert len(table.sent) == sent


def test_what_another_apply_does_at_the_same_moment_is_found_done(clock: Clock) -> None:
    table = lacking("GSI3")
    take, others = table._update_table, [True]

    def overtaken(request: dict[str, Any]) -> None:
        take(request)
        if others:
            others.clear()
            raise refused("ValidationException", "Attempting to create an index which already exists")

    table._update_table = overtaken  # type: ignore[method-assign]
    assert apply(table).is_equal


def test_an_index_that_another_apply_dropped_first_is_found_gone(clock: Clock) -> None:
    table = declared()
    add_index(table, EXTRA)
    take = table._update_table

    def overtaken(request: dict[str, Any]) -> None:
        take(request)
        take(request)

    table._update_table = overtaken  # type: ignore[method-assign]
    assert apply(table, drop_extra_indexes=True).is_equal


def test_nothing_is_done_that_was_not_in_the_plan(clock: Clock) -> None:
    table = lacking("GSI3")
    connection: Any = table
    mine = plan(table)
    drop_index(table, "GSI1")
    left = Application(connection, mine, 60.0, lambda _: None).run()
    assert [change.subject for change in left.changes] == ["index GSI1"]
    assert len(table.sent) == 1
