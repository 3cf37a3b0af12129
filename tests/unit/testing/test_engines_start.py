"""What ``engines.start`` gives, keeps, refuses and ends."""

from __future__ import annotations

import builtins
import contextlib
import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from madmall_models.errors import EngineError, MadMallError
from madmall_models.testing import engines
from madmall_models.testing.engine_process import PortTaken


def client_of(engine: engines.Engine) -> Any:
    settings = engine.connection_settings()
    return boto3.client(
        "dynamodb",
        region_name=settings["region"],
        endpoint_url=settings["endpoint"],
        aws_access_key_id=settings["access_key"],
        aws_secret_access_key=settings["secret_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def make_table(engine: engines.Engine, name: str) -> None:
    client_of(engine).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def tables_of(engine: engines.Engine) -> list[str]:
    return list(client_of(engine).list_tables()["TableNames"])


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def ministack() -> Iterator[engines.Engine]:
    with engines.start("ministack") as engine:
        yield engine


@pytest.fixture
def web_server() -> Iterator[str]:
    """A server that is no engine: it answers everything with an empty JSON object."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            """Be quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_ministack_is_the_default_and_serves_tables_on_this_machine_only() -> None:
    with engines.start() as engine:
        assert engine.name == "ministack"
        assert engine.endpoint is not None
        assert engine.endpoint.startswith("http://127.0.0.1:")
        make_table(engine, "any-table")
        assert tables_of(engine) == ["any-table"]


def test_the_process_and_its_folder_are_gone_after_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with engines.start("ministack") as engine:
        assert engine.process_id is not None
        assert is_running(engine.process_id)
        assert len(list(tmp_path.iterdir())) == 1
    assert not is_running(engine.process_id)
    assert list(tmp_path.iterdir()) == []


def test_stop_can_be_repeated_and_leaves_other_engines_alone(ministack: engines.Engine) -> None:
    engine = engines.start("ministack")
    engine.stop()
    engine.stop()
    assert ministack.process_id is not None
    assert is_running(ministack.process_id)


def test_stop_does_not_wait_for_clients_that_keep_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    # Insisting would take the process id away by force; it must not come to that.
    monkeypatch.setattr(subprocess.Popen, "kill", lambda self: pytest.fail("it had to be killed"))
    engine = engines.start("ministack")
    assert engine.endpoint is not None
    with socket.create_connection(("127.0.0.1", int(engine.endpoint.rpartition(":")[2]))):
        engine.stop()


def test_ministack_keeps_its_tables_in_a_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("not/there/yet")
    with engines.start("ministack", data_directory=folder) as engine:
        make_table(engine, "kept")
    with engines.start("ministack", data_directory=folder) as again:
        assert tables_of(again) == ["kept"]


def test_ministack_forgets_without_a_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PERSIST_STATE", "1")
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    with engines.start("ministack") as engine:
        make_table(engine, "forgotten")
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"data directory .*file cannot be made"):
        engines.start("ministack", data_directory=tmp_path / "file")


def test_ministack_opens_one_port_and_no_other(ministack: engines.Engine) -> None:
    listening = Path(f"/proc/{ministack.process_id}/net/tcp")
    if not listening.exists():
        pytest.skip("the system does not tell which ports a process listens on")
    handles = {os.readlink(handle) for handle in Path(f"/proc/{ministack.process_id}/fd").iterdir()}
    opened = [
        fields[1]
        for table in (listening, listening.with_name("tcp6"))
        if table.exists()
        for fields in (line.split() for line in table.read_text().splitlines()[1:])
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in handles
    ]
    assert ministack.endpoint is not None
    port = int(ministack.endpoint.rpartition(":")[2])
    assert opened == [f"0100007F:{port:04X}"]


def test_a_port_of_ones_own_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with engines.start("ministack", port=port) as engine:
        assert engine.endpoint == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_refused_before_anything_is_started(
    ministack: engines.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: pytest.fail("something was started"))
    assert ministack.endpoint is not None
    port = int(ministack.endpoint.rpartition(":")[2])
    with pytest.raises(EngineError, match=f"port {port} of 127.0.0.1 is taken"):
        engines.start("ministack", port=port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_exist_is_refused(port: int) -> None:
    with pytest.raises(EngineError, match=f"port {port} does not exist"):
        engines.start("ministack", port=port)


def test_who_loses_the_race_for_a_free_port_gets_another(
    ministack: engines.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ministack.endpoint is not None
    taken = int(ministack.endpoint.rpartition(":")[2])
    free_port = engines._free_port
    offers = [taken, taken]
    monkeypatch.setattr(engines, "_free_port", lambda: offers.pop() if offers else free_port())
    with engines.start("ministack") as engine:
        assert engine.endpoint != ministack.endpoint
        make_table(engine, "mine")
        assert "mine" not in tables_of(ministack)


def test_who_always_loses_the_race_is_told_so(ministack: engines.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ministack.endpoint is not None
    taken = int(ministack.endpoint.rpartition(":")[2])
    asked: list[int] = []
    monkeypatch.setattr(engines, "_free_port", lambda: asked.append(taken) or taken)
    with pytest.raises(PortTaken, match=f"port {taken} of 127.0.0.1 is taken"):
        engines.start("ministack")
    assert len(asked) == 5


def test_moto_serves_tables_in_its_process_until_it_is_stopped() -> None:
    said = in_a_process_of_its_own(
        """
        import socket
        from madmall_models.testing import engines
        from tests.unit.testing.test_engines_start import make_table, tables_of

        def unknown_host(*args, **kwargs):
            raise socket.gaierror("this test asks nobody")

        engine = engines.start("moto")
        print(engine.endpoint, engine.process_id)
        make_table(engine, "in-process")
        print(tables_of(engine))
        engine.stop()
        engine.stop()
        socket.getaddrinfo = unknown_host
        try:
            tables_of(engine)
        except Exception as error:
            print(type(error).__name__)
        """
    )
    assert said == ["None None", "['in-process']", "EndpointConnectionError"]


def test_moto_begins_empty_each_time() -> None:
    said = in_a_process_of_its_own(
        """
        from madmall_models.testing import engines
        from tests.unit.testing.test_engines_start import make_table, tables_of

        with engines.start("moto") as engine:
            make_table(engine, "first")
        with engines.start("moto") as engine:
            print(tables_of(engine))
        """
    )
    assert said == ["[]"]


def in_a_process_of_its_own(program: str) -> list[str]:
    """Return the lines that a program prints; the process of the tests may have moto running already."""
    checkout = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_an_engine_named_by_its_url_is_used_and_never_ended(ministack: engines.Engine) -> None:
    assert ministack.endpoint is not None
    with engines.start(f"{ministack.endpoint}/") as engine:
        assert engine.endpoint == ministack.endpoint
        assert engine.process_id is None
        assert engine.connection_settings() == ministack.connection_settings()
    assert ministack.process_id is not None
    assert is_running(ministack.process_id)


def test_a_url_where_nobody_answers_is_refused() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"no engine at {url}: no answer .ConnectionRefusedError."):
            engines.start(url)


def test_a_url_where_something_else_answers_is_refused(web_server: str) -> None:
    with pytest.raises(EngineError, match="it answers, but is not DynamoDB"):
        engines.start(web_server)


def test_a_url_where_something_answers_that_is_not_http_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"who is there?\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(EngineError, match=r"no answer \(BadStatusLine\)"):
            engines.start(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_connection_settings_are_complete_and_fake(ministack: engines.Engine) -> None:
    assert ministack.connection_settings() == {
        "region": "us-east-1",
        "endpoint": ministack.endpoint,
        "access_key": "local",
        "secret_key": "local",
        "timeout": 30.0,
    }


def test_an_engine_on_another_machine_is_given_no_made_up_credentials() -> None:
    engine = engines.Engine(name="http://engine.test:8000", endpoint="http://engine.test:8000")
    assert engine.connection_settings() == {
        "region": "us-east-1",
        "endpoint": "http://engine.test:8000",
        "timeout": 30.0,
    }


@pytest.mark.parametrize(
    ("name", "near"), [("ministak", "ministack"), ("motto", "moto"), ("dynamodb_local", "dynamodb-local")]
)
def test_a_misspelt_name_is_answered_with_the_one_that_was_meant(name: str, near: str) -> None:
    with pytest.raises(
        EngineError, match=f"no engine '{name}' .did you mean '{near}'.*moto, ministack, dynamodb-local"
    ):
        engines.start(name)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EngineError) as caught:
        engines.start("xyzzy")
    assert "did you mean" not in str(caught.value)
    assert all(name in str(caught.value) for name in engines.NAMES)
    assert isinstance(caught.value, MadMallError)
    assert isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("moto", {"port": 8000}, "moto takes no port"),
        ("moto", {"data_directory": Path("d")}, "moto takes no data_directory"),
        ("ministack", {"jar": Path("j")}, "ministack takes no jar"),
        ("http://127.0.0.1:1", {"port": 1, "jar": Path("j")}, "takes no jar and no port"),
    ],
)
def test_a_setting_of_another_engine_is_refused(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        engines.start(name, **settings)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout: float) -> None:
    with pytest.raises(EngineError, match="give a number of seconds over 0"):
        engines.start("moto", timeout=timeout)


def test_without_ministack_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"pip install 'madmall_models\[engine\]'"):
        engines.start("ministack")


def test_without_moto_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without_moto(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "moto":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_moto)
    with pytest.raises(EngineError, match=r"pip install 'madmall_models\[testing\]'"):
        engines.start("moto")


def test_importing_engines_loads_no_engine() -> None:
    code = "import sys, madmall_models.testing.engines; print(sorted({'moto', 'ministack'} & set(sys.modules)))"
    root = str(Path(engines.__file__).parents[2])
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert answer.stdout.strip() == "[]"


def test_an_engine_left_running_ends_with_the_interpreter() -> None:
    code = "from madmall_models.testing import engines; print(engines.start('ministack').process_id)"
    root = str(Path(engines.__file__).parents[2])
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root}
    )
    with contextlib.suppress(ChildProcessError):
        assert not is_running(int(answer.stdout))
