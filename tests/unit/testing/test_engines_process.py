"""What happens to an engine's process that misbehaves: a made-up ``ministack`` that is found first on the path."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from madmall_models.errors import EngineError
from madmall_models.testing import engine_process, engines
from madmall_models.testing.engine_endpoint import EngineEndpoint
from madmall_models.testing.engine_process import EngineProcess, PortTaken, owns_port

SERVER = """
import http.server, json, os, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"TableNames": sorted(os.environ)}).encode())

    def log_message(self, *args):
        pass
"""
SERVE = 'http.server.HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()\n'

Install = Callable[[str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a program in the place of ministack; the folder that the engines work under is returned."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def place(program: str) -> Path:
        package = tmp_path / "path" / "ministack"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "__main__.py").write_text(program)
        monkeypatch.setenv("PYTHONPATH", str(package.parent))
        return temporary

    return place


def test_a_process_that_dies_is_quoted_with_its_last_words(install: Install) -> None:
    temporary = install("import sys\nfor n in range(30): print('line', n)\nsys.exit('the cellar is flooded')")
    with pytest.raises(EngineError, match=r"ministack ended while it started \(exit code 1\)") as caught:
        engines.start("ministack")
    assert "the cellar is flooded" in str(caught.value)
    assert "line 29" in str(caught.value)
    assert "line 3\n" not in str(caught.value)
    assert list(temporary.iterdir()) == []


def test_a_process_that_dies_in_silence_is_reported_as_such(install: Install) -> None:
    install("raise SystemExit(7)")
    with pytest.raises(EngineError, match=r"exit code 7\); it said nothing"):
        engines.start("ministack")


def test_the_frames_of_a_stack_trace_do_not_hide_what_is_said(install: Install) -> None:
    install("print('Exception: no memory')\nfor n in range(40): print('\\tat a.b.C(C.java:1)')\nraise SystemExit(1)")
    with pytest.raises(EngineError, match="Exception: no memory") as caught:
        engines.start("ministack")
    assert "C.java" not in str(caught.value)


def test_a_process_that_never_answers_is_given_up_and_ended(install: Install) -> None:
    temporary = install("import os, signal\nprint('thinking', flush=True)\nsignal.pause()")
    with pytest.raises(EngineError, match=r"did not answer within 0.4 s: no answer") as caught:
        engines.start("ministack", timeout=0.4)
    assert "PortTaken" not in type(caught.value).__name__
    assert list(temporary.iterdir()) == []


def test_a_process_that_says_its_port_is_in_use_means_a_taken_port(install: Install) -> None:
    install("raise SystemExit('OSError: [Errno 98] Address already in use')")
    with pytest.raises(PortTaken, match=r"port \d+ of 127.0.0.1 is taken"):
        engines.start("ministack")


def test_an_answer_of_another_process_is_not_taken_for_ours(install: Install) -> None:
    if not Path("/proc/self/net/tcp").exists():
        pytest.skip("the system does not tell which process listens on a port")
    with engines.start("ministack") as stranger:
        assert stranger.endpoint is not None
        endpoint = EngineEndpoint.from_url(stranger.endpoint)
        process = EngineProcess("sleeper", [sys.executable, "-c", "import signal; signal.pause()"], {})
        try:
            with pytest.raises(EngineError, match=f"port {endpoint.port} is answered by another process"):
                process.wait_for_answer(endpoint, timeout=0.2)
        finally:
            process.stop()
        assert stranger.process_id is not None
        assert owns_port(stranger.process_id, endpoint.port)
        assert not owns_port(os.getpid(), endpoint.port)


def test_a_process_that_ends_while_a_stranger_answers_is_not_ready(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(f"{SERVER}\n{SERVE}")

    def end_it_and_see_nothing(process_id: int, port: int) -> bool:
        os.kill(process_id, signal.SIGTERM)
        os.waitid(os.P_PID, process_id, os.WEXITED | os.WNOWAIT)
        return True

    with engines.start("ministack") as stranger:
        assert stranger.endpoint is not None
        process = EngineProcess("sleeper", [sys.executable, "-c", "import signal; signal.pause()"], {})
        try:
            monkeypatch.setattr(engine_process, "owns_port", end_it_and_see_nothing)
            with pytest.raises(EngineError, match="sleeper ended while it started"):
                process.wait_for_answer(EngineEndpoint.from_url(stranger.endpoint), timeout=30)
        finally:
            process.stop()


def test_where_the_system_does_not_tell_the_process_is_believed() -> None:
    assert owns_port(2**30, 80)


def test_a_process_that_ignores_the_request_to_end_is_killed(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = install(f"{SERVER}\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SERVE}")
    monkeypatch.setattr(engine_process, "_STOP_SECONDS", 0.1)
    engine = engines.start("ministack")
    assert engine.process_id is not None
    engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(engine.process_id, 0)
    assert list(temporary.iterdir()) == []


def test_a_started_process_knows_no_account_and_no_setting_of_its_user(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(f"{SERVER}\n{SERVE}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "MADMALL_CURSOR_KEYS", "HTTPS_PROXY", "MINISTACK_REGION"):
        monkeypatch.setenv(name, "mine")
    with engines.start("ministack") as engine:
        assert engine.process_id is not None
        environment = Path(f"/proc/{engine.process_id}/environ")
        if not environment.exists():
            pytest.skip("the system does not show the environment of a process")
        assert b"mine" not in environment.read_bytes()


def test_a_process_leads_its_own_session_so_that_ctrl_c_does_not_reach_it(install: Install) -> None:
    install(f"{SERVER}\n{SERVE}")
    with engines.start("ministack") as engine:
        assert engine.process_id is not None
        assert os.getsid(engine.process_id) == engine.process_id


def test_a_forked_child_does_not_end_the_engine_of_its_parent(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = install(f"{SERVER}\n{SERVE}")
    process = EngineProcess("sleeper", [sys.executable, "-c", "import signal; signal.pause()"], {})
    try:
        with monkeypatch.context() as in_child:
            in_child.setattr(os, "getpid", lambda: 2**30)
            process.stop()
        os.kill(process.process_id, 0)
        assert len(list(temporary.iterdir())) == 1
    finally:
        process.stop()


def test_a_program_that_is_not_there_is_reported_and_leaves_nothing(install: Install, tmp_path: Path) -> None:
    temporary = install("")
    with pytest.raises(EngineError, match=r"engine cannot be started: .*absent: No such file"):
        EngineProcess("engine", [str(tmp_path / "absent")], {})
    assert list(temporary.iterdir()) == []
