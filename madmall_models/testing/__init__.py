"""Help tests and demonstrations: engines that need no AWS account, entities to test with, and a mock of a database.

Importing this package starts nothing and imports none of its modules: what is named here is loaded when it is asked
for. The fixtures of pytest are in ``pytest_madmall_models``, which finds what it needs here::

    from madmall_models.testing import engines, mock_database
    from madmall_models.testing.legacy import make_legacy_database
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madmall_models.testing.database_mock import mock_database
    from madmall_models.testing.factories import Factories
    from madmall_models.testing.factory import Factory
    from madmall_models.testing.fresh_table import fresh_database
    from madmall_models.testing.movable_clock import MovableClock
    from madmall_models.testing.operation_counts import assert_max_capacity, assert_operations

__all__ = [
    "Factories",
    "Factory",
    "MovableClock",
    "assert_max_capacity",
    "assert_operations",
    "fresh_database",
    "mock_database",
]

_MODULES = {
    "Factories": "factories",
    "Factory": "factory",
    "MovableClock": "movable_clock",
    "assert_max_capacity": "operation_counts",
    "assert_operations": "operation_counts",
    "fresh_database": "fresh_table",
    "mock_database": "database_mock",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
