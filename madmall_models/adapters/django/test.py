"""Give each test of a project a table of its own, as Django's TestCase gives it a clean SQL database.

Only for tests: it starts an engine, moto unless told otherwise, which needs ``madmall_models[testing]``.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from madmall_models.adapters.django.configured_database import SETTING, configured_database
from madmall_models.database import Database
from madmall_models.errors import TableNotFound
from madmall_models.testing import engines
from madmall_models.testing.fresh_table import LastingTable, indexes_without_lag

if TYPE_CHECKING:
    # What the mixin is mixed into. At run time it has no base of its own, so that any test case can follow it.
    from unittest import TestCase as _TestCase
else:
    _TestCase = object

# What says where a table is. A test never keeps it, so that none reaches the table of the settings.
_PLACE = ("environment", "table", "region", "endpoint", "access_key", "secret_key", "session_token")
_NEEDS_NO_NETWORK = "https://dynamodb.{region}.amazonaws.com"


class MadMallTestMixin(_TestCase):
    """Give each test an empty table, on an engine that the tests of a class share.

    Within a test the settings name that table, so that views, commands and ``User.objects`` mean it; ``self.db`` is its
    database. Mix it into any test case of Django, before it; one with an SQL database keeps what Django does for that.

    Attributes:
        madmall_engine: ``moto`` (in this process; not for threads, so not for a live server), ``ministack``,
            ``dynamodb-local``, or the URL of an engine that runs.
        db: the database of the test.
    """

    madmall_engine: ClassVar[str] = "moto"
    db: Database
    _engine: ClassVar[engines.Engine]

    @classmethod
    def setUpClass(cls) -> None:
        """Start the engine."""
        super().setUpClass()
        cls._engine = engines.start(cls.madmall_engine)
        cls.addClassCleanup(cls._engine.stop)

    def setUp(self) -> None:
        """Create the table and let the settings name it; it is deleted after the test."""
        super().setUp()
        kept = {name: value for name, value in getattr(settings, SETTING, {}).items() if name not in _PLACE}
        there = self._engine.connection_settings()
        if there["endpoint"] is None:
            # Said by name, so that no variable of the environment leads anywhere else; moto answers in its place.
            there["endpoint"] = _NEEDS_NO_NETWORK.format(**there)
        self.enterContext(override_settings(**{SETTING: {**kept, **there, "table": f"test-{uuid.uuid4().hex}"}}))
        self.db = configured_database.get()
        self.addCleanup(self.db.close)
        self.addCleanup(_delete, self.db)
        LastingTable(self.db.connection).create(wait=True)
        self.enterContext(indexes_without_lag())


class MadMallTestCase(MadMallTestMixin, SimpleTestCase):
    """Test a project that has no SQL database: a fresh table for each test, and Django's test client."""


def _delete(database: Database) -> None:
    with contextlib.suppress(TableNotFound):
        database.delete_table()
