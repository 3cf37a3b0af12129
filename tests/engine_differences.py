"""List by name where an engine is not DynamoDB, or not fit for a test: nothing else is left out on any engine.

A test that an engine cannot serve carries ``@pytest.mark.difference("name")``, is skipped there, and is counted by its
reason at the end of the run. ``tests/integration/test_engine_differences.py`` asks the engines themselves: a difference
that a newer release of an engine no longer shows fails there, so that this list does not outlive its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

MOTO = "moto"
MINISTACK = "ministack"
DYNAMODB_LOCAL = "dynamodb-local"
# An engine that was named by its URL: taken for DynamoDB, until it shows that it is not.
BY_URL = "url"
ENGINES = (MOTO, MINISTACK, DYNAMODB_LOCAL, BY_URL)


@dataclass(frozen=True)
class Difference:
    """One way in which engines are not alike.

    Attributes:
        reason: what they do, or lack, as the end of a sentence.
        engines: those that do.
    """

    reason: str
    engines: tuple[str, ...]


DIFFERENCES = {
    "missing-maps": Difference("accepts an increment into a map that is not there", (MINISTACK,)),
    "no-lock": Difference("has no lock: threads lose writes, and two writers win one race", (MOTO,)),
    "tokens": Difference("applies a repeated idempotency token twice", (MOTO,)),
    "one-process": Difference("lives in this process: a forked child has a table of its own", (MOTO,)),
    "conditions": Difference("evaluates conditions by rules of its own, and fails on values of two types", (MOTO,)),
    "bad-conditions": Difference("evaluates conditions that DynamoDB refuses", (MINISTACK,)),
    "capacity": Difference("counts capacity units not as DynamoDB does", (MOTO, MINISTACK)),
    "capacity-of-the-demo": Difference(
        "counts otherwise than ministack, which the demo tells of", (MOTO, DYNAMODB_LOCAL, BY_URL)
    ),
    "index-keys": Difference("takes an empty text for the key of an index that a placeholder names", (MOTO,)),
    "many-requests": Difference("copies whole tables, and takes minutes for a test of some hundred requests", (MOTO,)),
    "many-rows": Difference(
        "takes minutes for thousands of rows, and more with every table it held", (MOTO, DYNAMODB_LOCAL, BY_URL)
    ),
    "examples": Difference("keeps the table that an example leaves", (BY_URL,)),
    "read-transactions": Difference("reads at most 25 items in a transaction", (MOTO,)),
    "recovery-and-tags": Difference("knows neither recovery nor tags of a table", (DYNAMODB_LOCAL,)),
    "encryption": Difference("encrypts no table with another key", (MOTO, DYNAMODB_LOCAL)),
    "second-stream": Difference("begins no stream where one was ended", (MOTO,)),
    "table-options": Difference("ignores protection, tags or recovery of a table", (MINISTACK, DYNAMODB_LOCAL, BY_URL)),
}
