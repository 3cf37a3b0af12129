"""Draw from one seed: the same seed and purpose give the same choices on every machine."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")

DAY = 86_400_000
SECOND = 1_000
# The whole life of the legacy system, in milliseconds since its first day. Fixed, so that a database can be made again.
LIFETIME = 274 * DAY
_MONTHS = ((1, 31), (2, 29), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31))
_DAYS = tuple(f"2024-{month:02d}-{day:02d}" for month, last in _MONTHS for day in range(1, last + 1))


class Chance:
    """Be one stream of choices, named by its purpose so that streams do not disturb each other."""

    def __init__(self, seed: int, purpose: str) -> None:
        # From text, the generator is seeded through SHA-512, alike in every version of Python.
        self._random = random.Random(f"{seed}/{purpose}")  # noqa: S311  (nothing secret is drawn)
        self.fraction = self._random.random

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to ``limit`` - 1."""
        return int(self.fraction() * limit)

    def between(self, least: int, most: int) -> int:
        """Return a whole number from ``least`` to ``most``, both included."""
        return least + int(self.fraction() * (most - least + 1))

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of ``choices``."""
        return choices[int(self.fraction() * len(choices))]

    def happens(self, share: float) -> bool:
        """Tell whether something happens that happens with this probability."""
        return self.fraction() < share

    def flag(self, share: float) -> int:
        """Return 1 with this probability, else 0, as SQLite stores a boolean."""
        return 1 if self.fraction() < share else 0

    def around(self, mean: float, most: int) -> int:
        """Return a whole number of a skewed kind: usually under ``mean``, rarely far over it, never over ``most``."""
        return min(int(self._random.expovariate(1 / mean) + 0.5), most)

    def moment(self, after: int = 0) -> int:
        """Return a moment of the lifetime, at least a second later than the moment ``after``.

        The second keeps the order of two moments when one of them loses its milliseconds.
        """
        return after + SECOND + int(self.fraction() * max(LIFETIME - after, DAY))

    def some(self, choices: Sequence[str], least: int, most: int) -> list[str]:
        """Return ``least`` to ``most`` different ones of ``choices``."""
        return self._random.sample(choices, min(self.between(least, most), len(choices)))

    def lists(self, choices: Sequence[str], least: int, most: int) -> tuple[str, ...]:
        """Return forty JSON texts of such lists, to pick from: rendering one for each row would take longest of all."""
        return tuple(json.dumps(self.some(choices, least, most), ensure_ascii=False) for _ in range(40))


def moment_text(moment: int) -> str:
    """Return the ISO 8601 text of a moment, in UTC with milliseconds.

    >>> moment_text(0), moment_text(DAY + 1)
    ('2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00.001Z')
    """
    day, rest = divmod(moment, DAY)
    minutes, milliseconds = divmod(rest, 60_000)
    hour, minute = divmod(minutes, 60)
    seconds = f"{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
    return f"{_DAYS[day]}T{hour:02d}:{minute:02d}:{seconds}Z"
