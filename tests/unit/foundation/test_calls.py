"""A request is repeated only where that is safe, and its failure says whether something may have been written."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from madmall_models import errors
from madmall_models.connection.call import Call, WasApplied

ITEM = {"PK": {"S": "CIRCLE#c1"}, "name": {"S": "canary"}}


def answered(code: str, status: int = 400, **more: Any) -> ClientError:
    """Return the error that botocore makes of an answer of the service."""
    answer = {
        "Error": {"Code": code, "Message": "canary"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(answer, "UpdateItem")


def cancelled(*codes: str) -> ClientError:
    return answered("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


THROTTLED = answered("ProvisionedThroughputExceededException")
BROKEN = answered("InternalServerError", 500)
UNAVAILABLE = answered("ServiceUnavailable", 503)
REFUSED = answered("ConditionalCheckFailedException", Item=ITEM)
LATE = ReadTimeoutError(endpoint_url="http://localhost")
CLOSED = ConnectionClosedError(endpoint_url="http://localhost")
CORRUPT = errors.CorruptAnswer("the answer failed its checksum")
GARBLED = ResponseParserError("not JSON")
UNREACHABLE = EndpointConnectionError(endpoint_url="http://localhost")
NO_CONNECTION = ConnectTimeoutError(endpoint_url="http://localhost")
LOST = [LATE, CLOSED, CORRUPT, GARBLED, BROKEN, UNAVAILABLE]
NEVER_SENT = [UNREACHABLE, NO_CONNECTION]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect what would have been waited for."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def named(error: Exception) -> str:
    return type(error).__name__ if not isinstance(error, ClientError) else error.response["Error"]["Code"]


def call(*outcomes: Any, reads: bool = False, was_applied: WasApplied | None = None) -> Call:
    """Return a call whose attempts have these outcomes; the last one goes on for ever."""
    following: Iterator[Any] = itertools.chain(outcomes, itertools.repeat(outcomes[-1]))

    def send() -> dict[str, Any]:
        outcome = next(following)
        if isinstance(outcome, Exception):
            raise outcome
        answer: dict[str, Any] = outcome
        return answer

    operation = "GetItem" if reads else "UpdateItem"
    return Call(operation, send, table="table", reads=reads, was_applied=was_applied)


def applied(whether: bool) -> tuple[WasApplied, list[Any]]:
    """Return a judge of the stored item, and what it was shown."""
    shown: list[Any] = []

    def judge(item: Any) -> bool:
        shown.append(item)
        return whether

    return judge, shown


# -- what is sent again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("failure", [THROTTLED, *LOST, *NEVER_SENT], ids=named)
def test_a_passing_failure_is_tried_again(failure: Exception, reads: bool, pauses: list[float]) -> None:
    attempt = call(failure, failure, {"ok": 1}, reads=reads)
    assert attempt.run(3) == {"ok": 1}
    assert attempt.attempts == 3
    assert len(pauses) == 2


@pytest.mark.parametrize(
    "failure",
    [
        answered("ValidationException"),
        answered("ResourceNotFoundException"),
        answered("AccessDeniedException"),
        answered("ItemCollectionSizeLimitExceededException"),
        REFUSED,
        cancelled("ConditionalCheckFailed", "None"),
        cancelled("ConditionalCheckFailed", "TransactionConflict"),
        NoCredentialsError(),
        ParamValidationError(report="canary"),
    ],
    ids=named,
)
def test_a_lasting_failure_is_not(failure: Exception, pauses: list[float]) -> None:
    attempt = call(failure, {"ok": 1})
    with pytest.raises(errors.MadMallError):
        attempt.run(5)
    assert attempt.attempts == 1
    assert pauses == []


@pytest.mark.parametrize(
    "reasons",
    [("TransactionConflict", "None"), ("ThrottlingError",), ("ProvisionedThroughputExceeded", "TransactionConflict")],
    ids="+".join,
)
def test_a_transaction_that_met_another_is_tried_again(reasons: tuple[str, ...]) -> None:
    attempt = call(cancelled(*reasons), {"ok": 1})
    assert attempt.run(2) == {"ok": 1}


@pytest.mark.defect(85)
def test_attempts_are_bounded_and_the_first_one_counts() -> None:
    for most in (1, 2, 5):
        attempt = call(THROTTLED)
        with pytest.raises(errors.Throttled):
            attempt.run(most)
        assert attempt.attempts == most


def test_the_service_is_given_more_time_when_it_asks_for_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    longest: dict[str, list[float]] = {"throttled": [], "broken": []}
    for name, failure in (("throttled", THROTTLED), ("broken", BROKEN)):
        monkeypatch.setattr(time, "sleep", longest[name].append)
        with pytest.raises(errors.MadMallError):
            call(failure, reads=True).run(9)
    assert longest["broken"][:3] == [0.05, 0.1, 0.2]
    assert longest["throttled"][:3] == [0.25, 0.5, 1.0]
    assert max(longest["throttled"]) == 5.0


# -- what a failure means ------------------------------------------------------------------------------------------


@pytest.mark.defect(3)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (THROTTLED, errors.Throttled),
        (answered("ThrottlingException"), errors.Throttled),
        (answered("RequestLimitExceeded"), errors.Throttled),
        (LATE, errors.DeadlineExceeded),
        (CORRUPT, errors.CorruptAnswer),
        (BROKEN, errors.ServiceError),
        (CLOSED, errors.EndpointUnreachable),
        (GARBLED, errors.CorruptAnswer),
        (UNREACHABLE, errors.EndpointUnreachable),
        (NO_CONNECTION, errors.EndpointUnreachable),
        (answered("ResourceNotFoundException"), errors.TableNotFound),
        (answered("AccessDeniedException"), errors.AccessDenied),
        (answered("ExpiredTokenException"), errors.AccessDenied),
        (answered("UnrecognizedClientException"), errors.AccessDenied),
        (NoCredentialsError(), errors.AccessDenied),
        (answered("ValidationException"), errors.ServiceError),
        (ParamValidationError(report="canary"), errors.ConfigurationError),
    ],
    ids=lambda value: named(value) if isinstance(value, Exception) else value.__name__,
)
def test_a_read_fails_with_what_happened(failure: Exception, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        call(failure, reads=True).run(2)
    assert type(raised.value) is error
    assert raised.value.__cause__ is failure
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("failure", LOST, ids=named)
def test_a_write_whose_answer_was_lost_has_an_unknown_outcome(failure: Exception) -> None:
    with pytest.raises(errors.OutcomeUnknown, match="may or may not have been applied; read before you repeat it"):
        call(failure).run(3)


@pytest.mark.parametrize("failure", [*NEVER_SENT, THROTTLED], ids=named)
def test_a_write_that_never_arrived_is_definitely_not_written(failure: Exception) -> None:
    with pytest.raises(errors.MadMallError) as raised:
        call(failure).run(3)
    assert not isinstance(raised.value, errors.OutcomeUnknown)


@pytest.mark.parametrize("later", [THROTTLED, UNREACHABLE, answered("ValidationException")], ids=named)
def test_a_lost_answer_is_not_forgotten_when_a_later_attempt_fails_otherwise(later: Exception) -> None:
    with pytest.raises(errors.OutcomeUnknown):
        call(LATE, later).run(3)


@pytest.mark.parametrize("failure", LOST, ids=named)
def test_a_lost_answer_does_not_matter_once_the_write_is_acknowledged(failure: Exception) -> None:
    assert call(failure, {"ok": 1}).run(2) == {"ok": 1}


# -- a condition that the write itself has made false --------------------------------------------------------------


@pytest.mark.parametrize("failure", LOST, ids=named)
def test_a_condition_refused_after_a_lost_answer_is_judged_by_the_stored_item(failure: Exception) -> None:
    judge, shown = applied(True)
    assert call(failure, REFUSED, was_applied=judge).run(3) == {}
    assert shown == [ITEM]


def test_it_is_refused_where_the_stored_item_is_not_what_the_write_would_have_left() -> None:
    judge, shown = applied(False)
    with pytest.raises(errors.ConditionFailed) as refused:
        call(LATE, REFUSED, was_applied=judge).run(3)
    assert refused.value.item == ITEM
    assert shown == [ITEM]


@pytest.mark.parametrize("before", [(), (THROTTLED,), (UNREACHABLE,)], ids=["first", "throttled", "unreachable"])
def test_a_condition_refused_without_a_lost_answer_is_simply_refused(before: tuple[Exception, ...]) -> None:
    judge, shown = applied(True)
    with pytest.raises(errors.ConditionFailed):
        call(*before, REFUSED, was_applied=judge).run(3)
    assert shown == []


def test_a_refused_condition_is_definite_even_after_a_lost_answer() -> None:
    with pytest.raises(errors.ConditionFailed):
        call(LATE, REFUSED).run(3)
    with pytest.raises(errors.TransactionCancelled):
        call(LATE, cancelled("ConditionalCheckFailed")).run(3)


# -- cancelled transactions ----------------------------------------------------------------------------------------


@pytest.mark.defect(3)
def test_a_cancelled_transaction_names_its_reasons_in_order() -> None:
    failure = answered(
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": ITEM}],
    )
    with pytest.raises(errors.TransactionCancelled, match=r"\(ConditionalCheckFailed\); nothing was written") as raised:
        call(failure).run(3)
    assert [reason["Code"] for reason in raised.value.reasons] == ["None", "ConditionalCheckFailed"]
    assert "canary" not in str(raised.value)


def test_an_error_of_the_program_is_not_taken_for_one_of_the_service() -> None:
    with pytest.raises(ZeroDivisionError):
        call(ZeroDivisionError()).run(3)


def test_an_error_of_the_service_keeps_its_code_and_text_apart_from_the_message() -> None:
    with pytest.raises(errors.ServiceError) as raised:
        call(answered("ValidationException")).run(1)
    assert (raised.value.code, raised.value.details) == ("ValidationException", "canary")
    assert str(raised.value) == "UpdateItem was refused: ValidationException"


def test_each_error_is_the_builtin_that_it_is() -> None:
    builtins: dict[type[Exception], type[Exception]] = {
        errors.DeadlineExceeded: TimeoutError,
        errors.EndpointUnreachable: ConnectionError,
        errors.CircuitOpen: ConnectionError,
        errors.AccessDenied: PermissionError,
        errors.TableNotFound: LookupError,
        errors.ConfigurationError: ValueError,
        errors.DeclarationError: TypeError,
    }
    assert all(issubclass(error, builtin) for error, builtin in builtins.items())
    assert all(issubclass(error, errors.MadMallError) for error in builtins)
