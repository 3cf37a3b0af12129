"""The order of the package: what a newcomer reads first, and so what may import what."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable

from tests.architecture.source_tree import PACKAGE, Import, Module, imports_at_run_time, room_of

# A room may import only rooms *earlier* in this list. A new file goes after all it imports, before all that import it.
ORDER = (
    # 1  pure: no PynamoDB, no I/O
    "errors",
    "clock",
    "identifiers",
    "limits",
    "document_path",
    "key_template",
    "access_pattern",
    # 2  the words a declaration is written in
    "attributes",
    "derived_attributes",
    "document_view",
    "unread",
    "document",
    "keys",
    "indexes",
    "validation_report",
    "rules",
    "marshmallow_bridge",
    "signals",
    # 3  the item
    "binding",
    "declaration",
    "codec",
    "entity",
    "item_findings",
    "expression",
    "footprint",
    # 4  the wire
    "connection",
    "configuration",
    "table",
    "table_plan",
    # 5  reading and changing
    "condition",
    "key_condition",
    "filter_fault",
    "explanation",
    "row",
    "page",
    "batch",
    "hydration",
    "query_reader",
    "query",
    "item_collection",
    "edge_query",
    "raw_condition",
    "raw_request",
    "raw_explanation",
    "query_builder",
    "raw_reader",
    "table_segments",
    "scan",
    "sending",
    "packing",
    "pack_writer",
    "writer",
    "measurement",
    "step",
    "transaction",
    "recipe_transaction",
    "read_transaction",
    "batch_outcome",
    "creation_batch",
    "counting",
    "manager",
    "batch_write",
    # ... and the one table that offers all of these: what stands above asks for it through binding
    "database",
    # 6  the domain
    "entities",
    "data_validator",
    "managers",
    # 7  beside the domain
    "integrity",
    "migration",
    # 8  edges
    "schema",
    "testing",
    "cli",
    # ... which offer the commands and the test tools in the dress of a framework
    "adapters",
    "mypy_plugin",
    "__main__",
)
PURE = ORDER[: ORDER.index("attributes")]
# The error for an item that is not there is PynamoDB's as well, so that what catches PynamoDB's catches ours.
PURE_ENOUGH = {("errors", "pynamodb.exceptions")}
OUTSIDE = frozenset({"pynamodb", "botocore", "boto3", "urllib3", "requests", "socket", "sqlite3"})
ROOT = ""
OPEN_TO_ALL = ("__version__",)


def upward_imports(modules: Iterable[Module], order: tuple[str, ...] = ORDER, package: str = PACKAGE) -> list[str]:
    """Find the rooms without a place in the order, and the imports of a room that stands later in it."""
    modules = list(modules)
    known = [module.name for module in modules]
    findings = []
    for module in modules:
        if module.room == ROOT:
            continue
        if module.room not in order:
            findings.append(
                f"{module.at(1)}: {module.room!r} has no place in the order of layers; add it to ORDER in "
                "tests/architecture/layers.py, after all it imports and before all that import it"
            )
            continue
        for found in imports_at_run_time(module, known):
            if _is_upward(module.room, found, order, package):
                findings.append(f"{module.at(found.line)}: {module.room} imports {_said(found, package)}")
    return findings


def cycles(modules: Iterable[Module]) -> list[str]:
    """Find modules that import each other, inside one room too; the package's root only collects and is left out."""
    modules = [module for module in modules if module.room != ROOT]
    known = {module.name for module in modules}
    graph = {
        module.name: {found.module for found in imports_at_run_time(module, known)} & known - {module.name}
        for module in modules
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return ["import each other: " + " <- ".join(error.args[1])]
    return []


def impure_imports(modules: Iterable[Module], pure: tuple[str, ...] = PURE) -> list[str]:
    """Find imports of PynamoDB, or of what talks to the world outside, in the rooms that are pure."""
    modules = list(modules)
    return [
        f"{module.at(found.line)}: {module.room} is pure and imports {found.module}"
        for module in modules
        if module.room in pure
        for found in imports_at_run_time(module, ())
        if found.module.partition(".")[0] in OUTSIDE and (module.room, found.module) not in PURE_ENOUGH
    ]


def _said(found: Import, package: str) -> str:
    if found.module == package:
        return f"{', '.join(found.names) or 'everything'} of {package}, which collects all and so stands last"
    return f"{found.module}, which stands later"


def _is_upward(room: str, found: Import, order: tuple[str, ...], package: str) -> bool:
    if found.module == package:
        return not set(found.names) <= set(OPEN_TO_ALL) or not found.names
    if not found.module.startswith(f"{package}."):
        return False
    target = room_of(found.module)
    return target not in order or order.index(target) > order.index(room)
