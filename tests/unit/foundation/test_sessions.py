"""How a database is reached: bounded values, credentials from the usual places, and none asked for on this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest

from madmall_models import ConfigurationError
from madmall_models.connection.session import ConnectionSettings, make_client


@pytest.mark.parametrize(
    ("endpoint", "near"),
    [
        (None, False),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://127.1.2.3", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.1:8000", False),
        ("https://dynamodb.us-east-1.amazonaws.com", False),
        ("http://localhost.example.org", False),
    ],
)
def test_an_endpoint_on_this_machine_is_known(endpoint: str | None, near: bool) -> None:
    assert ConnectionSettings(endpoint=endpoint).is_loopback is near


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://jane:secret@localhost:8000",
        "https://secret@example.org",
        "http://secret:@[::1]",
        "secret",
        "ftp://secret",
        "http://",
        "http://[secret",
        b"http://secret",
        5,
    ],
)
def test_an_endpoint_is_a_url_that_may_be_shown(endpoint: Any) -> None:
    with pytest.raises(ConfigurationError, match="endpoint must") as refused:
        ConnectionSettings(endpoint=endpoint)
    assert "secret" not in str(refused.value)


def test_an_engine_on_this_machine_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    nearby = make_client(ConnectionSettings(endpoint="http://127.0.0.1:1"))
    assert nearby._request_signer._credentials is not None
    elsewhere = make_client(ConnectionSettings(endpoint="http://example.org"))
    assert elsewhere._request_signer._credentials is None


def test_credentials_come_from_the_argument_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "variable")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "variable")
    settings = ConnectionSettings(access_key="given", secret_key="given", session_token="token")
    given = make_client(settings)._request_signer._credentials
    assert (given.access_key, given.token) == ("given", "token")
    assert make_client(ConnectionSettings())._request_signer._credentials.access_key == "variable"


@pytest.mark.defect(85)
def test_the_client_sends_each_request_once_and_with_the_time_and_pool_that_were_given() -> None:
    config = make_client(ConnectionSettings(timeout=7.5, max_connections=12)).meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (7.5, 7.5, 12)
    assert config.retries["total_max_attempts"] == 1


def test_the_region_and_the_endpoint_are_those_that_were_given() -> None:
    meta = make_client(ConnectionSettings(region="eu-west-1", endpoint="http://127.0.0.1:1")).meta
    assert (meta.region_name, meta.endpoint_url) == ("eu-west-1", "http://127.0.0.1:1")
    assert "eu-west-1" in make_client(ConnectionSettings(region="eu-west-1")).meta.endpoint_url


@pytest.mark.parametrize("region", ["", "no region", "us-east-1/x"])
def test_a_region_that_botocore_refuses_is_a_wrong_setting(region: str) -> None:
    with pytest.raises(ConfigurationError, match="botocore refused the settings of the connection"):
        make_client(ConnectionSettings(region=region))


def test_a_second_client_reads_no_description_of_a_service_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ConnectionSettings(endpoint="http://127.0.0.1:9")
    make_client(settings)

    def read_again(*_: Any) -> None:
        raise AssertionError("a description was read again")

    monkeypatch.setattr("botocore.loaders.JSONFileLoader.load_file", read_again)
    assert make_client(settings).meta.service_model.service_name == "dynamodb"


class Stopped(Exception):
    """Stand for the answer of a request that is not sent."""


def host_asked(client: Any, operation: str, tables: list[str]) -> str:
    """Return the host that a transaction over some tables would be sent to."""
    hosts: list[str] = []

    def stop(request: Any, **_: Any) -> None:
        hosts.append(str(urlsplit(request.url).hostname))
        raise Stopped

    kinds = {"transact_write_items": ("Put", {"Item": {}}), "transact_get_items": ("Get", {"Key": {}})}
    kind, rest = kinds[operation]
    client.meta.events.register("before-send.dynamodb", stop)
    with pytest.raises(Stopped):
        getattr(client, operation)(TransactItems=[{kind: {"TableName": table, **rest}} for table in tables])
    return hosts[0]


@pytest.mark.parametrize("operation", ["transact_write_items", "transact_get_items"])
@pytest.mark.parametrize(
    "tables", [["wellness"] * 3, ["arn:aws:dynamodb:eu-west-1:123456789012:table/wellness", "wellness"]]
)
def test_a_transaction_goes_to_the_host_that_botocore_would_send_it_to(
    monkeypatch: pytest.MonkeyPatch, operation: str, tables: list[str]
) -> None:
    monkeypatch.setenv("AWS_ACCOUNT_ID", "210987654321")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    plain = botocore.session.get_session().create_client("dynamodb", region_name="eu-west-1")
    ours = make_client(ConnectionSettings(region="eu-west-1"))

    wanted = host_asked(plain, operation, tables)
    assert wanted.partition(".")[0] == ("210987654321" if tables[0] == "wellness" else "123456789012")
    assert host_asked(ours, operation, tables) == wanted
