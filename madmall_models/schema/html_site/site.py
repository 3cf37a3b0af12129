"""Make every file of the site."""

from __future__ import annotations

from importlib.resources import files

from madmall_models.schema.description import Description
from madmall_models.schema.html_site.collection_page import collection_page
from madmall_models.schema.html_site.entity_page import entities_page, entity_page
from madmall_models.schema.html_site.frame import framed
from madmall_models.schema.html_site.index_page import index_page
from madmall_models.schema.html_site.links import Links
from madmall_models.schema.html_site.operation_page import operation_page
from madmall_models.schema.html_site.places import Places
from madmall_models.schema.html_site.question_page import question_page
from madmall_models.schema.html_site.relationship_page import relationship_page
from madmall_models.schema.html_site.search_index import search_index

_PAGES = (question_page, entities_page, index_page, collection_page, relationship_page, operation_page)
_ASSETS = ("search.js", "site.css", "site.js", "theme.js")
_OURS = "madmall_models"


def html_site(description: Description) -> dict[str, str]:
    """Return the texts of the site by their paths in its folder, ``index.html`` first.

    The same description gives the same texts; every text of a declaration is escaped. A site of 15 entities has about
    a megabyte, half of it in the page of questions and the index of the search.
    """
    subject = ", ".join(description.modules) or _OURS
    indexes = tuple(index.name for index in description.indexes)
    places = Places.of(description)
    top, inner = Links(places, indexes), Links(places, indexes, root="../")
    pages = {page.section: framed(page, top, subject) for page in (make(description, top) for make in _PAGES)}
    entities = {
        places.pages[entity.name]: framed(entity_page(entity, description, inner), inner, subject)
        for entity in description.entities
    }
    return {**pages, **entities, "assets/search-index.js": search_index(description, top), **_assets()}


def _assets() -> dict[str, str]:
    folder = files(__package__) / "assets"
    return {f"assets/{name}": (folder / name).read_text(encoding="utf-8") for name in _ASSETS}
