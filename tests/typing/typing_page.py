"""Make a program of the code on the page about types: for mypy with its comments, to run without its mistakes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.restructured_text import code_blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "typing.rst"
_MISTAKE = "  # error: "
_REVEALED = re.compile(r"^(\s*reveal_type\(.*\)) +# (.*)$")
_BEGINNING = """\
from typing import reveal_type

from madmall_models import (
    GSI2, Circle, Database, DecimalAttribute, Document, Entity, IdAttribute, ListAttribute, Manager, PrimaryKey, Query,
    TimeAttribute, UnicodeAttribute, User, new_id, utc_now,
)

db = Database(table="made-for-tests")
"""


def as_sample() -> str:
    """Return the code of the page with its comments written as those of the samples."""
    return _BEGINNING + "\n".join(map(_as_in_samples, _lines()))


def as_program() -> str:
    """Return the code of the page without its mistakes."""
    return "\n".join(line for line in _lines() if _MISTAKE not in line)


def _lines() -> list[str]:
    return [
        line
        for block in code_blocks(PAGE)
        if block.language == "python"
        for line in re.sub(" +# error: ", _MISTAKE, block.text).splitlines()
    ]


def _as_in_samples(line: str) -> str:
    return _REVEALED.sub(r"\1  # R: \2", line).replace(_MISTAKE, "  # E: ")
