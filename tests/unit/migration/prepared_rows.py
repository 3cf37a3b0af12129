"""Make rows that are ready to be written, for the tests of what comes after the preparation."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import User
from madmall_models.footprint import creation
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.source import Row
from madmall_models.writer import prepare_creation


def user(number: int, *, bio: str = "Short.", **fields: Any) -> Prepared:
    """Return a user who is ready: two actions, the item and the claim of the e-mail address."""
    entity = User(
        user_id=f"u{number}",
        email=f"u{number}@example.com",
        profile={"first_name": "Ada", "last_name": "M.", "bio": bio},
        **fields,
    )
    return Prepared(Row("users", (number,), {"id": number}), entity, tuple(creation(prepare_creation(entity))))
