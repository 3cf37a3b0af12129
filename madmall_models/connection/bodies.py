"""Write and read the bodies of data operations in one go, where botocore walks over every value by its shape.

What botocore would send and make of an answer, its dicts have in that form already, but for bytes: DynamoDB's JSON has
no place where a name or a value differs from what stands in the dict. Where one holds bytes, or an answer holds null,
botocore does its walk as ever; so it does for errors, for tables, and for all that is no JSON.

Each step is an event of the client, so that signing, retries, checksums and stubs see whole requests and answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DATA_OPERATIONS = frozenset(
    [
        "GetItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "TransactGetItems",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "TransactWriteItems",
    ]
)
_READY = "madmall_models_body"
# To look for circles takes a quarter of the time; one ends in a RecursionError.
_ENCODER = json.JSONEncoder(check_circular=False)


@dataclass(frozen=True)
class _Ready:
    """A body that is written, and the parameters that it was written from."""

    params: dict[str, Any]
    whole: Mapping[str, Any]
    body: bytes


def write_and_read_whole(client: Any) -> None:
    """Let ``client`` write requests and read answers of data operations without a walk.

    Whatever else looks at the bytes of an answer sees them before, whenever it is registered.
    """
    events = client.meta.events
    # The most general name is called last: a token that botocore fills in is part of the request by then.
    events.register_last("before-parameter-build", _write)
    events.register_last("before-parse", _read)
    for operation in DATA_OPERATIONS:
        events.register_first(f"before-call.dynamodb.{operation}", _put_in)


def _write(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    """Write the body, and leave botocore only what it finds the endpoint by to walk over."""
    if model.name not in DATA_OPERATIONS:
        return
    try:
        body = _ENCODER.encode(params)
    except (TypeError, ValueError, RecursionError):
        # Bytes and sets: botocore knows how to write them, or what to say.
        return
    # A quotation mark inside a text is escaped. Here the names are of types: text for bytes is written in base64.
    if '"B": ' in body or '"BS": ' in body:
        return
    context[_READY] = _Ready(params, params.copy(), body.encode())
    _replace(params, dict(_tables(params)))


def _put_in(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Put the whole body into the request, before it is signed, and give its parameters back what they were."""
    ready: _Ready | None = context.pop(_READY, None)
    if ready is not None:
        params["body"] = ready.body
        _replace(ready.params, ready.whole)


def _replace(params: dict[str, Any], others: Mapping[str, Any]) -> None:
    # An event can change parameters in place only.
    params.clear()
    params.update(others)


def _tables(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a request that name its tables, without their contents."""
    if "TableName" in params:
        yield "TableName", params["TableName"]
    if "RequestItems" in params:
        # A list of writes, or a dict with a list of keys: botocore walks over either.
        yield "RequestItems", {table: type(asked)() for table, asked in params["RequestItems"].items()}
    if "TransactItems" in params:
        # In their order: it is the first that botocore goes by.
        named = dict.fromkeys(
            (kind, one.get("TableName")) for action in params["TransactItems"] for kind, one in action.items()
        )
        yield "TransactItems", [{kind: {"TableName": table}} for kind, table in named]


def _read(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Read a whole answer, and leave botocore nothing of it to walk over."""
    body: bytes = response_dict["body"]
    if operation_model.name not in DATA_OPERATIONS or response_dict["status_code"] >= 300:
        return
    # botocore leaves out what is null in one place and keeps it in another; both words are rare in an item.
    if b'"B"' in body or b'"BS"' in body or b"null" in body:
        return
    try:
        answer = json.loads(body.decode())
    except ValueError:
        # The guard says what that means, once botocore found nothing in it.
        return
    if isinstance(answer, dict):
        customized_response_dict.update(answer)
        response_dict["body"] = b""
