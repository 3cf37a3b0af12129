"""The test case for projects gives each test a table of its own; ``manage.py test`` runs it, without a SQL database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "project_settings"
execute_from_command_line(sys.argv)
"""
SETTINGS = """
SECRET_KEY = "for the tests of this project"
INSTALLED_APPS = ["madmall_models.adapters.django"]
MIDDLEWARE = ["madmall_models.adapters.django.MadMallMiddleware"]
ROOT_URLCONF = "project_urls"
MADMALL = {"environment": "production", "cursor_keys": ["secret"], "timeout": 4}
USE_TZ = True
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
from madmall_models import User

urlpatterns = [path("<user_id>", lambda request, user_id: HttpResponse(User.objects.get(user_id).email))]
"""
TESTS = """
from django.test import override_settings
from madmall_models import User
from madmall_models.adapters.django import database
from madmall_models.adapters.django.test import MadMallTestCase

JANE = {"email": "jane@example.com", "profile": {"first_name": "Jane", "last_name": "Smith"}}


class Isolation(MadMallTestCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(list(User.objects.of_tenant()), [])
        User.objects.create(user_id="jane", **JANE)

    def test_a_view_means_the_table_of_the_test(self):
        self.assertEqual(self.client.get("/jane").content, b"jane@example.com")
        self.assertEqual(self.client.get("/nobody").status_code, 404)

    def test_the_next_test_begins_empty(self):
        self.assertEqual(User.objects.get("jane"), self.db.users.get("jane"))

    def test_nothing_is_left_of_the_place_in_the_settings(self):
        self.assertTrue(self.db.table_name.startswith("test-"))
        self.assertIsNone(self.db.environment)
        self.assertEqual(self.db.settings["endpoint"].source, "settings.MADMALL")

    def test_what_is_no_place_stays(self):
        self.assertTrue(self.db.circles.of_tenant().page(size=1) is not None)
        with override_settings(MADMALL={"table": "another-one"}):
            self.assertEqual(database().table_name, "another-one")
        self.assertEqual(database().table_name, self.db.table_name)


class OnAnEngineOfItsOwn(MadMallTestCase):
    madmall_engine = "ministack"

    def test_a_user_is_kept(self):
        User.objects.create(user_id="jane", **JANE)
        self.assertTrue(User.objects.exists("jane"))


class Wrong(MadMallTestCase):
    madmall_engine = "miniflack"

    def test_never_runs(self):
        pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"manage.py": MANAGE, "project_settings.py": SETTINGS, "project_urls.py": URLS, "tests.py": TESTS}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def manage(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "MADMALL_ENDPOINT": "http://127.0.0.1:1", **variables}
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_each_test_has_an_empty_table_whatever_the_settings_and_the_environment_say(project: Path) -> None:
    done = manage(project, "test", "tests.Isolation", "--shuffle")

    assert "Ran 4 tests" in done.stderr
    assert done.returncode == 0, done.stderr


def test_classes_may_run_side_by_side_each_on_its_engine(project: Path) -> None:
    done = manage(project, "test", "tests.Isolation", "tests.OnAnEngineOfItsOwn", "--parallel", "2")

    assert "Ran 5 tests" in done.stderr
    assert done.returncode == 0, done.stderr


def test_an_engine_that_there_is_not_is_named(project: Path) -> None:
    done = manage(project, "test", "tests.Wrong")

    assert done.returncode == 1
    assert "did you mean 'ministack'?" in done.stderr


def test_a_shell_means_the_table_of_the_settings(project: Path) -> None:
    script = "from madmall_models.adapters.django import database; print(database().table_name)"
    done = manage(project, "shell", "--command", script)

    assert done.stdout.splitlines()[-1] == "madmall-prod-main", done.stderr
