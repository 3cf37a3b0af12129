"""Run the site on this machine: an engine is started for it, and ended with it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from madmall_models.adapters.django import database
from madmall_models.errors import EngineError
from madmall_models.testing import engines


class Command(BaseCommand):
    """Start an engine, create the table, and serve until Ctrl-C."""

    help = "Serve the site with an engine of its own. What is written is gone with an engine that was started for it."
    # The table is not named yet.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the place of the site and of the table."""
        parser.add_argument("--port", type=int, default=8000, help="Where the site listens, on 127.0.0.1.")
        parser.add_argument("--engine", default="ministack", help="An engine to start, or the URL of one that runs.")
        parser.add_argument("--table", default="django-site", help="The table; it is created if it is not there.")

    def handle(self, *_: Any, port: int, engine: str, table: str, **__: Any) -> None:
        """Serve."""
        # Ended from outside, the site takes its engine along.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _check_port(port)
        try:
            running = engines.start(engine)
        except EngineError as error:
            raise CommandError(str(error)) from error
        with running:
            if running.endpoint is None:
                raise CommandError(f"{engine} serves one thread only; name ministack, or the URL of an engine")
            # As somebody would who runs the site by another command: the settings say nothing of a place.
            os.environ.update(MADMALL_TABLE=table, MADMALL_ENDPOINT=running.endpoint)
            database().create_table()
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)


def _check_port(port: int) -> None:
    """Refuse a port that is taken: runserver would end the process there and then, and leave the engine behind."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CommandError(f"the site cannot listen on port {port} of 127.0.0.1; name another by --port") from error
