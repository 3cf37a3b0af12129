"""Start an engine for people without AWS: for tests, a demonstration, a tutorial.

==================  ==========================================================================================
``moto``            In this process, nothing to start. Not for threads: it has no lock, loses increments and lets
                    two writers win one race. It accepts much that DynamoDB refuses (numbers of 39 digits, empty
                    sets, filters on keys, transactions over 4 MB) and applies a repeated idempotency token twice.
                    All moto engines of a process share one set of tables. Needs ``madmall_models[testing]``.
``ministack``       A process of its own on 127.0.0.1, ready in a third of a second. With a data directory it keeps
                    its tables when it is stopped in good order. Needs ``madmall_models[engine]``.
``dynamodb-local``  Amazon's own jar, if you have it, an AWS account and a JDK 17; the strictest opinion. Where it is
                    looked for: :mod:`madmall_models.testing.dynamodb_local`.
``http://...``      An engine that runs already. It is asked once whether it answers; nothing is started or ended.
==================  ==========================================================================================

No engine ever leads to AWS: a URL of the service is refused, and started processes know no credentials.
"""

from __future__ import annotations

import difflib
import importlib.util
import math
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from madmall_models.errors import EngineError
from madmall_models.testing import dynamodb_local
from madmall_models.testing.engine_endpoint import ACCESS_KEY, REGION, EngineEndpoint
from madmall_models.testing.engine_process import EngineProcess, PortTaken, port_taken

NAMES = ("moto", "ministack", "dynamodb-local")
_SECRET_KEY = "local"  # noqa: S105  (opens nothing: engines take any)
_ATTEMPTS = 5
_PATIENCE = 30.0
_MINISTACK = {
    "BIND_HOST": "127.0.0.1",
    "SERVICES": "dynamodb,dynamodbstreams",
    # Each of these would open a further port, on every interface.
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "USE_SSL": "0",
    # It removes containers of other runs when it finds a Docker daemon; let it find none.
    "DOCKER_HOST": "unix:///nonexistent",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, eq=False)
class Engine:
    """Be an engine that runs; as a context manager, end it with the block.

    ``endpoint`` is None for moto, ``process_id`` is None unless :func:`start` started a process.
    """

    name: str
    endpoint: str | None
    process_id: int | None = None
    _ending: ExitStack = field(default_factory=ExitStack, repr=False)

    def connection_settings(self) -> dict[str, Any]:
        """Return what ``Database(table=..., **settings)`` needs to reach this engine.

        The credentials are made up and open nothing. An engine on another machine gets none: it may check them. One
        that shares a busy machine with tests may be slow, so it is given 30 seconds for an answer.
        """
        settings: dict[str, Any] = {"region": REGION, "endpoint": self.endpoint, "timeout": _PATIENCE}
        if self.endpoint is None or EngineEndpoint.from_url(self.endpoint).is_on_this_machine:
            settings |= {"access_key": ACCESS_KEY, "secret_key": _SECRET_KEY}
        return settings

    def stop(self) -> None:
        """End what :func:`start` started, and nothing else. Safe to repeat."""
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    name: str = "ministack",
    *,
    port: int | None = None,
    data_directory: Path | None = None,
    jar: Path | None = None,
    timeout: float = 30.0,
) -> Engine:
    """Start the engine ``name`` and return it once it has answered.

    ``port`` is for the two that are processes; without one they get a free port. With a ``data_directory`` these two
    keep their tables there, otherwise in memory. ``jar`` is DynamoDB Local's, or a folder that holds it. ``timeout``
    is in seconds.

    >>> with start("moto") as engine:
    ...     engine.connection_settings()["region"]
    'us-east-1'

    Raises:
        EngineError: the name is unknown, a setting does not belong to this engine, something is not installed, the
            port is taken, or the engine ended or did not answer; the message says which, and what to do.
    """
    if not (0 < timeout < math.inf):
        raise EngineError(f"the timeout is {timeout:g} s; give a number of seconds over 0")
    given = {"port": port, "data_directory": data_directory, "jar": jar}
    if "://" in name:
        _refuse(given, but=(), name="an engine that runs already")
        return _running(EngineEndpoint.from_url(name), timeout)
    if name == "moto":
        _refuse(given, but=(), name=name)
        return _moto()
    if name == "ministack":
        _refuse(given, but=("port", "data_directory"), name=name)
        return _ministack(port, _prepared(data_directory), timeout)
    if name == "dynamodb-local":
        return _dynamodb_local(port, _prepared(data_directory), jar, timeout)
    raise _unknown(name)


def _running(endpoint: EngineEndpoint, timeout: float) -> Engine:
    refusal = endpoint.refusal(timeout=timeout)
    if refusal is not None:
        raise EngineError(f"no engine at {endpoint.url}: {refusal}; start it first, or use the engine 'ministack'")
    return Engine(name=endpoint.url, endpoint=endpoint.url)


def _moto() -> Engine:
    try:
        from moto import mock_aws
    except ImportError as error:
        raise EngineError("moto is not installed; pip install 'madmall_models[testing]'") from error
    mock = mock_aws()
    mock.start()
    ending = ExitStack()
    ending.callback(mock.stop)
    return Engine(name="moto", endpoint=None, _ending=ending)


def _ministack(port: int | None, data_directory: Path | None, timeout: float) -> Engine:
    if importlib.util.find_spec("ministack") is None:
        raise EngineError("ministack is not installed; pip install 'madmall_models[engine]'")
    kept = {"PERSIST_STATE": "1", "STATE_DIR": str(data_directory)} if data_directory else {}

    def launch(chosen: int) -> EngineProcess:
        environment = {**_MINISTACK, **kept, "GATEWAY_PORT": str(chosen)}
        return EngineProcess("ministack", [sys.executable, "-m", "ministack"], environment)

    return _start_process("ministack", launch, port, timeout)


def _dynamodb_local(port: int | None, data_directory: Path | None, jar: Path | None, timeout: float) -> Engine:
    found = dynamodb_local.find_jar(jar)
    java = dynamodb_local.find_java()

    def launch(chosen: int) -> EngineProcess:
        command = dynamodb_local.command(java, found, port=chosen, data_directory=data_directory)
        return EngineProcess("dynamodb-local", command, {})

    return _start_process("dynamodb-local", launch, port, timeout)


def _start_process(name: str, launch: Callable[[int], EngineProcess], port: int | None, timeout: float) -> Engine:
    """Start on ``port``, or on free ones until nobody was faster to take one."""
    if port is not None:
        _check_port(port)
        return _start_at(name, launch, port, timeout)
    for _ in range(_ATTEMPTS - 1):
        try:
            return _start_at(name, launch, _free_port(), timeout)
        except PortTaken:
            continue
    return _start_at(name, launch, _free_port(), timeout)


def _start_at(name: str, launch: Callable[[int], EngineProcess], port: int, timeout: float) -> Engine:
    endpoint = EngineEndpoint.on_this_machine(port)
    with ExitStack() as on_failure:
        process = launch(port)
        on_failure.callback(process.stop)
        process.wait_for_answer(endpoint, timeout=timeout)
        return Engine(name, endpoint.url, process.process_id, _ending=on_failure.pop_all())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise EngineError(f"port {port} does not exist; name one of 1 to 65535, or none to be given a free one")
    with socket.socket() as probe:
        # As servers do, so that the remains of an ended connection do not count as an owner.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise EngineError(f"port {port} is reserved for the system; name one over 1023") from error
        except OSError as error:
            raise port_taken(port) from error


def _prepared(data_directory: Path | None) -> Path | None:
    """Make the folder for the tables; the process works in another folder, so its path is made absolute."""
    if data_directory is None:
        return None
    try:
        data_directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"the data directory {data_directory} cannot be made: {error.strerror}") from error
    return data_directory.absolute()


def _refuse(given: Mapping[str, object], *, but: tuple[str, ...], name: str) -> None:
    odd = sorted(setting for setting, value in given.items() if value is not None and setting not in but)
    if odd:
        raise EngineError(f"{name} takes no {' and no '.join(odd)}; leave it out, or use another engine")


def _unknown(name: str) -> EngineError:
    near = difflib.get_close_matches(name, NAMES, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    return EngineError(f"there is no engine {name!r}{meant}; name {', '.join(NAMES)}, or the http:// URL of one")
