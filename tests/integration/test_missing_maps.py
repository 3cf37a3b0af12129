"""Figures are written where their map is absent, on an engine that refuses such a path, as DynamoDB does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from madmall_models import Circle, Database, Story, User
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import edit, raw

REFUSAL = "The document path provided in the update expression is invalid for update"
# A nested path that an update changes: followed by the value of an ADD, or by the sign of a SET.
CHANGED = re.compile(r"((?:#\w+\.)+#\w+)(?= :| =)")


class StrictClient:
    """Refuse to change a path whose map is absent; some engines accept what DynamoDB does not."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **request: Any) -> Any:
        if self._lacks_a_map(request):
            raise ClientError({"Error": {"Code": "ValidationException", "Message": REFUSAL}}, "UpdateItem")
        return self._client.update_item(**request)

    def transact_write_items(self, **request: Any) -> Any:
        lacking = [self._lacks_a_map(step.get("Update", {})) for step in request["TransactItems"]]
        if any(lacking):
            reasons = [
                {"Code": "ValidationError", "Message": REFUSAL} if lacks else {"Code": "None"} for lacks in lacking
            ]
            answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
            raise ClientError({**answer, "CancellationReasons": reasons}, "TransactWriteItems")
        return self._client.transact_write_items(**request)

    def _lacks_a_map(self, update: dict[str, Any]) -> bool:
        paths = CHANGED.findall(update.get("UpdateExpression", ""))
        if not paths:
            return False
        asked = {"TableName": update["TableName"], "Key": update["Key"], "ConsistentRead": True}
        item = self._client.get_item(**asked).get("Item", {})
        lacks = not all(self._is_map(item, path, update["ExpressionAttributeNames"]) for path in paths)
        self.refused += lacks
        return lacks

    def _is_map(self, item: dict[str, Any], path: str, names: dict[str, str]) -> bool:
        inside: Any = item
        for step in path.split(".")[:-1]:
            inside = inside.get(names[step], {}).get("M")
            if inside is None:
                return False
        return True


@pytest.fixture
def strict(db: Database) -> StrictClient:
    client = StrictClient(db.connection.client)
    db.connection._client = client
    return client


@pytest.fixture(autouse=True)
def content(db: Database) -> None:
    make_user(db)
    make_circle(db)
    make_story(db)


@pytest.mark.defect(25)
def test_counters_of_a_user_without_any_start_from_zero(db: Database, strict: StrictClient) -> None:
    edit(db, User.key.of("u1"), "REMOVE stats")
    db.users.increment_stats("u1", stories_shared=3, helpful_votes=-1)
    assert strict.refused
    stats = db.users.get("u1").stats
    assert (stats.stories_shared, stats.helpful_votes, stats.days_active) == (3, -1, 0)


@pytest.mark.defect(25)
def test_figures_of_a_circle_without_any_are_added_and_set(db: Database, strict: StrictClient) -> None:
    edit(db, Circle.key.of("c1"), "REMOVE stats")
    db.circles.update_stats("c1", posts_this_week=5, active_members=2)
    assert strict.refused
    stats = db.circles.get("c1").stats
    assert (stats.posts_this_week, stats.active_members, stats.member_count) == (5, 2, 1)


@pytest.mark.defect(25)
def test_somebody_joins_a_circle_without_figures(db: Database, strict: StrictClient) -> None:
    make_user(db, "u2")
    edit(db, Circle.key.of("c1"), "REMOVE stats")
    edit(db, User.key.of("u2"), "REMOVE stats")
    db.circles.add_member("c1", "u2")
    assert strict.refused
    assert db.circles.get("c1").stats.member_count == 2
    assert db.users.get("u2").stats.circles_joined == 1


@pytest.mark.defect(25)
def test_a_story_without_figures_is_commented_on(db: Database, strict: StrictClient) -> None:
    edit(db, Story.key.of("s1"), "REMOVE engagement")
    db.stories.add_comment("s1", author_id="u1", content="Thank you.")
    db.stories.update_engagement("s1", likes=2)
    engagement = db.stories.get("s1").engagement
    assert strict.refused
    assert (engagement.comments, engagement.likes) == (1, 2)


@pytest.mark.defect(25)
def test_a_document_is_changed_where_there_was_none(db: Database, strict: StrictClient) -> None:
    edit(db, User.key.of("u1"), "REMOVE preferences")
    db.users.update_preferences("u1", weekly_digest=False)
    assert raw(db, User.key.of("u1"))["preferences"]["M"]["weeklyDigest"] == {"BOOL": False}
