"""Show the whole of the package at work: move a legacy database into a table, ask it everything, write to it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from madmall_models.cli.demo_legacy import defective_rows, described, rejected_rows
from madmall_models.cli.demo_stage import Stage, set_up
from madmall_models.cli.demo_text import Pen
from madmall_models.cli.demo_writes import Outcome, write_some
from madmall_models.cli.measured import Cost
from madmall_models.cli.tour import ITEMS_ASKED, Answer, take_tour
from madmall_models.entities import Business, Circle, CircleMember, Comment, Resource, Story, User
from madmall_models.integrity.snapshot import Snapshot, scanned
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Reject,
    SQLiteSource,
    as_dict,
    as_text,
    madmall_plan,
    reporter_for,
)
from madmall_models.testing.legacy import LegacySummary, make_legacy_database

ENTITIES = (User, Circle, CircleMember, Story, Comment, Business, Resource)
NOT_AS_EXPECTED = 1
# With fewer, most rows would be dirty, and there might be nobody left to join a circle.
_FEWEST_USERS, _MOST_USERS = 20, 1_000_000
_ITEMS_LOOKED_AT = 5_000
# What engines report as consumed may have nothing to do with bytes; nobody should take it for a bill.
_READ_UNITS = {
    "ministack": "Ministack reports half a unit for each read (one if consistent) and none for a batch, of any size; "
    "DynamoDB counts each 4 KB. ",
    "moto": "Moto reports half a unit or one for each read, and one for each key of a batch, of any size; "
    "DynamoDB counts each 4 KB. ",
}
_WRITE_UNITS = {"moto": "Moto reports none for a transaction."}


@dataclass(frozen=True)
class Moved:
    """What became of the legacy database; ``as_expected`` where just its defective rows were rejected."""

    report: MigrationReport
    as_expected: bool

    @property
    def first_rejects(self) -> list[Reject]:
        """Return the first rejected row of each table."""
        return [result.errors[0] for result in self.report.results if result.errors]


@dataclass(frozen=True)
class Performance:
    """What the demo has seen."""

    legacy: LegacySummary
    moved: Moved
    answers: Sequence[Answer]
    outcomes: Sequence[Outcome]

    @property
    def as_expected(self) -> bool:
        """Tell whether just the defective rows were rejected, and every write ended as it must."""
        return self.moved.as_expected and all(outcome.as_expected for outcome in self.outcomes)


@click.command("demo")
@click.option(
    "--engine",
    default="ministack",
    show_default=True,
    metavar="NAME|URL",
    help="ministack, moto, dynamodb-local, or the http:// URL of one that runs.",
)
@click.option(
    "--users",
    type=click.IntRange(_FEWEST_USERS, _MOST_USERS),
    default=300,
    show_default=True,
    help="Size of the legacy database; everybody in it is invented.",
)
@click.option("--keep", is_flag=True, help="Leave the files; on a terminal also wait before the engine is stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(engine: str, users: int, keep: bool, as_json: bool) -> int:
    """Show the package at work on a local engine.

    An engine is started, a legacy database is made and moved into a new table, every access pattern that the entities
    declare is asked, with what it cost, and a few things are written or refused. At the end all of it is removed.

    The exit status is 1 if other rows than the defective ones were rejected, or a write did not end as it must.
    """
    started = time.monotonic()
    pen = Pen(silent=as_json)
    with set_up(engine, keep=keep, say=lambda text: click.echo(text, err=True)) as stage:
        performance = _play(stage, users, pen, keep=keep)
        seconds = time.monotonic() - started
        if as_json:
            click.echo(json.dumps(_as_dict(stage, performance, seconds, keep=keep), ensure_ascii=False, indent=2))
        if keep and stage.engine.process_id is not None and sys.stdin.isatty():
            _wait(stage)
    pen.heading(f"Done in {seconds:.0f} seconds." + ("" if keep else " All that was started or made is gone."))
    return 0 if performance.as_expected else NOT_AS_EXPECTED


def _play(stage: Stage, users: int, pen: Pen, *, keep: bool) -> Performance:
    """Do all that is to be shown, and tell of each part as soon as it is done."""
    _make_table(stage, pen)
    legacy = _make_legacy(stage, users, pen)
    moved = _move(stage, legacy, pen, keep=keep)
    snapshot = Snapshot(islice(scanned(stage.database), _ITEMS_LOOKED_AT))
    answers = _ask(stage, snapshot, pen)
    outcomes = _write(stage, snapshot, pen)
    return Performance(legacy, moved, answers, outcomes)


def _make_table(stage: Stage, pen: Pen) -> None:
    engine = stage.engine
    place = f"at {engine.endpoint}" if engine.endpoint else "in this process"
    stage.database.create_table(wait=True)
    pen.heading("1. An engine and a table")
    started = f", process {engine.process_id}" if engine.process_id is not None else ""
    pen.line(engine.name + ("" if engine.name == engine.endpoint else f" {place}{started}"))
    indexes = sorted(index["IndexName"] for index in stage.database.describe_table()["GlobalSecondaryIndexes"])
    pen.line(f"table {stage.database.table_name}: PK and SK, {', '.join(indexes)}, stream, time to live")


def _make_legacy(stage: Stage, users: int, pen: Pen) -> LegacySummary:
    pen.heading("2. A legacy database")
    legacy = make_legacy_database(stage.folder / "legacy.db", users=users)
    rows = f"{sum(legacy.rows.values()):,} rows in {len(legacy.rows)} tables"
    pen.line(f"{legacy.path}: {rows}; everybody is invented")
    pen.line(described(legacy))
    return legacy


def _move(stage: Stage, legacy: LegacySummary, pen: Pen, *, keep: bool) -> Moved:
    """Move the rows; moto has no locks, so it gets one writer."""
    pen.heading("3. Moving it into the table")
    rejects = _rejects_file(stage)
    config = MigrationConfig(parallelism=1 if stage.engine.name == "moto" else 4, rejects=rejects, log_level="warning")
    with SQLiteSource(legacy.path) as source:
        service = MigrationService(stage.database, source, progress=reporter_for(sys.stderr))
        report = service.execute(madmall_plan(), config)
    moved = Moved(report, not legacy.planted_is_complete or rejected_rows(rejects) == defective_rows(legacy))
    pen.line()
    for line in _table_of(report):
        pen.line(line)
    _tell_rejects(moved, rejects, pen, keep=keep)
    return moved


def _table_of(report: MigrationReport) -> list[str]:
    """Return the table of the summary without the remarks below it: heading, total, two rules, and a line each."""
    return as_text(report).splitlines()[: len(report.results) + 4]


def _rejects_file(stage: Stage) -> Path:
    return stage.folder / "rejects.jsonl"


def _tell_rejects(moved: Moved, file: Path, pen: Pen, *, keep: bool) -> None:
    which = "just the defective ones" if moved.as_expected else "NOT AS EXPECTED: not just the defective ones"
    pen.line()
    pen.paragraph(f"{moved.report.failed:,} rows were rejected, {which}. The first of each table:")
    for reject in moved.first_rejects:
        pen.paragraph(str(reject), indent="  ", hanging="      ")
    pen.line(f"All are in {file}, personal columns masked.")
    if not keep:
        pen.line("It is removed at the end; --keep leaves it.")


def _ask(stage: Stage, snapshot: Snapshot, pen: Pen) -> Sequence[Answer]:
    answers = list(take_tour(stage.database, snapshot, ENTITIES))
    pen.heading(f"4. Asking it: the {len(answers)} access patterns that {len(ENTITIES)} entities declare")
    pen.paragraph(
        f"At most {ITEMS_ASKED} items each. Trips are requests, RCU read units as the engine reports them. "
        f"{_READ_UNITS.get(stage.engine.name, '')}Beside each call stands what explain() expects, for items of 1 KB."
    )
    pen.tour(answers)
    return answers


def _write(stage: Stage, snapshot: Snapshot, pen: Pen) -> Sequence[Outcome]:
    first, second, *_ = snapshot.all_of(User)
    outcomes = list(write_some(stage.database, first.user_id, second.user_id))
    pen.heading("5. Writing to it: each of these is one transaction or nothing")
    pen.paragraph(
        "Trips are requests, those that read included, WCU write units as the engine reports them. "
        + _WRITE_UNITS.get(stage.engine.name, "")
    )
    pen.writes(outcomes)
    return outcomes


def _wait(stage: Stage) -> None:
    """Let the engine run until somebody presses Enter."""
    where = f"--table {stage.database.table_name} --endpoint {stage.engine.endpoint}"
    click.echo(f"\nThe engine runs until you press Enter. Try: madmall table describe {where}", err=True)
    sys.stdin.readline()


# -- as JSON -------------------------------------------------------------------------------------------------------


def _as_dict(stage: Stage, performance: Performance, seconds: float, *, keep: bool) -> dict[str, Any]:
    legacy = performance.legacy
    return {
        "engine": stage.engine.name,
        "table": stage.database.table_name,
        "seconds": round(seconds, 3),
        "as_expected": performance.as_expected,
        "legacy": {
            "rows": dict(legacy.rows),
            "dirty": {table: dict(kinds) for table, kinds in legacy.expected.items()},
        },
        "migration": as_dict(performance.moved.report),
        "rejects": {
            "file": str(_rejects_file(stage)) if keep else None,
            "first": [_reject_as_dict(reject) for reject in performance.moved.first_rejects],
        },
        "tour": [_answer_as_dict(answer) for answer in performance.answers],
        "writes": [_outcome_as_dict(outcome) for outcome in performance.outcomes],
    }


def _reject_as_dict(reject: Reject) -> dict[str, Any]:
    first = reject.faults[0]
    return {
        "table": reject.row.table,
        "rowid": reject.row.rowid,
        "stage": reject.stage,
        "field": first.field,
        "code": first.code,
        "message": first.message,
    }


def _answer_as_dict(answer: Answer) -> dict[str, Any]:
    return {
        "entity": answer.pattern.entity,
        "key": answer.pattern.name,
        "question": answer.pattern.answers,
        "index": answer.pattern.index,
        "through": answer.through,
        "call": None if answer.call is None else str(answer.call),
        "items": answer.items,
        "estimated_read_units": answer.estimate,
        **_cost_as_dict(answer.cost),
    }


def _outcome_as_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "intention": outcome.intention,
        "call": str(outcome.call),
        "refused_by": outcome.refused_by,
        "result": outcome.result,
        "as_expected": outcome.as_expected,
        **_cost_as_dict(outcome.cost),
    }


def _cost_as_dict(cost: Cost) -> dict[str, Any]:
    return {
        "requests": cost.requests,
        "milliseconds": round(cost.milliseconds, 3),
        "read_units": cost.read_units,
        "write_units": cost.write_units,
    }
