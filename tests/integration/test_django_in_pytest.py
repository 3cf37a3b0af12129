"""In pytest each test of a Django project means the table of that test, in requests too."""

from __future__ import annotations

import pytest

from tests.integration.plugin_runs import CHECKOUT, run

pytest_plugins = ["pytester"]

PROJECT = """
import sys, types
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from madmall_models import User

urls = types.ModuleType("project_urls")
urls.urlpatterns = [path("count", lambda request: HttpResponse(str(User.objects.count())))]
sys.modules["project_urls"] = urls
settings.configure(
    ROOT_URLCONF="project_urls",
    SECRET_KEY="for the tests of this project",
    INSTALLED_APPS=["madmall_models.adapters.django"],
    MIDDLEWARE=["madmall_models.adapters.django.MadMallMiddleware"],
    MADMALL={MADMALL},
)
django.setup()
"""
SUITE = """
from django.test import Client
from madmall_models.adapters.django import database

@pytest.mark.parametrize("users", [1, 2])
def test_a_request_means_the_table_of_the_test(users, madmall_db, make_user):
    make_user.many(users)
    assert Client().get("/count").content == str(users).encode()
    assert database() is madmall_db
"""


@pytest.fixture(autouse=True)
def as_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))


@pytest.mark.parametrize("said", ['{"cursor_keys": ["k"]}', '{"environment": "production", "cursor_keys": ["k"]}'])
def test_a_request_means_the_table_of_the_test(said: str, pytester: pytest.Pytester) -> None:
    done = run(pytester, SUITE, conftest=PROJECT.replace("{MADMALL}", said))
    done.assert_outcomes(passed=2)
