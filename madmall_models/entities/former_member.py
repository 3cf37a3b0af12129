"""Say what stays of an author once the person is gone."""

from __future__ import annotations

from typing import Any, TypeVar

from madmall_models.document import Document

D = TypeVar("D", bound=Document)
FORMER_MEMBER = "former member"
# What else an author's map holds is about the person, what other programs put there too.
_KEPT = ("id", "is_verified", "specialties")


def as_former_member(author: D) -> D:
    """Return an author without name, picture and words about the person; the id stays."""
    names = author.get_attributes()
    kept = {name: getattr(author, name) for name in _KEPT if name in names}
    return type(author)(**kept, **{"name" if "name" in names else "display_name": FORMER_MEMBER})


def is_former_member(author: Any) -> bool:
    """Tell whether nothing is left of an author but that somebody wrote."""
    if not isinstance(author, Document):
        return False
    name = getattr(author, "name" if "name" in author.get_attributes() else "display_name")
    return bool(name == FORMER_MEMBER and author == as_former_member(author))
