"""The commands that look into a file need no table: they print what it holds, and write a module that moves it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from madmall_models import cli
from madmall_models.declaration import isolated_registry
from madmall_models.migration import load_directory
from tests.unit.migration.foreign_files import LONG, ODD, SHOP, answered, write


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return str(write(tmp_path / "shop.db", SHOP))


@pytest.fixture
def odd(tmp_path: Path) -> str:
    return str(write(tmp_path / "odd.db", ODD))


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    with isolated_registry():
        yield


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.run(["migrate", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.mark.defect(84)
def test_a_file_is_shown_table_by_table(capsys: pytest.CaptureFixture[str], shop: str) -> None:
    status, out, err = run(capsys, "analyze", shop)

    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0].startswith("shop.db: tables and views: 6, bytes: ")
    start = next(number for number, line in enumerate(lines) if line.startswith("PlaylistTrack: table, 3 rows"))
    assert lines[start].endswith("key PlaylistId, TrackId")
    assert lines[start + 1 : start + 4] == [
        "  PlaylistId  INTEGER  3 integer  -> Playlist",
        "  TrackId     INTEGER  3 integer  -> Track",
        "  becomes PlaylistTrack: PLAYLIST#{playlist_id} / PLAYLIST_TRACK#{track_id}",
    ]
    assert "andrew" not in out


def test_anything_odd_is_shown_in_lines(capsys: pytest.CaptureFixture[str], odd: str) -> None:
    status, out, _ = run(capsys, "analyze", odd)

    assert status == 0
    assert "  cannot be read: no such table: main.gone" in out.splitlines()
    assert f"{LONG}: table, 1 rows" in out
    assert "key 'odd\\nname'" in out
    assert "  question: 'log' has no primary key." in out
    assert "  not moved: a view shows rows of other tables" in out.splitlines()


def test_everything_is_told_as_json(capsys: pytest.CaptureFixture[str], odd: str) -> None:
    status, out, _ = run(capsys, "analyze", odd, "--json")

    told = json.loads(out)
    assert status == 0
    blobs = next(table for table in told["tables"] if table["name"] == "blobs")
    assert blobs["columns"][0]["observed"]["storage"] == {"blob": 2}
    suggestion = next(each for each in told["suggested_mappings"] if each["table"] == "child")
    assert suggestion["references"] == [
        {"target": "user_id", "table": "users", "entity": "LegacyUser", "policy": "reject"}
    ]
    assert suggestion["is_ready"] is False


def test_a_module_is_written_to_stdout_or_to_a_file(
    capsys: pytest.CaptureFixture[str], shop: str, tmp_path: Path
) -> None:
    status, printed, err = run(capsys, "scaffold", shop)
    assert (status, err) == (0, "")

    target = tmp_path / "history" / "0001_import_shop.py"
    target.parent.mkdir()
    status, out, err = run(capsys, "scaffold", shop, "--output", str(target))

    assert (status, out) == (0, "")
    assert err == f"{target} is written; questions to answer in it: 0\n"
    assert target.read_text(encoding="utf-8") == printed
    assert [module.title for module in load_directory(target.parent)] == ["Import shop.db"]


def test_a_module_comes_after_the_migrations_beside_it(
    capsys: pytest.CaptureFixture[str], shop: str, odd: str, tmp_path: Path
) -> None:
    folder = tmp_path / "history"
    folder.mkdir()
    run(capsys, "scaffold", shop, "--output", str(folder / "0001_import_shop.py"))

    status, _, err = run(capsys, "scaffold", odd, "--output", str(folder / "0002_import_odd.py"))

    assert (status, err.splitlines()[-1]) == (
        0, f"{folder / '0002_import_odd.py'} is written; questions to answer in it: 9",
    )  # fmt: skip
    second = folder / "0002_import_odd.py"
    second.write_text(answered(second.read_text(encoding="utf-8")), encoding="utf-8")
    assert [module.name for module in load_directory(folder)] == ["0001_import_shop", "0002_import_odd"]


def test_a_file_that_exists_is_left_as_it_is(capsys: pytest.CaptureFixture[str], shop: str, tmp_path: Path) -> None:
    target = tmp_path / "mine.py"
    target.write_text("precious")

    status, out, err = run(capsys, "scaffold", shop, "--output", str(target))

    assert (status, out) == (2, "")
    assert err == f"Error: {target} exists and was left as it is; name a file that does not exist with --output\n"
    assert target.read_text() == "precious"


def test_a_name_that_no_directory_would_find_is_remarked(
    capsys: pytest.CaptureFixture[str], shop: str, tmp_path: Path
) -> None:
    _, _, err = run(capsys, "scaffold", shop, "--output", str(tmp_path / "shop.py"))

    assert "its name must be like 0002_import_shop.py" in err


@pytest.mark.parametrize("command", ["analyze", "scaffold"])
@pytest.mark.parametrize(
    ("file", "said"),
    [("missing.db", "there is no file missing.db"), (__file__, "is not a SQLite database"), (".", ". is not a file")],
)
def test_a_wrong_file_is_one_line(capsys: pytest.CaptureFixture[str], command: str, file: str, said: str) -> None:
    status, out, err = run(capsys, command, file)

    assert (status, out) == (2, "")
    [line] = err.splitlines()
    assert line.startswith("Error: ")
    assert said in line


def test_a_module_that_cannot_be_written_is_one_line(capsys: pytest.CaptureFixture[str], shop: str) -> None:
    status, _, err = run(capsys, "scaffold", shop, "--output", "no/such/folder/0001_import_it.py")

    assert (status, err) == (
        2,
        "Error: no/such/folder/0001_import_it.py cannot be written (No such file or directory); "
        "name another with --output\n",
    )
