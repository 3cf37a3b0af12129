"""What a report says, and what it keeps to itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.errors import ValidationError
from madmall_models.validation_report import ERROR, WARNING, Entry, ValidationReport

MISSING = Entry("email", "is required", "REQUIRED")
SHORT = Entry("profile.name", "must have a length of at least 2", "MIN_LENGTH", "J")
PLAIN = Entry("bio", "is recommended", "RECOMMENDED", severity=WARNING)

entries = st.lists(st.sampled_from([MISSING, SHORT, PLAIN]), max_size=6)


def test_only_errors_make_a_report_invalid() -> None:
    assert ValidationReport().is_valid
    assert ValidationReport([PLAIN]).is_valid
    assert not ValidationReport([PLAIN, MISSING]).is_valid


def test_errors_and_warnings_are_told_apart_in_their_order() -> None:
    report = ValidationReport([SHORT, PLAIN, MISSING])

    assert report.errors == (SHORT, MISSING)
    assert report.warnings == (PLAIN,)


@given(entries, entries)
def test_the_sum_of_two_reports_holds_the_entries_of_both(first: list[Entry], second: list[Entry]) -> None:
    merged = ValidationReport(first) + ValidationReport(second)

    assert merged == ValidationReport([*first, *second])
    assert merged.is_valid == (ValidationReport(first).is_valid and ValidationReport(second).is_valid)


def test_a_report_adds_to_reports_only() -> None:
    with pytest.raises(TypeError):
        ValidationReport() + MISSING


def test_nothing_is_raised_for_warnings() -> None:
    ValidationReport([PLAIN]).raise_if_invalid("User")


def test_the_error_names_the_thing_the_fields_and_the_codes_and_carries_the_report() -> None:
    report = ValidationReport([MISSING, PLAIN, SHORT])

    with pytest.raises(ValidationError) as raised:
        report.raise_if_invalid("User user123")

    assert str(raised.value) == (
        "User user123 is not valid: email is required (REQUIRED); "
        "profile.name must have a length of at least 2 (MIN_LENGTH)"
    )
    assert raised.value.report is report
    assert raised.value.errors == (MISSING, SHORT)
    assert raised.value.messages == {
        "email": ["is required"],
        "profile.name": ["must have a length of at least 2"],
    }


def test_a_long_error_ends_with_the_number_of_what_it_leaves_out() -> None:
    report = ValidationReport(Entry(f"tags[{number}]", "must be text", "TYPE_ERROR") for number in range(11))

    with pytest.raises(ValidationError, match=r"tags\[9\] must be text \(TYPE_ERROR\); and 1 more$"):
        report.raise_if_invalid("Circle")


def test_a_value_stays_out_of_every_text() -> None:
    entry = Entry("diagnosis", "must be text", "TYPE_ERROR", {"secret": "lupus"})

    with pytest.raises(ValidationError) as raised:
        ValidationReport([entry]).raise_if_invalid("User")

    texts = [repr(entry), str(entry), repr(ValidationReport([entry])), str(raised.value), repr(raised.value)]
    assert not [text for text in texts if "lupus" in text]


def test_an_entry_blocks_unless_it_says_otherwise_and_can_be_put_in_a_set() -> None:
    assert Entry("a", "b", "c").severity is ERROR
    assert len({Entry("a", "b", "c", ["unhashable"]), Entry("a", "b", "c", ["unhashable"])}) == 1
