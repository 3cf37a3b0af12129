"""Check what entities owe each other: counts, owners, moderators, parents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
from madmall_models.entity import Entity
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.snapshot import Snapshot, shown
from madmall_models.managers.membership import ACTIVE, ADMIN, MODERATOR


def check_relations(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each circle, member, story, user and image whose relations are broken.

    Rules: ``member-count``, ``owner``, ``moderators``, ``deleting``, ``orphan``, ``circles-joined``, ``comment-count``,
    ``cohorts`` (edges and profiles disagree), ``consensus`` (votes, and what follows from them).
    """
    members = snapshot.all_of(CircleMember)
    circles = {circle.circle_id: circle for circle in snapshot.all_of(Circle)}
    yield from _circles(circles, members)
    users = {user.user_id for user in snapshot.all_of(User)}
    for member in members:
        if member.circle_id not in circles:
            yield _finding("orphan", member, "a member of a circle that does not exist")
        if member.user_id not in users:
            yield _finding("orphan", member, "a membership of a user who does not exist")
    for personal in (*snapshot.all_of(Personalization), *snapshot.all_of(Activity)):
        if personal.user_id not in users:
            yield _finding("orphan", personal, "belongs to a user who does not exist")
    yield from _users(snapshot, members)
    yield from _stories(snapshot)
    yield from _images(snapshot)
    yield from _cohorts(snapshot)
    for review in snapshot.all_of(AdvisoryReview):
        yield from _consensus(review)


def _circles(circles: dict[str, Circle], members: list[CircleMember]) -> Iterator[Finding]:
    active = Counter(member.circle_id for member in members if member.status == ACTIVE)
    moderators: dict[str, set[str]] = {}
    admins: dict[str, set[str]] = {}
    for member in members:
        if member.status == ACTIVE and member.role in (MODERATOR, ADMIN):
            chosen = moderators if member.role == MODERATOR else admins
            chosen.setdefault(member.circle_id, set()).add(member.user_id)
    for circle in circles.values():
        count = circle.stats.member_count if circle.stats else None
        if count is not None and count != active[circle.circle_id]:
            yield _finding("member-count", circle, f"says {count}, has {active[circle.circle_id]} active members")
        if circle.deleting_at is not None:
            yield _finding("deleting", circle, "its deletion was begun and not finished; delete it again")
            continue
        if circle.created_by not in admins.get(circle.circle_id, set()):
            yield _finding("owner", circle, "the owner is not an active member with role admin")
        if set(circle.moderators or ()) != moderators.get(circle.circle_id, set()):
            yield _finding("moderators", circle, "the list differs from the roles of the members")


def _users(snapshot: Snapshot, members: list[CircleMember]) -> Iterator[Finding]:
    joined = Counter(member.user_id for member in members if member.status == ACTIVE)
    for user in snapshot.all_of(User):
        count = user.stats.circles_joined if user.stats else None
        if count is not None and count != joined[user.user_id]:
            yield _finding("circles-joined", user, f"says {count}, is an active member of {joined[user.user_id]}")


def _stories(snapshot: Snapshot) -> Iterator[Finding]:
    stories = {story.story_id: story for story in snapshot.all_of(Story)}
    comments = Counter(comment.story_id for comment in snapshot.all_of(Comment))
    for comment in snapshot.all_of(Comment):
        if comment.story_id not in stories:
            yield _finding("orphan", comment, "a comment on a story that does not exist")
    for story in stories.values():
        count = story.engagement.comments if story.engagement else None
        if count is not None and count != comments[story.story_id]:
            yield _finding("comment-count", story, f"says {count}, has {comments[story.story_id]} comments")


def _images(snapshot: Snapshot) -> Iterator[Finding]:
    images = {image.image_id: image for image in snapshot.all_of(Image)}
    for feedback in snapshot.all_of(Feedback):
        if feedback.image_id not in images:
            yield _finding("orphan", feedback, "feedback on an image that does not exist")
    for image in images.values():
        if image.deleting_at is not None:
            yield _finding("deleting", image, "its deletion was begun and not finished; delete it again")


def _cohorts(snapshot: Snapshot) -> Iterator[Finding]:
    profiles = {profile.user_id: profile for profile in snapshot.all_of(Personalization)}
    edges: dict[str, set[str]] = {}
    for edge in snapshot.all_of(CohortMembership):
        edges.setdefault(edge.user_id, set()).add(edge.cohort_id)
        profile = profiles.get(edge.user_id)
        if profile is None or edge.cohort_id not in (profile.cohorts or ()):
            yield _finding("cohorts", edge, "an edge to a cohort that no profile of the user names")
    for user_id, profile in profiles.items():
        missing = set(profile.cohorts or ()) - edges.get(user_id, set())
        if missing:
            yield _finding("cohorts", profile, f"{len(missing)} of its cohorts have no edge")


def _consensus(review: AdvisoryReview) -> Iterator[Finding]:
    votes = len(review.decisions or ())
    if len(review.voters) != votes:
        yield _finding("consensus", review, "a reviewer has more than one vote")
    consensus = review.consensus
    said = (0, 0) if consensus is None else (consensus.received_votes, consensus.score)
    if said != (votes, review.share_of_agreement()):
        yield _finding("consensus", review, "votes received or score differ from the decisions")
    if review.outcome not in (None, review.status):
        yield _finding("consensus", review, "the status is not what the votes decided")


def _finding(rule: str, entity: Entity, fact: str) -> Finding:
    key = entity.item_key()
    return Finding(rule, type(entity).__name__, shown((key.partition, key.sort)), fact)
