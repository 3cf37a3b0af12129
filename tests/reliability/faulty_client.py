"""Stand between a connection and its engine, and lose, refuse or spoil answers by a seeded plan."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import botocore.exceptions

from madmall_models import Database

DATA_OPERATIONS = {
    "get_item",
    "query",
    "batch_get_item",
    "batch_write_item",
    "transact_get_items",
    "put_item",
    "update_item",
    "delete_item",
    "transact_write_items",
}
Fault = Callable[[Callable[[], dict[str, Any]]], dict[str, Any]]


def lost_after(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Apply the request and lose its answer."""
    send()
    raise botocore.exceptions.ReadTimeoutError(endpoint_url="http://engine")


def dropped_before(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Lose the request on its way."""
    raise botocore.exceptions.ConnectionClosedError(endpoint_url="http://engine")


def failed_after(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Apply the request and answer with an error of the service."""
    send()
    raise answer("InternalServerError", 500)


def throttled(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Refuse the request for lack of capacity."""
    raise answer("ProvisionedThroughputExceededException", 400)


def conflicted(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Cancel a transaction because another one holds an item."""
    error = answer("TransactionCanceledException", 400)
    error.response["CancellationReasons"] = [{"Code": "TransactionConflict"}]
    raise error


def answer(code: str, status: int) -> Any:
    """Return the error that botocore raises for this answer."""
    response: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.exceptions.ClientError(response, "Operation")


class FaultyClient:
    """Be a client that applies a fault to a share of the requests of some operations; it counts what it did."""

    def __init__(
        self, client: Any, faults: list[Fault], *, share: float, seed: int, only: set[str] | None = None
    ) -> None:
        self._client = client
        self._faults = faults
        self._share = share
        self._chance = random.Random(seed)
        self._only = DATA_OPERATIONS if only is None else only
        self.injected = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name not in self._only:
            return method

        def called(**request: Any) -> Any:
            if self._chance.random() >= self._share:
                return method(**request)
            self.injected += 1
            return self._chance.choice(self._faults)(lambda: method(**request))

        return called


def with_faults(
    db: Database, *faults: Fault, share: float, seed: int = 1, only: set[str] | None = None
) -> FaultyClient:
    """Put a faulty client into a database and return it."""
    faulty = FaultyClient(db.connection.client, list(faults), share=share, seed=seed, only=only)
    db.connection._client = faulty
    return faulty
