"""Write tables that become cards where a window is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from madmall_models.schema.html_site.element import Content, Element, element


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        cells: one for each column; the first names the row.
        anchor: its id; None for a row that nothing leads to.
        kind: a class, for its looks.
    """

    cells: Sequence[Content]
    anchor: str | None = None
    kind: str | None = None


def table(caption: str, columns: Sequence[str], rows: Iterable[Row]) -> Element:
    """Return a table, which scrolls inside itself where it is wider than the page."""
    head = element("tr", [element("th", name, scope="col") for name in columns])
    body = element("tbody", [_row(row, columns) for row in rows])
    shown = element("table", element("caption", caption), element("thead", head), body)
    return element("div", shown, class_="wide")


def _row(row: Row, columns: Sequence[str]) -> Element:
    first, *others = row.cells
    named = element("th", first, scope="row")
    cells = [_cell(column, cell) for column, cell in zip(columns[1:], others, strict=True)]
    return element("tr", named, cells, id=row.anchor, class_=row.kind)


def _cell(column: str, content: Content) -> Element:
    """Return a cell; an empty one is no line of a card."""
    if content is None or content == "" or content == []:
        return element("td", class_="empty")
    return element("td", element("div", content), data_label=column)
