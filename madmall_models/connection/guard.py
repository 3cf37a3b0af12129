"""Refuse answers that are not what DynamoDB sent.

botocore hands out a body whose checksum is wrong once its retries are spent, and takes a 200 with any body for an
answer; a lost item would then read as "does not exist". This guard looks at every answer before anyone else does.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
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


def watch(client: Any) -> None:
    """Check every answer that ``client`` receives, before botocore or its caller makes anything of it."""
    client.meta.events.register("before-parse.dynamodb", _check_body)
    client.meta.events.register("after-call.dynamodb", _check_shape)


def _check_body(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Raise CorruptAnswer unless the body has its checksum and, of a success, is a JSON object."""
    body: bytes = response_dict["body"]
    stated = response_dict["headers"].get("x-amz-crc32")
    if stated is not None and int(stated) != zlib.crc32(body) & 0xFFFFFFFF:
        raise CorruptAnswer(f"the answer to {operation_model.name} failed its checksum")
    if response_dict["status_code"] < 300 and not _is_object(body):
        raise CorruptAnswer(f"the answer to {operation_model.name} is cut short or not an answer of DynamoDB")


def _check_shape(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
    """Raise CorruptAnswer unless a success has what every answer to the operation has."""
    missing = [name for name in _EXPECTED.get(model.name, ()) if name not in parsed]
    if missing and http_response.status_code < 300:
        raise CorruptAnswer(f"the answer to {model.name} is cut short or not an answer of DynamoDB")


def _is_object(body: bytes) -> bool:
    """Tell whether the body can be a JSON object; empty and cut bodies are what this is for."""
    text = body.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    if len(text) > 64:
        # A body that starts and ends right and was parsed by botocore is whole; only tiny ones are ambiguous.
        return True
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
