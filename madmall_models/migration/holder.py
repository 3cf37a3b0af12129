"""Say which process holds something, so that another one on the same machine can tell whether it is still there."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

_PROC = Path("/proc")
_ENDED = "ended"
_START_FIELD = 19  # of what follows the name of the program in /proc/PID/stat: field 22, counted from 1


@dataclass(frozen=True)
class Holder:
    """One process on one machine.

    Attributes:
        host: its machine's name.
        process: its process id.
        started: when it started, in a form of the system's own; empty where the system does not tell.
        machine: what tells this boot of this machine, and this container, from all others; empty where unknown.
    """

    host: str
    process: int
    started: str = ""
    machine: str = ""

    @classmethod
    def this(cls) -> Self:
        """Return the process that asks."""
        return cls(socket.gethostname(), os.getpid(), _start_of(os.getpid()), _machine())

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the holder that :meth:`as_document` described."""
        return cls(**document)

    def as_document(self) -> dict[str, Any]:
        """Return the holder as plain values."""
        return asdict(self)

    @property
    def is_gone(self) -> bool:
        """Tell whether the process certainly exists no more; False also where that cannot be known from here."""
        if not self.machine or not self.started or self.machine != _machine():
            return False
        started = _start_of(self.process)
        # Some systems hide the processes of others: what cannot be looked at may live.
        return started != self.started if started else not _is_there(self.process)

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


def _machine() -> str:
    """Return the boot of this machine and the namespace of its process ids; empty where there is no such thing."""
    with contextlib.suppress(OSError):
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink(_PROC / 'self/ns/pid')}"
    return ""


def _start_of(process: int) -> str:
    """Return the moment at which a process started, in ticks since the boot; empty where it cannot be seen."""
    with contextlib.suppress(OSError):
        status = (_PROC / str(process) / "stat").read_text(errors="replace")
        # The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
        fields = status.rpartition(")")[2].split()
        return _ENDED if fields[0] == "Z" else fields[_START_FIELD]
    return ""


def _is_there(process: int) -> bool:
    """Tell whether a process exists, also one that may not be looked at."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
