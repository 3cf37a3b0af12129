"""A factory takes what a test says in the place of what it would give itself."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Circle, Comment, Story, User, ValidationError
from madmall_models.testing import Factories, Factory


@pytest.fixture
def factories() -> Factories:
    return Factories()


def test_overrides_are_merged_into_documents_in_either_spelling(factories: Factories) -> None:
    make_user = factories.of(User)
    for spelling in ("first_name", "firstName"):
        profile = {spelling: "Ann", "location": {"city": "Atlanta"}}
        user = make_user.build(profile=profile)
        assert (user.profile.first_name, user.profile.location.city) == ("Ann", "Atlanta")
        assert user.profile.last_name.startswith("Smith")
    assert make_user.build(primaryGoals=["share_story"]).primary_goals == ["share_story"]


def test_an_entity_stands_where_its_id_is_meant(factories: Factories) -> None:
    jane, circle = factories.of(User).build(user_id="jane"), factories.of(Circle).build(circle_id="c9")
    story = factories.of(Story).build(author={"id": jane}, circle_id=circle)
    assert (story.author.id, story.circle_id) == ("jane", "c9")
    assert factories.of(Comment).build(story_id=story, author={"id": jane}).story_id == story.story_id


def test_a_misspelt_name_is_refused_and_a_near_one_named(factories: Factories) -> None:
    with pytest.raises(ValidationError, match="did you mean 'email'"):
        factories.of(User).build(emial="a@example.com")
    with pytest.raises(ValidationError, match="did you mean 'first_name'"):
        factories.of(User).build(profile={"first_nam": "Ann"})
    with pytest.raises(ValidationError, match="email"):
        factories.made(User, emial="a@example.com")


def test_a_value_that_breaks_a_rule_is_refused_before_anything_is_made(factories: Factories) -> None:
    with pytest.raises(ValidationError, match=r"name must have a length of 3 to 100") as refused:
        factories.of(Circle).build(name="x")
    assert [entry.code for entry in refused.value.errors] == ["MIN_LENGTH"]


def test_what_belongs_together_is_brought_in_line(factories: Factories) -> None:
    circle = factories.of(Circle).build(privacy_level="private")
    assert circle.settings.is_private is True
    assert circle.stats.member_count == 1


def test_defaults_are_values_functions_or_factories(factories: Factories) -> None:
    make_user = factories.of(User)
    make_circle = factories.made(Circle, name=lambda number: f"Group {number}", tags=["new"], created_by=make_user)
    one, two = make_circle.build(), make_circle.build(name="Another")
    assert (one.name, two.name, one.tags, one.created_by, two.created_by) == (
        "Group 1",
        "Another",
        ["new"],
        "user-1",
        "user-2",
    )
    assert make_circle.build(created_by="ann").created_by == "ann"
    assert make_user.build().user_id == "user-3"


def test_fields_make_what_a_manager_or_a_form_takes() -> None:
    fields = Factory(User).fields(email="ann@example.com")
    assert User.validate(fields).is_valid
    assert (fields["user_id"], fields["email"]) == ("user-1", "ann@example.com")
    assert "version" not in fields


def test_a_factory_without_a_database_only_builds(factories: Factories) -> None:
    with pytest.raises(ValidationError, match=r"this factory of User has no database; it can only build\(\)"):
        factories.of(User)()


@pytest.mark.parametrize("wrong", [str, 5, None])
def test_what_is_no_entity_has_no_factory(wrong: Any, factories: Factories) -> None:
    with pytest.raises(ValidationError, match="is no entity"):
        factories.made(wrong)
