"""A document that is kept in a file is compared with what would be made, and what differs is told."""

from __future__ import annotations

from pathlib import Path

from madmall_models.schema.committed import stale_files, write_files


def test_what_was_written_is_not_stale(tmp_path: Path) -> None:
    made = {tmp_path / "new" / "folder" / "a.md": "one\ntwo\n", tmp_path / "b.md": "\u00e9\n"}

    write_files(made)

    assert stale_files(made) == []


def test_a_missing_file_is_stale(tmp_path: Path) -> None:
    (stale,) = stale_files({tmp_path / "a.md": "one\n"})

    assert stale.missing
    assert str(stale) == f"{(tmp_path / 'a.md').as_posix()} is not there"


def test_what_differs_is_counted_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one\ntwo\nthree\n", encoding="utf-8")

    (stale,) = stale_files({file: "one\n2\nthree\nfour\n"})

    assert str(stale).splitlines() == [
        f"{file.as_posix()} is stale: 2 lines to add, 1 line to remove",
        "@@ -2 +2 @@",
        "-two",
        "+2",
        "@@ -3,0 +4 @@",
        "+four",
    ]


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.touch()

    (stale,) = stale_files({file: "line\n" * 100})

    assert len(str(stale).splitlines()) == 22
    assert str(stale).splitlines()[-1] == "... and 81 lines more"


def test_the_end_of_the_last_line_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one", encoding="utf-8")

    assert len(stale_files({file: "one\n"})) == 1
