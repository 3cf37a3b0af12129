"""The example site on Django says at each field what is wrong with a form."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable

import pytest

from tests.integration.site_visitor import Visitor, new_email

# A site is a process of its own, and asks an engine that is one too.
pytestmark = pytest.mark.difference("one-process")


def test_a_form_with_every_field_wrong_says_so_at_each_and_keeps_what_was_typed(visitor: Callable[[], Visitor]) -> None:
    answer = visitor().post("/register", display_name="Jane", email="nowhere", password="short-pw")

    assert answer.status == 422
    assert answer.errors() == {
        "display_name": "Last name is required",
        "email": "E-mail must be an e-mail address such as name@example.org",
        "password": "Password must have a length of 10 to 200",
    }
    assert "Please look at this again" in answer.main
    assert 'value="nowhere"' in answer.text
    assert "short-pw" not in answer.text
    for name in ("display_name", "email", "password"):
        [tag] = re.findall(rf'<input[^>]*id="{name}"[^>]*>', answer.text)
        assert 'aria-invalid="true"' in tag
        assert f'aria-describedby="{name}-hint {name}-error"' in tag


@pytest.mark.parametrize(
    ("path", "fields", "errors"),
    [
        (
            "/circles/new",
            {"name": "X", "type": "coven"},
            {"name": "Name must have a length of 3 to 100", "type": "Type is not one of the choices"},
        ),
        ("/circles/new", {}, {"name": "Name is required", "type": "Type is required"}),
        (
            "/stories/new",
            {"title": "Hm", "circle": "not-mine"},
            {
                "title": "Title must have a length of 5 to 200",
                "content": "Story is required",
                "circle": "Circle is not one of the choices",
            },
        ),
    ],
)
def test_other_forms_say_it_too(jane: Visitor, path: str, fields: dict[str, str], errors: dict[str, str]) -> None:
    answer = jane.post(path, **fields)

    assert answer.status == 422
    assert answer.errors() == errors


@pytest.mark.parametrize(
    ("starts_at", "said"),
    [
        ("", "Starts at is required"),
        ("tomorrow", "Starts at must be a day and a time"),
        ("2026-13-01T00:00", "Starts at must be a day and a time"),
        ("0001-01-01T00:00", "Starts at must be in the future"),
        ("2020-11-01T00:00", "Starts at must be in the future"),
        ("9999-12-31T23:59", None),
    ],
)
def test_an_event_takes_a_time_to_come_or_says_so(jane: Visitor, starts_at: str, said: str | None) -> None:
    circle = jane.new_circle()
    answer = jane.post(f"{circle}/events", circle, title="", city="", starts_at=starts_at)

    assert (answer.status, answer.heading) == (422, "Morning tea")
    assert set(answer.errors()) >= {"title", "city"}
    assert answer.errors().get("starts_at") == said


@pytest.mark.parametrize("once", ["a#b", "x" * 3000])
def test_a_forged_id_of_what_is_made_is_refused(jane: Visitor, once: str) -> None:
    answer = jane.post("/circles/new", once=once, name="Morning tea", type="support_group")

    assert answer.status == 400


@pytest.mark.parametrize("city", ["a#b", "x" * 60, "Zürich", "\u202ealtnalta", "東京"])
def test_a_city_is_kept_and_found_or_refused_at_its_field(jane: Visitor, city: str) -> None:
    circle = jane.new_circle()
    answer = jane.post(f"{circle}/events", circle, title="A walk", city=city, starts_at="2999-12-01T18:30")
    found = jane.get("/events?city=" + urllib.parse.quote(city))

    assert found.status == 200
    if answer.status == 422:
        assert set(answer.errors()) == {"city"}
        assert "A walk" not in found.main
    else:
        assert (answer.status, answer.heading) == (200, "Morning tea")
        assert "A walk" in found.main


@pytest.mark.parametrize("city", ["#", "%00", "x" * 3000, "%F0%9F%92%99", "%ED%A0%80"])
def test_a_city_that_there_cannot_be_has_no_events(visitor: Callable[[], Visitor], city: str) -> None:
    answer = visitor().get(f"/events?city={city}")

    assert (answer.status, answer.heading) == (200, "Events")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Jane \u202ehtimS", "Display name has characters that cannot be seen"),
        ("Jane " + "x" * 90, "Display name must have a length of 1 to 80"),
        ("Jane", "Last name is required"),
        (" ", "Display name is required"),
    ],
)
def test_a_name_that_others_cannot_read_is_refused(visitor: Callable[[], Visitor], name: str, said: str) -> None:
    answer = visitor().post("/register", display_name=name, email=new_email(), password="correct horse battery")

    assert answer.status == 422
    assert answer.errors() == {"display_name": said}


@pytest.mark.parametrize("email", ["a#b@example.com", "x" * 3000 + "@example.com", "jane@example.com\x01"])
def test_an_address_that_cannot_be_kept_is_refused_at_its_field(visitor: Callable[[], Visitor], email: str) -> None:
    answer = visitor().register("Jane Smith", email)

    if answer.status != 200:
        assert answer.status == 422
        assert set(answer.errors()) == {"email"}


def test_a_comment_of_nothing_is_refused_below_its_story(jane: Visitor) -> None:
    told = jane.post("/stories/new", title="My first week", content="x" * 60, circle="")
    path = "/" + told.address.split("/", 3)[3]
    answer = jane.post(f"{path}/comments", path, content="   ")

    assert (answer.status, answer.heading) == (422, "My first week")
    assert answer.errors() == {"content": "Comment is required"}


def test_a_wrong_password_and_an_unknown_address_are_told_alike(visitor: Callable[[], Visitor]) -> None:
    someone, email = visitor(), new_email()
    someone.register("Jane Smith", email)
    pages = [
        visitor().post("/sign-in", email=address, password=password)
        for address, password in ((email, "wrong password"), (new_email(), "wrong password"), ("#", ""), ("\0", "x"))
    ]

    assert {page.status for page in pages} == {422}
    assert {re.findall(r"<p>(E-mail and password[^<]*)", page.text)[0] for page in pages} == {
        "E-mail and password do not go together. Please try again."
    }
