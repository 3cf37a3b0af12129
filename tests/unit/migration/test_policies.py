"""Policies are chosen by the names that reports use, and a wrong name or policy is refused with the right one."""

from __future__ import annotations

import pytest

from madmall_models import ConfigurationError
from madmall_models.entities import Comment, User
from madmall_models.migration import Mapping, Policies, Policy, Reference, madmall_mappings, with_policies


def policies(mappings: tuple[Mapping, ...]) -> dict[str, str]:
    return {
        reference.named(mapping.table): reference.policy.value
        for mapping in mappings
        for reference in mapping.references
    }


def test_the_defaults_are_as_documented() -> None:
    assert policies(madmall_mappings()) == {
        "circles.createdBy": "keep",
        "circle_members.circleId": "reject",
        "circle_members.userId": "reject",
        "stories.author.id": "keep",
        "stories.circleId": "keep",
        "story_comments.storyId": "reject",
        "story_comments.author.id": "keep",
        "story_comments.parentCommentId": "keep",
        "businesses.ownerId": "keep",
        "resources.author.id": "keep",
        "feedback.imageId": "reject",
    }


def test_only_the_references_that_are_named_change() -> None:
    before = policies(madmall_mappings())

    chosen: Policies = {"circle_members.userId": "stub", "circles.createdBy": Policy.REJECT}
    changed = policies(with_policies(madmall_mappings(), chosen))

    assert changed == {**before, "circle_members.userId": "stub", "circles.createdBy": "reject"}
    assert policies(madmall_mappings()) == before


def test_every_reference_to_another_table_takes_every_policy() -> None:
    names = [name for name in policies(madmall_mappings()) if name != "story_comments.parentCommentId"]

    for policy in Policy:
        changed = policies(with_policies(madmall_mappings(), dict.fromkeys(names, policy)))
        assert {changed[name] for name in names} == {policy.value}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"circle_members.user_id": "stub"}, "no reference 'circle_members.user_id'; did you mean circle_members.us"),
        ({"nonsense": "stub"}, "no reference 'nonsense'; known are businesses.ownerId, circle_members.circleId"),
        ({"circles.createdBy": "drop"}, "circles.createdBy: there is no policy 'drop'; it is one of reject, keep"),
        ({"story_comments.parentCommentId": "stub"}, "parentCommentId names a Comment, and it is not said how to make"),
        ({"story_comments.parentCommentId": "reject"}, "story_comments.parentCommentId names rows of its own table"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_policy_is_refused_with_what_is_right(given: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        with_policies(madmall_mappings(), given)  # type: ignore[arg-type]


def test_a_reference_without_a_stub_takes_no_stub() -> None:
    with pytest.raises(ConfigurationError, match="userId names a User, and it is not said how to make a stub"):
        Reference("user_id", User, Policy.STUB)


def test_a_reference_within_a_table_must_be_kept() -> None:
    with pytest.raises(ConfigurationError, match="own table"):
        Mapping(entity=Comment, table="remarks", fields=(), references=(Reference("parent_comment_id", Comment),))
