"""Carry what incidents can do: being reported, worked on, escalated and closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from madmall_models import clock
from madmall_models.entities import Incident
from madmall_models.entities.incident import ALERT_CHANNELS, ESCALATION_LEVELS, INCIDENT_STATUSES, Alert, Escalation
from madmall_models.errors import ConditionFailed
from madmall_models.identifiers import id_or_new
from madmall_models.manager import Manager
from madmall_models.managers.argument import checked_choice, checked_text
from madmall_models.query import Query
from madmall_models.unread import demand_readable
from madmall_models.writer import stored_footprint

CLOSED = "closed"
# What each status may become. Mitigated may prove too early; closed is the end.
_MOVES: Mapping[str, tuple[str, ...]] = {
    "open": ("investigating", "mitigated", CLOSED),
    "investigating": ("mitigated", CLOSED),
    "mitigated": ("investigating", CLOSED),
    CLOSED: (),
}
# Who is told at which level.
_NOTIFIED_AT = {1: "on_call_notified_at", 2: "advisory_board_notified_at", 3: "comms_sent_at"}


class IncidentManager(Manager[Incident]):
    """Be the operations of incidents; ``db.incidents``."""

    collection = "incidents"

    def create_incident(self, *, triggered_by: str, priority: str, summary: str, **fields: Any) -> Incident:
        """Create an incident; the id is made here unless one is given.

        Args:
            triggered_by: ``community_report``, ``automated_detection``, ``staff`` or ``advisory_board``.
            priority: ``p1`` (most urgent) to ``p3``.
            summary: what happened.
            fields: other attributes, for example ``related_image_id``.

        Raises:
            ValidationError: a rule is broken. AlreadyExists: the id is taken.
        """
        incident_id = id_or_new(fields.pop("incident_id", None))
        given = {"triggered_by": triggered_by, "priority": priority, "summary": summary}
        return self.create(incident_id=incident_id, **given, **fields)

    def get_by_status(self, status: str) -> Query[Incident]:
        """Return a lazy query of the incidents of a status: p1 first, then by time; each is fetched."""
        return self.asking(Incident.by_status, status=status)

    def save_entity(self, entity: Incident) -> None:
        """Write what changed of an incident.

        Raises:
            ConditionFailed: the status would move back or out of closed, or the escalation down; ``item`` is how it
            stands.
        """
        if entity._stored is not None:
            old = stored_footprint(entity).entity
            _refuse_move(old, entity.status)
            if _level(entity) < _level(old):
                raise ConditionFailed("Incident: an escalation goes up only; nothing was written", item=old)
        super().save_entity(entity)

    def update_status(self, incident_id: str, status: str) -> Incident:
        """Set the status of an incident: forward, or back from mitigated to investigating; closed is the end.

        Raises:
            ConditionFailed: the incident cannot go there from its status; ``item`` is how it stands.
            ValidationError: the status is none. Incident.DoesNotExist: there is no such incident.
        """
        checked_choice(status, INCIDENT_STATUSES, name="Incident: status")

        def change(incident: Incident) -> None:
            incident.status = status

        return self._change(Incident.key.of(incident_id), change)

    def escalate(self, incident_id: str, level: int) -> Incident:
        """Carry an incident up to a level, and note that everybody up to there is told now.

        Args:
            incident_id: the incident.
            level: 1 tells who is on call, 2 the advisory board too, 3 the public too.

        Raises:
            ConditionFailed: the incident is closed, or at this level or above; ``item`` is how it stands.
            ValidationError: there is no such level. Incident.DoesNotExist: there is no such incident.
            Unreadable: how far it was carried cannot be read.
        """
        checked_choice(level, ESCALATION_LEVELS[1:], name="Incident: level")

        def change(incident: Incident) -> None:
            _refuse_closed(incident)
            demand_readable(incident, *(f"escalation.{name}" for name in ("level", *_NOTIFIED_AT.values())))
            if level <= _level(incident):
                text = "Incident: it is at this level of escalation or above; nothing was written"
                raise ConditionFailed(text, item=incident)
            if incident.escalation is None:
                incident.escalation = Escalation()
            incident.escalation.level = level
            for reached in range(1, level + 1):
                name = _NOTIFIED_AT[reached]
                setattr(incident.escalation, name, getattr(incident.escalation, name) or clock.utc_now())

        return self._change(Incident.key.of(incident_id), change)

    def add_alert(self, incident_id: str, *, type: str, channel: str, sent_at: datetime | None = None) -> Incident:
        """Note that a message about an incident was sent, now unless told otherwise.

        Args:
            incident_id: the incident.
            type: what kind of message, for example ``escalation``.
            channel: ``email``, ``slack``, ``sms`` or ``webhook``.
            sent_at: when.

        Raises:
            ConditionFailed: the incident is closed; ``item`` is how it stands.
            ValidationError: the channel is none, or the type is empty. Incident.DoesNotExist: no such incident.
            Unreadable: the alerts that there are cannot be read.
        """
        checked_text(type, name="Incident: type")
        checked_choice(channel, ALERT_CHANNELS, name="Incident: channel")
        alert = Alert(type=type, channel=channel, sent_at=clock.utc_now() if sent_at is None else sent_at)

        def change(incident: Incident) -> None:
            _refuse_closed(incident)
            demand_readable(incident, "alerts")
            incident.alerts = [*(incident.alerts or ()), alert]

        return self._change(Incident.key.of(incident_id), change)


def _level(incident: Incident) -> int:
    level = incident.escalation.level if isinstance(incident.escalation, Escalation) else None
    return level if isinstance(level, int) else 0


def _refuse_closed(incident: Incident) -> None:
    if incident.status == CLOSED:
        text = "Incident: it is closed; what happens again is a new incident; nothing was written"
        raise ConditionFailed(text, item=incident)


def _refuse_move(old: Incident, status: str) -> None:
    moves = _MOVES.get(old.status, INCIDENT_STATUSES)
    # What is no text at all is left to the rules.
    if isinstance(status, str) and status not in (old.status, *moves):
        text = f"Incident: its status may become {' or '.join(moves) or 'nothing else'}; nothing was written"
        raise ConditionFailed(text, item=old)
