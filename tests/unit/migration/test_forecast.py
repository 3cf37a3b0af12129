"""What counters come to is foreseen from the columns alone, and where it cannot be, nothing is."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Story, User
from madmall_models.errors import SourceError
from madmall_models.managers.membership import ACTIVE
from madmall_models.migration import Mapping, SQLiteSource, Touch, madmall_mappings
from madmall_models.migration.forecast import Forecast, drawn
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.source import TallyingSource
from madmall_models.testing.legacy import make_legacy_database
from tests.integration.legacy_file import comment, member, write_legacy

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
MAPPINGS = {mapping.table: mapping for mapping in madmall_mappings()}
COMMENTS, MEMBERS = MAPPINGS["story_comments"], MAPPINGS["circle_members"]


def foreseen(path: Path, entity: type[Any], *identifiers: str, mappings: Iterable[Mapping] | None = None) -> list[int]:
    with SQLiteSource(path) as source:
        moved = madmall_mappings() if mappings is None else mappings
        with drawn(source, moved, madmall_completions(), STARTED) as forecast:
            return [forecast.count_of(entity, identifier) for identifier in identifiers]


def test_of_a_clean_source_everything_is_foreseen_as_it_comes(tmp_path: Path) -> None:
    legacy = make_legacy_database(tmp_path / "legacy.db", users=40, dirty=0.0)
    comments, joined = Counter[str](), Counter[str]()
    with SQLiteSource(legacy.path) as source:
        for row in source.rows("story_comments"):
            comments[COMMENTS.entity(**COMMENTS.arguments(row.values, STARTED)).story_id] += 1
        for row in source.rows("circle_members"):
            membership = MEMBERS.entity(**MEMBERS.arguments(row.values, STARTED))
            joined[membership.user_id] += membership.status == ACTIVE
    assert len(comments) > 1
    assert len(set(joined.values())) > 1

    assert foreseen(legacy.path, Story, *comments) == list(comments.values())
    assert foreseen(legacy.path, User, *joined) == list(joined.values())


def test_rows_are_counted_by_what_their_columns_mean(tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        circle_members=[
            member("c1", "u1", status="active"),
            member("c2", "u1", status=None),
            member("c3", "u1", status="banned"),
            member("c4", "u1", status="no such status"),
            member("c5", 7, status="active"),
            member("c6", None, status="active"),
            member("c7", b"\xff", status="active"),
        ],
    )

    assert foreseen(path, User, "u1", "7", "nobody") == [2, 1, 0]


def test_a_column_that_the_source_lacks_counts_as_its_default(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", circle_members=[member("c1", "u1"), member("c2", "u1")])

    assert foreseen(path, User, "u1") == [2]


def test_a_source_without_the_column_that_names_the_item_foresees_nothing(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", story_comments=[{"id": "k1", "content": "Thank you."}])

    assert foreseen(path, Story, "s1") == [0]


@pytest.mark.parametrize(
    "mapping",
    [
        replace(COMMENTS, transformations=(lambda row: row,)),
        replace(COMMENTS, touches=(Touch("story_id", Story),)),
        replace(COMMENTS, touches=(Touch("story_id", Story, counts=lambda _: True),)),
        replace(COMMENTS, touches=(Touch("story_id", Story, counts=lambda _: True, by=("no_field",)),)),
    ],
    ids=["rows are changed first", "only the table can tell", "anything may be looked at", "not a column alone"],
)
def test_what_columns_alone_do_not_say_is_not_foreseen(mapping: Mapping, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", story_comments=[comment("k1", "s1", "u1")])
    assert foreseen(path, Story, "s1", mappings=[COMMENTS]) == [1]

    assert foreseen(path, Story, "s1", mappings=[mapping]) == [0]


def test_a_table_that_cannot_be_tallied_does_not_stand_in_the_way_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        circle_members=[member("c1", "u1", status="active")],
        story_comments=[comment("k1", "s1", "u1")],
    )
    tallies = SQLiteSource.tallies

    def damaged(self: SQLiteSource, table: str, columns: Any) -> Any:
        if table == "circle_members":
            raise SourceError("the file is damaged")
        return tallies(self, table, columns)

    monkeypatch.setattr(SQLiteSource, "tallies", damaged)

    assert foreseen(path, User, "u1") == [0]
    assert foreseen(path, Story, "s1") == [1]


def test_a_source_need_not_tally(tmp_path: Path) -> None:
    class Untallied:
        def tables(self) -> tuple[str, ...]:
            raise AssertionError("a source that cannot tally is not asked")

    source: Any = Untallied()
    assert not isinstance(source, TallyingSource)

    with drawn(source, madmall_mappings(), madmall_completions(), STARTED) as forecast:
        assert forecast.count_of(Story, "s1") == 0


def test_a_counter_is_foreseen_only_for_items_with_an_id_of_their_own(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", story_comments=[comment("k1", "s1", "u1")])

    with SQLiteSource(path) as source, drawn(source, [COMMENTS], madmall_completions(), STARTED) as forecast:
        assert isinstance(forecast, Forecast)
        assert forecast.counter_of(Story) == "engagement.comments"
        assert forecast.counter_of(COMMENTS.entity) is None


def test_rows_are_tallied_by_the_columns_that_are_named(tmp_path: Path) -> None:
    path = tmp_path / 'strange "names".db'
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('CREATE TABLE "order" ("group by" TEXT, "it""s" INTEGER, other TEXT)')
        connection.executemany('INSERT INTO "order" VALUES (?, ?, ?)', [("a", 1, "x"), ("a", 1, "y"), ("a", None, "z")])
        connection.commit()

    with SQLiteSource(path) as source:
        assert sorted(source.tallies("order", ["group by", 'it"s']), key=str) == [(("a", 1), 2), (("a", None), 1)]
        with pytest.raises(SourceError, match="'order' has no column 'nothing'"):
            list(source.tallies("order", ["nothing"]))
