"""In pytest a Flask application that was made at import means the table of each test."""

from __future__ import annotations

import pytest

from tests.integration.plugin_runs import CHECKOUT, run

pytest_plugins = ["pytester"]

SUITE = """
from flask import Flask
from madmall_models.adapters.flask import MadMall, db

def made(**settings):
    app = Flask("wellspring")
    MadMall(app, **settings)
    app.add_url_rule("/count", view_func=lambda: f"{User.objects.count()} {db.users.count()}")
    return app

at_import = made(table="people")

@pytest.mark.parametrize("users", [1, 2])
def test_it_means_the_table_of_the_test(users, madmall_db, make_user):
    make_user.many(users)
    assert at_import.test_client().get("/count").text == f"{users} {users}"

def test_one_that_is_made_in_the_test_has_its_own(madmall_db, make_user):
    make_user()
    other = made(table="other-people")
    with other.app_context():
        db.create_table(wait=True)
    assert other.test_client().get("/count").text == "0 0"
    assert made().test_client().get("/count").text == "1 1"

def test_one_that_was_given_a_database_keeps_it(madmall_db):
    given = made(database=madmall_db.read_only())
    with given.app_context(), pytest.raises(WriteRefused):
        User.objects.create(user_id="u1", email="u1@example.com", profile={"first_name": "Jane", "last_name": "S."})

def test_it_has_its_own_table_elsewhere():
    with at_import.app_context():
        assert db.table_name == "people"
"""


def test_an_application_that_was_made_at_import(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    run(pytester, SUITE).assert_outcomes(passed=5)
