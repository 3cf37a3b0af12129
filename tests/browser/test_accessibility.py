"""What is looked for on a page is found: each of these pages has one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.accessibility import findings

pytestmark = pytest.mark.browser

STYLE = """
  body { background: #fff; color: #222; }
  input, button { min-height: 44px; min-width: 44px; border: 1px solid #555; }
  a, input, button { outline-offset: 2px; }
  :focus { outline: 3px solid #a40; }
"""
GOOD = f"""<!doctype html>
<html lang="en"><head><title>Page</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>
<body><a href="#main">Skip</a><main id="main"><h1>Heading</h1><h2>Part</h2>
<p>Text with a <a href="/x">link</a>.</p><img src="data:," alt="">
<form><label for="name">Name</label><input id="name" aria-describedby="hint"><p id="hint">Hint</p>
<button>Send</button></form></main></body></html>"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def test_a_good_page_has_no_findings(page: Any) -> None:
    page.set_content(GOOD)
    assert findings(page) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('lang="en"', "", "the page does not say its language"),
        ("<title>Page</title>", "", "the page has no title"),
        ('<meta name="viewport" content="width=device-width">', "", "does not fit itself to a phone"),
        ("<h1>Heading</h1>", "", "the page has not exactly one h1"),
        ("<h2>Part</h2>", "<h3>Part</h3>", "a heading skips a level"),
        ('href="#main"', 'href="/"', "the first thing to focus does not skip to main"),
        ('<label for="name">', "<label>", "an input has no label"),
        (' alt=""', "", "an image has no alt"),
        ("<button>Send", "<button>", "nothing says what this is"),
        ('id="hint"', "", "aria-describedby leads to nothing"),
        ('<p id="hint">', '<p id="hint"></p><p id="hint">', "an id stands twice: hint"),
        ('aria-describedby="hint"', 'aria-invalid="true"', "an invalid input does not say why"),
        ("<p>Text", '<p style="width: 600px">Text', "the page is wider than the window"),
        ("<p>Text", '<p style="color: #888">Text', "contrast of 3.54: Text with a"),
        ("<p>Text", '<p style="background: linear-gradient(#fff, #333)">Text', "contrast of 1.26: Text with a"),
        ("border: 1px solid #555", "border: 1px solid #ddd", "the border of an input has a contrast of 1.3"),
        ("<button>", '<button style="min-height: 20px; height: 20px">', "too small to touch"),
        (":focus { outline: 3px", ":focus { outline: 0px", "the focus is not shown"),
        ("<button>", '<button style="position: absolute; left: -999px">', "the focus is out of sight"),
        ('<a href="/x"', '<a tabindex="3" href="/x"', "the order of focus is forced"),
        ('<a href="/x"', '<a tabindex="3" href="/x"', "the focus jumps back"),
    ],
)
def test_a_page_with_one_thing_wrong_is_found_out(page: Any, good: str, bad: str, said: str) -> None:
    assert good in GOOD
    page.set_content(GOOD.replace(good, bad))
    assert [finding for finding in findings(page) if said in finding] != []
