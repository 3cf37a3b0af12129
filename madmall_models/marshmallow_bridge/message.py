"""Carry the code of a finding inside marshmallow's messages, and the one error that everybody catches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow
from marshmallow.exceptions import SCHEMA

from madmall_models.errors import ValidationError
from madmall_models.validation_report import Entry, ValidationReport

NOT_TOLD = "INVALID_VALUE"


class Message(str):
    """Be the text of a finding, which remembers its code: ``REQUIRED``, ``TYPE_ERROR``, ..."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str) -> Message:
        """Return the text with its code."""
        message = super().__new__(cls, text)
        message.code = code
        return message

    def __reduce__(self) -> tuple[type[Message], tuple[str, str]]:
        return Message, (str(self), self.code)


def refusal(text: str, code: str) -> marshmallow.ValidationError:
    """Return the error that a field raises."""
    return marshmallow.ValidationError(Message(text, code))


class InvalidInput(ValidationError, marshmallow.ValidationError):
    """Refuse what a schema was given to load; marshmallow's ValidationError, and ours.

    ``messages`` has marshmallow's nested form; ``report`` and ``errors`` have the same as entries with codes, and
    ``data`` and ``valid_data`` are those of marshmallow. The text names fields and codes, never values.
    """

    messages: Any = None

    def __init__(self, what: str, error: marshmallow.ValidationError) -> None:
        messages = messages_of(error)
        report = ValidationReport(_entries(messages, ""))
        marshmallow.ValidationError.__init__(self, messages, data=error.data, valid_data=error.valid_data)
        ValidationError.__init__(self, report.summary(what), report=report)


def messages_of(error: marshmallow.ValidationError) -> dict[Any, Any]:
    """Return the messages of an error by field, those about all of the data under ``_schema``."""
    is_by_field = error.field_name == SCHEMA and isinstance(error.messages, dict)
    return error.messages if is_by_field else {error.field_name: error.messages}  # type: ignore[return-value]


def nested_messages(entries: Iterator[Entry]) -> dict[Any, Any]:
    """Return entries in marshmallow's form: ``profile.tags[0]`` is ``{"profile": {"tags": {0: [...]}}}``."""
    found: dict[Any, Any] = {}
    for entry in entries:
        *path, last = _steps(entry.field)
        inside = found
        for step in path:
            inside = inside.setdefault(step, {})
        inside.setdefault(last, []).append(Message(entry.message, entry.code))
    return found


def _steps(field: str) -> Iterator[str | int]:
    for part in field.split("."):
        name, *positions = part.replace("]", "").split("[")
        yield name
        yield from map(int, positions)


def _entries(messages: Any, field: str) -> Iterator[Entry]:
    if isinstance(messages, Mapping):
        for name, inside in messages.items():
            yield from _entries(inside, _joined(field, name))
    elif isinstance(messages, list):
        for inside in messages:
            yield from _entries(inside, field)
    else:
        yield Entry(field or "data", str(messages), getattr(messages, "code", NOT_TOLD))


def _joined(field: str, name: object) -> str:
    if name == SCHEMA:
        return field
    if isinstance(name, int):
        return f"{field or 'data'}[{name}]"
    return f"{field}.{name}" if field else str(name)
