"""Compare what mypy says about a sample with what its comments say it must say.

A comment stands at the end of a line, or on lines of its own before it: ``# E:`` an error, ``# R:`` the type that
``reveal_type`` shows. ``# E+:`` and ``# R+:`` hold with the plugin only, ``# E-:`` and ``# R-:`` without it only.
Types are written without their modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_COMMENT = re.compile(r"# (?P<kind>[ER])(?P<only>[+-]?): (?P<text>.*?)\s*$")
_SAID = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): (?P<level>error|note): (?P<text>.*?)(?:  \[[\w-]+\])?$")
_REVEALED = re.compile(r'Revealed type is "(?P<type>.*)"')
# ... and a class inside of a function has its line behind it.
_MODULE = re.compile(r"\b(?:\w+\.)+(?=\w)|(?<=\w)@\d+")

Finding = tuple[str, int, str, str]


def expected(path: Path, *, plugin: bool) -> set[Finding]:
    """Return what the comments of a sample say."""
    return set(_expected(path, "-" if plugin else "+"))


def said(output: str) -> set[Finding]:
    """Return what mypy said: errors, and the types that it revealed."""
    return set(_said(output))


def _expected(path: Path, left_out: str) -> Iterator[Finding]:
    waiting: list[re.Match[str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = _COMMENT.search(line)
        if found:
            waiting.append(found)
        if line.lstrip().startswith("#"):
            continue
        for comment in waiting:
            if comment["only"] != left_out:
                yield path.name, number, comment["kind"], comment["text"]
        waiting = []


def _said(output: str) -> Iterator[Finding]:
    for line in output.splitlines():
        found = _SAID.match(line)
        if found is None:
            # A crash, for one, says so on lines of another form.
            yield "", 0, "E", line
            continue
        revealed = _REVEALED.match(found["text"])
        name, number = Path(found["path"]).name, int(found["line"])
        if revealed:
            yield name, number, "R", _MODULE.sub("", revealed["type"])
        elif found["level"] == "error":
            yield name, number, "E", found["text"]
