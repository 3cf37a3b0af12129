"""Compare a whole table with its source: one scan, one pass over the rows, and what differs is read again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import Any

from madmall_models import batch
from madmall_models.footprint import CLAIM_TYPE
from madmall_models.integrity import Finding, TableCheck
from madmall_models.integrity.check_memory import CheckMemory
from madmall_models.integrity.snapshot import place, primary_entity, shown
from madmall_models.keys import ItemKey
from madmall_models.migration.inventory import Inventory
from madmall_models.migration.item_digest import Item
from madmall_models.migration.judgement import different, missing
from madmall_models.migration.progress import Progress
from madmall_models.migration.run_mark import RunMark
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source_pass import ExpectedRow, content_digest
from madmall_models.migration.spilling import private_database
from madmall_models.migration.verification_finding import EXTRA, VerificationFinding, ids_in
from madmall_models.migration.verification_terms import VerificationTerms
from madmall_models.query_reader import is_expired
from madmall_models.table_segments import segment_pages

_READ_AGAIN_AT_ONCE = 100


class FullVerification:
    """Be one comparison of a whole table, used once.

    The table is read first, so that when a row is judged it is known what the table has of it, and who owns the values
    it claims. Memory holds a page of each segment and a hundred suspects; the rest is spilled.

    Args:
        terms: what is compared.
        segments: into how many parts the scan is divided, each read by a thread.
    """

    def __init__(self, terms: VerificationTerms, segments: int) -> None:
        self._terms = terms
        self._segments = segments
        self._database = terms.database
        self._tally = terms.tally
        self._entities = {mapping.entity_type: mapping.entity for mapping in terms.mappings}
        self._named = {reference.entity for mapping in terms.mappings for reference in mapping.references}
        self._suspects: list[tuple[ExpectedRow, bytes]] = []

    def run(self) -> None:
        """Compare, and tell what was found."""
        with CheckMemory() as kept, closing(private_database()) as spilled, TableCheck(self._database) as looked:
            claimed = RunMemory(spilled)
            self._inventory = Inventory(kept)
            # The scan tells of every item, so that nothing is left to look up.
            self._lookup = self._terms.lookup(claimed, None)
            self._scan(looked)
            passing = self._terms.source_pass(self._lookup, claimed)
            for mapping in self._terms.mappings:
                for expected in passing.rows(mapping):
                    self._compare(expected)
            self._judge_suspects()
            self._sum_up()
            self._tell_extras()
            for finding in chain(self._inventory.held(), looked.conclude()):
                self._tell_broken(finding)

    def _scan(self, looked: TableCheck) -> None:
        request = {"TableName": self._database.table_name, "ConsistentRead": True}
        started, done = time.monotonic(), 0
        likely = int(self._database.describe_table().get("ItemCount", 0))
        for page in segment_pages(self._database.connection, request, self._segments):
            for item in page.items:
                self._note(item, looked)
            done += len(page.items)
            # The service counts the items of a table every few hours only.
            self._tell_progress(done, max(likely, done + 1), started)
        self._tell_progress(done, done, started)

    def _note(self, item: Item, looked: TableCheck) -> None:
        entity = primary_entity(item)
        for finding in looked.look_at(item, entity):
            self._inventory.hold(finding)
        kind = item.get("entityType", {}).get("S")
        if kind == CLAIM_TYPE:
            self._inventory.claimed(place(item), (item["ownerPK"]["S"], item["ownerSK"]["S"]))
        if entity is None:
            return
        if type(entity) in self._named and not is_expired(item):
            self._lookup.keep(entity)
        if self._entities.get(str(kind)) is type(entity):
            counted = self._terms.counted.get(str(kind), ())
            self._inventory.found(place(item), str(kind), content_digest(item, counted))

    def _compare(self, expected: ExpectedRow) -> None:
        tally = self._tally.of(expected.mapping)
        stored = self._inventory.expect(expected.place, expected.row, expected.dangling)
        if stored is None and (self._is_taken(expected) or is_expired(expected.item)):
            tally.rejected += 1
            return
        digest = expected.digest()
        tally.source.add(digest)
        for key in self._terms.adds(expected):
            self._inventory.may_be_added((key.partition, key.sort))
        if stored is None:
            # What refers to it is judged by itself, not by what it refers to.
            self._lookup.keep(expected.prepared.entity)
        if stored != digest:
            self._suspect(expected, digest)

    def _is_taken(self, expected: ExpectedRow) -> bool:
        claims = (action.key for action in expected.prepared.actions if action.part.startswith("claim:"))
        return any(self._inventory.is_taken((key.partition, key.sort), expected.place) for key in claims)

    def _suspect(self, expected: ExpectedRow, digest: bytes) -> None:
        self._suspects.append((expected, digest))
        if len(self._suspects) >= _READ_AGAIN_AT_ONCE:
            self._judge_suspects()

    def _judge_suspects(self) -> None:
        """Read the items of the suspects again, and tell what still differs."""
        suspects, self._suspects = self._suspects, []
        items = batch.get_items(self._database.connection, [row.prepared.actions[0].key for row, _ in suspects])
        for expected, digest in suspects:
            stored = items.get(expected.place)
            if stored is None:
                self._tally.differs(expected.mapping.entity_type, missing(expected))
            elif content_digest(stored, expected.counted) != digest:
                finding = different(expected, stored, runs_mark=self._terms.runs_mark)
                self._tally.differs(expected.mapping.entity_type, finding)

    def _sum_up(self) -> None:
        for kind, digest in self._inventory.stored():
            self._tally.entities[kind].table.add(digest)
        for kind, count in self._inventory.added().items():
            self._tally.entities[kind].added = count

    def _tell_extras(self) -> None:
        some: list[ItemKey] = []
        for kind, where in self._inventory.extras():
            some.append(ItemKey(*where, self._entities[kind]))
            if len(some) >= _READ_AGAIN_AT_ONCE:
                self._read_extras(some)
                some = []
        self._read_extras(some)

    def _read_extras(self, keys: list[ItemKey]) -> None:
        items = batch.get_items(self._database.connection, keys)
        for key in keys:
            where = (key.partition, key.sort)
            if where in items:
                finding = VerificationFinding(
                    EXTRA, key.entity.__name__, shown(where), _fact_of_extra(items[where]), ids=ids_in(key)
                )
                self._tally.differs(str(key.entity.discriminator), finding)

    def _tell_broken(self, finding: Finding) -> None:
        for told in self._told(finding):
            self._tally.tell(told)

    def _told(self, finding: Finding) -> Iterator[VerificationFinding]:
        """Yield a broken rule with the row that it is about, unless it follows from a reference that was kept."""
        origin = None if finding.place is None else self._inventory.origin(finding.place)
        if origin is not None and finding.attribute in origin.dangling:
            return
        yield VerificationFinding(
            finding.rule,
            finding.entity,
            finding.key,
            finding.fact,
            None if origin is None else origin.table,
            None if origin is None else origin.rowid,
            () if finding.attribute is None else (finding.attribute,),
            {} if finding.place is None else self._ids(finding.place),
        )

    def _ids(self, where: tuple[str, str]) -> dict[str, str]:
        """Return the ids in the key of an item that the plan maps."""
        for entity in self._entities.values():
            ids = ids_in(ItemKey(*where, entity))
            if ids and entity.key.partition.match(where[0]) and entity.key.sort.match(where[1]) is not None:
                return ids
        return {}

    def _tell_progress(self, done: int, total: int, started: float) -> None:
        seconds = time.monotonic() - started
        self._terms.report(Progress("", self._database.table_name, "scanning", done, total, seconds=seconds))


def _fact_of_extra(stored: Any) -> str:
    mark = RunMark.of(stored)
    if mark is None:
        return "no row gives it, and no run has marked it"
    return f"no row gives it; run {mark.run} moved it"
