"""Write a run as an import writes it: every item with its mark, then the counts, then the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from madmall_models import Business, Circle, CircleMember, Comment, Database, Resource, Story, User
from madmall_models.codec import decode
from madmall_models.footprint import Action, creation
from madmall_models.migration.item_digest import Checksum, item_digest
from madmall_models.migration.ledger import Ledger, RunRecord, Status
from madmall_models.migration.legacy_completions import (
    complete_story,
    complete_user,
    madmall_completions,
    recount_circle,
)
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.legacy_rollback import madmall_rollback
from madmall_models.migration.replaced_item import keeping_replaced
from madmall_models.migration.rollback_scope import RollbackScope
from madmall_models.migration.run_mark import mark
from madmall_models.pack_writer import PackWriter
from madmall_models.sending import send
from madmall_models.writer import prepare_creation
from tests.integration.samples import LONG_TEXT, NOON
from tests.integration.table_content import everything, raw

COUNTED = {completion.entity_type: completion.counted for completion in madmall_completions()}

RUN = "01RUN"
SHOP = {"name": "Rest", "contact": {"email": "rest@example.com"}}


@dataclass(frozen=True, eq=False)
class Made:
    """One entity ready to be written."""

    entity: Any
    actions: Sequence[Action]

    @property
    def byte_count(self) -> int:
        return sum(action.byte_count for action in self.actions)


def scope() -> RollbackScope:
    return madmall_rollback(madmall_mappings())


def content(db: Database) -> Checksum:
    """Return the checksum of everything in the table but the engine's records."""
    checksum = Checksum()
    for item in everything(db):
        if not item["PK"]["S"].startswith("MIGRATION#"):
            checksum.add(item_digest(item))
    return checksum


def marked(entity: Any, run: str = RUN) -> Made:
    actions = creation(prepare_creation(entity))
    mark(actions, run, COUNTED.get(entity.discriminator, ()))
    return Made(entity, actions)


def write_run(db: Database, entities: Iterable[Any], run: str = RUN, status: Status = Status.APPLIED) -> None:
    """Write entities as a run would, and its record; the counts follow."""
    entities = list(entities)
    Ledger(db).write_run(RunRecord(run, "plan", "legacy.db", "f", "m", NOON, NOON, status=status))
    for entity in entities:
        [verdict] = PackWriter[Made](db.connection).write([marked(entity, run)])
        assert verdict.is_written, (type(entity).__name__, verdict)
    count(db)


def count(db: Database) -> None:
    """Bring every count up to date, as the end of an import does."""
    for circle in db.scan(Circle):
        recount_circle(db, circle.circle_id)
    for story in db.scan(Story):
        complete_story(db, story.story_id)
    for user in db.scan(User):
        complete_user(db, user.user_id)


def replace_item(db: Database, entity: Any, run: str = RUN) -> None:
    """Replace what stands under the key of an entity, as a run does that is told to."""
    made = marked(entity, run)
    old = raw(db, entity.item_key())
    was = {(action.key.partition, action.key.sort) for action in creation(prepare_creation(entity))}
    leaving = [
        Action("Delete", action.part, {"Key": action.key.wire}, action.key)
        for action in creation(prepare_creation(decode(type(entity), old)))
        if (action.key.partition, action.key.sort) not in was
    ]
    puts = [replace(action, request={"Item": action.request["Item"]}) for action in made.actions]
    send(db.connection, [*puts, *leaving, keeping_replaced(run, old)])


def user(name: str, **fields: Any) -> User:
    profile = {"first_name": "Ada", "last_name": "M.", "join_date": NOON, "last_active": NOON}
    return User(**{"user_id": name, "email": f"{name}@example.com", "profile": profile, "created_at": NOON, **fields})


def circle(name: str, owner: str, **fields: Any) -> Circle:
    given = {"name": "Newly diagnosed", "type": "support_group", "created_at": NOON}
    return Circle(**{"circle_id": name, "created_by": owner, **given, **fields})


def member(circle_id: str, user_id: str, role: str = "member", **fields: Any) -> CircleMember:
    times = {"joined_at": NOON, "last_active": NOON, "created_at": NOON}
    return CircleMember(circle_id=circle_id, user_id=user_id, role=role, **times, **fields)


def story(name: str, author: str, **fields: Any) -> Story:
    return Story(
        story_id=name, title="My first year", content=LONG_TEXT, author={"id": author}, created_at=NOON, **fields
    )


def comment(name: str, story_id: str, author: str) -> Comment:
    return Comment(comment_id=name, story_id=story_id, author={"id": author}, content="Thank you.", created_at=NOON)


def whole_import() -> list[Any]:
    """Return an entity of each legacy table, and more where there are relations."""
    return [
        user("u1"),
        user("u2"),
        circle("c1", "u1"),
        member("c1", "u1", "admin"),
        member("c1", "u2", "moderator"),
        story("s1", "u1", circle_id="c1", featured_at=NOON),
        comment("k1", "s1", "u2"),
        Business(business_id="b1", owner_id="u1", profile=SHOP, created_at=NOON),
        Resource(
            resource_id="r1", title="Eating well", description="What.", category="nutrition", author={"id": "u2"},
            created_at=NOON,
        ),
    ]  # fmt: skip
