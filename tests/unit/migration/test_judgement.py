"""What differs is named as deep as documents are declared, and never shown."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models.entities import Business, Circle, User
from madmall_models.migration.judgement import differing
from madmall_models.migration.verification_finding import VerificationFinding, ids_in

ITEM = {
    "email": {"S": "jane@example.com"},
    "profile": {"M": {"bio": {"S": "Quiet."}, "location": {"M": {"city": {"S": "Atlanta"}}}}},
    "stats": {"M": {"circlesJoined": {"N": "3"}}},
}


@pytest.mark.parametrize(
    ("other", "names"),
    [
        (ITEM, []),
        ({**ITEM, "stats": {"M": {"circlesJoined": {"N": "9"}}}}, []),
        ({**ITEM, "email": {"S": "ann@example.com"}, "added": {"BOOL": True}}, ["added", "email"]),
        ({**ITEM, "profile": {"M": {"bio": {"S": "Loud."}}}}, ["profile.bio", "profile.location"]),
        (
            {**ITEM, "profile": {"M": {"bio": {"S": "Quiet."}, "location": {"M": {"city": {"S": "Macon"}}}}}},
            ["profile.location.city"],
        ),
        ({**ITEM, "profile": {"S": "none"}}, ["profile"]),
        ({name: wire for name, wire in ITEM.items() if name != "email"}, ["email"]),
    ],
)
def test_differences_are_named(other: Any, names: list[str]) -> None:
    assert list(differing(User, ITEM, other, {("stats", "circlesJoined")})) == names


def test_numbers_and_sets_differ_by_value_only() -> None:
    one = {"rank": {"N": "1.50"}, "tags": {"SS": ["a", "b"]}}

    assert list(differing(Circle, one, {"rank": {"N": "1.5"}, "tags": {"SS": ["b", "a"]}}, ())) == []


def test_names_in_a_map_that_is_not_declared_are_not_told() -> None:
    one = {"profile": {"M": {"socialMedia": {"M": {"jane": {"S": "x"}}}}}}

    assert list(differing(Business, one, {"profile": {"M": {"socialMedia": {"M": {}}}}}, ())) == [
        "profile.socialMedia"
    ]


def test_the_ids_in_a_key_are_known_by_their_stored_names() -> None:
    assert ids_in(User.key.of("u1")) == {"userId": "u1"}


def test_a_finding_names_its_row() -> None:
    finding = VerificationFinding("changed", "User", "PK=USER#...", "was changed", "users", 7, ("email",))

    assert str(finding) == "changed: User of users 7, PK=USER#...: was changed (email)"
