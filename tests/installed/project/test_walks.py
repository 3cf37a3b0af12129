"""The tests of that project: fixtures come from the package, nothing is registered."""

from datetime import UTC, datetime

import pytest
from models import Walk

from madmall_models import AlreadyMember, ValidationError

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


def test_whoever_joins_is_counted(madmall_db, make_user, make_circle):
    jane, circle = make_user(), make_circle()
    madmall_db.circles.add_member(circle.circle_id, jane.user_id)
    assert madmall_db.circles.get(circle.circle_id).stats.member_count == 2
    with pytest.raises(AlreadyMember):
        madmall_db.circles.add_member(circle.circle_id, jane.user_id)


def test_a_walk_is_found_in_its_city(madmall_db, make_circle):
    walk = Walk(circle_id=make_circle().circle_id, walk_id="w1", city="Atlanta", starts_at=NOON).create()
    assert list(Walk.in_city.query(city="ATLANTA")) == [walk]


def test_a_walk_needs_a_city(madmall_db, make_circle):
    with pytest.raises(ValidationError):
        Walk(circle_id=make_circle().circle_id, walk_id="w1", city="A", starts_at=NOON).create()
