"""A tour asks what is declared, with values that are there; what it prints is what it called."""

from __future__ import annotations

from typing import Any

import pytest

import madmall_models
from madmall_models import Circle, CircleMember, Database, Resource, Story, User
from madmall_models.cli.call import Call
from madmall_models.cli.demo_text import Pen
from madmall_models.cli.measured import measured
from madmall_models.cli.tour import Answer, take_tour
from madmall_models.integrity.snapshot import Snapshot


@pytest.fixture
def people(db: Database) -> Database:
    """Give two users who are in circles: one in two of them, one in one."""
    for name in ("ann", "bea"):
        profile = {"first_name": name.title(), "last_name": "O'Neill"}
        db.users.create(user_id=name, email=f"{name}.o'neill@example.org", profile=profile)
    for number in (1, 2):
        db.circles.create(circle_id=f"circle-{number}", name="Reading", type="interest_based", created_by="ann")
    db.circles.add_member("circle-2", "bea")
    return db


def answers(database: Database, *entities: type[Any]) -> dict[str, Answer]:
    found = take_tour(database, Snapshot.of(database), entities)
    return {f"{answer.pattern.entity}.{answer.pattern.name}": answer for answer in found}


def test_each_key_and_claim_is_asked_once_in_the_order_of_the_declarations(people: Database) -> None:
    assert list(answers(people, User, CircleMember)) == [
        "User.key", "User.by_email", "User.by_tenant", "User.unique_email",
        "CircleMember.key", "CircleMember.of_user", "CircleMember.by_status",
    ]  # fmt: skip


def test_the_question_is_asked_where_most_items_stand(people: Database) -> None:
    asked = answers(people, CircleMember)

    assert str(asked["CircleMember.of_user"].call) == 'CircleMember.of_user.query(user_id="ann").limit(10)'
    assert asked["CircleMember.of_user"].items == 2
    assert str(asked["CircleMember.key"].call) == 'CircleMember.key.query(circle_id="circle-2").limit(10)'
    assert asked["CircleMember.key"].items == 2


def test_what_is_printed_can_be_typed_and_gives_the_same(people: Database) -> None:
    names = {**vars(madmall_models), "db": people}
    for answer in answers(people, User, Circle, CircleMember).values():
        with people.bound():
            result = eval(str(answer.call), names)  # noqa: S307  (this is the very claim of the text)
        assert (1 if isinstance(result, User | Circle) else len(list(result))) == answer.items > 0, str(answer.call)


def test_places_are_named_by_their_kind(people: Database) -> None:
    asked = answers(people, User, CircleMember, Story)

    assert {name: answer.through for name, answer in asked.items()} == {
        "User.key": "table", "User.by_email": "GSI1", "User.by_tenant": "GSI4", "User.unique_email": "claim",
        "CircleMember.key": "table", "CircleMember.of_user": "mirror", "CircleMember.by_status": "GSI3",
        "Story.key": "table", "Story.by_author": "GSI1", "Story.feed": "GSI2", "Story.by_status": "GSI3",
        "Story.by_tenant": "GSI4", "Story.in_circle": "pointer", "Story.featured": "pointer",
        "Story.awaiting_moderation": "pointer",
    }  # fmt: skip


def test_where_nothing_stands_only_what_needs_no_value_is_asked(people: Database) -> None:
    asked = answers(people, Resource)

    assert asked["Resource.by_type"].call is None
    assert asked["Resource.by_type"].cost.requests == 0
    assert str(asked["Resource.featured"].call) == "Resource.featured.query().limit(10)"
    assert (asked["Resource.featured"].items, asked["Resource.featured"].cost.requests) == (0, 1)


def test_an_index_that_holds_keys_only_takes_a_second_request(people: Database) -> None:
    asked = answers(people, Circle)

    assert asked["Circle.by_type"].cost.requests == 1
    assert asked["Circle.by_status"].cost.requests == 2


def test_a_cost_is_that_of_the_work_alone(people: Database) -> None:
    found, cost = measured(people, lambda: people.users.get("ann", consistent=True))

    assert found.user_id == "ann"
    assert cost.requests == 1
    assert cost.read_units > 0
    assert cost.write_units == 0


@pytest.mark.difference("capacity-of-the-demo")
def test_ministack_counts_as_the_demo_says(people: Database) -> None:
    one = measured(people, lambda: people.circles.get_by_type("interest_based").first())[1]
    several = measured(people, lambda: list(people.circles.get_active_circles()))[1]

    assert (one.requests, one.read_units) == (1, 0.5)
    assert (several.requests, several.read_units) == (2, 0.5)


@pytest.mark.difference("capacity")
def test_dynamodb_local_counts_each_item_that_is_fetched(people: Database) -> None:
    several = measured(people, lambda: list(people.circles.get_active_circles()))[1]

    assert (several.requests, several.read_units) == (2, 2.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ("O'Neill", '"O\'Neill"'),
        ('say "so"', "'say \"so\"'"),
        ({"max_members": 2, "name": "A"}, '{"max_members": 2, "name": "A"}'),
        (True, "True"),
    ],
)
def test_a_value_is_written_as_a_program_would_write_it(value: Any, text: str) -> None:
    assert str(Call("db.users", None, "get", (value,))) == f"db.users.get({text})"


def test_long_questions_go_on_below_and_figures_stay_in_their_columns(
    people: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Pen(width=80).tour(list(answers(people, Circle).values()))
    lines = capsys.readouterr().out.splitlines()

    assert max(map(len, lines)) <= 80
    rows = [line for line in lines if line.startswith("Which ")]
    assert len(rows) == 4
    assert len({len(row) for row in rows}) == 1


def test_a_pen_colours_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    Pen(coloured=True).heading("A heading")
    assert "\x1b[1mA heading\x1b[0m" in capsys.readouterr().out
    Pen(coloured=False).heading("A heading")
    assert capsys.readouterr().out == "\nA heading\n"


def test_a_silent_pen_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Pen(silent=True).paragraph("words")

    assert capsys.readouterr().out == ""
