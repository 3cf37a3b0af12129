"""Be one numbered step in the history of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from madmall_models.errors import MigrationModuleError
from madmall_models.migration.operations import Operation


class Phase(Enum):
    """Say when a migration is safe to apply.

    ``EXPAND`` adds what new code needs, while old code still runs. ``CONTRACT`` drops what only old code needed.
    """

    EXPAND = "expand"
    CONTRACT = "contract"


@dataclass(frozen=True, init=False)
class Migration:
    """One step of the history; the name ``migration`` in its module.

    Attributes:
        after: the name of the module that comes before, None for the first.
        phase: when it is safe to apply.
        operations: what it does, in order.
    """

    after: str | None
    phase: Phase
    operations: tuple[Operation, ...]

    def __init__(self, *, after: str | None, phase: Phase, operations: Iterable[Operation]) -> None:
        object.__setattr__(self, "after", after)
        object.__setattr__(self, "phase", phase)
        object.__setattr__(self, "operations", tuple(operations))
        if not isinstance(phase, Phase):
            raise MigrationModuleError("phase is Phase.EXPAND or Phase.CONTRACT")
        for operation in self.operations:
            if not isinstance(operation, Operation):
                raise MigrationModuleError(
                    f"{type(operation).__name__} is no operation; it needs describe() and apply(run)"
                )
        # How far each came is kept by what it does.
        twice = [text for text, times in Counter(map(_described, self.operations)).items() if times > 1]
        if twice:
            raise MigrationModuleError(f"two operations of one step say the same: {twice[0]!r}; describe each")


def _described(operation: Operation) -> str:
    return operation.describe()
