"""The fixtures for tests of models, in suites of their own: a table for each test, engines, and what is refused."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

import pytest_madmall_models
from madmall_models.entities import User
from madmall_models.testing import engines
from madmall_models.testing.factories import MAKERS
from tests.integration.plugin_runs import CHECKOUT, LOADED, run, run_light

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def as_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))


SUITE = """
import os, threading
from madmall_models.binding import current_database

@pytest.mark.parametrize("turn", range(3))
def test_a_table_is_empty_and_the_first_user_is_the_first(turn, madmall_db, make_user):
    assert madmall_db.users.count() == 0
    assert make_user().user_id == "user-1"
    assert madmall_db.users.get("user-1").email == "user-1@example.com"

def test_joining(madmall_db, make_user, make_circle):
    jane, circle = make_user(), make_circle(settings={"max_members": 2})
    madmall_db.circles.add_member(circle.circle_id, jane.user_id)
    assert madmall_db.circles.get(circle.circle_id).stats.member_count == 2
    with pytest.raises(CircleIsFull):
        madmall_db.circles.add_member(circle.circle_id, make_user().user_id)

def test_objects_and_entities_mean_the_table_in_every_thread(madmall_db):
    User(user_id="u1", email="a@example.com", profile={"first_name": "A", "last_name": "B"}).create()
    found = []
    thread = threading.Thread(target=lambda: found.append(User.objects.get("u1")))
    thread.start()
    thread.join()
    assert found == list(User.by_email.query(email="a@example.com"))

@pytest.mark.parametrize("environment", ["production", "development"])
def test_a_database_of_the_application_s_own_reaches_the_table(environment, madmall_db, make_user):
    jane = make_user()
    own = Database.for_environment(environment)
    assert own.users.get(jane.user_id) == jane
    own.close()

def test_what_is_configured_in_a_test_ends_with_it(madmall_db):
    assert Database.configure(table="another") is current_database()

def test_nothing_is_meant_where_no_table_is_asked_for(make_user):
    assert make_user.build(profile={"first_name": "Jane"}).profile.first_name == "Jane"
    with pytest.raises(ConfigurationError, match="no database is bound"):
        User.objects
    assert "MADMALL_TABLE" not in os.environ

def test_nobody_s_account_is_seen(madmall_engine):
    assert os.environ["AWS_ACCESS_KEY_ID"] in ("testing", "FOOBARKEY")  # moto has a name of its own
    assert not [name for name, value in os.environ.items() if value == "of a person"]

def test_a_deletion_does_not_wait(madmall_db, make_member):
    member = make_member()
    madmall_db.users.delete(member.user_id)
    assert not madmall_db.circles.is_member(member.circle_id, member.user_id)

@pytest.mark.madmall(engine="ministack")
def test_one_test_may_need_another_engine(madmall_db, madmall_engine, make_user):
    assert madmall_engine.name == "ministack"
    assert madmall_db.connection.settings.endpoint == madmall_engine.endpoint
    own = Database()
    assert own.users.get(make_user().user_id).user_id == "user-1"
    own.close()

def test_time_passes_when_it_is_told_to(madmall_db, madmall_clock, make_activity):
    began = madmall_clock.freeze("2026-01-01T00:00:00Z")
    activity = make_activity()
    assert activity.created_at == began == utc_now()
    asked = madmall_db.activities.get_user_activity(activity.user_id)
    madmall_clock.advance(days=89)
    assert asked.count() == 1
    madmall_clock.advance(days=1, seconds=1)
    assert (asked.count(), list(asked), madmall_db.batch_get([activity.item_key()])) == (0, [], [None])
    assert list(madmall_db.scan(Activity)) == []

def test_time_is_as_ever_elsewhere():
    assert utc_now().year > 2025 and utc_now() != utc_now().replace(year=2025)

def test_requests_are_counted(madmall_db, make_circle, assert_operations, assert_max_capacity):
    make_circle.many(2)
    with assert_operations(query=1, scan=0, others=0) as calls, assert_max_capacity(read=1, write=0):
        assert madmall_db.circles.get_by_type("support_group").count() == 2
    assert [call.pattern for call in calls] == ["Circle.by_type"]

def test_a_mock_needs_no_engine(madmall_mock):
    madmall_mock.users.update_last_active("u1")
    madmall_mock.users.update_last_active.assert_called_once_with("u1")
"""


def test_a_suite_passes_on_two_workers_in_any_order(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of a person")
    monkeypatch.setenv("MADMALL_ENDPOINT", "of a person")
    done = run(pytester, SUITE, "-n", "2", "-p", "randomly")
    done.assert_outcomes(passed=16)


def test_a_suite_passes_on_one_worker_in_its_order_on_another_engine(pytester: pytest.Pytester) -> None:
    done = run(pytester, SUITE, "-p", "no:xdist", "-p", "no:randomly", "--madmall-engine", "ministack")
    done.assert_outcomes(passed=16)


def test_an_engine_that_runs_already_is_named_by_its_url(pytester: pytest.Pytester) -> None:
    source = (
        "def test_url(madmall_db, make_user):\n"
        "    make_user()\n"
        "    assert madmall_db.connection.settings.endpoint == URL"
    )
    with engines.start("ministack") as engine:
        pytester.makeini(f"[pytest]\nmadmall_engine = {engine.endpoint}")
        run(pytester, f"URL = {engine.endpoint!r}\n{source}").assert_outcomes(passed=1)


# -- what fails, and how -------------------------------------------------------------------------------------------

FAILING = """
def test_too_many(madmall_db, make_circle, assert_operations):
    make_circle(created_by=madmall_db.users.create(
        user_id="canary", email="canary@example.com", profile={"first_name": "Canary", "last_name": "C."}))
    with assert_operations(query=1, scan=0, others=0):
        list(madmall_db.circles.get_by_type("support_group"))
        list(madmall_db.circles.get_active_circles())
        madmall_db.users.get_by_email("canary@example.com")

def test_too_dear(madmall_db, make_user, assert_max_capacity):
    make_user()
    with assert_max_capacity(read=0.5):
        madmall_db.users.get("user-1")
        madmall_db.users.get("user-1")

def test_a_bound_that_an_engine_cannot_show(madmall_db, make_user, assert_max_capacity):
    with assert_max_capacity(write=100):
        make_user()

def test_misspelt(assert_operations):
    with assert_operations(querys=1):
        pass

def test_the_error_of_the_block_comes_first(assert_operations):
    with assert_operations(query=1):
        raise KeyError("of the block")

def test_far_away():
    Database(table="people", region="eu-west-1").users.get("u1")
"""


def test_failures_say_what_was_sent_and_show_nobody_s_data(pytester: pytest.Pytester) -> None:
    done = run(pytester, FAILING, "-p", "no:randomly")
    done.assert_outcomes(failed=6)
    done.stdout.fnmatch_lines(
        [
            "E *AssertionError: the operations are others than expected:",
            "E *  Query: 2 sent, 1 expected",
            "E *  other operations: 3 sent, 0 expected",
            "E *calls, in order:",
            "E *  1. Query Circle.by_type (* read, 0 written units)",
            "E *  2. Query Circle.by_status (* read, 0 written units)",
            "E *  3. BatchGetItem Circle.by_status (* read, 0 written units)",
            "E *  4. GetItem User.unique_email (* read, 0 written units)",
            "E *  5. GetItem User.key (* read, 0 written units)",
            "E *AssertionError: more capacity was taken than allowed:",
            "E *  read: 1 units taken, 0.5 allowed",
            "E *  1. GetItem User.key (0.5 read, 0 written units)",
            "E *AssertionError: this engine reports no units of TransactWriteItems, *madmall(engine='ministack')*",
            "E *TypeError: there is no operation 'querys'; did you mean query?",
            "E *KeyError: 'of the block'",
            "E *EndpointRefused: dynamodb.eu-west-1.amazonaws.com was not asked: *--madmall-allow-host dynamodb.eu-we*",
        ]
    )
    told = [line for line in done.outlines if line.startswith("E ")]
    assert not [line for line in told if "canary" in line.lower()]


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server on every address of this machine."""
    # 0.0.0.0 is this machine, but no loopback address: it stands for another machine, and nothing leaves this one.
    with http.server.ThreadingHTTPServer(("0.0.0.0", 0), _Answering) as listening:  # noqa: S104
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


def test_a_host_is_reached_once_it_is_permitted(pytester: pytest.Pytester, port: int) -> None:
    source = (
        "def test_near():\n"
        f"    database = Database(table='people', endpoint='http://0.0.0.0:{port}', access_key='a', secret_key='b')\n"
        "    assert database.users.get_or_none('u1') is None\n"
        "    database.close()\n"
    )
    refused = run(pytester, source)
    refused.assert_outcomes(failed=1)
    refused.stdout.fnmatch_lines(["*EndpointRefused: 0.0.0.0 was not asked*say pytest --madmall-allow-host 0.0.0.0"])
    run(pytester, source, "--madmall-allow-host", "0.0.0.0").assert_outcomes(passed=1)  # noqa: S104
    pytester.makeini("[pytest]\nmadmall_allow_hosts = somewhere.example 0.0.0.0")
    run(pytester, source).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("module", "engine", "extra"), [("moto", "moto", "testing"), ("ministack", "ministack", "engine")]
)
def test_an_engine_that_is_not_installed_is_one_line_that_names_the_extra(
    pytester: pytest.Pytester, module: str, engine: str, extra: str
) -> None:
    without = (
        "import importlib.util, sys\n"
        f"sys.modules[{module!r}] = None\n"
        "find_spec = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *rest: None if name == {module!r} else find_spec(name, *rest)\n"
    )
    done = run(pytester, "def test_one(madmall_db): pass", "--madmall-engine", engine, conftest=without)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([f"madmall_engine: {module} is not installed; pip install 'madmall_models[[]{extra}]'"])
    assert "EngineError" not in done.stdout.str()


# -- wrong choices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["--madmall-engine", "the setting madmall_engine", "$MADMALL_TEST_ENGINE"])
def test_an_unknown_engine_is_a_usage_error_that_names_a_near_one(
    where: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--madmall-engine", "ministak") if where.startswith("--") else ()
    if where.startswith("$"):
        monkeypatch.setenv("MADMALL_TEST_ENGINE", "ministak")
    if where.startswith("the"):
        pytester.makeini("[pytest]\nmadmall_engine = ministak")
    done = run_light(pytester, "def test_one(): pass", *options)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: {where}: there is no engine 'ministak'; did you mean ministack[?] (say moto,*"])
    assert "Traceback" not in done.stderr.str()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://dynamodb.us-east-1.amazonaws.com", "belongs to AWS; tests create and delete tables, never there"),
        ("http://", "there is no engine 'http://'"),
        ("http://[::1", "there is no engine"),
        ("ftp://127.0.0.1:8000", "there is no engine"),
    ],
)
def test_a_url_that_leads_to_aws_or_nowhere_is_a_usage_error(url: str, fault: str, pytester: pytest.Pytester) -> None:
    done = run_light(pytester, "def test_one(): pass", "--madmall-engine", url)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert fault in done.stderr.str()
    assert "Traceback" not in done.stderr.str()


@pytest.mark.parametrize(
    ("marker", "fault"),
    [
        ("madmall('moto')", "the marker is madmall(engine=NAME)"),
        ("madmall()", "the marker is madmall(engine=NAME)"),
        ("madmall(engin='moto')", "the marker is madmall(engine=NAME); did you mean engine=?"),
        ("madmall(engine='ministak')", "there is no engine 'ministak'; did you mean ministack?"),
        ("madmall(engine=None)", "there is no engine 'None'"),
    ],
)
def test_a_marker_that_would_be_silent_is_a_usage_error(marker: str, fault: str, pytester: pytest.Pytester) -> None:
    done = run_light(pytester, f"import pytest\n@pytest.mark.{marker}\ndef test_one(): pass", "--strict-markers")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert fault in done.stderr.str()
    assert "Traceback" not in done.stderr.str() + done.stdout.str()


def test_the_option_wins_over_the_variable_and_that_over_the_setting(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nmadmall_engine = dynamodb-local")
    source = (
        "from pytest_madmall_models import chosen_engine\n"
        "def test_one(pytestconfig):\n"
        "    print('chosen', chosen_engine(pytestconfig))\n"
    )
    run_light(pytester, source, "-s").stdout.fnmatch_lines(["*chosen dynamodb-local*"])
    monkeypatch.setenv("MADMALL_TEST_ENGINE", "ministack")
    run_light(pytester, source, "-s").stdout.fnmatch_lines(["*chosen ministack*"])
    run_light(pytester, source, "-s", "--madmall-engine", "moto").stdout.fnmatch_lines(["*chosen moto*"])


# -- who does not use it -------------------------------------------------------------------------------------------


def test_a_session_that_uses_no_fixture_imports_nothing_and_ends_as_it_began(pytester: pytest.Pytester) -> None:
    source = (
        "import sys\n"
        "def test_nothing_is_there():\n"
        "    assert not {'madmall_models', 'pynamodb', 'botocore', 'moto', 'marshmallow'} & set(sys.modules)\n"
    )
    run_light(pytester, source, "-p", "no:randomly").assert_outcomes(passed=1)
    probe = (
        "import os, pytest\n"
        f"options = {LOADED!r}\n"
        "def seen():\n"
        "    return {name: text for name, text in os.environ.items() if not name.startswith('PYTEST_')}\n"
        "before = seen()\n"
        "assert pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:randomly', *options, 'test_suite.py']) == 0\n"
        "assert seen() == before\n"
    )
    done = pytester.run("python", "-c", probe)
    assert done.ret == 0, done.stderr.str()


def test_it_knows_the_engines_that_there_are_and_a_fixture_for_each_entity() -> None:
    assert pytest_madmall_models.ENGINES == engines.NAMES
    assert [name for name in MAKERS if not hasattr(pytest_madmall_models, name)] == []
    assert MAKERS["make_user"] is User
