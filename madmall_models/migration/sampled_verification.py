"""Compare a table too large to scan with its source: every so many rows, each read with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from madmall_models import batch
from madmall_models.errors import WriteRefused
from madmall_models.integrity.copies import wrong_copies
from madmall_models.integrity.snapshot import shown
from madmall_models.migration.completion import Completion
from madmall_models.migration.item_digest import Item
from madmall_models.migration.judgement import different, missing
from madmall_models.migration.mapping import Policy
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source_pass import ExpectedRow, content_digest
from madmall_models.migration.spilling import private_database
from madmall_models.migration.verification_finding import COUNTS, VerificationFinding, ids_in
from madmall_models.migration.verification_terms import VerificationTerms
from madmall_models.query_reader import is_expired

_COMPARED_AT_ONCE = 50
Place = tuple[str, str]


class SampledVerification:
    """Be one comparison of a sample, used once.

    Every row is prepared, since it decides about later ones; every so many of a table one is compared. What only the
    whole table shows stays unseen: extra items, and copies that are left over.

    Args:
        terms: what is compared.
        every: how many rows of a table one is compared of; the first is.
    """

    def __init__(self, terms: VerificationTerms, every: int) -> None:
        self._terms = terms
        self._every = every
        self._database = terms.database
        self._tally = terms.tally
        self._sample: list[ExpectedRow] = []

    def run(self) -> None:
        """Compare, and tell what was found."""
        with closing(private_database()) as spilled:
            memory = RunMemory(spilled)
            self._memory = memory
            self._lookup = self._terms.lookup(memory, self._database)
            passing = self._terms.source_pass(self._lookup, memory)
            for mapping in self._terms.mappings:
                for expected in passing.rows(mapping):
                    self._take(expected)
            self._compare()
            for completion in self._terms.completions:
                for identifier, _, _ in memory.touched(completion.entity_type):
                    self._count_again(completion, identifier)

    def _take(self, expected: ExpectedRow) -> None:
        self._lookup.keep(expected.prepared.entity)
        if expected.number % self._every:
            return
        self._sample.append(expected)
        if len(self._sample) >= _COMPARED_AT_ONCE:
            self._compare()

    def _compare(self) -> None:
        """Compare the rows that wait with their items, and with what belongs to these."""
        sample, self._sample = self._sample, []
        actions = (action for expected in sample for action in expected.prepared.actions)
        keys = [action.key for action in actions if action.part == "item" or action.part.startswith("claim:")]
        items = batch.get_items(self._database.connection, keys)
        origins: dict[Place, ExpectedRow] = {}
        for expected in sample:
            stored = items.get(expected.place)
            if stored is None:
                self._judge_missing(expected, items)
                continue
            origins[expected.place] = expected
            self._judge(expected, stored)
            for touch in expected.mapping.touches:
                identifier = getattr(expected.prepared.entity, touch.target)
                self._memory.touch(str(touch.entity.discriminator), identifier, None)
        self._tell_wrong_copies(origins)

    def _judge_missing(self, expected: ExpectedRow, items: Mapping[Place, Item]) -> None:
        tally = self._tally.of(expected.mapping)
        if _is_taken(expected, items) or is_expired(expected.item) or self._is_orphan(expected):
            tally.rejected += 1
            return
        tally.source.add(expected.digest())
        self._tally.differs(expected.mapping.entity_type, missing(expected))

    def _judge(self, expected: ExpectedRow, stored: Item) -> None:
        tally, digest = self._tally.of(expected.mapping), expected.digest()
        tally.source.add(digest)
        tally.table.add(found := content_digest(stored, expected.counted))
        if found != digest:
            finding = different(expected, stored, runs_mark=self._terms.runs_mark)
            self._tally.differs(expected.mapping.entity_type, finding)

    def _is_orphan(self, expected: ExpectedRow) -> bool:
        """Tell whether a row names an item that is not in the table, so that it was rightly rejected."""
        values = expected.prepared.entity
        for reference in expected.mapping.references:
            identifier = _dotted(values, reference.target)
            if reference.policy is not Policy.REJECT or identifier is None:
                continue
            if not self._database.manager_of(reference.entity).exists(identifier):
                return True
        return False

    def _tell_wrong_copies(self, origins: Mapping[Place, ExpectedRow]) -> None:
        for finding in wrong_copies(self._database, origins):
            expected = None if finding.place is None else origins.get(finding.place)
            if expected is None:
                continue
            self._tally.tell(
                VerificationFinding(
                    finding.rule,
                    finding.entity,
                    finding.key,
                    finding.fact,
                    expected.row.table,
                    expected.row.rowid,
                    ids=ids_in(expected.prepared.actions[0].key),
                )
            )

    def _count_again(self, completion: Completion, identifier: str) -> None:
        """Complete an item on a connection that only reads: what it would write is what is wrong."""
        try:
            completion.complete(self._database, identifier, None)
        except WriteRefused:
            key = completion.entity.key.of(identifier)
            where = (key.partition, key.sort)
            fact = "is not counted right; importing again would set it"
            name = completion.entity.__name__
            attributes = tuple(".".join(path) for path in completion.counted)
            finding = VerificationFinding(COUNTS, name, shown(where), fact, attributes=attributes, ids=ids_in(key))
            self._tally.tell(finding)


def _is_taken(expected: ExpectedRow, items: Mapping[Place, Item]) -> bool:
    """Tell whether another item has a value that the row claims."""
    owner = ({"S": expected.place[0]}, {"S": expected.place[1]})
    return any((claim.get("ownerPK"), claim.get("ownerSK")) != owner for claim in _claims(expected, items))


def _claims(expected: ExpectedRow, items: Mapping[Place, Item]) -> Iterator[Item]:
    for action in expected.prepared.actions:
        where = (action.key.partition, action.key.sort)
        if action.part.startswith("claim:") and where in items:
            yield items[where]


def _dotted(entity: Any, target: str) -> Any:
    """Return the value of a dotted attribute of an entity, None where a part is missing."""
    found = entity
    for name in target.split("."):
        found = getattr(found, name, None)
    return found
