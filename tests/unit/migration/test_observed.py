"""Of the values of a column only counts, lengths and forms are remembered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.observed import Form, Observation, Observed, Storage, form_of_text, form_of_whole, masked
from madmall_models.migration.source import UndecodableText


def observe(*values: Any) -> Observed:
    observation = Observation()
    for value in values:
        observation.add(value)
    return observation.observed()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  ", Form.BLANK),
        ("1", Form.ZERO_OR_ONE),
        ("+17", Form.WHOLE),
        ("007", Form.WHOLE),
        ("1704164645", Form.SECONDS),
        ("1704164645000", Form.MILLISECONDS),
        ("-1.5e3", Form.NUMBER),
        ("True", Form.YES_OR_NO),
        ("off", Form.YES_OR_NO),
        ("2024-01-31", Form.TIME),
        ("2024-01-31 12:00", Form.TIME),
        ("2024-01-31T12:00:00.123000+02:00", Form.TIME),
        ("2024-01-31T12:00:00.123456Z", Form.FINE_TIME),
        ("2024-13-31", Form.OTHER),
        ("31.01.2024", Form.OTHER),
        ("123e4567-e89b-12d3-a456-426614174000", Form.UUID),
        ("abce4567-e89b-12d3-a456-426614174000", Form.UUID),
        ("jane@example.com", Form.EMAIL),
        ("jane@localhost", Form.OTHER),
        ('{"a": [1]}', Form.OBJECT),
        ("[]", Form.LIST),
        ("[not a list", Form.OTHER),
        ('{"a": NaN}', Form.OTHER),
        ("1" * 400, Form.OTHER),
    ],
)
def test_a_text_has_the_first_form_that_fits(text: str, form: Form) -> None:
    assert form_of_text(text) is form


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (0, Form.ZERO_OR_ONE),
        (2, Form.WHOLE),
        (-1704164645, Form.WHOLE),
        (1704164645, Form.SECONDS),
        (1704164645000, Form.MILLISECONDS),
        (2**63 - 1, Form.WHOLE),
    ],
)
def test_a_whole_number_may_be_a_time(number: int, form: Form) -> None:
    assert form_of_whole(number) is form


def test_values_are_counted_by_how_they_are_stored_and_what_they_look_like() -> None:
    seen = observe(None, 1, 2.5, 2.0, "", "a b", "u_1", b"\xff\xfe\xfd", UndecodableText(b"\xff"))

    assert seen.storage == {
        Storage.TEXT: 4, Storage.REAL: 2, Storage.NULL: 1, Storage.INTEGER: 1, Storage.BLOB: 1,
    }  # fmt: skip
    assert seen.forms == {Form.OTHER: 2, Form.ZERO_OR_ONE: 1, Form.BLANK: 1, Form.UNDECODABLE: 1}
    assert (seen.nulls, seen.given, seen.longest) == (1, 7, 3)
    assert seen.ids == 3, "1, 2.0 and u_1 can be ids as they are"


@pytest.mark.defect(84)
@given(st.text(min_size=4) | st.binary(min_size=4) | st.integers(min_value=100_000) | st.floats())
def test_a_masked_value_does_not_show_the_value(value: Any) -> None:
    kinds = {word.strip(",") for form in Form for word in form.split()}
    shown = {part for part in masked(value).replace(",", "").replace(":", "").split() if not part.isdigit()}

    assert shown <= kinds | {"integer", "digits", "text", "length", "blob", "bytes", "real"}


@pytest.mark.defect(84)
@given(st.lists(st.text(min_size=8, alphabet="qxz")))
def test_what_is_remembered_holds_no_value(values: list[str]) -> None:
    seen = repr(observe(*values))

    assert not any(value in seen for value in values)
