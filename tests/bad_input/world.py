"""Make a table with an item for every call to find, and items of another type where none should be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from madmall_models import Database, Entity
from madmall_models.attributes import IdAttribute
from madmall_models.binding import collection_names
from madmall_models.declaration import attribute_at
from tests.bad_input.bad_values import OF_ANOTHER_TYPE
from tests.bad_input.calls import ACTIVITY, NOON
from tests.integration.image_samples import make_feedback, make_image, make_incident, make_source
from tests.integration.samples import make_business, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import everything

Item = Mapping[str, Any]


def make_world(db: Database) -> list[Item]:
    """Fill the table, and return its content."""
    for number in range(1, 5):
        make_user(db, f"u{number}")
    make_circle(db, settings={"require_approval": True})
    db.circles.add_member("c1", "u2")
    db.circles.request_to_join("c1", "u3")
    make_story(db, circle_id="c1")
    db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id="m1")
    make_business(db)
    make_resource(db)
    make_user(db, "u5")
    db.circles.add_member("c1", "u5")
    db.circles.ban_member("c1", "u5")
    make_image(db)
    make_feedback(db, user="u2", created_at=NOON, severity="low")
    make_incident(db)
    make_source(db)
    db.reviews.enqueue(review_id="v1", target_type="image", target_id="i1", submitted_by="u1")
    db.personalization.upsert_for_user("u1", cohorts=["k1"])
    db.activities.create(**{**ACTIVITY, "activity_id": "a1"})
    for key in _keys_of_another_type(db):
        put(db, {**key, "entityType": {"S": "ANOTHER"}})
    return everything(db)


def restore(db: Database, world: Sequence[Item]) -> bool:
    """Bring the table back to what it was, and tell whether it had changed."""
    found = everything(db)
    if found == world:
        return False
    wanted = {(item["PK"]["S"], item["SK"]["S"]): item for item in world}
    present = {(item["PK"]["S"], item["SK"]["S"]): item for item in found}
    for place in present.keys() - wanted.keys():
        key = {"PK": {"S": place[0]}, "SK": {"S": place[1]}}
        db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})
    for place, item in wanted.items():
        if present.get(place) != item:
            put(db, item)
    return True


def own_collections(db: Database) -> list[str]:
    """Return the names of the managers of this package; other tests of this worker may have declared their own."""
    names = collection_names()
    return [name for name in names if type(getattr(db, name)).__module__.startswith("madmall_models.")]


def put(db: Database, item: Item) -> None:
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})


def _keys_of_another_type(db: Database) -> list[Item]:
    """Return the key of each entity whose key is made of ids only."""
    keys = []
    for name in own_collections(db):
        model: type[Entity] = getattr(db, name).model
        fields = model.key.field_names
        if fields and all(isinstance(attribute_at(model, field), IdAttribute) for field in fields):
            keys.append(model.key.of(*[OF_ANOTHER_TYPE for _ in fields]).wire)
    return keys
