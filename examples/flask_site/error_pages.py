"""Give errors a page of the site."""

from __future__ import annotations

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from madmall_models import InvalidCursor
from madmall_models.adapters.flask import answer_for
from madmall_models.adapters.url_page import first_page_url

_NOT_SERVING = 500
STATUSES = (400, 403, 404, 405, 409, 413, 422, 500, 503)


def register(app: Flask) -> None:
    """Answer each of the statuses with a page."""
    for status in STATUSES:
        app.register_error_handler(status, show_error)
    app.register_error_handler(CSRFError, show_stale_form)


def show_error(error: HTTPException) -> tuple[str, int]:
    """Show what happened and what to do; nothing of the error itself."""
    answer = answer_for(error)
    if answer.status >= _NOT_SERVING:
        # What failed would fail again here: the page does without the table, and so without a name.
        g.setdefault("visitor", None)
    is_stale = isinstance(error.__cause__, InvalidCursor)
    first_page = first_page_url(request.full_path) if is_stale else None
    return render_template("error.html", title=answer.title, detail=answer.detail, first_page=first_page), answer.status


def show_stale_form(error: CSRFError) -> tuple[str, int]:
    """Say that the form was not one of this visit; nothing was done."""
    title = "This form is no longer valid"
    detail = "Nothing was saved. Go back, load the page again, and send it once more."
    return render_template("error.html", title=title, detail=detail, first_page=None), 400
