"""What goes wrong in a view is answered with its status, and tells nothing about anybody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import AsyncClient, Client, override_settings
from django.views.debug import SafeExceptionReporterFilter

from madmall_models import Database
from tests.integration.django_project import HTML, SECRET, TEMPLATES, project, project_on

PROBLEM = "application/problem+json"


@pytest.fixture
def idle() -> Iterator[Client]:
    with project(table="mine", endpoint="http://127.0.0.1:1", max_attempts=1):
        yield Client()


STATUSES = {
    "DoesNotExist": 404,
    "AlreadyExists": 409,
    "VersionConflict": 409,
    "unique": 409,
    "CircleIsFull": 409,
    "ValidationError": 422,
    "InvalidCursor": 400,
    "KeyValueError": 400,
    "ItemTooLarge": 413,
    "Throttled": 503,
    "OutcomeUnknown": 503,
    "TableNotFound": 503,
    "ConfigurationError": 500,
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
@pytest.mark.parametrize("address", ["/fail/", "/fail-later/"])
def test_an_error_has_its_status_and_keeps_its_own_text(
    idle: Client, name: str, status: int, accept: str, address: str
) -> None:
    answer = idle.get(f"{address}{name}", headers={"accept": accept})

    assert answer.status_code == status
    assert b"jane" not in answer.content
    assert b"Traceback" not in answer.content
    assert answer.headers["Content-Type"].startswith("text/html" if accept == "text/html" else PROBLEM)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("debug", [True, False])
def test_debugging_shows_no_more(idle: Client, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        assert b"jane" not in idle.get("/fail/ValidationError", headers=HTML).content


def test_an_error_behind_an_async_server_is_answered_too(idle: Client) -> None:
    answer = asyncio.run(AsyncClient().get("/fail-later/circuit"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "8")


def test_a_program_gets_a_problem_document(idle: Client) -> None:
    told = json.loads(idle.get("/fail/unique").content)

    assert told["status"] == 409
    assert told["code"] == "UniqueViolation"
    assert told["errors"] == {"email": ["is taken already"]}


def test_the_page_of_the_status_is_the_projects_own(idle: Client) -> None:
    assert b"our own 409" in idle.get("/fail/AlreadyExists", headers=HTML).content


def test_a_status_without_a_page_has_the_page_for_all(idle: Client) -> None:
    page = idle.get("/fail/InvalidCursor?city=Atlanta&after=x", headers=HTML).content.decode()

    assert "This page link is no longer valid" in page
    assert "href='/fail/InvalidCursor?city=Atlanta'" in page


def test_a_project_without_pages_has_a_plain_one(idle: Client) -> None:
    with override_settings(TEMPLATES=[]):
        page = idle.get("/fail/Throttled", headers=HTML).content.decode()

    assert page.startswith("<!doctype html>")
    assert "<h1>The service is busy</h1>" in page


def ask_the_table(request: HttpRequest) -> dict[str, Any]:
    """Be a context processor that asks a table that is not there."""
    from madmall_models import User

    return {"person": User.objects.get("u1").email}


def test_a_page_that_needs_the_table_gives_way_to_the_plain_one_where_the_table_is_away(idle: Client) -> None:
    options = {
        "loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)],
        "context_processors": [f"{__name__}.ask_the_table"],
    }
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}
    with override_settings(TEMPLATES=[engine]):
        answer = idle.get("/users/u1", headers=HTML)

    assert answer.status_code == 503
    assert b"The service cannot be reached" in answer.content


def test_an_address_that_leads_nowhere_has_the_same_page(idle: Client) -> None:
    answer = idle.get("/nowhere", headers=HTML)

    assert answer.status_code == 404
    assert b"This is not here" in answer.content


def test_other_errors_stay_djangos(idle: Client) -> None:
    with pytest.raises(RuntimeError):
        idle.get("/fail/ours")
    quiet = Client(raise_request_exception=False)
    answer = quiet.get("/fail/ours", headers=HTML)
    assert answer.status_code == 500
    assert SECRET.encode() not in answer.content


def test_what_needs_an_operator_is_logged_with_its_cause(idle: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "django.request"):
        idle.get("/fail/TableNotFound")
        idle.get("/fail/DoesNotExist")

    ours = {record.args[0]: record for record in caplog.records if record.msg == "%s: %s" and record.args}
    assert (ours["TableNotFound"].levelname, bool(ours["TableNotFound"].exc_info)) == ("ERROR", True)
    assert (ours["DoesNotExist"].levelname, bool(ours["DoesNotExist"].exc_info)) == ("INFO", False)


@pytest.mark.usefixtures("idle")
def test_reports_of_errors_leave_out_what_was_typed() -> None:
    answer = Client(raise_request_exception=False).post("/fail/ours", {"story": SECRET})
    reported = SafeExceptionReporterFilter().get_post_parameters(answer.wsgi_request)

    assert answer.wsgi_request.POST["story"] == SECRET
    assert SECRET not in reported.values()


def test_a_model_that_is_not_there_is_not_found(db: Database, engine: Any, client: Any) -> None:
    with project_on(db, engine, client):
        answer = Client().get("/users/nobody", headers=HTML)

    assert answer.status_code == 404
    assert b"This is not here" in answer.content


def test_health_is_200_where_the_table_can_serve(db: Database, engine: Any, client: Any) -> None:
    with project_on(db, engine, client):
        answer = Client().get("/health")

    assert answer.status_code == 200
    assert {**answer.json(), "latencyMs": 0} == {"ok": True, "table": "ACTIVE", "latencyMs": 0}
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_is_503_where_it_cannot_and_keeps_the_reason(idle: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = idle.get("/health")

    assert answer.status_code == 503
    assert answer.json()["table"] == "UNREACHABLE"
    assert b"127.0.0.1" not in answer.content
    assert "127.0.0.1" in caplog.text


def test_health_is_not_to_be_posted(idle: Client) -> None:
    assert idle.post("/health").status_code == 405
