"""Requests stay on this machine where the environment says so, and go wherever they like where it says nothing."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from madmall_models import ConfigurationError, Database, EndpointRefused, MadMallError
from madmall_models.connection import fence
from madmall_models.connection.fence import VARIABLE, check_host


class _Answering(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_POST(self) -> None:
        type(self).asked.append(self.headers["X-Amz-Target"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[int, list[str]]]:
    """Give the port of a server on every address of this machine, and what it was asked."""
    asked: list[str] = []
    handler = type("Answering", (_Answering,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield listening.server_port, asked
        listening.shutdown()
        thread.join()


def ask(endpoint: str | None) -> None:
    keys = {"access_key": "none", "secret_key": "none"}
    database = Database(table="people", endpoint=endpoint, region="eu-west-1", max_attempts=1, **keys)
    try:
        database.users.get_or_none("u1")
    finally:
        database.close()


def test_the_service_is_not_asked_where_only_this_machine_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(EndpointRefused) as refused:
        ask(None)
    assert isinstance(refused.value, ConfigurationError)
    assert str(refused.value) == (
        "dynamodb.eu-west-1.amazonaws.com was not asked: MADMALL_ALLOWED_HOSTS keeps requests on this machine; nothing "
        "was sent. To permit it, add it there; in tests, say pytest --madmall-allow-host "
        "dynamodb.eu-west-1.amazonaws.com"
    )


def test_a_refusal_is_no_outage_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    database = Database(table="people", region="eu-west-1", access_key="none", secret_key="none", breaker_failures=1)
    for _ in range(3):
        with pytest.raises(EndpointRefused):
            database.users.get("u1")
    assert database.metrics().retried == 0
    database.close()


def test_this_machine_is_asked_whatever_is_named(
    server: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = server
    for permitted in ("", "elsewhere.example"):
        monkeypatch.setenv(VARIABLE, permitted)
        ask(f"http://127.0.0.1:{port}")
        ask(f"http://localhost:{port}")
    assert asked == ["DynamoDB_20120810.GetItem"] * 4


def test_a_host_that_is_named_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "other.invalid, Table.INVALID")
    with pytest.raises(MadMallError) as tried:
        ask("http://table.invalid:8000")
    assert not isinstance(tried.value, EndpointRefused)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "LOCALHOST", "127.8.8.8"])
def test_every_spelling_of_this_machine_is_known(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    check_host(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "localhost.example", "", "127.0.0.1.example"])  # noqa: S104
def test_what_only_looks_like_it_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_host(host)
    monkeypatch.setenv(VARIABLE, "somewhere.example")
    with pytest.raises(EndpointRefused):
        check_host(host)


def test_a_client_that_cannot_be_watched_is_not_used_behind_a_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    fence.keep_inside(object())
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(ConfigurationError, match="cannot be held to it"):
        fence.keep_inside(object())


@pytest.mark.parametrize("endpoint", [None, "https://table.example"])
def test_nobody_s_credentials_are_looked_for_behind_a_fence(
    endpoint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setattr("botocore.credentials.CredentialResolver.load_credentials", lambda self: pytest.fail("asked"))
    database = Database(table="people", endpoint=endpoint, region="eu-west-1")
    with pytest.raises(EndpointRefused):
        database.users.get("u1")
    database.close()
