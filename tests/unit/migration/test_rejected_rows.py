"""What a run rejected is read again, and nothing else; a file that does not fit the source is refused."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models.errors import SourceError
from madmall_models.migration import (
    Column,
    Fault,
    Reject,
    RejectedRows,
    Row,
    Source,
    SQLiteSource,
    UndecodableText,
    source,
)
from tests.unit.migration.foreign_files import write

SCRIPT = """
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO notes SELECT i, 'n' || i FROM n;
CREATE TABLE pairs (a TEXT COLLATE NOCASE, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('x', 1), ('Y', 2.5), ('z', x'ff'), (CAST(x'ff' AS TEXT), 'u'), ('w', 9e999), ('y', 2);
CREATE TABLE blank (id INTEGER PRIMARY KEY);
CREATE TABLE falling (id INT, part INT, PRIMARY KEY (id DESC, part DESC)) WITHOUT ROWID;
INSERT INTO falling VALUES (1, 1), (2, 1), (1, 2), (3, 1);
"""


LINE = '{"table": %s, "rowid": %s, "stage": "cast", "code": "NOT_TEXT", "row": {}}\n'


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[SQLiteSource]:
    with SQLiteSource(write(tmp_path / "notes.db", SCRIPT)) as opened:
        yield opened


def reject_file(path: Path, rows: Iterable[Row]) -> Path:
    """Write what a run writes when it rejects these rows."""
    fault = Fault("body", "NOT_TEXT", "no text")
    path.write_text("".join(Reject(row, "cast", (fault,)).as_line(()) + "\n" for row in rows), encoding="utf-8")
    return path


def note(number: int) -> Row:
    return Row("notes", (number,), {"id": number})


def test_only_rejected_rows_come_in_the_order_of_the_source(notes: SQLiteSource, tmp_path: Path) -> None:
    path = reject_file(tmp_path / "rejects.jsonl", [note(31), note(4), note(17), note(4)])

    with RejectedRows(notes, path) as rejected:
        assert rejected.tables() == ("notes",)
        assert rejected.columns("notes") == notes.columns("notes")
        assert rejected.row_count("notes") == 3
        for batch in (1, 2, 3, 1000):
            assert [dict(row.values) for row in rejected.rows("notes", batch=batch)] == [
                {"id": 4, "body": "n4"},
                {"id": 17, "body": "n17"},
                {"id": 31, "body": "n31"},
            ]
        assert [row.rowid for row in rejected.rows("notes", after=(4,))] == [17, 31]
        assert [row.rowid for row in rejected.rows_at("notes", [(5,), (17,)])] == [17]
        assert (rejected.fingerprint(), rejected.changed()) == (notes.fingerprint(), False)
    assert notes.row_count("notes") == 40, "the source stays open"


def test_any_key_is_found_again(notes: SQLiteSource, tmp_path: Path) -> None:
    rows = list(notes.rows("pairs"))
    path = reject_file(tmp_path / "rejects.jsonl", reversed(rows))

    with RejectedRows(notes, path) as rejected:
        assert list(rejected.rows("pairs", batch=2)) == rows
    assert {type(part) for row in rows for part in row.key} == {str, int, float, bytes, UndecodableText}


def test_reading_cannot_go_on_after_a_row_that_is_not_among_them(notes: SQLiteSource, tmp_path: Path) -> None:
    path = reject_file(tmp_path / "rejects.jsonl", [note(4)])

    with RejectedRows(notes, path) as rejected, pytest.raises(SourceError, match="to go on after"):
        rejected.rows("notes", after=(5,))


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda path: None, r"cannot be read \(No such file"),
        (lambda path: path.mkdir(), r"cannot be read \(Is a directory"),
        (lambda path: path.write_text(""), "holds no reject"),
        (lambda path: path.write_text("id,body\n1,x\n"), "not a file of rejects: lines 1, 2 cannot be read"),
        (lambda path: path.write_bytes(b"\xff\xfe" * 50), "not a file of rejects: line 1 cannot"),
        (lambda path: path.write_text('{"table": "notes"}\n'), "not a file of rejects: line 1 cannot"),
        (lambda path: path.write_text("[]\n" * 30), "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more cannot"),
        (
            lambda path: path.write_text(reject_file(path, [note(1)]).read_text() + '{"table": "no'),
            "line 2 cannot be read as rejects.*torn",
        ),
        (lambda path: reject_file(path, [note(1), Row("gone", (1,), {})]), "does not have: 'gone' in line 2"),
        (lambda path: reject_file(path, [note(1), note(99), note(98)]), "rows of 'notes' that.*in lines 2, 3"),
        (lambda path: reject_file(path, [Row("notes", (1, 2), {})]), "rows of 'notes' that.*in line 1"),
        (lambda path: reject_file(path, [Row("pairs", ("x",), {})]), "rows of 'pairs' that.*in line 1"),
        *(
            (lambda path, rowid=rowid: path.write_text(LINE % ('"notes"', rowid)), "rows of 'notes' that.*in line 1")
            for rowid in (
                "null", "[]", '[["x"]]', "{}", '{"$base64": "?"}', '{"$number": "many"}', '"\\ud800"', "NaN", "9" * 30
            )
        ),
        (lambda path: path.write_text(LINE % ("7", "1")), "line 1 cannot be read as rejects"),
        (lambda path: path.write_text(LINE % ('"\\ud800"', "1")), "line 1 cannot be read as rejects"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_any_row_is_given(
    notes: SQLiteSource, tmp_path: Path, prepare: Callable[[Path], Any], said: str
) -> None:
    path = tmp_path / "rejects.jsonl"
    prepare(path)

    with pytest.raises(SourceError, match=said):
        RejectedRows(notes, path)


def test_a_refusal_holds_no_value_of_a_row(notes: SQLiteSource, tmp_path: Path) -> None:
    path = reject_file(tmp_path / "rejects.jsonl", [Row("pairs", ("jane@example.com", 7), {"a": "jane@example.com"})])

    with pytest.raises(SourceError) as refused:
        RejectedRows(notes, path)

    assert "jane" not in str(refused.value)


def test_rows_by_their_keys_come_once_and_in_order(notes: SQLiteSource) -> None:
    wanted = [(7,), (3,), (7,), (99,)]

    assert [row.rowid for row in notes.rows_at("notes", wanted)] == [3, 7]
    assert list(notes.rows_at("notes", [])) == []
    assert list(notes.rows_at("blank", [(1,)])) == []
    falling = [row.key for row in notes.rows("falling")]
    assert [row.key for row in notes.rows_at("falling", falling[:3])] == falling[:3]


def test_reading_by_keys_may_be_left_off_and_begun_again(notes: SQLiteSource) -> None:
    for _ in range(3):
        assert next(notes.rows_at("notes", [(1,), (2,), (3,)], batch=1)).rowid == 1
    one, other = (notes.rows_at("notes", [(1,), (2,)], batch=1) for _ in range(2))
    assert [(a.rowid, b.rowid) for a, b in zip(one, other, strict=True)] == [(1, 1), (2, 2)]
    assert "wanted" not in str(notes.tables())


class CsvSource:
    """A source of a user's own: one table out of a CSV file, its rows numbered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tables(self) -> tuple[str, ...]:
        return (self._path.stem,)

    def columns(self, table: str) -> tuple[Column, ...]:
        with self._path.open(encoding="utf-8") as lines:
            return tuple(Column(name) for name in next(csv.reader(lines)))

    def row_count(self, table: str) -> int:
        return sum(1 for _ in self.rows(table))

    def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 1000) -> Iterator[Row]:
        with self._path.open(encoding="utf-8") as lines:
            for number, values in enumerate(csv.DictReader(lines)):
                if after is None or number > after[0]:
                    yield Row(table, (number,), values)

    def rows_at(self, table: str, keys: Iterable[tuple[Any, ...]], *, batch: int = 1000) -> Iterator[Row]:
        wanted = set(keys)
        return (row for row in self.rows(table) if row.key in wanted)

    def fingerprint(self) -> str:
        return hashlib.sha256(self._path.read_bytes()).hexdigest()

    def changed(self) -> bool:
        return False

    def close(self) -> None:
        pass


def test_a_source_of_a_users_own_needs_no_more_than_the_protocol(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("id,body\nn1,one\nn2,two\nn3,three\n", encoding="utf-8")
    own: Source = CsvSource(tmp_path / "notes.csv")
    path = reject_file(tmp_path / "rejects.jsonl", [row for row in own.rows("notes") if row.values["id"] != "n2"])

    with RejectedRows(own, path) as rejected:
        assert [row.values["body"] for row in rejected.rows("notes")] == ["one", "three"]


def test_the_source_that_the_module_shows_works() -> None:
    shown = re.search(r"\n    class ListSource:.*", source.__doc__ or "", flags=re.DOTALL)
    assert shown is not None
    text = "\n".join(line[4:] for line in shown[0].splitlines())
    space: dict[str, Any] = {
        "Any": Any, "Column": Column, "Iterable": Iterable, "Iterator": Iterator, "Row": Row, "hashlib": hashlib,
    }  # fmt: skip
    exec(compile(text, "ListSource", "exec"), space)  # noqa: S102 - the text is this project's own

    own: Source = space["ListSource"]("notes", [{"id": "n1"}, {"id": "n2", "body": "x"}, {"id": "n3"}])

    assert [column.name for column in own.columns("notes")] == ["id", "body"]
    assert [row.key for row in own.rows("notes", after=(0,))] == [(1,), (2,)]
    assert [row.values["id"] for row in own.rows_at("notes", [(2,), (0,)])] == ["n1", "n3"]
    assert (own.tables(), own.row_count("notes"), own.changed()) == (("notes",), 3, False)
    assert json.dumps(own.fingerprint())
