"""What a legacy database says about people who do not exist, checked by an oracle that knows nothing of the generator.

The oracle looks at the bytes of every row and names its fault. It must name each planted row, as planted, and no other.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from madmall_models.testing.legacy import LegacySummary, make_legacy_database
from madmall_models.testing.legacy_chance import Chance
from madmall_models.testing.legacy_dirt import EMAIL_TAKEN, KINDS, DirtGroup
from madmall_models.testing.legacy_dirt_plan import DirtPlan
from madmall_models.testing.legacy_population import Population
from madmall_models.testing.legacy_schema import USERS
from madmall_models.testing.legacy_users import user_rows

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
}
REQUIRED = {
    "users": {"id", "email", "firstName", "lastName"},
    "circles": {"id", "name", "type", "createdBy"},
    "circle_members": {"circleId", "userId", "role", "status"},
    "stories": {"id", "title", "content", "authorId", "type", "status"},
    "story_comments": {"id", "storyId", "authorId", "content"},
    "businesses": {"id", "name", "email", "ownerId"},
    "resources": {"id", "title", "description", "category", "authorId"},
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
}
UNLISTED = {
    ("circle_members", "role"): "role_founder",
    ("stories", "type"): "type_of_feature",
    ("stories", "status"): "status_unknown",
    ("resources", "type"): "type_unknown",
    ("resources", "category"): "category_free_text",
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
        cursor = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid")  # noqa: S608
        names = [column[0] for column in cursor.description]
        for values in cursor:
            yield dict(zip(names, values, strict=True))

    def ids(self, table: str) -> set[str]:
        return {row["id"].decode() for row in self.tables[table]}

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
    for faults in (missing_fault, spelling_fault, list_fault, number_fault, listed_fault):
        if fault := faults(table, row, types):
            return fault
    if len(str(row.get("content", ""))) > 400 * 1024:
        return "story_too_large"
    return None


def missing_fault(table: str, row: Row, types: dict[str, str]) -> str | None:
    for column in REQUIRED[table]:
        if row[column] is None:
            return "required_null"
        if not row[column].strip():
            return "required_blank"
    if "#" in row.get("id", ""):
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
    if row[born] is None and row[touched] is None:
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
    ):
        known = legacy.ids(to)
        for row in legacy.tables[table]:
            if row[column] is not None and row[column].decode() not in known:
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


@pytest.fixture(
    scope="module", params=[(100, 1, 0.02), (100, 2, 0.5), (400, 3, 0.02), (700, 4, 0.3)], ids="{0[0]}-{0[2]}".format
)
def legacy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    users, seed, dirty = request.param
    path = tmp_path_factory.mktemp("legacy") / "legacy.db"
    return Legacy(make_legacy_database(path, users=users, seed=seed, dirty=dirty))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    path = tmp_path_factory.mktemp("clean") / "legacy.db"
    return Legacy(make_legacy_database(path, users=300, dirty=0))


def test_the_planted_rows_are_faulty_as_planted_and_no_others_are(legacy: Legacy) -> None:
    assert faults(legacy) == legacy.planted()


def test_without_dirt_nothing_is_faulty(clean: Legacy) -> None:
    assert faults(clean) == {}
    assert clean.summary.planted == ()


def test_every_kind_is_there_from_a_hundred_users_on(legacy: Legacy) -> None:
    known = {kind.name for kinds in KINDS.values() for kind in kinds}
    assert {row.kind for row in legacy.summary.planted} == known


def test_dirt_is_as_frequent_as_asked_where_there_is_room(tmp_path: Path) -> None:
    summary = make_legacy_database(tmp_path / "legacy.db", users=4000, dirty=0.05)
    for table in ("users", "circle_members", "stories", "story_comments"):
        dirty = sum(summary.expected[table].values())
        assert dirty / summary.rows[table] == pytest.approx(0.05, rel=0.1)
    assert summary.expected["circles"]["member_count_wrong"] >= 20


def test_nothing_refers_to_a_row_with_a_defect(legacy: Legacy) -> None:
    groups = {(table, kind.name): kind.group for table, kinds in KINDS.items() for kind in kinds}
    defects = {place for place, kind in legacy.planted().items() if groups[place[0], kind] is DirtGroup.DEFECT}
    defective = {
        table: {row["id"] for row in legacy.tables[table] if (table, row["rowid"]) in defects}
        for table in ("users", "circles", "stories", "story_comments")
    }
    references = [
        ("circle_members", "userId", "users"),
        ("circle_members", "circleId", "circles"),
        ("circles", "createdBy", "users"),
        ("stories", "authorId", "users"),
        ("stories", "circleId", "circles"),
        ("story_comments", "storyId", "stories"),
        ("story_comments", "authorId", "users"),
        ("story_comments", "parentCommentId", "story_comments"),
        ("businesses", "ownerId", "users"),
        ("resources", "authorId", "users"),
    ]
    for table, column, to in references:
        assert not {row[column] for row in legacy.tables[table]} & defective[to]


def test_an_address_is_taken_from_an_earlier_user_without_a_defect() -> None:
    population = Population(users=60, seed=1, dirty=0.5)
    # Only this kind, so that such users stand side by side, and one could take the address from another.
    population.user_plan = DirtPlan((EMAIL_TAKEN,), 60, 0.5, Chance(1, "test"))
    kept: set[str] = set()
    for row, kind in user_rows(population):
        email = str(row[USERS.position["email"]])
        if kind is EMAIL_TAKEN:
            assert email.lower() in kept
            assert email not in kept
        else:
            kept.add(email)
    assert len(kept) == 30


def test_a_story_counts_its_comments_that_arrive(legacy: Legacy) -> None:
    defects = {kind.name for kind in KINDS["story_comments"] if kind.group is DirtGroup.DEFECT}
    planted = legacy.planted()
    comments = Counter(
        row["storyId"]
        for row in legacy.tables["story_comments"]
        if planted.get(("story_comments", row["rowid"])) not in defects
    )
    for row in legacy.tables["stories"]:
        assert row["comments"] == comments[row["id"]]


def test_a_circle_has_one_admin_its_creator_and_names_its_moderator(clean: Legacy) -> None:
    roles: dict[tuple[bytes, bytes], set[bytes]] = {}
    for row in clean.tables["circle_members"]:
        roles.setdefault((row["circleId"], row["role"]), set()).add(row["userId"])
    for row in clean.tables["circles"]:
        assert roles[row["id"], b"admin"] == {row["createdBy"]}
        assert {user.encode() for user in json.loads(row["moderators"])} == roles[row["id"], b"moderator"]
        assert row["maxMembers"] is None or 2 * row["memberCount"] <= row["maxMembers"] <= 10_000
        assert (row["privacyLevel"] == b"private") == row["isPrivate"] <= row["requireApproval"]
    leading = [row for row in clean.tables["circle_members"] if row["role"] != b"member"]
    assert {row["status"] for row in leading} == {b"active"}


def test_circles_have_as_many_members_as_their_users_allow(clean: Legacy, tmp_path: Path) -> None:
    sizes = Counter(row["circleId"] for row in clean.tables["circle_members"])
    assert all(15 <= size <= 300 for size in sizes.values())
    few = Legacy(make_legacy_database(tmp_path / "few.db", users=5, dirty=0))
    assert set(Counter(row["circleId"] for row in few.tables["circle_members"]).values()) == {5}


def test_moments_follow_one_another_by_a_second_at_least(clean: Legacy) -> None:
    later = {
        "updatedAt": "createdAt",
        "publishedAt": "createdAt",
        "featuredAt": "publishedAt",
        "verifiedAt": "createdAt",
    }
    pairs = [
        (row[first], row[second])
        for rows in clean.tables.values()
        for row in rows
        for second, first in [*later.items(), ("lastActive", "joinedAt"), ("lastActive", "createdAt")]
        if row.get(first) and row.get(second)
    ]
    assert len(pairs) > 1000
    for first, second in pairs:
        lapse = datetime.fromisoformat(second.decode()) - datetime.fromisoformat(first.decode())
        assert lapse.total_seconds() >= 1


def test_only_published_stories_say_when_they_were_published(clean: Legacy) -> None:
    assert {row["status"] for row in clean.tables["stories"] if row["publishedAt"] is None} == {b"draft"}


def test_texts_have_the_lengths_that_are_asked_of_them(clean: Legacy) -> None:
    for row in clean.tables["stories"]:
        assert 5 <= len(row["title"].decode()) <= 200
        assert 50 <= len(row["content"].decode()) <= 50_000
        assert row["wordCount"] > 10
    assert any(b"\n\n" in row["content"] for row in clean.tables["stories"])
    for row in clean.tables["circles"]:
        assert 3 <= len(row["name"].decode()) <= 100
        assert 1 <= len(row["description"].decode()) <= 1000
    assert all(len((row["bio"] or b"").decode()) <= 500 for row in clean.tables["users"])


def test_addresses_are_unique_and_lead_nowhere(clean: Legacy) -> None:
    emails = [row["email"].decode() for row in clean.tables["users"]]
    assert len({email.lower() for email in emails}) == len(emails)
    assert all(re.fullmatch(r"[a-z.0-9]+@example\.(com|org|net)", email) for email in emails)
    everything = [
        value.decode()
        for rows in clean.tables.values()
        for row in rows
        for value in row.values()
        if isinstance(value, bytes)
    ]
    assert {host for value in everything for host in re.findall(r"(?:@|://)([a-z][a-z.]+)", value) if "." in host} == {
        "example.com",
        "example.org",
        "example.net",
    }


def test_names_agree_wherever_a_person_is_shown(clean: Legacy) -> None:
    shown = {row["id"]: f"{row['firstName'].decode()} {row['lastName'].decode()[0]}." for row in clean.tables["users"]}
    for table in ("stories", "story_comments"):
        for row in clean.tables[table]:
            assert row["authorDisplayName"].decode() in (shown[row["authorId"]], "Anonymous")


def test_both_tenants_have_rows(clean: Legacy) -> None:
    assert {row["tenantId"] for row in clean.tables["users"]} == {b"default", b"sister-city"}
