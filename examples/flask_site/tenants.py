"""Let a visitor look at another tenant."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for

from flask_site.visitor import TENANTS

pages = Blueprint("tenants", __name__)


@pages.post("/tenant")
def switch() -> Any:
    """Switch, and begin at the first page: where the visitor was may not exist over there."""
    chosen = request.form.get("tenant")
    if chosen not in TENANTS:
        abort(400)
    session["tenant"] = chosen
    return redirect(url_for("home.show_home"))
