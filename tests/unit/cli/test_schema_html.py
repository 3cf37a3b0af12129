"""The command ``madmall schema html`` writes a site, compares it, and takes away what is no longer part of it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from madmall_models import cli
from madmall_models.declaration import isolated_registry

THINGS = """
from madmall_models import Entity, IdAttribute, PrimaryKey

class Thing(Entity, discriminator="THING_OF_A_COMMAND"):
    key = PrimaryKey("THING_OF_A_COMMAND#{thing_id}", "METADATA", answers="Which thing has this id?")
    thing_id = IdAttribute()
"""
MODULE = "things_of_a_command"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder of its own with a module of one entity, and forget what is imported from there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path(f"{MODULE}.py").write_text(THINGS)
    with isolated_registry():
        yield
    sys.modules.pop(MODULE, None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.run(["schema", "html", "--module", MODULE, "--only", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_site_is_written_and_says_where_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, "", "12 files are written; open docs/schema/html/index.html\n")
    assert Path("docs/schema/html/entities/Thing.html").is_file()
    assert Path("docs/schema/html/assets/site.css").is_file()


def test_a_site_that_was_just_written_is_not_stale(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--output", "site")

    assert run(capsys, "--output", "site", "--check") == (0, "", "site is what the declarations say\n")


def test_a_stale_site_is_told_and_mended(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--output", "site")
    page = Path("site/index.html")
    page.write_text(page.read_text().replace("Which thing has this id?", "Which thing is it?"))
    Path("site/operations.html").unlink()

    status, out, _ = run(capsys, "--output", "site", "--check")

    assert status == 1
    assert out.splitlines()[0] == "site/index.html is stale: 1 line to add, 1 line to remove"
    assert "site/operations.html is not there" in out.splitlines()
    mend = out.splitlines()[-1].removeprefix("Mend it: ")
    assert mend == f"madmall schema html --module {MODULE} --only --output site"
    assert cli.run(shlex.split(mend)[1:]) == 0
    assert run(capsys, "--output", "site", "--check")[0] == 0


def test_a_site_that_was_never_written_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--check")

    assert status == 1
    assert "docs/schema/html/index.html is not there" in out
    assert not Path("docs").exists()


def test_the_page_of_an_entity_that_is_gone_goes_too(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--output", "site")
    gone = Path("site/entities/Gone.html")
    gone.write_text(Path("site/entities/Thing.html").read_text())

    status, out, _ = run(capsys, "--output", "site", "--check")
    assert (status, out.splitlines()[0]) == (1, "site/entities/Gone.html is of an entity that is not declared")

    run(capsys, "--output", "site")
    assert not gone.exists()


def test_a_page_of_somebody_else_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    theirs = Path("site/entities/theirs.html")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("<p>theirs</p>")

    run(capsys, "--output", "site")

    assert theirs.read_text() == "<p>theirs</p>"
    assert run(capsys, "--output", "site", "--check")[0] == 0


def test_a_folder_that_is_a_file_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("site").touch()

    status, out, err = run(capsys, "--output", "site")

    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("Error: site")
    assert "name another --output" in err


def test_a_module_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.run(["schema", "html", "--module", "no_such_models"])

    assert status == 2
    assert "no_such_models" in capsys.readouterr().err
    assert not Path("docs").exists()
