"""What a request is answered with when it ends in an error: a status, words for anybody, and no value of a person."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from madmall_models import (
    AccessDenied,
    CircuitOpen,
    ConfigurationError,
    Database,
    MadMallError,
    OutcomeUnknown,
    TableNotFound,
    Throttled,
    User,
)
from madmall_models.adapters.flask import answer_for, db
from tests.integration.flask_applications import JANE, application

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
CANARY = "canary@example.com"
JOHN = {**JANE, "email": CANARY}


@pytest.fixture
def app(db: Database, engine: Any) -> Flask:
    return application(db, engine)


def failing(app: Flask, act: Callable[[], Any]) -> Any:
    """Give the application a view that does this, and return what a program is answered."""
    app.get("/")(act)
    return app.test_client().get("/")


def raising(error: MadMallError) -> Callable[[], Any]:
    def view() -> None:
        raise error

    return view


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        (lambda: db.users.get("nobody"), 404, "DoesNotExist"),
        (lambda: db.users.create(user_id="u1", **JOHN), 409, "AlreadyExists"),
        (lambda: db.users.create(user_id="u2", **JOHN), 409, "UniqueViolation"),
        (lambda: db.users.update("u1", expected_version=7, is_active=False), 409, "VersionConflict"),
        (lambda: db.circles.add_member("c1", "u1"), 409, "AlreadyMember"),
        (lambda: db.circles.remove_member("c1", "u1"), 409, "OwnerCannotLeave"),
        (lambda: db.circles.transfer_ownership("c1", to="u9"), 409, "NotAMember"),
        (lambda: db.users.update("u1", email="nowhere"), 422, "ValidationError"),
        (lambda: db.users.of_tenant().page(after=CANARY), 400, "InvalidCursor"),
        (lambda: db.users.of_tenant().page(size=0), 400, "QueryError"),
        (lambda: db.users.get(f"{CANARY}#"), 400, "KeyValueError"),
    ],
)
def test_an_error_has_its_status_and_shows_nobody_s_values(
    app: Flask, db: Database, act: Callable[[], Any], status: int, code: str
) -> None:
    db.users.create(user_id="u1", **JOHN)
    db.circles.create(circle_id="c1", name="Circle", type="support_group", created_by="u1")

    answer = failing(app, act)

    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.content_type == "application/problem+json"
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text


def test_a_broken_rule_is_told_by_field(app: Flask) -> None:
    fields = {"email": "nowhere", "profile": {"first_name": "Jane"}}
    answer = failing(app, lambda: db.users.create(user_id="u1", **fields))

    assert answer.status_code == 422
    assert answer.json["errors"] == {
        "email": ["must be an e-mail address such as name@example.org"],
        "profile.lastName": ["is required"],
    }


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (Throttled("busy"), "2"),
        (CircuitOpen("paused", retry_after=7.2), "8"),
        (OutcomeUnknown("lost"), None),
        (TableNotFound("there is none"), None),
        (AccessDenied("not you"), None),
    ],
)
def test_what_keeps_the_service_from_serving_is_503(app: Flask, error: MadMallError, after: str | None) -> None:
    app.errorhandler(503)(lambda problem: ("<h1>the site's page</h1>", 503))
    answer = failing(app, raising(error))
    page = app.test_client().get("/", headers=BROWSER)

    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, after)
    assert (page.status_code, page.headers.get("Retry-After")) == (503, after)
    assert page.text == "<h1>the site's page</h1>"


def test_a_write_whose_answer_was_lost_is_not_said_to_have_failed(app: Flask) -> None:
    assert failing(app, raising(OutcomeUnknown("lost"))).json["title"] == "It is not known whether this was saved"


def test_a_missing_table_goes_to_the_log(app: Flask, db: Database, caplog: pytest.LogCaptureFixture) -> None:
    db.delete_table()
    answer = failing(app, lambda: User.objects.get("u1"))

    assert (answer.status_code, answer.json["code"]) == (503, "TableNotFound")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert db.table_name in caplog.text
    assert db.table_name not in answer.text


def test_a_browser_gets_the_page_that_the_site_made(app: Flask) -> None:
    @app.errorhandler(404)
    def not_found(error: HTTPException) -> tuple[str, int]:
        return f"<h1>{escape(answer_for(error).title)}</h1>", 404

    app.get("/users/<user_id>")(lambda user_id: db.users.get(user_id).user_id)
    browser = app.test_client()

    page = browser.get("/users/nobody", headers=BROWSER)
    assert (page.status_code, page.text, page.mimetype) == (404, "<h1>This is not here</h1>", "text/html")
    assert "Accept" in page.vary
    # An address that leads nowhere gets the same page, from Flask itself.
    assert browser.get("/nowhere", headers=BROWSER).text == page.text


def test_a_browser_of_a_site_without_pages_gets_a_plain_one(app: Flask) -> None:
    app.get("/")(lambda: db.users.get("nobody").user_id)
    page = app.test_client().get("/", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "It may have been removed" in page.text


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("text/html", "text/html"),
        (BROWSER["Accept"], "text/html"),
    ],
)
def test_who_does_not_ask_for_a_page_gets_json(app: Flask, accept: str | None, mimetype: str) -> None:
    app.get("/")(lambda: db.users.get("nobody").user_id)
    headers = {} if accept is None else {"Accept": accept}
    assert app.test_client().get("/", headers=headers).mimetype == mimetype


def test_what_the_programmer_did_wrong_stays_an_error(app: Flask) -> None:
    with pytest.raises(ConfigurationError, match="nothing is right"):
        failing(app, raising(ConfigurationError("nothing is right")))
    app.testing = False
    assert app.test_client().get("/").status_code == 500


def test_an_application_s_own_handler_is_asked_first(app: Flask) -> None:
    app.errorhandler(User.DoesNotExist)(lambda error: ("our own", 410))
    assert failing(app, lambda: db.users.get("nobody")).status_code == 410


def test_the_answers_can_be_left_out(db: Database, engine: Any) -> None:
    app = application(db, engine, MADMALL_ERROR_HANDLERS=False)
    with pytest.raises(User.DoesNotExist):
        failing(app, lambda: app.extensions["madmall"].database.users.get("nobody"))
