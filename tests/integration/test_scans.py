"""A scan is asked for by name, reads everything once, in parallel, and leaves nothing behind."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from madmall_models import Circle, CircleMember, Database, Entity, QueryError, Scan, Throttled, User
from madmall_models.table_segments import segment_pages
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import edit

PEOPLE = [f"u{number}" for number in range(1, 13)]


@pytest.fixture
def content(db: Database) -> Database:
    """Give a database with people and two circles, of which every person is in one."""
    for user_id in PEOPLE:
        make_user(db, user_id)
    make_circle(db, "c1")
    make_circle(db, "c2", owner="u2")
    for user_id in PEOPLE[2:]:
        db.circles.add_member("c1", user_id)
    make_story(db, "s1", circle_id="c1")
    return db


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("madmall-scan")]


class Watched:
    """Stand between a scan and its connection: count pages, make them small, and fail where it is told to."""

    def __init__(self, db: Database, *, size: int = 3, fail_after: int | None = None) -> None:
        self.call = db.connection.call
        self.size = size
        self.fail_after = fail_after
        self.segments: Counter[int] = Counter()
        db.connection.call = self  # type: ignore[method-assign,assignment]

    def __call__(self, operation: str, request: Any, **options: Any) -> Any:
        if operation != "Scan":
            return self.call(operation, request, **options)
        self.segments[request["Segment"]] += 1
        if self.fail_after is not None and self.segments.total() > self.fail_after:
            raise Throttled("the table lacks capacity")
        return self.call(operation, {**request, "Limit": self.size}, **options)


@pytest.mark.parametrize("segments", [1, 2, 4, 7])
@pytest.mark.parametrize("consistent", [False, True])
def test_every_item_of_the_entity_is_there_once(segments: int, consistent: bool, content: Database) -> None:
    watched = Watched(content)
    users = list(content.scan(User, segments=segments, consistent=consistent))
    assert sorted(user.user_id for user in users) == sorted(PEOPLE)
    assert set(watched.segments) == set(range(segments))
    assert watched.segments.total() > segments
    assert threads() == []
    assert users[0].save()


def test_a_mirror_is_not_handed_out_beside_its_item(content: Database) -> None:
    members = list(content.scan(CircleMember))
    assert sorted(member.user_id for member in members) == sorted(PEOPLE)
    assert content.scan(CircleMember).count() == len(PEOPLE)


def test_expired_items_are_hidden_and_filters_hold(content: Database) -> None:
    edit(content, User.key.of("u3"), "SET #ttl = :ttl", ttl={"N": "1"})
    scan = content.scan(User)
    assert sorted(user.user_id for user in scan) == sorted(set(PEOPLE) - {"u3"})
    assert scan.including_expired().count() == len(PEOPLE)
    some = scan.filter(User.user_id.is_in("u1", "u3", "u5")).filter(User.profile.first_name == "Jane")
    assert sorted(user.user_id for user in some) == ["u1", "u5"]
    assert isinstance(some, Scan)


def test_nothing_is_read_before_it_is_asked_for_and_nothing_after_it_is_left(content: Database) -> None:
    watched = Watched(content)
    scan = content.scan(User, segments=2)
    assert watched.segments.total() == 0
    list(scan)
    whole = watched.segments.total()
    for _ in scan:
        break
    assert threads() == []
    left = watched.segments.total()
    assert left < 2 * whole
    iterator = iter(scan)
    next(iterator)
    iterator.close()  # type: ignore[attr-defined]
    assert threads() == []
    assert watched.segments.total() < left + whole


def test_a_reader_that_waits_holds_the_segments_back(content: Database) -> None:
    watched = Watched(content, size=1)
    segments = 3
    request = content.scan(Circle, segments=segments).request()
    for taken, _ in enumerate(segment_pages(content.connection, request, segments)):
        # One answer is in the hand; of each segment, one at most waits or is on its way.
        assert watched.segments.total() <= taken + segments


def test_an_error_of_a_segment_is_raised_and_ends_the_others(content: Database) -> None:
    watched = Watched(content, fail_after=5)
    with pytest.raises(Throttled):
        list(content.scan(User))
    assert threads() == []
    assert watched.segments.total() <= 5 + 4


@pytest.mark.parametrize("entity", [None, "User", Entity, dict, User.key, 5])
def test_what_is_no_entity_class_is_refused(entity: Any, db: Database) -> None:
    with pytest.raises(QueryError, match="scan takes an entity class"):
        db.scan(entity)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"segments": 0}, "1 to 64 segments"),
        ({"segments": 65}, "1 to 64 segments"),
        ({"segments": True}, "whole number"),
        ({"segments": "4"}, "whole number"),
        ({"consistent": 1}, "True or False"),
    ],
)
def test_what_is_out_of_range_is_refused(options: dict[str, Any], reason: str, db: Database) -> None:
    with pytest.raises(QueryError, match=reason):
        db.scan(User, **options)


def test_a_filter_that_cannot_be_sent_is_refused(db: Database) -> None:
    for condition in (Circle.type == "a", User.email == None, 5):  # noqa: E711
        with pytest.raises(QueryError):
            db.scan(User).filter(condition)


def test_it_is_priced_before_it_is_sent(db: Database) -> None:
    before = db.metrics().total
    explained = db.scan(User, segments=8).filter(User.is_active == True).explain()
    assert "the whole table is read, in 8 segments" in explained.key_condition
    assert (explained.read_units, explained.read_units_per_item) == (128, 0.125)
    assert db.scan(User, consistent=True).explain().read_units == 256
    assert any("every item of every entity is read and paid for" in text for text in explained.warnings)
    assert db.metrics().total == before


def test_nothing_else_scans(content: Database) -> None:
    watched = Watched(content)
    with pytest.raises(QueryError, match=r"or db\.scan\(User\) if that is meant"):
        User.scan()
    content.users.count()
    list(content.users.of_tenant())
    list(content.circles.get_by_type("support_group").filter(Circle.is_active == True))
    content.circles.delete("c2")
    content.health()
    assert watched.segments.total() == 0
