"""Say what a run is to do: steps in order, each with its operations."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from madmall_models.migration.directory import MigrationModule, load_directory
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_images import NO_ADDRESS
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.operations import ImportRows, Operation
from madmall_models.migration.policies import Policies, with_policies

Hook = Callable[[Any], None]


@dataclass(frozen=True)
class Step:
    """What is applied, or not, as a whole.

    Attributes:
        name: in the ledger.
        operations: what is done, in order.
        digest: of the text of its module. A step with one is applied once; one without may be run again, and then
            writes only what is missing.
    """

    name: str
    operations: tuple[Operation, ...]
    digest: str | None = None


@dataclass(frozen=True)
class Plan:
    """Operations to run in order.

    Attributes:
        name: for reports and the ledger.
        operations: what is done.
        modules: the history that the operations are of; each module is a step, which is applied once.
        dependencies: names of plans that must have been completed on the table before.
        before: called with the database before the first operation; not in a dry run.
        after: called with it after the last one, if nothing failed; not in a dry run.
    """

    name: str
    operations: tuple[Operation, ...] = ()
    modules: tuple[MigrationModule, ...] = ()
    dependencies: tuple[str, ...] = ()
    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps, in order."""
        if not self.modules:
            return (Step(self.name, self.operations),)
        return tuple(Step(module.name, module.migration.operations, module.digest) for module in self.modules)

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """Return the mappings of all imports."""
        return tuple(mapping for found in self.imports for mapping in found.mappings)

    @property
    def imports(self) -> tuple[ImportRows, ...]:
        """Return the imports of all steps."""
        return tuple(operation for operation in self.operations if isinstance(operation, ImportRows))

    def describe(self) -> tuple[str, ...]:
        """Return what the operations do, one sentence each."""
        return tuple(operation.describe() for operation in self.operations)


def madmall_plan(policies: Policies | None = None, *, image_address: str = NO_ADDRESS) -> Plan:
    """Return the plan that moves every legacy table into a table that exists.

    Args:
        policies: what becomes of rows that name what is not there, where it is not to be what the mappings say; see
            :func:`~madmall_models.migration.policies.with_policies`.
        image_address: where the files of legacy images are to be found.

    Raises:
        ConfigurationError: a policy is of no reference, or none that the reference can take.

    >>> madmall_plan().describe()[0][:28]
    'Move the rows of users, circ'
    """
    mappings = with_policies(madmall_mappings(image_address=image_address), policies or {})
    return Plan("madmall legacy import", (ImportRows(mappings, madmall_completions()),))


def directory_plan(path: str | os.PathLike[str]) -> Plan:
    """Return the plan that applies the migrations of a directory in order.

    Raises:
        MigrationModuleError: the directory or a module of it cannot be used.
    """
    modules = load_directory(path)
    operations = tuple(operation for module in modules for operation in module.migration.operations)
    return Plan("history", operations, modules)
