"""Answer DynamoDB's requests with ready-made bytes, so that only the client's own work is measured.

It stores nothing: every write succeeds, every read finds nothing. It listens on the loopback address, in a process of
its own, and ends with the program that started it::

    with canned_server() as server:
        Database(table="any", endpoint=server.endpoint)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from madmall_models.table import TTL_ATTRIBUTE, table_request

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:\s*(\d+)")
_TARGET = re.compile(rb"(?i)\r\nx-amz-target:\s*DynamoDB_20120810\.(\w+)")
_UNIT = {"TableName": "any", "CapacityUnits": 1.0}
_TABLE = table_request("any", None)
_TABLE["GlobalSecondaryIndexes"] = [{**index, "IndexStatus": "ACTIVE"} for index in _TABLE["GlobalSecondaryIndexes"]]
_ANSWERS = {
    b"BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    b"BatchWriteItem": {"UnprocessedItems": {}, "ConsumedCapacity": [_UNIT]},
    b"TransactWriteItems": {"ConsumedCapacity": [_UNIT]},
    b"Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    b"Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
    b"DescribeTable": {"Table": {**_TABLE, "TableStatus": "ACTIVE", "ItemCount": 0}},
    b"DescribeTimeToLive": {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": TTL_ATTRIBUTE}},
}
_READY_WITHIN = 30.0


@dataclass(frozen=True)
class CannedServer:
    """Say where the server listens."""

    endpoint: str


@contextlib.contextmanager
def canned_server() -> Iterator[CannedServer]:
    """Start a server, give its address, and end it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        if not here.poll(_READY_WITHIN):
            raise RuntimeError("the canned server did not start")
        yield CannedServer(f"http://127.0.0.1:{here.recv()}")
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection) -> None:
    asyncio.run(_listen(parent))


async def _listen(parent: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Canned, "127.0.0.1", 0)
    parent.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def _rendered(document: object) -> bytes:
    body = json.dumps(document).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\nx-amz-crc32: {zlib.crc32(body)}\r\n"
        "x-amzn-RequestId: CANNED\r\n\r\n"
    )
    return head.encode() + body


_READY = {target: _rendered(document) for target, document in _ANSWERS.items()}
_NOTHING = _rendered({})


class _Canned(asyncio.Protocol):
    """Read requests off one connection and answer each."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a TCP connection"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._received, 0, head + 2)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._received) < end:
                return
            target = _TARGET.search(self._received, 0, head + 2)
            self._transport.write(_READY.get(target[1] if target else b"", _NOTHING))
            del self._received[:end]
