"""Where an engine may be, and what counts as its answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.errors import EngineError
from madmall_models.testing import engine_endpoint
from madmall_models.testing.engine_endpoint import EngineEndpoint

hosts = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.test)?", fullmatch=True)
ports = st.integers(1, 65535)


@given(st.sampled_from(["http", "https"]), hosts | st.sampled_from(["[::1]", "127.0.0.1"]), ports)
def test_a_url_is_read_and_written_back(scheme: str, host: str, port: int) -> None:
    url = f"{scheme}://{host}:{port}"
    assert EngineEndpoint.from_url(url).url == url
    assert EngineEndpoint.from_url(f"{url}/") == EngineEndpoint.from_url(url)


@pytest.mark.parametrize(("url", "port"), [("http://engine.test", 80), ("https://engine.test", 443)])
def test_a_url_without_a_port_has_that_of_its_scheme(url: str, port: int) -> None:
    assert EngineEndpoint.from_url(url).url == f"{url}:{port}"


@given(st.sampled_from(engine_endpoint._SERVICE_DOMAINS), st.sampled_from(["", "."]), st.booleans())
def test_the_service_is_never_an_engine(domain: str, dot: str, loud: bool) -> None:
    for host in (domain, f"dynamodb.us-east-1.{domain}", f"vpce-1.dynamodb.{domain}"):
        written = f"{host.upper() if loud else host}{dot}"
        with pytest.raises(EngineError, match="belongs to AWS"):
            EngineEndpoint.from_url(f"http://{written}:8000")


def test_a_name_that_only_looks_like_the_service_is_allowed() -> None:
    assert EngineEndpoint.from_url("http://notamazonaws.com:1").host == "notamazonaws.com"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://engine.test:1",
        "http://",
        "http://:8000",
        "http://jane:secret@engine.test:1",
        "http://@engine.test:1",
        "http://engine.test:1/table",
        "http://engine.test:1?secret=1",
        "http://engine.test:1#secret",
        "http://engine.test:secret",
        "http://engine.test:0",
        "http://engine.test:99999",
        "http://[::1",
    ],
)
def test_any_other_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(EngineError, match="http://host:port") as caught:
        EngineEndpoint.from_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"])
def test_loopback_is_on_this_machine(host: str) -> None:
    assert EngineEndpoint.from_url(f"http://{host}:1").is_on_this_machine


@pytest.mark.parametrize("host", ["10.0.0.1", "engine.test", "localhost.test", "[fe80::1]"])
def test_everything_else_is_elsewhere(host: str) -> None:
    assert not EngineEndpoint.from_url(f"http://{host}:1").is_on_this_machine


@given(st.integers(100, 599), st.binary(max_size=50))
def test_whatever_is_no_list_of_tables_is_a_fault(status: int, body: bytes) -> None:
    assert engine_endpoint._fault(status, body) is not None


@given(st.lists(st.text(max_size=5), max_size=3))
def test_a_list_of_tables_is_an_answer(tables: list[str]) -> None:
    body = json.dumps({"TableNames": tables}).encode()
    assert engine_endpoint._fault(200, body) is None
    assert engine_endpoint._fault(500, body) == "it answers with status 500"


@pytest.mark.parametrize("body", ["[]", "1", "null", '"TableNames"', '{"TableNames": 1}', "{}"])
def test_other_json_is_not_dynamodb(body: str) -> None:
    assert engine_endpoint._fault(200, body.encode()) == "it answers, but is not DynamoDB"


def test_text_that_is_no_json_is_said_to_be_none() -> None:
    assert engine_endpoint._fault(200, b"<html>") == "it answers, but not in JSON"
