"""A new week or month: what was counted is taken off once, whoever writes meanwhile and however often it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madmall_models import Circle, Database, KeyValueError, ValidationError, cli, clock, stats_incremented
from tests.integration.samples import NOON, make_circle, make_user
from tests.integration.table_content import edit, everything, nothing_sent, raw

# A Thursday.
THURSDAY = datetime(2024, 11, 28, 9, tzinfo=UTC)
MONDAY = datetime(2024, 12, 2, 0, 5, tzinfo=UTC)
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "utc_now", lambda: moment)

    put(THURSDAY)
    return put


@pytest.fixture(autouse=True)
def circles(db: Database, set_clock: SetClock) -> None:
    make_user(db, "u1")
    for number in range(1, 4):
        make_circle(db, f"c{number}", created_at=NOON - timedelta(days=30))
        db.circles.update_stats(f"c{number}", posts_this_week=number, posts_this_month=10 * number)


def counts(db: Database) -> dict[str, tuple[int, int]]:
    found = [db.circles.get(f"c{number}", consistent=True) for number in range(1, 4)]
    return {circle.circle_id: (circle.stats.posts_this_week, circle.stats.posts_this_month) for circle in found}


@pytest.mark.defect(91)
def test_a_new_week_begins_for_every_circle_and_leaves_the_rest_alone(db: Database) -> None:
    before = {circle.circle_id: (circle.version, circle.updated_at) for circle in db.circles.of_tenant()}
    assert db.circles.roll_over_stats("week") == 3
    assert counts(db) == {"c1": (0, 10), "c2": (0, 20), "c3": (0, 30)}
    assert {circle.circle_id: (circle.version, circle.updated_at) for circle in db.circles.of_tenant()} == before
    circle = db.circles.get("c1")
    assert (circle.stats.week_of, circle.stats.month_of, circle.stats.member_count) == ("2024-11-25", None, 1)
    assert db.circles.roll_over_stats("month") == 3
    assert counts(db) == {"c1": (0, 0), "c2": (0, 0), "c3": (0, 0)}
    assert db.circles.get("c1").stats.month_of == "2024-11-01"


def test_asked_again_in_the_same_week_it_writes_nothing_and_in_the_next_it_does(
    db: Database, set_clock: SetClock
) -> None:
    db.circles.roll_over_stats("week")
    db.circles.update_stats("c1", posts_this_week=5)
    set_clock(MONDAY - timedelta(minutes=6))
    with nothing_sent(db):
        assert db.circles.roll_over_stats("week") == 0
    assert counts(db)["c1"] == (5, 10)
    set_clock(MONDAY)
    assert db.circles.roll_over_stats("week") == 3
    assert counts(db)["c1"] == (0, 10)


def test_a_clock_that_went_back_begins_nothing(db: Database, set_clock: SetClock) -> None:
    set_clock(MONDAY)
    db.circles.roll_over_stats("week")
    db.circles.update_stats("c1", posts_this_week=5)
    set_clock(THURSDAY)
    with nothing_sent(db):
        assert db.circles.roll_over_stats("week") == 0


def test_a_circle_that_is_younger_than_the_week_keeps_what_it_counted_in_it(db: Database) -> None:
    make_circle(db, "young", created_at=THURSDAY - timedelta(days=2))
    db.circles.update_stats("young", posts_this_week=4)
    assert db.circles.roll_over_stats("week") == 3
    assert db.circles.get("young").stats.posts_this_week == 4


def test_a_post_that_is_counted_between_the_read_and_the_write_is_kept(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, done = db.connection.call, []

    def meanwhile(operation: str, request: Any, **options: Any) -> Any:
        if operation == "TransactWriteItems" and not done:
            done.append(True)
            db.circles.update_stats("c1", posts_this_week=7)
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", meanwhile)
    db.circles.roll_over_stats("week")
    assert counts(db)["c1"][0] == 7


def test_of_two_that_do_it_at_once_one_takes_off(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    call, inside = db.connection.call, []

    def meanwhile(operation: str, request: Any, **options: Any) -> Any:
        if operation == "TransactWriteItems" and not inside:
            inside.append(0)
            inside[0] = db.circles.roll_over_stats("week")
            db.circles.update_stats("c3", posts_this_week=7)
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", meanwhile)
    assert db.circles.roll_over_stats("week") == 0
    assert inside == [3]
    assert counts(db) == {"c1": (0, 10), "c2": (0, 20), "c3": (7, 30)}


def test_killed_in_the_middle_it_finishes_when_called_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    call, left = db.connection.call, [1]

    def killed(operation: str, request: Any, **options: Any) -> Any:
        if operation == "TransactWriteItems":
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", killed)
    with pytest.raises(KeyboardInterrupt):
        db.circles.roll_over_stats("week")
    monkeypatch.setattr(db.connection, "call", call)
    assert sorted(week for week, _ in counts(db).values())[0] == 0
    assert db.circles.roll_over_stats("week") == 2
    assert counts(db) == {"c1": (0, 10), "c2": (0, 20), "c3": (0, 30)}


def test_other_tenants_and_inactive_circles(db: Database) -> None:
    make_circle(db, "other", tenant_id="other", created_at=NOON)
    db.circles.update("c2", status="INACTIVE")
    assert db.circles.roll_over_stats("week", tenant_id="other") == 1
    assert counts(db)["c2"][0] == 2
    assert db.circles.roll_over_stats("week") == 3
    assert counts(db)["c2"][0] == 0


def test_a_circle_without_figures_is_counted_and_begins_too(db: Database) -> None:
    edit(db, Circle.key.of("c1"), "REMOVE stats")
    edit(db, Circle.key.of("c2"), "REMOVE stats.postsThisWeek")
    assert db.circles.roll_over_stats("week") == 3
    assert db.circles.get("c1").stats.week_of == "2024-11-25"
    assert "stats" in raw(db, Circle.key.of("c1"))
    with nothing_sent(db):
        assert db.circles.roll_over_stats("week") == 0


def test_a_circle_that_is_deleted_meanwhile_is_passed_over(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    call, done = db.connection.call, []

    def meanwhile(operation: str, request: Any, **options: Any) -> Any:
        if operation == "TransactWriteItems" and not done:
            done.append(True)
            call("DeleteItem", {"TableName": db.table_name, "Key": Circle.key.of("c1").wire})
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", meanwhile)
    assert db.circles.roll_over_stats("week") == 2
    assert not db.circles.exists("c1")


def test_it_is_announced_for_each_circle(db: Database) -> None:
    heard: list[Any] = []

    def receiver(sender: Any, key: Any, changes: Any) -> None:
        heard.append((sender, key.partition, changes))

    with stats_incremented.connected_to(receiver):
        db.circles.roll_over_stats("week")
        db.circles.roll_over_stats("week")
    assert sorted(heard, key=str)[0] == (
        Circle,
        "CIRCLE#c1",
        {"stats.posts_this_week": -1, "stats.week_of": "2024-11-25"},
    )
    assert len(heard) == 3


@pytest.mark.parametrize(
    ("period", "tenant_id", "error"),
    [("year", "default", ValidationError), (None, "default", ValidationError), ("week", "a#b", KeyValueError)],
)
def test_what_is_no_period_or_tenant_is_refused(
    period: Any, tenant_id: str, error: type[Exception], db: Database
) -> None:
    with nothing_sent(db), pytest.raises(error):
        db.circles.roll_over_stats(period, tenant_id=tenant_id)


def test_the_day_cannot_be_set_by_hand(db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError, match="week_of follows from roll_over_stats"):
        db.circles.update_stats("c1", week_of="2024-11-25")


def test_the_command_says_how_many(db: Database, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings = engine.connection_settings()
    endpoint = ["--endpoint", settings["endpoint"]] if settings["endpoint"] else []
    target = ["--table", db.table_name, "--region", settings["region"], *endpoint]

    assert cli.run(["stats", "roll-over", "week", *target]) == 0
    assert capsys.readouterr() == ("3 circles of tenant default began a new week\n", "")
    before = everything(db)
    assert cli.run(["stats", "roll-over", "week", "--json", *target]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"table": db.table_name, "tenant": "default", "period": "week", "circles": 0}
    assert everything(db) == before
    assert cli.run(["stats", "roll-over", "month", "--tenant", "nobody", *target]) == 0
    assert capsys.readouterr().out == "0 circles of tenant nobody began a new month\n"
    assert cli.run(["stats", "roll-over", "year", *target]) == 2
