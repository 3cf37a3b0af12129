"""Let Python look for circles of garbage less often while rows are moved.

What a row makes holds no circle: it is freed when nobody refers to it. The rows that are on their way at one time are
so many objects that Python, by its own settings, looks through all of them for every twelfth row, and now and then
through all that the program holds.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made and not freed, before the youngest are looked through; and how often that leads to the older ones.
_RARELY = (20_000, 20, 100)
_lock = threading.Lock()
_before: list[tuple[int, int, int]] = []


@contextmanager
def looks_rarely() -> Iterator[None]:
    """Look rarely within the block, in the whole process; several blocks at a time are fine.

    A collector that is switched off stays so, and a setting that somebody made meanwhile stays as it is.

    >>> before = gc.get_threshold()
    >>> with looks_rarely():
    ...     gc.get_threshold()
    (20000, 20, 100)
    >>> gc.get_threshold() == before
    True
    """
    with _lock:
        _before.append(gc.get_threshold())
        gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        with _lock:
            # Of several blocks, the one that ends last gives back what the first had found.
            found = _before.pop() if len(_before) == 1 else _before.pop(1)
            if not _before and gc.get_threshold() == _RARELY:
                gc.set_threshold(*found)
