"""Transactions: all steps or none, refused with a reason for each, and announced only when they happened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    Comment,
    Database,
    LimitExceeded,
    QueryError,
    Story,
    TransactionCancelled,
    User,
    ValidationError,
    item_created,
    item_deleted,
    item_updated,
    new_id,
)
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import edit, everything, nothing_sent, nothing_written, places, raw

C1 = Circle.key.of("c1")
U1 = User.key.of("u1")


@pytest.fixture(autouse=True)
def content(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    make_circle(db)
    make_story(db)


def comment(comment_id: str = "k1", **fields: Any) -> Comment:
    given: dict[str, Any] = {"story_id": "s1", "author": {"id": "u1", "display_name": "Jane"}, "content": "Thank you."}
    return Comment(comment_id=comment_id, **{**given, **fields})


# -- all or none ---------------------------------------------------------------------------------------------------


def test_all_steps_are_written_together(db: Database) -> None:
    user, circle = db.users.get("u1"), db.circles.get("c1")
    user.profile.bio = "Hello"
    with db.transaction() as tx:
        tx.create(comment())
        tx.save(user)
        tx.delete(db.users.get("u2"))
        tx.update(Circle.key.of("c1"), Circle.stats.posts_this_week.add(2), Circle.stats.active_members.set(1))
        tx.check(Story.key.of("s1"), Story.status == "published")
    assert db.stories.get_comments("s1").one().comment_id == "k1"
    assert (user.version, db.users.get("u1").profile.bio) == (2, "Hello")
    assert db.users.get_or_none("u2") is None
    stats = db.circles.get("c1").stats
    assert (stats.posts_this_week, stats.active_members) == (2, 1)
    assert db.circles.get("c1").version == circle.version
    assert "UNIQUE#USER#EMAIL#u2@example.org / CLAIM" not in places(db)


def test_nothing_is_sent_when_the_block_raises(db: Database) -> None:
    user = db.users.get("u1")
    before = user.updated_at
    user.profile.bio = "Hello"

    def broken() -> None:
        with db.transaction() as tx:
            tx.create(comment())
            tx.save(user)
            raise ZeroDivisionError

    with nothing_sent(db), pytest.raises(ZeroDivisionError):
        broken()
    assert (user.version, user.updated_at) == (1, before)
    assert user.save().version == 2


@pytest.mark.defect(3)
def test_nothing_is_written_when_one_condition_does_not_hold(db: Database) -> None:
    user = db.users.get("u1")
    user.profile.bio = "Hello"
    new = comment()
    tx = db.transaction()
    created = tx.create(new)
    saved = tx.save(user)
    checked = tx.check(User.key.of("u2"), User.is_verified == True)
    absent = tx.check(User.key.of("nobody"))
    with nothing_written(db), pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    error = cancelled.value
    assert error.steps == (created, saved, checked, absent)
    assert [reason is None for reason in error.reasons] == [True, True, False, False]
    assert error.because_of(created) is error.because_of(user) is error.because_of(new) is None
    assert error.because_of(checked) is error.because_of(User.key.of("u2")) is error.reasons[2]
    assert error.because_of(checked).item["userId"] == {"S": "u2"}
    assert error.because_of(absent).item is None
    assert user.version == 1
    assert user.save().version == 2


@pytest.mark.defect(3)
def test_a_refusal_of_one_part_is_the_refusal_of_its_step(db: Database) -> None:
    taken = User(user_id="u3", email="U2@example.org", profile={"first_name": "Jane", "last_name": "Smith"})
    tx = db.transaction()
    tx.create(comment())
    step = tx.create(taken)
    with nothing_written(db), pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    assert step.action_count == 2
    reason = cancelled.value.because_of(taken)
    assert (reason.part, reason.code) == ("claim:email", "ConditionalCheckFailed")
    assert [entry is None for entry in cancelled.value.reasons] == [True, False]


def test_a_save_in_a_transaction_insists_on_the_version_it_read(db: Database) -> None:
    mine, theirs = db.users.get("u1"), db.users.get("u1")
    theirs.is_verified = True
    theirs.save()
    mine.profile.bio = "Mine"
    with nothing_written(db), pytest.raises(TransactionCancelled) as cancelled, db.transaction() as tx:
        tx.save(mine)
    assert cancelled.value.because_of(mine).item["version"] == {"N": "2"}
    assert mine.version == 1


def test_an_error_shows_steps_and_no_values(db: Database) -> None:
    canary = User(user_id="u3", email="u2@example.org", profile={"first_name": "Canary", "last_name": "Canary"})
    tx = db.transaction()
    tx.create(canary)
    tx.check(U1, User.email == "canary@example.org")
    with pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    for text in (str(cancelled.value), repr(tx), repr(cancelled.value.steps), repr(cancelled.value.reasons)):
        assert "canary" not in text.lower()
        assert "@" not in text
    assert "nothing was written" in str(cancelled.value)


# -- limits --------------------------------------------------------------------------------------------------------


@pytest.mark.defect(23)
def test_an_empty_transaction_sends_nothing(db: Database) -> None:
    with nothing_sent(db), db.transaction() as tx:
        tx.save(db.users.get("u1"))
    assert tx.action_count == 0


@pytest.mark.defect(23)
def test_a_hundred_actions_fit_and_one_more_does_not(db: Database) -> None:
    with db.transaction() as tx:
        for number in range(100):
            tx.create(comment(f"k{number}"))
        assert tx.action_count == 100
    assert db.stories.get_comments("s1").count() == 100
    tx = db.transaction()
    for number in range(101):
        tx.create(comment(f"n{number}"))
    with nothing_sent(db), pytest.raises(LimitExceeded, match="has 101 actions; the most is 100"):
        tx.commit()


def test_a_step_counts_once_for_each_item_that_it_occupies(db: Database) -> None:
    tx = db.transaction()
    assert tx.create(comment()).action_count == 1
    assert tx.create(CircleMember(circle_id="c1", user_id="u2")).action_count == 2
    story = Story(
        story_id="s2", title="Another", content="Text", author={"id": "u1"}, circle_id="c1", moderation_status="pending"
    )
    assert tx.create(story).action_count == 3
    assert tx.action_count == 6


def test_four_megabytes_fit_and_no_more(db: Database) -> None:
    tx = db.transaction()
    for number in range(12):
        tx.create(comment(f"k{number}", content="x" * 390_000))
    with nothing_sent(db), pytest.raises(LimitExceeded, match=r"has \d+ bytes; the most is 4194304"):
        tx.commit()


@pytest.mark.defect(23)
def test_an_item_is_touched_once(db: Database) -> None:
    tx = db.transaction()
    tx.update(C1, Circle.stats.posts_this_week.add(1))
    tx.check(C1)
    with nothing_sent(db), pytest.raises(LimitExceeded, match=r"<key of Circle .*> is touched twice"):
        tx.commit()


def test_a_transaction_is_committed_once(db: Database) -> None:
    tx = db.transaction()
    tx.create(comment())
    tx.commit()
    for attempt in (tx.commit, lambda: tx.create(comment("k2"))):
        with pytest.raises(QueryError, match="this transaction was committed; begin a new one"):
            attempt()
    assert db.stories.get_comments("s1").count() == 1


@pytest.mark.parametrize("token", ["", "x" * 37])
def test_a_token_has_1_to_36_characters(token: str, db: Database) -> None:
    with pytest.raises(LimitExceeded, match="a token has 1 to 36 characters"):
        db.transaction(token=token)


@pytest.mark.defect(23)
def test_the_callers_token_is_sent_and_else_one_of_its_own(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    call, tokens = db.connection.call, []

    def seen(operation: str, request: Any, **options: Any) -> Any:
        tokens.append(request["ClientRequestToken"])
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", seen)
    for token in ("one intention", None, None):
        with db.transaction(token=token) as tx:
            tx.update(C1, Circle.stats.posts_this_week.add(1))
    assert tokens[0] == "one intention"
    assert len(set(tokens)) == 3


@pytest.mark.difference("tokens")
def test_one_token_counts_once(db: Database) -> None:
    token = new_id()
    for _ in range(3):
        with db.transaction(token=token) as tx:
            tx.update(C1, Circle.stats.posts_this_week.add(1))
    assert db.circles.get("c1", consistent=True).stats.posts_this_week == 1


# -- updates by key ------------------------------------------------------------------------------------------------


@pytest.mark.defect(32, 34)
@pytest.mark.parametrize(
    ("actions", "fact"),
    [
        (lambda: [Circle.type.set("wellness_focus")], "type is a part of Circle.by_type"),
        (lambda: [Circle.tenant_id.set("other")], "tenantId is a part of Circle.by_tenant"),
        (lambda: [Circle.status.remove()], "status is a part of Circle.by_status"),
        (lambda: [Circle.version.add(1)], "version is a part of Circle itself"),
        (lambda: [Circle.name.set("Renamed")], "Circle.by_status is made of updated_at"),
        (lambda: [], "needs an action"),
    ],
)
def test_an_update_by_key_that_would_leave_a_key_stale_is_refused(
    actions: Callable[[], list[Any]], fact: str, db: Database
) -> None:
    with nothing_sent(db), pytest.raises(QueryError) as refused, db.transaction() as tx:
        tx.update(C1, *actions())
    assert fact in str(refused.value)


def test_a_part_of_a_claim_is_refused_too(db: Database) -> None:
    with pytest.raises(QueryError, match="email is a part of User"), db.transaction() as tx:
        tx.update(U1, User.email.set("canary@example.org"))


@pytest.mark.defect(24)
def test_other_attributes_may_be_updated_by_key_with_version_and_mirror(db: Database) -> None:
    with db.transaction() as tx:
        step = tx.update(CircleMember.key.of("c1", "u1"), CircleMember.notes.set("Founder"))
        tx.update(U1, User.is_verified.set(True))
    assert step.action_count == 2
    member = db.circles.get_member("c1", "u1")
    assert (member.notes, member.version) == ("Founder", 2)
    assert db.users.get_user_circles("u1").one().notes == "Founder"
    assert db.users.get_user_circles("u1").one().version == 2
    assert (db.users.get("u1").is_verified, db.users.get("u1").version) == (True, 2)


def test_a_measurement_of_a_mirrored_item_is_written_to_both(db: Database) -> None:
    db.manager_of(CircleMember).measure(CircleMember.key.of("c1", "u1"), {"last_active": "2027-01-01T00:00:00Z"})
    both = [db.circles.get_member("c1", "u1"), db.users.get_user_circles("u1").one()]
    assert [member.last_active.year for member in both] == [2027, 2027]
    assert [member.version for member in both] == [1, 1]


def test_a_counter_is_written_on_a_condition(db: Database) -> None:
    for expected in (1, 2):
        with db.transaction() as tx:
            tx.update(C1, Circle.stats.posts_this_week.add(1), condition=Circle.stats.posts_this_week < 2)
        assert db.circles.get("c1").stats.posts_this_week == expected
    with nothing_written(db), pytest.raises(TransactionCancelled) as cancelled, db.transaction() as tx:
        step = tx.update(C1, Circle.stats.posts_this_week.add(1), condition=Circle.stats.posts_this_week < 2)
    assert cancelled.value.because_of(step).item["stats"]["M"]["postsThisWeek"] == {"N": "2"}


def test_the_callers_actions_are_left_as_they_are(db: Database) -> None:
    actions = [User.is_verified.set(True)]
    with db.transaction() as tx:
        tx.update(U1, *actions)
    assert len(actions) == 1


@pytest.mark.difference("missing-maps")
def test_counters_of_several_items_work_where_their_maps_are_absent(db: Database) -> None:
    edit(db, C1, "REMOVE stats")
    edit(db, U1, "REMOVE stats")
    with db.transaction() as tx:
        tx.create(comment())
        tx.update(C1, Circle.stats.posts_this_week.add(1))
        tx.update(U1, User.stats.comments_posted.add(1))
    assert raw(db, C1)["stats"]["M"]["postsThisWeek"] == {"N": "1"}
    assert raw(db, U1)["stats"]["M"]["commentsPosted"] == {"N": "1"}
    assert db.stories.get_comments("s1").count() == 1


@pytest.mark.difference("missing-maps")
def test_no_map_is_made_for_a_transaction_that_is_refused_otherwise(db: Database) -> None:
    edit(db, C1, "REMOVE stats")
    with nothing_written(db), pytest.raises(TransactionCancelled), db.transaction() as tx:
        tx.update(C1, Circle.stats.posts_this_week.add(1), condition=Circle.name == "Another")


@pytest.mark.difference("no-lock")
def test_no_step_is_lost_among_threads(db: Database) -> None:
    settings = {name: setting.value for name, setting in db.settings.items()}
    patient = Database(**{**settings, "max_attempts": 10})

    def work(name: str) -> None:
        for number in range(3):
            with patient.transaction() as tx:
                tx.create(comment(f"{name}{number}"))
                tx.update(Story.key.of("s1"), Story.engagement.comments.add(1))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    patient.close()
    assert db.stories.get("s1", consistent=True).engagement.comments == 12
    assert db.stories.get_comments("s1").consistent().count() == 12


# -- what others hear ----------------------------------------------------------------------------------------------


def test_each_step_is_announced_once_after_the_commit(db: Database) -> None:
    heard: list[str] = []

    def hear(what: str) -> Callable[..., None]:
        def receiver(sender: Any, **keywords: Any) -> None:
            stored = len(everything(db))
            heard.append(f"{sender.__name__} {what} {stored}")

        return receiver

    created, updated, deleted = hear("created"), hear("updated"), hear("deleted")
    count = len(everything(db))
    user = db.users.get("u1")
    user.profile.bio = "Hello"
    with item_created.connected_to(created), item_updated.connected_to(updated), item_deleted.connected_to(deleted):
        with db.transaction() as tx:
            tx.create(comment())
            tx.save(user)
            tx.delete(db.users.get("u2"))
        assert heard == [f"Comment created {count - 1}", f"User updated {count - 1}", f"User deleted {count - 1}"]
        with pytest.raises(TransactionCancelled), db.transaction() as tx:
            tx.create(comment())
        with pytest.raises(ValidationError), db.transaction() as tx:
            tx.create(comment("k2", content=""))
    assert len(heard) == 3


def test_a_receiver_that_raises_undoes_nothing(db: Database) -> None:
    def broken(sender: Any, **_: Any) -> None:
        raise ZeroDivisionError

    new = comment()
    with item_created.connected_to(broken), db.transaction() as tx:
        tx.create(new)
        tx.create(comment("k2"))
    assert db.stories.get_comments("s1").count() == 2
    new.content = "Changed."
    assert new.save().version == 2
