"""Nothing is locked in: classes of PynamoDB alone read what we write, and what they write does not break us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from pynamodb import attributes as pynamodb
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from madmall_models import (
    BooleanAttribute,
    CounterAttribute,
    Database,
    DecimalAttribute,
    DictAttribute,
    Document,
    Entity,
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    Measurements,
    PrimaryKey,
    TimeAttribute,
    UnicodeAttribute,
    User,
)
from madmall_models.declaration import isolated_registry
from tests.integration.samples import NOON, make_circle, make_user
from tests.integration.table_content import raw

JANE = User.key.of("u1")


class PlainPlace(pynamodb.MapAttribute[str, Any]):
    zip_code = pynamodb.UnicodeAttribute(attr_name="zipCode")
    floor = pynamodb.NumberAttribute(null=True)


class PlainLocation(pynamodb.MapAttribute[str, Any]):
    city = pynamodb.UnicodeAttribute(null=True)


class PlainProfile(pynamodb.MapAttribute[str, Any]):
    first_name = pynamodb.UnicodeAttribute(attr_name="firstName")
    bio = pynamodb.UnicodeAttribute(null=True)
    background = pynamodb.ListAttribute(of=pynamodb.UnicodeAttribute, attr_name="culturalBackground", null=True)
    location = PlainLocation(null=True)


class PlainStats(pynamodb.MapAttribute[str, Any]):
    stories = pynamodb.NumberAttribute(attr_name="storiesShared")


@pytest.fixture
def plain(db: Database, engine: Any) -> SimpleNamespace:
    """Declare classes over the table as somebody would who has PynamoDB only."""
    settings = engine.connection_settings()

    class Table:
        table_name = db.table_name
        region = settings["region"]
        host = settings["endpoint"]

    class EmailIndex(GlobalSecondaryIndex[Any]):
        class Meta(Table):
            index_name = "GSI1"
            projection = AllProjection()

        partition = pynamodb.UnicodeAttribute(hash_key=True, attr_name="GSI1PK")
        sort = pynamodb.UnicodeAttribute(range_key=True, attr_name="GSI1SK")

    class Item(Model):
        class Meta(Table):
            pass

        partition = pynamodb.UnicodeAttribute(hash_key=True, attr_name="PK")
        sort = pynamodb.UnicodeAttribute(range_key=True, attr_name="SK")
        kind = pynamodb.UnicodeAttribute(attr_name="entityType")

    class PlainUser(Item):
        by_email = EmailIndex()
        email_partition = pynamodb.UnicodeAttribute(null=True, attr_name="GSI1PK")
        email_sort = pynamodb.UnicodeAttribute(null=True, attr_name="GSI1SK")
        user_id = pynamodb.UnicodeAttribute(attr_name="userId")
        email = pynamodb.UnicodeAttribute()
        profile = PlainProfile()
        stats = PlainStats(null=True)
        goals = pynamodb.ListAttribute(of=pynamodb.UnicodeAttribute, attr_name="primaryGoals", null=True)
        is_active = pynamodb.BooleanAttribute(attr_name="isActive")
        version = pynamodb.NumberAttribute()
        created_at = pynamodb.UnicodeAttribute(attr_name="createdAt")
        ttl = pynamodb.TTLAttribute(null=True)

    class PlainSample(Item):
        sample_id = pynamodb.UnicodeAttribute(attr_name="sampleId")
        text = pynamodb.UnicodeAttribute()
        choice = pynamodb.UnicodeAttribute()
        flag = pynamodb.BooleanAttribute()
        whole = pynamodb.NumberAttribute()
        exact = pynamodb.NumberAttribute()
        moment = pynamodb.UnicodeAttribute()
        expiry = pynamodb.TTLAttribute()
        texts = pynamodb.ListAttribute(of=pynamodb.UnicodeAttribute)
        places: Any = pynamodb.ListAttribute(of=PlainPlace)
        many: Any = pynamodb.ListAttribute()
        labels: Any = pynamodb.MapAttribute()
        whatever: Any = pynamodb.MapAttribute()
        place = PlainPlace()
        figures: Any = pynamodb.MapAttribute()

    for cls in (Item, PlainUser, PlainSample):
        assert not any(base.__module__.startswith("madmall_models") for base in cls.__mro__)
    return SimpleNamespace(Item=Item, User=PlainUser, Sample=PlainSample)


class Place(Document):
    zip_code = UnicodeAttribute()
    floor = IntegerAttribute(null=True)


class Figures(Measurements):
    views = CounterAttribute(default=0)


@pytest.fixture
def sample() -> Iterator[Any]:
    """Declare an entity with an attribute of every type that we have."""
    with isolated_registry():

        class Sample(Entity, discriminator="SAMPLE"):
            key = PrimaryKey("SAMPLE#{sample_id}", "METADATA")
            sample_id = IdAttribute()
            text = UnicodeAttribute()
            choice = EnumAttribute("a", "b")
            flag = BooleanAttribute()
            whole = IntegerAttribute()
            exact = DecimalAttribute()
            moment = TimeAttribute()
            expiry = EpochAttribute()
            texts = ListAttribute(of=UnicodeAttribute)
            places = ListAttribute(of=Place)
            many = ListAttribute()
            labels = DictAttribute(of=UnicodeAttribute)
            whatever = DictAttribute()
            place = Place()
            figures = Figures(default=Figures)

        yield Sample


@pytest.mark.defect(37)
def test_every_attribute_of_ours_is_read_by_one_of_pynamodb(db: Database, plain: SimpleNamespace, sample: Any) -> None:
    db.manager_of(sample).create(
        sample_id="s1",
        text="é",
        choice="b",
        flag=False,
        whole=2**53 + 1,
        exact=Decimal("0.5"),
        moment=NOON,
        expiry=NOON,
        texts=["a", ""],
        places=[{"zip_code": "30301", "floor": 2}, {"zip_code": "30302"}],
        many=["a", 1, True, None, {"b": [Decimal("2.5")]}],
        labels={"a": "b"},
        whatever={"set": {"x", "y"}, "bytes": b"\x00", "nested": {"deep": 1}},
        place={"zip_code": "30303"},
    )
    found = plain.Sample.get("SAMPLE#s1", "METADATA")
    assert (found.kind, found.sample_id, found.text, found.choice, found.flag) == ("SAMPLE", "s1", "é", "b", False)
    assert (found.whole, found.exact, found.moment) == (2**53 + 1, 0.5, "2024-11-22T12:00:00.000Z")
    assert found.expiry == NOON
    assert list(found.texts) == ["a", ""]
    assert [(place.zip_code, place.floor) for place in found.places] == [("30301", 2), ("30302", None)]
    assert found.many[:4] == ["a", 1, True, None]
    assert found.many[4] == {"b": [2.5]}
    assert found.labels.as_dict() == {"a": "b"}
    assert found.whatever.as_dict() == {"set": {"x", "y"}, "bytes": b"\x00", "nested": {"deep": 1}}
    assert (found.place.zip_code, found.figures["views"]) == ("30303", 0)


def test_a_class_of_pynamodb_finds_our_items_by_key_and_index(db: Database, plain: SimpleNamespace) -> None:
    profile = {"first_name": "Jane", "last_name": "Smith", "cultural_background": ["Latina"], "location": {"city": "A"}}
    make_user(db, email="Jane@Example.org", profile=profile, ttl=datetime(2100, 1, 1, tzinfo=UTC))
    make_circle(db)
    db.users.increment_stats("u1", stories_shared=3)
    (found,) = plain.User.by_email.query("EMAIL#jane@example.org")
    assert (found.user_id, found.email, found.is_active, found.version) == ("u1", "Jane@Example.org", True, 1)
    assert (found.profile.first_name, found.profile.location.city) == ("Jane", "A")
    assert (list(found.profile.background), found.stats.stories) == (["Latina"], 3)
    assert found.ttl == datetime(2100, 1, 1, tzinfo=UTC)
    circles = plain.Item.query("USER#u1", plain.Item.sort.startswith("CIRCLE#"))
    assert [item.kind for item in circles] == ["CIRCLE_MEMBER"]


def test_what_pynamodb_changes_is_seen_and_the_rest_stays(db: Database, plain: SimpleNamespace) -> None:
    make_user(db, email="Jane@Example.org")
    before = raw(db, JANE)
    theirs = plain.User.get("USER#u1", "PROFILE")
    theirs.update([plain.User.profile.bio.set("Theirs"), plain.User.goals.set(["share_story"])])
    ours = db.users.get("u1", consistent=True)
    assert (ours.profile.bio, ours.primary_goals, ours.profile.first_name) == ("Theirs", ["share_story"], "Jane")
    assert {**raw(db, JANE), "profile": 0, "primaryGoals": 0} == {**before, "profile": 0, "primaryGoals": 0}
    updated = db.users.update("u1", email="New@Example.org")
    assert (updated.version, updated.profile.bio) == (2, "Theirs")
    assert db.users.get_by_email("new@example.org").user_id == "u1"


def test_an_item_that_pynamodb_wrote_anew_is_read_and_made_whole_by_the_next_change(
    db: Database, plain: SimpleNamespace
) -> None:
    make_user(db, email="Jane@Example.org")
    theirs = plain.User.get("USER#u1", "PROFILE")
    theirs.profile.bio, theirs.is_active, theirs.email_partition = "Theirs", False, None
    # It puts what its class declares, and so drops the rest: settings, preferences, most keys, a last name.
    theirs.save()
    assert "GSI4PK" not in raw(db, JANE)
    ours = db.users.get("u1", consistent=True)
    assert (ours.profile.bio, ours.is_active, ours.settings, ours.profile.last_name) == ("Theirs", False, None, None)
    db.users.increment_stats("u1", helpful_votes=1)
    db.users.update_last_active("u1")
    updated = db.users.update_profile("u1", last_name="Smith")
    assert updated.version == 2
    item = raw(db, JANE)
    assert (item["GSI1PK"], item["GSI4PK"]) == ({"S": "EMAIL#jane@example.org"}, {"S": "TENANT#default#USERS"})
    assert [user.user_id for user in db.users.get_users_by_tenant()] == ["u1"]
    assert db.users.get_by_email("jane@example.org").profile.bio == "Theirs"


def test_an_item_that_pynamodb_made_is_one_of_ours(db: Database, plain: SimpleNamespace) -> None:
    theirs = plain.User(
        "USER#u2",
        "PROFILE",
        kind="USER",
        user_id="u2",
        email="u2@example.org",
        profile=PlainProfile(first_name="Joan"),
        is_active=True,
        version=1,
        created_at="2024-11-22T12:00:00.000Z",
    )
    theirs.save()
    ours = db.users.get("u2")
    assert (ours.profile.first_name, ours.created_at, ours.is_active) == ("Joan", NOON, True)
    ours.profile.last_name = "Miller"
    ours.ttl = NOON + timedelta(days=36_500)
    assert ours.save().version == 2
    assert plain.User.get("USER#u2", "PROFILE").ttl == ours.ttl
