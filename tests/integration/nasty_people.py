"""The rows of the nasty file that are about people: users, circles and their members."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.integration.nasty_row import AT, AT_TEXT, CANARY, GONE, LATIN, Lands, NastyRow, Rejected


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


def users() -> list[NastyRow]:
    """Return every user: those who are spelt oddly, those who are broken, those who collide with others."""
    return [*_spelt_users(), *_broken_users(), *_colliding_users()]


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
        _user(cast("bio", "INVALID_UTF8"), "latin", bio=LATIN),
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


def circles() -> list[NastyRow]:
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


def members() -> list[NastyRow]:
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
