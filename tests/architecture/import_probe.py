"""Import modules and tell, as JSON, what that started and which extras it pulled in. Run as a program of its own."""

from __future__ import annotations

import _thread
import contextlib
import importlib
import io
import json
import sys
import threading
from collections.abc import Callable
from typing import Any

EXTRAS = ("boto3", "django", "flask", "ministack", "moto", "mypy")
THREAD = "_thread.start_new_thread"
STARTS = ("socket.", "subprocess.", "os.fork", "os.posix_spawn", "os.system", "sqlite3.connect")


def main(folder: str, *names: str) -> None:
    """Import the named modules from a folder, and each name that they list in ``__all__``."""
    sys.path.insert(0, folder)
    started: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(STARTS) and not _is_probe_of_urllib3():
            started.append(event)

    sys.addaudithook(watch)
    _watch_threads(started)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for name in names:
            module = importlib.import_module(name)
            for public in getattr(module, "__all__", ()):
                getattr(module, public)
    extras = [extra for extra in EXTRAS if extra in sys.modules]
    print(json.dumps({"started": started, "extras": extras, "printed": printed.getvalue()}))


def _watch_threads(started: list[str]) -> None:
    """Note every start of a thread; Python 3.11 has no audit event for it."""

    def watched(start: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **keywords: Any) -> Any:
            started.append(THREAD)
            return start(*arguments, **keywords)

        return noted

    _thread.start_new_thread = watched(_thread.start_new_thread)
    # Named by the standard library when it is imported: replacing the one above comes too late for it.
    for name in ("_start_new_thread", "_start_joinable_thread"):
        if hasattr(threading, name):
            setattr(threading, name, watched(getattr(threading, name)))


def _is_probe_of_urllib3() -> bool:
    """Tell whether urllib3 is asking the system for IPv6, as it does when it is imported: PynamoDB brings it along."""
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_name == "_has_ipv6":
            return True
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
