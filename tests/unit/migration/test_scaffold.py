"""The module that is written for a file can be read and edited, and can be imported when its questions are answered."""

from __future__ import annotations

import ast
import re
import string
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from madmall_models.declaration import entity_class, isolated_registry
from madmall_models.errors import MigrationModuleError
from madmall_models.migration import (
    CreateTable,
    ImportRows,
    MigrationModule,
    Question,
    SQLiteSource,
    answers,
    load_directory,
    scaffold,
)
from madmall_models.migration.analysis import Analysis
from madmall_models.migration.python_text import WIDTH, call, literal, texts
from madmall_models.testing.legacy import make_legacy_database
from madmall_models.testing.legacy_schema import TABLES
from tests.integration.legacy_file import circle, user, write_legacy
from tests.unit.migration.foreign_files import ODD, SHOP, answered, write


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    with isolated_registry():
        yield


def scaffolded(path: Path) -> str:
    with SQLiteSource(path) as source:
        return scaffold(source.analyze())


def loaded(folder: Path, text: str) -> MigrationModule:
    (folder / "0001_import_it.py").write_text(text, encoding="utf-8")
    [module] = load_directory(folder)
    return module


@pytest.mark.parametrize("script", [SHOP, ODD, "PRAGMA user_version = 1"])
def test_a_module_compiles_and_keeps_to_the_width_of_a_line(tmp_path: Path, script: str) -> None:
    text = scaffolded(write(tmp_path / "it.db", script))

    compile(text, "module", "exec")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert not re.search(r"[ \t]+$", text, flags=re.MULTILINE)
    assert text.endswith("\n")
    assert "\n\n\n\n" not in text


def test_a_file_without_doubts_gives_a_module_that_asks_nothing(tmp_path: Path) -> None:
    module = loaded(tmp_path, scaffolded(write(tmp_path / "shop.db", SHOP)))

    assert module.title == "Import shop.db"
    create, rows = module.migration.operations
    assert isinstance(create, CreateTable)
    assert isinstance(rows, ImportRows)
    assert {mapping.table for mapping in rows.mappings} == {
        "Album", "Artist", "Employee", "Playlist", "PlaylistTrack", "Track",
    }  # fmt: skip
    assert repr(entity_class("PLAYLIST_TRACK").key) == (
        "<PrimaryKey PlaylistTrack.key PLAYLIST#{playlist_id} / PLAYLIST_TRACK#{track_id}>"
    )


def test_a_module_names_only_what_it_uses(tmp_path: Path) -> None:
    for script in (SHOP, ODD):
        module = ast.parse(scaffolded(write(tmp_path / f"{len(script)}.db", script)))
        imported = {alias.name for node in module.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}

        assert imported <= used


def test_open_questions_are_listed_when_the_module_is_imported(tmp_path: Path) -> None:
    text = scaffolded(write(tmp_path / "odd.db", ODD))

    with pytest.raises(MigrationModuleError) as refused:
        loaded(tmp_path, text)

    told = str(refused.value)
    assert told.startswith("0001_import_it.py: 9 of 9 questions are open; write one of the choices after answer=")
    assert "Blob.sure: Column 'sure' of 'blobs': It holds nothing but words and letters that can mean yes" in told
    assert "One of 'boolean', 'text' (not answered)" in told


def test_answering_by_editing_a_value_is_enough(tmp_path: Path) -> None:
    text = answered(scaffolded(write(tmp_path / "odd.db", ODD)), Doc="leave", StrictOne__either="decimal")

    _, rows = loaded(tmp_path, text).migration.operations

    assert isinstance(rows, ImportRows)
    tables = {mapping.table for mapping in rows.mappings}
    assert {"docs", "hidden", "seen", "broken"} & tables == set()
    assert len(tables) == 18
    assert type(entity_class("STRICT_ONE").either).__name__ == "DecimalAttribute"


def test_an_answer_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    text = answered(scaffolded(write(tmp_path / "odd.db", ODD)), Doc="perhaps")

    with pytest.raises(MigrationModuleError, match="1 of 9 questions are open") as refused:
        loaded(tmp_path, text)

    assert "One of 'move', 'leave' (the answer is none of the choices)" in str(refused.value)


def test_answers_are_given_by_name() -> None:
    asked = Question("a", "What?", ("x", "y"), answer="y")

    assert answers() == {}
    assert answers(asked) == {"a": "y"}


def test_personal_columns_are_masked(tmp_path: Path) -> None:
    module = loaded(tmp_path, scaffolded(write(tmp_path / "shop.db", SHOP)))
    _, rows = module.migration.operations
    assert isinstance(rows, ImportRows)
    [employee] = [mapping for mapping in rows.mappings if mapping.table == "Employee"]

    assert employee.open_columns == {"EmployeeId", "ReportsTo", "created_at"}


def test_ready_mappings_are_used_beside_those_that_are_written(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1")], circles=[circle("c1", "u1")])
    write(path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL REFERENCES users (id))")

    _, rows = loaded(tmp_path, scaffolded(path)).migration.operations

    assert isinstance(rows, ImportRows)
    assert [mapping.entity.__name__ for mapping in rows.mappings] == ["User", "Circle", "Note"]
    assert [completion.entity_type for completion in rows.completions] == ["CIRCLE", "STORY", "USER"]


def test_a_dirty_file_with_every_legacy_table_gives_a_module_that_loads(tmp_path: Path) -> None:
    path = make_legacy_database(tmp_path / "legacy.db", users=200).path

    text = answered(scaffolded(path))
    _, rows = loaded(tmp_path, text).migration.operations

    assert max(map(len, text.splitlines())) <= WIDTH
    assert isinstance(rows, ImportRows)
    assert {mapping.table for mapping in rows.mappings} == {table.name for table in TABLES}


@pytest.mark.parametrize("count", range(1, len(TABLES) + 1))
def test_a_module_for_any_number_of_legacy_tables_imports_just_these(tmp_path: Path, count: int) -> None:
    tables = TABLES[:count]
    path = write(tmp_path / "legacy.db", ";".join(table.create_statement() for table in tables))

    text = answered(scaffolded(path))
    _, rows = loaded(tmp_path, text).migration.operations

    assert max(map(len, text.splitlines())) <= WIDTH
    assert isinstance(rows, ImportRows)
    assert {mapping.table for mapping in rows.mappings} == {table.name for table in tables}


def test_a_later_migration_names_the_one_before_and_creates_no_table(tmp_path: Path) -> None:
    with SQLiteSource(write(tmp_path / "shop.db", SHOP)) as source:
        text = scaffold(source.analyze(), after="0001_create_table")

    assert 'after="0001_create_table",' in text
    assert "CreateTable" not in text


def test_what_is_left_out_is_said_at_the_top(tmp_path: Path) -> None:
    told = ast.get_docstring(ast.parse(scaffolded(write(tmp_path / "odd.db", ODD))))

    assert told is not None
    assert "Views show rows of other tables and are left out: 'broken', 'seen'." in told
    assert "Left behind, since they cannot be read row by row: 'hidden'." in told


NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from(string.printable + "'\"\\#{}"),
    min_size=1,
    max_size=130,
).filter(lambda name: not name.lower().startswith("sqlite_"))


@settings(max_examples=40)
@given(table=NAMES, columns=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold))
@example("0" + "\x1f" * 6 + "\U00018cd6" * 5, ["0"])
def test_whatever_names_a_file_has_its_module_can_be_imported(table: str, columns: list[str]) -> None:
    named = ['"' + name.replace('"', '""') + '"' for name in [table, *columns]]
    script = f"CREATE TABLE {named[0]} ({', '.join(named[1:])}, PRIMARY KEY ({named[1]}))"

    with tempfile.TemporaryDirectory() as folder, isolated_registry():
        text = answered(scaffolded(write(Path(folder) / "it.db", script)))
        _, rows = loaded(Path(folder), text).migration.operations

    assert max(map(len, text.splitlines())) <= WIDTH
    assert isinstance(rows, ImportRows)
    [mapping] = rows.mappings
    assert mapping.table == table
    assert mapping.columns - set(columns) <= {"created_at", "created_at_"}


@settings(max_examples=40)
@given(NAMES)
@example("x" + "\\N" * 43)
def test_whatever_names_a_view_has_the_top_of_a_module_tells_it_in_lines_that_fit(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW {quoted} AS SELECT * FROM t"  # noqa: S608 - quoted
    assume(name.lower() != "t")

    with tempfile.TemporaryDirectory() as folder, isolated_registry():
        text = scaffolded(write(Path(folder) / "it.db", script))

    assert max(map(len, text.splitlines())) <= WIDTH
    assert "Views show rows of other tables and are left out:" in str(ast.get_docstring(ast.parse(text)))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (f"{'x' * 106}.db", f"Import {'x' * 106}.db."),
        (f"{'x' * 107}.db", "Import a database."),
        ("it\x1f.db", "Import a database."),
        ('a\\"""b.db', 'Import a\\"""b.db.'),
    ],
)
def test_the_title_names_the_file_where_a_line_can(name: str, title: str) -> None:
    text = scaffold(Analysis(name, 0, ()))

    assert str(ast.get_docstring(ast.parse(text))).splitlines()[0] == title
    assert max(map(len, text.splitlines())) <= WIDTH


@given(st.text())
def test_a_literal_is_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@given(st.lists(st.text(max_size=200), max_size=3), st.text(max_size=400))
def test_a_call_keeps_its_arguments_however_long_they_are(values: list[str], value: str) -> None:
    lines = call("found = dict", [f"value={literal(value)}", f"values={texts(values)}"])
    space: dict[str, object] = {}
    exec(compile("\n".join(lines), "call", "exec"), {"dict": dict}, space)  # noqa: S102 - what was written here

    assert space["found"] == {"value": value, "values": tuple(values)}
    assert max(map(len, lines)) <= WIDTH
