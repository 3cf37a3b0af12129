"""Answer over a real connection, byte by byte, each only when the reader looks at its clock."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any


class TricklingServer:
    """Send an answer one byte at a time; :meth:`tick` is the clock of the reader and lets the next byte go.

    Args:
        answer: the whole answer, status line and headers included.
        seconds_per_tick: how far the clock goes each time that it is looked at.
        at_once: so many bytes go out before the trickle begins.
    """

    def __init__(self, answer: bytes, *, seconds_per_tick: float, at_once: int = 0) -> None:
        self._answer = answer
        self._step = seconds_per_tick
        self._at_once = at_once
        self._may_send = threading.Semaphore(0)
        self._ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.now = 0.0
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def tick(self) -> float:
        self.now += self._step
        self._may_send.release()
        return self.now

    def __enter__(self) -> TricklingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._may_send.release()
        # Closing alone does not wake a thread that accepts.
        with contextlib.suppress(OSError):
            socket.create_connection(self._listening.getsockname(), timeout=1).close()
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            connection, _ = self._listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._answer_one(connection)

    def _answer_one(self, connection: Any) -> None:
        if not connection.recv(65536):
            return
        self.requests += 1
        connection.sendall(self._answer[: self._at_once])
        for byte in self._answer[self._at_once :]:
            self._may_send.acquire()
            if self._ended.is_set():
                return
            connection.sendall(bytes([byte]))
        self._ended.wait(30)
