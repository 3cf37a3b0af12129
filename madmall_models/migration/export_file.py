"""Keep the items of a table in a file: one item a line, as DynamoDB's own JSON export and import write it.

The file holds health data as it is. Only its owner can read it, it has its name only once it is whole, and it never
takes the place of another file.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import BackupFailed
from madmall_models.migration.item_digest import Checksum, Item, item_digest

_OWNER_ONLY = 0o600


class ExportFile:
    """Write an export within a ``with`` block; at its end the file is flushed to the disk and gets its name.

    A block that raises leaves nothing behind.

    Args:
        path: the file to make.

    Raises:
        BackupFailed: there is a file of this name, or it cannot be written, or the disk is full.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.checksum = Checksum()
        self._part = self.path.with_name(f"{self.path.name}.part")
        self._lines: Any = None

    def __enter__(self) -> ExportFile:
        """Open the file beside its place."""
        if self.path.exists() or self.path.is_symlink():
            raise BackupFailed(f"{self.path} exists, and may be the backup of another run; name another file")
        with self._typed():
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _OWNER_ONLY)
            # What a killed run left there keeps its mode otherwise.
            os.fchmod(handle, _OWNER_ONLY)
            self._lines = os.fdopen(handle, "wb")
        return self

    def write(self, item: Item) -> None:
        """Write one item."""
        with self._typed():
            self._lines.write(_line_of(item))
        self.checksum.add(item_digest(item))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the file its name, or remove it if the block raised."""
        if error is not None:
            self._give_up()
            return
        try:
            with self._typed():
                self._lines.flush()
                os.fsync(self._lines.fileno())
                self._lines.close()
                os.replace(self._part, self.path)
                _flush_folder(self.path.parent)
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            # What is still in the buffer may not fit on the disk.
            self._lines.close()
        self._part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupFailed(
                f"the backup {self.path} cannot be written ({error.strerror}); name a file where there is room. "
                "The table was left as it is"
            ) from error


def exported_items(path: str | os.PathLike[str]) -> Iterator[Item]:
    """Yield the items of an export file.

    Raises:
        BackupFailed: the file cannot be read, or a line of it is no item; the message has its number.
    """
    try:
        with open(path, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield _item_of(line, f"{path}: line {number}")
    except OSError as error:
        raise BackupFailed(f"the backup {path} cannot be read ({error.strerror})") from error


def checksum_of(path: str | os.PathLike[str]) -> Checksum:
    """Return the checksum of what an export file holds.

    Raises:
        BackupFailed: the file cannot be read, or a line of it is no item.
    """
    checksum = Checksum()
    for item in exported_items(path):
        checksum.add(item_digest(item))
    return checksum


def _line_of(item: Item) -> bytes:
    document = {"Item": {name: _plain(wire) for name, wire in item.items()}}
    # Escaped, so that half a surrogate pair, which some engines keep, is written as well.
    return json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"


def _item_of(line: bytes, where: str) -> Item:
    try:
        if not line.endswith(b"\n"):
            raise ValueError("cut short")
        item = {name: _wire(plain) for name, plain in json.loads(line)["Item"].items()}
        if not all(isinstance(item[name]["S"], str) for name in ("PK", "SK")):
            raise ValueError("no key")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BackupFailed(f"{where} is no item of an export; the file is damaged or something else") from error
    return item


def _plain(wire: Mapping[str, Any]) -> dict[str, Any]:
    [(kind, content)] = wire.items()
    if kind == "B":
        return {kind: _text_of(content)}
    if kind == "BS":
        return {kind: [_text_of(member) for member in content]}
    if kind == "L":
        return {kind: [_plain(member) for member in content]}
    if kind == "M":
        return {kind: {name: _plain(member) for name, member in content.items()}}
    return {kind: content}


def _wire(plain: Mapping[str, Any]) -> dict[str, Any]:
    [(kind, content)] = plain.items()
    if kind == "B":
        return {kind: base64.b64decode(content, validate=True)}
    if kind == "BS":
        return {kind: [base64.b64decode(member, validate=True) for member in content]}
    if kind == "L":
        return {kind: [_wire(member) for member in content]}
    if kind == "M":
        return {kind: {name: _wire(member) for name, member in content.items()}}
    return {kind: content}


def _text_of(content: Any) -> str:
    return base64.b64encode(bytes(content)).decode("ascii")


def _flush_folder(folder: Path) -> None:
    """Flush the name of a file to the disk; a system that cannot open a folder keeps it all the same."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
