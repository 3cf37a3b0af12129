"""Advisory reviews: queued, assigned, voted on once by each reviewer, and decided by what leads."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import (
    AdvisoryReview,
    AlreadyExists,
    AlreadyVoted,
    Database,
    KeyValueError,
    MadMallError,
    ReviewDecided,
    ReviewError,
    User,
    ValidationError,
    VersionConflict,
    item_updated,
)
from madmall_models.integrity import check
from tests.integration.samples import NOON, make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written, raw

R1 = AdvisoryReview.key.of("r1")


def enqueue(db: Database, review_id: str = "r1", **fields: Any) -> AdvisoryReview:
    return db.reviews.enqueue(**{"target_type": "story", "target_id": "s1", "review_id": review_id, **fields})


def vote(db: Database, reviewer: str, decision: str = "approve", review_id: str = "r1") -> AdvisoryReview:
    return db.reviews.add_decision(review_id, reviewer_id=reviewer, decision=decision, rationale="It fits.")


def ids(reviews: Any) -> list[str]:
    return [review.review_id for review in reviews]


# -- the queue -----------------------------------------------------------------------------------------------------


def test_a_review_is_enqueued_with_what_it_needs(db: Database) -> None:
    made = enqueue(db, notes="Please look.")

    assert (made.status, made.submitted_by, made.notes, made.version) == ("queued", "system", "Please look.", 1)
    assert (made.consensus.required_votes, made.consensus.received_votes, made.decisions) == (3, 0, [])
    assert db.reviews.get("r1") == made
    assert raw(db, R1)["entityType"] == {"S": "ADVISORY_REVIEW"}


def test_a_review_gets_an_id_of_its_own(db: Database) -> None:
    first, second = (db.reviews.enqueue(target_type="image", target_id="i1") for _ in range(2))

    assert first.review_id < second.review_id
    assert ids(db.reviews.list_queue()) == [first.review_id, second.review_id]


def test_an_id_is_given_once(db: Database) -> None:
    enqueue(db)
    with nothing_written(db), pytest.raises(AlreadyExists):
        enqueue(db)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target_type": "circle"},
        {"target_id": None},
        {"target_id": "two words"},
        {"required_votes": 0},
        {"required_votes": "many"},
        {"submitted_by": "jane@example.org"},
        {"status": "shelved"},
        {"colour": "red"},
    ],
)
def test_what_is_no_review_is_not_enqueued(wrong: dict[str, Any], db: Database) -> None:
    with nothing_sent(db), pytest.raises((ValidationError, KeyValueError)):
        enqueue(db, **wrong)


def test_the_queue_holds_what_is_open_oldest_first_whatever_the_ids(db: Database) -> None:
    for day, review_id in ((3, "a"), (1, "b"), (2, "c")):
        enqueue(db, review_id, created_at=NOON.replace(day=day), required_votes=1)
    assert ids(db.reviews.list_queue()) == ["b", "c", "a"]

    db.reviews.assign("c", "reviewer")
    vote(db, "reviewer", review_id="b")
    assert ids(db.reviews.list_queue()) == ["c", "a"]
    assert ids(db.reviews.list_queue().newest_first().limit(1)) == ["a"]
    assert ids(db.reviews.list_queue().consistent()) == ["c", "a"]


@pytest.mark.defect(43)
def test_reviews_are_listed_by_target_oldest_first(db: Database) -> None:
    enqueue(db, "late", created_at=NOON.replace(day=2))
    enqueue(db, "early", created_at=NOON.replace(day=1))
    enqueue(db, "other", target_id="s2")
    enqueue(db, "image", target_type="image")

    assert ids(db.reviews.list_by_target("story", "s1")) == ["early", "late"]
    assert db.reviews.list_by_target("story", "s1").first().status == "queued"


@pytest.mark.defect(41, 43)
def test_reviews_are_listed_by_status_as_whole_reviews(db: Database) -> None:
    enqueue(db, "r1")
    enqueue(db, "r2", required_votes=1)
    assert sorted(ids(db.reviews.get_by_status("queued"))) == ["r1", "r2"]

    vote(db, "v1", "reject", "r2")
    assert ids(db.reviews.get_by_status("queued")) == ["r1"]
    rejected = db.reviews.get_by_status("rejected").one()
    assert (rejected.review_id, rejected.target_id, len(rejected.decisions)) == ("r2", "s1", 1)


def test_who_is_being_deleted_asks_for_no_review(db: Database) -> None:
    make_user(db, "leaver")
    mark_as_leaving(db, User.key.of("leaver"))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        enqueue(db, submitted_by="leaver")
    enqueue(db, submitted_by="former-user")


# -- votes ---------------------------------------------------------------------------------------------------------


@pytest.mark.defect(89)
def test_the_status_follows_the_last_vote_that_is_required(db: Database) -> None:
    enqueue(db)
    assert vote(db, "v1").status == "in_review"
    assert vote(db, "v2", "reject").status == "in_review"
    decided = vote(db, "v3")

    assert decided.status == "approved"
    assert (decided.consensus.received_votes, decided.consensus.score) == (3, Decimal("0.6667"))
    stored = db.reviews.get("r1", consistent=True)
    assert stored == decided
    assert [(one.reviewer_id, one.decision, one.rationale) for one in stored.decisions] == [
        ("v1", "approve", "It fits."),
        ("v2", "reject", "It fits."),
        ("v3", "approve", "It fits."),
    ]
    assert all(one.decided_at >= stored.created_at for one in stored.decisions)
    assert stored.version == 4
    assert check(db) == ()


@pytest.mark.parametrize(
    ("decision", "status"),
    [("approve", "approved"), ("request_changes", "changes_requested"), ("reject", "rejected")],
)
def test_each_decision_has_its_outcome(decision: str, status: str, db: Database) -> None:
    enqueue(db, required_votes=1)
    assert vote(db, "v1", decision).status == status


def test_a_tie_waits_for_one_more_vote(db: Database) -> None:
    enqueue(db, required_votes=2)
    vote(db, "v1", "approve")
    tied = vote(db, "v2", "reject")
    assert (tied.status, tied.consensus.score) == ("in_review", Decimal("0.5"))
    assert vote(db, "v3", "reject").status == "rejected"


@pytest.mark.defect(89)
def test_a_reviewer_votes_once(db: Database) -> None:
    enqueue(db)
    vote(db, "v1", "approve")
    with nothing_written(db), pytest.raises(AlreadyVoted, match="has voted on this review already") as refused:
        vote(db, "v1", "reject")
    assert isinstance(refused.value, ReviewError)


def test_a_decided_review_takes_no_vote(db: Database) -> None:
    enqueue(db, required_votes=1)
    vote(db, "v1")
    with nothing_written(db), pytest.raises(ReviewDecided, match="enqueue a new one"):
        vote(db, "v2")
    with nothing_written(db), pytest.raises(AlreadyVoted):
        vote(db, "v1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "shrug"},
        {"decision": None},
        {"reviewer_id": "jane@example.org"},
        {"reviewer_id": None},
        {"rationale": 7},
        {"rationale": None},
    ],
)
def test_what_is_no_vote_is_refused_before_anything_is_sent(wrong: dict[str, Any], db: Database) -> None:
    enqueue(db)
    given = {"reviewer_id": "v1", "decision": "approve", "rationale": "It fits.", **wrong}
    before = db.metrics().total
    with pytest.raises(ValidationError) as refused:
        db.reviews.add_decision("r1", **given)
    assert db.metrics().total == before
    assert "jane" not in str(refused.value)


def test_a_reviewer_who_is_being_deleted_does_not_vote(db: Database) -> None:
    make_user(db, "leaver")
    enqueue(db)
    mark_as_leaving(db, User.key.of("leaver"))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        vote(db, "leaver")


# -- changing ------------------------------------------------------------------------------------------------------


def test_an_assigned_review_is_in_review(db: Database) -> None:
    enqueue(db)
    assigned = db.reviews.assign("r1", "reviewer")

    assert (assigned.assigned_to, assigned.status, assigned.version) == ("reviewer", "in_review", 2)
    assert ids(db.reviews.get_by_status("in_review")) == ["r1"]
    with nothing_sent(db), pytest.raises(ValidationError):
        db.reviews.assign("r1", "jane@example.org")


def test_a_status_is_set_by_hand_and_found_in_its_list(db: Database) -> None:
    enqueue(db)
    changed: list[Any] = []

    def updated(sender: Any, **keywords: Any) -> None:
        changed.append(keywords["changed"])

    with item_updated.connected_to(updated, sender=AdvisoryReview):
        db.reviews.update_status("r1", "rejected")
    assert changed == [("status",)]
    assert ids(db.reviews.get_by_status("rejected")) == ["r1"]
    assert ids(db.reviews.list_queue()) == []
    with pytest.raises(ReviewDecided):
        vote(db, "v1")
    db.reviews.update_status("r1", "in_review")
    assert vote(db, "v1").status == "in_review"
    assert check(db) == ()


def test_what_votes_decided_stays(db: Database) -> None:
    enqueue(db, required_votes=1)
    vote(db, "v1")
    for attempt in (
        lambda: db.reviews.update_status("r1", "rejected"),
        lambda: db.reviews.update_status("r1", "queued"),
        lambda: db.reviews.assign("r1", "reviewer"),
    ):
        with nothing_written(db), pytest.raises(ReviewDecided):
            attempt()
    with nothing_written(db):
        assert db.reviews.update_status("r1", "approved").status == "approved"
    with nothing_written(db), pytest.raises(ValidationError):
        db.reviews.update("r1", status="rejected")


@pytest.mark.parametrize("status", ["shelved", None, 7, ["queued"], "QUEUED"])
def test_a_status_that_there_is_not_is_refused(status: Any, db: Database) -> None:
    enqueue(db)
    with nothing_sent(db), pytest.raises(ValidationError, match="takes one of queued, in_review"):
        db.reviews.update_status("r1", status)


ON_NOTHING: dict[str, Callable[[Database], object]] = {
    "assign": lambda db: db.reviews.assign("nothing", "v1"),
    "update_status": lambda db: db.reviews.update_status("nothing", "approved"),
    "add_decision": lambda db: vote(db, "v1", review_id="nothing"),
    "get": lambda db: db.reviews.get("nothing"),
    "update": lambda db: db.reviews.update("nothing", notes="-"),
    "delete": lambda db: db.reviews.delete("nothing"),
}


@pytest.mark.defect(26)
@pytest.mark.parametrize("name", ON_NOTHING)
def test_what_is_not_there_is_not_made_by_changing_it(name: str, db: Database) -> None:
    with nothing_written(db), pytest.raises(AdvisoryReview.DoesNotExist):
        ON_NOTHING[name](db)


def test_votes_and_consensus_are_changed_by_votes_only(db: Database) -> None:
    enqueue(db)
    review = vote(db, "v1")
    with nothing_sent(db):
        for changes in ({"decisions": []}, {"consensus": {"required_votes": 1}}):
            with pytest.raises(ValidationError, match="use add_decision"):
                db.reviews.update("r1", **changes)
        review.decisions = []
        with pytest.raises(ValidationError, match="use add_decision"):
            review.save()
    again = db.reviews.get("r1")
    again.consensus.score = 0
    with nothing_sent(db), pytest.raises(ValidationError, match="use add_decision"):
        again.save()


def test_notes_are_saved_as_they_are_loaded(db: Database) -> None:
    mine, theirs = enqueue(db), db.reviews.get("r1")
    mine.notes = "Mine."
    mine.save()
    theirs.notes = "Theirs."
    with pytest.raises(VersionConflict):
        theirs.save()
    assert db.reviews.get("r1").notes == "Mine."


def test_given_figures_of_a_new_review_are_ignored_with_a_warning(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    db.reviews.create(
        review_id="r1", target_type="image", target_id="i1", submitted_by="system", consensus={"score": 1}
    )
    assert "follow from the decisions" in caplog.text
    assert db.reviews.get("r1").consensus.score == 0


def test_a_review_is_deleted_with_its_place_in_the_queue(db: Database) -> None:
    enqueue(db)
    db.reviews.get("r1").delete()
    assert check(db) == ()
    assert ids(db.reviews.list_queue()) == []


def test_a_review_of_another_writer_takes_votes(db: Database) -> None:
    enqueue(db)
    edit(db, R1, "REMOVE consensus, decisions")
    assert vote(db, "v1").consensus.received_votes == 1
    assert check(db) == ()


# -- what a check finds --------------------------------------------------------------------------------------------

SPOILT: dict[str, tuple[str, dict[str, Any]]] = {
    "votes received or score differ": ("SET consensus.score = :score", {"score": {"N": "0.5"}}),
    "the status is not what": (
        "SET #status = :status, GSI3PK = :place",
        {"status": {"S": "rejected"}, "place": {"S": "REVIEW_STATUS#REJECTED"}},
    ),
    "more than one vote": ("SET decisions[1] = decisions[0]", {}),
}


@pytest.mark.parametrize("fact", SPOILT)
def test_a_consensus_that_disagrees_with_the_votes_is_found(fact: str, db: Database) -> None:
    enqueue(db, required_votes=2)
    vote(db, "v1")
    vote(db, "v2")
    assert check(db) == ()
    expression, values = SPOILT[fact]
    edit(db, R1, expression, **values)

    found = check(db)
    assert {finding.rule for finding in found} == {"consensus"}
    assert any(fact in finding.fact for finding in found)


# -- errors --------------------------------------------------------------------------------------------------------


def test_no_message_names_what_somebody_wrote(db: Database) -> None:
    enqueue(db)
    db.reviews.add_decision("r1", reviewer_id="canary", decision="approve", rationale="canary")
    for attempt in (
        lambda: db.reviews.add_decision("r1", reviewer_id="canary", decision="reject", rationale="canary"),
        lambda: db.reviews.update_status("r1", "canary"),
        lambda: db.reviews.add_decision("r1", reviewer_id="canary canary", decision="reject", rationale="x"),
    ):
        with pytest.raises(MadMallError) as refused:
            attempt()
        assert "canary" not in str(refused.value)
