"""A view pages a query by its address, and says whether its table can serve."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from madmall_models import Database, User
from madmall_models.adapters.flask import db, health, paginate
from tests.integration.flask_applications import application


@pytest.fixture
def app(db: Database, engine: Any) -> Flask:
    app = application(db, engine, MADMALL_PAGE_SIZE=2)
    app.register_blueprint(health)

    @app.get("/users/<path:place>")
    def users(place: str) -> dict[str, Any]:
        page = paginate(User.objects.of_tenant())
        return {"ids": [user.user_id for user in page], "next": page.next_url, "first": page.first_url}

    return app


@pytest.fixture(autouse=True)
def five_users(db: Database) -> None:
    for number in range(5):
        profile = {"first_name": "Jane", "last_name": "Smith"}
        db.users.create(user_id=f"u{number}", email=f"u{number}@example.com", profile=profile)


def test_following_the_links_gives_every_item_once(app: Flask) -> None:
    client, url, seen = app.test_client(), "/users/here?sort=a%26b", []
    while url:
        page = client.get(url).get_json()
        assert page["first"] == "/users/here?sort=a%26b"
        seen.append(page["ids"])
        url = page["next"]
    assert seen == [["u0", "u1"], ["u2", "u3"], ["u4"]]


def test_a_link_keeps_the_other_parameters_and_the_place_of_the_application(app: Flask) -> None:
    link = app.test_client().get("/users/a%20b?x=1&after=&y=2", base_url="http://localhost/mounted").get_json()["next"]
    assert link.startswith("/mounted/users/a%20b?x=1&y=2&after=")


@pytest.mark.parametrize("parameters", ["_scheme=javascript&_external=1", "_anchor=x", "host=evil.example"])
def test_parameters_cannot_turn_a_link_elsewhere(app: Flask, parameters: str) -> None:
    link = app.test_client().get(f"/users/here?{parameters}").get_json()["next"]
    assert link.startswith("/users/here?")


@pytest.mark.parametrize("cursor", ["forged", "%00", "A" * 50_000, "%F0%9F%92%A3", "a&after=b"])
def test_a_forged_cursor_is_400_and_is_not_repeated(app: Flask, cursor: str) -> None:
    answer = app.test_client().get(f"/users/here?after={cursor}")
    assert (answer.status_code, answer.json["code"]) == (400, "InvalidCursor")
    assert cursor not in answer.text


def test_the_cursor_of_another_list_is_400(app: Flask) -> None:
    app.get("/newest")(lambda: {"ids": [user.user_id for user in paginate(User.objects.of_tenant().newest_first())]})
    link = app.test_client().get("/users/here").get_json()["next"]
    assert app.test_client().get("/newest?" + link.partition("?")[2]).status_code == 400


def test_health_is_200_while_the_table_serves(app: Flask) -> None:
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json["ok"], answer.json["table"]) == (200, True, "ACTIVE")
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_is_503_without_the_table_and_tells_the_log_why(
    app: Flask, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    db.delete_table()
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json["ok"], answer.json["table"]) == (503, False, "MISSING")
    assert db.table_name in caplog.text
    assert db.table_name not in answer.text


def test_two_lists_of_one_page_have_parameters_of_their_own(app: Flask) -> None:
    @app.get("/two")
    def two() -> list[list[str]]:
        users = db.users.of_tenant()
        return [[user.user_id for user in paginate(users, 1, parameter)] for parameter in ("left", "right")]

    app.get("/left")(lambda: {"next": paginate(db.users.of_tenant(), 1, "left").next_url})
    link = app.test_client().get("/left").get_json()["next"]
    assert app.test_client().get("/two?" + link.partition("?")[2]).get_json() == [["u1"], ["u0"]]
