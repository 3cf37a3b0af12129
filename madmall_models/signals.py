"""Tell the application what happened, by blinker signals.

Every signal is sent after the write was acknowledged, never for a cancelled transaction. A receiver that raises is
logged and neither undoes nor hides the write.
"""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace

_log = logging.getLogger(__name__)
_namespace = Namespace()

item_created = _namespace.signal(
    "item-created",
    doc="Sender: the entity class. Keywords: item (the entity). Moment: after its creation was acknowledged.",
)
item_updated = _namespace.signal(
    "item-updated",
    doc="Sender: the entity class. Keywords: item (the entity as it is now), changed (dotted Python names). "
    "Moment: after the change was acknowledged; not for counters.",
)
item_deleted = _namespace.signal(
    "item-deleted", doc="Sender: the entity class. Keywords: item (the entity as it was). Moment: after the deletion."
)
member_added = _namespace.signal(
    "member-added", doc="Sender: CircleMember. Keywords: member. Moment: when somebody became an active member."
)
member_removed = _namespace.signal(
    "member-removed",
    doc="Sender: CircleMember. Keywords: member (as it was; after a ban, as it is). "
    "Moment: when a membership or a request to join ended, or an active member was banned.",
)
role_changed = _namespace.signal(
    "role-changed",
    doc="Sender: CircleMember. Keywords: member, was (the role before). "
    "Moment: after a change of role, with an ownership too; a ban is told by member_removed.",
)
ownership_transferred = _namespace.signal(
    "ownership-transferred",
    doc="Sender: Circle. Keywords: circle, was (id of the owner before), to (id of the owner). "
    "Moment: after the transfer.",
)
stats_incremented = _namespace.signal(
    "stats-incremented",
    doc="Sender: the entity class. Keywords: key (the item key), changes (dotted Python names to amounts). "
    "Moment: after the operations that write counters and gauges; what memberships and comments count is told by them.",
)
operation_completed = _namespace.signal(
    "operation-completed",
    doc="Sender: the Database. Keywords: operation (DynamoDB's name), outcome ('ok' or the class name of the error), "
    "milliseconds, attempts, capacity (units). Moment: after each call; no keys and no values.",
)
migration_progress = _namespace.signal(
    "migration-progress", doc="Sender: the MigrationService. Keywords: progress. Moment: after each batch."
)
entity_migrated = _namespace.signal(
    "entity-migrated", doc="Sender: the MigrationService. Keywords: result. Moment: when one source table is done."
)
migration_completed = _namespace.signal(
    "migration-completed", doc="Sender: the MigrationService. Keywords: report. Moment: when every table is done."
)
migration_cancelled = _namespace.signal(
    "migration-cancelled", doc="Sender: the MigrationService. Keywords: report. Moment: when a cancel was honoured."
)


def announce(signal: NamedSignal, sender: Any, **keywords: Any) -> None:
    """Send ``signal`` to each receiver; log one that raises and go on with the next."""
    if not signal.receivers:
        return
    for receiver in signal.receivers_for(sender):
        try:
            receiver(sender, **keywords)
        except Exception:
            # The write is done; whatever a receiver does wrong must not look like a failed write.
            _log.exception("a receiver of %s raised; the write stands", signal.name)
