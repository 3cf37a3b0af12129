"""A stub can be written, says that it is one, and shows nothing to anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.entities import Circle, Image, Story, User
from madmall_models.migration.legacy_stubs import stub_circle, stub_image, stub_story, stub_user
from madmall_models.writer import prepare_creation

GIVEN = {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "tenant_id": "sister-city"}
STUBS: list[Any] = [(stub_user, User), (stub_circle, Circle), (stub_story, Story), (stub_image, Image)]
IDS = st.text("abAB12_-", min_size=1, max_size=128)


@pytest.mark.parametrize(("stub", "entity"), STUBS)
@given(identifier=IDS)
def test_a_stub_is_valid_whatever_the_id(stub: Any, entity: type[Any], identifier: str) -> None:
    made = stub(identifier, GIVEN)
    for each in made:
        prepare_creation(each)

    assert made[-1].item_key() == entity.key.of(identifier)
    assert {(each.tenant_id, each.created_at) for each in made} == {("sister-city", GIVEN["created_at"])}


@given(st.sets(IDS, min_size=2, max_size=4))
def test_no_two_stubs_of_users_have_one_address_even_if_only_the_case_of_their_ids_differs(ids: set[str]) -> None:
    users = [stub_user(identifier, {})[0] for identifier in (*ids, "a", "A")]

    assert len({user.email.casefold() for user in users}) == len({*ids, "a", "A"})
    assert all(user.email.endswith(".invalid") for user in users)


def test_nobody_sees_a_stub() -> None:
    [user] = stub_user("u", {})
    owner, circle = stub_circle("c", {})
    [story] = stub_story("s", {})
    [image] = stub_image("i", {})

    assert (user.is_active, user.preferences.profile_visibility) == (False, "private")
    assert user.preferences.email_notifications is False
    assert (circle.privacy_level, circle.status, circle.created_by) == ("closed", "INACTIVE", owner.user_id)
    assert not story.is_public
    assert not image.is_shown
    named = [user.profile.first_name, circle.name, story.title, image.alt_text]
    assert all(name.startswith("Unknown") for name in named)
