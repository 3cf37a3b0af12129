"""Incidents: worked on in order, escalated upwards only, closed for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import AlreadyExists, ConditionFailed, Database, Incident, MadMallError, ValidationError, utc_now
from madmall_models.connection.retry import Backoff
from tests.integration.image_samples import make_incident
from tests.integration.samples import NOON
from tests.integration.table_content import nothing_sent, nothing_written, places, raw

TIMES = ("on_call_notified_at", "advisory_board_notified_at", "comms_sent_at")
N1 = Incident.key.of("n1")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


def ids(incidents: Any) -> list[str]:
    return [incident.incident_id for incident in incidents]


def told(incident: Incident) -> list[bool]:
    return [getattr(incident.escalation, name) is not None for name in TIMES]


def meanwhile(db: Database, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen once, between the next reading of an incident and the writing of it."""
    save = db.writer.save
    pending = [act]

    def interrupted(entity: Any) -> None:
        if pending:
            pending.pop()()
        save(entity)

    monkeypatch.setattr(db.writer, "save", interrupted)


# -- reporting -----------------------------------------------------------------------------------------------------


def test_an_incident_is_stored_with_its_keys(db: Database) -> None:
    make_incident(db, priority="p1", created_at=NOON, related_image_id="i1")
    item = raw(db, N1)
    assert item["GSI3PK"] == {"S": "INCIDENT_STATUS#OPEN"}
    assert item["GSI3SK"] == {"S": "PRIORITY#p1#CREATED#2024-11-22T12:00:00.000Z"}
    incident = db.incidents.get("n1")
    assert (incident.status, incident.related_image_id, incident.escalation) == ("open", "i1", None)
    with nothing_written(db), pytest.raises(AlreadyExists):
        make_incident(db)


def test_an_incident_is_given_an_id_where_the_caller_gives_none(db: Database) -> None:
    made = db.incidents.create_incident(triggered_by="automated_detection", priority="p3", summary="Low score.")
    assert db.incidents.get(made.incident_id) == made


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"triggered_by": "nobody"}, "triggeredBy"),
        ({"priority": "p4"}, "priority"),
        ({"priority": None}, "priority"),
        ({"summary": " "}, "summary"),
        ({"escalation": "high"}, "escalation"),
    ],
)
def test_an_incident_that_breaks_a_rule_is_refused(fields: dict[str, Any], message: str, db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_incident(db, **fields)
    assert set(refused.value.messages) == {message}


@pytest.mark.defect(43)
def test_incidents_are_listed_by_urgency_then_by_time(db: Database) -> None:
    make_incident(db, "n1", priority="p3", created_at=NOON)
    make_incident(db, "n2", priority="p1", created_at=NOON + timedelta(hours=2), details="Whole.")
    make_incident(db, "n3", priority="p1", created_at=NOON + timedelta(hours=1))
    make_incident(db, "n4", priority="p2", created_at=NOON)
    make_incident(db, "n5", status="closed")
    assert ids(db.incidents.get_by_status("open")) == ["n3", "n2", "n4", "n1"]
    assert ids(db.incidents.get_by_status("OPEN").begins_with("p1")) == ["n3", "n2"]
    assert db.incidents.get_by_status("open").filter(Incident.details == "Whole.").one().incident_id == "n2"
    db.incidents.update("n1", priority="p1")
    db.incidents.update_status("n3", "investigating")
    assert ids(db.incidents.get_by_status("open")) == ["n1", "n2", "n4"]


# -- working on it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "may_become"),
    [
        ("open", {"open", "investigating", "mitigated", "closed"}),
        ("investigating", {"investigating", "mitigated", "closed"}),
        ("mitigated", {"investigating", "mitigated", "closed"}),
        ("closed", {"closed"}),
    ],
)
def test_a_status_moves_where_it_may(was: str, may_become: set[str], db: Database) -> None:
    for status in ("open", "investigating", "mitigated", "closed"):
        make_incident(db, status, status=was)
        if status in may_become:
            assert db.incidents.update_status(status, status).status == status
            continue
        with nothing_written(db):
            with pytest.raises(ConditionFailed) as refused:
                db.incidents.update_status(status, status)
            with pytest.raises(ConditionFailed):
                db.incidents.update(status, status=status)
        assert refused.value.item.status == was


@pytest.mark.defect(15, 26)
def test_a_status_raises_the_version_and_never_makes_an_item(db: Database) -> None:
    make_incident(db)
    assert db.incidents.update_status("n1", "investigating").version == 2
    assert db.incidents.update_status("n1", "investigating").version == 2
    with nothing_written(db):
        for operation in (
            lambda: db.incidents.update_status("nothing", "closed"),
            lambda: db.incidents.escalate("nothing", 1),
            lambda: db.incidents.add_alert("nothing", type="note", channel="sms"),
        ):
            with pytest.raises(Incident.DoesNotExist):
                operation()
    assert places(db) == ["INCIDENT#n1 / METADATA"]


def test_an_incident_that_is_closed_meanwhile_stays_closed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_incident(db)
    meanwhile(db, lambda: db.incidents.update_status("n1", "closed"), monkeypatch)
    with pytest.raises(ConditionFailed) as refused:
        db.incidents.update_status("n1", "mitigated")
    assert refused.value.item.status == "closed"
    assert db.incidents.get("n1").status == "closed"


@pytest.mark.defect(28)
@pytest.mark.parametrize("status", [None, 5, ["closed"], "done"])
def test_a_status_that_is_none_is_refused(status: Any, db: Database) -> None:
    make_incident(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.incidents.update_status("n1", status)
    with nothing_sent(db), pytest.raises(MadMallError):
        db.incidents.update("n1", status=status)


# -- escalating ----------------------------------------------------------------------------------------------------


@pytest.mark.defect(89)
def test_each_level_tells_more_people(db: Database) -> None:
    make_incident(db)
    before = utc_now()
    first = db.incidents.escalate("n1", 1)
    assert (first.escalation.level, told(first), first.version) == (1, [True, False, False], 2)
    assert first.escalation.on_call_notified_at >= before
    last = db.incidents.escalate("n1", 3)
    assert (last.escalation.level, told(last)) == (3, [True, True, True])
    assert last.escalation.on_call_notified_at == first.escalation.on_call_notified_at
    assert db.incidents.get("n1") == last


def test_an_escalation_goes_up_only(db: Database) -> None:
    make_incident(db)
    db.incidents.escalate("n1", 2)
    with nothing_written(db):
        for level in (1, 2):
            with pytest.raises(ConditionFailed) as refused:
                db.incidents.escalate("n1", level)
            assert refused.value.item.escalation.level == 2
        with pytest.raises(ConditionFailed, match="up only"):
            db.incidents.update("n1", escalation={"level": 1})
        with pytest.raises(ConditionFailed, match="up only"):
            db.incidents.update("n1", escalation=None)
        with pytest.raises(ConditionFailed, match="up only"):
            db.incidents.update("n1", escalation="high")


@pytest.mark.parametrize("level", [0, 4, -1, "2", True, 1.5, None])
def test_a_level_that_is_none_is_refused(level: Any, db: Database) -> None:
    make_incident(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.incidents.escalate("n1", level)


def test_what_is_closed_is_neither_escalated_nor_alerted_about(db: Database) -> None:
    make_incident(db, status="closed")
    with nothing_written(db):
        with pytest.raises(ConditionFailed, match="new incident"):
            db.incidents.escalate("n1", 1)
        with pytest.raises(ConditionFailed, match="new incident"):
            db.incidents.add_alert("n1", type="note", channel="email")
    assert db.incidents.update("n1", details="What we learnt.").details == "What we learnt."


def test_of_two_who_escalate_at_once_the_higher_level_stays(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_incident(db)
    meanwhile(db, lambda: db.incidents.escalate("n1", 2), monkeypatch)
    with pytest.raises(ConditionFailed) as refused:
        db.incidents.escalate("n1", 1)
    assert refused.value.item.escalation.level == 2
    meanwhile(db, lambda: db.incidents.add_alert("n1", type="note", channel="sms"), monkeypatch)
    incident = db.incidents.escalate("n1", 3)
    assert (incident.escalation.level, incident.version, len(incident.alerts)) == (3, 4, 1)


# -- alerts --------------------------------------------------------------------------------------------------------


@pytest.mark.defect(89)
def test_alerts_are_added_in_order(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_incident(db)
    db.incidents.add_alert("n1", type="page", channel="sms", sent_at=NOON)
    meanwhile(db, lambda: db.incidents.add_alert("n1", type="note", channel="slack"), monkeypatch)
    db.incidents.add_alert("n1", type="note", channel="email")
    alerts = db.incidents.get("n1").alerts
    assert [(alert.type, alert.channel) for alert in alerts] == [("page", "sms"), ("note", "slack"), ("note", "email")]
    assert (alerts[0].sent_at, alerts[1].sent_at > NOON) == (NOON, True)


@pytest.mark.parametrize("wrong", [{"type": ""}, {"type": None}, {"channel": "fax"}, {"channel": None}])
def test_an_alert_that_means_nothing_is_refused(wrong: dict[str, Any], db: Database) -> None:
    make_incident(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.incidents.add_alert("n1", **{"type": "note", "channel": "sms", **wrong})
    with nothing_sent(db), pytest.raises(ValidationError):
        db.incidents.add_alert("n1", type="note", channel="sms", sent_at=NOON.replace(tzinfo=None))
