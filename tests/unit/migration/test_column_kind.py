"""As what a column is taken follows from its values; what they leave open is asked."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models.migration.column_kind import Kind, is_personal, kind_of_key, verdict_on
from madmall_models.migration.observed import Observation
from madmall_models.migration.source import UndecodableText
from madmall_models.migration.table_analysis import ColumnAnalysis


def column(declared: str, *values: Any, name: str = "it") -> ColumnAnalysis:
    observation = Observation()
    for value in values:
        observation.add(value)
    return ColumnAnalysis(name, declared, False, 0, None, "", observation.observed(), None)


@pytest.mark.parametrize(
    ("declared", "values", "kind"),
    [
        ("INTEGER", [1, 2, None], Kind.INTEGER),
        ("INTEGER", [1, 2.5], Kind.DECIMAL),
        ("INTEGER", [], Kind.INTEGER),
        ("NUMERIC(10,2)", [1, 2], Kind.DECIMAL),
        ("REAL", [1.5], Kind.DECIMAL),
        ("NVARCHAR(20)", ["007", "1"], Kind.TEXT),
        ("TEXT", ["a", "2024-01-01"], Kind.TEXT),
        ("TEXT", ["2024-01-01", ""], Kind.TIME),
        ("DATETIME", ["1962-02-18 00:00:00"], Kind.TIME),
        ("DATETIME", [1704164645, 1704164645000], Kind.TIME),
        ("DATETIME", [], Kind.TIME),
        ("BOOLEAN", [0, 1], Kind.BOOLEAN),
        ("BOOLEAN", ["t", "f", 1], Kind.BOOLEAN),
        ("INTEGER", [0, 1], Kind.INTEGER),
        ("", [1, 2], Kind.INTEGER),
        ("", [1, 2.5], Kind.DECIMAL),
        ("", ["a", "b"], Kind.TEXT),
        ("", ["1", "2"], Kind.TEXT),
        ("", [], Kind.TEXT),
        ("TEXT", ['{"a": 1}', "{}"], Kind.OBJECT),
        ("TEXT", ["[1]", None], Kind.LIST),
        ("TEXT", ["[1]", "{}"], Kind.TEXT),
        ("BLOB", [b"a"], Kind.BYTES),
        ("TEXT", ["2024-01-01 00:00:00.123456"], Kind.TEXT),
        ("TEXT", ["a", UndecodableText(b"\xff")], Kind.TEXT),
        ("GEOMETRY", [1], Kind.INTEGER),
    ],
)
def test_values_that_agree_leave_no_doubt(declared: str, values: list[Any], kind: Kind) -> None:
    verdict = verdict_on(column(declared, *values))

    assert (verdict.kind, verdict.doubt) == (kind, "")


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [("is_active", [0, 1], Kind.BOOLEAN), ("madeAt", [1704164645], Kind.TIME), ("birthday", ["2024-01-01"], Kind.TIME)],
)
def test_a_name_helps_to_tell(name: str, values: list[Any], kind: Kind) -> None:
    verdict = verdict_on(column("", *values, name=name))

    assert (verdict.kind, verdict.doubt) == (kind, "")


@pytest.mark.parametrize(
    ("declared", "values", "kinds", "said"),
    [
        ("INTEGER", [1704164645], (Kind.TIME, Kind.INTEGER), "can be times"),
        ("TEXT", ["f", "f"], (Kind.BOOLEAN, Kind.TEXT), "can mean yes and no"),
        ("DATETIME", ["2024-01-01 00:00:00.123456"], (Kind.TIME, Kind.TEXT), "finer than milliseconds"),
        ("DATETIME", ["2024-01-01", "0000-00-00"], (Kind.TIME, Kind.TEXT), "As time 1 of 2 can be taken"),
        ("INTEGER", [1, 2, "n/a"], (Kind.INTEGER, Kind.TEXT), "As integer 2 of 3 can be taken"),
        ("", [1.5, "n/a"], (Kind.DECIMAL, Kind.TEXT), "As decimal 1 of 2 can be taken"),
        ("", [3, b"\xff"], (Kind.DECIMAL, Kind.KEY_BYTES), "as hexadecimal 2"),
        ("JSON", ["{}", "{broken"], (Kind.OBJECT, Kind.TEXT), "As JSON object 1 of 2"),
    ],
)
def test_values_that_disagree_are_asked_about(
    declared: str, values: list[Any], kinds: tuple[Kind, Kind], said: str
) -> None:
    verdict = verdict_on(column(declared, *values))

    assert (verdict.kind, verdict.otherwise) == kinds
    assert said in verdict.doubt


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, "u_1", 2.0], Kind.ID),
        (["a b"], Kind.KEY_TEXT),
        ([1.5], Kind.KEY_TEXT),
        ([b"\xff", 1], Kind.KEY_BYTES),
        ([], Kind.ID),
    ],
)
def test_a_part_of_a_key_is_always_a_text(values: list[Any], kind: Kind) -> None:
    assert kind_of_key(column("", *values).observed) is kind


@pytest.mark.defect(84)
@pytest.mark.parametrize(
    ("name", "values", "kind", "personal"),
    [
        ("title", ["a"], Kind.TEXT, True),
        ("birthDate", ["1962-02-18"], Kind.TIME, True),
        ("code", ["jane@example.com"], Kind.ID, True),
        ("data", [b"a"], Kind.BYTES, True),
        ("quantity", [1], Kind.INTEGER, False),
        ("album_id", [1], Kind.ID, False),
    ],
)
def test_what_may_be_personal_is_masked(name: str, values: list[Any], kind: Kind, personal: bool) -> None:
    assert is_personal(column("", *values, name=name), kind) is personal
