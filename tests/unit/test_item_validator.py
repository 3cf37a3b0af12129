"""The validator of items looks at keys, times, and what contradicts each other; and at batches of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import CircleMember, DataValidator, User, ValidationReport
from tests.unit.input_samples import (
    ITEM,
    told,
)

LATER = "2026-11-22T12:00:01.000Z"


def test_a_good_item_has_good_keys() -> None:
    assert DataValidator.validate_keys(ITEM) == ValidationReport()
    assert DataValidator.validate_consistency(ITEM) == ValidationReport()


@pytest.mark.parametrize("name", ["PK", "SK", "entityType", "version", "createdAt", "updatedAt"])
@pytest.mark.parametrize("absent", [None, "", " "])
def test_what_every_item_has_is_required(name: str, absent: str | None) -> None:
    assert told(DataValidator.validate_keys({**ITEM, name: absent})) == {(name, "REQUIRED", "error")}


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PK", 5, "TYPE_ERROR"),
        ("SK", b"PROFILE", "TYPE_ERROR"),
        ("entityType", 5, "TYPE_ERROR"),
        *[
            ("version", value, "TYPE_ERROR")
            for value in (-1, 1.5, float("nan"), float("inf"), True, "1", Decimal("1E+999999"), Decimal("sNaN"), [])
        ],
        *[
            (name, value, "INVALID_FORMAT")
            for name in ("createdAt", "updatedAt")
            for value in ("yesterday", "2026-11-22T12:00:00", "2026-13-01T00:00:00Z", 5, datetime(2026, 1, 1))
        ],
    ],
)
def test_what_every_item_has_is_of_its_type(name: str, value: object, code: str) -> None:
    assert told(DataValidator.validate_keys({**ITEM, name: value})) == {(name, code, "error")}


@pytest.mark.defect(38)
@pytest.mark.parametrize("version", [0, 1, 7.0, Decimal(3)])
def test_a_version_is_a_whole_number_from_0(version: object) -> None:
    assert DataValidator.validate_keys({**ITEM, "version": version}).is_valid


@pytest.mark.defect(67)
@pytest.mark.parametrize(
    "moment", ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456+02:00", datetime(2024, 1, 1, tzinfo=UTC)]
)
def test_a_timestamp_is_any_text_of_iso_8601_with_an_offset(moment: object) -> None:
    assert DataValidator.validate_keys({**ITEM, "createdAt": moment}).is_valid


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("item", "half"),
    [
        ({**ITEM, "PK": "CIRCLE#u1"}, "PK"),
        ({**ITEM, "PK": "USER#u2"}, "PK"),
        ({**ITEM, "SK": "METADATA"}, "SK"),
        ({**ITEM, "entityType": "STORY", "SK": "METADATA"}, "PK"),
        ({**ITEM, "userId": 5}, "PK"),
    ],
)
def test_a_key_is_that_of_the_type_and_of_the_id(item: dict[str, Any], half: str) -> None:
    expected = {(half, "CONSISTENCY_ERROR", "error")}

    assert told(DataValidator.validate_keys(item)) == expected
    assert told(DataValidator.validate_consistency(item)) >= expected
    assert "u1" not in repr(DataValidator.validate_keys(item))


def test_a_mirror_is_at_home_under_both_of_its_keys() -> None:
    member = {**ITEM, "entityType": "CIRCLE_MEMBER", "circleId": "c1"}

    assert DataValidator.validate_keys({**member, "PK": "CIRCLE#c1", "SK": "MEMBER#u1"}).is_valid
    assert DataValidator.validate_keys({**member, "PK": "USER#u1", "SK": "CIRCLE#c1"}).is_valid
    assert told(DataValidator.validate_keys({**member, "PK": "USER#u1", "SK": "CIRCLE#c2"})) == {
        ("SK", "CONSISTENCY_ERROR", "error")
    }


def test_a_key_of_several_parts_is_compared_with_each_of_them() -> None:
    comment = {**ITEM, "entityType": "STORY_COMMENT", "storyId": "s1", "commentId": "x"}

    assert DataValidator.validate_keys({**comment, "PK": "STORY#s1", "SK": "COMMENT#x"}).is_valid
    assert told(DataValidator.validate_keys({**comment, "PK": "STORY#s2", "SK": "COMMENT#y"})) == {
        ("PK", "CONSISTENCY_ERROR", "error"),
        ("SK", "CONSISTENCY_ERROR", "error"),
    }


@pytest.mark.parametrize("kind", ["STORY_POINTER", "UNIQUE_CLAIM", "SOMETHING_ELSE"])
def test_the_key_of_an_item_that_no_class_is_declared_for_is_not_judged(kind: str) -> None:
    assert DataValidator.validate_keys({**ITEM, "entityType": kind}).is_valid


def test_an_entity_has_the_keys_that_it_will_be_written_with() -> None:
    user = User(user_id="u1", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"})

    assert told(DataValidator.validate_keys(user)) == {
        (name, "REQUIRED", "error") for name in ("version", "createdAt", "updatedAt")
    }
    assert told(DataValidator.validate_keys(CircleMember())) >= {("PK", "REQUIRED", "error")}
    assert told(DataValidator.validate_keys(User(user_id="a#b"))) >= {("PK", "REQUIRED", "error")}


def test_what_was_made_after_it_was_changed_is_inconsistent() -> None:
    report = DataValidator.validate_consistency({**ITEM, "createdAt": LATER})

    (entry,) = report.errors
    assert (entry.field, entry.code, set(entry.value)) == (
        "timestamps",
        "CONSISTENCY_ERROR",
        {"createdAt", "updatedAt"},
    )
    assert DataValidator.validate_consistency({**ITEM, "updatedAt": ITEM["createdAt"]}).is_valid


def test_times_are_compared_as_moments_and_not_as_texts() -> None:
    item = {**ITEM, "createdAt": "2026-11-22T13:00:00+02:00", "updatedAt": "2026-11-22T11:30:00Z"}

    assert DataValidator.validate_consistency(item).is_valid


@pytest.mark.defect(63)
@pytest.mark.parametrize("name", ["createdAt", "updatedAt"])
def test_a_time_that_is_none_is_not_consistent_with_anything(name: str) -> None:
    assert told(DataValidator.validate_consistency({**ITEM, name: "x"})) == {(name, "INVALID_FORMAT", "error")}


def test_a_life_that_is_over_is_warned_of() -> None:
    for over in (0, 1, Decimal(1), datetime(2001, 1, 1, tzinfo=UTC)):
        assert told(DataValidator.validate_consistency({**ITEM, "ttl": over})) == {("ttl", "TTL_WARNING", "warning")}
    assert DataValidator.validate_consistency({**ITEM, "ttl": 4102444800}) == ValidationReport()


@pytest.mark.defect(63)
@pytest.mark.parametrize("ttl", ["1700000000", float("nan"), 1700000000000, Decimal("1.5"), True])
def test_a_time_to_live_is_seconds(ttl: object) -> None:
    assert told(DataValidator.validate_consistency({**ITEM, "ttl": ttl})) == {("ttl", "TYPE_ERROR", "error")}


@pytest.mark.defect(66)
def test_a_stored_circle_that_contradicts_itself_is_inconsistent() -> None:
    item = {"entityType": "CIRCLE", "status": "INACTIVE", "isActive": True, "name": 5, "settings": {"maxMembers": "x"}}

    assert told(DataValidator.validate_consistency(item)) == {("status", "CONSISTENCY_ERROR", "error")}


def test_a_batch_is_a_list_of_items_that_is_not_too_long() -> None:
    assert DataValidator.validate_batch([ITEM] * 25).is_valid
    assert told(DataValidator.validate_batch(None)) == {("items", "TYPE_ERROR", "error")}
    assert told(DataValidator.validate_batch({})) == {("items", "TYPE_ERROR", "error")}
    assert told(DataValidator.validate_batch([])) == {("items", "EMPTY_BATCH", "error")}

    (entry,) = DataValidator.validate_batch([ITEM] * 26).errors
    assert (entry.field, entry.code, entry.value) == ("items", "BATCH_SIZE_EXCEEDED", 26)
    assert DataValidator.validate_batch([ITEM] * 26, max_items=100).is_valid
    assert not DataValidator.validate_batch([ITEM] * 3, max_items=2).is_valid


def test_each_item_of_a_batch_is_validated_under_its_position() -> None:
    assert told(DataValidator.validate_batch([ITEM, {**ITEM, "PK": None}, None])) == {
        ("items[1].PK", "REQUIRED", "error"),
        ("items[2]", "TYPE_ERROR", "error"),
    }
