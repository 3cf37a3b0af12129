"""Say what a run is to do: operations in order."""

from __future__ import annotations

import os
from dataclasses import dataclass

from madmall_models.migration.directory import load_directory
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.operations import ImportRows, Operation


@dataclass(frozen=True)
class Plan:
    """Operations to run in order.

    Attributes:
        name: for reports.
        operations: what is done.
    """

    name: str
    operations: tuple[Operation, ...]

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """Return the mappings of all imports."""
        imports = (operation for operation in self.operations if isinstance(operation, ImportRows))
        return tuple(mapping for operation in imports for mapping in operation.mappings)

    def describe(self) -> tuple[str, ...]:
        """Return what the operations do, one sentence each."""
        return tuple(operation.describe() for operation in self.operations)


def madmall_plan() -> Plan:
    """Return the plan that moves every legacy table into a table that exists.

    >>> madmall_plan().describe()[0][:28]
    'Move the rows of users, circ'
    """
    return Plan("madmall legacy import", (ImportRows(madmall_mappings(), madmall_completions()),))


def directory_plan(path: str | os.PathLike[str]) -> Plan:
    """Return the plan that applies the migrations of a directory in order.

    Raises:
        MigrationModuleError: the directory or a module of it cannot be used.
    """
    modules = load_directory(path)
    operations = tuple(operation for module in modules for operation in module.migration.operations)
    return Plan(f"{modules[0].name} to {modules[-1].name}", operations)
