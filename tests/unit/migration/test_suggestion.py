"""What is suggested for a table can be declared: singular names, every column of the key, references, and questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from madmall_models.migration import Policy, SQLiteSource, SuggestedMapping
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.unit.migration.foreign_files import ODD, SHOP, write


def suggested(path: Path) -> dict[str, SuggestedMapping]:
    with SQLiteSource(path) as source:
        return {each.table: each for each in source.analyze().suggested_mappings}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SuggestedMapping]:
    return suggested(write(tmp_path_factory.mktemp("shop") / "shop.db", SHOP))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SuggestedMapping]:
    return suggested(write(tmp_path_factory.mktemp("odd") / "odd.db", ODD))


@pytest.mark.defect(84)
def test_keys_name_every_column_of_the_primary_key(shop: dict[str, SuggestedMapping]) -> None:
    assert {each.entity: (each.partition, each.sort) for each in shop.values()} == {
        "Album": ("ALBUM#{album_id}", "METADATA"),
        "Artist": ("ARTIST#{artist_id}", "METADATA"),
        "Employee": ("EMPLOYEE#{employee_id}", "METADATA"),
        "Playlist": ("PLAYLIST#{playlist_id}", "METADATA"),
        "PlaylistTrack": ("PLAYLIST#{playlist_id}", "PLAYLIST_TRACK#{track_id}"),
        "Track": ("TRACK#{track_id}", "METADATA"),
    }


def test_a_compound_key_that_names_nothing_is_a_collection_of_its_own(odd: dict[str, SuggestedMapping]) -> None:
    assert (odd["pairs"].partition, odd["pairs"].sort) == ("PAIR#{b}", "A#{a}")


def test_items_are_listed_by_what_they_reference(shop: dict[str, SuggestedMapping]) -> None:
    keys = {(table, key.name): (key.index, key.partition, key.sort) for table in shop for key in shop[table].index_keys}

    assert keys["Album", "by_artist"] == ("GSI1", "ARTIST#{artist_id}", "ALBUM#{album_id}")
    assert keys["PlaylistTrack", "by_track"] == ("GSI1", "TRACK#{track_id}", "PLAYLIST_TRACK#{playlist_id}#{track_id}")
    assert keys["Album", "by_tenant"] == ("GSI4", "TENANT#{tenant_id}#ALBUM", "CREATED#{created_at}")
    assert ("PlaylistTrack", "by_playlist") not in keys, "the primary key answers that"


def test_a_fourth_reference_is_told_to_have_no_index(tmp_path: Path) -> None:
    path = write(
        tmp_path / "many.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, one REFERENCES p, "
        "two REFERENCES p, three REFERENCES p, four REFERENCES p, five REFERENCES p)",
    )

    found = suggested(path)["c"]

    assert [key.name for key in found.index_keys] == ["by_one", "by_two", "by_three", "by_tenant"]
    assert [note for note in found.notes if "No index" in note] == [
        "No index is left for P#{four}: items are not listed by it",
        "No index is left for P#{five}: items are not listed by it",
    ]
    assert [reference.target for reference in found.references] == ["one", "two", "three", "four", "five"]


@pytest.mark.defect(84)
def test_references_are_checked_where_the_item_is_moved_before(shop: dict[str, SuggestedMapping]) -> None:
    assert {
        (each.table, reference.target, reference.entity, reference.policy)
        for each in shop.values()
        for reference in each.references
    } == {
        ("Album", "artist_id", "Artist", Policy.REJECT),
        ("Track", "album_id", "Album", Policy.KEEP),
        ("PlaylistTrack", "playlist_id", "Playlist", Policy.REJECT),
        ("PlaylistTrack", "track_id", "Track", Policy.REJECT),
    }
    assert shop["PlaylistTrack"].after == ("Playlist", "Track")
    assert "may be moved later" in shop["Employee"].notes[0]


def test_a_circle_of_tables_is_opened_once(odd: dict[str, SuggestedMapping]) -> None:
    hens, eggs = odd["hens"], odd["eggs"]

    assert sorted([hens.after, eggs.after]) in ([(), ("eggs",)], [(), ("hens",)])
    assert sum("is moved later" in note for each in (hens, eggs) for note in each.notes) == 1
    assert len(hens.references) + len(eggs.references) == 1


def test_types_follow_the_values(shop: dict[str, SuggestedMapping], odd: dict[str, SuggestedMapping]) -> None:
    kinds = {column.column: str(column.kind) for table in ("Track", "Employee") for column in shop[table].columns}
    assert kinds["TrackId"] == kinds["AlbumId"] == kinds["ReportsTo"] == "id"
    assert (kinds["UnitPrice"], kinds["BirthDate"], kinds["Name"]) == ("decimal", "time", "text")
    kinds = {column.column: str(column.kind) for column in odd["blobs"].columns}
    assert (kinds["id"], kinds["data"], kinds["document"], kinds["list"]) == (
        "hexadecimal", "bytes", "JSON object", "JSON list",
    )  # fmt: skip


def test_attributes_that_every_entity_has_are_used_where_they_fit(odd: dict[str, SuggestedMapping]) -> None:
    found = {column.column: (column.attribute, column.inherited) for column in odd["order"].columns}

    assert (found["created_at"], found["tenant_id"]) == (("created_at", True), ("tenant_id", True))
    assert (found["version"], found["key"]) == (("order_version", False), ("order_key", False))


def test_what_cannot_be_decided_is_asked(odd: dict[str, SuggestedMapping]) -> None:
    asked = {question.name: question.choices for each in odd.values() for question in each.questions}

    assert asked == {
        "Blob.sure": ("boolean", "text"),
        "Blob.stamp": ("time", "integer"),
        "Blob.exact": ("time", "text"),
        "Doc": ("move", "leave"),
        "Doc.doc_id": ("rowid",),
        "Hidden": ("yes",),
        "Log.log_id": ("rowid",),
        "Log.number": ("decimal", "text"),
        "StrictOne.either": ("decimal", "hexadecimal"),
    }
    assert not odd["hidden"].is_movable


def test_a_column_that_tells_rows_apart_may_be_their_key(tmp_path: Path) -> None:
    path = write(tmp_path / "log.db", "CREATE TABLE log (line, mark); INSERT INTO log VALUES (1, 'a b'), (2, 'c')")

    [question] = suggested(path)["log"].questions

    assert question.choices == ("rowid", "line"), "a b is no id"


@pytest.mark.defect(84)
def test_legacy_tables_get_their_ready_mappings(tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db", users=[user("u1")], circles=[circle("c1", "u1")], circle_members=[member("c1", "u1")]
    )

    found = suggested(path)

    assert {each.entity: each.partition for each in found.values()} == {
        "User": "USER#{user_id}", "Circle": "CIRCLE#{circle_id}", "CircleMember": "CIRCLE#{circle_id}",
    }  # fmt: skip
    assert all(each.ready is not None and not each.questions for each in found.values())


def test_a_table_of_another_program_is_not_taken_for_a_legacy_one(odd: dict[str, SuggestedMapping]) -> None:
    assert (odd["users"].ready, odd["users"].entity, odd["users"].partition) == (
        None, "LegacyUser", "LEGACY_USER#{legacy_user_id}",
    )  # fmt: skip


def test_another_table_can_reference_a_legacy_one(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1")])
    write(path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL REFERENCES users (id))")

    [reference] = suggested(path)["notes"].references

    assert (reference.target, reference.entity, reference.policy) == ("owner", "User", Policy.REJECT)
