"""Cohorts: each has an edge to every profile that names it, written and deleted with the profile."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    CohortMembership,
    Database,
    LimitExceeded,
    Personalization,
    QueryError,
    User,
)
from madmall_models.integrity import check
from tests.integration.samples import make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written, raw, raw_or_none

EDGE = CohortMembership.key.of(user_id="u1", cohort_id="early")


@pytest.fixture(autouse=True)
def users(db: Database) -> None:
    for number in range(1, 4):
        make_user(db, f"u{number}")


def enter(db: Database, *cohorts: str, user: str = "u1", **fields: Any) -> Personalization:
    return db.personalization.upsert_for_user(user, cohorts=list(cohorts), **fields)


def ids(profiles: Any) -> list[str]:
    return [profile.user_id for profile in profiles]


def numbered(first: int, last: int) -> list[str]:
    return [f"cohort-{number}" for number in range(first, last)]


@pytest.mark.defect(43, 45)
def test_a_profile_is_found_in_each_of_its_cohorts(db: Database) -> None:
    for user in ("u1", "u2"):
        enter(db, "early", user, user=user)
    enter(db, "late", user="u3")

    assert sorted(ids(db.personalization.list_by_cohort("early"))) == ["u1", "u2"]
    assert ids(db.personalization.list_by_cohort("u2")) == ["u2"]
    assert ids(db.personalization.list_by_cohort("nothing")) == []
    assert raw(db, EDGE)["entityType"] == {"S": "COHORT_MEMBERSHIP"}
    assert check(db) == ()


@pytest.mark.defect(45)
def test_a_change_of_cohorts_writes_and_deletes_edges(db: Database) -> None:
    enter(db, "early", "late")
    changed = enter(db, "late", "new", "late")

    assert changed.cohorts == ["late", "new"]
    assert ids(db.personalization.list_by_cohort("early")) == []
    assert ids(db.personalization.list_by_cohort("new")) == ["u1"]
    assert raw_or_none(db, EDGE) is None
    assert check(db) == ()
    enter(db)
    assert db.personalization.get("u1").cohorts == []
    assert check(db) == ()


def test_an_edge_that_stays_is_not_written_again(db: Database) -> None:
    enter(db, "early", "late")
    before = raw(db, EDGE)
    enter(db, "early", "new", preferences={"avoid_tags": ["x"]})
    assert raw(db, EDGE) == before


# -- limits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [99, 101, 250])
def test_more_cohorts_than_one_transaction_takes_are_refused_before_anything_is_sent(count: int, db: Database) -> None:
    before = db.metrics().total
    with pytest.raises(LimitExceeded, match=f"{count} cohorts; a profile has at most 98"):
        enter(db, *numbered(0, count))
    assert db.metrics().total == before
    with nothing_sent(db), pytest.raises(LimitExceeded):
        db.personalization.create(user_id="u1", cohorts=numbered(0, count))


def test_as_many_cohorts_as_a_transaction_takes(db: Database) -> None:
    enter(db, *numbered(0, 98), "cohort-0")
    assert check(db) == ()
    profile = db.personalization.get("u1")
    profile.cohorts = numbered(60, 158)
    with nothing_sent(db), pytest.raises(LimitExceeded, match="120 cohorts would come and go at once"):
        profile.save()
    assert profile.version == 1
    enter(db, *numbered(60, 98))
    enter(db, *numbered(60, 158))
    db.personalization.delete("u1")
    assert check(db) == ()


# -- the query -----------------------------------------------------------------------------------------------------


def test_profiles_of_a_cohort_are_given_as_they_are_now(db: Database) -> None:
    enter(db, "early")
    db.personalization.upsert_for_user("u1", preferences={"avoid_tags": ["needles"]})
    assert db.personalization.list_by_cohort("early").one().preferences.avoid_tags == ["needles"]


def test_an_edge_to_what_is_gone_leads_nowhere(db: Database) -> None:
    enter(db, "early")
    enter(db, "early", user="u2")
    # As an index that lags shows them: an edge without its profile, and one that the profile does not name.
    edit(db, Personalization.key.of("u1"), "SET cohorts = :none", none={"L": []})
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Personalization.key.of("u2").wire})
    assert ids(db.personalization.list_by_cohort("early")) == []
    assert db.personalization.list_by_cohort("early").count() == 0


def test_profiles_of_a_cohort_are_narrowed_ordered_and_paged(db: Database) -> None:
    for number, user in enumerate(("u3", "u1", "u2")):
        enter(db, "early", user=user, preferences={"avoid_tags": [f"tag{number}"]})
        moment = {"S": f"2026-01-0{number + 1}T00:00:00.000Z"}
        key = CohortMembership.key.of(user, "early")
        edit(db, key, "SET updatedAt = :at, GSI1SK = :sk", at=moment, sk={"S": f"UPDATED#{moment['S']}"})
    found = db.personalization.list_by_cohort("early")
    preferences: Any = Personalization.preferences

    assert ids(found) == ["u3", "u1", "u2"]
    assert ids(found.newest_first().limit(2)) == ["u2", "u1"]
    assert ids(found.since("2026-01-02")) == ["u1", "u2"]
    assert ids(found.filter(preferences.avoid_tags.contains("tag2"))) == ["u2"]
    assert found.first().user_id == "u3"
    assert found.count() == 3
    assert found.limit(2).count() == 2
    assert [dict(row) for row in found.only("user_id").limit(1)] == [{"user_id": "u3"}]
    first = found.page(size=2)
    second = found.page(size=2, after=first.cursor)
    assert (ids(first.items), first.has_more) == (["u3", "u1"], True)
    assert (ids(second.items), second.has_more) == (["u2"], False)


def test_the_query_says_what_it_sends_and_refuses_what_it_cannot(db: Database) -> None:
    found = db.personalization.list_by_cohort("early").limit(10)
    told = found.explain()

    assert (told.index, told.hydrates, told.read_units) == ("GSI1", True, 11.5)
    assert any("each is fetched" in warning for warning in told.warnings)
    assert repr(found).startswith("<EdgeQuery of Personalization by CohortMembership.by_cohort")
    with pytest.raises(Personalization.DoesNotExist):
        found.one()
    with pytest.raises(QueryError, match="attributes of Personalization"):
        found.only("cohort_id")
    with pytest.raises(QueryError):
        found.consistent()
    for user in ("u1", "u2"):
        enter(db, "early", user=user)
    with pytest.raises(QueryError, match="several"):
        found.one()


def test_an_expired_profile_is_hidden_in_its_cohorts(db: Database) -> None:
    enter(db, "early")
    edit(db, Personalization.key.of("u1"), "SET #ttl = :past", past={"N": "1"})
    assert ids(db.personalization.list_by_cohort("early")) == []
    assert ids(db.personalization.list_by_cohort("early").including_expired()) == ["u1"]


# -- an edge's own methods -----------------------------------------------------------------------------------------


def test_an_edge_is_created_and_deleted_with_the_profile_s_list(db: Database) -> None:
    enter(db, "late")
    with db.bound():
        edge = CohortMembership(user_id="u1", cohort_id="early").create()
        assert (edge.version, db.personalization.get("u1").cohorts) == (1, ["late", "early"])
        with nothing_written(db), pytest.raises(AlreadyExists):
            CohortMembership(user_id="u1", cohort_id="early").create()
        CohortMembership(user_id="u2", cohort_id="early").create()
        assert check(db) == ()
        edge.delete()
        assert db.personalization.get("u1").cohorts == ["late"]
        CohortMembership.objects.delete("u2", "early")
        with nothing_written(db), pytest.raises(CohortMembership.DoesNotExist):
            CohortMembership.objects.delete("u2", "early")
    assert check(db) == ()
    assert ids(db.personalization.list_by_cohort("early")) == []


def test_an_edge_of_nobody_is_not_made(db: Database) -> None:
    mark_as_leaving(db, User.key.of("u2"))
    with db.bound():
        for user in ("nobody", "u2"):
            with nothing_written(db), pytest.raises(User.DoesNotExist):
                CohortMembership(user_id=user, cohort_id="early").create()


# -- what a check finds --------------------------------------------------------------------------------------------


def test_edges_that_disagree_with_the_profile_are_found_and_mended_by_the_next_change(db: Database) -> None:
    enter(db, "early", "late")
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": EDGE.wire})
    assert [(found.rule, found.entity) for found in check(db)] == [("cohorts", "Personalization")]
    edit(db, Personalization.key.of("u1"), "SET cohorts = :other", other={"L": [{"S": "early"}]})
    assert {(found.rule, found.entity) for found in check(db)} == {
        ("cohorts", "Personalization"),
        ("cohorts", "CohortMembership"),
    }
    enter(db, "early", "new")
    assert check(db) == ()
