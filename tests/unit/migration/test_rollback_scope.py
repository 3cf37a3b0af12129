"""What hangs together follows from mappings and keys: who depends on whom, and whose counts change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madmall_models import Circle, CircleMember, Comment, Feedback, Image, Story, User
from madmall_models.migration import Mapping, Policy, Reference, Touch, madmall_mappings
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_rollback import madmall_rollback
from madmall_models.migration.removal import Removal
from madmall_models.migration.rollback_memory import RollbackMemory
from madmall_models.writer import prepare_creation

SCOPE = madmall_rollback(madmall_mappings())
NOON = datetime(2024, 11, 22, 12, tzinfo=UTC)
MEMBER = CircleMember(circle_id="c1", user_id="u1")
COMMENT = Comment(story_id="s1", comment_id="k1", author={"id": "u1"}, content="Yes.")
CIRCLE = Circle(circle_id="c1", name="Newly diagnosed", type="support_group", created_by="u1")
USER = User(user_id="u1", email="u1@example.com", profile={"first_name": "Ada", "last_name": "M."})


def test_entities_are_removed_in_the_reverse_of_the_order_in_which_they_came() -> None:
    assert SCOPE.order[:3] == ("USER", "CIRCLE", "CIRCLE_MEMBER")
    assert SCOPE.comes_after("CIRCLE_MEMBER", "CIRCLE")
    assert SCOPE.comes_after("ACTIVITY", "USER"), "what came from elsewhere may depend on anything"
    assert not SCOPE.comes_after("USER", "CIRCLE")


def test_members_and_comments_change_counts() -> None:
    assert list(SCOPE.touched_by(MEMBER)) == [("CIRCLE", "c1"), ("USER", "u1")]
    assert list(SCOPE.touched_by(COMMENT)) == [("STORY", "s1")]
    assert list(SCOPE.counted_itself(CIRCLE)) == [("CIRCLE", "c1")]
    assert list(SCOPE.counted_itself(MEMBER)) == []


def test_what_a_touch_names_nobody_with_is_no_touch() -> None:
    scope = madmall_rollback([Mapping(Story, "stories", (), touches=(Touch("circle_id", Circle),))])
    story = Story(story_id="s1", title="My first year", content="It was long.", author={"id": "u1"})

    assert list(scope.touched_by(story)) == []


def test_the_paths_that_are_counted_are_those_that_the_models_maintain() -> None:
    for completion in madmall_completions():
        entity = completion.entity
        for path in completion.counted:
            attribute = entity._attributes[entity._dynamo_to_python_attrs.get(path[0], path[0])]
            for name in path[1:]:
                attribute = attribute._attributes[attribute._dynamo_to_python_attrs.get(name, name)]
            assert attribute.maintained, path


@pytest.mark.parametrize(
    ("entity", "partitions"), [(CIRCLE, {"CIRCLE#c1"}), (USER, {"USER#u1"}), (MEMBER, set()), (COMMENT, set())]
)
def test_parents_have_dependants_beside_them_and_children_have_none(entity: object, partitions: set[str]) -> None:
    assert set(SCOPE.partitions_of_dependants(entity)) == partitions


@pytest.mark.parametrize(("policy", "more"), [(Policy.REJECT, {"FEEDBACK#IMAGE#i1"}), (Policy.KEEP, set())])
def test_feedback_that_cannot_be_without_its_image_is_looked_for_where_it_stands(
    policy: Policy, more: set[str]
) -> None:
    mappings = (
        Mapping(Image, "images", ()),
        Mapping(Feedback, "feedback", (), references=(Reference("image_id", Image, policy),), after=("images",)),
    )
    image = Image(image_id="i1", url="https://example.com/1.png", alt_text="A quiet garden", category="joy")

    assert set(madmall_rollback(mappings).partitions_of_dependants(image)) == {"IMAGE#i1"} | more


def test_a_removal_demands_every_attribute_but_no_more_than_an_expression_holds() -> None:
    many = {f"more{number:03}": {"S": "x"} for number in range(200)}
    prepared = prepare_creation(USER)
    USER._remember({**prepared.item, **many, "migratedBy": {"S": "r1 0"}}, {}, None)

    request = Removal.of(USER).actions[0].request

    names = set(request["ExpressionAttributeNames"].values())
    assert {"migratedBy", "version", "stats", "profile", "createdAt"} <= names
    assert request["ConditionExpression"].count("=") == 140


def test_marked_items_are_given_in_pages_and_once_each() -> None:
    with RollbackMemory() as memory:
        for number in [*range(7), *range(7)]:
            memory.mark("USER", (f"USER#{number}", "PROFILE"))
        memory.mark("CIRCLE", ("CIRCLE#1", "METADATA"))

        pages = list(memory.marked("USER", 3))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [place[0] for page in pages for place in page] == [f"USER#{number}" for number in range(7)]


def test_the_memory_tells_what_is_new_what_leaves_and_what_waits() -> None:
    with RollbackMemory() as memory:
        assert [memory.touch("CIRCLE", "c1"), memory.touch("CIRCLE", "c1"), memory.touch("USER", "c1")] == [
            True, False, True,
        ]  # fmt: skip
        memory.leave([("A", "B")])
        memory.set_aside(("C", "D"))

        assert (memory.is_leaving(("A", "B")), memory.is_leaving(("C", "D"))) == (True, False)
        assert (memory.is_aside(("C", "D")), memory.is_aside(("A", "B"))) == (True, False)
        assert list(memory.touched("CIRCLE", 1)) == [["c1"]]
