"""Images: in the lists they belong to, reviewed, selected for pages, measured without a new version."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Database,
    Image,
    ValidationError,
    VersionConflict,
    item_updated,
    stats_incremented,
    utc_now,
)
from tests.integration.image_samples import SCORES, make_image
from tests.integration.samples import NOON
from tests.integration.table_content import edit, nothing_sent, nothing_written, places, raw

I1 = Image.key.of("i1")


def ids(images: Any) -> list[str]:
    return [image.image_id for image in images]


# -- creating ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(36)
def test_an_image_is_stored_with_its_keys(db: Database) -> None:
    make_image(db, category="Slow Food", created_at=NOON)
    assert {name: wire["S"] for name, wire in raw(db, I1).items() if name.startswith("GSI")} == {
        "GSI1PK": "IMAGE_CATEGORY#slow food",
        "GSI1SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI3PK": "IMAGE_STATUS#PENDING_REVIEW",
        "GSI3SK": "UPDATED#2024-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#IMAGES",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert ids(db.images.get_by_category("slow FOOD ")) == ["i1"]
    assert db.images.get("i1").category == "Slow Food"


@pytest.mark.defect(36, 93)
def test_an_image_from_a_url_waits_for_review(db: Database) -> None:
    made = db.images.create_from_url(
        "https://example.org/a.png", category="hero", alt_text="A calm lake", tags=["lake"]
    )
    stored = db.images.get(made.image_id)
    assert (stored.status, stored.tags, stored.url) == ("pending_review", ["lake"], "https://example.org/a.png")
    assert stored.source_info.original_url == "https://example.org/a.png"
    assert ids(db.images.list_pending()) == [made.image_id]
    again = {"url": "https://example.org/b.png", "category": "hero", "alt_text": "A calm lake"}
    named = db.images.create_from_url(**again, image_id="i9", source_info={"provider": "pexels"})
    assert (named.image_id, named.source_info.original_url) == ("i9", None)
    with nothing_written(db), pytest.raises(AlreadyExists):
        db.images.create_from_url(**again, image_id="i9")
    with nothing_sent(db), pytest.raises(ValidationError, match="gives the status"):
        db.images.create_from_url(**again, status="active")


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"url": "example.org"}, {"url"}),
        ({"alt_text": "cat"}, {"altText"}),
        ({"alt_text": None}, {"altText"}),
        ({"category": ""}, {"category"}),
        ({"status": "approved"}, {"status"}),
    ],
)
def test_an_image_that_breaks_a_rule_is_refused(fields: dict[str, Any], messages: set[str], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_image(db, **fields)
    assert set(refused.value.messages) == messages


@pytest.mark.defect(32, 35)
def test_an_image_is_updated_by_its_id_and_found_where_it_went(db: Database) -> None:
    make_image(db, status="active")
    updated = db.images.update("i1", category="hero", status="flagged", source_info={"provider": "pexels"})
    assert (updated.version, updated.source_info.provider) == (2, "pexels")
    assert (ids(db.images.get_by_category("joy")), ids(db.images.get_by_category("hero"))) == ([], ["i1"])
    assert (ids(db.images.get_by_status("active")), ids(db.images.get_by_status("flagged"))) == ([], ["i1"])
    with nothing_written(db), pytest.raises(ValidationError):
        db.images.update("i1", status="approved")
    with pytest.raises(VersionConflict):
        db.images.update("i1", status="archived", expected_version=1)


# -- lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.defect(40)
def test_images_are_searched_by_any_of_the_tags_in_their_tenant(db: Database) -> None:
    make_image(db, "i1", tags=["calm", "lake"], created_at=NOON)
    make_image(db, "i2", tags=["sun"], created_at=NOON + timedelta(days=1), status="removed")
    make_image(db, "i3", tags=["night"])
    make_image(db, "i4", tags=["calm"], tenant_id="other")
    assert ids(db.images.search_by_tags(["sun", "calm"])) == ["i1", "i2"]
    assert ids(db.images.search_by_tags(["sun", "calm"]).filter(Image.status != "removed")) == ["i1"]
    assert ids(db.images.search_by_tags(["calm"], tenant_id="other")) == ["i4"]
    assert set(ids(db.images.search_by_tags([]))) == {"i1", "i2", "i3"}
    with nothing_sent(db), pytest.raises(ValidationError, match="a list of texts"):
        db.images.search_by_tags("calm")


@pytest.mark.defect(41)
def test_pending_and_flagged_images_are_whole_and_as_many_as_asked(db: Database) -> None:
    for number in range(3):
        make_image(db, f"p{number}", created_at=NOON + timedelta(days=number))
        make_image(db, f"f{number}", created_at=NOON - timedelta(days=number), status="flagged")
    assert ids(db.images.list_pending()) == ["p0", "p1", "p2"]
    assert ids(db.images.list_pending(limit=2)) == ["p0", "p1"]
    assert ids(db.images.list_flagged(2)) == ["f2", "f1"]
    assert [image.alt_text for image in db.images.list_flagged()] == ["Two women laughing"] * 3


def test_pages_are_given_active_images_newest_first(db: Database) -> None:
    for number, status in enumerate(("active", "active", "flagged", "active", "pending_review")):
        make_image(db, f"i{number}", status=status, created_at=NOON + timedelta(days=number))
    make_image(db, "blank", status="active", is_placeholder=True)
    make_image(db, "other", status="active", category="hero")
    assert ids(db.images.select_by_category("joy")) == ["i3"]
    assert ids(db.images.select_by_category("JOY", limit=5)) == ["i3", "i1", "i0"]
    edit(db, Image.key.of("i3"), "SET deletingAt = :moment", moment={"S": "2024-11-22T12:00:00.000Z"})
    edit(db, Image.key.of("i1"), "REMOVE isPlaceholder")
    assert ids(db.images.select_by_category("joy", limit=5)) == ["i1", "i0"]


# -- review --------------------------------------------------------------------------------------------------------


@pytest.mark.defect(15, 25)
def test_a_status_is_marked_with_notes_where_no_validation_was(db: Database) -> None:
    made = make_image(db, status="active")
    assert made.validation is None
    marked = db.images.mark_status("i1", "flagged", "reported twice")
    assert (marked.status, marked.version, marked.validation.issues) == ("flagged", 2, ["reported twice"])
    assert ids(db.images.list_flagged()) == ["i1"]
    db.images.mark_status("i1", "removed", notes="stereotype")
    stored = db.images.get("i1")
    assert (stored.status, stored.version) == ("removed", 3)
    assert stored.validation.issues == ["reported twice", "stereotype"]
    assert raw(db, I1)["validation"]["M"].keys() == {"issues"}
    assert db.images.mark_status("i1", "active").validation.issues == ["reported twice", "stereotype"]


@pytest.mark.defect(26)
def test_marking_what_is_not_there_makes_no_item(db: Database) -> None:
    with nothing_written(db):
        with pytest.raises(Image.DoesNotExist):
            db.images.mark_status("nothing", "flagged", "odd")
        with pytest.raises(Image.DoesNotExist):
            db.images.mark_validated("nothing", **SCORES)
        with pytest.raises(Image.DoesNotExist):
            db.images.record_usage("nothing", impressions=1)
        with pytest.raises(Image.DoesNotExist):
            db.images.record_usage("nothing", "home.hero")
    assert places(db) == []


@pytest.mark.defect(28)
@pytest.mark.parametrize("wrong", [("approved", None), (None, None), (["active"], None), ("active", ""), ("active", 5)])
def test_a_mark_that_means_nothing_is_refused(wrong: tuple[Any, Any], db: Database) -> None:
    make_image(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.images.mark_status("i1", *wrong)


@pytest.mark.defect(15)
def test_notes_of_two_who_mark_at_once_are_both_kept(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_image(db)
    save = db.writer.save
    pending = [lambda: db.images.mark_status("i1", "flagged", "from another")]

    def interrupted(entity: Any) -> None:
        if pending:
            pending.pop()()
        save(entity)

    monkeypatch.setattr(db.writer, "save", interrupted)
    marked = db.images.mark_status("i1", "removed", "from me")
    assert (marked.status, marked.validation.issues) == ("removed", ["from another", "from me"])


def test_an_audit_that_is_passed_activates_the_image(db: Database) -> None:
    make_image(db)
    before = utc_now()
    image = db.images.mark_validated("i1", **SCORES, validator="auditor-1", issues=["low contrast"])
    stored = db.images.get("i1")
    assert stored == image
    assert (stored.status, stored.version, stored.warnings) == ("active", 2, ())
    assert stored.validation.cultural_score == Decimal("0.9")
    assert (stored.validation.validator, stored.validation.issues) == ("auditor-1", ["low contrast"])
    assert stored.validation.last_validated_at >= before
    assert db.images.mark_validated("i1", **SCORES, status="archived").status == "archived"
    assert db.images.get("i1").validation.issues == ["low contrast"]


@pytest.mark.defect(93)
@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({"cultural_score": 0.7}, "active"),
        ({"cultural_score": Decimal("0.69")}, "removed"),
        ({"cultural_score": 1, "appropriate": False}, "removed"),
        ({"cultural_score": 0, "status": "archived"}, "removed"),
        ({"sensitivity_score": 0, "inclusivity_score": 0}, "active"),
    ],
)
def test_an_image_that_does_not_pass_is_removed(found: dict[str, Any], status: str, db: Database) -> None:
    make_image(db)
    assert db.images.mark_validated("i1", **{**SCORES, **found}).status == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"cultural_score": 85},
        {"cultural_score": -0.1},
        {"sensitivity_score": float("nan")},
        {"inclusivity_score": "0.9"},
        {"inclusivity_score": None},
        {"cultural_score": True},
        {"appropriate": "no"},
        {"appropriate": None},
        {"appropriate": 1},
        {"status": "approved"},
        {"issues": "one text"},
        {"issues": [""]},
        {"issues": 5},
    ],
)
def test_an_audit_that_means_nothing_is_refused(wrong: dict[str, Any], db: Database) -> None:
    make_image(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.images.mark_validated("i1", **{**SCORES, **wrong})


@pytest.mark.defect(93)
def test_a_placeholder_is_shown_for_what_may_not_be(db: Database) -> None:
    make_image(db)
    assert db.images.get_for_display("i1") is None
    make_image(db, "old", status="active", is_placeholder=True, created_at=NOON)
    make_image(db, "new", status="active", is_placeholder=True, category="Joy")
    make_image(db, "not-yet", is_placeholder=True)
    make_image(db, "foreign", status="active", is_placeholder=True, tenant_id="other")
    make_image(db, "hero", status="active", is_placeholder=True, category="hero")

    def shown() -> Any:
        found = db.images.get_for_display("i1")
        return found and found.image_id

    assert shown() == "new"
    db.images.mark_validated("i1", **SCORES)
    assert shown() == "i1"
    db.images.mark_validated("i1", **SCORES, appropriate=False)
    assert shown() == "new"
    assert ids(db.images.get_placeholders("joy")) == ["old", "new"]
    db.images.mark_status("new", "archived")
    assert (shown(), ids(db.images.get_placeholders("joy"))) == ("old", ["old"])
    edit(db, Image.key.of("old"), "SET deletingAt = :moment", moment={"S": "2024-11-22T12:00:00.000Z"})
    assert shown() is None
    with pytest.raises(Image.DoesNotExist):
        db.images.get_for_display("nothing")


# -- figures -------------------------------------------------------------------------------------------------------


def test_usage_is_counted_without_a_new_version(db: Database) -> None:
    make_image(db, created_at=NOON)
    before = utc_now()
    db.images.record_usage("i1", impressions=3)
    db.images.record_usage("i1", "home.hero", impressions=2, clicks=1)
    db.images.record_usage("i1", "about.team")
    db.images.record_usage("i1", "home.hero", clicks=1)
    image = db.images.get("i1")
    assert (image.usage.total_impressions, image.usage.total_clicks) == (5, 2)
    assert image.usage.contexts == ["home.hero", "about.team"]
    assert image.usage.last_used_at >= before
    assert (image.version, image.updated_at) == (1, NOON)


@pytest.mark.defect(25)
@pytest.mark.parametrize("stored", ["REMOVE #u", "REMOVE #u.contexts", "REMOVE #u.totalClicks"])
def test_usage_is_counted_where_nothing_was_used_yet(stored: str, db: Database) -> None:
    make_image(db)
    request = {"Key": I1.wire, "UpdateExpression": stored, "ExpressionAttributeNames": {"#u": "usage"}}
    db.connection.call("UpdateItem", {"TableName": db.table_name, **request})
    db.images.record_usage("i1", "home.hero", impressions=2, clicks=1)
    usage = db.images.get("i1").usage
    assert (usage.total_impressions, usage.total_clicks, usage.contexts) == (2, 1, ["home.hero"])


def test_a_context_that_another_adds_meanwhile_is_not_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_image(db)
    measure = db.images.measure
    pending = [lambda: db.images.record_usage("i1", "about.team", impressions=1)]

    def interrupted(*arguments: Any, **options: Any) -> None:
        if pending:
            pending.pop()()
        measure(*arguments, **options)

    monkeypatch.setattr(db.images, "measure", interrupted)
    db.images.record_usage("i1", "home.hero", impressions=1)
    usage = db.images.get("i1").usage
    assert (usage.total_impressions, usage.contexts) == (2, ["about.team", "home.hero"])


def test_usage_that_means_nothing_is_refused(db: Database) -> None:
    make_image(db)
    for wrong in ({"context": ""}, {"context": 5}, {"impressions": 1.5}, {"clicks": "2"}):
        with nothing_sent(db), pytest.raises(ValidationError):
            db.images.record_usage("i1", **wrong)  # type: ignore[arg-type]
    with nothing_sent(db), pytest.raises(ValidationError, match="is a counter or gauge"):
        db.images.update("i1", usage={"total_clicks": 5})


def test_an_editor_and_traffic_do_not_meet(db: Database) -> None:
    make_image(db)
    image = db.images.get("i1")
    db.images.record_usage("i1", impressions=7)
    image.alt_text = "Three women laughing"
    image.save()
    stored = db.images.get("i1")
    assert (stored.alt_text, stored.usage.total_impressions) == ("Three women laughing", 7)


def test_changes_and_figures_are_announced(db: Database) -> None:
    make_image(db)
    heard: list[tuple[str, Any]] = []

    def hear(sender: Any, **told: Any) -> None:
        heard.append((sender.__name__, told.get("changed") or told.get("changes")))

    with item_updated.connected_to(hear), stats_incremented.connected_to(hear):
        db.images.mark_status("i1", "active")
        db.images.record_usage("i1", clicks=1)
    assert heard[0] == ("Image", ("status",))
    assert heard[1][1]["usage.total_clicks"] == 1
