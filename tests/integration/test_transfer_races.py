"""A circle is handed over while somebody else changes the roles in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import CircleMember, Database, NotAMember, NotOwner
from madmall_models.integrity import check
from tests.integration.samples import make_circle, make_user


@pytest.fixture
def circle(db: Database) -> Database:
    """Give a table with a circle, whose heir is admin already."""
    make_user(db, "u1")
    make_user(db, "heir")
    make_circle(db, "c1", owner="u1")
    db.circles.add_member("c1", "heir", role="admin")
    return db


def once_read(db: Database, meanwhile: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen once, right after the membership of the heir was read."""
    read, pending = db.circles._active_member, [meanwhile]

    def interrupted(circle_id: str, user_id: str) -> CircleMember:
        member = read(circle_id, user_id)
        if pending:
            pending.pop()()
        return member

    monkeypatch.setattr(db.circles, "_active_member", interrupted)


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_an_admin_who_is_demoted_meanwhile_is_an_owner_with_the_role_of_one(
    role: str, circle: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    once_read(circle, lambda: circle.circles.update_member_role("c1", "heir", role), monkeypatch)
    assert circle.circles.transfer_ownership("c1", to="heir").created_by == "heir"
    assert circle.circles.get_member("c1", "heir").role == "admin"
    assert circle.circles.get("c1").moderators == []
    assert check(circle) == ()


def test_an_admin_who_is_banned_meanwhile_is_not_made_the_owner(
    circle: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    once_read(circle, lambda: circle.circles.ban_member("c1", "heir"), monkeypatch)
    with pytest.raises(NotAMember):
        circle.circles.transfer_ownership("c1", to="heir")
    assert circle.circles.get("c1").created_by == "u1"
    assert check(circle) == ()


def test_who_handed_the_circle_over_cannot_hand_it_on(circle: Database) -> None:
    make_user(circle, "third")
    circle.circles.add_member("c1", "third")
    circle.circles.transfer_ownership("c1", to="heir", owner="u1")
    with pytest.raises(NotOwner, match="somebody else owns the circle"):
        circle.circles.transfer_ownership("c1", to="third", owner="u1")
    # The same request, sent twice, did what was asked.
    assert circle.circles.transfer_ownership("c1", to="heir", owner="u1").created_by == "heir"
    assert check(circle) == ()
