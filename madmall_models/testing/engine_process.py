"""Run an engine as a process of its own, and end exactly that process."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from madmall_models.errors import EngineError
from madmall_models.testing.engine_endpoint import EngineEndpoint

# What a process that is started for tests may know of the person who starts it: no account, no profile, no setting.
_INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "JAVA_HOME",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "SYSTEMROOT",
)
_BIND_FAILURE = re.compile(r"already in use|failed to bind|EADDRINUSE|only one usage of each socket", re.IGNORECASE)
_STACK_FRAME = re.compile(r"\s+at |\s*\.\.\. \d+ more")
_LAST_LINES = 8
_QUESTION_SECONDS = 2.0
_PAUSE_SECONDS = 0.05
_STOP_SECONDS = 10.0
_LISTENING = "0A"


class PortTaken(EngineError):
    """Say that another process listens on the port that the engine was to have."""


class EngineProcess:
    """Start ``command`` in an empty folder of its own, with its output kept in a file there.

    The process leads its own session, so that a Ctrl-C meant for the caller leaves it running until the caller has
    finished. It is ended by :meth:`stop`, at the latest when the interpreter exits; a caller that is killed leaves
    it behind. A forked child of the caller never ends it.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="madmall-engine-"))
        self._output = self._folder / "output.txt"
        try:
            self._process = self._launch(command, environment)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise EngineError(f"{name} cannot be started: {command[0]}: {error.strerror}") from error
        atexit.register(self.stop)

    @property
    def process_id(self) -> int:
        """Return the id of the process, which stays known after its end."""
        return self._process.pid

    def wait_for_answer(self, endpoint: EngineEndpoint, *, timeout: float) -> None:
        """Return as soon as this very process answers ListTables at ``endpoint``.

        Raises:
            PortTaken: the process ended, since its port has another owner.
            EngineError: it ended for another reason, or did not answer within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            if self._process.poll() is not None:
                raise self._died(endpoint)
            refusal = endpoint.refusal(timeout=_QUESTION_SECONDS) or self._stranger_at(endpoint)
            # Asked last: of a process that has just ended, the system says nothing about ports.
            if refusal is None and self._process.poll() is None:
                return
            if time.monotonic() >= deadline:
                raise EngineError(f"{self.name} did not answer within {timeout:g} s: {refusal}{self._last_words()}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Ask the process to end, insist after ten seconds, and remove its folder. Safe to repeat."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            shutil.rmtree(self._folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def _launch(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with self._output.open("wb") as output:
            return subprocess.Popen(  # noqa: S603  (the command is this package's own)
                list(command),
                cwd=self._folder,
                env={**inherited, "TMPDIR": str(self._folder), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _died(self, endpoint: EngineEndpoint) -> EngineError:
        if _BIND_FAILURE.search(self._read_output()):
            return port_taken(endpoint.port)
        code = self._process.returncode
        return EngineError(f"{self.name} ended while it started (exit code {code}){self._last_words()}")

    def _stranger_at(self, endpoint: EngineEndpoint) -> str | None:
        if owns_port(self.process_id, endpoint.port):
            return None
        return f"port {endpoint.port} is answered by another process"

    def _last_words(self) -> str:
        said = [line.rstrip() for line in self._read_output().splitlines() if line.strip()]
        # The frames of a Java stack trace would push the one line that says something out of sight.
        telling = [line for line in said if not _STACK_FRAME.match(line)][-_LAST_LINES:]
        return "; its last words:\n  " + "\n  ".join(telling) if telling else "; it said nothing"

    def _read_output(self) -> str:
        with contextlib.suppress(OSError):
            return self._output.read_text(encoding="utf-8", errors="replace")
        return ""


def port_taken(port: int) -> PortTaken:
    """Return the error for a port that has an owner already."""
    return PortTaken(f"port {port} of 127.0.0.1 is taken; name another, or none to be given a free one")


def owns_port(process_id: int, port: int) -> bool:
    """Tell whether the process listens on ``port``; where the system does not say (not Linux), believe it."""
    process = Path("/proc") / str(process_id)
    try:
        opened = {_target(handle) for handle in (process / "fd").iterdir()}
        lines = [line.split() for table in ("tcp", "tcp6") for line in _lines(process / "net" / table)]
    except OSError:
        return True
    owners = {
        f"socket:[{fields[9]}]"
        for fields in lines
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port
    }
    return not owners.isdisjoint(opened)


def _target(handle: Path) -> str:
    # A process may close a handle between the listing and the look.
    with contextlib.suppress(FileNotFoundError):
        return os.readlink(handle)
    return ""


def _lines(table: Path) -> list[str]:
    # A kernel without IPv6 has no table for it.
    return table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []
