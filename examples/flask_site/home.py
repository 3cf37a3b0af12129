"""Be the first page."""

from __future__ import annotations

from flask import Blueprint, render_template

from flask_site.circles import open_circles
from flask_site.visitor import tenant_id

_SHOWN = 6

pages = Blueprint("home", __name__)


@pages.get("/")
def show_home() -> str:
    """Say what this is, and show a few circles."""
    return render_template("home.html", circles=list(open_circles(tenant_id()).limit(_SHOWN)))
