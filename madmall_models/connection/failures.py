"""Say of each failure what it means: may the request be repeated, and may it have been applied?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import botocore.parsers

from madmall_models import errors
from madmall_models.errors import MadMallError

_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "RequestThrottled",
    "LimitExceededException",
}
_DENIED = {
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "ExpiredToken",
}
RETRIED_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        error: what to raise if it was the last attempt.
        retry: whether the same request may be sent again.
        ambiguous: whether the request may have been applied although it failed.
        throttled: whether the service asked for patience.
        broken: whether the endpoint or the way to it failed, rather than the service answering no.
    """

    error: MadMallError
    retry: bool
    ambiguous: bool = False
    throttled: bool = False
    broken: bool = False


def failure_of(error: Exception, operation: str, *, table: str, where: str) -> Failure:
    """Return what a raised error means."""
    if isinstance(error, botocore.exceptions.ClientError):
        return _of_answer(error, operation, table)
    if isinstance(error, errors.CorruptAnswer | errors.EndpointRefused):
        corrupt = isinstance(error, errors.CorruptAnswer)
        return Failure(error, retry=corrupt, ambiguous=corrupt, broken=corrupt)
    if isinstance(error, botocore.exceptions.NoCredentialsError | botocore.exceptions.PartialCredentialsError):
        denied = errors.AccessDenied("no credentials found; give access_key and secret_key, or the usual AWS settings")
        return Failure(denied, retry=False)
    if isinstance(error, botocore.exceptions.ConnectTimeoutError):
        return Failure(_unreachable(operation, where), retry=True, broken=True)
    if isinstance(error, botocore.exceptions.EndpointConnectionError | botocore.exceptions.ProxyConnectionError):
        return Failure(_unreachable(operation, where), retry=True, broken=True)
    if isinstance(error, botocore.exceptions.ReadTimeoutError):
        late = errors.DeadlineExceeded(f"{operation} was not answered in time; the endpoint is slow or gone")
        return Failure(late, retry=True, ambiguous=True, broken=True)
    if isinstance(error, botocore.parsers.ResponseParserError):
        spoilt = errors.CorruptAnswer(f"the answer to {operation} is cut short or not an answer of DynamoDB")
        return Failure(spoilt, retry=True, ambiguous=True, broken=True)
    if isinstance(error, botocore.exceptions.HTTPClientError):
        return Failure(_unreachable(operation, where), retry=True, ambiguous=True, broken=True)
    if isinstance(error, botocore.exceptions.BotoCoreError):
        refused = errors.ConfigurationError(f"{operation} could not be sent ({type(error).__name__})")
        return Failure(refused, retry=False)
    raise error


def _of_answer(error: Any, operation: str, table: str) -> Failure:
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    details = answer.get("Error", {}).get("Message", "")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        failed = errors.ConditionFailed(f"a condition of {operation} did not hold", item=answer.get("Item"))
        return Failure(failed, retry=False)
    if code == "TransactionCanceledException":
        return _of_cancellation(answer.get("CancellationReasons", []))
    if code in _THROTTLES:
        text = f"{operation} was throttled after every retry; the table or an index lacks capacity"
        return Failure(errors.Throttled(text, code=code), retry=True, throttled=True)
    if code == "TransactionConflictException":
        text = f"{operation} met another transaction on the same item, after every retry"
        return Failure(errors.ServiceError(text, code=code), retry=True)
    if code == "TransactionInProgressException":
        # An earlier attempt with the same token is being carried out: it may end well.
        text = f"{operation}: an earlier attempt is still being carried out, after every retry"
        return Failure(errors.ServiceError(text, code=code), retry=True, ambiguous=True, throttled=True)
    if code == "IdempotentParameterMismatchException":
        text = (
            f"{operation}: the token belongs to other content that was sent in the last 10 minutes; "
            "one token is for one intention, and its content may not change"
        )
        return Failure(errors.ServiceError(text, code=code), retry=False)
    if code == "ResourceNotFoundException":
        text = (
            f"there is no table {table!r} at this endpoint and region; "
            "create it with db.create_table() or `madmall table create`"
        )
        return Failure(errors.TableNotFound(text), retry=False)
    if code in _DENIED:
        denied = errors.AccessDenied(f"{operation} was refused: {code}; check credentials and policy")
        return Failure(denied, retry=False)
    if status >= 500 or code == "InternalServerError":
        text = f"{operation} failed inside the service ({code or status})"
        return Failure(errors.ServiceError(text, code=code, details=details), retry=True, ambiguous=True, broken=True)
    return Failure(errors.ServiceError(f"{operation} was refused: {code}", code=code, details=details), retry=False)


def _of_cancellation(reasons: list[dict[str, Any]]) -> Failure:
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    cancelled = errors.TransactionCancelled(
        f"the transaction was cancelled ({', '.join(sorted(codes)) or 'no reason given'}); nothing was written",
        steps=range(len(reasons)),
        reasons=reasons,
    )
    retry = bool(codes) and codes <= RETRIED_REASONS
    return Failure(cancelled, retry=retry, throttled=retry and "TransactionConflict" not in codes)


def _unreachable(operation: str, where: str) -> errors.EndpointUnreachable:
    return errors.EndpointUnreachable(f"{operation}: {where} does not answer; check the address and that it runs")
