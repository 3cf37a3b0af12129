"""Receive answers within the deadline of their call.

The read time-out of a socket starts anew with every byte, so an answer that trickles can take for ever. Here each
read waits no longer than the call has left. botocore offers no place for this: the pools that its HTTP session makes
connections with are replaced, which is the one private part of botocore that this package touches.
"""

from __future__ import annotations

import http.client
import io
import logging
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from madmall_models.connection.deadline import seconds_left

_log = logging.getLogger(__name__)


class BoundedReader(io.RawIOBase):
    """Read from a socket, each time for as long as its own time-out and the deadline of the call allow.

    Args:
        socket: a connected socket with its time-out set.
    """

    def __init__(self, socket: Any) -> None:
        super().__init__()
        self._socket = socket
        self._raw = socket.makefile("rb", buffering=0)
        self._longest: float | None = socket.gettimeout()

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has arrived.

        Raises:
            TimeoutError: nothing arrived in time, or the call's time is over.
        """
        left = seconds_left()
        if left is not None:
            if left <= 0:
                raise TimeoutError("the time of the call is over")
            self._socket.settimeout(left if self._longest is None else min(self._longest, left))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _BoundedSocket:
    """Stand for a socket before the response, which only asks it for a file to read from."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(BoundedReader(self._socket))


class _Response(http.client.HTTPResponse):
    """Be an answer whose status line, headers and body are read within the deadline."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        stand_in: Any = _BoundedSocket(sock)
        super().__init__(stand_in, *args, **options)


class _Connection(AWSHTTPConnection):  # type: ignore[misc]  # botocore publishes no types
    response_class = _Response


class _SecureConnection(AWSHTTPSConnection):  # type: ignore[misc]  # botocore publishes no types
    response_class = _Response


class _Pool(AWSHTTPConnectionPool):  # type: ignore[misc]  # botocore publishes no types
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):  # type: ignore[misc]  # botocore publishes no types
    ConnectionCls = _SecureConnection


def bound_answers(client: Any) -> None:
    """Let ``client`` receive every answer within the deadline of its call; call it before the first request."""
    pools = {"http": _Pool, "https": _SecurePool}
    try:
        session = client._endpoint.http_session
        session._manager.pool_classes_by_scheme = pools
        # A proxy's pools are made from these.
        session._pool_classes_by_scheme = pools
    except AttributeError:
        _log.warning("this version of botocore takes no pools; answers are bounded by the time-out of each read only")
