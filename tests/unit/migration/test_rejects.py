"""Rejects say where and why, hide what is personal, and lie in a file for their owner only."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from madmall_models import ConfigurationError
from madmall_models.migration.rejects import Fault, Reject, RejectFile
from madmall_models.migration.source import Row, UndecodableText

ROW = Row("users", (7,), {"id": "u1", "email": "jane@example.com", "bio": None, "theme": b"\x00", "password": "x"})
REJECT = Reject(ROW, "cast", (Fault("bio", "INVALID_UTF8", "is not UTF-8"), Fault("theme", "NOT_TEXT", "is no text")))


@pytest.mark.defect(84)
def test_a_line_says_where_and_why_and_masks_all_but_open_columns() -> None:
    assert json.loads(REJECT.as_line({"id", "theme"})) == {
        "table": "users",
        "rowid": 7,
        "stage": "cast",
        "field": "bio",
        "code": "INVALID_UTF8",
        "message": "is not UTF-8",
        "others": [{"field": "theme", "code": "NOT_TEXT", "message": "is no text"}],
        "row": {"id": "u1", "email": "***", "bio": None, "theme": {"$base64": "AA=="}, "password": "***"},
    }


def test_a_compound_key_of_any_values_is_told() -> None:
    row = Row("pairs", ("a", UndecodableText(b"\xff")), {})

    assert json.loads(Reject(row, "write", REJECT.faults).as_line(()))["rowid"] == ["a", {"$base64": "/w=="}]


def test_the_file_is_private_even_where_an_open_one_was(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text(REJECT.as_line({"id"}) + "\n")
    path.chmod(0o644)

    with RejectFile(path) as rejects:
        rejects.write(REJECT, {"id"})
        rejects.write(REJECT, {"id"})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [json.loads(line)["table"] for line in path.read_text().splitlines()] == ["users", "users"]


def test_without_a_reject_no_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text(REJECT.as_line({"id"}) + "\n")

    with RejectFile(path):
        pass

    assert not path.exists()


def test_rejects_are_counted_without_a_file_too() -> None:
    with RejectFile(None) as rejects:
        rejects.write(REJECT, ())

        assert rejects.count == 1


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        RejectFile(tmp_path / "no" / "rejects.jsonl")


@pytest.mark.defect(84)
def test_neither_text_nor_repr_of_a_reject_holds_values() -> None:
    assert "jane" not in f"{REJECT} {REJECT!r}"
