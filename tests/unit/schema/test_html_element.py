"""Whatever a text holds, it is text in the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.schema.html_site.drawing import shortened, wrapped
from madmall_models.schema.html_site.element import element, written
from madmall_models.schema.html_site.places import anchor, distinct
from madmall_models.schema.html_site.texts import compact_json, json_block, paragraphs, template
from tests.unit.schema.html_reader import HtmlPage

ODD_TEXTS = ["<script>", "&lt;", '"', "'", "]]>", "</p>", "<!--", "a\nb", " ", "\u2028", "{a}{b}", "{", "#", "``", "`"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    page = HtmlPage(written(element("p", text, title=text)))

    assert page.faults == []
    assert "".join(each for _, each in page.texts).strip("\n") == text.strip("\n")
    assert page.elements == [("p", {"title": text})]


@given(st.text())
def test_no_text_ends_an_element_or_an_attribute(text: str) -> None:
    page = HtmlPage(written(element("p", template(text), json_block({text: [text]}), title=text)))

    assert {tag for tag, _ in page.elements} <= {"p", "code", "span", "wbr", "pre"}
    assert [name for _, attributes in page.elements for name in attributes if name not in ("class", "tabindex")] == [
        "title"
    ]
    written(element("p", text)).encode("utf-8")


def test_what_cannot_be_written_is_shown_as_such() -> None:
    assert written(element("b", "a\x00b\ud800c\x1bd")) == "<b>a\ufffdb\ufffdc\ufffdd</b>"


def test_an_attribute_that_is_not_given_is_not_there() -> None:
    found = written(element("input", aria_label="<x>", hidden=True, class_=None, required=False, tabindex=0))

    assert found == '<input aria-label="&lt;x&gt;" hidden tabindex="0">'


def test_a_block_of_code_keeps_its_first_line_break() -> None:
    assert written(element("pre", "\n  a")) == "\n<pre>\n\n  a</pre>"


@given(st.text(min_size=1))
def test_an_anchor_is_the_same_in_an_id_in_an_address_and_in_a_file(text: str) -> None:
    assert set(anchor(text)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~")


@given(st.text(), st.text())
def test_other_texts_have_other_anchors(one: str, other: str) -> None:
    assert (anchor(one) == anchor(other)) == (one == other)


def test_names_that_differ_in_case_only_get_files_of_their_own() -> None:
    assert distinct(["Story", "story", "STORY", "Image"]) == ["Story", "story~2", "STORY~3", "Image"]


def test_a_docstring_becomes_paragraphs_and_lists() -> None:
    text = "First ``<one>``, see :meth:`~a.b.See`.\n\n* one\n* two\n  more\n\nRaises:\n    Error: <why>."

    page = HtmlPage(written(paragraphs(text)))

    assert page.faults == []
    assert [tag for tag, _ in page.elements] == ["p", "code", "code", "ul", "li", "li", "p", "strong"]
    assert page.shown == "First <one>, see See. one two more Raises Error: <why>."


def test_a_number_at_the_beginning_of_a_line_is_no_list() -> None:
    assert [each.name for each in paragraphs("It costs\n3.5 units.")] == ["p"]


def test_json_stands_on_one_line_where_it_fits() -> None:
    assert compact_json({"a": {"S": "b"}, "c": [1, 2]}) == '{"a": {"S": "b"}, "c": [1, 2]}'
    assert compact_json({"a": ["x" * 50, "y" * 50]}) == (
        '{\n  "a": [\n    "' + "x" * 50 + '",\n    "' + "y" * 50 + '"\n  ]\n}'
    )


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_a_template_in_lines_is_the_same_template(text: str, most: int) -> None:
    lines = wrapped(text, most)

    assert "".join(lines) == text
    assert all(len(line) <= most for line in lines)


def test_a_name_that_is_too_long_for_a_picture_is_cut() -> None:
    assert shortened("Circle", 200, 14) == "Circle"
    assert shortened("C" * 100, 84, 14) == "C" * 9 + "…"
