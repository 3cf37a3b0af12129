"""A document takes its names in either spelling, refuses unknown ones, and compares by what it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from madmall_models.attributes import CounterAttribute, DecimalAttribute, ListAttribute, UnicodeAttribute
from madmall_models.document import Document, Measurements, assigned_names
from madmall_models.errors import ValidationError


class Place(Document):
    street_name = UnicodeAttribute(null=True)
    zip_code = UnicodeAttribute(null=True)


class Visit(Document):
    purpose = UnicodeAttribute(default="care")
    meeting_place = Place(null=True)
    other_places = ListAttribute(of=Place, default=list)


class Figures(Measurements):
    page_views = CounterAttribute(default=0)
    load_factor = DecimalAttribute(default=Decimal)


def stored(document: Document) -> dict[str, Any]:
    return document.serialize(document)


def loaded(cls: type[Any], wire: dict[str, Any]) -> Any:
    return cls().deserialize(wire)


# -- spelling ------------------------------------------------------------------------------------------------------


def test_names_are_snake_case_in_python_and_camel_case_in_the_table() -> None:
    assert stored(Place(street_name="Peachtree", zip_code="30301")) == {
        "streetName": {"S": "Peachtree"},
        "zipCode": {"S": "30301"},
    }


@pytest.mark.parametrize("name", ["zip_code", "zipCode"])
def test_input_takes_either_spelling(name: str) -> None:
    assert Place(**{name: "30301"}).zip_code == "30301"
    assert Visit(meeting_place={name: "30301"}).meeting_place.zip_code == "30301"
    assert Visit(other_places=[{name: "30301"}]).other_places[0].zip_code == "30301"


@pytest.mark.parametrize("name", ["zip_code", "zipCode"])
def test_a_merge_takes_either_spelling(name: str) -> None:
    place = Place(street_name="Peachtree")
    place.merge({name: "30301"})
    assert stored(place) == {"streetName": {"S": "Peachtree"}, "zipCode": {"S": "30301"}}


def test_assignment_takes_either_spelling() -> None:
    place = Place()
    place.zipCode = "30301"
    assert stored(place) == {"zipCode": {"S": "30301"}}


# -- unknown names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "near"), [("zip_cod", "zip_code"), ("zipcode", "zip"), ("streetname", "street")])
def test_an_unknown_name_is_refused_with_a_near_miss(name: str, near: str) -> None:
    for attempt in (lambda: Place(**{name: "x"}), lambda: Place().merge({name: "x"})):
        with pytest.raises(ValidationError, match=f"Place has no attribute '{name}'; did you mean '{near}"):
            attempt()


def test_an_unknown_name_that_is_near_nothing_is_refused_plainly() -> None:
    with pytest.raises(ValidationError, match=r"^Place has no attribute 'colour'$"):
        Place(colour="x")


def test_an_unknown_name_inside_a_document_is_refused_too() -> None:
    with pytest.raises(ValidationError, match="Place has no attribute 'zip_cod'; did you mean 'zip_code'"):
        Visit(meeting_place={"zip_cod": "30301"})
    with pytest.raises(ValidationError, match="Place has no attribute 'zip_cod'; did you mean 'zip_code'"):
        Visit(other_places=[{"zip_cod": "30301"}])


def test_a_misspelt_assignment_is_refused_rather_than_lost() -> None:
    place = Place()
    with pytest.raises(ValidationError, match="Place has no attribute 'zip_cod'; did you mean 'zip_code'"):
        place.zip_cod = "30301"


def test_a_document_takes_no_scalar() -> None:
    with pytest.raises(ValidationError, match="Place takes a map, not str"):
        Place().serialize("30301")
    assert Place().fault("30301") == "a map"
    assert Place().fault({}) is None


# -- values --------------------------------------------------------------------------------------------------------


def test_a_default_is_made_only_where_nothing_is_given() -> None:
    made: list[str] = []

    def made_up() -> str:
        made.append("care")
        return made[-1]

    class Errand(Document):
        purpose = UnicodeAttribute(default=made_up)

    made.clear()
    assert (Errand(purpose="tea").purpose, made) == ("tea", [])
    assert (Errand(purpose=None).purpose, made) == ("care", ["care"])


def test_what_a_default_filled_in_was_not_assigned_by_anybody() -> None:
    visit = Visit(meeting_place=Place(zip_code="30301"))
    assert list(assigned_names(visit)) == ["meeting_place.zip_code"]
    visit.purpose = "tea"
    assert list(assigned_names(visit)) == ["meeting_place.zip_code", "purpose"]


def test_defaults_are_filled_when_a_document_is_made_and_not_when_it_is_read() -> None:
    assert Visit().purpose == "care"
    assert loaded(Visit, {}).purpose is None
    assert stored(loaded(Visit, {})) == {}


def test_documents_nest() -> None:
    visit = Visit(meeting_place={"zip_code": "30301"}, other_places=[{"zip_code": "1"}, Place(zip_code="2")])
    wire = stored(visit)
    assert wire["meetingPlace"] == {"M": {"zipCode": {"S": "30301"}}}
    assert wire["otherPlaces"] == {"L": [{"M": {"zipCode": {"S": "1"}}}, {"M": {"zipCode": {"S": "2"}}}]}
    assert stored(loaded(Visit, wire)) == wire


def test_a_merge_leaves_what_it_does_not_name() -> None:
    visit = Visit(purpose="talk", meeting_place={"zip_code": "30301", "street_name": "Peachtree"})
    visit.merge({"meeting_place": {"zip_code": "30302"}})
    assert visit.purpose == "talk"
    assert (visit.meeting_place.zip_code, visit.meeting_place.street_name) == ("30302", "Peachtree")


def test_a_merge_removes_what_is_given_as_none() -> None:
    visit = Visit(purpose="talk", meeting_place={"zip_code": "30301", "street_name": "Peachtree"})
    visit.merge({"purpose": None, "meeting_place": {"zip_code": None}})
    assert stored(visit)["meetingPlace"] == {"M": {"streetName": {"S": "Peachtree"}}}
    assert "purpose" not in stored(visit)


def test_a_merge_makes_a_document_that_was_absent() -> None:
    visit = Visit()
    visit.merge({"meeting_place": {"zip_code": "30301"}})
    assert visit.meeting_place == Place(zip_code="30301")


def test_a_merge_replaces_a_list() -> None:
    visit = Visit(other_places=[{"zip_code": "1"}, {"zip_code": "2"}])
    visit.merge({"other_places": [{"zip_code": "3"}]})
    assert visit.other_places == [Place(zip_code="3")]


def test_documents_are_equal_by_what_they_hold() -> None:
    assert Place(zip_code="1") == Place(zip_code="1")
    assert Place(zip_code="1") != Place(zip_code="2")
    assert Place(zip_code="1") == {"zip_code": "1"}
    assert Place(zip_code="1") == {"zipCode": "1"}
    assert Place(zip_code="1") != Visit()
    assert Place(zip_code="1") != "1"


def test_a_document_shows_no_values() -> None:
    assert "canary" not in repr(Visit(purpose="canary", meeting_place={"zip_code": "canary"}))
    assert "canary" not in str(Visit(purpose="canary"))


def test_measurements_know_that_they_are() -> None:
    assert Figures.measured
    assert not Place.measured
    assert stored(Figures()) == {"pageViews": {"N": "0"}, "loadFactor": {"N": "0"}}
