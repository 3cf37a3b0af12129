"""Refuse what an IAM policy does not allow, as IAM would: by action, resource and leading key."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Any

_KINDS = ("Put", "Update", "Delete", "ConditionCheck")
_PARTITION = re.compile(r"(?P<name>#?\w+) = (?P<value>:\w+)")


class PolicyGuard:
    """Ask one policy about requests."""

    def __init__(self, policy: Mapping[str, Any], table_arn: str) -> None:
        self._statements = policy["Statement"]
        self._arn = table_arn

    def refusals(self, operation: str, request: Mapping[str, Any]) -> list[str]:
        """Return what of a request no statement allows."""
        return [
            f"{action} on {resource} with {sorted(keys)}"
            for action, resource, keys in self._asked(operation, request)
            if not any(self._allows(statement, action, resource, keys) for statement in self._statements)
        ]

    def _allows(self, statement: Mapping[str, Any], action: str, resource: str, keys: set[str]) -> bool:
        if f"dynamodb:{action}" not in statement["Action"] or statement["Resource"] != resource:
            return False
        patterns = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
        return patterns is None or all(any(fnmatch.fnmatchcase(key, each) for each in patterns) for key in keys)

    def _asked(self, operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
        if operation == "TransactWriteItems":
            for each in request["TransactItems"]:
                ((kind, action),) = each.items()
                assert kind in _KINDS
                yield f"{kind}Item", self._arn, {_partition(action.get("Key") or action["Item"])}
        elif operation == "TransactGetItems":
            for each in request["TransactItems"]:
                yield "GetItem", self._arn, {_partition(each["Get"]["Key"])}
        elif operation == "BatchGetItem":
            (asked,) = request["RequestItems"].values()
            yield operation, self._arn, set(map(_partition, asked["Keys"]))
        elif operation == "BatchWriteItem":
            (writes,) = request["RequestItems"].values()
            items = [each.get("PutRequest", {}).get("Item") or each["DeleteRequest"]["Key"] for each in writes]
            yield operation, self._arn, set(map(_partition, items))
        elif operation == "Query":
            index = request.get("IndexName")
            yield operation, f"{self._arn}/index/{index}" if index else self._arn, {_asked_partition(request)}
        else:
            item = request.get("Key") or request.get("Item")
            yield operation, self._arn, {_partition(item)} if item else set()


def _partition(item: Mapping[str, Any]) -> str:
    return str(item["PK"]["S"])


def _asked_partition(request: Mapping[str, Any]) -> str:
    found = _PARTITION.search(request["KeyConditionExpression"])
    assert found is not None
    return str(request["ExpressionAttributeValues"][found["value"]]["S"])
