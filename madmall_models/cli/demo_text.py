"""Show the demo as plain text: headings, and figures in columns that fit a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import click

from madmall_models.cli.demo_writes import Outcome
from madmall_models.cli.tour import Answer

_USUAL_WIDTH = 100
_WIDEST = 120
_INDENT = "  "
# The name of each column and its least width; what stands to the left in its column is text.
_TOUR_COLUMNS = (("through", -7), ("items", 5), ("trips", 5), ("ms", 6), ("RCU", 5))
_WRITE_COLUMNS = (("trips", 5), ("ms", 6), ("WCU", 5))


class Pen:
    """Write the demo to stdout.

    Args:
        silent: write nothing, for a reader who wants JSON.
        coloured: whether headings are bold and calls dim; left out, where stdout is a terminal and NO_COLOR is unset.
        width: of the lines; left out, that of the terminal between 80 and 120.
    """

    def __init__(self, *, silent: bool = False, coloured: bool | None = None, width: int | None = None) -> None:
        self._silent = silent
        self._coloured = _terminal_has_colours() if coloured is None else coloured
        terminal = shutil.get_terminal_size((_USUAL_WIDTH, 24)).columns
        self.width = width or max(80, min(_WIDEST, terminal))

    def heading(self, text: str) -> None:
        """Write a heading, apart from what stands before."""
        self.line()
        self.line(text, bold=True)

    def line(self, text: str = "", *, bold: bool = False, dim: bool = False) -> None:
        """Write one line."""
        if self._silent:
            return
        styled = click.style(text, bold=bold or None, dim=dim or None) if self._coloured and (bold or dim) else text
        click.echo(styled, color=self._coloured)

    def paragraph(self, text: str, *, indent: str = "", hanging: str | None = None, dim: bool = False) -> None:
        """Write text in as many lines as it takes."""
        following = indent if hanging is None else hanging
        for line in wrapped(text, self.width, indent, following):
            self.line(line, dim=dim)

    def tour(self, answers: Iterable[Answer]) -> None:
        """Write the answers of a tour, entity by entity: the question with its figures, below it the call."""
        answers = list(answers)
        columns = Columns(self, _TOUR_COLUMNS, [answer.pattern.answers for answer in answers])
        for entity, group in groupby(answers, key=lambda answer: answer.pattern.entity):
            self.line()
            columns.headings(entity)
            for answer in group:
                columns.row(answer.pattern.answers, _figures(answer))
                columns.below(_asked(answer), "" if answer.estimate is None else f"about {units(answer.estimate)}")

    def writes(self, outcomes: Iterable[Outcome]) -> None:
        """Write what became of each write: the intention with its figures, below it the call and its result."""
        outcomes = list(outcomes)
        columns = Columns(self, _WRITE_COLUMNS, [outcome.intention for outcome in outcomes])
        self.line()
        columns.headings("")
        for outcome in outcomes:
            cost = outcome.cost
            # Of what it refuses, the engine reports no units.
            consumed = "-" if outcome.refused_by else units(cost.write_units)
            figures = (str(cost.requests), f"{cost.milliseconds:.1f}", consumed)
            columns.row(outcome.intention, figures)
            self.paragraph(str(outcome.call), indent=_INDENT, hanging=_INDENT * 3, dim=True)
            sign = "->" if outcome.as_expected else "-> NOT AS EXPECTED:"
            refused = f"{outcome.refused_by}: " if outcome.refused_by else ""
            self.paragraph(f"{sign} {refused}{outcome.result}", indent=_INDENT, hanging=_INDENT * 3)


class Columns:
    """Set a text and figures in one line; a text that is too long goes on below.

    Args:
        pen: what to write with.
        columns: the name of each figure and the width of its column, negative for one that stands to the left.
        texts: all that will stand before the figures, to know how much room they take.
    """

    def __init__(self, pen: Pen, columns: Sequence[tuple[str, int]], texts: Sequence[str]) -> None:
        self._pen = pen
        self._columns = columns
        room = pen.width - sum(abs(width) + len(_INDENT) for _, width in columns)
        self._text_width = min(room, max(map(len, texts), default=0))

    def headings(self, text: str) -> None:
        """Write the names of the figures, with a text before them."""
        self._pen.line(self._set(text, [name for name, _ in self._columns]), bold=True)

    def row(self, text: str, figures: Sequence[str]) -> None:
        """Write a text with its figures."""
        first, *rest = wrapped(text, self._text_width, "", "")
        self._pen.line(self._set(first, figures))
        for line in rest:
            self._pen.line(line)

    def below(self, text: str, remark: str) -> None:
        """Write a dim line under a row, with a remark below its last figure."""
        width = self._text_width + sum(abs(width) + len(_INDENT) for _, width in self._columns)
        *lines, last = wrapped(text, width - len(_INDENT) - len(remark), _INDENT, _INDENT * 3)
        for line in lines:
            self._pen.line(line, dim=True)
        self._pen.line((last + remark.rjust(width - len(last))).rstrip(), dim=True)

    def _set(self, text: str, figures: Sequence[str]) -> str:
        cells = [
            figure.ljust(-width) if width < 0 else figure.rjust(width)
            for figure, (_, width) in zip(figures, self._columns, strict=True)
        ]
        return _INDENT.join([text.ljust(self._text_width), *cells])


def units(amount: float) -> str:
    """Return capacity units as they are shown: halves count."""
    return f"{amount:,.1f}"


def wrapped(text: str, width: int, indent: str, hanging: str) -> Iterator[str]:
    """Yield the lines of a text; a word that is longer than a line stands out rather than being torn."""
    lines = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
    yield from lines or [""]


def _asked(answer: Answer) -> str:
    return "nothing to ask for: no row that was moved stands here" if answer.call is None else str(answer.call)


def _figures(answer: Answer) -> tuple[str, ...]:
    cost = answer.cost
    if answer.call is None:
        return (answer.through, "-", "-", "-", "-")
    figures = (f"{answer.items:,}", str(cost.requests), f"{cost.milliseconds:.1f}", units(cost.read_units))
    return (answer.through, *figures)


def _terminal_has_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
