"""Run the site on this machine: an engine is started for it, and ended with it.

``python -m flask_site [--port N] [--engine NAME|URL] [--table NAME]``
"""

from __future__ import annotations

import signal
import sys

import click

from flask_site.application import create_app
from madmall_models import Database
from madmall_models.errors import EngineError
from madmall_models.testing import engines


@click.command()
@click.option("--port", default=5000, show_default=True, help="Where the site listens, on 127.0.0.1.")
@click.option("--engine", default="ministack", show_default=True, help="One to start, or the URL of one that runs.")
@click.option("--table", default="flask-site", show_default=True, help="The table; it is created if it is not there.")
def main(port: int, engine: str, table: str) -> None:
    """Serve the site until Ctrl-C. What is written is gone with an engine that was started for it."""
    # Ended from outside, the site takes its engine along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        started = engines.start(engine)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    with started as running:
        settings = running.connection_settings()
        database = Database(table=table, **settings)
        database.create_table(wait=True)
        database.close()
        app = create_app(MADMALL_TABLE=table, **{f"MADMALL_{name.upper()}": value for name, value in settings.items()})
        app.run(host="127.0.0.1", port=port, threaded=True)


if __name__ == "__main__":
    main()
