"""Show what the ledger of a table knows, and free a lease whose holder is gone."""

from __future__ import annotations

import json
from typing import Any

import click

from madmall_models import clock
from madmall_models.cli.migrate_options import MIGRATIONS
from madmall_models.cli.targeting import Target, targeted
from madmall_models.database import Database
from madmall_models.migration import Ledger, Plan, directory_plan, lease_state, standings, unlock
from madmall_models.migration.history import Standing
from madmall_models.migration.ledger import RunRecord

TO_LOOK_AT = 1
_FINE = (Standing.APPLIED, Standing.PENDING)


@click.command("status")
@MIGRATIONS
@click.option("--json", "json_wanted", is_flag=True, help="Print as JSON.")
@targeted
def status(target: Target, migrations: str | None, json_wanted: bool) -> int:
    """Show who works on the table, its runs, and how its history stands.

    Only reads. The exit status is 1 when a run is unfinished, or a step is not as it should be.
    """
    history = None if migrations is None else directory_plan(migrations)
    with target.opened() as database:
        found = _found(database, history)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if json_wanted else _as_text(found))
    unfinished = any(run["unfinished"] for run in found["runs"])
    odd = any(not step["fine"] for step in found["steps"])
    return TO_LOOK_AT if unfinished or odd else 0


@click.command("unlock")
@click.option("--yes", is_flag=True, help="Do not ask.")
@targeted
def take_lease_away(target: Target, yes: bool) -> int:
    """Free the lease of the table; only when you know that its holder is gone."""
    with target.opened() as database:
        held = lease_state(database)
        if held is None:
            click.echo(f"Nobody holds the lease of table {database.table_name}.")
            return 0
        if not yes:
            click.confirm(f"{held.holder} holds it for {held.purpose}. Take it away?", abort=True, err=True)
        unlock(database)
    click.echo(f"The lease of {held.holder} was taken away.")
    return 0


def _found(database: Database, history: Plan | None) -> dict[str, Any]:
    ledger, held = Ledger(database), lease_state(database)
    steps = ledger.steps()
    plan = history or Plan("no history")
    return {
        "table": database.table_name,
        "lease": None
        if held is None
        else {
            "holder": str(held.holder),
            "purpose": held.purpose,
            "since": clock.to_text(held.since),
            "expires": clock.to_text(held.expires),
            "free": held.is_free,
        },
        "runs": [_run(run) for run in ledger.runs()],
        "steps": [
            {
                "name": step.name,
                "standing": step.standing.value,
                "fine": step.standing in _FINE,
                "error": None if step.record is None else step.record.error,
            }
            for step in (standings(plan, steps) if history is not None else ())
        ],
    }


def _run(run: RunRecord) -> dict[str, Any]:
    counts = {name: run.results.get(name) for name in ("read", "written", "rejected", "skipped")}
    return {
        "run": run.run,
        "plan": run.plan,
        "status": run.status.value,
        "unfinished": run.status.is_open,
        "source": run.source,
        "started_at": clock.to_text(run.started_at),
        "ended_at": None if run.ended_at is None else clock.to_text(run.ended_at),
        **counts,
        "backup": run.backup,
        "error": run.error,
    }


def _as_text(found: dict[str, Any]) -> str:
    lines = [f"table {found['table']}"]
    lease = found["lease"]
    if lease is not None:
        state = "its holder is gone" if lease["free"] else f"until {lease['expires']} unless renewed"
        lines.append(f"lease: {lease['holder']}, {lease['purpose']}, since {lease['since']}, {state}")
    lines += [_run_line(run) for run in found["runs"]] or ["no run so far"]
    for step in found["steps"]:
        lines.append(f"step {step['name']}: {step['standing']}" + (f": {step['error']}" if step["error"] else ""))
    return "\n".join(lines)


def _run_line(run: dict[str, Any]) -> str:
    counts = "" if run["read"] is None else f", {run['read']:,} read, {run['written']:,} written"
    error = f": {run['error']}" if run["error"] else ""
    return f"run {run['run']}  {run['started_at']}  {run['plan']}: {run['status']}{counts}{error}"
