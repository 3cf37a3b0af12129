"""A form keeps the rules of its model, says what is wrong at the field, and repeats nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow
import pytest
from django import forms
from marshmallow import validates

from madmall_models import GSI2, Entity, IdAttribute, Length, PrimaryKey, Rules, TimeAttribute, UnicodeAttribute, User
from madmall_models.adapters.django.schema_form import SchemaForm
from madmall_models.errors import AlreadyExists, UniqueViolation
from madmall_models.marshmallow_bridge import ModelSchema, schema_class
from tests.integration.django_project import project


class Meeting(Entity, discriminator="DJANGO_FORM_MEETING"):
    """A meeting, for the tests of forms."""

    key = PrimaryKey("MEETING#{meeting_id}", "METADATA")
    by_city = GSI2.key("DJANGO_FORM_MEETINGS#{city}", "STARTS#{starts_at}")
    meeting_id = IdAttribute()
    city = UnicodeAttribute()
    starts_at = TimeAttribute()
    rules = Rules(city=[Length(min=3, max=20)])


class MeetingForm(SchemaForm):
    """Take a meeting."""

    entity = Meeting
    city = forms.CharField()
    starts_at = forms.DateTimeField()


class RegistrationForm(SchemaForm):
    """Take a user, and a password, which is none of its attributes."""

    entity = User
    attributes: ClassVar = {"first": "profile.first_name", "last": "profile.last_name", "password": ()}
    first = forms.CharField()
    last = forms.CharField()
    email = forms.CharField()
    password = forms.CharField()


class NameForm(SchemaForm):
    """Take both names in one field."""

    entity = User
    attributes: ClassVar = {"name": ("profile.first_name", "profile.last_name")}
    name = forms.CharField()

    def attribute_values(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        first, _, last = str(cleaned.get("name", "")).partition(" ")
        return {"profile.first_name": first, "profile.last_name": last}


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    with project(table="mine", endpoint="http://127.0.0.1:1"):
        yield


def register(**typed: Any) -> RegistrationForm:
    return RegistrationForm({"first": "Jane", "last": "Smith", "email": "jane@example.com", "password": "p", **typed})


def test_what_is_typed_is_loaded_as_the_manager_takes_it() -> None:
    form = register()

    assert form.is_valid()
    assert form.loaded["email"] == "jane@example.com"
    assert form.loaded["profile"] == {**form.loaded["profile"], "first_name": "Jane", "last_name": "Smith"}
    assert "password" not in form.loaded


def test_a_field_that_is_no_attribute_is_judged_by_itself() -> None:
    assert register(password="").errors == {"password": ["This field is required."]}


def test_every_field_that_is_wrong_has_the_message_of_the_model() -> None:
    form = RegistrationForm({"email": "nowhere", "password": "p"})

    assert form.errors == {
        "first": ["is required"],
        "last": ["is required"],
        "email": ["must be an e-mail address such as name@example.org"],
    }
    assert form.loaded == {}


def test_a_time_is_loaded_as_a_moment() -> None:
    form = MeetingForm({"city": "Atlanta", "starts_at": "2026-12-01T18:30"})

    assert form.is_valid(), form.errors
    assert form.loaded["starts_at"] == datetime(2026, 12, 1, 18, 30, tzinfo=UTC)


def test_what_the_field_itself_cannot_read_has_one_message() -> None:
    form = MeetingForm({"city": "Atlanta", "starts_at": "tomorrow"})

    assert form.errors == {"starts_at": ["Enter a valid date/time."]}


def test_a_rule_of_the_model_holds() -> None:
    assert MeetingForm({"city": "X", "starts_at": "2026-12-01T18:30"}).errors == {
        "city": ["must have a length of 3 to 20"]
    }


def test_a_refused_write_is_said_at_its_field_and_not_whose_value_it_is() -> None:
    form = register()
    assert form.is_valid()
    form.refuse(UniqueViolation("email jane@example.com of USER#other", field="email"))

    assert form.errors == {"email": ["is taken already"]}


def test_a_refused_write_that_is_about_no_field_is_said_at_the_form() -> None:
    form = register()
    form.is_valid()
    form.refuse(AlreadyExists("USER#jane"))

    assert form.non_field_errors() == ["This exists already. Nothing was saved."]
    assert not form.is_valid()


def test_one_field_may_stand_for_several_attributes_and_says_each_message_once() -> None:
    whole = NameForm({"name": "Jane Smith"})

    assert whole.is_valid()
    assert (whole.loaded["profile"]["first_name"], whole.loaded["profile"]["last_name"]) == ("Jane", "Smith")
    assert NameForm({"name": "Jane"}).errors == {"name": ["is required"]}
    assert NameForm({}).errors == {"name": ["is required"]}


class Registration(schema_class(User)):
    """Take users of one domain only."""

    @validates("email")
    def of_our_domain(self, value: str, data_key: str) -> None:
        if not value.endswith("@example.com"):
            raise marshmallow.ValidationError("must be of our domain")


class OurForm(RegistrationForm):
    """Take users of one domain only."""

    def schema(self, only: list[str]) -> ModelSchema:
        return Registration(only=only)


def test_a_form_may_have_further_rules() -> None:
    typed = {"first": "Jane", "last": "Smith", "password": "p"}

    assert OurForm({**typed, "email": "jane@example.com"}).is_valid()
    assert OurForm({**typed, "email": "jane@example.org"}).errors == {"email": ["must be of our domain"]}
