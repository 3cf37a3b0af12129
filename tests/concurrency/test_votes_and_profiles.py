"""Many at once: every vote counts, nobody votes twice, and one block of a profile does not undo another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import AlreadyVoted, CohortMembership, Database, MadMallError
from madmall_models.integrity import check
from tests.integration.samples import make_user
from tests.integration.table_content import mentions

pytestmark = pytest.mark.difference("no-lock")
THREADS = 8


def at_once(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Call ``work`` with 0, 1, ... in as many threads at the same moment; return what each returned or raised."""
    results: list[Any] = [None] * threads
    started = threading.Barrier(threads)

    def run(number: int) -> None:
        started.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return results


def failures(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, BaseException)]


def test_eight_reviewers_at_once_have_eight_votes(db: Database) -> None:
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1", required_votes=THREADS)
    decisions = ["approve"] * 5 + ["reject"] * 3
    voted = at_once(
        lambda number: db.reviews.add_decision(
            "r1", reviewer_id=f"v{number}", decision=decisions[number], rationale="It fits."
        )
    )
    review = db.reviews.get("r1", consistent=True)

    assert failures(voted) == []
    assert review.voters == {f"v{number}" for number in range(THREADS)}
    assert (review.consensus.received_votes, str(review.consensus.score)) == (THREADS, "0.625")
    assert (review.status, review.version) == ("approved", THREADS + 1)
    assert [result.status for result in voted].count("approved") == 1
    assert check(db) == ()


def test_one_reviewer_at_eight_places_has_one_vote(db: Database) -> None:
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1")
    voted = at_once(
        lambda number: db.reviews.add_decision("r1", reviewer_id="v1", decision="approve", rationale="It fits.")
    )
    refused = failures(voted)

    assert [type(error) for error in refused] == [AlreadyVoted] * (THREADS - 1)
    assert len(db.reviews.get("r1", consistent=True).decisions) == 1
    assert check(db) == ()


def test_votes_and_hands_at_once_leave_a_review_that_adds_up(db: Database) -> None:
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1", required_votes=4)

    def work(number: int) -> Any:
        if number % 2:
            return db.reviews.assign("r1", f"v{number}")
        return db.reviews.add_decision("r1", reviewer_id=f"v{number}", decision="approve", rationale="It fits.")

    results = at_once(work)
    assert all(isinstance(error, MadMallError) for error in failures(results))
    assert len(db.reviews.get("r1", consistent=True).decisions) == 4
    assert db.reviews.get("r1", consistent=True).status == "approved"
    assert check(db) == ()


@pytest.mark.parametrize("there_is_one", [False, True])
def test_blocks_of_one_profile_that_are_saved_at_once_all_survive(there_is_one: bool, db: Database) -> None:
    make_user(db)
    if there_is_one:
        db.personalization.upsert_for_user("u1", preferences={"image_styles": ["studio"]})
    blocks: list[dict[str, Any]] = [
        {"preferences": {"avoid_tags": ["needles"]}},
        {"preferences": {"preferred_contexts": ["home"]}},
        {"engagement": {"clicks": 7}},
        {"cohorts": ["early", "late"]},
        *({"ab_tests": [{"experiment_id": f"e{number}", "variant": "B"}]} for number in range(4)),
    ]
    saved = at_once(lambda number: db.personalization.upsert_for_user("u1", **blocks[number]))
    profile = db.personalization.get_for_user("u1", consistent=True)

    assert failures(saved) == []
    assert (profile.preferences.avoid_tags, profile.preferences.preferred_contexts) == (["needles"], ["home"])
    assert profile.engagement.clicks == 7
    assert profile.cohorts == ["early", "late"]
    assert {one.experiment_id for one in profile.ab_tests} == {"e0", "e1", "e2", "e3"}
    assert check(db) == ()


def test_cohorts_that_are_entered_at_once_are_all_in_the_profile(db: Database) -> None:
    make_user(db)

    def enter(number: int) -> Any:
        with db.bound():
            return CohortMembership(user_id="u1", cohort_id=f"cohort-{number}").create()

    entered = at_once(enter)
    assert failures(entered) == []
    assert set(db.personalization.get("u1", consistent=True).cohorts) == {f"cohort-{n}" for n in range(THREADS)}
    assert check(db) == ()


def test_engagement_that_is_recorded_at_once_is_all_counted(db: Database) -> None:
    make_user(db)

    def look(number: int) -> None:
        for _ in range(4):
            db.personalization.record_engagement("u1", impressions=1, dwell_time_ms=number)

    assert failures(at_once(look)) == []
    figures = db.personalization.get_for_user("u1", consistent=True).engagement
    assert (figures.impressions, figures.dwell_time_ms) == (4 * THREADS, 4 * sum(range(THREADS)))


def test_a_user_who_is_deleted_while_cohorts_and_activities_come_leaves_nothing(db: Database) -> None:
    make_user(db)
    make_user(db, "leaver")

    def work(number: int) -> Any:
        if number == 0:
            return db.users.delete("leaver")
        if number % 2:
            return db.personalization.upsert_for_user("leaver", cohorts=[f"cohort-{number}"])
        return db.activities.record(user_id="leaver", type="story_shared", entity_id="s1", entity_type="story")

    results = at_once(work)
    assert results[0] is None
    assert db.users.get_or_none("leaver") is None
    assert mentions(db, "leaver") == []
    assert check(db) == ()
