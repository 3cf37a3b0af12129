"""Numbers are exact: up to 38 digits in and out, and nothing that DynamoDB would round or refuse."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import limits
from madmall_models.attributes import DecimalAttribute, IntegerAttribute, any_from_wire, any_to_wire, number_text
from madmall_models.errors import ValidationError

exact = DecimalAttribute(attr_name="amount")
whole = IntegerAttribute(attr_name="count")

# A sign, up to 38 digits, and an exponent that keeps the number within what DynamoDB holds.
numbers = st.builds(
    lambda negative, digits, exponent: Decimal((int(negative), tuple(map(int, digits)), exponent)),
    st.booleans(),
    st.text("0123456789", min_size=1, max_size=38),
    st.integers(-130, 88),
)


@pytest.mark.defect(37)
@given(numbers)
def test_a_number_of_38_digits_comes_back_exactly(number: Decimal) -> None:
    assert exact.deserialize(exact.serialize(number)).compare(number) == 0


@given(st.integers(-(10**38) + 1, 10**38 - 1))
def test_a_whole_number_of_38_digits_comes_back_exactly(number: int) -> None:
    assert whole.deserialize(whole.serialize(number)) == number
    assert any_from_wire(any_to_wire(number)) == number


@given(numbers)
def test_a_number_is_written_in_digits_that_dynamodb_reads(number: Decimal) -> None:
    text = number_text(number)
    assert Decimal(text).compare(number) == 0
    assert len(text) <= 140


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: 1e-120 < abs(number) < 1e120))
def test_a_float_is_stored_by_its_shortest_text(number: float) -> None:
    assert float(exact.serialize(number)) == number
    assert Decimal(exact.serialize(number)).compare(Decimal(repr(number))) == 0


def test_a_float_is_stored_as_people_write_it() -> None:
    assert exact.serialize(0.85) == "0.85"
    assert exact.serialize(0.1 + 0.2) == "0.30000000000000004"
    assert exact.serialize(5.0) == "5"


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="a finite number"):
        exact.serialize(Decimal(text))
    if text != "sNaN":
        with pytest.raises(ValidationError, match="a finite number"):
            exact.serialize(float(text))


@pytest.mark.parametrize("text", ["1" * 39, "0." + "1" * 39, "1" * 20 + "." + "1" * 19, "1" + "0" * 37 + "1"])
def test_a_number_of_39_digits_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="at most 38 digits"):
        exact.serialize(Decimal(text))


@pytest.mark.parametrize("text", ["1" * 38 + "000", "0.000" + "1" * 38, "1" + "0" * 60, "0" * 50 + "1"])
def test_zeros_around_the_digits_do_not_count(text: str) -> None:
    assert Decimal(exact.serialize(Decimal(text))).compare(Decimal(text)) == 0


def test_a_whole_number_of_39_digits_is_refused() -> None:
    with pytest.raises(ValidationError, match="at most 38 digits"):
        whole.serialize(int("1" * 39))


@pytest.mark.parametrize("text", ["1E-130", "-1E-130", "9." + "9" * 37 + "E+125", "-9." + "9" * 37 + "E+125"])
def test_the_outermost_numbers_fit(text: str) -> None:
    assert limits.number_fault(Decimal(text)) is None
    assert Decimal(exact.serialize(Decimal(text))).compare(Decimal(text)) == 0


@pytest.mark.parametrize("text", ["9.99E-131", "1E-131", "1E+126", "-1E+126"])
def test_a_number_beyond_them_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=r"between 1E-130 and 9\.99E\+125"):
        exact.serialize(Decimal(text))


def test_a_stored_fraction_does_not_fit_where_a_whole_number_is_declared() -> None:
    with pytest.raises(ValueError, match="a fraction is no whole number"):
        whole.deserialize("2.5")
    assert whole.deserialize("2.0") == 2


def test_the_precision_that_a_caller_computes_with_changes_nothing() -> None:
    number = Decimal("1234567890.12345")
    with decimal.localcontext(prec=3):
        assert exact.serialize(number) == "1234567890.12345"
        assert whole.serialize(1234567890) == "1234567890"
        assert whole.deserialize("1234567890") == 1234567890
