"""Write the page that shows each defect beside the tests that keep it out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.defects.catalogue import Catalogue, Defect
from tests.defects.pins import Pin, by_number

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "defects.rst"
COMMAND = "make defects"

_BEGINNING = f"""\
.. Written by ``{COMMAND}``: change the markers of the tests or ``tests/defects/defects.yaml``, not this page.

The defects that are not repeated
=================================

{{said}}

``{COMMAND}`` runs these tests, and writes this page only when every one of them ran and passed. The suite fails when
this page is not what the markers of the tests say. A path is one below ``tests/``.
"""
_HEADER = """\
.. list-table::
   :header-rows: 1
   :widths: 5 35 60

   * - No.
     - What was wrong
     - What keeps it out"""


def render(catalogue: Catalogue, pins: Iterable[Pin]) -> str:
    """Return the text of the page."""
    pinned = by_number(pins)
    tests = {pin.node for found in pinned.values() for pin in found}
    said = (
        f"The system that this package replaces had {len(catalogue.defects)} defects that are known. For "
        f"{len(pinned)} of them there are {len(tests)} tests that fail when the defect comes back."
    )
    if catalogue.cannot_apply:
        said += f" {len(catalogue.cannot_apply)} cannot apply here."
    parts = [_BEGINNING.format(said=textwrap.fill(said, 120))]
    for area, defects in groupby(catalogue.defects.values(), key=lambda defect: defect.area):
        title = area.capitalize()
        parts.append("\n".join([title, "-" * len(title), "", _HEADER, *_rows(defects, catalogue, pinned)]))
    return "\n".join(line.rstrip() for line in "\n".join(parts).splitlines()) + "\n"


def _rows(defects: Iterable[Defect], catalogue: Catalogue, pinned: dict[int, list[Pin]]) -> Iterator[str]:
    for defect in defects:
        yield f"   * - {defect.number}"
        yield f"     - {defect.title}"
        reason = catalogue.cannot_apply.get(defect.number)
        remark = catalogue.remarks.get(defect.number)
        answers = [f"Cannot apply: {reason}"] if reason else _tests(pinned[defect.number], remark)
        yield from (f"     {'-' if not place else ' '} {line}" for place, line in enumerate(answers))
    yield ""


def _tests(pins: Sequence[Pin], remark: str | None) -> list[str]:
    tests = [f"- ``{pin.path.removeprefix('tests/')}``: {_sentence(pin.test)}" for pin in pins]
    return tests if remark is None else [*tests, f"- *{remark}*"]


def _sentence(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")
