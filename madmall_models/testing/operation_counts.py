"""Say in a test how many requests an operation may send, and what they may cost."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from madmall_models.connection.metrics import CountedCall
from madmall_models.database import Database

# By the word that a test says.
OPERATIONS = {
    "get_item": "GetItem",
    "query": "Query",
    "scan": "Scan",
    "batch_get_item": "BatchGetItem",
    "transact_get_items": "TransactGetItems",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "batch_write_item": "BatchWriteItem",
    "transact_write_items": "TransactWriteItems",
}


@contextmanager
def assert_operations(
    database: Database, *, others: int | None = None, **counts: int
) -> Iterator[Sequence[CountedCall]]:
    """Fail unless the block sends exactly so many requests of each operation that is named.

    A query that reads three pages is three of ``query``; a request that is repeated after a failure is one. The block
    is given the calls, to look at them.

    Args:
        database: the one whose calls count.
        others: how many of all operations that are not named; any number when left out.
        counts: by DynamoDB's names, ``query=1, get_item=0``.

    Raises:
        AssertionError: other numbers were sent; every call is listed, without values of items.
        TypeError: there is no such operation; a near miss is named.
    """
    wanted = {_operation(name): count for name, count in counts.items()}
    with database.connection.journal() as calls:
        yield calls
    sent = Counter(call.operation for call in calls)
    faults = [
        f"{name}: {sent[name]} sent, {count} expected" for name, count in wanted.items() if sent[name] != count
    ]
    rest = sum(count for name, count in sent.items() if name not in wanted)
    if others is not None and rest != others:
        faults.append(f"other operations: {rest} sent, {others} expected")
    _fail("the operations are others than expected", faults, calls)


@contextmanager
def assert_max_capacity(
    database: Database, *, read: float | None = None, write: float | None = None
) -> Iterator[Sequence[CountedCall]]:
    """Fail if the block takes more capacity units than it may, as the engine reports them.

    DynamoDB Local reports what DynamoDB would. ministack does not count the size of what is read, and moto gives the
    same number for every request, so that there this only bounds the number of requests; of transactions moto reports
    nothing, and they cannot be bounded there.

    Args:
        database: the one whose calls count.
        read: units for all reads; any number when left out.
        write: units for all writes; any number when left out.

    Raises:
        AssertionError: it took more; every call is listed, without values of items. Or the engine reports no units of
            an operation, so that nothing can be said.
        TypeError: neither is bounded.
    """
    if read is None and write is None:
        raise TypeError("assert_max_capacity bounds nothing; give read=, write= or both")
    with database.connection.journal() as calls:
        yield calls
    _refuse_unreported(calls)
    taken = {
        "read": (sum(call.read_units for call in calls), read),
        "write": (sum(call.write_units for call in calls), write),
    }
    faults = [
        f"{kind}: {units:g} units taken, {most:g} allowed"
        for kind, (units, most) in taken.items()
        if most is not None and units > most
    ]
    _fail("more capacity was taken than allowed", faults, calls)


def _refuse_unreported(calls: Sequence[CountedCall]) -> None:
    reported = {call.operation for call in calls if call.read_units or call.write_units}
    unreported = sorted({call.operation for call in calls} - reported)
    if unreported:
        raise AssertionError(
            f"this engine reports no units of {', '.join(unreported)}, so that nothing can be said of them; "
            "run the test on another one, as by @pytest.mark.madmall(engine='ministack')"
        )


def _operation(name: str) -> str:
    if name in OPERATIONS:
        return OPERATIONS[name]
    near = difflib.get_close_matches(name, OPERATIONS, 1)
    meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(OPERATIONS)}"
    raise TypeError(f"there is no operation {name!r}{meant}")


def _fail(fact: str, faults: Sequence[str], calls: Sequence[CountedCall]) -> None:
    if not faults:
        return
    listed = [f"  {number}. {_described(call)}" for number, call in enumerate(calls, 1)] or ["  none"]
    raise AssertionError("\n".join([f"{fact}:", *(f"  {fault}" for fault in faults), "calls, in order:", *listed]))


def _described(call: CountedCall) -> str:
    asked = call.pattern or "several entities"
    return f"{call.operation} {asked} ({call.read_units:g} read, {call.write_units:g} written units)"
