"""Check what entities owe each other: counts, owners, moderators, parents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from madmall_models.entities import (
    Activity,
    AdvisoryReview,
    Circle,
    CircleMember,
    CohortMembership,
    Comment,
    Feedback,
    Image,
    Personalization,
    Story,
    User,
)
from madmall_models.integrity.check_memory import CheckMemory
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.snapshot import Place, shown
from madmall_models.managers.membership import ACTIVE, ADMIN, MODERATOR

# What is said is kept as text, since a stored number may be larger than SQLite's.
_SCHEMA = """
CREATE TABLE circles (id TEXT PRIMARY KEY, said TEXT, owner TEXT, moderators TEXT, deleting INTEGER, p TEXT, s TEXT);
CREATE TABLE members (circle TEXT, user TEXT, active INTEGER, role TEXT, p TEXT, s TEXT, PRIMARY KEY (circle, user));
CREATE TABLE users (id TEXT PRIMARY KEY, said TEXT, p TEXT, s TEXT);
CREATE TABLE stories (id TEXT PRIMARY KEY, said TEXT, p TEXT, s TEXT);
CREATE TABLE comments (story TEXT, p TEXT, s TEXT);
CREATE TABLE images (id TEXT PRIMARY KEY, deleting INTEGER, p TEXT, s TEXT);
CREATE TABLE feedback (image TEXT, p TEXT, s TEXT);
CREATE TABLE personal (kind TEXT, user TEXT, p TEXT, s TEXT);
CREATE TABLE profiles (user TEXT PRIMARY KEY, cohorts TEXT, p TEXT, s TEXT);
CREATE TABLE edges (user TEXT, cohort TEXT, p TEXT, s TEXT, PRIMARY KEY (user, cohort));
"""
_INDEXES = """
CREATE INDEX members_of_user ON members (user, active);
CREATE INDEX comments_of_story ON comments (story);
"""
_ORPHANS = (
    ("CircleMember", "members", "circle", "circles", "a member of a circle that does not exist"),
    ("CircleMember", "members", "user", "users", "a membership of a user who does not exist"),
    ("Comment", "comments", "story", "stories", "a comment on a story that does not exist"),
    ("Feedback", "feedback", "image", "images", "feedback on an image that does not exist"),
)
_UNFINISHED = "its deletion was begun and not finished; delete it again"
Values = tuple[Any, ...]


class RelationRules:
    """Look at the entities of a table one by one, and find those whose relations are broken.

    Rules: ``member-count``, ``owner``, ``moderators``, ``deleting``, ``orphan``, ``circles-joined``, ``comment-count``,
    ``cohorts`` (edges and profiles disagree), ``consensus`` (votes, and what follows from them).

    Args:
        memory: remembers who names whom.
    """

    def __init__(self, memory: CheckMemory) -> None:
        self._database = memory.database
        self._database.executescript(_SCHEMA)

    def look_at(self, where: Place, entity: Any) -> Iterator[Finding]:
        """Take note of an entity, and yield what is wrong with it by itself."""
        if type(entity) is AdvisoryReview:
            yield from _consensus(where, entity)
        for table, values in _NOTES.get(type(entity), _none_of)(entity):
            marks = ", ".join("?" * (len(values) + 2))
            # The names are those of the schema above, every value is bound.
            self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*values, *where))  # noqa: S608

    def conclude(self) -> Iterator[Finding]:
        """Yield what only the whole table shows, once every entity was looked at."""
        self._database.executescript(_INDEXES)
        yield from self._circles()
        yield from self._orphans()
        yield from self._users()
        yield from self._stories()
        yield from self._images()
        yield from self._cohorts()

    def _circles(self) -> Iterator[Finding]:
        for name, said, owner, listed, deleting, *where in self._database.execute("SELECT * FROM circles"):
            roles = self._database.execute("SELECT user, role FROM members WHERE circle = ? AND active", (name,))
            count, by_role = 0, {MODERATOR: set[str](), ADMIN: set[str]()}
            for user, role in roles:
                count += 1
                by_role.get(role, set()).add(user)
            if said is not None and said != str(count):
                fact = f"says {said}, has {count} active members"
                yield _finding("member-count", Circle, where, fact, "stats.memberCount")
            if deleting:
                yield _finding("deleting", Circle, where, _UNFINISHED, "deletingAt")
                continue
            if owner not in by_role[ADMIN]:
                fact = "the owner is not an active member with role admin"
                yield _finding("owner", Circle, where, fact, "createdBy")
            if set(json.loads(listed)) != by_role[MODERATOR]:
                fact = "the list differs from the roles of the members"
                yield _finding("moderators", Circle, where, fact, "moderators")

    def _orphans(self) -> Iterator[Finding]:
        for entity, table, column, parents, fact in _ORPHANS:
            lost = f"SELECT p, s FROM {table} WHERE {column} IS NULL OR {column} NOT IN (SELECT id FROM {parents})"  # noqa: S608
            for where in self._database.execute(lost):
                yield Finding("orphan", entity, shown(where), fact, tuple(where))
        personal = "SELECT kind, p, s FROM personal WHERE user IS NULL OR user NOT IN (SELECT id FROM users)"
        for entity, *where in self._database.execute(personal):
            place = (where[0], where[1])
            yield Finding("orphan", entity, shown(place), "belongs to a user who does not exist", place)

    def _users(self) -> Iterator[Finding]:
        counted = (
            "SELECT said, (SELECT count(*) FROM members WHERE user = users.id AND active) AS joined, p, s FROM users "
            "WHERE said IS NOT NULL AND said <> CAST(joined AS TEXT)"
        )
        for said, joined, *where in self._database.execute(counted):
            fact = f"says {said}, is an active member of {joined}"
            yield _finding("circles-joined", User, where, fact, "stats.circlesJoined")

    def _stories(self) -> Iterator[Finding]:
        counted = (
            "SELECT said, (SELECT count(*) FROM comments WHERE story = stories.id) AS there, p, s FROM stories "
            "WHERE said IS NOT NULL AND said <> CAST(there AS TEXT)"
        )
        for said, there, *where in self._database.execute(counted):
            yield _finding("comment-count", Story, where, f"says {said}, has {there} comments", "engagement.comments")

    def _images(self) -> Iterator[Finding]:
        for where in self._database.execute("SELECT p, s FROM images WHERE deleting"):
            yield _finding("deleting", Image, list(where), _UNFINISHED, "deletingAt")

    def _cohorts(self) -> Iterator[Finding]:
        edges = "SELECT edges.cohort, cohorts, edges.p, edges.s FROM edges LEFT JOIN profiles USING (user)"
        for cohort, named, *where in self._database.execute(edges):
            if named is None or cohort not in json.loads(named):
                fact = "an edge to a cohort that no profile of the user names"
                yield _finding("cohorts", CohortMembership, where, fact)
        for user, named, *where in self._database.execute("SELECT * FROM profiles"):
            there = self._database.execute("SELECT cohort FROM edges WHERE user = ?", (user,))
            missing = set(json.loads(named)) - {cohort for (cohort,) in there}
            if missing:
                fact = f"{len(missing)} of its cohorts have no edge"
                yield _finding("cohorts", Personalization, where, fact, "cohorts")


def _circle(circle: Circle) -> Iterator[tuple[str, Values]]:
    said = _text(circle.stats.member_count) if circle.stats else None
    moderators = json.dumps(list(circle.moderators or ()))
    yield "circles", (circle.circle_id, said, circle.created_by, moderators, circle.deleting_at is not None)


def _member(member: CircleMember) -> Iterator[tuple[str, Values]]:
    yield "members", (member.circle_id, member.user_id, member.status == ACTIVE, member.role)


def _user(user: User) -> Iterator[tuple[str, Values]]:
    yield "users", (user.user_id, _text(user.stats.circles_joined) if user.stats else None)


def _story(story: Story) -> Iterator[tuple[str, Values]]:
    yield "stories", (story.story_id, _text(story.engagement.comments) if story.engagement else None)


def _comment(comment: Comment) -> Iterator[tuple[str, Values]]:
    yield "comments", (comment.story_id,)


def _image(image: Image) -> Iterator[tuple[str, Values]]:
    yield "images", (image.image_id, image.deleting_at is not None)


def _feedback(feedback: Feedback) -> Iterator[tuple[str, Values]]:
    yield "feedback", (feedback.image_id,)


def _activity(activity: Activity) -> Iterator[tuple[str, Values]]:
    yield "personal", ("Activity", activity.user_id)


def _profile(profile: Personalization) -> Iterator[tuple[str, Values]]:
    yield "personal", ("Personalization", profile.user_id)
    yield "profiles", (profile.user_id, json.dumps(list(profile.cohorts or ())))


def _edge(edge: CohortMembership) -> Iterator[tuple[str, Values]]:
    yield "edges", (edge.user_id, edge.cohort_id)


def _none_of(_: Any) -> Iterator[tuple[str, Values]]:
    return iter(())


_NOTES: Mapping[type[Any], Callable[[Any], Iterator[tuple[str, Values]]]] = {
    Activity: _activity,
    Circle: _circle,
    CircleMember: _member,
    CohortMembership: _edge,
    Comment: _comment,
    Feedback: _feedback,
    Image: _image,
    Personalization: _profile,
    Story: _story,
    User: _user,
}


def _consensus(where: Place, review: AdvisoryReview) -> Iterator[Finding]:
    votes = len(review.decisions or ())
    if len(review.voters) != votes:
        yield _finding("consensus", AdvisoryReview, where, "a reviewer has more than one vote")
    consensus = review.consensus
    said = (0, 0) if consensus is None else (consensus.received_votes, consensus.score)
    if said != (votes, review.share_of_agreement()):
        yield _finding("consensus", AdvisoryReview, where, "votes received or score differ from the decisions")
    if review.outcome not in (None, review.status):
        yield _finding("consensus", AdvisoryReview, where, "the status is not what the votes decided")


def _text(count: int | None) -> str | None:
    return None if count is None else str(count)


def _finding(
    rule: str, entity: type[Any], where: Place | list[str], fact: str, attribute: str | None = None
) -> Finding:
    place = (where[0], where[1])
    return Finding(rule, entity.__name__, shown(place), fact, place, attribute)
