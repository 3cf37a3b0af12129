"""Many at once settle a feedback, escalate an incident, count an image: one wins, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import ConditionFailed, Database, UniqueViolation, VersionConflict
from madmall_models.integrity import check
from tests.integration.image_samples import make_feedback, make_image, make_incident

THREADS = 6
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture(autouse=True)
def image(db: Database) -> None:
    make_image(db)


def at_once(operation: Callable[[int], Any]) -> tuple[list[Any], list[BaseException]]:
    """Run an operation in every thread, all starting together; return what they returned and raised."""
    start = threading.Barrier(THREADS)
    returned: list[Any] = []
    raised: list[BaseException] = []

    def run(number: int) -> None:
        start.wait()
        try:
            returned.append(operation(number))
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return returned, raised


def test_of_many_who_resolve_one_wins(db: Database) -> None:
    make_feedback(db, is_report=True)
    won, lost = at_once(lambda number: db.feedback.resolve("f1", resolved_by=f"m{number}", action="removed"))
    assert [type(error) for error in lost] == [ConditionFailed] * (THREADS - 1)
    assert db.feedback.get_by_id("f1").resolution == won[0].resolution
    assert list(db.feedback.list_open_reports()) == []
    assert check(db) == ()


def test_of_many_who_escalate_the_highest_level_stays(db: Database) -> None:
    make_incident(db)
    won, lost = at_once(lambda number: db.incidents.escalate("n1", number % 3 + 1))
    assert {type(error) for error in lost} <= {ConditionFailed, VersionConflict}
    escalation = db.incidents.get("n1", consistent=True).escalation
    assert escalation.level == max(incident.escalation.level for incident in won)
    assert len({incident.escalation.level for incident in won}) == len(won)


def test_every_alert_is_kept_or_refused(db: Database) -> None:
    make_incident(db)
    won, lost = at_once(lambda number: db.incidents.add_alert("n1", type=f"note-{number}", channel="slack"))
    assert {type(error) for error in lost} <= {VersionConflict}
    assert len(db.incidents.get("n1", consistent=True).alerts) == len(won) >= 1


def test_an_id_is_given_once(db: Database) -> None:
    won, lost = at_once(lambda number: make_feedback(db, "f1", user=f"u{number}"))
    assert [type(error) for error in lost] == [UniqueViolation] * (THREADS - 1)
    assert db.feedback.get_by_id("f1") == won[0]
    assert check(db) == ()


def test_every_use_counts_and_every_context_is_kept(db: Database) -> None:
    _, lost = at_once(lambda number: db.images.record_usage("i1", f"home.{number % 2}", impressions=1, clicks=2))
    assert lost == []
    usage = db.images.get("i1", consistent=True).usage
    assert (usage.total_impressions, usage.total_clicks) == (THREADS, 2 * THREADS)
    assert sorted(usage.contexts) == ["home.0", "home.1"]
