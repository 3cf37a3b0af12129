"""The documents become a site: without a network, without a warning, and with everything public in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from sphinx.util.inventory import InventoryFile

import madmall_models
from madmall_models import limits

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
_TARGET = re.compile(r'\b(?:href|src)="([^"]+)"')
_ANCHOR = re.compile(r'\bid="([^"]+)"')
# What a link says to the page that it leads to: the version of a file, what is searched for.
_QUESTION = re.compile(r"\?[^#]*")
_OUTSIDE = re.compile(r"https?://|mailto:|data:")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once, in a process that reaches nothing: the proxy that it would ask is not there."""
    folder = tmp_path_factory.mktemp("site")
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


def test_every_public_name_has_an_entry(site: Path) -> None:
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    entries = {name for kind, found in inventory.items() if kind.startswith("py:") for name in found}

    assert [name for name in madmall_models.__all__ if f"madmall_models.{name}" not in entries] == []


def test_every_page_is_reached_from_the_index(site: Path) -> None:
    reached, ahead = set(), ["index.html"]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in _inside(site, page):
            if target.suffix == ".html":
                ahead.append(target.relative_to(site).as_posix())
    pages = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.rst")}

    assert sorted(pages - reached) == []


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    anchors = {page: set(_ANCHOR.findall(page.read_text(encoding="utf-8"))) for page in site.rglob("*.html")}
    broken = []
    for page in anchors:
        for link in set(_TARGET.findall(page.read_text(encoding="utf-8"))):
            where, anchor = urldefrag(_QUESTION.sub("", link))
            if _OUTSIDE.match(link):
                continue
            target = (page.parent / unquote(where)).resolve() if where else page
            anchored = not anchor or target not in anchors or unquote(anchor) in anchors[target]
            if not (target.exists() and anchored):
                broken.append(f"{page.relative_to(site)}: {link}")

    assert sorted(broken) == []


def test_no_page_asks_another_machine_for_anything(site: Path) -> None:
    loaded = re.compile(r'<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')
    assert [page.name for page in site.rglob("*.html") if loaded.search(page.read_text(encoding="utf-8"))] == []


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


def _inside(site: Path, page: str) -> set[Path]:
    """Return the files of the site that a page links to."""
    text = (site / page).read_text(encoding="utf-8")
    targets = {urldefrag(_QUESTION.sub("", link))[0] for link in _TARGET.findall(text) if not _OUTSIDE.match(link)}
    paths = {((site / page).parent / unquote(target)).resolve() for target in targets if target}
    return {path for path in paths if path.is_file() and path.is_relative_to(site)}
