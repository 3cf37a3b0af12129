"""Hold what was typed into a form, judge it by a model's own rules, and know what to say at which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from madmall_models import ItemTooLarge, KeyValueError, ValidationError, new_id
from madmall_models.adapters.http_status import public_answer
from madmall_models.errors import MadMallError

REFUSED, TOO_LARGE = 422, 413


@dataclass(frozen=True)
class Field:
    """Say how an input of a form is called.

    Attributes:
        label: what people read.
        stored: the attributes that it fills, as they are stored; their messages are shown at it.
        choices: the only values that it takes; empty for any text.
        parts: what an attribute is called where the input fills several.
    """

    label: str
    stored: tuple[str, ...]
    choices: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """The inputs of a form, what was typed, and what is wrong with it.

    Attributes:
        fields: each input by its name.
        typed: the texts by name; passwords are never shown again.
        errors: what to say at an input, by its name.
        once: the id of what the form creates: sent twice, it creates one thing.
        status: the HTTP status to answer with.
    """

    fields: Mapping[str, Field]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    once: str = field(default_factory=new_id)
    status: int = 200

    def filled(self, sent: Mapping[str, str]) -> Self:
        """Return the form as it was sent; a browser writes the ends of lines in a way of its own."""
        typed = {name: sent.get(name, "").replace("\r\n", "\n").strip() for name in self.fields}
        return replace(self, typed=typed, once=sent.get("once") or new_id())

    def value(self, name: str) -> str | None:
        """Return what was typed, or None where nothing was."""
        return self.typed.get(name) or None

    def values(self, *names: str) -> dict[str, str]:
        """Return what was typed into these inputs, as a schema takes it: by stored name, empty ones left out."""
        return {self.fields[name].stored[0]: text for name in names if (text := self.typed.get(name))}

    def check_choices(self) -> None:
        """Demand of each input with choices that one of them was sent; the page offers no others.

        Raises:
            ValidationError: one was not.
        """
        for name, asked in self.fields.items():
            if asked.choices and self.value(name) not in (*asked.choices, None):
                raise ChoiceRefused(name)

    def refused(self, error: MadMallError, key: str = "") -> Self:
        """Return the form with what is to be said about an error at the fields it is about.

        What is about no field that people see, such as the id of a forged form, stays an error.

        Args:
            error: why nothing was saved.
            key: the input that becomes a part of a key, where there is one: a key takes not every text.
        """
        if isinstance(error, ChoiceRefused):
            errors = {error.name: self._said(error.name, "is not one of the choices")}
            return replace(self, errors=errors, status=REFUSED)
        if isinstance(error, ItemTooLarge):
            longest = max(self.typed, key=lambda name: len(self.typed[name]))
            errors = {longest: self._said(longest, "is too long to be kept; please shorten it")}
            return replace(self, errors=errors, status=TOO_LARGE)
        if isinstance(error, KeyValueError) and key:
            errors = {key: self._said(key, "cannot be kept like this; please change it")}
            return replace(self, errors=errors, status=REFUSED)
        answer = public_answer(error)
        told = {name: self._message(asked, answer.fields) for name, asked in self.fields.items()}
        if not any(told.values()):
            raise error
        return replace(self, errors={name: said for name, said in told.items() if said}, status=answer.status)

    def _message(self, asked: Field, messages: Mapping[str, Iterable[str]]) -> str:
        """Return the first thing to be said at an input, an empty text where all is well."""
        for name in asked.stored:
            for text in messages.get(name, ()):
                return f"{asked.parts.get(name, asked.label)} {text}"
        return ""

    def _said(self, name: str, message: str) -> str:
        return f"{self.fields[name].label} {message}"


class ChoiceRefused(ValidationError):
    """Refuse what was sent for an input with choices and is none of them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not one of the choices")
        self.name = name


def typed_form(fields: Mapping[str, Field], sent: Any) -> Form:
    """Return a form of these fields as it was sent."""
    return Form(fields).filled(sent)
