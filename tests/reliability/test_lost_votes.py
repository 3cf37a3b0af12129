"""A vote, a profile or an activity whose answer was lost has happened once, whoever else wrote in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from madmall_models import AlreadyVoted, Database, OutcomeUnknown
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.integration.samples import make_circle, make_user

pytestmark = pytest.mark.difference("tokens")
Interrupt = Callable[..., list[Any]]


@pytest.fixture(autouse=True)
def people(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db)
    make_circle(db)
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="r1")


@pytest.fixture
def lose_the_answer(db: Database, monkeypatch: pytest.MonkeyPatch) -> Interrupt:
    """Return a function that has the next transaction applied and its answer lost, after something else happened."""

    def lose(meanwhile: Callable[[], Any] = lambda: None) -> list[Any]:
        send, sent = db.connection.client.transact_write_items, []

        def lost(**request: Any) -> Any:
            sent.append(request)
            answer = send(**request)
            if len(sent) > 1:
                return answer
            monkeypatch.setattr(db.connection.client, "transact_write_items", send)
            meanwhile()
            monkeypatch.setattr(db.connection.client, "transact_write_items", lost)
            raise ReadTimeoutError(endpoint_url="http://localhost")

        monkeypatch.setattr(db.connection.client, "transact_write_items", lost)
        return sent

    return lose


def vote(db: Database, reviewer: str) -> Any:
    return db.reviews.add_decision("r1", reviewer_id=reviewer, decision="approve", rationale="It fits.")


def test_a_vote_whose_answer_was_lost_counts_once(db: Database, lose_the_answer: Interrupt) -> None:
    sent = lose_the_answer()
    vote(db, "v1")
    assert len(sent) == 2
    assert len(db.reviews.get("r1").decisions) == 1


def test_a_vote_whose_answer_was_lost_before_another_s_is_no_second_vote(
    db: Database, lose_the_answer: Interrupt
) -> None:
    sent = lose_the_answer(lambda: vote(db, "v2"))
    voted = vote(db, "v1")
    review = db.reviews.get("r1", consistent=True)

    assert (len(sent), voted.voters) == (2, {"v1"})
    assert [one.reviewer_id for one in review.decisions] == ["v1", "v2"]
    assert review.version == 3
    assert check(db) == ()


def test_a_vote_whose_answers_are_all_lost_is_found_when_it_is_given_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = db.connection.client.transact_write_items

    def lost(**request: Any) -> Any:
        send(**request)
        raise ReadTimeoutError(endpoint_url="http://localhost")

    with monkeypatch.context() as patch:
        patch.setattr(db.connection.client, "transact_write_items", lost)
        with pytest.raises(OutcomeUnknown):
            vote(db, "v1")
    with pytest.raises(AlreadyVoted):
        vote(db, "v1")
    assert len(db.reviews.get("r1").decisions) == 1


def test_a_profile_whose_answer_was_lost_is_written_once(db: Database, lose_the_answer: Interrupt) -> None:
    sent = lose_the_answer(lambda: db.personalization.upsert_for_user("u1", preferences={"avoid_tags": ["x"]}))
    db.personalization.upsert_for_user("u1", cohorts=["early"], engagement={"clicks": 2})
    profile = db.personalization.get_for_user("u1", consistent=True)

    assert len(sent) == 2
    assert (profile.version, profile.cohorts, profile.preferences.avoid_tags) == (2, ["early"], ["x"])
    assert profile.engagement.clicks == 2
    assert check(db) == ()


def test_engagement_whose_answer_was_lost_is_counted_once(db: Database, lose_the_answer: Interrupt) -> None:
    db.personalization.upsert_for_user("u1")
    lose_the_answer()
    db.personalization.record_engagement("u1", impressions=3)
    assert db.personalization.get_for_user("u1", consistent=True).engagement.impressions == 3


def test_an_activity_whose_answer_was_lost_is_recorded_once(db: Database, lose_the_answer: Interrupt) -> None:
    lose_the_answer()
    made = db.activities.record(user_id="u1", type="story_shared", entity_id="s1", entity_type="story", circle_id="c1")
    assert db.activities.get_circle_activity("c1").one() == made
    assert check(db) == ()
