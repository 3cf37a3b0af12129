"""The command ``madmall schema`` prints, writes and compares documents, and says what is wrong in one line."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from madmall_models import cli
from madmall_models.declaration import isolated_registry
from madmall_models.schema.documents import DOCUMENTS, Source

EVENT = """
from madmall_models import Entity, IdAttribute, PrimaryKey

class Event(Entity, discriminator="EVENT_OF_A_TEST"):
    key = PrimaryKey("EVENT_OF_A_TEST#{event_id}", "METADATA", answers="Which event has this id?")
    event_id = IdAttribute()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder of its own, and forget what is imported from there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with isolated_registry():
        yield
    for name in ("events_of_a_test", "events_from_here"):
        sys.modules.pop(name, None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.run(["schema", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.of()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_goes_to_stdout_alone(capsys: pytest.CaptureFixture[str], source: Source, name: str) -> None:
    status, out, err = run(capsys, name)

    assert (status, err) == (0, "")
    assert out == DOCUMENTS[name].make(source)


def test_a_document_is_written_checked_and_mended(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "iam", "--output", "docs/iam.json") == (0, "", "docs/iam.json is written\n")
    assert run(capsys, "iam", "--output", "docs/iam.json", "--check")[0] == 0
    Path("docs/iam.json").write_text("{}\n")

    status, out, _ = run(capsys, "iam", "--output", "docs/iam.json", "--check")

    assert status == 1
    assert out.startswith("docs/iam.json is stale: ")
    mend = out.splitlines()[-1].removeprefix("Mend it: ")
    assert mend == "madmall schema iam --output docs/iam.json"
    assert cli.run(shlex.split(mend)[1:]) == 0
    assert run(capsys, "iam", "--output", "docs/iam.json", "--check")[0] == 0


def test_the_command_that_mends_has_the_options_that_were_given(capsys: pytest.CaptureFixture[str]) -> None:
    Path("events_of_a_test.py").write_text(EVENT)

    _, out, _ = run(
        capsys, "iam", "--module", "events_of_a_test", "--only", "--role", "reader", "--table", "a table", "--check"
    )

    assert out.splitlines()[-1] == (
        "Mend it: madmall schema iam --role reader --table 'a table' --module events_of_a_test --only "
        "--output docs/schema/iam.json"
    )


def test_all_documents_are_kept_in_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "all", "--check")[0] == 1
    assert run(capsys, "all")[0] == 0
    assert {path.name for path in Path("docs/schema").iterdir()} == {each.file for each in DOCUMENTS.values()}
    assert run(capsys, "all", "--check")[0] == 0
    Path("docs/schema/schema.md").unlink()

    status, out, _ = run(capsys, "all", "--check")

    assert (status, out.splitlines()) == (
        1,
        ["docs/schema/schema.md is not there", "Mend it: madmall schema all --output docs/schema"],
    )


def test_a_check_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "all", "--check")

    assert not Path("docs").exists()


def test_their_entities_are_found_from_the_current_directory(capsys: pytest.CaptureFixture[str]) -> None:
    Path("events_from_here.py").write_text(EVENT.replace("EVENT_OF_A_TEST", "EVENT_FROM_HERE"))

    status, out, _ = run(capsys, "json", "--module", "events_from_here", "--only")

    assert status == 0
    assert [each["name"] for each in json.loads(out)["access_patterns"]] == ["Event.get"]


def test_what_a_module_prints_is_no_part_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    Path("events_of_a_test.py").write_text(EVENT + 'print("hello from a module")\n')

    status, out, err = run(capsys, "json", "--module", "events_of_a_test", "--only")

    assert (status, err) == (0, "hello from a module\n")
    assert json.loads(out)["modules"] == ["events_of_a_test"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["markdwon"], "No such command 'markdwon'. Did you mean markdown?"),
        (["iam", "--role", "reder"], "'reder' is not one of 'reader'"),
        (["json", "--module", "nowhere.models"], "Error: module 'nowhere.models' could not be imported: there is no"),
        (["json", "--module", "models.py"], "; a file is named by its module: models"),
        (["json", "--only"], "Error: --only leaves our own entities out; name yours with --module"),
        (["json", "--output", "file/in/a/file"], "Error: file/in/a: Not a directory; name another --output"),
        (["json", "--output", "binary", "--check"], "Error: binary holds something else than text"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    Path("file").touch()
    Path("binary").write_bytes(b"\xff\xfe\x00")

    status, out, err = run(capsys, *arguments)

    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_help_lists_the_documents(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--help")

    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ") and line.strip()}
    assert {"all", *DOCUMENTS} <= listed
