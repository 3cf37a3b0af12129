"""``madmall demo`` shows all it says, leaves nothing behind, and says in one line what it could not do."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models.cli import run
from madmall_models.cli.call import Call
from madmall_models.cli.demo_writes import Outcome
from madmall_models.cli.measured import Cost
from madmall_models.database import Database
from madmall_models.errors import MadMallError, Throttled
from madmall_models.testing import engines

demo = importlib.import_module("madmall_models.cli.demo")

FEW = ("--users", "20")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that temporary files go to, so that what is left there is seen."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def show(engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Give the command on the engine of these tests, which runs already."""
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *options: run(["demo", "--engine", engine.endpoint or engine.name, *FEW, *options])


def tables(engine: Any) -> set[str]:
    database = Database(table="any", **engine.connection_settings())
    names = {
        name
        for page in database.connection.client.get_paginator("list_tables").paginate()
        for name in page["TableNames"]
        if name.startswith("madmall-demo-")
    }
    database.close()
    return names


@pytest.fixture
def nothing_is_left(engine: Any, folder: Path) -> Iterator[None]:
    """Fail if the test leaves a table or a file that was not there before; other workers may share the engine."""
    yield
    assert list(folder.iterdir()) == []
    if engine.process_id is not None or engine.endpoint is None:
        assert tables(engine) == set()


def test_the_demo_moves_asks_writes_and_keeps_what_it_is_asked_to_keep(
    show: Callable[..., int], engine: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show("--keep", "--json") == 0
    written = capsys.readouterr()
    shown = json.loads(written.out)

    _check_contents(shown)
    (kept,) = folder.glob("madmall-demo-*")
    assert {path.name for path in kept.iterdir()} == {"legacy.db", "rejects.jsonl"}
    assert shown["rejects"]["file"] == str(kept / "rejects.jsonl")
    assert f"Kept: {kept}" in written.err
    # An engine that ran before keeps the table too; one that ends with the command cannot.
    assert (f"Kept: the table {shown['table']}" in written.err) == (engine.endpoint is not None)
    database = Database(table=shown["table"], **engine.connection_settings())
    assert database.health().ok == (engine.endpoint is not None)
    database.delete_table()
    database.close()


def _check_contents(shown: dict[str, Any]) -> None:
    migration = shown["migration"]
    assert migration["read"] == sum(shown["legacy"]["rows"].values())
    assert migration["written"] + migration["rejected"] == migration["read"]
    assert migration["rejected"] > 0
    assert shown["as_expected"] is True
    assert {(answer["entity"], answer["key"]) for answer in shown["tour"]} == {
        (entity.__name__, name) for entity in demo.ENTITIES for name in (*entity.keys, *entity.claims)
    }
    assert [answer["key"] for answer in shown["tour"] if answer["call"] is None] == []
    assert sum(answer["items"] for answer in shown["tour"]) > len(shown["tour"])
    assert all(answer["requests"] >= 1 for answer in shown["tour"])
    assert [write["refused_by"] for write in shown["writes"]] == [
        None, "UniqueViolation", None, None, "CircleIsFull", None,
    ]  # fmt: skip


@pytest.mark.usefixtures("nothing_is_left")
def test_the_text_is_plain_and_fits_the_terminal(show: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert show() == 0
    written = capsys.readouterr()

    assert "\x1b" not in written.out
    assert [line for line in written.out.splitlines() if len(line) > 100 and os.sep not in line] == []
    for entity in demo.ENTITIES:
        for name, key in entity.keys.items():
            assert key.answers.split(",")[0] in written.out, name
    assert "Done in" in written.out
    assert "moving" in written.err
    assert "Traceback" not in written.err


@pytest.mark.usefixtures("nothing_is_left")
def test_what_ends_otherwise_than_it_must_is_a_finding(
    show: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: Callable[..., Iterator[Outcome]] = demo.write_some

    def with_a_surprise(*arguments: Any) -> Iterator[Outcome]:
        first, *_ = made(*arguments)
        yield dataclasses.replace(first, as_expected=False)

    monkeypatch.setattr(demo, "write_some", with_a_surprise)
    monkeypatch.setattr(demo, "defective_rows", lambda legacy: {("users", 1)})

    assert show() == 1
    written = capsys.readouterr().out
    assert "NOT AS EXPECTED: not just the defective ones" in written
    assert "NOT AS EXPECTED: <User user_id='demo-owner' version=1>" in written


@pytest.mark.parametrize(("rejects", "write"), [(True, False), (False, True), (False, False)])
def test_one_surprise_is_enough(rejects: bool, write: bool) -> None:
    outcome = Outcome("-", Call("db", None, "get"), "-", None, write, Cost(1, 1.0, 1.0, 1.0))

    assert not demo.Performance(None, demo.Moved(None, rejects), [], [outcome]).as_expected


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "Stopped."),
        (Throttled("the table lacks capacity"), 2, "Error: the table lacks capacity"),
    ],
    ids=["interrupted", "failed"],
)
@pytest.mark.usefixtures("nothing_is_left")
def test_all_is_taken_down_when_it_ends_early(
    show: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: BaseException,
    status: int,
    said: str,
) -> None:
    def end_here(*_: Any, **__: Any) -> Any:
        raise what

    monkeypatch.setattr(demo, "make_legacy_database", end_here)

    assert show() == status
    assert capsys.readouterr().err.strip().splitlines()[-1] == said


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.usefixtures("nothing_is_left")
def test_a_request_to_end_does_what_an_interrupt_does(
    show: Callable[..., int], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    monkeypatch.setattr(demo, "make_legacy_database", lambda *_, **__: os.kill(os.getpid(), number))

    assert show() == 130
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "minstack"], "did you mean 'ministack'?"),
        (["--engine", "http://127.0.0.1:1"], "no engine at http://127.0.0.1:1"),
        (["--engine", "https://dynamodb.us-east-1.amazonaws.com"], "belongs to AWS"),
        (["--users", "3"], "20<=x<=1000000"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run(["demo", *options]) == 2
    written = capsys.readouterr()

    assert said in written.err
    assert "Traceback" not in written.err
    assert written.out == ""
    assert list(folder.iterdir()) == []


def test_a_variable_that_leads_past_the_engine_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MADMALL_ENDPOINT", "http://127.0.0.1:1")

    assert run(["demo", "--engine", "moto"]) == 2
    assert "MADMALL_ENDPOINT leads past the engine moto" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_an_engine_that_is_gone_at_the_end_hides_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: Any) -> None:
        raise Throttled("too busy")

    monkeypatch.setattr(Database, "delete_table", fail)
    monkeypatch.setattr(demo, "make_legacy_database", _raise_first)

    assert run(["demo", "--engine", "moto"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "Error: this came first"
    assert "was not deleted: too busy" in said[-2]
    with engines.start("moto") as moto:
        monkeypatch.undo()
        for name in tables(moto):
            database = Database(table=name, **moto.connection_settings())
            database.delete_table()
            database.close()


def _raise_first(*_: Any, **__: Any) -> Any:
    raise MadMallError("this came first")
