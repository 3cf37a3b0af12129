"""Remember what a check has seen of a table, in bounded memory.

Everything is in a private temporary SQLite database: SQLite keeps a few megabytes of it in memory and the rest in a
file that has no name and is gone with the connection. Of contents there are digests only; of keys, those of the
entities' own items.
"""

from __future__ import annotations

import hashlib
import sqlite3
from types import TracebackType

_CACHE_KIBIBYTES = 8192


class CheckMemory:
    """Be the memory of one check, used by one thread.

    Attributes:
        database: where those who remember make their own tables.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's word for a private temporary file.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("PRAGMA synchronous = OFF")

    def __enter__(self) -> CheckMemory:
        """Return the memory."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget everything."""
        self.database.close()


def digest_of_place(place: tuple[str, str]) -> bytes:
    """Return what a primary key is remembered by, 16 bytes; no part of a key holds the character between."""
    return hashlib.blake2b("\0".join(place).encode("utf-8", "surrogatepass"), digest_size=16).digest()
