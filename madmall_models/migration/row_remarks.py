"""Keep what the preparation of a row remarks until the row has its outcome."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.migration.tally import Tally


@dataclass(frozen=True)
class Remark:
    """One thing that is worth a remark in the report.

    Attributes:
        kind: ``dangles``, ``circles`` or ``stubbed``.
        target: the attribute that names another item, as it is stored.
        count: how many rows it is said of.
    """

    kind: str
    target: str
    count: int = 1

    def tell(self, tally: Tally) -> None:
        """Count it."""
        if self.kind == "stubbed":
            tally.stubbed(self.target)
        elif self.kind == "circles":
            tally.circles(self.target, self.count)
        else:
            tally.dangles(self.target, self.count)


class RowRemarks:
    """Collect remarks; see :class:`~madmall_models.migration.preparation.Remarks`."""

    def __init__(self) -> None:
        self._remarks: list[Remark] = []

    def take(self) -> list[Remark]:
        """Return what was remarked since the last time."""
        taken, self._remarks = self._remarks, []
        return taken

    def dangles(self, target: str, count: int = 1) -> None:
        """Hear that rows were kept although what they name is not there."""
        self._remarks.append(Remark("dangles", target, count))

    def stubbed(self, target: str) -> None:
        """Hear that an item was made for rows that name it."""
        self._remarks.append(Remark("stubbed", target))

    def circles(self, target: str, count: int) -> None:
        """Hear that rows were kept although what they name leads back to themselves."""
        self._remarks.append(Remark("circles", target, count))
