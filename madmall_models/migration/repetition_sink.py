"""Compare rows that were moved before with what is in the table, and write none: what is gone was deleted since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from madmall_models.migration.rehearsal_sink import RehearsalSink
from madmall_models.migration.sink import Fate, Outcome, Pack


class RepetitionSink(RehearsalSink):
    """Be the sink of a run whose source was moved to its end before.

    Such a run finds its rows in the table, but for those that were deleted there meanwhile. To bring back a person who
    asked to be forgotten would be wrong, so they are told and left out.
    """

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Return an outcome for each row of a pack: there, gone, or rejected."""
        return [_gone(outcome) if outcome.fate is Fate.WRITTEN else outcome for outcome in super().write(pack)]

    def _gives_way(self, taken: Mapping[str, Any]) -> bool:
        """Tell that no item does: it is as the first run left it, or somebody changed it since."""
        return False


def _gone(outcome: Outcome) -> Outcome:
    return Outcome(outcome.prepared, Fate.SKIPPED, outcome.prepared.entity, is_gone=True)
