"""Do what no other operation does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from madmall_models.errors import MigrationModuleError
from madmall_models.migration.operations import RunContext


@dataclass(frozen=True, init=False)
class Run:
    """Run a function of your own; it is given the run, with ``run.database`` to work on.

    It is run at least once: a run that was killed while it worked, or before that it was done was written down, runs it
    again when it is taken up. So it must be safe to repeat: write on conditions, and leave what is done. Long work asks
    ``run.check()`` between its parts, keeps its place with ``run.write_point("part", {...})`` and finds it again with
    ``run.read_point("part")``, takes from ``run.pace`` before each write, and tells of itself by ``run.note("...")``.
    In a dry run (``run.dry_run``) it is run as well, on a database that refuses every write: there it only notes what
    it would do.

    Args:
        function: takes the :class:`~madmall_models.migration.RunContext`.
        describe: what it does, as a sentence without the full stop.

    Raises:
        MigrationModuleError: an argument is of no use.

    >>> Run(lambda run: run.note(run.database.table_name), describe="Note the name of the table").describe()
    'Note the name of the table'
    """

    function: Callable[[RunContext], object]
    description: str

    def __init__(self, function: Callable[[RunContext], object], *, describe: str) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "description", describe)
        if not callable(function):
            raise MigrationModuleError("Run takes a function, which is given the run")
        if not isinstance(describe, str) or not describe.strip():
            raise MigrationModuleError("say in describe= what the function does")

    def describe(self) -> str:
        """Return what it does."""
        return self.description

    def apply(self, run: RunContext) -> None:
        """Run the function."""
        self.function(run)
