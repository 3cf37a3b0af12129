"""Users found by what they tell about themselves: any of each list, all of the criteria, one tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import Database, KeyValueError, QueryError, ValidationError
from tests.integration.samples import NOON, make_user
from tests.integration.table_content import nothing_sent

NAMES = {"first_name": "Jane", "last_name": "Smith"}


@pytest.fixture(autouse=True)
def users(db: Database) -> None:
    people: list[dict[str, Any]] = [
        {
            "cultural_background": ["Latina", "African American"],
            "diagnosis_stage": "newly_diagnosed",
            "support_needs": ["self_care", "anxiety_management"],
            "location": {"city": "Atlanta", "state": "GA", "country": "US"},
        },
        {"cultural_background": ["Latina"], "location": {"city": "Houston", "state": "TX", "country": "US"}},
        {"diagnosis_stage": "newly_diagnosed", "support_needs": ["self_care"]},
        {},
    ]
    for number, profile in enumerate(people, 1):
        make_user(db, f"u{number}", profile={**NAMES, **profile}, created_at=NOON + timedelta(hours=number))
    make_user(db, "theirs", profile={**NAMES, **people[0]}, tenant_id="other")


def found(db: Database, **criteria: Any) -> list[str]:
    return [user.user_id for user in db.users.search_users(**criteria)]


@pytest.mark.defect(39)
@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, "u1 u2 u3 u4"),
        ({"cultural_background": ["Latina"]}, "u1 u2"),
        ({"cultural_background": ["African American", "Asian"]}, "u1"),
        ({"diagnosis_stage": "newly_diagnosed"}, "u1 u3"),
        ({"support_needs": ["self_care"]}, "u1 u3"),
        ({"support_needs": ["anxiety_management", "nutrition_lifestyle"]}, "u1"),
        ({"location": {"city": "Houston"}}, "u2"),
        ({"location": {"state": "GA"}}, "u1"),
        ({"location": {"country": "US"}}, "u1 u2"),
        ({"location": {"city": "Houston", "state": "GA"}}, ""),
        ({"location": {}}, "u1 u2 u3 u4"),
        ({"cultural_background": ["Latina"], "diagnosis_stage": "newly_diagnosed"}, "u1"),
        ({"support_needs": ["self_care"], "location": {"country": "US"}}, "u1"),
        ({"cultural_background": ["Lat"]}, ""),
        ({"tenant_id": "other"}, "theirs"),
        ({"tenant_id": "nobody"}, ""),
    ],
)
def test_each_criterion_narrows(criteria: dict[str, Any], expected: str, db: Database) -> None:
    assert found(db, **criteria) == expected.split()


def test_a_search_is_a_query_like_any_other(db: Database) -> None:
    query = db.users.search_users(cultural_background=["Latina"])
    assert [user.user_id for user in query.newest_first()] == ["u2", "u1"]
    assert [user.user_id for user in query.newest_first().limit(1)] == ["u2"]
    assert query.count() == 2
    page = query.page(size=1)
    assert ([user.user_id for user in page], page.has_more) == (["u1"], True)
    assert [user.user_id for user in query.page(size=1, after=page.cursor)] == ["u2"]
    assert page.items[0].profile.location.city == "Atlanta"


@pytest.mark.parametrize(
    ("criteria", "error"),
    [
        ({"cultural_background": "Latina"}, ValidationError),
        ({"support_needs": [""]}, ValidationError),
        ({"support_needs": [None]}, ValidationError),
        ({"support_needs": None}, ValidationError),
        ({"cultural_background": [f"number {number}" for number in range(51)]}, ValidationError),
        ({"location": {"street": "Main Street"}}, ValidationError),
        ({"location": "GA"}, ValidationError),
        ({"location": {"state": 1}}, ValidationError),
        ({"tenant_id": "a#b"}, KeyValueError),
        ({"tenant_id": None}, QueryError),
    ],
)
def test_what_is_no_criterion_is_refused_before_anything_is_asked(
    criteria: dict[str, Any], error: type[Exception], db: Database
) -> None:
    with nothing_sent(db), pytest.raises(error) as refused:
        found(db, **criteria)
    assert "Main Street" not in str(refused.value)


@pytest.mark.defect(56)
def test_a_tenant_s_users_are_its_own(db: Database) -> None:
    assert [user.user_id for user in db.users.get_users_by_tenant("default")] == ["u1", "u2", "u3", "u4"]
    assert [user.user_id for user in db.users.get_users_by_tenant("other")] == ["theirs"]
    assert (db.users.count(), db.users.count("other"), db.users.count("nobody")) == (4, 1, 0)
    assert db.users.get_users_by_tenant("default").first().email == "u1@example.org"
    moved = db.users.update("u4", tenant_id="other")
    assert moved.tenant_id == "other"
    assert {user.user_id for user in db.users.get_users_by_tenant("other")} == {"theirs", "u4"}
