"""A key text is made by a template, is never ambiguous, and can be read back."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madmall_models.errors import DeclarationError, KeyValueError
from madmall_models.key_template import Field, KeyTemplate, cut

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MODIFIERS = ("lower", "upper", "fold")

ids = st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True)
# What people type, with the characters that keys are made of in it more often than chance would have them.
TRICKY = "%#25 3Àáß\u0130\u0131Σς\u0149\u0390\u03aa\u0301\u0308\u0323\u0345"
typed = st.text(st.sampled_from(TRICKY) | st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
zones = st.sampled_from([UTC, timezone(timedelta(hours=-5))])
moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=zones)


def rendered(template: str, **values: Any) -> str | None:
    return KeyTemplate(template).render(values)


# -- parsing -------------------------------------------------------------------------------------------------------


def test_a_template_knows_its_fields_from_left_to_right() -> None:
    template = KeyTemplate("STORY#{created_at}#{author.id}#{title:fold}")
    assert template.field_names == ("created_at", "author.id", "title")
    assert template.fields[2] == Field("title", "fold")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "is empty"),
        ("CIRCLE#{circle_id", "a brace is out of place"),
        ("CIRCLE#circle_id}", "a brace is out of place"),
        ("CIRCLE#{}", "a brace is out of place"),
        ("CIRCLE#{circle id}", "a brace is out of place"),
        ("CIRCLE#{9lives}", "a brace is out of place"),
        ("CIRCLE#{{circle_id}}", "a brace is out of place"),
        ("CIRCLE#{a}{b}", "two fields need a # between them"),
        ("CIRCLE#{a}-{b}", "two fields need a # between them"),
        ("CIRCLE#{name:title}", "unknown modifier 'title'; known are lower, upper, fold"),
        ("CIRCLE#{level:4}", "a brace is out of place"),
    ],
)
def test_a_wrong_template_is_refused_in_words(text: str, fact: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        KeyTemplate(text)
    assert fact in str(refused.value)
    assert repr(text) in str(refused.value) or not text


def test_templates_are_equal_by_their_text() -> None:
    assert KeyTemplate("CIRCLE#{circle_id}") == KeyTemplate("CIRCLE#{circle_id}")
    assert len({KeyTemplate("CIRCLE#{circle_id}"), KeyTemplate("CIRCLE#{circle_id}")}) == 1
    assert KeyTemplate("CIRCLE#{circle_id}") != KeyTemplate("CIRCLE#{story_id}")


# -- rendering -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("CIRCLE#{circle_id}", {"circle_id": "c1"}, "CIRCLE#c1"),
        ("METADATA", {}, "METADATA"),
        ("CIRCLE_STATUS#{status:upper}", {"status": " active "}, "CIRCLE_STATUS#ACTIVE"),
        ("CITY#{city:lower}", {"city": "Atlanta"}, "CITY#atlanta"),
        ("EMAIL#{email:fold}", {"email": "Straße@X.org "}, "EMAIL#strasse@x.org"),
        ("NAME#{name:fold}", {"name": "e\u0301"}, "NAME#é"),
        ("CREATED#{created_at}", {"created_at": NOON}, "CREATED#2026-11-22T12:00:00.000Z"),
        ("LEVEL#{level:04}", {"level": 12}, "LEVEL#0012"),
        ("LEVEL#{level:04}", {"level": 0}, "LEVEL#0000"),
        ("NAME#{name}", {"name": "50% of #1"}, "NAME#50%25 of %231"),
        ("AUTHOR#{author.id}", {"author.id": "u1"}, "AUTHOR#u1"),
    ],
)
def test_a_key_text_is_rendered_from_values(template: str, values: dict[str, Any], text: str) -> None:
    assert KeyTemplate(template).render(values) == text


@pytest.mark.parametrize("missing", [{}, {"name": None}, {"name": ""}, {"name": "  "}])
def test_a_missing_part_gives_no_key(missing: dict[str, Any]) -> None:
    assert KeyTemplate("NAME#{name:fold}").render(missing) is None


@pytest.mark.parametrize(
    ("template", "value", "fact"),
    [
        ("LEVEL#{level}", 7, "10 would sort before 9"),
        ("LEVEL#{level:04}", 10000, "wider than 4 digits"),
        ("LEVEL#{level:04}", -1, "negative"),
        ("LEVEL#{level}", 1.5, "of type float"),
        ("LEVEL#{level}", True, "of type bool"),
        ("LEVEL#{level}", datetime(2026, 11, 22), "without an offset"),
        ("LEVEL#{level}", "secret\ud800", "lone surrogate"),
    ],
)
def test_a_value_that_cannot_stand_in_a_key_is_refused_without_being_shown(
    template: str, value: object, fact: str
) -> None:
    with pytest.raises(KeyValueError) as refused:
        rendered(template, level=value)
    assert fact in str(refused.value)
    assert "level" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_prefix_goes_up_to_the_first_missing_field() -> None:
    template = KeyTemplate("STORY#{created_at}#{story_id}")
    nothing, time_known, everything = (
        template.prefix(values) for values in ({}, {"created_at": NOON}, {"created_at": NOON, "story_id": "s1"})
    )
    assert (nothing.text, nothing.complete) == ("STORY#", False)
    assert nothing.next_field is not None
    assert nothing.next_field.name == "created_at"
    assert (time_known.text, time_known.complete) == ("STORY#2026-11-22T12:00:00.000Z#", False)
    assert (everything.text, everything.complete) == (template.render({"created_at": NOON, "story_id": "s1"}), True)


# -- algebra -------------------------------------------------------------------------------------------------------


@given(ids, ids)
def test_ids_come_back_from_their_key(one: str, other: str) -> None:
    template = KeyTemplate("CIRCLE#{circle_id}#{user_id}")
    text = template.render({"circle_id": one, "user_id": other})
    assert text is not None
    assert template.match(text) == {"circle_id": one, "user_id": other}


@given(typed.filter(bool), typed.filter(bool))
def test_any_text_comes_back_from_its_key(one: str, other: str) -> None:
    template = KeyTemplate("{one}#{other}")
    text = template.render({"one": one, "other": other})
    assert text is not None
    assert template.match(text) == {"one": one, "other": other}


@pytest.mark.defect(57)
@given(st.tuples(typed, typed), st.tuples(typed, typed))
def test_different_values_never_give_the_same_key(some: tuple[str, str], others: tuple[str, str]) -> None:
    keys = [rendered("KEY#{one}#{other}", one=one, other=other) for one, other in (some, others)]
    assert (keys[0] == keys[1] and None not in keys) == (some == others and all(some))


@pytest.mark.parametrize("modifier", MODIFIERS)
@given(text=typed)
@example(text="\u0390").via("its upper case is written with combining marks")
@example(text="\u03aa\u0301").via("its lower case has a composed form, the letter itself has none")
def test_normalising_twice_changes_nothing(modifier: str, text: str) -> None:
    field = Field("text", modifier)
    once = field.encode(text)
    assert once is None or field.encode(field.decode(once)) == once


@pytest.mark.parametrize("modifier", MODIFIERS)
@given(text=typed)
def test_a_normalised_text_comes_back_from_its_key(modifier: str, text: str) -> None:
    template = KeyTemplate(f"KEY#{{text:{modifier}}}")
    key = template.render({"text": text})
    found = template.match(key) if key is not None else None
    assert key is None or (found is not None and template.render(found) == key)


@pytest.mark.parametrize("modifier", MODIFIERS)
@given(text=typed)
def test_the_same_text_in_another_normal_form_has_the_same_key(modifier: str, text: str) -> None:
    field = Field("text", modifier)
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert field.encode(composed) == field.encode(decomposed)


@given(st.text("abZéÉßñÑ -@.", max_size=12))
def test_a_fold_forgets_letter_case(text: str) -> None:
    field = Field("text", "fold")
    assert field.encode(text) == field.encode(text.upper()) == field.encode(text.swapcase())


@given(st.lists(moments, min_size=2, max_size=5))
def test_the_order_of_key_texts_is_the_order_of_time(times: list[datetime]) -> None:
    field = Field("at")
    texts = [field.encode(moment) for moment in sorted(times)]
    assert texts == sorted(map(str, texts))


@given(st.lists(st.integers(0, 999999), min_size=2, max_size=5))
def test_the_order_of_padded_numbers_is_the_order_of_numbers(numbers: list[int]) -> None:
    field = Field("level", "06")
    texts = [field.encode(number) for number in sorted(numbers)]
    assert texts == sorted(map(str, texts))


@pytest.mark.parametrize("text", ["CIRCLE#", "CIRCLE#c1#x", "CIRCLES#c1", "circle#c1", "", "CIRCLE#c1\n#"])
def test_a_text_of_another_form_does_not_match(text: str) -> None:
    assert KeyTemplate("CIRCLE#{circle_id}").match(text) is None


# -- cutting -------------------------------------------------------------------------------------------------------


@given(typed.map(lambda text: Field("text").encode(text) or "x"), st.integers(0, 40))
def test_a_cut_text_fits_and_is_a_beginning(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short.encode()) <= most
    assert text.startswith(short)


@given(typed.map(lambda text: Field("text").encode(text) or "x"), st.integers(0, 40))
def test_a_cut_never_halves_an_encoded_character(text: str, most: int) -> None:
    assert "%" not in cut(text, most).replace("%25", "").replace("%23", "")


@given(typed.map(lambda text: Field("text").encode(text) or "x"), st.integers(4, 40))
def test_a_cut_takes_off_no_more_than_one_character_and_its_encoding(text: str, most: int) -> None:
    if len(text.encode()) > most:
        assert len(cut(text, most).encode()) > most - 4


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut("abc%23", 6) == "abc%23"
    assert cut("abc%23", 5) == "abc"
    assert cut("ab€", 4) == "ab"


# -- templates against each other ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("CIRCLE#{circle_id}", "CIRCLE#{id}", True),
        ("CIRCLE#{circle_id}", "USER#{user_id}", False),
        ("CIRCLE#{circle_id}", "CIRCLE#{circle_id}#X", False),
        ("METADATA", "METADATA", True),
        ("METADATA", "PROFILE", False),
        ("{a}", "METADATA", True),
        ("A{a}", "AB", True),
        ("A{a}", "A", False),
        ("A{a}", "B{b}", False),
        ("{a}X", "{b}Y", False),
        ("A{a}", "{b}Y", True),
        ("{a}#{b}", "X#Y", True),
        ("{a}#{b}", "X", False),
    ],
)
def test_templates_overlap_if_some_key_fits_both(one: str, other: str, meet: bool) -> None:
    assert KeyTemplate(one).overlaps(KeyTemplate(other)) is meet
    assert KeyTemplate(other).overlaps(KeyTemplate(one)) is meet


@given(ids, ids)
def test_a_text_that_fits_two_templates_proves_that_they_overlap(one: str, other: str) -> None:
    templates = [KeyTemplate(text) for text in ("{a}#{b}", "A{a}#{b}", "A1#{b}", "{a}#METADATA", "A{a}#M{b}")]
    for text in (f"{one}#{other}", f"A{one}#METADATA", f"A1#{other}", f"A{one}#M{other}"):
        fitting = [template for template in templates if template.match(text) is not None]
        assert all(mine.overlaps(theirs) for mine in fitting for theirs in fitting)


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\x7f", "\x85", "\x9f"])
@pytest.mark.parametrize("template", ["EMAIL#{x:fold}", "EMAIL#{x}"])
def test_a_control_character_inside_a_text_stands_in_no_key(template: str, character: str) -> None:
    with pytest.raises(KeyValueError, match="control character"):
        KeyTemplate(template).render({"x": f"jane{character}a@example.com"})


def test_a_line_break_at_the_end_of_a_text_is_trimmed_where_the_field_is_normalised() -> None:
    assert KeyTemplate("NAME#{x:fold}").render({"x": "Rest\n"}) == "NAME#rest"
