"""Write a legacy database with everything in it that ever went wrong, and say of each row what must become of it.

Wherever a column is personal, its value holds :data:`CANARY`; so does a column that no mapping knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

CANARY = "Canary"
AT = datetime(2024, 3, 1, 10, tzinfo=UTC)
AT_TEXT = "2024-03-01T10:00:00.000Z"
GONE = "nobody"
_LATIN = f"{CANARY} d\u00e9j\u00e0 vu".encode("latin-1")


@dataclass(frozen=True)
class Lands:
    """The row arrives.

    Attributes:
        places: every item that is written for it.
        values: attributes of the stored entity, by dotted name.
    """

    places: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rejected:
    """The row is rejected, for this first reason."""

    stage: str
    field: str | None
    code: str


@dataclass(frozen=True)
class NastyRow:
    """One row, and what must become of it."""

    columns: Mapping[str, Any]
    becomes: Lands | Rejected


Tables = Mapping[str, Sequence[NastyRow]]


def write_nasty(path: Path) -> Tables:
    """Write the file and return its rows; the rowid of a row is its place in its table, from 1."""
    tables = nasty_tables()
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row.columns))
            connection.execute(f'CREATE TABLE "{table}" ({", ".join(columns)})')
            # Bytes become text with just these bytes, valid or not.
            marks = ", ".join("CASE typeof(?1) WHEN 'blob' THEN CAST(?1 AS TEXT) ELSE ?1 END".replace("?1", f"?{n}")
                              for n in range(1, len(columns) + 1))  # fmt: skip
            statement = f'INSERT INTO "{table}" VALUES ({marks})'  # noqa: S608 - names of the tests themselves
            connection.executemany(statement, [[row.columns.get(column) for column in columns] for row in rows])
        connection.commit()
    return tables


def nasty_tables() -> Tables:
    """Return the rows of every table."""
    return {
        "users": [*_spelt_users(), *_broken_users(), *_colliding_users()],
        "circles": _circles(),
        "circle_members": _members(),
        "stories": _stories(),
        "story_comments": _comments(),
        "businesses": _businesses(),
        "resources": _resources(),
        "images": _images(),
        "feedback": _feedback(),
    }


# -- users ---------------------------------------------------------------------------------------------------------


def _user(becomes: Lands | Rejected | Mapping[str, Any], identifier: str | None, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "email": f"{identifier}@{CANARY}.example.com", "firstName": CANARY, "lastName": CANARY,
        "bio": CANARY, "passwordHash": CANARY, "createdAt": AT_TEXT, "updatedAt": AT_TEXT, **columns,
    }  # fmt: skip
    if isinstance(becomes, Mapping):
        claim = f"UNIQUE#USER#EMAIL#{row['email'].lower()} / CLAIM"
        becomes = Lands((f"USER#{identifier} / PROFILE", claim), {"user_id": identifier, **becomes})
    return NastyRow(row, becomes)


def _booleans(on: Any, off: Any) -> dict[str, Any]:
    return {"isVerified": on, "shareHealthJourney": on, "isActive": off, "showRealName": off, "weeklyDigest": off}


_SPELT = {
    "is_verified": True,
    "preferences.share_health_journey": True,
    "is_active": False,
    "preferences.show_real_name": False,
    "preferences.weekly_digest": False,
}
# NULL is each attribute's own default: nothing is shared and nothing switched off.
_UNSAID = {name: not value for name, value in _SPELT.items()}


def _spelt_users() -> list[NastyRow]:
    moment = {"created_at": AT, "profile.join_date": AT}
    return [
        _user({**_SPELT, "email": f"ada@{CANARY}.example.com"}, "ada", **_booleans(1, 0)),
        _user(_SPELT, "letters", **_booleans("t", "f")),
        _user(_SPELT, "words", **_booleans("true", "FALSE")),
        _user(_SPELT, "answers", **_booleans("Yes", "no")),
        _user(_SPELT, "digits", **_booleans("1", "0")),
        _user(_UNSAID, "nulls", **_booleans(None, None)),
        _user(moment, "iso", createdAt="2024-03-01T12:00:00+02:00"),
        _user(moment, "sqlite", createdAt="2024-03-01 10:00:00"),
        _user(moment, "seconds", createdAt=1709287200),
        _user(moment, "seconds-text", createdAt="1709287200"),
        _user(moment, "milliseconds", createdAt=1709287200000),
        _user(moment, "milliseconds-text", createdAt="1709287200000"),
        _user({"profile.bio": f"before\0after {CANARY}"}, "nul", bio=f"before\0after {CANARY}"),
        _user({"profile.bio": None, "profile.support_needs": []}, "blanks", bio="  ", supportNeeds=""),
        _user({"profile.bio": "12.5"}, "number", bio=12.5),
    ]


def _broken_users() -> list[NastyRow]:
    def cast(field: str, code: str) -> Rejected:
        return Rejected("cast", field, code)

    return [
        _user(cast("isActive", "NOT_BOOLEAN"), "maybe", isActive="maybe"),
        _user(cast("createdAt", "NOT_A_TIME"), "soon", createdAt="soon"),
        _user(cast("createdAt", "OUT_OF_RANGE"), "never", createdAt=0),
        _user(cast("supportNeeds", "NOT_JSON"), "broken", supportNeeds='["self_care", '),
        _user(cast("supportNeeds", "NOT_JSON"), "nan", supportNeeds="[NaN]"),
        _user(cast("supportNeeds", "NOT_A_LIST"), "object", supportNeeds='{"a": 1}'),
        _user(cast("supportNeeds", "TOO_DEEP"), "deep", supportNeeds="[" * 900 + "]" * 900),
        _user(cast("supportNeeds", "NOT_JSON"), "deeper", supportNeeds="[" * 100_000),
        _user(cast("supportNeeds", "REPEATED_NAME"), "repeated", supportNeeds='[{"a": 1, "a": 2}]'),
        _user(cast("supportNeeds", "INVALID_UTF8"), "half", supportNeeds='["\\ud83d"]'),
        _user(cast("bio", "INVALID_UTF8"), "latin", bio=_LATIN),
        _user(cast("id", "NOT_AN_ID"), "user#1"),
        _user(cast("id", "INVALID_UTF8"), None, id=b"caf\xe9"),
        _user(Rejected("validate", "userId", "REQUIRED"), None),
        _user(Rejected("validate", "email", "REQUIRED"), "blank-email", email="   "),
        _user(Rejected("validate", "email", "REQUIRED"), "null-email", email=None),
        _user(Rejected("validate", "email", "INVALID_FORMAT"), "no-email", email=CANARY),
        _user(Rejected("validate", "profile.firstName", "REQUIRED"), "nameless", firstName=None),
        _user(Rejected("validate", "settings.theme", "INVALID_VALUE"), "neon", theme="neon"),
    ]


def _colliding_users() -> list[NastyRow]:
    return [
        # A row that is rejected takes nothing from those that follow.
        _user({}, "twice", email=f"Neon@{CANARY}.Example.com"),
        _user(Rejected("duplicate", "email", "DUPLICATE_VALUE"), "again", email=f"nEON@{CANARY}.example.COM"),
        _user(Rejected("duplicate", None, "DUPLICATE_KEY"), "ada", email=f"other@{CANARY}.example.com"),
    ]


# -- circles and members -------------------------------------------------------------------------------------------


def _circle(becomes: Rejected | Mapping[str, Any], identifier: str, owner: str, **columns: Any) -> NastyRow:
    row = {
        "id": identifier, "name": "Newly diagnosed", "type": "support_group", "createdBy": owner, "createdAt": AT_TEXT,
        **columns,
    }  # fmt: skip
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    return NastyRow(row, Lands((f"CIRCLE#{identifier} / METADATA",), {"created_by": owner, **becomes}))


def _circles() -> list[NastyRow]:
    return [
        _circle(
            {"stats.member_count": 3, "moderators": ["words"]}, "main", "ada", memberCount=99, moderators='["nulls"]'
        ),
        # The owner has no row among the members and becomes an admin.
        _circle({"stats.member_count": 1, "moderators": []}, "lonely", "letters", memberCount=-1),
        _circle({"stats.member_count": 1}, "orphan", GONE, memberCount=7),
        _circle({"stats.member_count": 0}, "of-rejected", "maybe"),
        _circle(
            {"privacy_level": "private", "settings.is_private": True, "stats.member_count": 1}, "torn", "ada",
            privacyLevel="public", isPrivate="t",
        ),
        _circle(
            {"stats.active_members": 2**63 - 1, "stats.engagement_rate": Decimal("0.1")}, "numbers", "ada",
            activeMembers=2**63 - 1, engagementRate=0.1,
        ),
        _circle(Rejected("cast", "engagementRate", "OUT_OF_RANGE"), "infinite", "ada", engagementRate=float("inf")),
        _circle(Rejected("cast", "maxMembers", "NOT_AN_INTEGER"), "about", "ada", maxMembers="about 12"),
        _circle(Rejected("cast", "maxMembers", "NOT_AN_INTEGER"), "fraction", "ada", maxMembers=12.5),
        _circle(Rejected("validate", "settings.maxMembers", "RANGE_ERROR"), "one", "ada", maxMembers=1),
        _circle(Rejected("validate", "name", "REQUIRED"), "nameless", "ada", name=" "),
        _circle(Rejected("validate", "createdBy", "REQUIRED"), "ownerless", None),  # type: ignore[arg-type]
        _circle(Rejected("cast", "name", "INVALID_UTF8"), "latin", "ada", name=b"caf\xe9 club"),
    ]  # fmt: skip


def _member(becomes: Rejected | Mapping[str, Any], circle: str | None, user: str | None, **columns: Any) -> NastyRow:
    row = {"circleId": circle, "userId": user, "joinedAt": AT_TEXT, "notes": CANARY, **columns}
    if isinstance(becomes, Rejected):
        return NastyRow(row, becomes)
    places = (f"CIRCLE#{circle} / MEMBER#{user}", f"USER#{user} / CIRCLE#{circle}")
    return NastyRow(row, Lands(places, {"joined_at": AT, **becomes}))


def _members() -> list[NastyRow]:
    def missing(name: str) -> Rejected:
        return Rejected("reference", name, "MISSING_REFERENCE")

    return [
        _member({"role": "admin", "status": "active"}, "main", "ada", role="member", status="banned"),
        _member({"role": "moderator"}, "main", "words", role="moderator"),
        _member(Rejected("duplicate", None, "DUPLICATE_KEY"), "main", "words", role="member"),
        _member({"status": "banned"}, "main", "letters", role="moderator", status="banned"),
        _member({"role": "admin", "last_active": AT}, "main", "nulls", role="founder", joinedAt=1709287200000),
        _member({"role": "member", "status": "active"}, "orphan", "words"),
        _member(missing("userId"), "main", GONE),
        _member(missing("userId"), "main", "maybe"),
        _member(missing("circleId"), GONE, "ada"),
        _member(missing("circleId"), GONE, GONE),
        _member(missing("circleId"), "nameless", "ada"),
        _member(Rejected("validate", "circleId", "REQUIRED"), None, "ada"),
        _member(Rejected("cast", "userId", "NOT_AN_ID"), "main", "user#1"),
        _member(Rejected("cast", "badges", "NOT_JSON"), "main", "answers", badges="{'a': 1}"),
        _member(Rejected("cast", "contributionScore", "NOT_A_NUMBER"), "main", "answers", contributionScore="NaN"),
    ]


# -- stories and comments ------------------------------------------------------------------------------------------


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


def _stories() -> list[NastyRow]:
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
        _story(Rejected("cast", "content", "INVALID_UTF8"), "latin", "ada", content=_LATIN),
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


def _comments() -> list[NastyRow]:
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


def _businesses() -> list[NastyRow]:
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


def _resources() -> list[NastyRow]:
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


def _images() -> list[NastyRow]:
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


def _feedback() -> list[NastyRow]:
    return [
        _vote({"rating": 5, "comment": CANARY}, 21, 11),
        _vote({"rating": 1, "comment": None}, 22, 11, vote="-1", comment=""),
        _vote({"rating": 5}, 23, 13),
        _vote(Rejected("cast", "vote", "NOT_A_VOTE"), 24, 11, vote=0),
        _vote(Rejected("validate", "rating", "REQUIRED"), 25, 11, vote=None),
        _vote(Rejected("reference", "imageId", "MISSING_REFERENCE"), 26, 999),
        _vote(Rejected("reference", "imageId", "MISSING_REFERENCE"), 27, 14),
        _vote(Rejected("validate", "imageId", "REQUIRED"), 28, None),
        _vote(Rejected("cast", "comment", "INVALID_UTF8"), 29, 11, comment=_LATIN),
        _vote(Rejected("duplicate", "feedbackId", "DUPLICATE_VALUE"), 21, 13),
    ]
