"""Say which HTTP status an error is, and what a stranger may be told of it.

An error's own text is for developers. What is told here is fixed for each kind of error: no value, no key, no table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from madmall_models import errors
from madmall_models.errors import MadMallError
from madmall_models.identifiers import shown_path

PROBLEM_TYPE = "application/problem+json"
_FAULT = 500


@dataclass(frozen=True)
class PublicAnswer:
    """What is told about an error to whoever sent the request.

    Attributes:
        status: the HTTP status.
        code: the kind of error, for programs: the name of its class, such as ``CircleIsFull``.
        title: the fact in a few words, for a heading.
        detail: the fact and what to do, in a sentence or two.
        retry_after: seconds after which the same request may be sent again; None where it should not be.
        fields: messages by attribute as it is stored, such as ``profile.firstName``; empty unless the status is 422, or
            409 for a unique value that is taken.
        needs_operator: whether somebody who runs the site should look at the log.
    """

    status: int
    code: str
    title: str
    detail: str
    retry_after: int | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_operator: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that belong to the answer, ``Content-Type`` left out."""
        waiting = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {"Cache-Control": "no-store", **waiting}

    def problem(self) -> dict[str, Any]:
        """Return the answer as a problem document (RFC 9457), to be sent as ``application/problem+json``."""
        told: dict[str, Any] = {"status": self.status, "code": self.code, "title": self.title, "detail": self.detail}
        if self.fields:
            told["errors"] = {name: list(messages) for name, messages in self.fields.items()}
        return told


def public_answer(error: MadMallError) -> PublicAnswer:
    """Return what is told about an error.

    >>> answer = public_answer(errors.CircleIsFull("the circle has 12 active members and takes at most 12"))
    >>> answer.status, answer.title
    (409, 'The circle is full')
    """
    if isinstance(error, errors.TransactionCancelled):
        return _of_transaction(error)
    if isinstance(error, errors.ServiceError) and not isinstance(error, errors.Throttled):
        return _of_service(error)
    answer = _answer_of(type(error))
    if isinstance(error, errors.ValidationError):
        return replace(answer, fields=_fields(error))
    if isinstance(error, errors.UniqueViolation):
        return replace(answer, fields={shown_path(error.field): ("is taken already",)})
    if isinstance(error, errors.CircuitOpen):
        return replace(answer, retry_after=max(1, math.ceil(error.retry_after)))
    return answer


def answer_of_status(status: int) -> PublicAnswer:
    """Return what is told where there is a status and no error of this package: an address that leads nowhere."""
    title, detail = _BY_STATUS.get(status, _UNKNOWN_REQUEST if status < _FAULT else _WENT_WRONG)
    return PublicAnswer(status, f"Status{status}", title, detail)


def _answer_of(kind: type[MadMallError]) -> PublicAnswer:
    """Return the answer of the nearest class that has one; every error has the root's."""
    told = next(known for known in kind.__mro__ if known in _ANSWERS)
    # The subclasses of an entity and the package's own private ones are told as the public class.
    return replace(_ANSWERS[told], code=told.__name__)


def _of_transaction(error: errors.TransactionCancelled) -> PublicAnswer:
    """Return the answer of what refused the first step; where nothing did, the service was busy."""
    refused = [reason for reason in error.reasons if getattr(reason, "is_condition", False)]
    if not refused:
        return _answer_of(errors.Throttled)
    cause = refused[0].error
    return _answer_of(errors.ConditionFailed) if cause is None else public_answer(cause)


def _of_service(error: errors.ServiceError) -> PublicAnswer:
    return _answer_of(errors.Throttled if error.code in _PASSING else errors.ServiceError)


def _fields(error: errors.ValidationError) -> dict[str, tuple[str, ...]]:
    """Return the messages by field; what was given where a name belongs is not repeated."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in error.errors:
        name = shown_path(entry.field)
        found[name] = (*found.get(name, ()), entry.message)
    return found


def _told(status: int, title: str, detail: str) -> PublicAnswer:
    return PublicAnswer(status, "", title, detail)


def _later(seconds: int, title: str, detail: str) -> PublicAnswer:
    return PublicAnswer(503, "", title, detail, retry_after=seconds)


def _fault(status: int, title: str, detail: str) -> PublicAnswer:
    return PublicAnswer(status, "", title, detail, needs_operator=True)


_LATER = "Please try again later."
_UNKNOWN_REQUEST = ("This cannot be done", "The request is not one that this address takes.")
_WENT_WRONG = ("Something went wrong", "The fault is ours, and it was noted. Please try again later.")
_UNAVAILABLE = ("The service is not available", "It cannot be used at the moment. " + _LATER)
# Codes of answers that have no class of their own, and that pass by themselves; nothing was written.
_PASSING = frozenset(["TransactionConflictException", "InternalServerError"])
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("This request is not valid", "Please go back, load the page again, and repeat what you did."),
    403: ("This is not for you", "It belongs to somebody else, or the form you sent was too old. Load the page again."),
    404: ("This is not here", "It may have been removed, or the address may be wrong."),
    405: _UNKNOWN_REQUEST,
    413: ("This is too long", "It cannot be stored in full. Please shorten it."),
    503: _UNAVAILABLE,
}

_ANSWERS: Mapping[type[Any], PublicAnswer] = {
    # the request cannot be understood
    errors.QueryError: _told(400, "This cannot be asked", "A part of the address or of the request is not valid."),
    errors.InvalidCursor: _told(
        400, "This page link is no longer valid", "Lists change, and so do links. Start from the first page."
    ),
    errors.KeyValueError: _told(400, "This cannot be an id", "An id in the address or in the request is not valid."),
    errors.LimitExceeded: _told(400, "This is too much at once", "Please send less, or in several parts."),
    errors.ItemTooLarge: _told(413, "This is too long", "It cannot be stored in full. Please shorten it."),
    errors.ValidationError: _told(422, "Some entries need another look", "Nothing was saved."),
    # the request is at odds with what is stored
    errors.DoesNotExist: _told(404, "This is not here", "It may have been removed, or the address may be wrong."),
    errors.AlreadyExists: _told(409, "This exists already", "Nothing was saved."),
    errors.UniqueViolation: _told(409, "This is taken already", "Nothing was saved. Please choose another."),
    errors.VersionConflict: _told(
        409, "This was changed meanwhile", "Nothing was saved. Load the page again, and repeat your change."
    ),
    errors.ConditionFailed: _told(
        409, "This is not possible any more", "Things changed meanwhile, and nothing was saved. Load the page again."
    ),
    errors.MembershipError: _told(409, "This is not possible in this circle", "Nothing was saved."),
    errors.AlreadyMember: _told(
        409, "Already in the circle", "Who is a member, or has asked to be one, cannot join again. Nothing was saved."
    ),
    errors.NotAMember: _told(409, "Not a member of the circle", "This takes an active member. Nothing was saved."),
    errors.CircleIsFull: _told(409, "The circle is full", "It has as many members as it takes. Nothing was saved."),
    errors.Banned: _told(409, "The circle does not take this member", "Nothing was saved."),
    errors.OwnerCannotLeave: _told(
        409, "The owner cannot be changed like this", "Transfer the ownership first. Nothing was saved."
    ),
    errors.NotOwner: _told(
        409, "The circle has another owner now", "It moved meanwhile, and nothing was saved. Load the page again."
    ),
    errors.OwnsCircles: _told(
        409, "There are circles to hand over", "Transfer or delete the owned circles first. Nothing was removed."
    ),
    errors.ReviewError: _told(409, "This review takes no such change", "Nothing was saved."),
    # the way to the table is not free; nothing was written
    errors.Throttled: _later(2, "The service is busy", "Nothing was saved. Please try again in a few seconds."),
    errors.CircuitOpen: _later(5, "The service is pausing", "Nothing was saved. Please try again in a few seconds."),
    errors.EndpointUnreachable: _later(5, "The service cannot be reached", "Nothing was saved. " + _LATER),
    # only reads end like this; a write whose answer was lost is OutcomeUnknown
    errors.DeadlineExceeded: _later(5, "The service is slow", "It did not answer in time. " + _LATER),
    errors.CorruptAnswer: _later(5, "The service answered badly", "Its answer could not be read. " + _LATER),
    # Something may have been written. No time to try again is named, since programs would repeat the write by it.
    errors.OutcomeUnknown: _told(
        503, "It is not known whether this was saved", "Please look before you send it again: it may have been saved."
    ),
    errors.BatchIncomplete: _told(
        503, "Only a part was saved", "Please look at what is there before you send it again."
    ),
    errors.WriteRefused: _told(503, "Nothing can be saved at the moment", "Reading works. " + _LATER),
    # somebody has to put something right
    errors.TableNotFound: _fault(503, *_UNAVAILABLE),
    errors.AccessDenied: _fault(503, *_UNAVAILABLE),
    MadMallError: _fault(500, *_WENT_WRONG),
}
