"""Parse the path to an attribute by stored names: ``author.id``, ``tags[0]``, ``meetings[1].place``.

A dot always leads into a map, so that a name with a dot in it cannot be written; no attribute of this table has one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from madmall_models.errors import QueryError
from madmall_models.limits import LIST_POSITION, PATH_LEVELS

_SEGMENT = re.compile(r"([^\[\]]+)((?:\[[0-9]+\])*)")
_POSITION = re.compile(r"\[([0-9]+)\]")
_MOST_CHARACTERS = 4096

# The names and list positions of a path, from the outside in.
Steps = tuple[str | int, ...]


def parse(text: object) -> Steps:
    """Return the names and list positions of a path.

    >>> parse("meetings[1].place")
    ('meetings', 1, 'place')

    Raises:
        QueryError: it is no path, or deeper than DynamoDB goes.
    """
    if not isinstance(text, str) or not text or len(text) > _MOST_CHARACTERS:
        raise QueryError("an attribute is named by its stored name, as in 'status' or 'author.id' or 'tags[0]'")
    steps: list[str | int] = []
    for segment in text.split("."):
        found = _SEGMENT.fullmatch(segment)
        if found is None:
            raise QueryError(
                "a path is made of names, dots and positions, as in 'author.id' or 'tags[0]'; one is empty"
            )
        positions = [int(digits) for digits in _POSITION.findall(found[2])]
        steps += [found[1], *positions]
    _check(steps)
    return tuple(steps)


def segments(steps: Steps) -> list[str]:
    """Return the path in PynamoDB's form: names with their positions, ``['meetings[1]', 'place']``."""
    written: list[str] = []
    for step in steps:
        if isinstance(step, int):
            written[-1] += f"[{step}]"
        else:
            written.append(step)
    return written


def up_to_a_position(steps: Steps) -> Steps:
    """Return the path without its first list position and all that follows."""
    first = next((number for number, step in enumerate(steps) if isinstance(step, int)), len(steps))
    return steps[:first]


def overlap(paths: Sequence[Steps]) -> tuple[Steps, Steps] | None:
    """Return two paths of which one lies in the other, or which take one value for a list and a map, else None."""
    return next(((one, other) for one, other in combinations(paths, 2) if _clash(one, other)), None)


def value_at(steps: Steps, item: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the DynamoDB attribute value at a path of a stored item, or None where there is none."""
    found: Mapping[str, Any] | None = {"M": item}
    for step in steps:
        if found is None:
            return None
        if isinstance(step, str):
            found = found.get("M", {}).get(step)
        else:
            members = found.get("L", ())
            found = members[step] if step < len(members) else None
    return found


def _check(steps: Sequence[str | int]) -> None:
    if len(steps) > PATH_LEVELS:
        raise QueryError(f"a path has at most {PATH_LEVELS} names and positions; this one has {len(steps)}")
    if any(isinstance(step, int) and step > LIST_POSITION for step in steps):
        raise QueryError(f"a list position is at most {LIST_POSITION}")


def _clash(one: Steps, other: Steps) -> bool:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return isinstance(mine, int) is not isinstance(theirs, int)
    return True
