"""The rows of the nasty file that are about content: stories, offers, images, and what was said about them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.integration.nasty_row import AT, AT_TEXT, CANARY, GONE, LATIN, Lands, NastyRow, Rejected


def _story(becomes: Rejected | Mapping[str, Any], identifier: str, author: str | None, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "title": "My first year", "content": f"It was long, {CANARY}.", "authorId": author,
        "authorDisplayName": CANARY, "createdAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    places = [f"STORY#{identifier} / METADATA"]
    if row.get("circleId"):
        places.append(f"CIRCLE#{row['circleId']} / STORY#{AT_TEXT}#{identifier}")
    return NastyRow(row, Lands(tuple(places), {"author.id": author, "created_at": AT, **becomes}))


def stories() -> list[NastyRow]:
    return [
        _story({"engagement.comments": 9, "circle_id": "main"}, "first", "ada", circleId="main", comments=50),
        _story({"engagement.comments": 1, "engagement.views": 2**53 + 1}, "second", "ada", views=2**53 + 1),
        _story({}, "authorless", GONE),
        _story({"circle_id": GONE}, "circleless", "ada", circleId=GONE),
        _story(
            {"status": "draft", "metadata.age_appropriate": False}, "draft", "ada", status="draft", ageAppropriate="f"
        ),
        _story(Rejected("validate", None, "ITEM_TOO_LARGE"), "huge", "ada", content=f"{CANARY} " * (500 * 1024 // 7)),
        _story(Rejected("validate", "type", "INVALID_VALUE"), "audio", "ada", type="audio"),
        _story(Rejected("validate", "title", "REQUIRED"), "untitled", "ada", title=None),
        _story(Rejected("validate", "content", "REQUIRED"), "empty", "ada", content="\n"),
        _story(Rejected("validate", "author.id", "REQUIRED"), "nobodys", None),
        _story(Rejected("cast", "content", "INVALID_UTF8"), "latin", "ada", content=LATIN),
        _story(Rejected("cast", "likes", "NOT_AN_INTEGER"), "halves", "ada", likes=5.5),
        _story(Rejected("cast", "readTime", "NOT_AN_INTEGER"), "minutes", "ada", readTime="6 min read"),
    ]


def _comment(becomes: Rejected | Mapping[str, Any], identifier: str, story: str, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "storyId": story, "authorId": "ada", "authorDisplayName": CANARY, "content": CANARY,
        "createdAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    answered = {"parent_comment_id": row.get("parentCommentId")}
    return NastyRow(row, Lands((f"STORY#{story} / COMMENT#{identifier}",), {**answered, **becomes}))


def comments() -> list[NastyRow]:
    return [
        _comment({}, "egg", "first", parentCommentId="hen"),
        _comment({}, "hen", "first", parentCommentId="egg"),
        _comment({}, "itself", "first", parentCommentId="itself"),
        _comment({}, "into-circle", "first", parentCommentId="hen"),
        _comment({}, "early", "first", parentCommentId="late"),
        _comment({"is_edited": True}, "late", "first", isEdited="yes"),
        _comment({}, "elsewhere", "second"),
        _comment({}, "across", "first", parentCommentId="elsewhere"),
        _comment({}, "parentless", "first", parentCommentId=GONE),
        _comment({}, "of-rejected", "first", authorId=GONE, parentCommentId="blank"),
        _comment(Rejected("validate", "content", "REQUIRED"), "blank", "first", content=" "),
        _comment(Rejected("reference", "storyId", "MISSING_REFERENCE"), "lost", GONE),
        _comment(Rejected("reference", "storyId", "MISSING_REFERENCE"), "of-huge", "huge"),
        _comment(Rejected("cast", "parentCommentId", "NOT_AN_ID"), "hash", "first", parentCommentId="a#b"),
        _comment(Rejected("duplicate", None, "DUPLICATE_KEY"), "late", "first"),
    ]


# -- what is offered -----------------------------------------------------------------------------------------------


def _business(becomes: Rejected | Mapping[str, Any], identifier: str, owner: str, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "name": "Calm Teas", "email": f"tea@{CANARY}.example.com", "phone": CANARY, "ownerId": owner,
        "createdAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    places = (f"BUSINESS#{identifier} / METADATA",)
    return NastyRow(row, Lands(places, {"owner_id": owner, **becomes}))


def businesses() -> list[NastyRow]:
    return [
        _business({"metrics.rating": Decimal("4.9"), "category": "general"}, "teas", "ada", rating=4.9),
        _business({"business_id": "7"}, 7, GONE),  # type: ignore[arg-type]
        _business(Rejected("cast", "socialMedia", "NOT_JSON"), "quoted", "ada", socialMedia="{'a': 'b'}"),
        _business(Rejected("cast", "socialMedia", "REPEATED_NAME"), "both", "ada", socialMedia='{"a": "b", "a": "c"}'),
        _business(Rejected("cast", "rating", "OUT_OF_RANGE"), "best", "ada", rating=float("inf")),
        _business(Rejected("validate", "profile.contact.email", "REQUIRED"), "mute", "ada", email=None),
    ]


def _resource(becomes: Rejected | Mapping[str, Any], identifier: str, author: str, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "title": "Sleep well", "description": "How to.", "category": "self_care", "authorId": author,
        "authorName": CANARY, "createdAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    places = (f"RESOURCE#{identifier} / METADATA", f"USER#{author} / RESOURCE#{AT_TEXT}#{identifier}")
    return NastyRow(row, Lands(places, {"author.id": author, **becomes}))


def resources() -> list[NastyRow]:
    return [
        _resource({"is_premium": True, "is_public": True, "category": "Sleep Health"}, "sleep", "ada", isPremium="yes",
                  category="Sleep Health"),
        _resource({"engagement.average_rating": Decimal("4.75")}, "rated", GONE, averageRating="4.75"),
        _resource(Rejected("validate", "category", "REQUIRED"), "loose", "ada", category=None),
        _resource(Rejected("validate", "type", "INVALID_VALUE"), "medical", "ada", type="medical"),
    ]  # fmt: skip


# -- images and feedback -------------------------------------------------------------------------------------------


def _image(becomes: Rejected | Mapping[str, Any], identifier: int, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "source": "generated", "category": "joy", "filePath": f"joy/{identifier}.png",
        "altText": "Sisters laughing", "status": "approved", "createdAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    return NastyRow(row, Lands((f"IMAGE#{identifier} / METADATA",), {"image_id": str(identifier), **becomes}))


def images() -> list[NastyRow]:
    return [
        _image({"status": "active", "url": "https://images.invalid/joy/11.png"}, 11),
        _image({"status": "pending_review", "source": "stock"}, 12, status="pending", source="unsplash"),
        _image({"status": "removed"}, 13, status="rejected"),
        _image(Rejected("validate", "status", "INVALID_VALUE"), 14, status="live"),
        _image(Rejected("validate", "altText", "MIN_LENGTH"), 15, altText="img"),
        _image(Rejected("validate", "url", "REQUIRED"), 16, filePath=None),
    ]


def _vote(becomes: Rejected | Mapping[str, Any], identifier: int, image: int | None, **columns: Any) -> NastyRow:
    row = {"id": identifier, "imageId": image, "vote": 1, "comment": CANARY, "createdAt": AT_TEXT, **columns}
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    places = (
        f"FEEDBACK#IMAGE#{image} / USER#legacy-voter#TS#{AT_TEXT}#{identifier}",
        f"USER#legacy-voter / FEEDBACK#{AT_TEXT}#{identifier}",
        f"UNIQUE#FEEDBACK#FEEDBACK_ID#{identifier} / CLAIM",
    )
    return NastyRow(row, Lands(places, {"user_id": "legacy-voter", **becomes}))


def feedback() -> list[NastyRow]:
    return [
        _vote({"rating": 5, "comment": CANARY}, 21, 11),
        _vote({"rating": 1, "comment": None}, 22, 11, vote="-1", comment=""),
        _vote({"rating": 5}, 23, 13),
        _vote(Rejected("cast", "vote", "NOT_A_VOTE"), 24, 11, vote=0),
        _vote(Rejected("validate", "rating", "REQUIRED"), 25, 11, vote=None),
        _vote(Rejected("reference", "imageId", "MISSING_REFERENCE"), 26, 999),
        _vote(Rejected("reference", "imageId", "MISSING_REFERENCE"), 27, 14),
        _vote(Rejected("validate", "imageId", "REQUIRED"), 28, None),
        _vote(Rejected("cast", "comment", "INVALID_UTF8"), 29, 11, comment=LATIN),
        _vote(Rejected("duplicate", "feedbackId", "DUPLICATE_VALUE"), 21, 13),
    ]
