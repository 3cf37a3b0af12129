"""Markdown shows texts as they are, whatever they hold, and its tables and diagrams keep their form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from madmall_models.schema import Description, describe
from madmall_models.schema.markdown import markdown
from madmall_models.schema.markdown_text import code, escaped, fenced, sentence, table
from madmall_models.schema.mermaid import entity_diagram
from tests.unit.schema.conftest import WriteModule
from tests.unit.schema.odd_models import ODD_MODELS

_CELL_END = re.compile(r"(?<!\\)\|")
_ATTRIBUTE = re.compile(r'\w+ \w+ (PK|UK)( "[^"\n]*")?')
_EDGE = re.compile(r'\w+ (\|o|\|\|)--(o\{|o\|) \w+ : "[^"\n]+"')


@pytest.fixture
def odd(write_module: WriteModule) -> Description:
    return describe([write_module(ODD_MODELS)], only=True)


@pytest.mark.parametrize("text", ["<script>", "a|b", "*bold*", "_it_", "# no heading", "`tick`", "[x](y)", "~~"])
def test_no_mark_of_a_text_is_one_of_markdown(text: str) -> None:
    shown = escaped(text)

    assert re.sub(r"\\(.)", r"\1", shown) == text
    assert not re.search(r"(?<!\\)[<|*_`\[]", shown)


@pytest.mark.parametrize("text", ["- item", "+ item", "1. item", "2) item", "= rule"])
def test_a_text_begins_neither_a_list_nor_a_rule(text: str) -> None:
    assert not re.match(r"([-+=]|\d+[.)])", escaped(text))


@pytest.mark.parametrize("text", ["plain", "with ` one", "`` two", "ends with `", "```"])
def test_a_code_span_holds_any_backticks(text: str) -> None:
    shown = code(text)
    fence = re.match("`+", shown)

    assert fence is not None
    assert shown.endswith(fence[0])
    assert fence[0] not in re.findall("`+", text)


def test_literals_and_roles_of_a_docstring_are_code() -> None:
    assert sentence("Ids made by :func:`~madmall_models.identifiers.new_id`, as ``a|b``.") == (
        "Ids made by `new_id`, as `a|b`."
    )


def test_a_bar_ends_no_cell() -> None:
    lines = table(["One", "Two"], [[code("a|b"), escaped("c|d")]])

    assert [len(_CELL_END.findall(line)) for line in lines if line] == [3, 3, 3]


def test_a_block_of_code_holds_a_fence() -> None:
    opening, *_, closing, _ = fenced("```\ninside\n```", "text")

    assert (opening, closing) == ("````text", "````")


def test_every_row_of_every_table_has_as_many_cells_as_its_head(odd: Description) -> None:
    for description in (describe(), odd):
        heads: list[int] = []
        for line in markdown(description).splitlines():
            if not line.startswith("|"):
                heads = []
                continue
            heads.append(len(_CELL_END.findall(line)))
            assert heads[-1] == heads[0], line


def test_nothing_of_a_docstring_is_html(odd: Description) -> None:
    page = markdown(odd)
    outside = re.sub(r"(`+).*?\1", "", re.sub(r"(`{3,}).*?\n\1", "", page, flags=re.DOTALL))
    tags = set(re.findall(r"(?<!\\)</?(\w+)", outside))

    assert tags == {"details", "summary"}
    assert outside.count("<details>") == outside.count("</details>")


def test_questions_stand_before_tables_and_entities() -> None:
    headings = [line for line in markdown(describe()).splitlines() if line.startswith("## ")]

    assert headings == [
        "## Access patterns",
        "## Table",
        "## Indexes",
        "## Item collections",
        "## Relationships",
        "## Entities",
        "## Signals",
    ]


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    page = markdown(describe())
    headings = {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in page.splitlines()}

    links = re.findall(r"\]\(#([^)]+)\)", page)
    assert len(links) > 20
    assert set(links) <= headings


def test_the_diagram_has_the_form_that_mermaid_reads(odd: Description) -> None:
    for description in (describe(), odd):
        first, *lines = [line.strip() for line in entity_diagram(description).splitlines()]
        assert first == "erDiagram"
        for line in lines:
            assert line == "}" or re.fullmatch(r"\w+ \{", line) or _ATTRIBUTE.fullmatch(line) or _EDGE.fullmatch(line)


def test_the_diagram_tells_who_stands_with_whom() -> None:
    diagram = entity_diagram(describe())

    assert 'Circle ||--o{ CircleMember : "holds (key)"' in diagram
    assert 'Circle |o--o{ Story : "holds a pointer to (in_circle)"' in diagram


@pytest.mark.parametrize("show", [escaped, code])
def test_what_a_terminal_obeys_is_shown_as_what_it_is(show: Callable[[str], str]) -> None:
    shown = show("a\x1b[31mb\x00c\x7fd\x9be\tf")

    assert shown.strip("`").replace("\\", "") == "a\N{REPLACEMENT CHARACTER}[31mb" + "".join(
        f"\N{REPLACEMENT CHARACTER}{letter}" for letter in "cde"
    ) + " f"
