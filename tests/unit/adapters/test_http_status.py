"""Every error has one status, and tells a stranger nothing of anybody."""

from __future__ import annotations

import json

import pytest

from madmall_models import User, errors
from madmall_models.adapters.http_status import answer_of_status, public_answer
from madmall_models.errors import MadMallError
from madmall_models.managers.membership import NoMembership
from madmall_models.sending import CONDITION, Reason
from madmall_models.validation_report import Entry, ValidationReport

SECRET = "jane@example.com"


def made(kind: type[MadMallError]) -> MadMallError:
    """Make an error of a kind whose own text holds what nobody may see."""
    text = f"USER#{SECRET} in table madmall-prod-main"
    needs = {
        errors.UniqueViolation: {"field": "email"},
        errors.MissingExtra: {"extra": "flask"},
        errors.Unreadable: {"field": "email"},
        errors.BatchIncomplete: {"unwritten": [SECRET]},
        errors.ItemsNotRewritten: {"count": 1, "reasons": {SECRET: 1}},
    }
    return kind(text, **needs.get(kind, {}))


def every_error(kind: type[MadMallError] = MadMallError) -> list[type[MadMallError]]:
    """Return the errors of this package, the root first."""
    children = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return [kind, *(found for child in children for found in every_error(child))]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_no_answer_repeats_the_text_of_its_error(kind: type[MadMallError]) -> None:
    answer = public_answer(made(kind))

    told = json.dumps([answer.problem(), answer.headers])
    assert SECRET not in told
    assert "madmall-prod-main" not in told
    assert answer.title
    assert answer.detail
    assert 400 <= answer.status < 600


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (400, "InvalidCursor QueryError KeyValueError LimitExceeded"),
        (404, "DoesNotExist"),
        (409, "AlreadyExists UniqueViolation VersionConflict ConditionFailed AlreadyVoted ReviewDecided"),
        (409, "AlreadyMember NotAMember CircleIsFull Banned OwnerCannotLeave NotOwner OwnsCircles"),
        (413, "ItemTooLarge"),
        (422, "ValidationError"),
        (500, "MadMallError ConfigurationError DeclarationError Unreadable ServiceError MigrationError"),
        (503, "Throttled CircuitOpen EndpointUnreachable DeadlineExceeded CorruptAnswer OutcomeUnknown"),
        (503, "BatchIncomplete WriteRefused TableNotFound AccessDenied"),
    ],
)
def test_each_kind_of_error_has_its_status(status: int, kinds: str) -> None:
    found = {name: public_answer(made(getattr(errors, name))).status for name in kinds.split()}

    assert found == dict.fromkeys(kinds.split(), status)


def test_an_entitys_own_error_is_told_as_the_public_one() -> None:
    assert public_answer(User.DoesNotExist("no")).code == "DoesNotExist"


def test_who_is_no_member_is_told_so_although_no_item_was_found_either() -> None:
    answer = public_answer(NoMembership("no"))

    assert (answer.status, answer.code) == (409, "NotAMember")


def test_messages_stand_at_their_fields_without_values() -> None:
    entries = [
        Entry("profile.firstName", "is required", "REQUIRED"),
        Entry("email", "must be an e-mail address", "FORMAT", value=SECRET),
        Entry(SECRET, "is no attribute of it", "UNKNOWN"),
    ]
    answer = public_answer(errors.ValidationError("User is not valid", report=ValidationReport(entries)))

    assert answer.problem()["errors"] == {
        "profile.firstName": ["is required"],
        "email": ["must be an e-mail address"],
        "(no name)": ["is no attribute of it"],
    }


def test_a_taken_value_is_told_at_its_field_and_not_whose_it_is() -> None:
    answer = public_answer(errors.UniqueViolation("email of USER#other is taken", field="email"))

    assert answer.problem()["errors"] == {"email": ["is taken already"]}


@pytest.mark.parametrize(("pause", "told"), [(0.0, "1"), (0.2, "1"), (4.2, "5"), (30.0, "30")])
def test_an_open_circuit_names_whole_seconds(pause: float, told: str) -> None:
    answer = public_answer(errors.CircuitOpen("held back", retry_after=pause))

    assert answer.headers["Retry-After"] == told


@pytest.mark.parametrize("kind", [errors.Throttled, errors.EndpointUnreachable, errors.DeadlineExceeded])
def test_who_may_come_again_is_told_when(kind: type[MadMallError]) -> None:
    assert int(public_answer(made(kind)).headers["Retry-After"]) > 0


@pytest.mark.parametrize("kind", [errors.OutcomeUnknown, errors.BatchIncomplete])
def test_what_may_have_been_saved_is_neither_denied_nor_to_be_repeated(kind: type[MadMallError]) -> None:
    answer = public_answer(made(kind))

    assert "Retry-After" not in answer.headers
    assert "Nothing was saved" not in answer.detail
    assert "look" in answer.detail


@pytest.mark.parametrize("kind", ["TableNotFound", "AccessDenied", "ConfigurationError", "MadMallError"])
def test_what_nobody_outside_can_help_is_for_who_runs_the_site(kind: str) -> None:
    assert public_answer(made(getattr(errors, kind))).needs_operator


@pytest.mark.parametrize("kind", ["DoesNotExist", "ValidationError", "InvalidCursor", "Throttled", "OutcomeUnknown"])
def test_what_happens_every_day_is_not(kind: str) -> None:
    assert not public_answer(made(getattr(errors, kind))).needs_operator


def test_a_cancelled_transaction_is_told_as_what_refused_it() -> None:
    taken = Reason(CONDITION, "claim:email", error=errors.UniqueViolation("taken", field="email"))
    answer = public_answer(errors.TransactionCancelled("cancelled", steps=[1, 2], reasons=[None, taken]))

    assert (answer.status, answer.code) == (409, "UniqueViolation")


@pytest.mark.parametrize("code", ["ThrottlingError", "TransactionConflict"])
def test_a_transaction_that_met_a_busy_service_may_be_sent_again(code: str) -> None:
    answer = public_answer(errors.TransactionCancelled("cancelled", steps=[1], reasons=[Reason(code, "item")]))

    assert (answer.status, answer.code) == (503, "Throttled")
    assert answer.retry_after


def test_a_conflict_of_single_writes_passes_by_itself() -> None:
    answer = public_answer(errors.ServiceError("met another", code="TransactionConflictException"))

    assert answer.status == 503


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 418, 500, 503, 504])
def test_a_status_without_an_error_has_words_too(status: int) -> None:
    answer = answer_of_status(status)

    assert answer.status == status
    assert answer.title
    assert answer.detail
