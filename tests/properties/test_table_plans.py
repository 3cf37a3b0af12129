"""Any table becomes what is asked for, whatever it was, and needs nothing then."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from madmall_models import Provisioned, TableSettings
from madmall_models.table import table_request
from tests.unit.foundation.pretended_table import PretendedTable, describe
from tests.unit.foundation.table_samples import EXTRA, KEY, add_index, applied, drop_index, index, plan, retype


@st.composite
def tables(draw: st.DrawFn) -> PretendedTable:
    table = PretendedTable(describe(table_request("care", draw(capacities))), lag=draw(st.integers(0, 2)))
    assert table.description is not None
    for name in ("GSI1", "GSI2", "GSI3", "GSI4"):
        fate = draw(st.sampled_from(["as declared", "missing", "keys", "projection", "type"]))
        if fate == "missing":
            drop_index(table, name)
        elif fate == "keys":
            index(table, name)["KeySchema"].reverse()
            for key, kind in zip(index(table, name)["KeySchema"], ("HASH", "RANGE"), strict=True):
                key["KeyType"] = kind
        elif fate == "projection":
            index(table, name)["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]}
        elif fate == "type":
            retype(table, f"{name}PK", "B")
    if draw(st.booleans()):
        add_index(table, EXTRA)
        index(table, "ByCreator")["ProvisionedThroughput"] = table.description["ProvisionedThroughput"]
    view = draw(st.sampled_from([None, "KEYS_ONLY", "NEW_AND_OLD_IMAGES"]))
    table.description["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    if view is None:
        table.description.pop("StreamSpecification")
    attribute = draw(st.sampled_from([None, "ttl", "expires"]))
    if attribute is not None:
        table.time_to_live = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}
    table.recovers = draw(st.booleans())
    table.description["DeletionProtectionEnabled"] = draw(st.booleans())
    table.tags = draw(tags)
    return table


tags = st.dictionaries(st.sampled_from(["team", "cost", "stage"]), st.sampled_from(["a", "b"]))
capacities = st.one_of(st.none(), st.builds(Provisioned, st.integers(1, 2), st.integers(1, 2)))
wishes = st.builds(
    TableSettings,
    billing=st.one_of(capacities, st.just("on-demand")),
    kms_key=st.sampled_from([None, KEY]),
    point_in_time_recovery=st.sampled_from([None, True, False]),
    deletion_protection=st.sampled_from([None, True, False]),
    tags=tags,
    replace_indexes=st.booleans(),
    drop_extra_indexes=st.booleans(),
    replace_stream=st.booleans(),
    replace_time_to_live=st.booleans(),
)


@given(tables(), wishes)
def test_any_table_becomes_what_is_asked_for_and_stays(table: PretendedTable, wished: TableSettings) -> None:
    settings = {name: getattr(wished, name) for name in wished.__dataclass_fields__}
    had, before = dict(table.tags), plan(table, **settings)

    left = applied(table, **settings)

    assert left.changes == ()
    assert left.held == before.held
    assert left.is_equal == (not before.held)
    assert table.tags == {**had, **wished.tags}
    sent = len(table.sent)
    assert applied(table, **settings).held == left.held
    assert len(table.sent) == sent
    assert sent == len(before.changes)


@given(tables(), wishes)
def test_any_table_can_become_one_that_was_created_so(table: PretendedTable, wished: TableSettings) -> None:
    whole: dict[str, Any] = {name: getattr(wished, name) for name in wished.__dataclass_fields__}
    whole |= {name: True for name in whole if name.startswith(("replace", "drop"))}
    whole |= {"billing": wished.billing or "on-demand"}
    whole |= {name: bool(whole[name]) for name in ("point_in_time_recovery", "deletion_protection")}
    new = PretendedTable(None)
    table.tags.clear()

    applied(table, **whole)
    applied(new, **whole)

    assert comparable(table) == comparable(new)


def comparable(table: PretendedTable) -> tuple[Any, ...]:
    """Return all of a table but the order of its parts."""
    description = copy.deepcopy(table.description)
    assert description is not None
    definitions = sorted(description.pop("AttributeDefinitions"), key=lambda entry: str(entry["AttributeName"]))
    indexes = sorted(description.pop("GlobalSecondaryIndexes"), key=lambda one: str(one["IndexName"]))
    for one in indexes:
        one["Projection"].get("NonKeyAttributes", []).sort()
    return description, definitions, indexes, table.time_to_live, table.recovers, table.tags
