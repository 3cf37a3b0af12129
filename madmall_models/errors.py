"""Name everything that can go wrong: one root, each error also the builtin it is.

Two kinds are never confused. A *definite* error means that nothing was written. :class:`OutcomeUnknown` means
that the answer was lost and the write may or may not have happened.

Messages name the thing, the fact and the fix. They never contain values of an item; the parts of a key that
are personal are shown as their template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.exceptions import DoesNotExist as _PynamoDBDoesNotExist


class MadMallError(Exception):
    """Be the root of every error of this package."""


# -- what the programmer or operator wrote -------------------------------------------------------------------------


class ConfigurationError(MadMallError, ValueError):
    """Refuse a setting: unknown, missing or contradicting another."""


class MissingExtra(ConfigurationError, ImportError):
    """Say that something is asked for whose optional requirements are not installed; ``extra`` names them."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs more than is installed; pip install 'madmall_models[{extra}]'")
        self.extra = extra


class DeclarationError(MadMallError, TypeError):
    """Refuse a model class when it is defined, naming class, key and fix."""


class EntityModuleError(MadMallError, ImportError):
    """Refuse a module of entities: it is not there, fails when it is imported, or declares none."""


class KeyValueError(MadMallError, ValueError):
    """Refuse a value that cannot stand in a key: missing, empty, too long or with characters an id may not have."""


class QueryError(MadMallError, ValueError):
    """Refuse a query before it is sent."""


class InvalidCursor(QueryError):
    """Refuse a cursor that was altered, belongs to another query or was signed with another key."""


class LimitExceeded(MadMallError, ValueError):
    """Refuse a request that is over a limit of the service."""


class ItemTooLarge(LimitExceeded):
    """Refuse an item over 400 KB."""


class ValidationError(MadMallError, ValueError):
    """Refuse data that breaks a rule; ``report`` holds every entry, ``errors`` the ones that block the write.

    ``messages`` gives them as marshmallow does: a mapping of dotted field to the list of its messages.
    """

    def __init__(self, message: str, report: Any = None) -> None:
        super().__init__(message)
        self.report = report

    @property
    def errors(self) -> tuple[Any, ...]:
        """Return the entries that block the write."""
        return tuple(self.report.errors) if self.report is not None else ()

    @property
    def messages(self) -> dict[str, list[str]]:
        """Return the messages by dotted field."""
        found: dict[str, list[str]] = {}
        for entry in self.errors:
            found.setdefault(entry.field, []).append(entry.message)
        return found


# -- what the table answered ---------------------------------------------------------------------------------------


class DoesNotExist(MadMallError, LookupError, _PynamoDBDoesNotExist):
    """Say that no item has this key. Each entity has its own subclass, as in PynamoDB."""

    def __init__(self, message: str = "no item has this key") -> None:
        _PynamoDBDoesNotExist.__init__(self, message)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class AlreadyExists(MadMallError):
    """Say that an item with this key exists already; nothing was written."""


class UniqueViolation(MadMallError):
    """Say that another item holds this unique value; ``field`` names the attribute."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class Unreadable(MadMallError, ValueError):
    """Say that a stored value is of another form than the declared one, and that nothing was built on it.

    ``field`` names the attribute. Reading leaves such a value aside and never refuses; what adds to it would lose it.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class VersionConflict(MadMallError):
    """Say that the item was changed since it was read; ``current`` is the item as it is now, or None if gone."""

    def __init__(self, message: str, *, current: Any = None) -> None:
        super().__init__(message)
        self.current = current


class ConditionFailed(MadMallError):
    """Say that a condition did not hold; ``item`` is the stored entity, or None where there is none."""

    def __init__(self, message: str, *, item: Any = None) -> None:
        super().__init__(message)
        self.item = item


class MembershipError(MadMallError):
    """Be the root of the rules of circle membership and ownership."""


class AlreadyMember(MembershipError):
    """Say that the user is in the circle already."""


class NotAMember(MembershipError):
    """Say that the user is not an active member of the circle."""


class CircleIsFull(MembershipError):
    """Say that the circle has as many active members as its settings allow."""


class Banned(MembershipError):
    """Say that the user is banned from the circle."""


class OwnerCannotLeave(MembershipError):
    """Say that the owner's membership cannot be removed or changed before the ownership is transferred."""


class NotOwner(MembershipError):
    """Say that the ownership moved to somebody else meanwhile."""


class OwnsCircles(MembershipError):
    """Say that the user still owns circles; transfer or delete them first."""


class ReviewError(MadMallError):
    """Be the root of the rules of advisory reviews."""


class AlreadyVoted(ReviewError):
    """Say that the reviewer has voted on this review."""


class ReviewDecided(ReviewError):
    """Say that the review has its outcome, which neither votes nor hands change any more."""


class TransactionCancelled(MadMallError):
    """Say that nothing of a transaction was written, and why.

    ``reasons`` has one entry per step in call order, None where the step was fine.
    """

    def __init__(self, message: str, *, steps: Sequence[Any] = (), reasons: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.steps = tuple(steps)
        self.reasons = tuple(reasons)

    def because_of(self, step: Any) -> Any:
        """Return the reason of ``step`` (a step, or the entity or key it was made from), or None where it was fine."""
        for candidate, reason in zip(self.steps, self.reasons, strict=True):
            if reason is not None and (candidate is step or candidate.is_about(step)):
                return reason
        return None

    def refused(self, step: Any) -> bool:
        """Tell whether the condition of ``step`` did not hold, rather than the service being busy."""
        reason = self.because_of(step)
        return reason is not None and bool(reason.is_condition)


class BatchIncomplete(MadMallError):
    """Say that a part of a batch was not written; ``unwritten`` names it, ``reasons`` says why, in the same order."""

    def __init__(self, message: str, *, unwritten: Sequence[Any], reasons: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.unwritten = tuple(unwritten)
        self.reasons = tuple(reasons)


# -- what happened on the way --------------------------------------------------------------------------------------


class ServiceError(MadMallError):
    """Carry an answer of the service that has no class of its own; ``code`` is DynamoDB's, ``details`` its text.

    The message leaves the service's text out, since DynamoDB quotes keys in it.
    """

    def __init__(self, message: str, *, code: str = "", details: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class Throttled(ServiceError):
    """Say that the service refused for lack of capacity, after every retry; nothing was written.

    ``keys`` are the item keys that a batch left unread, in the order asked; empty for anything else.
    """

    def __init__(self, message: str, *, code: str = "", details: str = "", keys: Sequence[Any] = ()) -> None:
        super().__init__(message, code=code, details=details)
        self.keys = tuple(keys)


class CircuitOpen(MadMallError, ConnectionError):
    """Say that calls are held back, since the endpoint kept failing; nothing was sent.

    ``retry_after`` is the number of seconds after which it is worth trying again.
    """

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EndpointUnreachable(MadMallError, ConnectionError):
    """Say that no connection to the endpoint could be made; nothing was written."""


class EndpointRefused(ConfigurationError):
    """Refuse to reach a host that is not permitted, as in tests; nothing was sent."""


class DeadlineExceeded(MadMallError, TimeoutError):
    """Say that a read did not finish in the time given."""


class CorruptAnswer(MadMallError):
    """Say that an answer failed its checksum or was not an answer of DynamoDB, after every retry."""


class OutcomeUnknown(MadMallError):
    """Say that the answer to a write was lost: it may or may not have been applied. Read before repeating it."""


class TableNotFound(MadMallError, LookupError):
    """Say that the table is not there."""


class TableChangeRefused(MadMallError):
    """Say which change of a table the service refused, and why; changes before it were made, and stay.

    ``code`` is DynamoDB's.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AccessDenied(MadMallError, PermissionError):
    """Say that the credentials are missing, wrong or may not do this."""


# -- how data got here ---------------------------------------------------------------------------------------------


class MigrationError(MadMallError):
    """Be the root of what stops a migration."""


class SourceError(MigrationError, ValueError):
    """Refuse a source: missing, unreadable, not SQLite, or changed while it was read."""


class MigrationModuleError(MigrationError):
    """Refuse a migration module: missing, edited after it was applied, out of order or without ``migration``."""


class TooManyRejects(MigrationError):
    """Say that more rows were rejected than ``max_errors`` allows."""


class MigrationCancelled(MigrationError):
    """Say that a run was asked to stop; what it did is noted, and it can be resumed."""


class LeaseHeld(MigrationError):
    """Say that another runner holds the lease of the table; nothing was written."""


class LeaseLost(MigrationError):
    """Say that the lease of the table went to another runner, or could not be renewed in time."""


class RewriteRefused(MigrationError):
    """Refuse a function that cannot be trusted with items: it changes a key, or its own result.

    Nothing of the item that showed it was written; items before it may have been.
    """


class ItemsNotRewritten(MigrationError):
    """Say that some items could not be rewritten, and why; each is as it was, and all the others are rewritten.

    ``count`` is how many they are; ``reasons`` maps kind of key and reason to how many items had it.
    """

    def __init__(self, message: str, *, count: int, reasons: Mapping[str, int]) -> None:
        super().__init__(message)
        self.count = count
        self.reasons = dict(reasons)


class IndexConflict(MigrationError):
    """Refuse to add an index whose name another one has, or that is being deleted."""


class BackupFailed(MigrationError):
    """Say that a backup could not be made, or is not what was saved; the table is as it was."""


class RollbackRefused(MigrationError):
    """Say why a run cannot be rolled back; nothing was removed."""


class WriteRefused(MigrationError):
    """Say that a dry run tried to write; the connection refused, nothing was sent."""


class EngineError(MadMallError, RuntimeError):
    """Say why an engine for tests or the demo did not start or stop."""


def redacted(key: Mapping[str, str]) -> str:
    """Return the kind of a key, its values left out: ``{"PK": "EMAIL#jane@..."}`` gives ``PK=EMAIL#...``."""
    return ", ".join(f"{name}={text.split('#', 1)[0]}#..." for name, text in key.items())
