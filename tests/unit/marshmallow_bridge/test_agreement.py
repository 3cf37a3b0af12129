"""A schema and a report never disagree about data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import marshmallow
from hypothesis import assume, given
from hypothesis import strategies as st

from madmall_models import User
from madmall_models.document import Document
from madmall_models.entities import (
    Activity,
    AdvisoryReview,
    Business,
    Circle,
    CircleMember,
    Comment,
    Feedback,
    Image,
    Incident,
    Personalization,
    PremiumSource,
    Resource,
    Story,
)
from madmall_models.marshmallow_bridge import InvalidInput, schema_of
from madmall_models.rules import validate
from tests.unit.input_samples import (
    BUSINESS,
    CIRCLE,
    FEEDBACK,
    IMAGE,
    INCIDENT,
    PERSONALIZATION,
    RESOURCE,
    REVIEW,
    SOURCE,
    STORY,
    USER,
)
from tests.unit.test_validation_properties import Inner, Outer, in_camel_case, nested, outer_values, scalars

COMMENT = {"commentId": "x", "storyId": "s1", "author": {"id": "u1"}, "content": "Thanks"}
MEMBER = {"circleId": "c1", "userId": "u1"}
SAMPLES: list[tuple[Any, dict[str, Any]]] = [
    (User, USER),
    (Circle, CIRCLE),
    (CircleMember, MEMBER),
    (Story, STORY),
    (Comment, COMMENT),
    (Business, BUSINESS),
    (Resource, RESOURCE),
    (Image, IMAGE),
    (Feedback, FEEDBACK),
    (Incident, INCIDENT),
    (AdvisoryReview, REVIEW),
    (PremiumSource, SOURCE),
    (Personalization, PERSONALIZATION),
    (Activity, {"id": "a1", "userId": "u1", "type": "circle_joined", "entityId": "c1", "entityKind": "CIRCLE"}),
]


def names_of(model: Any) -> set[str]:
    return {attribute.attr_name for attribute in model._attributes.values()}


def refused(schema: marshmallow.Schema, data: Any) -> bool:
    """Tell whether a schema refuses data for another reason than a name, which reports pass over."""
    return bool(without_names(schema.validate(data)))


def without_names(messages: Any) -> Any:
    if not isinstance(messages, Mapping):
        return [text for text in messages if getattr(text, "code", "") not in ("UNKNOWN_FIELD", "READ_ONLY")]
    return {name: left for name, inside in messages.items() if (left := without_names(inside))}


def is_decimal_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except ArithmeticError:
        return False


@given(data=outer_values, partial=st.booleans())
def test_a_schema_refuses_what_a_report_has_errors_about(data: dict[str, Any], partial: bool) -> None:
    assume(not is_decimal_text(data.get("rating")))
    data = in_camel_case(data)
    report = validate(Outer, data, partial=partial)

    assert refused(schema_of(Outer, partial=partial or None), data) is not report.is_valid, report


@given(data=outer_values)
def test_both_have_the_same_codes_for_the_same_fields(data: dict[str, Any]) -> None:
    assume(not is_decimal_text(data.get("rating")) and not isinstance(data.get("links"), dict))
    data = in_camel_case(data)
    report = validate(Outer, data)
    refusal = refusal_of(schema_of(Outer), data)

    found = () if refusal is None else refusal.errors
    assert {(entry.field, entry.code) for entry in found if entry.code != "UNKNOWN_FIELD"} == {
        (entry.field, entry.code) for entry in report.errors
    }


def refusal_of(schema: marshmallow.Schema, data: Any) -> InvalidInput | None:
    try:
        schema.load(data)
    except InvalidInput as error:
        return error
    return None


STORED = {attribute.attr_name for model, _ in SAMPLES for attribute in model._attributes.values()}
names = st.sampled_from(sorted(STORED))
documents = st.sampled_from(["profile", "settings", "validation", "consensus", "resolution", "decisions"])
json_values = nested(st.text(max_size=5), scalars.filter(lambda value: not is_decimal_text(value)))


@given(sample=st.sampled_from(SAMPLES), changes=st.dictionaries(names, json_values, max_size=2))
def test_entities_agree_too(sample: tuple[Any, dict[str, Any]], changes: dict[str, Any]) -> None:
    model, data = sample
    takes = {field.data_key for field in model.schema().load_fields.values()}
    data = {**data, **{name: value for name, value in changes.items() if name in takes}}

    assert refused(model.schema(), data) is not model.validate(data).is_valid


@given(
    sample=st.sampled_from(SAMPLES),
    name=names,
    value=json_values,
    inside=documents,
)
def test_documents_of_entities_agree_too(sample: Any, name: str, value: Any, inside: str) -> None:
    model, data = sample
    # What nobody can give is refused whatever it is.
    assume(inside in {field.data_key for field in model.schema().load_fields.values()} or inside not in names_of(model))
    data = {**data, inside: {**data.get(inside, {}), name: value}}

    assert refused(model.schema(), data) is not model.validate(data).is_valid


# -- there and back ------------------------------------------------------------------------------------------------


@given(data=outer_values)
def test_what_is_loaded_is_dumped_and_loaded_again(data: dict[str, Any]) -> None:
    schema = schema_of(Outer)
    try:
        loaded = schema.load(in_camel_case(data))
    except marshmallow.ValidationError:
        return
    shown = schema.dump(loaded)
    again = schema.load(json.loads(json.dumps(shown)))

    assert schema.dump(again) == shown
    untyped = {"anything", "extras"}
    kept = {name: value for name, value in loaded.items() if value is not None and name not in untyped}
    assert {name: again[name] for name in kept if name not in ("inner", "all_inner")} == {
        name: value for name, value in kept.items() if name not in ("inner", "all_inner")
    }


@given(sample=st.sampled_from(SAMPLES))
def test_an_entity_is_dumped_loaded_and_made_again(sample: Any) -> None:
    model, data = sample
    schema = model.schema()
    loaded = schema.load(data)
    entity = model(**loaded)

    shown = json.loads(json.dumps(schema.dump(entity)))
    again = model.schema(unknown=marshmallow.EXCLUDE).load(shown)

    assert model(**again) == entity


def test_the_documents_of_these_tests_have_an_attribute_of_every_kind() -> None:
    assert issubclass(Inner, Document)
    kinds = {type(attribute).__name__ for attribute in Outer._attributes.values()}
    assert len(kinds) >= 10
