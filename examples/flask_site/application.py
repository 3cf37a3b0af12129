"""Put the site together."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from flask_site import accounts, circles, error_pages, events, home, stories, tenants, visitor
from madmall_models.adapters.flask import MadMall, health

_STYLE = Path(__file__).resolve().parents[1] / "site_style"
# A story of 400 KB, the most that DynamoDB takes, arrives whole, so that what is too long can be shown again.
_MOST_BYTES = 4_000_000
_POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"

madmall = MadMall()
csrf = CSRFProtect()


def create_app(**config: Any) -> Flask:
    """Return the site; the table and its place are named by ``MADMALL_...`` keys or environment variables."""
    app = Flask(__name__, static_folder=str(_STYLE), static_url_path="/style")
    app.config.update(
        SECRET_KEY=os.environ.get("SITE_SECRET_KEY") or secrets.token_hex(32),
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BYTES,
        MADMALL_PAGE_SIZE=10,
    )
    app.config.update(config)
    csrf.init_app(app)
    madmall.init_app(app)
    app.register_blueprint(health)
    for module in (home, accounts, circles, events, stories, tenants):
        app.register_blueprint(module.pages)
    visitor.introduce(app)
    error_pages.register(app)
    app.after_request(_guard)
    return app


def _guard(response: Any) -> Any:
    """Let browsers run nothing that somebody wrote into a page, and keep nothing personal where others may find it."""
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
