"""Remember what of a batch was not written and why, and say so in the order given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from madmall_models import errors
from madmall_models.errors import BatchIncomplete, MadMallError, ServiceError

# What is wrong with one entity, while the next may be fine; all else is wrong with the service or the way to it.
_OF_ONE = (
    errors.AlreadyExists,
    errors.ConditionFailed,
    errors.DoesNotExist,
    errors.KeyValueError,
    errors.LimitExceeded,
    errors.MembershipError,
    errors.QueryError,
    errors.TransactionCancelled,
    errors.UniqueViolation,
    errors.ValidationError,
    errors.VersionConflict,
)
_LASTING = (errors.TableNotFound, errors.AccessDenied, errors.WriteRefused, errors.ConfigurationError)


class BatchOutcome:
    """Collect what became of the entities of a batch.

    Args:
        entities: all of them, in the order given.
    """

    def __init__(self, entities: Sequence[Any]) -> None:
        self._entities = entities
        self._reasons: dict[int, MadMallError] = {}
        self._written = 0
        self._trouble: MadMallError | None = None

    @property
    def goes_on(self) -> bool:
        """Tell whether the service took writes so far, so that the next is worth trying."""
        return self._trouble is None

    def written(self, entity: Any) -> None:
        """Note that an entity is in the table."""
        self._written += 1

    def refused(self, entity: Any, reason: MadMallError) -> None:
        """Note that an entity was not written."""
        self._reasons[id(entity)] = reason
        if not is_of_one(reason):
            self._trouble = reason

    def untried(self, entity: Any) -> None:
        """Note that an entity was not tried, since the service stopped taking writes."""
        assert self._trouble is not None, "only trouble ends a batch"
        self._reasons[id(entity)] = self._trouble

    def settle(self) -> None:
        """Return when everything was written.

        Raises:
            BatchIncomplete: something was not. Or what keeps every write from being taken, if nothing was written.
        """
        if not self._reasons:
            return
        if isinstance(self._trouble, _LASTING) and not self._written:
            raise self._trouble
        unwritten = [entity for entity in self._entities if id(entity) in self._reasons]
        reasons = [self._reasons[id(entity)] for entity in unwritten]
        kinds = Counter(type(reason).__name__ for reason in reasons)
        raise BatchIncomplete(
            f"{len(unwritten)} of {len(self._entities)} entities were not written "
            f"({', '.join(f'{name} {count}' for name, count in kinds.most_common())}); see unwritten and reasons",
            unwritten=unwritten,
            reasons=reasons,
        ) from reasons[0]


def is_of_one(reason: MadMallError) -> bool:
    """Tell whether an error is about the one entity, and not about the service or the way to it."""
    if isinstance(reason, ServiceError):
        return reason.code in ("ValidationException", "TransactionConflictException")
    return isinstance(reason, _OF_ONE)
