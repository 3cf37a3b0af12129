"""Run the command in this process on the table of a test, as it is typed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

import pytest

from madmall_models import cli
from madmall_models.database import Database


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.err.splitlines()[-1]


class Command:
    """Run ``madmall`` on one table."""

    def __init__(self, db: Database, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
        settings = engine.connection_settings()
        endpoint = ["--endpoint", settings["endpoint"]] if settings["endpoint"] else []
        self._target = ["--table", db.table_name, "--region", settings["region"], *endpoint]
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        """Run a command on the table."""
        return self.typed([*arguments, *self._target])

    def printed(self, line: str) -> Ran:
        """Run a command as a line of another one's output gives it."""
        program, *arguments = shlex.split(line)
        assert program == "madmall"
        return self.typed(arguments)

    def typed(self, arguments: list[str]) -> Ran:
        status = cli.run(arguments)
        said = self._capsys.readouterr()
        return Ran(status, said.out, said.err)
