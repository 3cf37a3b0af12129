"""Be a small site on Flask: people, circles, stories, events; ``create_app()`` makes it."""

from flask_site.application import create_app

__all__ = ["create_app"]
