"""An export holds what was put into it, for its owner only, and is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import BackupFailed
from madmall_models.migration.export_file import ExportFile, checksum_of, exported_items

ITEM = {
    "PK": {"S": "USER#u1"},
    "SK": {"S": "PROFILE"},
    "n": {"N": "1.50"},
    "b": {"B": b"\x00\xff"},
    "bs": {"BS": [b"a", b"\xfe"]},
    "deep": {"L": [{"M": {"b": {"B": b"x"}, "none": {"NULL": True}}}, {"BOOL": False}, {"SS": ["q", "p"]}]},
    "half": {"S": "\ud83d"},
    "line": {"S": "one\ntwo \u2028 three"},
}

plain = st.one_of(
    st.builds(lambda text: {"S": text}, st.text()),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda content: {"B": content}, st.binary()),
)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(lambda members: {"L": members}, st.lists(inner, max_size=3)),
        st.builds(lambda members: {"M": members}, st.dictionaries(st.text(min_size=1), inner, max_size=3)),
    ),
    max_leaves=6,
)


def write(path: Path, *items: Any) -> ExportFile:
    with ExportFile(path) as export:
        for item in items:
            export.write(item)
    return export


def test_every_type_comes_back_as_it_was(tmp_path: Path) -> None:
    export = write(tmp_path / "export.jsonl", ITEM)

    assert list(exported_items(export.path)) == [ITEM]
    assert checksum_of(export.path) == export.checksum
    assert export.path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [export.path]


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: name not in ("PK", "SK")), values, max_size=4))
def test_any_item_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, attributes: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("exports") / "export.jsonl"
    item = {"PK": {"S": "A"}, "SK": {"S": "B"}, **attributes}

    write(path, item)

    assert list(exported_items(path)) == [item]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("call Ruth\n")
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "nowhere")

    with pytest.raises(BackupFailed, match="exists, and may be the backup of another run"):
        write(path, ITEM)
    with pytest.raises(BackupFailed, match="exists"):
        write(link, ITEM)

    assert path.read_text() == "call Ruth\n"


def test_what_a_killed_run_left_is_replaced_and_no_longer_open_to_others(tmp_path: Path) -> None:
    (tmp_path / "export.jsonl.part").write_text("half an item" * 1000)
    (tmp_path / "export.jsonl.part").chmod(0o644)

    export = write(tmp_path / "export.jsonl", ITEM)

    assert list(exported_items(export.path)) == [ITEM]
    assert export.path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"cannot be written \(No such file or directory\); name a file where"):
        write(tmp_path / "none" / "export.jsonl", ITEM)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(BackupFailed, match="No space left on device"):
        write(tmp_path / "export.jsonl", ITEM)

    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_while_items_come_leaves_nothing_behind(tmp_path: Path) -> None:
    class FullDisk:
        def write(self, line: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    export = ExportFile(tmp_path / "export.jsonl")
    with pytest.raises(BackupFailed, match="No space left on device"), export:
        export._lines.close()
        export._lines = FullDisk()
        export.write(ITEM)

    assert list(tmp_path.iterdir()) == []


def test_a_reading_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ExportFile(tmp_path / "export.jsonl") as export:
        export.write(ITEM)
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda line: line[:-1],
        lambda line: line + b"{",
        lambda line: b"\xff" + line,
        lambda line: b'{"Item":{"PK":{"S":"A"}}}\n',
        lambda line: b'{"Item":{"PK":{"S":"A"},"SK":{"N":"1"}}}\n',
        lambda line: b'{"PK":{"S":"A"}}\n',
        lambda line: b'{"Item":{"PK":{"S":"A"},"SK":{"S":"B"},"b":{"B":"*"}}}\n',
        lambda line: b'{"Item":{"PK":{"S":"A"},"SK":{"S":"B"},"b":{"S":"a","N":"1"}}}\n',
        lambda line: b"[]\n",
    ],
)
def test_a_damaged_file_is_told_by_its_line(tmp_path: Path, spoilt: Any) -> None:
    export = write(tmp_path / "export.jsonl", {"PK": {"S": "A"}, "SK": {"S": "B"}})
    line = export.path.read_bytes()
    export.path.write_bytes(line + spoilt(line))

    with pytest.raises(BackupFailed, match=r"line [23] is no item of an export"):
        checksum_of(export.path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"cannot be read \(No such file or directory\)"):
        checksum_of(tmp_path / "none.jsonl")
