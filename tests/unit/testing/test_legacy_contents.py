"""What a legacy database says about people who do not exist, and that it is dirty where it says so and nowhere else."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from madmall_models.testing.legacy import make_legacy_database
from madmall_models.testing.legacy_chance import Chance
from madmall_models.testing.legacy_dirt import EMAIL_TAKEN, KINDS, DirtGroup
from madmall_models.testing.legacy_dirt_plan import DirtPlan
from madmall_models.testing.legacy_population import Population
from madmall_models.testing.legacy_schema import USERS
from madmall_models.testing.legacy_users import user_rows
from tests.unit.testing.legacy_oracle import Legacy, faults


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
        for table in ("users", "circles", "stories", "story_comments", "images")
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
        ("feedback", "imageId", "images"),
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
