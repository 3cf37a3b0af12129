"""Images and feedback of the old database mean in the table what they meant there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models.migration import CastError, madmall_mappings
from madmall_models.migration.legacy_images import LEGACY_VOTER, address_under, stars
from madmall_models.migration.rejects import RowRejected

START = datetime(2026, 1, 1, tzinfo=UTC)
IMAGE = {"id": 7, "source": "generated", "category": "joy", "filePath": "joy/7.png", "altText": "Two sisters laugh"}
VOTE = {"id": 3, "imageId": 7, "vote": 1, "comment": None, "createdAt": "2024-08-01T10:00:00.000Z"}


def made(table: str, row: dict[str, Any], **options: Any) -> Any:
    [mapping] = [each for each in madmall_mappings(**options) if each.table == table]
    return mapping.entity(**mapping.arguments(row, START))


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", "pending_review"), ("approved", "active"), ("rejected", "removed"), (None, "pending_review"),
     (" Approved ", "active")],
)  # fmt: skip
def test_an_image_is_shown_if_it_was_approved(status: str | None, expected: str) -> None:
    image = made("images", {**IMAGE, "status": status})

    assert image.status == expected
    assert image.is_shown is (expected == "active")


@pytest.mark.parametrize(
    ("source", "expected"),
    [("generated", ("generated", None)), ("upload", ("user_upload", None)), ("unsplash", ("stock", "unsplash")),
     ("Pexels", ("stock", "pexels")), ("instagram", ("instagram", None)), (None, (None, None))],
)  # fmt: skip
def test_the_source_of_an_image_keeps_its_provider(source: str | None, expected: tuple[str, str]) -> None:
    image = made("images", {**IMAGE, "source": source})

    assert (image.source, image.source_info.provider) == expected


def test_a_path_becomes_a_url_that_leads_nowhere_unless_the_address_is_given() -> None:
    assert made("images", IMAGE).url == "https://images.invalid/joy/7.png"
    placed = made("images", IMAGE, image_address="https://pictures.example.org/all/")
    assert placed.url == "https://pictures.example.org/all/joy/7.png"
    assert placed.source_info.original_url == "joy/7.png"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/a b/#1.png", "https://example.org/a%20b/%231.png"),
        ("https://example.net/1.png", "https://example.net/1.png"),
        (" ", None),
    ],
)
def test_a_url_is_kept_and_a_path_is_written_as_one(path: str, url: str | None) -> None:
    assert address_under("https://example.org")(path) == url


@pytest.mark.parametrize(("vote", "rating"), [(1, 5), (-1, 1), ("1", 5), ("-1", 1), (1.0, 5)])
def test_a_vote_is_an_end_of_the_scale(vote: Any, rating: int) -> None:
    feedback = made("feedback", {**VOTE, "vote": vote})

    assert (feedback.feedback_id, feedback.image_id, feedback.rating) == ("3", "7", rating)
    assert (feedback.is_report, feedback.status) == (False, "new")


@pytest.mark.parametrize("vote", [0, 2, -2, "5"])
def test_what_is_neither_for_nor_against_is_no_vote(vote: Any) -> None:
    with pytest.raises(CastError) as refused:
        stars(vote)
    with pytest.raises(RowRejected) as rejected:
        made("feedback", {**VOTE, "vote": vote})

    assert refused.value.code == "NOT_A_VOTE"
    assert [(fault.field, fault.code) for fault in rejected.value.faults] == [("vote", "NOT_A_VOTE")]


def test_feedback_is_nobodys_unless_its_table_says_whose() -> None:
    assert made("feedback", VOTE).user_id == LEGACY_VOTER
    assert made("feedback", {**VOTE, "userId": "u1"}).user_id == "u1"
