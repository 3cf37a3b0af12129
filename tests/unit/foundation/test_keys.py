"""A key is asked by its fields; what is missing, unknown or unfit is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    Comment,
    Database,
    KeyValueError,
    Query,
    QueryError,
    Resource,
    Story,
    User,
)
from madmall_models.key_condition import SortRange
from madmall_models.keys import ItemKey

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LAST = "\U0010ffff"
NOON_TEXT = "2026-11-22T12:00:00.000Z"

database = Database(table="table")


def asking(key: Any, **fields: Any) -> Query[Any]:
    query: Query[Any] = database.query_of(key, key.checked_fields(fields))
    return query


# -- keys of items -------------------------------------------------------------------------------------------------


def test_the_key_of_an_item_is_made_by_name_or_by_position() -> None:
    by_name = CircleMember.key.of(circle_id="c1", user_id="u1")
    assert (by_name.partition, by_name.sort) == ("CIRCLE#c1", "MEMBER#u1")
    assert by_name == CircleMember.key.of("c1", "u1") == CircleMember.key.of("c1", user_id="u1")
    assert by_name.wire == {"PK": {"S": "CIRCLE#c1"}, "SK": {"S": "MEMBER#u1"}}
    assert by_name.entity is CircleMember


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (lambda: User.key.of(), "User.key takes user_id; missing: user_id"),
        (lambda: User.key.of(user_id=None), "missing: user_id"),
        (lambda: User.key.of(uid="u1"), "User.key takes user_id; missing: user_id; unknown: uid"),
        (lambda: User.key.of("u1", user_id="u1"), "User.key takes user_id, each once"),
        (lambda: User.key.of("u1", "u2"), "User.key takes user_id, each once"),
        (lambda: CircleMember.key.of("c1"), "takes circle_id, user_id; missing: user_id"),
        (lambda: User.key.of("canary@example.org"), "User: user_id takes an id (1 to 128 of A-Z a-z 0-9 _ -)"),
        (lambda: User.key.of(""), "User: user_id takes an id"),
        (lambda: User.key.of(5), "User: user_id takes an id"),
        (lambda: User.key.of("canary#PROFILE"), "User: user_id takes an id"),
        (lambda: User.key.of("u" * 129), "User: user_id takes an id"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(make: Callable[[], ItemKey], fact: str) -> None:
    with pytest.raises(KeyValueError) as refused:
        make()
    assert fact in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_key_shows_its_kind_and_not_its_values() -> None:
    assert repr(User.key.of("canary")) == "<key of User USER#... / PROFILE>"
    assert repr(CircleMember.key.of("canary", "canary2")) == "<key of CircleMember CIRCLE#... / MEMBER>"
    assert repr(Circle.by_type) == "<IndexKey Circle.by_type CIRCLE_TYPE#{type} / CREATED#{created_at}>"


# -- fields of a query ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "fact"),
    [
        (lambda: asking(Circle.by_type), "Circle.by_type.query needs type: the partition key is CIRCLE_TYPE#{type}"),
        (
            lambda: asking(Circle.by_type, kind="x"),
            "Circle.by_type has no key field kind; its fields are type, created_at",
        ),
        (lambda: asking(Circle.by_type, type=None), "needs type"),
        (
            lambda: asking(Story.in_circle, circle_id="c1", story_id="s1"),
            "takes the fields of STORY#{created_at}#{story_id} from the left, without a gap",
        ),
        (lambda: asking(Story.by_author, author_id="canary@example.org").explain(), "author.id takes an id"),
    ],
)
def test_a_query_that_cannot_be_asked_says_why(ask: Callable[[], object], fact: str) -> None:
    with pytest.raises((QueryError, KeyValueError)) as refused:
        ask()
    assert fact in str(refused.value)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("name", ["author_id", "author.id"])
def test_a_field_of_a_document_is_given_with_an_underscore_or_a_dot(name: str) -> None:
    assert asking(Story.by_author, **{name: "u1"}).sort_range().partition == "AUTHOR#u1"


def test_a_time_may_be_given_as_text() -> None:
    by_text, by_time = (
        asking(Circle.by_type, type="support_group", created_at=at).sort_range() for at in (NOON.isoformat(), NOON)
    )
    assert by_text == by_time == SortRange("CIRCLE_TYPE#support_group", "=", (f"CREATED#{NOON_TEXT}",))


# -- the part that is read -----------------------------------------------------------------------------------------

CASES: list[tuple[Callable[[], Query[Any]], str, tuple[str, ...]]] = [
    (lambda: asking(Circle.by_type, type="t"), "begins_with", ("CREATED#",)),
    (lambda: asking(Circle.by_type, type="t", created_at=NOON), "=", (f"CREATED#{NOON_TEXT}",)),
    (lambda: asking(CircleMember.key, circle_id="c1"), "begins_with", ("MEMBER#",)),
    (lambda: asking(Circle.key, circle_id="c1"), "=", ("METADATA",)),
    (lambda: asking(Story.featured), "", ()),
    (lambda: asking(Story.in_circle, circle_id="c1", created_at=NOON), "begins_with", (f"STORY#{NOON_TEXT}#",)),
    (lambda: asking(Circle.by_type, type="t").since(NOON), "between", (f"CREATED#{NOON_TEXT}", f"CREATED#{LAST}")),
    (lambda: asking(Circle.by_type, type="t").until(NOON), "between", ("CREATED#", f"CREATED#{NOON_TEXT}")),
    (
        lambda: asking(Circle.by_type, type="t").between("2026-11", "2026-12"),
        "between",
        ("CREATED#2026-11", "CREATED#2026-12"),
    ),
    (
        lambda: asking(Circle.by_type, type="t").since("2026-11").until(NOON),
        "between",
        ("CREATED#2026-11", f"CREATED#{NOON_TEXT}"),
    ),
    (lambda: asking(Circle.by_type, type="t").begins_with("2026"), "begins_with", ("CREATED#2026",)),
    (lambda: asking(Circle.by_type, type="t").begins_with(""), "begins_with", ("CREATED#",)),
    (lambda: asking(Story.featured).since(NOON), ">=", (NOON_TEXT,)),
    # The items of that very moment have keys that go on with the id.
    (lambda: asking(Story.featured).until(NOON), "<=", (f"{NOON_TEXT}#{LAST}",)),
    (lambda: asking(Story.featured).until("2026-11-22"), "<=", ("2026-11-22",)),
    (
        lambda: asking(Story.in_circle, circle_id="c1", created_at=NOON).begins_with("s"),
        "begins_with",
        (f"STORY#{NOON_TEXT}#s",),
    ),
    (
        lambda: asking(Resource.by_category, category="education").begins_with("How #1 %"),
        "begins_with",
        ("TITLE#how %231 %25",),
    ),
]


@pytest.mark.parametrize(("ask", "operator", "texts"), CASES)
def test_a_query_reads_the_part_that_is_asked_for(
    ask: Callable[[], Query[Any]], operator: str, texts: tuple[str, ...]
) -> None:
    span = ask().sort_range()
    assert (span.operator, span.texts) == (operator, texts)


@pytest.mark.defect(38, 51)
@pytest.mark.parametrize(
    ("narrow", "fact"),
    [
        (lambda query: query.since(NOON).since(NOON), "the sort key is narrowed already"),
        (lambda query: query.since(NOON).begins_with("2026"), "the sort key is narrowed already"),
        (lambda query: query.begins_with("2026").until(NOON), "the sort key is narrowed already"),
        (lambda query: query.between(NOON, NOON).until(NOON), "the sort key is narrowed already"),
        (lambda query: query.since(None), "a bound is missing"),
        (lambda query: query.between(NOON, None), "a bound is missing"),
        (lambda query: query.since(datetime(2026, 11, 22)), "a bound without an offset is ambiguous"),
        (lambda query: query.since(""), "a bound of created_at is empty"),
        (lambda query: query.begins_with(NOON), "begins_with takes text, not datetime"),
        (
            lambda query: query.between(NOON, NOON - timedelta(1)),
            "the lower bound of created_at is above the upper one",
        ),
        (lambda query: query.since("yesterday"), "a bound of created_at is a datetime, or a text such as 2026-12"),
        (lambda query: query.filter(Circle.name.startswith("a") & (Circle.name == Circle.name)), "with itself"),
        (lambda query: query.filter(Circle.name.is_in(*map(str, range(101)))), "IN takes 1 to 100 values"),
        (lambda query: query.limit(0), "a limit is a whole number above 0"),
        (lambda query: query.limit(True), "a limit is a whole number above 0"),
        (lambda query: query.limit("5"), "a limit is a whole number above 0"),
        (lambda query: query.page(size=0), "a page has 1 to 1000 items"),
        (lambda query: query.page(size=1001), "a page has 1 to 1000 items"),
        (lambda query: query.consistent(), "is in GSI1, which DynamoDB never reads consistently"),
        (lambda query: query.filter("status = active"), "filter takes a condition such as"),
        (lambda query: query.filter(True), "filter takes a condition such as"),
        (lambda query: query.filter(Circle.GSI1SK == "x"), "a filter cannot name GSI1SK; narrow the key instead"),
        (lambda query: query.only(), "only() takes attributes of Circle"),
        (lambda query: query.only("nmae"), "unknown: 'nmae'"),
        (lambda query: query.only("settings.max_member"), "settings.max_member"),
    ],
)
def test_a_query_is_refused_before_it_is_sent(narrow: Callable[[Any], object], fact: str) -> None:
    with pytest.raises(QueryError) as refused:
        narrow(asking(Circle.by_type, type="support_group"))
    assert fact in str(refused.value)
    assert "Circle.by_type" in str(refused.value) or "created_at" in fact


def test_there_is_nothing_to_narrow_where_the_whole_key_is_known() -> None:
    with pytest.raises(QueryError, match=r"the whole sort key .* is known; there is nothing left to narrow"):
        asking(Circle.by_type, type="t", created_at=NOON).since(NOON)


def test_a_filter_on_a_table_key_is_refused_for_a_key_of_the_table() -> None:
    with pytest.raises(QueryError, match="a filter cannot name PK, SK"):
        asking(Comment.key, story_id="s1").filter((Comment.PK == "x") & (Comment.SK == "y"))


def test_a_query_is_a_value_and_each_step_a_new_one() -> None:
    query = asking(Circle.by_type, type="support_group")
    narrowed = query.since(NOON - timedelta(days=1)).limit(5).newest_first().filter(Circle.is_active == True)
    assert (query.most, query.forward, query.filters, query.lower) == (None, True, None, None)
    assert (narrowed.most, narrowed.forward) == (5, False)
    assert narrowed.oldest_first().forward
    with pytest.raises(AttributeError):
        query.most = 5  # type: ignore[misc]


def test_a_long_text_is_cut_in_the_sort_key_of_an_index_and_refused_elsewhere() -> None:
    resource = Resource(resource_id="r1", title="ü" * 2000, category="education", author={"id": "u1"})
    key = Resource.by_category.stored_key(resource.field_values())
    assert key is not None
    assert len(key.sort.encode()) <= 1024
    assert key.sort.startswith("TITLE#üüü")
    user = User(user_id="u1", email="x" * 2048 + "@example.org")
    with pytest.raises(KeyValueError, match=r"User\.by_email partition key EMAIL#\{email:fold\} is 2066 bytes"):
        user.rendered_keys()
    with pytest.raises(KeyValueError, match=r"User\.unique_email \{email:fold\} is \d+ bytes.*at most 2048"):
        User.unique_email.claim_key(user.field_values())


def test_an_index_key_is_written_whole_or_not_at_all() -> None:
    circle = Circle(circle_id="c1", name="Circle", type="support_group")
    assert not {"GSI1PK", "GSI1SK"} & set(circle.rendered_keys())
    circle.created_at = NOON
    assert {"GSI1PK", "GSI1SK"} <= set(circle.rendered_keys())
    circle.type = None
    assert not {"GSI1PK", "GSI1SK"} & set(circle.rendered_keys())


def test_every_key_says_which_question_it_answers() -> None:
    for entity in (User, Circle, CircleMember, Story, Comment, Resource):
        for key in entity.keys.values():
            pattern = key.access_pattern()
            assert str(pattern) == f"{entity.__name__}.{key.name}: {key.answers}"
            assert pattern.answers.endswith("?")
            assert pattern.partition_key == key.partition.text
