"""Put the content of a page into its frame: head, search, ways to the other pages."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.schema.html_site.element import Content, Element, element, written
from madmall_models.schema.html_site.links import Links
from madmall_models.schema.html_site.places import (
    COLLECTIONS,
    ENTITIES,
    INDEXES,
    OPERATIONS,
    QUESTIONS,
    RELATIONSHIPS,
)

GENERATOR = "madmall schema html"

_SECTIONS = {
    QUESTIONS: "Questions",
    ENTITIES: "Entities",
    INDEXES: "Indexes",
    COLLECTIONS: "Item collections",
    RELATIONSHIPS: "Relationships",
    OPERATIONS: "Operations",
}
_LEAF = "M4 20C4 10 10 4 20 4c0 10-6 16-13 14M4 20c2-5 5-8 9-10"
_LENS = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21"
_MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5"


@dataclass(frozen=True)
class Page:
    """A page without its frame.

    Attributes:
        title: what it is called.
        section: the file of the section that it belongs to.
        content: what it shows.
    """

    title: str
    section: str
    content: Content


def framed(page: Page, links: Links, subject: str) -> str:
    """Return the text of a page of the site about ``subject``."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=GENERATOR),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{page.title} · {subject}"),
        element("link", rel="stylesheet", href=links.address("assets/site.css")),
        element("script", src=links.address("assets/theme.js")),
        element("script", src=links.address("assets/search-index.js"), defer=True),
        element("script", src=links.address("assets/search.js"), defer=True),
        element("script", src=links.address("assets/site.js"), defer=True),
    )
    body = element(
        "body",
        element("a", "Skip to the content", href="#main", class_="skip"),
        _header(page, links, subject),
        element("main", page.content, id="main", tabindex=-1),
        element(
            "footer",
            element("p", "Made from the declarations by ", element("code", GENERATOR), ". Values are of examples."),
            class_="foot",
        ),
        element("p", id="said", class_="unseen", role="status"),
    )
    return "<!DOCTYPE html>\n" + written(element("html", head, body, lang="en", data_root=links.root)) + "\n"


def icon(path: str) -> Element:
    """Return a drawing of one line, that says nothing beside the words that it stands with."""
    line = element("path", d=path)
    return element("svg", line, class_="icon", viewBox="0 0 24 24", aria_hidden="true", focusable="false")


def _header(page: Page, links: Links, subject: str) -> Element:
    ways = [
        element(
            "li",
            element(
                "a",
                name,
                href=links.address(file),
                aria_current=("page" if page.title == name else "true") if file == page.section else None,
            ),
        )
        for file, name in _SECTIONS.items()
    ]
    brand = element("a", icon(_LEAF), element("span", subject), href=links.address(QUESTIONS), class_="brand")
    theme = element("button", icon(_MOON), element("span", "Dark"), type="button", id="theme", aria_pressed="false")
    return element(
        "header",
        element("div", brand, _search(), theme, class_="bar"),
        element("nav", element("ul", ways), aria_label="Sections"),
        class_="top",
    )


def _search() -> Element:
    box = element(
        "input",
        type="search",
        id="search",
        role="combobox",
        placeholder="Search everything",
        autocomplete="off",
        spellcheck="false",
        aria_label="Search everything",
        aria_expanded="false",
        aria_controls="found",
        aria_autocomplete="list",
    )
    return element(
        "div",
        icon(_LENS),
        box,
        element("kbd", "/", aria_hidden="true"),
        element("ul", id="found", role="listbox", aria_label="Found", hidden=True),
        class_="search",
        role="search",
    )
