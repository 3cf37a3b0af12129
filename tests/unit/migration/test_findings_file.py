"""Findings lie in a file for its owner only, which replaces none but its like."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from madmall_models import ConfigurationError
from madmall_models.migration.findings_file import FindingsFile
from madmall_models.migration.verification_finding import VerificationFinding

FINDING = VerificationFinding("extra", "User", "PK=USER#...", "no row gives it", ids={"userId": "u1"})


def test_each_finding_is_a_line_with_the_ids_that_texts_leave_out(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    with FindingsFile(path) as file:
        file.write(FINDING)
        file.write(FINDING)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["ids"] for line in lines] == [{"userId": "u1"}] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "u1" not in f"{FINDING} {FINDING!r} {FINDING.as_dict()}"


def test_without_a_finding_there_is_no_file(tmp_path: Path) -> None:
    with FindingsFile(tmp_path / "findings.jsonl"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_without_a_path_findings_are_counted_only() -> None:
    with FindingsFile(None) as file:
        file.write(FINDING)

    assert file.count == 1


def test_an_earlier_file_of_findings_is_replaced_and_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    for times in (3, 1):
        with FindingsFile(path) as file:
            for _ in range(times):
                file.write(FINDING)
        path.chmod(0o644)
    with FindingsFile(path) as file:
        file.write(FINDING)

    assert len(path.read_text().splitlines()) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["mine\n", '{"table": "users"}\n', "[1]\n"])
def test_any_other_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match="is not a file of findings"):
        FindingsFile(path)

    assert path.read_text() == content


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        FindingsFile(tmp_path / "missing" / "findings.jsonl")
