"""Refuse answers that are not what DynamoDB sent.

botocore hands out a body whose checksum is wrong once its retries are spent, and takes a 200 with any body for an
answer; a lost item would then read as "does not exist". This guard looks at every answer before anyone else does.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from madmall_models.errors import CorruptAnswer

_EXPECTED: dict[str, tuple[str, ...]] = {
    # A query that only counts is answered without items.
    "Query": ("Count",),
    "Scan": ("Count",),
    "BatchGetItem": ("Responses",),
    "BatchWriteItem": ("UnprocessedItems",),
    "TransactGetItems": ("Responses",),
}
_PARTITION = re.compile(r"\s*([#\w]+) = (:\w+)")


def watch(client: Any) -> None:
    """Check every answer that ``client`` receives, before botocore or its caller makes anything of it."""
    client.meta.events.register("before-parse.dynamodb", _check_body)
    client.meta.events.register("after-call.dynamodb", _check_shape)


def _check_body(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Raise CorruptAnswer unless the body has its checksum and, of a success, is a JSON object."""
    body: bytes = response_dict["body"]
    stated = response_dict["headers"].get("x-amz-crc32")
    if stated is not None and str(stated).strip() != str(zlib.crc32(body) & 0xFFFFFFFF):
        raise CorruptAnswer(f"the answer to {operation_model.name} failed its checksum")
    if response_dict["status_code"] < 300 and not _is_object(body):
        raise CorruptAnswer(f"the answer to {operation_model.name} is cut short or not an answer of DynamoDB")


def _check_shape(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
    """Raise CorruptAnswer unless a success has what every answer to the operation has."""
    if http_response.status_code >= 300:
        return
    missing = [name for name in _EXPECTED.get(model.name, ()) if name not in parsed]
    # botocore takes a body that is not JSON for an empty one.
    understood = parsed.keys() - {"ResponseMetadata"}
    if missing or (not understood and not _is_json_object(http_response.content)):
        raise CorruptAnswer(f"the answer to {model.name} is cut short or not an answer of DynamoDB")


def check_keys(operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Refuse an answer with an item that was not asked for: a mixed-up connection must not show somebody's data.

    Raises:
        CorruptAnswer: an item has another key.
    """
    check = _KEY_CHECKS.get(operation)
    if check is not None and not check(request, answer):
        raise CorruptAnswer(f"the answer to {operation} holds an item that was not asked for")


def _is_asked(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    item = answer.get("Item")
    return item is None or _has_key(item, request["Key"])


def _are_asked(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    for table, items in answer.get("Responses", {}).items():
        asked = {_place(key) for key in request["RequestItems"].get(table, {}).get("Keys", ())}
        if not all(_place(item) in asked for item in items):
            return False
    return True


def _are_in_order(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    asked, found = request.get("TransactItems", ()), answer.get("Responses", ())
    return len(asked) == len(found) and all(
        "Item" not in one or _has_key(one["Item"], get["Get"]["Key"]) for get, one in zip(asked, found, strict=True)
    )


def _are_of_partition(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    equal = _PARTITION.match(request.get("KeyConditionExpression", ""))
    if equal is None:
        return True
    name = request.get("ExpressionAttributeNames", {}).get(equal[1], equal[1])
    value = request.get("ExpressionAttributeValues", {}).get(equal[2])
    return all(item.get(name, value) == value for item in answer.get("Items", ()))


def _has_key(item: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    # A projection may leave the key out.
    return all(item.get(name, wire) == wire for name, wire in key.items())


def _place(item: Mapping[str, Any]) -> tuple[str, str]:
    return item.get("PK", {}).get("S", ""), item.get("SK", {}).get("S", "")


_KEY_CHECKS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]] = {
    "GetItem": _is_asked,
    "Query": _are_of_partition,
    "BatchGetItem": _are_asked,
    "TransactGetItems": _are_in_order,
}


def _is_object(body: bytes) -> bool:
    """Tell whether the body can be a JSON object; empty and cut bodies are what this is for."""
    text = body.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    if len(text) > 64:
        # Parsing it twice would cost as much as the first time; what botocore makes of it is looked at afterwards.
        return True
    return _is_json_object(text)


def _is_json_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
