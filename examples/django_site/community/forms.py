"""Declare the forms: labels and hints here, the rules in the models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import marshmallow
from django import forms
from django.core.validators import MaxLengthValidator, MinLengthValidator
from marshmallow import validates

from community.models import Event
from community.renderer import SiteField
from madmall_models import Circle, Comment, Entity, ItemTooLarge, KeyValueError, Story, User, new_id, utc_now
from madmall_models.adapters.django.schema_form import SchemaForm
from madmall_models.errors import MadMallError
from madmall_models.marshmallow_bridge import ModelSchema, schema_class

OK, REFUSED, TAKEN, TOO_LARGE = 200, 422, 409, 413
# They follow the label of the field, as the messages of the models do.
_REQUIRED = {"required": "is required"}
_NOT_A_CHOICE = {"invalid_choice": "is not one of the choices"}
_NOT_A_TIME = {"invalid": "must be a day and a time"}
_LONGEST_NAME = 80
# Control characters, and those that turn the direction of the text that follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LENGTH = "must have a length of 10 to 200"


class LongText(forms.CharField):
    """Be a text of several lines; browsers write the ends of lines in a way of their own."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """Return the text with the usual ends of lines."""
        text: str = super().to_python(value)
        return text.replace("\r\n", "\n")


class SiteForm(SchemaForm):
    """Be a form of the site.

    Attributes:
        optional: the fields that are marked as such.
        subjects: by name of a field what its message is about, where that is not its label.
        in_key: the field that becomes a part of a key, where there is one: a key takes not every text.
        status: the HTTP status to answer with.
    """

    bound_field_class = SiteField
    optional: ClassVar[frozenset[str]] = frozenset()
    in_key = ""
    subjects: Mapping[str, str] = {}
    status = OK

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, auto_id="%s", **options)

    def full_clean(self) -> None:
        """Judge the form, and know the status of the answer."""
        super().full_clean()
        self.status = REFUSED if self.errors else OK

    def refuse(self, error: MadMallError) -> None:
        """Say what a write that was refused says at the fields it is about."""
        if isinstance(error, ItemTooLarge):
            longest = max(self.cleaned_data, key=lambda name: len(str(self.cleaned_data[name])))
            self.add_error(longest, "is too long to be kept; please shorten it")
            self.status = TOO_LARGE
        elif isinstance(error, KeyValueError):
            self.add_error(self.in_key, "cannot be kept like this; please change it")
            self.status = REFUSED
        else:
            super().refuse(error)
            self.status = TAKEN


class FormSentOnce(SiteForm):
    """Carry the id of what a form makes: sent twice, it makes one thing."""

    once = forms.CharField(required=False, widget=forms.HiddenInput, initial=new_id)

    @property
    def id(self) -> str:
        """Return the id of what is made."""
        return self.cleaned_data.get("once") or new_id()


class NewUser(schema_class(User)):  # type: ignore[misc]
    """Take what a user takes, but for names that others could not read, or that would turn the text around them."""

    @validates("profile")
    def shown_names(self, value: Mapping[str, Any], data_key: str) -> None:
        """Refuse a name that is too long to be shown, or has characters that cannot be seen."""
        name = " ".join(value.get(part) or "" for part in ("first_name", "last_name"))
        if len(name) > _LONGEST_NAME:
            raise marshmallow.ValidationError({"firstName": [f"must have a length of 1 to {_LONGEST_NAME}"]})
        if _UNSEEN.search(name):
            raise marshmallow.ValidationError({"firstName": ["has characters that cannot be seen"]})


class RegistrationForm(SiteForm):
    """Take a user, and a password, which is no part of one."""

    entity: ClassVar[type[Entity]] = User
    in_key = "email"
    attributes: ClassVar = {"display_name": ("profile.first_name", "profile.last_name"), "password": ()}

    display_name = forms.CharField(
        label="Display name",
        help_text="First and last name, as members will see it",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = forms.CharField(
        label="E-mail",
        help_text="To sign in; nobody else sees it",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    password = forms.CharField(
        help_text="At least 10 characters",
        strip=False,
        error_messages=_REQUIRED,
        validators=[MinLengthValidator(10, _LENGTH), MaxLengthValidator(200, _LENGTH)],
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def attribute_values(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Take the name apart at its first space."""
        first, _, last = str(cleaned.get("display_name", "")).partition(" ")
        self.subjects = {"display_name": "Last name"} if first and not last.strip() else {}
        names = {"profile.first_name": first, "profile.last_name": last.strip()}
        return {**super().attribute_values(cleaned), **names}

    def schema(self, only: list[str]) -> ModelSchema:
        """Judge a user who is new."""
        schema: ModelSchema = NewUser(only=only)
        return schema


class SignInForm(forms.Form):
    """Take what somebody signs in by; whether it is right is not said field by field."""

    bound_field_class = SiteField
    status = OK

    email = forms.CharField(
        label="E-mail", required=False, widget=forms.EmailInput({"autocomplete": "email"})
    )
    password = forms.CharField(
        required=False, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, auto_id="%s", **options)


class CircleForm(FormSentOnce):
    """Take a circle."""

    entity: ClassVar[type[Entity]] = Circle
    attributes: ClassVar = {"once": ()}
    optional = frozenset(["description"])

    name = forms.CharField(help_text="3 to 100 characters")
    description = LongText(help_text="What brings people here?", widget=forms.Textarea({"rows": 4}))
    type = forms.ChoiceField(
        choices=[("", "Choose one"), *((kind, kind.replace("_", " ").capitalize()) for kind in Circle.type.choices)],
        error_messages=_NOT_A_CHOICE,
    )


class NewEvent(schema_class(Event)):  # type: ignore[misc]
    """Take what an event takes, as long as it is still to come; one that was stays as it is when it is changed."""

    @validates("starts_at")
    def still_to_come(self, value: datetime, data_key: str) -> None:
        """Refuse a moment that has passed: nobody would see the event."""
        if value < utc_now():
            raise marshmallow.ValidationError("must be in the future")


class EventForm(FormSentOnce):
    """Take an event."""

    entity: ClassVar[type[Entity]] = Event
    in_key = "city"
    attributes: ClassVar = {"once": ()}

    title = forms.CharField()
    city = forms.CharField(widget=forms.TextInput({"autocomplete": "address-level2"}))
    starts_at = forms.DateTimeField(
        label="Starts at",
        help_text="In UTC",
        error_messages=_NOT_A_TIME,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def schema(self, only: list[str]) -> ModelSchema:
        """Judge an event that is new."""
        schema: ModelSchema = NewEvent(only=only)
        return schema


class StoryForm(FormSentOnce):
    """Take a story; only circles that the author is in can be chosen, whatever is sent."""

    entity: ClassVar[type[Entity]] = Story
    attributes: ClassVar = {"once": (), "circle": "circle_id"}
    optional = frozenset(["circle"])

    title = forms.CharField(help_text="5 to 200 characters")
    content = LongText(label="Story", widget=forms.Textarea({"rows": 12}))
    circle = forms.ChoiceField(help_text="In a circle, only its members read it", error_messages=_NOT_A_CHOICE)

    def __init__(self, circles: list[Circle], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        own = [(circle.circle_id, circle.name) for circle in circles]
        self.fields["circle"].choices = [("", "Everybody here"), *own]


class CommentForm(FormSentOnce):
    """Take a comment."""

    entity: ClassVar[type[Entity]] = Comment
    attributes: ClassVar = {"once": ()}

    content = LongText(label="Comment", widget=forms.Textarea({"rows": 4}))
