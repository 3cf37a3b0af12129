"""Read pages of HTML strictly: what a browser would mend in silence is a fault here."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
# A paragraph ends, without a word, where one of these begins.
BLOCKS = frozenset(
    {"article", "dd", "details", "div", "dl", "dt", "figure", "footer", "form", "h1", "h2", "h3", "header", "li"}
    | {"main", "nav", "p", "pre", "section", "table", "ul"}
)
PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "caption": {"table"},
    "summary": {"details"},
    "option": {"select"},
    "figcaption": {"figure"},
    "tspan": {"text"},
}
INTERACTIVE = frozenset({"a", "button", "summary"})
LEADING = ("href", "src")


@dataclass
class HtmlPage(HTMLParser):
    """A page that was read.

    Attributes:
        faults: what is not HTML as it should be.
        ids: of its elements.
        leads: where its links, scripts and sheets lead.
        elements: each tag with its attributes.
        texts: what is shown, piece by piece, with the elements around it.
    """

    text: str
    faults: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.feed(self.text)
        self.close()
        self.faults += [f"{name} does not end" for name in self.open]
        self.faults += [f"the id {name!r} stands twice" for name in set(self.ids) if self.ids.count(name) > 1]

    @property
    def shown(self) -> str:
        """Return the text of the page, with white space as a browser shows it."""
        return " ".join("".join(text for _, text in self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if len(attributes) < len(attrs):
            self._fault(f"{tag} has an attribute twice")
        if tag in BLOCKS and "p" in self.open:
            self._fault(f"{tag} in a paragraph")
        if tag in PARENTS and (not self.open or self.open[-1] not in PARENTS[tag]):
            self._fault(f"{tag} in {self.open[-1:]}")
        if tag in INTERACTIVE and INTERACTIVE & set(self.open):
            self._fault(f"{tag} inside of something that can be pressed")
        if attributes.get("id") is not None:
            self.ids.append(str(attributes["id"]))
        self.leads += [str(attributes[name]) for name in LEADING if attributes.get(name) is not None]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self._fault(f"{tag} ends in {self.open[-1:]}")

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def handle_comment(self, data: str) -> None:
        self._fault(f"a comment: {data[:40]}")

    def unknown_decl(self, data: str) -> None:
        self._fault(f"a declaration: {data[:40]}")

    def handle_pi(self, data: str) -> None:
        self._fault(f"an instruction: {data[:40]}")

    def _fault(self, text: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {text}")


def faults_of(site: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the pages of a site, and the links that lead nowhere."""
    pages = {name: HtmlPage(text) for name, text in site.items() if name.endswith(".html")}
    found = [f"{name}: {fault}" for name, page in pages.items() for fault in page.faults]
    for name, page in pages.items():
        astray = [(link, _astray(name, link, site, pages)) for link in page.leads]
        found += [f"{name}: {link} {fault}" for link, fault in astray if fault]
    return found


def _astray(name: str, link: str, site: Mapping[str, str], pages: Mapping[str, HtmlPage]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "leads out of the site"
    beside = posixpath.join(posixpath.dirname(name), unquote(parts.path))
    target = posixpath.normpath(beside) if parts.path else name
    if target not in site:
        return "leads to no file"
    if parts.fragment and unquote(parts.fragment) not in pages[target].ids:
        return "leads to nothing on the page"
    return None
