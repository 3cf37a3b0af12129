"""Check what an operation is given before anything is sent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from madmall_models.errors import ValidationError


def checked_choice(value: Any, choices: Collection[Any], *, name: str) -> Any:
    """Return a value if it is one of the choices.

    Raises:
        ValidationError: it is not; the choices are named.
    """
    # True equals 1 in Python; here it is something else.
    if type(value) not in {type(choice) for choice in choices} or value not in choices:
        raise ValidationError(f"{name} takes one of {', '.join(map(str, choices))}")
    return value


def checked_text(value: Any, *, name: str, most: int | None = None) -> str:
    """Return a text that says something, in at most so many characters.

    Raises:
        ValidationError: it is empty, of spaces only, too long, or no text.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValidationError(f"{name} takes a text that is not empty")
    if most is not None and len(value) > most:
        raise ValidationError(f"{name} takes at most {most} characters")
    return value
