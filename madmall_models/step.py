"""Be one step of a transaction, and know what a refusal of it means in the domain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from madmall_models import codec
from madmall_models.errors import ConditionFailed, MadMallError
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey
from madmall_models.measurement import AbsentMaps
from madmall_models.sending import Reason, Refused
from madmall_models.writer import change_error, creation_error


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a transaction: an entity with all that it occupies may be several actions.

    Attributes:
        kind: ``create``, ``save``, ``delete``, ``update`` or ``check``.
        subject: the entity or the item key that the step is about.
        actions: what is sent.
    """

    kind: str
    subject: Any
    actions: tuple[Action, ...]
    absent_maps: AbsentMaps = field(default_factory=dict)

    @property
    def action_count(self) -> int:
        """Return how many of the 100 actions of a transaction the step takes."""
        return len(self.actions)

    @property
    def byte_count(self) -> int:
        """Return how many of the 4 MB of a transaction the step takes."""
        return sum(action.byte_count for action in self.actions)

    def is_about(self, subject: Any) -> bool:
        """Tell whether the step was made from this entity or key."""
        return self.subject is subject or (isinstance(subject, ItemKey) and self.subject == subject)

    def reason_of(self, refused: Refused, database: Any) -> Reason | None:
        """Return why the step was refused, with the error that the same operation by itself would have raised.

        Args:
            refused: the reasons of the step's own actions.
            database: what the entities in the error remember.
        """
        given = [reason for reason in refused.reasons if reason is not None]
        # A condition that did not hold tells most about a step, and that of the item itself stands first.
        foremost = next((reason for reason in given if reason.is_condition), given[0] if given else None)
        if foremost is None or not foremost.is_condition:
            return foremost
        return replace(foremost, error=self._error(refused, foremost, database))

    def _error(self, refused: Refused, foremost: Reason, database: Any) -> MadMallError:
        if self.kind == "create":
            return creation_error(self.subject, refused)
        if not isinstance(self.subject, ItemKey):
            return change_error(self.subject, refused)
        entity, item = self.subject.entity, foremost.item
        if foremost.part != "item":
            return ConditionFailed(f"{entity.__name__}: {foremost.part} is out of step with its item")
        if item is None or item.get("entityType", {}).get("S") != entity.discriminator:
            missing: MadMallError = entity.DoesNotExist(f"there is no {entity.__name__} with this key")
            return missing
        text = f"{entity.__name__}: the stored item does not satisfy the condition; nothing was written"
        return ConditionFailed(text, item=codec.decode(entity, item, database))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.subject!r}: {', '.join(action.part for action in self.actions)}>"
