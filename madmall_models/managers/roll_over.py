"""Begin a new week or month of a circle's counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from madmall_models import signals
from madmall_models.entities import Circle
from madmall_models.errors import TransactionCancelled
from madmall_models.managers.argument import checked_choice
from madmall_models.managers.membership import STATS, MemberCount

# By period: the counter that starts anew, and the gauge that says since which day it counts.
_FIELDS = {"week": ("posts_this_week", "week_of"), "month": ("posts_this_month", "month_of")}
PERIODS = tuple(_FIELDS)
GAUGES = frozenset(gauge for _, gauge in _FIELDS.values())


def first_day(period: str, moment: datetime) -> str:
    """Return the first day, in UTC, of the week (a Monday) or month that a moment is in, as ``2026-11-16``.

    Raises:
        ValidationError: there is no such period.
    """
    checked_choice(period, PERIODS, name="a period")
    day = moment - timedelta(days=moment.weekday()) if period == "week" else moment.replace(day=1)
    return day.date().isoformat()


def begin(database: Any, circle: Circle, period: str, day: str) -> bool:
    """Let a counter of a circle count from ``day`` on, and return whether it was this call that did.

    What was read is subtracted, so that what is counted meanwhile is kept. The condition on the day that was read
    makes it happen once, whoever else does the same. Costs two write units.

    Args:
        database: where to write.
        circle: as it is read consistently.
        period: ``week`` or ``month``.
        day: the first day of the new period.
    """
    counter, gauge = _FIELDS[period]
    counted = getattr(circle.stats, counter, None) or 0
    known = getattr(circle.stats, gauge, None)
    # What is younger than the period has counted in it only.
    if (known or (first_day(period, circle.created_at) if circle.created_at else "")) >= day:
        return False
    since, key = getattr(Circle.stats, gauge), Circle.key.of(circle.circle_id)
    transaction = database.transaction()
    step = transaction.update(
        key,
        since.set(day),
        *([getattr(Circle.stats, counter).add(-counted)] if counted else []),
        condition=since.does_not_exist() if known is None else since == known,
        absent_maps={STATS: MemberCount(database, circle.circle_id)},
    )
    try:
        transaction.commit()
    except TransactionCancelled as cancelled:
        if cancelled.refused(step):
            return False
        raise
    changes = {f"stats.{counter}": -counted, f"stats.{gauge}": day}
    signals.announce(signals.stats_incremented, Circle, key=key, changes=changes)
    return True
