"""The documents become a site: without a network, without a warning, and with everything public in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

from sphinx.util.inventory import InventoryFile

import madmall_models
from madmall_models import limits

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
_TARGET = re.compile(r'\b(?:href|src)="([^"]+)"')
_ANCHOR = re.compile(r'\bid="([^"]+)"')
# What a link says to the page that it leads to: the version of a file, what is searched for.
_QUESTION = re.compile(r"\?[^#]*")
_LOADED = re.compile(r'<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')
_OUTSIDE = re.compile(r"https?://|mailto:|data:")


def test_the_site_is_built_without_a_warning_and_is_whole(tmp_path: Path) -> None:
    """One test, so that the site is built once, however many workers there are."""
    site = build(tmp_path)

    faults = {
        "public names without an entry": names_without_an_entry(site),
        "pages that nothing leads to": pages_out_of_reach(site),
        "links within the site that lead nowhere": broken_links(site),
        "pages that ask another machine for something": pages_that_ask_others(site),
    }
    assert {fault: found for fault, found in faults.items() if found} == {}


def build(folder: Path) -> Path:
    """Build the site in a process that reaches nothing: the proxy that it would ask is not there."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", "-q"]
    nowhere = "http://127.0.0.1:9"
    done = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def names_without_an_entry(site: Path) -> list[str]:
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    entries = {name for kind, found in inventory.items() if kind.startswith("py:") for name in found}
    return [name for name in madmall_models.__all__ if f"madmall_models.{name}" not in entries]


def pages_out_of_reach(site: Path) -> list[str]:
    reached, ahead = set(), ["index.html"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += [path.relative_to(site).as_posix() for path in linked_files(site, page) if path.suffix == ".html"]
    pages = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.rst")}
    return sorted(pages - reached)


def linked_files(site: Path, page: str) -> set[Path]:
    """Return the files of the site that a page links to."""
    text = (site / page).read_text(encoding="utf-8")
    targets = {urldefrag(_QUESTION.sub("", link))[0] for link in _TARGET.findall(text) if not _OUTSIDE.match(link)}
    paths = {((site / page).parent / unquote(target)).resolve() for target in targets if target}
    return {path for path in paths if path.is_file() and path.is_relative_to(site)}


def broken_links(site: Path) -> list[str]:
    anchors = {page: set(_ANCHOR.findall(page.read_text(encoding="utf-8"))) for page in site.rglob("*.html")}
    broken = []
    for page in anchors:
        for link in set(_TARGET.findall(page.read_text(encoding="utf-8"))):
            where, anchor = urldefrag(_QUESTION.sub("", link))
            target = (page.parent / unquote(where)).resolve() if where else page
            anchored = not anchor or target not in anchors or unquote(anchor) in anchors[target]
            if not (_OUTSIDE.match(link) or (target.exists() and anchored)):
                broken.append(f"{page.relative_to(site)}: {link}")
    return sorted(broken)


def pages_that_ask_others(site: Path) -> list[str]:
    return [page.name for page in site.rglob("*.html") if _LOADED.search(page.read_text(encoding="utf-8"))]


def test_every_limit_that_is_checked_is_told() -> None:
    text = (DOCS / "limits.rst").read_text(encoding="utf-8")
    names = [name for name in vars(limits) if name.isupper() and not name.startswith("_")]

    assert len(names) > 20
    assert [name for name in names if f"``{name}``" not in text] == []


def test_every_variable_that_is_read_is_told() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "madmall_models").rglob("*.py"))
    read = set(re.findall(r'"(MADMALL_[A-Z_]*[A-Z])"', source))
    text = (DOCS / "reference" / "settings.rst").read_text(encoding="utf-8")

    assert {"MADMALL_TABLE", "MADMALL_CURSOR_KEYS", "MADMALL_ALLOWED_HOSTS"} <= read
    assert sorted(name for name in read if f"``{name}``" not in text) == []


def test_every_operation_that_a_page_names_exists() -> None:
    db = madmall_models.Database(table="pages")
    ours = {"users", "circles", "stories", "businesses", "resources", "images", "feedback", "incidents"}
    ours |= {"reviews", "sources", "personalization", "activities"}
    wrong = []
    for path in DOCS.rglob("*.rst"):
        for manager, operation in re.findall(r"\bdb\.(\w+)\.(\w+)\(", path.read_text(encoding="utf-8")):
            if manager in ours and not hasattr(getattr(db, manager), operation):
                wrong.append(f"{path.name}: db.{manager}.{operation}")
    db.close()

    assert wrong == []


def test_links_to_other_sites_are_whole_and_safe() -> None:
    links = [
        link for path in DOCS.rglob("*.rst") for link in re.findall(r"<(http[^>]+)>`__?", path.read_text("utf-8"))
    ]
    assert links
    assert [link for link in links if not re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/[^\s<>]*", link)] == []
