"""Map the legacy tables about pictures: ``images`` and ``feedback``.

What the old tables say in their own words is translated:

* ``status``: ``pending`` is ``pending_review``, ``approved`` is ``active``, ``rejected`` is ``removed``, so that
  readers see what they saw. Any other word is left to the rules of the entity, which refuse it.
* ``source``: ``generated`` stays, ``upload`` is ``user_upload``; ``unsplash`` and ``pexels`` are ``stock``, and which
  of the two it was is kept in ``source_info.provider``. Any other word is stored with a warning.
* ``filePath`` is a path on a disk, and an image needs a URL: the path is put after the address that
  :func:`~madmall_models.migration.legacy_mappings.madmall_mappings` is given, and is kept as it was in
  ``source_info.original_url``.
* ``vote``: 1 is five stars and -1 is one star, the ends of the scale, since nothing between them was said.
* A feedback names no user. All of it is given to :data:`LEGACY_VOTER`, an id that no account has: no person is made up,
  and nobody's list of feedback grows. A table that has a column ``userId`` is believed.
  The list of what that id gave is one partition, which takes about 500 feedbacks a second at most.
"""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any
from urllib.parse import quote

from madmall_models.entities import Feedback, Image
from madmall_models.migration.cast import Cast, CastError, identifier, integer, text
from madmall_models.migration.legacy_stubs import stub_image
from madmall_models.migration.legacy_times import written_at
from madmall_models.migration.mapping import FieldMap, Mapping, Reference

LEGACY_VOTER = "legacy-voter"
NO_ADDRESS = "https://images.invalid"
"""Where the pictures are said to be until their address is known; no such host can exist."""

_STATUSES = {"pending": "pending_review", "approved": "active", "rejected": "removed"}
_SOURCES = {"unsplash": "stock", "pexels": "stock", "upload": "user_upload"}
_PROVIDERS = ("unsplash", "pexels")
_STARS = {1: 5, -1: 1}


def translated(words: Values[str, str]) -> Cast:
    """Return a cast that puts other words for some, in any letter case; a word that is not among them stays.

    >>> translated({"approved": "active"})("Approved ")
    'active'
    """

    def cast(value: Any) -> str | None:
        word = text(value)
        return None if word is None else words.get(word.strip().lower(), word)

    return cast


def provider(value: Any) -> str | None:
    """Return which provider of pictures a source is, None for a source that is none."""
    word = (text(value) or "").strip().lower()
    return word if word in _PROVIDERS else None


def stars(value: Any) -> int | None:
    """Return the stars of a vote.

    >>> stars(1), stars("-1")
    (5, 1)
    """
    vote = integer(value)
    if vote is None or vote in _STARS:
        return None if vote is None else _STARS[vote]
    raise CastError("NOT_A_VOTE", "a vote is 1 or -1")


def address_under(place: str) -> Cast:
    """Return a cast that makes a URL of a path; what is a URL already stays.

    >>> address_under("https://example.org/pictures")("wellness/calm 1.png")
    'https://example.org/pictures/wellness/calm%201.png'
    """

    def cast(value: Any) -> str | None:
        path = text(value)
        if path is None or path.startswith(("https://", "http://")):
            return path
        return f"{place.rstrip('/')}/{quote(path.strip().lstrip('/'))}"

    return cast


def images_at(place: str) -> Mapping:
    """Return the mapping of ``images`` whose files are found under a URL."""
    return Mapping(
        entity=Image,
        table="images",
        fields=(
            FieldMap("image_id", "id", identifier),
            FieldMap("url", "filePath", address_under(place)),
            FieldMap("alt_text", "altText", text),
            FieldMap("category", "category", text),
            FieldMap("source", "source", translated(_SOURCES)),
            FieldMap("source_info.provider", "source", provider),
            FieldMap("source_info.original_url", "filePath", text),
            FieldMap("status", "status", translated(_STATUSES)),
            *written_at(),
        ),
    )


FEEDBACK = Mapping(
    entity=Feedback,
    table="feedback",
    fields=(
        FieldMap("feedback_id", "id", identifier),
        FieldMap("image_id", "imageId", identifier),
        FieldMap("user_id", "userId", identifier, default=LEGACY_VOTER),
        FieldMap("rating", "vote", stars),
        FieldMap("comment", "comment", text, secret=True),
        *written_at(),
    ),
    references=(Reference("image_id", Image, stub=stub_image),),
    after=("images",),
)
