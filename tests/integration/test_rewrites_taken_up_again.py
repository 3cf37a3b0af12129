"""A rewrite that is broken off anywhere and taken up again leaves what one that was left alone leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from madmall_models import Database, ItemsNotRewritten
from madmall_models.migration import RemoveAttribute, RewriteItems
from tests.integration.plain_run import PlainRun, Watched, applied
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import everything, nothing_sent

pytestmark = pytest.mark.difference("many-requests")

Item = dict[str, Any]
TYPES = ("CIRCLE", "CIRCLE_MEMBER")


class Killed(BaseException):
    """Be what no code catches, as the end of a process is."""


def in_english(item: Item) -> Item:
    return item if "language" in item else {**item, "language": "en"}


REWRITES = tuple(
    RewriteItems(entity_type, in_english, describe="Say which language is spoken", segments=2) for entity_type in TYPES
)


@pytest.fixture
def content(db: Database) -> Database:
    for number in range(1, 4):
        make_user(db, f"u{number}")
        make_circle(db, f"c{number}")
    db.circles.add_member("c1", "u2")
    return db


def spoken(items: list[Item]) -> list[Item]:
    return [
        {**item, "language": {"S": "en"}} if item["entityType"]["S"] in TYPES else item for item in items
    ]


def put_back(db: Database, items: list[Item]) -> None:
    requests = [{"PutRequest": {"Item": item}} for item in items if item["entityType"]["S"] in TYPES]
    assert len(requests) <= 25
    db.connection.call("BatchWriteItem", {"RequestItems": {db.table_name: requests}})


class KilledRun(PlainRun):
    """Be a run that dies at its nth step: a request, or a point that is written; before it or after it.

    Whatever was on its way in other threads comes to its end, as it does where a process dies.
    """

    def __init__(self, db: Database, *, at: int | None = None, after: bool = False) -> None:
        super().__init__(db)
        self.steps = 0
        self._at, self._after = at, after
        self._lock = threading.Lock()
        self._call = db.connection.call
        db.connection.call = self._watched  # type: ignore[method-assign]

    def write_point(self, part: str, document: Mapping[str, Any]) -> None:
        self._step(lambda: super(KilledRun, self).write_point(part, document))

    def _watched(self, operation: str, request: Any, **options: Any) -> Any:
        small = {**request, "Limit": 8} if operation == "Scan" else request
        return self._step(lambda: self._call(operation, small, **options))

    def _step(self, action: Callable[[], Any]) -> Any:
        with self._lock:
            self.steps += 1
            dies = self.steps == self._at
        if not dies:
            return action()
        if self._after:
            action()
        raise Killed

    def come_back(self) -> None:
        """Be the same run in a new process: the points are there, nothing kills it."""
        self._at = None
        self.database.connection.call = self._call


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_that_is_killed_at_any_step_and_taken_up_again_is_a_run_that_was_not_killed(
    after: bool, content: Database
) -> None:
    before = everything(content)
    counting = KilledRun(content)
    for operation in REWRITES:
        operation.apply(counting)
    counting.come_back()
    assert everything(content) == spoken(before)

    kills = 0
    for at in range(1, counting.steps + 1):
        put_back(content, before)
        run = KilledRun(content, at=at, after=after)
        try:
            for operation in REWRITES:
                operation.apply(run)
        except Killed:
            kills += 1
        run.come_back()

        for operation in REWRITES:
            operation.apply(run)

        assert everything(content) == spoken(before), f"killed at step {at}"
        with nothing_sent(content):
            applied(content, *REWRITES)
    # With threads a run may need a step less than the one that was counted.
    assert kills >= counting.steps - 2


def test_what_was_read_before_is_not_read_again(content: Database) -> None:
    operation = REWRITES[0]
    whole = Watched(content)
    applied(content, operation)
    pages = whole.counts["Scan"]
    assert pages >= 6
    checks = 0

    def stop() -> None:
        nonlocal checks
        checks += 1
        if checks == 5:
            raise Killed

    applied(content, RemoveAttribute("CIRCLE", "language"))
    run = PlainRun(content, on_check=stop)
    with pytest.raises(Killed):
        operation.apply(run)
    kept = {part: point["next"] for part, point in run.points.items()}
    assert kept

    resumed = Watched(content)
    operation.apply(run)

    starts: dict[str, Any] = {}
    for name, request in resumed.sent:
        if name == "Scan":
            starts.setdefault(f"{request['Segment'] + 1}/2", request.get("ExclusiveStartKey"))
    for part, next_key in kept.items():
        assert starts.get(part.rpartition(" ")[2]) == next_key
    assert resumed.counts["Scan"] < pages
    assert run.progress[-1].done == len(everything(content))

    over = Watched(content)
    operation.apply(run)
    assert over.counts["Scan"] == 0


def test_a_segment_is_taken_up_before_the_first_item_that_could_not_be_rewritten(content: Database) -> None:
    bad = {"c2"}

    def judged(item: Item) -> Item:
        if item["PK"].removeprefix("CIRCLE#") in bad:
            raise ValueError("not yet")
        return in_english(item)

    operation = RewriteItems("CIRCLE", judged, describe="Judge circles", segments=1)
    watched = Watched(content)
    run = PlainRun(content)
    with pytest.raises(ItemsNotRewritten):
        operation.apply(run)
    pages = watched.counts["Scan"]
    for _ in range(2):
        with pytest.raises(ItemsNotRewritten, match="1 of "):
            operation.apply(run)

    bad.clear()
    resumed = Watched(content)
    operation.apply(run)

    assert resumed.counts["UpdateItem"] == 1
    assert resumed.counts["Scan"] <= pages
    assert [item["PK"]["S"] for item in everything(content) if "language" in item] == [
        "CIRCLE#c1",
        "CIRCLE#c2",
        "CIRCLE#c3",
    ]


def test_operations_of_one_step_keep_their_places_apart(content: Database) -> None:
    def with_country(item: Item) -> Item:
        return {**item, "country": "us"}

    run = applied(content, REWRITES[0], RewriteItems("CIRCLE", with_country, describe="Say where", segments=2))

    assert len(run.points) == 4
    circles = [item for item in everything(content) if item["entityType"]["S"] == "CIRCLE"]
    assert all({"language", "country"} <= item.keys() for item in circles)


def test_a_run_that_is_told_to_stop_stops_and_leaves_no_thread(content: Database) -> None:
    class Cancelled(Exception):
        pass

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        applied(content, REWRITES[0], on_check=stop)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("madmall-")]
    assert not [item for item in everything(content) if "language" in item]
