"""Write packs of new entities: each pack is one transaction, split by the reasons of a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from madmall_models import batch
from madmall_models.connection.failures import RETRIED_REASONS
from madmall_models.connection.operations import Connection
from madmall_models.connection.retry import rounds
from madmall_models.errors import MadMallError, OutcomeUnknown, ServiceError
from madmall_models.packing import Creation
from madmall_models.sending import Reason, Refused, has_effect, new_token, send

_ROUNDS = 8
C = TypeVar("C", bound=Creation)


@dataclass(frozen=True)
class Verdict(Generic[C]):
    """What became of one creation.

    Attributes:
        creation: which one.
        reasons: why its own actions were refused; empty where they were not.
        error: what else kept it from being written, or None.
    """

    creation: C
    reasons: tuple[Reason, ...] = ()
    error: MadMallError | None = None

    @property
    def is_written(self) -> bool:
        """Tell whether it is in the table."""
        return not self.reasons and self.error is None

    @property
    def is_unfit(self) -> bool:
        """Tell whether the service takes no such item, rather than none at all."""
        return isinstance(self.error, ServiceError) and self.error.code == "ValidationException"


class PackWriter(Generic[C]):
    """Create what packs hold, each entity with all that it occupies or not at all; nothing is ever overwritten.

    Args:
        connection: where to write.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Sent, and the answer lost: found in the table afterwards, they are our own.
        self._doubtful: dict[int, OutcomeUnknown] = {}

    def write(self, pack: Sequence[C]) -> list[Verdict[C]]:
        """Return a verdict on each creation of a pack, in any order.

        A refused transaction is sent again without those that its reasons name. What only met another transaction, or
        a lack of capacity, is sent again as it was and with the same token, a bounded number of times and no longer
        than one call may take; what lost every answer is sent so once more, and then looked for in the table.
        """
        verdicts: list[Verdict[C]] = []
        waiting, token = tuple(pack), new_token()
        error: MadMallError | None = None
        for _ in rounds(_ROUNDS, deadline=self._connection.deadline()):
            while waiting:
                try:
                    self._send(waiting, token)
                except Refused as refused:
                    error = refused.cause
                    decided = self._decided(waiting, refused)
                    if not decided:
                        break
                    verdicts += decided
                    waiting, token = _without(waiting, decided), new_token()
                except MadMallError as trouble:
                    if self._are_doubtful(waiting):
                        return verdicts + self._looked_up(waiting, trouble)
                    if not isinstance(trouble, OutcomeUnknown):
                        return verdicts + self._isolated(waiting, trouble)
                    error = trouble
                    self._doubtful.update((id(creation), trouble) for creation in waiting)
                    break
                else:
                    return verdicts + [Verdict(creation) for creation in waiting]
            if not waiting:
                return verdicts
        return verdicts + self._looked_up(waiting, error)

    def _are_doubtful(self, waiting: Sequence[C]) -> bool:
        return any(id(creation) in self._doubtful for creation in waiting)

    def _send(self, waiting: Sequence[C], token: str) -> None:
        send(self._connection, [action for creation in waiting for action in creation.actions], token=token)

    def _decided(self, waiting: Sequence[C], refused: Refused) -> list[Verdict[C]]:
        """Return the verdicts that the reasons of a refusal give."""
        decided: list[Verdict[C]] = []
        position = 0
        for creation in waiting:
            reasons = refused.reasons[position : position + len(creation.actions)]
            position += len(creation.actions)
            firm = tuple(reason for reason in reasons if reason is not None and reason.code not in RETRIED_REASONS)
            if firm:
                decided.append(Verdict(creation, () if self._is_ours(creation, firm) else firm))
        return decided

    def _is_ours(self, creation: C, reasons: Sequence[Reason]) -> bool:
        """Tell whether what stands in the way was written by an earlier attempt whose answer was lost."""
        return id(creation) in self._doubtful and any(
            reason.part == "item" and reason.is_condition and has_effect(creation.actions[0], reason.item)
            for reason in reasons
        )

    def _isolated(self, waiting: Sequence[C], trouble: MadMallError) -> list[Verdict[C]]:
        """Find the creation that makes the service refuse a whole request, by halving."""
        verdicts = [Verdict(creation, error=trouble) for creation in waiting]
        if len(waiting) == 1 or not verdicts[0].is_unfit:
            return verdicts
        middle = len(waiting) // 2
        return [*self.write(waiting[:middle]), *self.write(waiting[middle:])]

    def _looked_up(self, waiting: Sequence[C], error: MadMallError | None) -> list[Verdict[C]]:
        """Give up, but for what is in the table although every answer was lost."""
        verdicts = []
        for creation in waiting:
            unknown = self._doubtful.get(id(creation))
            is_ours = unknown is not None and self._is_stored(creation)
            verdicts.append(Verdict(creation, error=None if is_ours else unknown or error))
        return verdicts

    def _is_stored(self, creation: C) -> bool:
        action = creation.actions[0]
        try:
            found = batch.get_items(self._connection, [action.key])
        except MadMallError:
            return False
        return has_effect(action, found.get((action.key.partition, action.key.sort)))


def _without(waiting: Sequence[C], decided: Sequence[Verdict[C]]) -> tuple[C, ...]:
    gone = {id(verdict.creation) for verdict in decided}
    return tuple(creation for creation in waiting if id(creation) not in gone)
