"""An instance belongs to the database that loaded it, else to the bound one; a forked process connects anew."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest

from madmall_models import Database, User
from tests.integration.samples import make_user
from tests.integration.table_content import everything


def test_an_instance_remembers_the_database_that_loaded_it(db: Database) -> None:
    make_user(db)
    other = Database(table="some-other-table", endpoint="http://127.0.0.1:1", max_attempts=1)
    with other.bound():
        user = db.users.get("u1")
        user.is_verified = True
        user.save()
        assert user.refresh().version == 2
        found = next(iter(db.users.get_users_by_tenant()))
        found.profile.bio = "Hello"
        assert found.save().version == 3
        found.delete()
    assert everything(db) == []


def test_a_new_instance_goes_to_the_bound_database(db: Database) -> None:
    make_user(db, "owner")
    with db.bound():
        User(user_id="u1", email="u1@example.org", profile={"first_name": "Jane", "last_name": "Smith"}).create()
        assert User.get("u1").version == 1
        assert User.objects.get("u1") == db.users.get("u1")
        assert [user.user_id for user in User.by_email.query(email="U1@example.org")] == ["u1"]


def test_a_created_instance_remembers_its_database_too(db: Database) -> None:
    user = make_user(db)
    user.is_verified = True
    assert user.save().version == 2


@pytest.mark.difference("one-process")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_a_connection_of_its_own(db: Database) -> None:
    make_user(db)
    parents = db.connection.client
    context: Any = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def work() -> None:
        first = db.connection._client
        user = db.users.get("u1", consistent=True)
        user.is_verified = True
        user.save()
        theirs.send((first is None, db.connection.client is parents, user.version))

    child = context.Process(target=work)
    child.start()
    assert ours.poll(60)
    assert ours.recv() == (True, False, 2)
    child.join()
    assert db.connection.client is parents
    assert db.users.get("u1", consistent=True).version == 2
