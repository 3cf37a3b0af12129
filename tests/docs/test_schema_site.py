"""Our own site of the schema is what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from madmall_models.schema import describe
from madmall_models.schema.committed import stale_files
from madmall_models.schema.documents import FOLDER
from madmall_models.schema.html_site import html_site, left_over

SITE = Path(__file__).resolve().parents[2] / FOLDER / "html"
MEND = "Mend it: madmall schema html"


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return {SITE / name: text for name, text in html_site(describe()).items()}


def test_the_committed_site_is_what_the_declarations_say(made: dict[Path, str]) -> None:
    stale = stale_files(made)

    assert not stale, f"{stale[0]}\nand {len(stale) - 1} files more\n{MEND}"


def test_no_page_of_an_entity_is_left_over(made: dict[Path, str]) -> None:
    assert left_over(SITE, made) == []


def test_the_committed_site_is_small_enough_to_be_kept() -> None:
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) < 3 << 19
