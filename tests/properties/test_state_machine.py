"""Any sequence of operations leaves the table as a plain model of the community says, every derived item in step.

After each sequence every stored index key is the key rebuilt from the attributes, every mirror and pointer is in step
with its item, every claim is right, and the counts are those of the model.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from madmall_models import Database, MadMallError
from madmall_models.integrity import check
from tests.integration.samples import LONG_TEXT, make_circle, make_story, make_user
from tests.integration.table_content import places
from tests.properties.community import CircleState, Community, StoryState, UserState

# The sequences that --sequences asks for are shared out among workers.
PARTS = 5
STEPS = 30

users = st.sampled_from(["u1", "u2", "u3", "u4"])
circles = st.sampled_from(["c1", "c2"])
stories = st.sampled_from(["s1", "s2"])
comments = st.sampled_from(["m1", "m2"])
emails = st.sampled_from(
    ["ana@example.org", "Ana@Example.org", "bea@example.org", "BEA@example.org", "cleo@example.org"]
)
roles = st.sampled_from(["member", "moderator", "admin"])


class CommunityMachine(RuleBasedStateMachine):
    """Do what people do, to the table and to the model; both must agree on what is possible."""

    open_database: ClassVar[Callable[[], Database]]

    def __init__(self) -> None:
        super().__init__()
        self.db = self.open_database()
        self.model = Community()
        self.steps = 0

    def do(self, operation: Callable[[], Any], *, possible: bool) -> bool:
        """Do something, and demand that it succeeds where the model says that it is possible, and only there."""
        self.steps += 1
        refusal: MadMallError | None = None
        try:
            operation()
        except MadMallError as error:
            refusal = error
        assert (refusal is None) == possible, f"the model says {'yes' if possible else 'no'}, the table {refusal!r}"
        return possible

    @initialize(asks_first=st.booleans())
    def begin(self, asks_first: bool) -> None:
        self.register("u1", "dora@example.org")
        self.register("u2", "ella@example.org")
        self.found("c1", "u1", None, asks_first)

    # -- users -----------------------------------------------------------------------------------------------------

    @rule(user_id=users, email=emails)
    def register(self, user_id: str, email: str) -> None:
        free = user_id not in self.model.users and email.casefold() not in self.model.emails()
        if self.do(lambda: make_user(self.db, user_id, email=email), possible=free):
            self.model.users[user_id] = UserState(email)

    @rule(user_id=users, email=emails)
    def change_email(self, user_id: str, email: str) -> None:
        user = self.model.users.get(user_id)
        others = self.model.emails() - ({user.email.casefold()} if user else set())
        possible = user is not None and email.casefold() not in others
        if self.do(lambda: self.db.users.update(user_id, email=email), possible=possible):
            self.model.users[user_id].email = email

    @rule(user_id=users)
    def leave_for_good(self, user_id: str) -> None:
        possible = user_id in self.model.users and not self.model.owned_by(user_id)
        if self.do(lambda: self.db.users.delete(user_id), possible=possible):
            self.model.forget_user(user_id)

    @rule(user_id=users)
    def count_something(self, user_id: str) -> None:
        possible = user_id in self.model.users
        self.do(lambda: self.db.users.increment_stats(user_id, helpful_votes=1), possible=possible)

    # -- circles ---------------------------------------------------------------------------------------------------

    @rule(circle_id=circles, owner=users, capacity=st.sampled_from([None, 2, 3]), asks_first=st.booleans())
    def found(self, circle_id: str, owner: str, capacity: int | None, asks_first: bool) -> None:
        possible = circle_id not in self.model.circles and owner in self.model.users
        wishes = {"require_approval": asks_first, **({"max_members": capacity} if capacity else {})}
        if self.do(lambda: make_circle(self.db, circle_id, owner=owner, settings=wishes), possible=possible):
            self.model.circles[circle_id] = CircleState(owner, capacity, asks_first, {owner: ("admin", "active")})

    @rule(circle_id=circles, kind=st.sampled_from(["support_group", "wellness_focus"]), active=st.booleans())
    def change_circle(self, circle_id: str, kind: str, active: bool) -> None:
        possible = circle_id in self.model.circles
        self.do(lambda: self.db.circles.update(circle_id, type=kind, is_active=active), possible=possible)

    @rule(circle_id=circles)
    def dissolve(self, circle_id: str) -> None:
        if self.do(lambda: self.db.circles.delete(circle_id), possible=circle_id in self.model.circles):
            self.model.forget_circle(circle_id)

    @rule(circle_id=circles, user_id=users, role=roles)
    def add(self, circle_id: str, user_id: str, role: str) -> None:
        circle = self.model.circles.get(circle_id)
        possible = bool(circle and user_id in self.model.users and user_id not in circle.members and circle.has_room())
        if self.do(lambda: self.db.circles.add_member(circle_id, user_id, role), possible=possible) and circle:
            circle.members[user_id] = (role, "active")

    @rule(circle_id=circles, user_id=users)
    def ask(self, circle_id: str, user_id: str) -> None:
        circle = self.model.circles.get(circle_id)
        known = bool(circle and user_id in self.model.users and user_id not in circle.members)
        possible = bool(known and circle and (circle.asks_first or circle.has_room()))
        if self.do(lambda: self.db.circles.request_to_join(circle_id, user_id), possible=possible) and circle:
            circle.members[user_id] = ("member", "pending" if circle.asks_first else "active")

    @rule(circle_id=circles, user_id=users)
    def approve(self, circle_id: str, user_id: str) -> None:
        circle = self.model.circles.get(circle_id)
        role, status = circle.members.get(user_id, ("", "")) if circle else ("", "")
        possible = bool(circle and status in ("pending", "inactive") and circle.has_room())
        if self.do(lambda: self.db.circles.approve_member(circle_id, user_id), possible=possible) and circle:
            circle.members[user_id] = (role, "active")

    @rule(circle_id=circles, user_id=users)
    def ban(self, circle_id: str, user_id: str) -> None:
        circle = self.model.circles.get(circle_id)
        possible = bool(circle and user_id in circle.members and user_id != circle.owner)
        if self.do(lambda: self.db.circles.ban_member(circle_id, user_id), possible=possible) and circle:
            circle.members[user_id] = ("member", "banned")

    @rule(circle_id=circles, user_id=users)
    def lift_ban(self, circle_id: str, user_id: str) -> None:
        circle = self.model.circles.get(circle_id)
        possible = bool(circle and user_id in circle.members)
        done = self.do(lambda: self.db.circles.unban_member(circle_id, user_id), possible=possible)
        if done and circle and circle.members[user_id][1] == "banned":
            circle.members[user_id] = ("member", "inactive")

    @rule(circle_id=circles, user_id=users)
    def remove(self, circle_id: str, user_id: str) -> None:
        circle = self.model.circles.get(circle_id)
        banned = bool(circle and circle.members.get(user_id, ("", ""))[1] == "banned")
        possible = bool(circle and user_id in circle.members and user_id != circle.owner and not banned)
        if self.do(lambda: self.db.circles.remove_member(circle_id, user_id), possible=possible) and circle:
            del circle.members[user_id]

    @rule(circle_id=circles, user_id=users, role=roles)
    def change_role(self, circle_id: str, user_id: str, role: str) -> None:
        circle = self.model.circles.get(circle_id)
        if circle and user_id == circle.owner and role == "admin":
            return
        possible = bool(circle and user_id in circle.active() and user_id != circle.owner)
        if self.do(lambda: self.db.circles.update_member_role(circle_id, user_id, role), possible=possible) and circle:
            circle.members[user_id] = (role, "active")

    @rule(circle_id=circles, to=users)
    def hand_over(self, circle_id: str, to: str) -> None:
        circle = self.model.circles.get(circle_id)
        possible = bool(circle and to in circle.active())
        if self.do(lambda: self.db.circles.transfer_ownership(circle_id, to), possible=possible):
            assert circle is not None
            if to != circle.owner:
                circle.members[circle.owner] = ("member", "active")
                circle.members[to], circle.owner = ("admin", "active"), to

    # -- stories ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.users)
    @rule(story_id=stories, circle_id=st.none() | circles, moderation=st.sampled_from(["approved", "pending"]))
    def tell(self, story_id: str, circle_id: str | None, moderation: str) -> None:
        author = min(self.model.users)
        new = {"circle_id": circle_id, "moderation_status": moderation}
        possible = story_id not in self.model.stories and circle_id in (None, *self.model.circles)
        if self.do(lambda: make_story(self.db, story_id, author=author, **new), possible=possible):
            self.model.stories[story_id] = StoryState(author, circle_id, moderation=moderation)

    @rule(story_id=stories, change=st.sampled_from(["publish", "archive", "feature", "unfeature"]))
    def show(self, story_id: str, change: str) -> None:
        possible = story_id in self.model.stories
        if self.do(lambda: getattr(self.db.stories, change)(story_id), possible=possible):
            story = self.model.stories[story_id]
            if change in ("feature", "unfeature"):
                story.featured = change == "feature"
            else:
                story.status = {"publish": "published", "archive": "archived"}[change]

    @rule(story_id=stories, moderation=st.sampled_from(["approved", "pending", "needs_review", "rejected"]))
    def judge(self, story_id: str, moderation: str) -> None:
        possible = story_id in self.model.stories
        if self.do(lambda: self.db.stories.moderate(story_id, moderation), possible=possible):
            self.model.stories[story_id].moderation = moderation

    @rule(story_id=stories, circle_id=st.none() | circles)
    def move(self, story_id: str, circle_id: str | None) -> None:
        story = self.model.stories.get(story_id)
        possible = bool(story and (circle_id == story.circle or circle_id in (None, *self.model.circles)))
        if self.do(lambda: self.db.stories.update(story_id, circle_id=circle_id), possible=possible) and story:
            story.circle = circle_id

    @rule(story_id=stories)
    def take_back(self, story_id: str) -> None:
        if self.do(lambda: self.db.stories.delete(story_id), possible=story_id in self.model.stories):
            del self.model.stories[story_id]

    @rule(story_id=stories, comment_id=comments, author=users, answers=st.none() | comments)
    def comment(self, story_id: str, comment_id: str, author: str, answers: str | None) -> None:
        story = self.model.stories.get(story_id)
        possible = bool(
            story
            and author in self.model.users
            and comment_id not in story.comments
            and answers in (None, *story.comments)
        )
        new = {"content": LONG_TEXT, "comment_id": comment_id, "parent_comment_id": answers}
        say = partial(self.db.stories.add_comment, story_id, author_id=author, **new)
        if self.do(say, possible=possible) and story:
            story.comments[comment_id] = author

    @rule(story_id=stories, comment_id=comments, text=st.sampled_from(["Thank you.", "Yes."]))
    def edit_comment(self, story_id: str, comment_id: str, text: str) -> None:
        story = self.model.stories.get(story_id)
        possible = bool(story and comment_id in story.comments)
        self.do(lambda: self.db.stories.edit_comment(story_id, comment_id, content=text), possible=possible)

    @rule(story_id=stories, comment_id=comments)
    def take_comment_back(self, story_id: str, comment_id: str) -> None:
        story = self.model.stories.get(story_id)
        possible = bool(story and comment_id in story.comments)
        if self.do(lambda: self.db.stories.remove_comment(story_id, comment_id), possible=possible) and story:
            del story.comments[comment_id]

    # -- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def every_few_steps_all_is_well(self) -> None:
        if self.steps % 10 == 9:
            self.check()

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            self.db.delete_table()

    def check(self) -> None:
        stored = [re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "T", place) for place in places(self.db)]
        assert sorted(stored) == sorted(self.model.places())
        assert check(self.db) == ()
        for circle_id, circle in self.model.circles.items():
            found = self.db.circles.get(circle_id, consistent=True)
            assert (found.created_by, found.stats.member_count) == (circle.owner, len(circle.active()))
            full = self.db.circles.in_full(circle_id, consistent=True)
            assert {member.user_id: (member.role, member.status) for member in full.members} == circle.members
            stories = {story_id for story_id, story in self.model.stories.items() if story.circle == circle_id}
            assert {story.story_id for story in full.stories} == stories
        for user_id in self.model.users:
            assert self.db.users.get(user_id).stats.circles_joined == self.model.joined_by(user_id)
        for story_id, story in self.model.stories.items():
            full = self.db.stories.in_full(story_id, consistent=True)
            assert (full.story.status, full.story.moderation_status) == (story.status, story.moderation)
            assert full.story.engagement.comments == len(full.comments) == len(story.comments)


@pytest.fixture
def tables(engine: Any, client: Any) -> Iterator[Callable[[], Database]]:
    """Give a function that opens a database with an empty table."""
    opened = []

    def open_database() -> Database:
        database = Database(table=f"test-{uuid.uuid4().hex}", **engine.connection_settings())
        database.connection._client = client
        database.create_table()
        opened.append(database)
        return database

    yield open_database
    for database in opened:
        database.connection._client = None
        database.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_any_sequence_of_operations_keeps_the_table_right(
    part: int, tables: Callable[[], Database], pytestconfig: pytest.Config
) -> None:
    CommunityMachine.open_database = staticmethod(tables)

    run_state_machine_as_test(
        CommunityMachine,
        settings=settings(
            max_examples=pytestconfig.getoption("sequences") // PARTS,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
