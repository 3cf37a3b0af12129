"""Nothing is locked in: boto3 reads what we write, and we read, change and keep what other programs write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key as KeyCondition

from madmall_models import Database, utc_now
from madmall_models.codec import Item, decode
from tests.catalogue import catalogue_facts
from tests.catalogue.facts import Place
from tests.catalogue.test_catalogue import DECLARED, LISTED
from tests.integration.catalogue_items import CatalogueItem
from tests.integration.samples import make_circle, make_user

CATALOGUE = catalogue_facts.load()
WITH_TENANT = [name for name, cls in DECLARED.items() if any(key.index_name == "GSI4" for key in cls.keys.values())]
INDEX_KEYS = {f"GSI{number}{half}" for number in range(1, 5) for half in ("PK", "SK")}
# What follows from the rest of an item, and is computed anew with each change.
COMPUTED = {"ADVISORY_REVIEW": ("consensus",)}
# What no class of ours declares, in every type that DynamoDB has.
UNKNOWN: Item = {
    "hat": {"SS": ["bowler", "top"]},
    "sizes": {"NS": ["1", "2.5"]},
    "secrets": {"BS": [b"\x00", b"\xff"]},
    "picture": {"B": b"\x89PNG\x00"},
    "nothing": {"NULL": True},
    "price": {"N": "12345678901234567890.123456789012345678"},
    "shoes": {"L": [{"M": {"left": {"BOOL": True}}}, {"N": "-0.0000000001"}, {"S": ""}]},
}


def session_settings(engine: Any) -> dict[str, Any]:
    """Return how boto3 reaches the engine."""
    names = {"endpoint": "endpoint_url", "access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key"}
    settings = engine.connection_settings()
    given = {theirs: settings[ours] for ours, theirs in names.items() if settings[ours] is not None}
    return {**given, "region_name": settings["region"]}


class OtherProgram:
    """Be a program at the same table that knows boto3 and nothing of us."""

    def __init__(self, engine: Any, table: str) -> None:
        self.client = boto3.client("dynamodb", **session_settings(engine))
        self.resource = boto3.resource("dynamodb", **session_settings(engine)).Table(table)
        self.table = table

    def put(self, *items: Item) -> None:
        for item in items:
            self.client.put_item(TableName=self.table, Item=item)

    def get(self, item: Item) -> Item:
        key = {name: item[name] for name in ("PK", "SK")}
        found: Item = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]
        return found

    def everything(self) -> list[Item]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]


@pytest.fixture
def others(engine: Any, db: Database) -> OtherProgram:
    return OtherProgram(engine, db.table_name)


def told(wire: Any) -> Any:
    """Return attribute values with the members of sets in order: DynamoDB keeps none."""
    if isinstance(wire, dict):
        return {name: sorted(value) if name in ("SS", "NS", "BS") else told(value) for name, value in wire.items()}
    return [told(member) for member in wire] if isinstance(wire, list) else wire


def without(item: Item, *names: str) -> Item:
    return {name: wire for name, wire in told(item).items() if name not in names}


def made_by_others(entity: str, *, whole: bool = True) -> list[Item]:
    """Return an item of the catalogue with its copy, if any, and with much in both that is none of ours."""
    made = CatalogueItem(CATALOGUE, entity, LISTED, whole=whole)
    copies = [made.item] if made.mirror is None else [made.item, made.mirror]
    for copy in copies:
        for inside in [copy, *(wire["M"] for wire in copy.values() if "M" in wire)]:
            inside.update(UNKNOWN)
    return copies


def entity_of(entity: str, item: Item) -> Any:
    return decode(DECLARED[entity], item)


# -- what others write ---------------------------------------------------------------------------------------------

every_form = pytest.mark.parametrize("whole", [True, False], ids=["whole", "sparse"])
every_entity = pytest.mark.parametrize("entity", DECLARED)


@every_form
@every_entity
def test_what_others_wrote_is_read(entity: str, whole: bool, db: Database, others: OtherProgram) -> None:
    copies = made_by_others(entity, whole=whole)
    others.put(*copies)
    (found,) = db.batch_get([entity_of(entity, copies[0]).item_key()])
    assert type(found) is DECLARED[entity]
    assert found.version == 1
    assert told(found.unknown_attributes()) == told(UNKNOWN)
    assert DECLARED[entity].validate(found).errors == ()


@every_form
@every_entity
def test_what_others_wrote_is_changed_and_keeps_what_we_do_not_know(
    entity: str, whole: bool, db: Database, others: OtherProgram
) -> None:
    copies = made_by_others(entity, whole=whole)
    # A program that does not know of the indexes has left them as they were.
    stale: Item = {name: {"S": "STALE"} for name in copies[0] if name.startswith("GSI")}
    others.put(CatalogueItem(CATALOGUE, "USER", LISTED).item, {**copies[0], **stale}, *copies[1:])
    before = [others.get(copy) for copy in copies]
    update(db, entity, copies[0], tenant_id="other")
    after = [others.get(copy) for copy in copies]
    changed = ("tenantId", "version", "updatedAt", *INDEX_KEYS, *COMPUTED.get(entity, ()))
    assert [without(item, *changed) for item in after] == [without(item, *changed) for item in before]
    for item in after:
        assert (item["tenantId"], item["version"]) == ({"S": "other"}, {"N": "2"})
    for name in set(COMPUTED.get(entity, ())) & set(before[0]):
        assert told(UNKNOWN).items() <= told(after[0][name]["M"]).items()
    assert keys_of_catalogue(entity, after[0]).items() <= after[0].items()
    assert {"S": "STALE"} not in after[0].values()


@pytest.mark.defect(56)
@pytest.mark.parametrize("entity", WITH_TENANT)
def test_an_item_without_a_tenant_is_one_of_the_default_tenant(entity: str, db: Database, others: OtherProgram) -> None:
    (item,) = made_by_others(entity)
    assert "tenantId" not in item
    others.put(item)
    manager = db.manager_of(DECLARED[entity])
    assert manager.of_tenant().count() == ("GSI4PK" in item)
    update(db, entity, item, ttl=utc_now() + timedelta(days=1))
    assert manager.of_tenant().count() == 1
    assert "tenantId" not in others.get(item)


@pytest.mark.defect(56)
def test_an_image_without_a_tenant_has_the_placeholders_of_the_default_one(db: Database, others: OtherProgram) -> None:
    (item,) = made_by_others("IMAGE_ASSET")
    others.put({**item, "status": {"S": "flagged"}})
    image = decode(DECLARED["IMAGE_ASSET"], item)
    db.images.create(
        image_id="p1",
        url=image.url,
        alt_text="A quiet room",
        category=image.category,
        source="stock",
        status="active",
        is_placeholder=True,
    )
    assert db.images.get_for_display(image.image_id).image_id == "p1"


@pytest.mark.defect(44)
def test_a_copy_that_others_put_into_an_index_is_not_listed_twice(db: Database, others: OtherProgram) -> None:
    item, mirror = made_by_others("CIRCLE_MEMBER")
    others.put(item, {**item, "PK": mirror["PK"], "SK": mirror["SK"]})
    assert [member.user_id for member in db.circles.get_memberships_by_status("active")] == ["user-1"]


@every_entity
def test_what_is_of_another_kind_breaks_no_list(entity: str, db: Database, others: OtherProgram) -> None:
    ours = create(db, entity)
    for item in others.everything():
        keys = {name: wire for name, wire in item.items() if name in {"PK", "SK", *INDEX_KEYS}}
        after = {name: {"S": f"{keys[name]['S']}~"} for name in keys if name.endswith("SK")}
        others.put(
            {**keys, **after, "entityType": {"S": "VISITOR"}}, {**keys, **after, "SK": {"S": f"{keys['SK']['S']}!"}}
        )
    manager, asked = db.manager_of(type(ours)), 0
    for key in type(ours).keys.values():
        stored = key.stored_key(ours.field_values())
        if stored is not None and (key.when is None or key.when(ours)):
            fields = {name: ours.field_values()[name] for name in key.partition.field_names}
            assert list(manager.asking(key, **fields)) == [ours], key.label
            asked += 1
    assert asked > 1 or len(type(ours).keys) == 1


# -- what others read ----------------------------------------------------------------------------------------------


@every_entity
def test_boto3_reads_what_we_write_under_the_names_of_the_catalogue(
    entity: str, db: Database, others: OtherProgram
) -> None:
    ours = create(db, entity)
    item = others.get(ours.item_key().wire)
    described = CatalogueItem(CATALOGUE, entity, LISTED)
    known, added = types_of(described.attributes), {place.path for place in LISTED if place.entity == entity}
    written = types_of(item)
    assert {path: kind for path, kind in written.items() if path in known} == known
    assert set(written) - set(known) <= {"PK", "SK", "tenantId", *INDEX_KEYS, *added}
    assert keys_of_catalogue(entity, item).items() <= item.items()
    found = others.resource.get_item(Key={name: item[name]["S"] for name in ("PK", "SK")})["Item"]
    assert (found["entityType"], found["version"], found["createdAt"]) == (
        ours.discriminator,
        1,
        item["createdAt"]["S"],
    )


def test_boto3_finds_items_by_the_keys_of_the_catalogue(db: Database, others: OtherProgram) -> None:
    make_user(db, email="Jane@Example.org")
    make_circle(db)
    by_email = others.resource.query(
        IndexName="GSI1", KeyConditionExpression=KeyCondition("GSI1PK").eq("EMAIL#jane@example.org")
    )
    assert [item["profile"]["firstName"] for item in by_email["Items"]] == ["Jane"]
    circles = KeyCondition("PK").eq("USER#u1") & KeyCondition("SK").begins_with("CIRCLE#")
    assert [item["role"] for item in others.resource.query(KeyConditionExpression=circles)["Items"]] == ["admin"]
    active = others.client.query(
        TableName=others.table,
        IndexName="GSI3",
        KeyConditionExpression="GSI3PK = :status",
        ExpressionAttributeValues={":status": {"S": "CIRCLE_STATUS#ACTIVE"}},
    )
    assert [item["PK"] for item in active["Items"]] == [{"S": "CIRCLE#c1"}]


# -- how -----------------------------------------------------------------------------------------------------------

# What makes an item stand in as many lists as it can.
PUBLIC = {
    "STORY": {"status": "published"},
    "RESOURCE": {"status": "featured"},
    "FEEDBACK": {"status": "resolved"},  # else it has no resolution
}
DERIVED = {"version", "created_at", "updated_at", "entity_type", "PK", "SK", *INDEX_KEYS}


def create(db: Database, entity: str) -> Any:
    """Write a new item with every attribute that the catalogue knows, past the recipes of the managers."""
    read = decode(DECLARED[entity], CatalogueItem(CATALOGUE, entity, LISTED).item)
    given = {name: value for name, value in read.attribute_values.items() if name not in DERIVED}
    new = DECLARED[entity](**{**given, **PUBLIC.get(entity, {})})
    with db.transaction() as tx:
        tx.create(new)
    return db.manager_of(DECLARED[entity]).get_by_key(new.item_key(), consistent=True)


def identity(entity: str, item: Item) -> dict[str, Any]:
    """Return the fields of the key of an item."""
    read = decode(DECLARED[entity], item)
    return {name: getattr(read, name) for name in DECLARED[entity].key.field_names}


def update(db: Database, entity: str, item: Item, **changes: Any) -> None:
    db.manager_of(DECLARED[entity]).update(**identity(entity, item), **changes)


def keys_of_catalogue(entity: str, item: Item) -> Item:
    """Return the keys that the catalogue gives an item, but those that we write only where a predicate holds."""
    keys = CatalogueItem(CATALOGUE, entity, LISTED).keys(item)
    assert {"PK", "SK"} <= set(keys)
    return {name: wire for name, wire in keys.items() if Place(entity, name[:4].lower(), "when") not in LISTED}


def types_of(attributes: Item, prefix: str = "") -> dict[str, str]:
    """Return the type of every stored path; the names in a map of any names are none."""
    found: dict[str, str] = {}
    for name, wire in attributes.items():
        ((kind, value),) = wire.items()
        path = f"{prefix}{name}"
        found[path] = kind
        members = [value] if kind == "M" else [member["M"] for member in value if "M" in member] if kind == "L" else []
        for member in members:
            found |= types_of(member, f"{path}[]." if kind == "L" else f"{path}.")
    return found
