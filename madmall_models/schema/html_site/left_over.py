"""Find pages that an earlier site had and this one has not."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from madmall_models.schema.html_site.frame import GENERATOR
from madmall_models.schema.html_site.places import FOLDER_OF_ENTITIES

_MARK = f'<meta name="generator" content="{GENERATOR}">'.encode()
_BEGINNING = 1000


def left_over(folder: Path, made: Collection[Path]) -> list[Path]:
    """Return the pages of entities in a folder that this package made once and does not make now.

    Raises:
        OSError: the folder or a page cannot be read.
    """
    pages = sorted((folder / FOLDER_OF_ENTITIES).glob("*.html"))
    return [page for page in pages if page not in made and _MARK in _beginning(page)]


def _beginning(page: Path) -> bytes:
    with page.open("rb") as file:
        return file.read(_BEGINNING)
