"""Deleting a user takes their name out of all that they wrote, and nobody else's, whatever is stored beside it."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Database, Resource, Story, VersionConflict
from madmall_models.integrity import check
from madmall_models.managers.former_member import Forgetting
from tests.integration.samples import make_resource, make_story, make_user
from tests.integration.table_content import edit, mentions, raw

S1, R1 = Story.key.of("s1"), Resource.key.of("r1")
Wire = dict[str, Any]


def named(text: str) -> Wire:
    return {"id": {"S": text}, "displayName": {"S": text.title()}}


@pytest.fixture
def leaver(db: Database) -> Database:
    """Give a table with a user who wrote a story, a comment and a resource, and somebody who stays."""
    make_user(db, "leaver")
    make_user(db, "stayer")
    make_story(db, "s1", author="leaver")
    make_story(db, "s2", author="stayer")
    db.stories.add_comment("s2", author_id="leaver", display_name="Canary", content="Thank you.", comment_id="k1")
    make_resource(db, "r1", author="leaver")
    return db


@pytest.mark.parametrize(
    "author",
    [
        {"NULL": True},
        {"S": "Canary"},
        {"M": {"displayName": {"S": "Canary"}}},
        {"M": {"id": {"N": "5"}, "displayName": {"S": "Canary"}}},
        {"M": {"id": {"S": "leaver"}, "displayName": {"L": [{"S": "Canary"}]}, "nickname": {"S": "Canary"}}},
    ],
)
@pytest.mark.parametrize("key", [S1, R1])
def test_an_author_of_another_form_does_not_hold_the_deletion_up(key: Any, author: Wire, leaver: Database) -> None:
    edit(leaver, key, "SET author = :odd", odd=author)
    leaver.users.delete("leaver")
    assert mentions(leaver, "canary") == []
    assert mentions(leaver, "USER#leaver") == []
    assert raw(leaver, key)["version"] == {"N": "2"}


@pytest.mark.parametrize("key", [S1, R1])
def test_what_has_no_author_any_more_does_not_hold_the_deletion_up(key: Any, leaver: Database) -> None:
    edit(leaver, key, "REMOVE author")
    leaver.users.delete("leaver")
    assert mentions(leaver, "USER#leaver") == []
    assert "author" not in raw(leaver, key)


def test_the_name_of_another_author_stays_although_the_list_is_still_the_leavers(leaver: Database) -> None:
    edit(leaver, S1, "SET author = :other", other={"M": named("stayer")})
    edit(leaver, R1, "SET author = :other", other={"M": {"id": {"S": "stayer"}, "name": {"S": "Stayer"}}})
    leaver.users.delete("leaver")
    assert leaver.stories.get("s1").author.display_name == "Stayer"
    assert leaver.resources.get("r1").author.name == "Stayer"
    assert mentions(leaver, "USER#leaver") == []


def test_a_resource_that_names_a_former_member_can_be_changed_and_stays_out_of_lists(leaver: Database) -> None:
    leaver.users.delete("leaver")
    assert leaver.resources.update("r1", title="Eating very well").author.name == "former member"
    assert check(leaver) == ()
    leaver.resources.delete("r1")
    assert mentions(leaver, "r1") == []


def test_a_living_author_who_says_something_is_listed_whatever_the_name(leaver: Database) -> None:
    leaver.resources.update("r1", author={"name": "former member", "bio": "A gardener."})
    assert [resource.resource_id for resource in leaver.resources.get_by_author("leaver")] == ["r1"]
    leaver.users.delete("leaver")
    assert mentions(leaver, "gardener") == []


# -- indexes that lag ----------------------------------------------------------------------------------------------


class LaggingIndexes:
    """Hide what an index shows until so many pauses were made."""

    def __init__(self, db: Database, monkeypatch: pytest.MonkeyPatch, *, pauses: int) -> None:
        self.left, self.paused = pauses, 0
        call = db.connection.call

        def lagging(operation: str, request: Any, *args: Any, **options: Any) -> Any:
            answer = call(operation, request, *args, **options)
            hidden = operation == "Query" and "IndexName" in request and self.left > 0
            return {**answer, "Items": [], "Count": 0} if hidden else answer

        monkeypatch.setattr(db.connection, "call", lagging)

    def pause(self, seconds: float) -> None:
        self.left, self.paused = self.left - 1, self.paused + 1


def test_a_name_that_the_index_shows_late_is_forgotten(leaver: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = LaggingIndexes(leaver, monkeypatch, pauses=1)
    Forgetting(leaver, "leaver", pause=indexes.pause).finish()
    assert leaver.stories.get("s1").author.display_name == "former member"
    assert leaver.stories.get_comments("s2").one().author.display_name == "former member"
    # One to see them, and one after which there was nothing more to see.
    assert indexes.paused == 3


def test_resources_are_found_although_every_index_lags(leaver: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = LaggingIndexes(leaver, monkeypatch, pauses=99)
    Forgetting(leaver, "leaver", pause=indexes.pause).finish()
    assert leaver.resources.get("r1").author.name == "former member"


def test_who_wrote_nothing_is_looked_for_twice(db: Database) -> None:
    pauses: list[float] = []
    Forgetting(db, "nobody", pause=pauses.append).finish()
    assert len(pauses) == 1


def test_somebody_who_keeps_writing_in_the_name_of_the_deleted_is_reported(leaver: Database) -> None:
    def write_again(seconds: float) -> None:
        edit(leaver, S1, "SET author = :again", again={"M": named("leaver")})

    with pytest.raises(VersionConflict, match="delete the user again"):
        Forgetting(leaver, "leaver", pause=write_again).finish()
