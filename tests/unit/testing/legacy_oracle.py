"""Name what is wrong with each row of a legacy database, from its bytes alone, without a look at its generator."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from madmall_models.testing.legacy import LegacySummary
from madmall_models.testing.legacy_dirt import KINDS, DirtGroup

Row = dict[str, Any]
Found = dict[tuple[str, int], str]

MOMENT = re.compile(r"2024-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MOMENTS = {
    "createdAt",
    "updatedAt",
    "lastActive",
    "joinedAt",
    "publishedAt",
    "featuredAt",
    "verifiedAt",
    "featuredUntil",
}
SPELT_BOOLEANS = {
    None: "boolean_null",
    "t": "boolean_letter",
    "f": "boolean_letter",
    "true": "boolean_word",
    "false": "boolean_word",
}
SPELT_MOMENTS = {
    "moment_without_milliseconds": r"2024-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "moment_with_space": r"2024-\d\d-\d\d \d\d:\d\d:\d\d",
    "moment_in_seconds_text": r"17\d{8}",
    "moment_in_milliseconds_text": r"17\d{11}",
}
LISTS = {
    "users": {"culturalBackground", "supportNeeds", "contentPreferences", "circleInterests", "primaryGoals"},
    "circles": {"culturalFocus", "moderators", "tags"},
    "circle_members": {"badges"},
    "stories": {"themes", "tags", "culturalElements", "therapeuticValue"},
    "story_comments": set(),
    "businesses": {"socialMedia", "gallery", "certifications", "specialties", "servicesOffered", "targetAudience"}
    | {"culturalCompetencies"},
    "resources": {"subcategories", "authorCredentials", "authorSpecialties", "prerequisites", "learningObjectives"}
    | {"culturalConsiderations", "therapeuticValue", "tags", "relatedResources"},
    "images": set(),
    "feedback": set(),
}
REQUIRED = {
    "users": {"id", "email", "firstName", "lastName"},
    "circles": {"id", "name", "type", "createdBy"},
    "circle_members": {"circleId", "userId", "role", "status"},
    "stories": {"id", "title", "content", "authorId", "type", "status"},
    "story_comments": {"id", "storyId", "authorId", "content"},
    "businesses": {"id", "name", "email", "ownerId"},
    "resources": {"id", "title", "description", "category", "authorId"},
    "images": {"id", "filePath", "category", "altText"},
    "feedback": {"id", "imageId", "vote"},
}
LISTED = {
    (
        "users",
        "communicationStyle",
    ): "direct_supportive gentle_encouraging humor_based spiritual_grounded no_preference",
    ("users", "diagnosisStage"): "newly_diagnosed adjusting managing_well experienced complications remission",
    ("users", "profileVisibility"): "public circles_only private",
    ("users", "theme"): "light dark auto",
    ("circles", "type"): "support_group interest_based location_based diagnosis_stage wellness_focus cultural_affinity",
    ("circles", "privacyLevel"): "public private invite_only closed",
    ("circles", "moderationLevel"): "light moderate strict",
    ("circle_members", "role"): "member moderator admin",
    ("circle_members", "status"): "active pending inactive banned",
    ("stories", "type"): "personal_experience milestone_celebration challenge_overcome advice_sharing "
    "gratitude_expression awareness_raising",
    ("stories", "status"): "draft published archived flagged removed",
    ("stories", "moderationStatus"): "pending approved rejected needs_review",
    ("story_comments", "moderationStatus"): "pending approved rejected needs_review",
    ("businesses", "type"): "wellness_center healthcare_provider supplement_brand fitness_studio mental_health_service "
    "nutrition_service beauty_wellness lifestyle_brand educational_service",
    ("businesses", "status"): "active pending_verification suspended inactive",
    ("resources", "type"): "article video podcast infographic checklist guide research_paper webinar tool template",
    ("resources", "category"): "education self_care medical_advocacy nutrition mental_health fitness relationships "
    "workplace financial_wellness spiritual_wellness",
    ("resources", "status"): "draft published archived under_review featured",
    ("resources", "difficulty"): "beginner intermediate advanced expert",
    ("images", "source"): "generated unsplash pexels upload",
    ("images", "category"): "wellness community empowerment joy",
    ("images", "status"): "pending approved rejected",
}
UNLISTED = {
    ("circle_members", "role"): "role_founder",
    ("stories", "type"): "type_of_feature",
    ("stories", "status"): "status_unknown",
    ("resources", "type"): "type_unknown",
    ("resources", "category"): "category_free_text",
    ("images", "source"): "source_unlisted",
    ("images", "status"): "status_unknown",
}


class Legacy:
    """A legacy database, read in full."""

    def __init__(self, summary: LegacySummary) -> None:
        self.summary = summary
        with closing(sqlite3.connect(summary.path)) as connection:
            connection.text_factory = bytes
            self.types = {table: self._types(connection, table) for table in summary.rows}
            self.tables = {table: list(self._rows(connection, table)) for table in summary.rows}

    @staticmethod
    def _types(connection: sqlite3.Connection, table: str) -> dict[str, str]:
        found = connection.execute(f"PRAGMA table_info({table})")
        return {column[1].decode(): column[2].decode() for column in found}

    @staticmethod
    def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
        cursor = connection.execute(f"SELECT rowid AS rowid, * FROM {table} ORDER BY rowid")  # noqa: S608
        names = [column[0] for column in cursor.description]
        for values in cursor:
            yield dict(zip(names, values, strict=True))

    def ids(self, table: str) -> set[str]:
        return {str(text(row["id"])) for row in self.tables[table]}

    def planted(self) -> Found:
        return {(row.table, row.rowid): row.kind for row in self.summary.planted}


def text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def fault_of_row(table: str, row: Row, types: dict[str, str]) -> str | None:
    """Name what is wrong with a row by itself."""
    try:
        row = {column: text(value) for column, value in row.items()}
    except UnicodeDecodeError:
        return "text_not_utf8"
    for faults in (missing_fault, spelling_fault, list_fault, number_fault, listed_fault, picture_fault):
        if fault := faults(table, row, types):
            return fault
    if len(str(row.get("content", ""))) > 400 * 1024:
        return "story_too_large"
    return None


def missing_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for column in REQUIRED[table]:
        if row[column] is None:
            return "required_null"
        if not str(row[column]).strip():
            return "required_blank"
    if "#" in str(row.get("id", "")):
        return "id_with_hash"
    return None


def spelling_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for column in types:
        value = row[column]
        if types[column] == "BOOLEAN" and value not in (0, 1):
            return SPELT_BOOLEANS[value]
        if column in MOMENTS and value is not None and not (isinstance(value, str) and MOMENT.fullmatch(value)):
            return moment_fault(value)
    born, touched = ("joinedAt", "lastActive") if table == "circle_members" else ("createdAt", "updatedAt")
    if row[born] is None and row.get(touched) is None:
        return "moments_missing"
    return None


def moment_fault(value: Any) -> str:
    if isinstance(value, int):
        return "moment_in_milliseconds" if value > 10**11 else "moment_in_seconds"
    return next(kind for kind, form in SPELT_MOMENTS.items() if re.fullmatch(form, value))


def list_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for column in LISTS[table]:
        if row[column] is None:
            return "list_null"
        if row[column] == "":
            return "list_blank"
        try:
            json.loads(row[column])
        except ValueError:
            return "list_broken"
    return None


def number_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for column, declared in types.items():
        if declared in ("INTEGER", "REAL") and isinstance(row[column], str):
            return "number_as_text"
        if declared == "INTEGER" and row[column] is not None and float(row[column]) != row[column]:
            return "count_over_53_bits"
    return None


def listed_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for (of_table, column), listed in LISTED.items():
        if of_table == table and row[column] not in listed.split():
            return UNLISTED.get((table, column), "status_unlisted")
    return None


def picture_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    if table == "images" and len(row["altText"]) < 5:
        return "alt_text_short"
    if table == "feedback" and row["vote"] not in (1, -1):
        return "vote_unknown"
    return None


def faults(legacy: Legacy) -> Found:
    """Name every faulty row of a database."""
    found: Found = {}
    for table, rows in legacy.tables.items():
        for row in rows:
            if fault := fault_of_row(table, row, legacy.types[table]):
                found[table, row["rowid"]] = fault
    for finder in (taken_emails, missing_references, second_pairs, reply_cycles, creators, wrong_counts):
        for place, fault in finder(legacy, found):
            found.setdefault(place, fault)
    return found


Places = Iterator[tuple[tuple[str, int], str]]


def taken_emails(legacy: Legacy, found: Found) -> Places:
    seen: set[str] = set()
    for row in legacy.tables["users"]:
        email = (row["email"] or b"").decode().lower()
        if email.strip() and email in seen:
            yield ("users", row["rowid"]), "email_taken"
        seen.add(email)


def missing_references(legacy: Legacy, found: Found) -> Places:
    for table, column, to, fault in (
        ("circle_members", "userId", "users", "member_without_user"),
        ("circle_members", "circleId", "circles", "member_without_circle"),
        ("circles", "createdBy", "users", "creator_missing"),
        ("stories", "authorId", "users", "author_missing"),
        ("stories", "circleId", "circles", "circle_missing"),
        ("story_comments", "storyId", "stories", "comment_without_story"),
        ("story_comments", "authorId", "users", "author_missing"),
        ("story_comments", "parentCommentId", "story_comments", "reply_to_missing"),
        ("businesses", "ownerId", "users", "owner_missing"),
        ("resources", "authorId", "users", "author_missing"),
        ("feedback", "imageId", "images", "feedback_without_image"),
    ):
        known = legacy.ids(to)
        for row in legacy.tables[table]:
            if row[column] is not None and str(text(row[column])) not in known:
                yield (table, row["rowid"]), fault


def second_pairs(legacy: Legacy, found: Found) -> Places:
    seen: set[tuple[bytes, bytes]] = set()
    for row in legacy.tables["circle_members"]:
        pair = (row["circleId"], row["userId"])
        if pair in seen and ("circle_members", row["rowid"]) not in found:
            yield ("circle_members", row["rowid"]), "pair_twice"
        seen.add(pair)


def reply_cycles(legacy: Legacy, found: Found) -> Places:
    answered = {row["id"]: row["parentCommentId"] for row in legacy.tables["story_comments"]}
    for row in legacy.tables["story_comments"]:
        place = answered.get(row["id"])
        for _ in range(len(answered)):
            if place is None or place == row["id"]:
                break
            place = answered.get(place)
        if place == row["id"]:
            yield ("story_comments", row["rowid"]), "reply_cycle"


def arriving_members(legacy: Legacy, found: Found) -> list[Row]:
    defects = {kind.name for kind in KINDS["circle_members"] if kind.group is DirtGroup.DEFECT}
    rows = legacy.tables["circle_members"]
    return [row for row in rows if found.get(("circle_members", row["rowid"])) not in defects]


def creators(legacy: Legacy, found: Found) -> Places:
    pairs = {(row["circleId"], row["userId"]) for row in legacy.tables["circle_members"]}
    circles_with_members = {circle for circle, _ in pairs}
    for row in legacy.tables["circles"]:
        if row["id"] in circles_with_members and (row["id"], row["createdBy"]) not in pairs:
            yield ("circles", row["rowid"]), "creator_not_member"


def wrong_counts(legacy: Legacy, found: Found) -> Places:
    active = Counter(row["circleId"] for row in arriving_members(legacy, found) if row["status"] == b"active")
    for row in legacy.tables["circles"]:
        if row["memberCount"] != active[row["id"]]:
            yield ("circles", row["rowid"]), "member_count_wrong"
