"""Map the columns that every legacy table may have: when a row was written, and whose it is."""

from __future__ import annotations

from madmall_models.migration.cast import identifier, time
from madmall_models.migration.mapping import RUN_START, FieldMap


def written_at(*fallbacks: str) -> tuple[FieldMap, ...]:
    """Return the fields of ``createdAt``, ``updatedAt`` and ``tenantId``.

    A row without a ``createdAt`` takes one of the ``fallbacks``, else its ``updatedAt`` (nothing is changed before it
    is made), else the start of the run.
    """
    return (
        FieldMap("created_at", "createdAt", time, fallbacks=(*fallbacks, "updatedAt"), default=RUN_START),
        FieldMap("updated_at", "updatedAt", time, fallbacks=("createdAt", *fallbacks), default=RUN_START),
        FieldMap("tenant_id", "tenantId", identifier),
    )
