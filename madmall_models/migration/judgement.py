"""Judge an item that is not what its row gives: say what differs, and since when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from madmall_models.document import Document
from madmall_models.expression import same
from madmall_models.integrity.snapshot import shown
from madmall_models.migration.item_digest import Item, Path
from madmall_models.migration.run_mark import MARK, RunMark
from madmall_models.migration.source_pass import ExpectedRow
from madmall_models.migration.verification_finding import (
    CHANGED,
    KEPT,
    MISSING,
    VerificationFinding,
    ids_in,
)


def missing(expected: ExpectedRow) -> VerificationFinding:
    """Return the finding about an item that is not there."""
    return _finding(expected, MISSING, "is not in the table", ())


def different(expected: ExpectedRow, stored: Item, *, runs_mark: bool) -> VerificationFinding:
    """Return the finding about an item that differs from what its row gives.

    Args:
        expected: the row.
        stored: the item.
        runs_mark: whether what a run moved bears its mark, so that an item without one was there before.
    """
    attributes = tuple(differing(expected.mapping.entity, expected.item, stored, {(MARK,), *expected.counted}))
    mark = RunMark.of(stored)
    if mark is None and runs_mark:
        return _finding(expected, KEPT, "was there before, and is not what the row gives", attributes)
    if mark is None:
        return _finding(expected, CHANGED, "is not what the row gives; no run has marked it", attributes)
    if mark.is_true_of(stored, expected.counted):
        fact = f"is as run {mark.run} wrote it; the row gives something else now"
        return _finding(expected, CHANGED, fact, attributes)
    return _finding(expected, CHANGED, f"was changed since run {mark.run} moved it", attributes)


def differing(container: Any, one: Item, other: Item, without: Collection[Path], prefix: Path = ()) -> Iterator[str]:
    """Yield the dotted stored names of what differs, as deep as documents are declared; names only, never values."""
    documents = {
        attribute.attr_name: type(attribute)
        for attribute in container._attributes.values()
        if isinstance(attribute, Document)
    }
    for name in sorted({**one, **other}):
        path = (*prefix, name)
        before, after = one.get(name), other.get(name)
        if path in without or (before is not None and after is not None and same(before, after)):
            continue
        if name in documents and before is not None and after is not None and "M" in before and "M" in after:
            yield from differing(documents[name], before["M"], after["M"], without, path)
        else:
            yield ".".join(path)


def _finding(expected: ExpectedRow, kind: str, fact: str, attributes: tuple[str, ...]) -> VerificationFinding:
    return VerificationFinding(
        kind,
        expected.mapping.entity.__name__,
        shown(expected.place),
        fact,
        expected.row.table,
        expected.row.rowid,
        attributes,
        ids_in(expected.prepared.actions[0].key),
    )
