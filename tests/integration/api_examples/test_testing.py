"""Testing: a mock without an engine, and fixtures with one. Each block is one that the documents show."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import User
from tests.integration.plugin_runs import CHECKOUT, run

pytest_plugins = ["pytester"]


def app(db: Any) -> User:
    """Be an application that registers somebody."""
    user: User = db.users.create(
        user_id="u1", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"}
    )
    return user


def test_an_application_is_tried_without_an_engine() -> None:
    from madmall_models.testing import mock_database

    db = mock_database()
    assert app(db).user_id == "u1"
    db.users.create.assert_called_once_with(
        user_id="u1", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"}
    )
    for misspelt in (lambda: db.users.creat(user_id="u1"), lambda: db.users.create(user_idd="u1")):
        with pytest.raises((AttributeError, TypeError)):
            misspelt()


def test_fixtures_are_there_without_being_imported(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    joining = """
def test_joining(madmall_db, make_user, make_circle):
    jane, circle = make_user(), make_circle()
    madmall_db.circles.add_member(circle.circle_id, jane.user_id)
    assert madmall_db.circles.is_member(circle.circle_id, jane.user_id)
"""
    run(pytester, joining).assert_outcomes(passed=1)
