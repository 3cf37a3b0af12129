"""Items are rewritten beside their traffic, each as a whole or not at all, and a second time nothing is left to do."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    Database,
    ItemsNotRewritten,
    RewriteRefused,
    TableNotFound,
    Throttled,
    User,
    VersionConflict,
)
from madmall_models.keys import ItemKey
from madmall_models.migration import Pace, RemoveAttribute, RewriteItems
from tests.integration.plain_run import PlainRun, Watched, applied
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import edit, everything, nothing_written, raw, raw_or_none

Item = dict[str, Any]


def in_english(item: Item) -> Item:
    return item if "language" in item else {**item, "language": "en"}


ENGLISH = RewriteItems("CIRCLE", in_english, describe="Say which language a circle speaks")


@pytest.fixture
def content(db: Database) -> Database:
    """Give a database with six people and four circles, of which two have more than one member."""
    for number in range(1, 7):
        make_user(db, f"u{number}")
    for number in range(1, 5):
        make_circle(db, f"c{number}")
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c2", "u3")
    return db


def of_type(db: Database, entity_type: str) -> list[Item]:
    return [item for item in everything(db) if item["entityType"]["S"] == entity_type]


# -- what is changed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("segments", [1, 3])
def test_items_of_the_type_are_rewritten_and_no_others(segments: int, content: Database) -> None:
    before = everything(content)
    operation = RewriteItems("CIRCLE", in_english, describe="Say which language a circle speaks", segments=segments)

    run = applied(content, operation)

    expected = [
        {**item, "language": {"S": "en"}} if item["entityType"]["S"] == "CIRCLE" else item for item in before
    ]
    assert everything(content) == expected
    assert run.notes == ["Say which language a circle speaks (CIRCLE): 4 of 4 items were changed"]
    assert (run.progress[-1].is_over, run.progress[-1].written) == (True, 4)
    assert run.progress[-1].done == len(before)
    assert not any(progress.is_over for progress in run.progress[:-1])


def test_a_second_run_writes_nothing(content: Database) -> None:
    applied(content, ENGLISH)
    watched = Watched(content)

    run = applied(content, ENGLISH)

    assert set(watched.counts) == {"DescribeTable", "Scan"}
    # What was acknowledged a moment before the run is read by it.
    assert all(request["ConsistentRead"] for operation, request in watched.sent if operation == "Scan")
    assert run.notes[0].endswith("0 of 4 items were changed")


def test_a_mirror_is_rewritten_like_its_item(content: Database) -> None:
    def greeted(item: Item) -> Item:
        return item if "greeted" in item else {**item, "greeted": True}

    run = applied(content, RewriteItems("CIRCLE_MEMBER", greeted, describe="Greet members"))

    copies = of_type(content, "CIRCLE_MEMBER")
    assert len(copies) == 2 * content.scan(CircleMember).count() == 12
    assert all(item["greeted"] == {"BOOL": True} for item in copies)
    assert run.notes == ["Greet members (CIRCLE_MEMBER): 12 of 12 items were changed"]


def test_version_and_time_of_change_stay_and_an_editor_is_not_refused(content: Database) -> None:
    edited = content.circles.get("c1")
    before = raw(content, Circle.key.of("c1"))

    applied(content, ENGLISH)

    after = raw(content, Circle.key.of("c1"))
    assert after == {**before, "language": {"S": "en"}}
    edited.name = "A new name"
    assert edited.save().version == 2
    assert raw(content, Circle.key.of("c1"))["language"] == {"S": "en"}


def test_a_function_that_sets_the_version_has_editors_read_again(content: Database) -> None:
    def renamed(item: Item) -> Item:
        return item if item["name"] == "New" else {**item, "name": "New", "version": item["version"] + 1}

    edited = content.circles.get("c1")
    applied(content, RewriteItems("CIRCLE", renamed, describe="Rename circles"))
    edited.name = "Mine"
    with pytest.raises(VersionConflict):
        edited.save()


def test_keys_of_indexes_may_change_and_are_found_by_the_new_ones(content: Database) -> None:
    def moved(item: Item) -> Item:
        return {**item, "type": "walks", "GSI1PK": "CIRCLE_TYPE#walks"}

    applied(content, RewriteItems("CIRCLE", moved, describe="Make walks of all circles"))
    assert content.circles.get_by_type("walks").count() == 4
    assert content.circles.get_by_type("support_group").count() == 0


def test_an_attribute_is_removed_from_every_item(content: Database) -> None:
    for user_id in ("u1", "u4"):
        edit(content, User.key.of(user_id), "SET legacyFlag = :yes, profile.legacy = :yes", yes={"BOOL": True})
    before = everything(content)

    run = applied(content, RemoveAttribute("USER", "legacyFlag"), RemoveAttribute("USER", "profile.legacy"))

    for item in before:
        item.pop("legacyFlag", None)
        item.get("profile", {"M": {}})["M"].pop("legacy", None)
    assert everything(content) == before
    assert [note.partition(": ")[2] for note in run.notes] == ["2 of 6 items were changed"] * 2


def test_a_table_without_such_items_is_no_error(db: Database) -> None:
    assert applied(db, ENGLISH).notes[0].endswith("0 of 0 items were changed")


# -- traffic -------------------------------------------------------------------------------------------------------


@pytest.mark.difference("no-lock")
def test_no_increment_is_lost_while_items_are_rewritten(content: Database) -> None:
    key = Circle.key.of("c1")
    ends, added = threading.Event(), Counter[str]()

    def count() -> None:
        while not ends.is_set():
            content.connection.call(
                "UpdateItem",
                {
                    "TableName": content.table_name,
                    "Key": key.wire,
                    "UpdateExpression": "ADD stats.memberCount :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                },
            )
            added["one"] += 1

    def marked(number: int) -> Callable[[Item], Item]:
        def mark(item: Item) -> Item:
            item["stats"]["round"] = number
            return item

        return mark

    before = int(raw(content, key)["stats"]["M"]["memberCount"]["N"])
    traffic = threading.Thread(target=count)
    traffic.start()
    try:
        for number in range(15):
            applied(content, RewriteItems("CIRCLE", marked(number), describe="Mark"))
    finally:
        ends.set()
        traffic.join()

    stats = raw(content, key)["stats"]["M"]
    assert stats["round"] == {"N": "14"}
    assert added["one"] > 15
    assert int(stats["memberCount"]["N"]) == before + added["one"]


def once(action: Callable[[], object], *, key: ItemKey | None = None) -> Callable[[str, Any], None]:
    """Return what does something before the first update, or before the first one of an item."""
    lock, pending = threading.Lock(), [action]

    def before(operation: str, request: Any) -> None:
        if operation != "UpdateItem" or (key is not None and request["Key"] != key.wire):
            return
        with lock:
            action = pending.pop() if pending else None
        if action is not None:
            action()

    return before


def test_who_loses_the_race_for_a_leaf_reads_it_again(content: Database) -> None:
    def shouted(item: Item) -> Item:
        return {**item, "name": item["name"].upper()}

    key = Circle.key.of("c1")
    operation = RewriteItems("CIRCLE", shouted, describe="Shout", segments=1)

    def change() -> None:
        for number in range(1, 5):
            content.circles.update(f"c{number}", name=f"theirs {number}")

    watched = Watched(content, once(change))
    run = applied(content, operation)

    names = sorted(item["name"]["S"] for item in of_type(content, "CIRCLE"))
    assert names == ["THEIRS 1", "THEIRS 2", "THEIRS 3", "THEIRS 4"]
    assert raw(content, key)["version"] == {"N": "2"}
    assert watched.counts["GetItem"] >= 1
    assert run.notes[0].endswith("4 of 4 items were changed")


def test_what_is_made_of_a_leaf_that_stays_is_made_of_what_it_is_now(content: Database) -> None:
    """The function does nothing the second time, so a value made of an old name would stay for ever."""

    def initialled(item: Item) -> Item:
        return item if "initial" in item else {**item, "initial": item["name"][0]}

    Watched(content, once(lambda: [content.circles.update(f"c{n}", name="Zebra") for n in range(1, 5)]))

    applied(content, RewriteItems("CIRCLE", initialled, describe="Note initials"))

    assert [item["initial"]["S"] for item in of_type(content, "CIRCLE")] == ["Z"] * 4


def test_an_item_that_is_deleted_meanwhile_does_not_come_back(content: Database) -> None:
    key = Circle.key.of("c3")
    # Without a version, and with nothing to change but what is not there, all that is known is that it exists.
    edit(content, key, "REMOVE version")
    gone = {"TableName": content.table_name, "Key": key.wire}
    Watched(content, once(lambda: content.connection.call("DeleteItem", gone), key=key))

    run = applied(content, ENGLISH)

    assert raw_or_none(content, key) is None
    assert run.notes[0].endswith("3 of 4 items were changed")


def test_a_map_that_is_removed_meanwhile_is_a_lost_race(content: Database) -> None:
    def rounded(item: Item) -> Item:
        if "stats" in item:
            item["stats"]["round"] = 1
        return item

    key = Circle.key.of("c3")
    Watched(content, once(lambda: edit(content, key, "REMOVE stats"), key=key))

    applied(content, RewriteItems("CIRCLE", rounded, describe="Count rounds"))

    assert "stats" not in raw(content, key)


def test_an_item_that_others_change_faster_is_counted_and_left(
    content: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    turns = iter(range(10_000))

    def change(operation: str, request: Any) -> None:
        if operation == "UpdateItem" and "language" in request["ExpressionAttributeNames"].values():
            content.connection.client.update_item(
                TableName=content.table_name,
                Key=Circle.key.of("c1").wire,
                UpdateExpression="SET version = :next",
                ExpressionAttributeValues={":next": {"N": str(100 + next(turns))}},
            )

    Watched(content, change)
    with pytest.raises(ItemsNotRewritten, match=r"1 of 4 items .*others changed the item again and again") as failed:
        applied(content, ENGLISH)
    assert failed.value.count == 1
    assert sorted("language" in item for item in of_type(content, "CIRCLE")) == [False, True, True, True]


# -- what cannot be done -------------------------------------------------------------------------------------------


def test_an_item_on_which_the_function_raises_stays_and_the_others_are_rewritten(content: Database) -> None:
    edit(content, Circle.key.of("c2"), "REMOVE tenantId")
    before = raw(content, Circle.key.of("c2"))

    def with_tenant(item: Item) -> Item:
        return {**item, "place": item["tenantId"]}

    operation = RewriteItems("CIRCLE", with_tenant, describe="Note where circles are", segments=2)
    run = PlainRun(content)
    with pytest.raises(ItemsNotRewritten) as failed:
        operation.apply(run)

    assert str(failed.value).startswith(
        "Note where circles are (CIRCLE): 1 of 4 items cannot be rewritten and are as they were: "
        "1 x PK=CIRCLE#..., SK=METADATA#...: the function raised KeyError in line "
    )
    assert failed.value.count == sum(failed.value.reasons.values()) == 1
    assert "c2" not in str(failed.value)
    assert raw(content, Circle.key.of("c2")) == before
    assert sum("place" in item for item in of_type(content, "CIRCLE")) == 3
    assert run.progress[-1].rejected == 1

    # The item is mended: the same run, taken up again, comes back to it.
    edit(content, Circle.key.of("c2"), "SET tenantId = :here", here={"S": "here"})
    operation.apply(run)
    assert sum("place" in item for item in of_type(content, "CIRCLE")) == 4


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda item: {**item, "count": item.get("count", 0) + 1}, "the function changes its own result in count"),
        (lambda item: {**item, "SK": "OTHER"}, "the function changes SK"),
        (lambda item: item.update(language="en"), "changes the item and returns None"),
    ],
)
def test_a_function_that_is_at_fault_is_refused_before_anything_is_written(
    function: Any, said: str, content: Database
) -> None:
    with nothing_written(content), pytest.raises(RewriteRefused, match=said):
        applied(content, RewriteItems("CIRCLE", function, describe="Do harm"))
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("madmall-")]


@pytest.mark.difference("index-keys")
def test_a_key_of_an_index_that_dynamodb_refuses_is_a_fault_of_the_item(content: Database) -> None:
    operation = RewriteItems("CIRCLE", lambda item: {**item, "GSI1PK": ""}, describe="Do harm")
    with nothing_written(content), pytest.raises(ItemsNotRewritten, match=r"4 x .*is a key of an index empty"):
        applied(content, operation)


def test_a_table_that_is_not_there_is_an_error_unless_nothing_is_written(content: Database) -> None:
    content.delete_table()
    with pytest.raises(TableNotFound):
        applied(content, ENGLISH)
    assert "the table is not there yet" in applied(content, ENGLISH, dry_run=True).notes[0]


# -- pace and dry run ----------------------------------------------------------------------------------------------


def test_writes_keep_to_the_pace_of_the_run(content: Database) -> None:
    waited: list[float] = []
    pace = Pace(1.0, now=lambda: sum(waited), sleep=waited.append)

    before = content.metrics().write_units
    run = applied(content, RewriteItems("CIRCLE_MEMBER", in_english, describe="Slowly"), pace=pace)
    taken = content.metrics().write_units - before

    assert run.notes[0].endswith("12 of 12 items were changed")
    # What one second gives is there at the beginning; what the last write took is for the next to wait for.
    assert taken >= 6
    assert sum(waited) >= taken - 1 - taken / 12 - 1e-6


def test_a_table_that_is_short_of_capacity_slows_the_run_down_and_loses_nothing(
    content: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    waited: list[float] = []
    pace = Pace(64.0, now=lambda: sum(waited), sleep=waited.append)

    def refuse() -> None:
        raise Throttled("the table lacks capacity")

    Watched(content, once(refuse))
    run = applied(content, ENGLISH, pace=pace)

    assert pace.rate < 64.0
    assert run.notes[0].endswith("4 of 4 items were changed")


def test_a_dry_run_counts_what_would_change_and_writes_nothing(content: Database) -> None:
    def of_one(item: Item) -> Item | None:
        return in_english(item) if item["PK"] == "CIRCLE#c1" else None

    applied(content, RewriteItems("CIRCLE", of_one, describe="Do"))
    with nothing_written(content):
        run = applied(content, ENGLISH, dry_run=True)
    assert run.notes == ["Say which language a circle speaks (CIRCLE): 3 of 4 items would be changed"]
    assert run.points == {}
    with pytest.raises(RewriteRefused):
        applied(content, RewriteItems("CIRCLE", lambda item: {**item, "SK": "X"}, describe="Do harm"), dry_run=True)
    with pytest.raises(ItemsNotRewritten, match="4 of 4"):
        applied(content, RewriteItems("CIRCLE", lambda item: item["none"], describe="Do harm"), dry_run=True)
