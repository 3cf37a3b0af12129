"""A ``madmall migrate run`` of its own process stops when it is told to, and what it prints goes on with it."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, integrity
from madmall_models.migration import Ledger, Status, lease_state
from tests.integration.legacy_file import circle, member, user, write_legacy

pytestmark = [pytest.mark.difference("one-process"), pytest.mark.difference("many-rows")]

ROOT = Path(__file__).parents[2]
MEMBERS = 60
# About three a second: long enough to be stopped in the middle, and to be ended afterwards.
SLOWLY = ("--max-wcu", "25", "--parallelism", "1", "--batch-size", "1")


class Program:
    """Start ``madmall`` as a shell does."""

    def __init__(self, folder: Path, target: list[str]) -> None:
        self._folder = folder
        self._target = target
        programs = folder / "bin"
        programs.mkdir()
        starter = programs / "madmall"
        starter.write_text(f"#!{sys.executable}\nfrom madmall_models.cli import main\nmain()\n")
        starter.chmod(0o755)
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{programs}:{os.environ['PATH']}"}

    def start(self, *arguments: str, stderr: Any = subprocess.PIPE) -> subprocess.Popen[bytes]:
        command = ["madmall", *arguments, *self._target]
        found = shutil.which("madmall", path=self._environment["PATH"])
        assert found is not None
        return subprocess.Popen(
            command,
            executable=found,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def typed(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line as it was printed, by a shell."""
        return subprocess.run(  # noqa: S602 - a line that the command itself printed
            line,
            shell=True,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def program(db: Database, engine: Any, tmp_path: Path) -> Program:
    settings = engine.connection_settings()
    endpoint = ["--endpoint", settings["endpoint"]] if settings["endpoint"] else []
    return Program(tmp_path, ["--table", db.table_name, "--region", settings["region"], *endpoint])


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    people = [user(f"u{number:02}") for number in range(MEMBERS)]
    return write_legacy(
        tmp_path / "legacy.db",
        users=people,
        circles=[circle("c1", "u00")],
        circle_members=[member("c1", person["id"]) for person in people[:3]],
    )


def wait_for_rows(db: Database, running: subprocess.Popen[bytes], count: int) -> None:
    """Wait until a program has moved some rows, or ended."""
    while running.poll() is None and not db.users.exists(f"u{count:02}"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_in_good_order_and_the_printed_line_ends_it_for_good(
    program: Program, db: Database, legacy: Path, number: signal.Signals
) -> None:
    running = program.start("migrate", "run", str(legacy), *SLOWLY, "--progress", "lines")
    wait_for_rows(db, running, 5)
    running.send_signal(number)
    out, err = running.communicate()

    lines = err.decode().splitlines()
    assert running.returncode == 2, err
    assert "Stopping after what is on its way; once more to stop at once." in lines
    assert lines[-1].startswith("Stopped. To go on: madmall migrate resume ")
    assert out.decode().splitlines()[0].split()[0] == "entity"
    [run] = Ledger(db).runs()
    assert (run.status, lease_state(db)) == (Status.CANCELLED, None)
    assert 5 <= run.results["written"] < MEMBERS

    # As it was printed, but at full speed.
    printed = lines[-1].partition("To go on: ")[2]
    assert "--max-wcu 25.0" in printed
    again = program.typed(printed.replace("--max-wcu 25.0", ""))

    assert again.returncode == 0, again.stderr
    [run] = Ledger(db).runs()
    assert (run.status, run.results["written"]) == (Status.APPLIED, MEMBERS + 1 + 3)
    assert integrity.check(db) == ()
    assert not (legacy.parent / "migration.journal").exists()


def test_a_process_that_is_killed_leaves_a_lease_that_the_next_one_takes_at_once(
    program: Program, db: Database, legacy: Path
) -> None:
    running = program.start("migrate", "run", str(legacy), *SLOWLY)
    wait_for_rows(db, running, 5)
    running.kill()
    running.communicate()
    state = lease_state(db)
    assert state is not None
    assert state.holder.process == running.pid

    again = program.start("migrate", "run", str(legacy))
    out, err = again.communicate()

    assert again.returncode == 0, err
    assert "was taken up where it had been" in out.decode()
    assert integrity.check(db) == ()


def test_a_second_process_is_told_who_works_on_the_table(program: Program, db: Database, legacy: Path) -> None:
    running = program.start("migrate", "run", str(legacy), *SLOWLY)
    wait_for_rows(db, running, 3)

    second = program.start("migrate", "run", str(legacy), "--rejects", "other.jsonl", "--journal", "other.journal")
    _, err = second.communicate()

    assert second.returncode == 2
    assert f"is being changed by process {running.pid} on " in err.decode().splitlines()[-1]
    running.send_signal(signal.SIGTERM)
    running.communicate()
    assert running.returncode == 2


def test_a_terminal_shows_a_bar_and_its_line_is_ended_when_the_run_is_stopped(
    program: Program, db: Database, legacy: Path
) -> None:
    terminal, theirs = pty.openpty()
    running = program.start("migrate", "run", str(legacy), *SLOWLY, stderr=theirs)
    os.close(theirs)
    shown = b""
    told = False
    while True:
        try:
            some = os.read(terminal, 4096)
        except OSError:
            # Linux says so when nobody has the other end any more.
            break
        if not some:
            break
        shown += some
        # Which number the bar shows when is the machine's business.
        if not told and f"of {MEMBERS}".encode() in shown:
            told = True
            running.send_signal(signal.SIGINT)
    os.close(terminal)
    assert running.stdout is not None
    running.stdout.close()

    assert running.wait() == 2
    text = shown.decode()
    assert "\r\x1b[K[" in text
    assert re.search(rf"users: moving \d+ of {MEMBERS}", text)
    assert text.replace("\r\n", "\n").splitlines()[-1].startswith("Stopped. To go on: madmall migrate resume ")


def test_a_pipe_gets_plain_lines(program: Program, legacy: Path) -> None:
    running = program.start("migrate", "run", str(legacy))
    _, err = running.communicate()

    assert running.returncode == 0
    assert b"\x1b" not in err
    assert b"\r" not in err
    assert f"users: moving {MEMBERS} of {MEMBERS}" in err.decode()
