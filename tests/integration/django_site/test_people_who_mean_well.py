"""The example site on Django keeps its promises to people who mean well."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest

from madmall_models import Database
from tests.integration.site_visitor import Visitor, new_email, who_asked

# A site is a process of its own, and asks an engine that is one too.
pytestmark = pytest.mark.difference("one-process")


def test_a_circle_lives_from_its_start_to_its_handing_over(jane: Visitor, ann: Visitor, table: Database) -> None:
    circle = jane.new_circle()
    assert "You are the owner." in jane.get(circle).main

    asked = ann.post(f"{circle}/join", circle)
    assert "Your request is waiting for approval." in asked.main
    assert "Jane Smith" not in asked.main

    waiting = jane.get(circle)
    assert "Approve Ann Lee" in waiting.main
    approved = jane.post(f"{circle}/approve", waiting, user_id=who_asked(table, circle))
    assert "There is a new member in the circle." in approved.main
    assert "Jane Smith" in ann.get(circle).main

    to = re.search(r'<option value="([^"]+)">Ann Lee', approved.text)
    assert to is not None
    handed = jane.post(f"{circle}/transfer", circle, to=to[1])
    assert "The circle has a new owner." in handed.main
    assert "You are a member." in handed.main
    assert "You are the owner." in ann.get(circle).main

    stale = jane.post(f"{circle}/transfer", circle, to=to[1])
    assert (stale.status, stale.heading) == (409, "The circle has another owner now")


def test_a_story_is_told_read_and_answered(jane: Visitor, ann: Visitor) -> None:
    told = jane.post("/stories/new", title="My first week", content="It was long.\n\nIt got better. " * 3, circle="")
    assert told.heading == "My first week"
    path = "/" + told.address.split("/", 3)[3]
    assert "My first week" in ann.get("/feed").main

    answered = ann.post(f"{path}/comments", path, content="Thank you.")
    assert "Ann Lee" in answered.main
    assert "Thank you." in jane.get(path).main


def test_a_story_in_a_circle_stays_in_it(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    form = jane.get(f"/stories/new?circle={circle.rpartition('/')[2]}")
    assert re.search(r'<option value="[^"]+" selected>Morning tea', form.text)
    told = jane.post("/stories/new", form, title="Only for you", content="x" * 60, circle=circle.rpartition("/")[2])
    path = "/" + told.address.split("/", 3)[3]

    assert "Only for you" in jane.get(circle).main
    assert "Only for you" not in jane.get("/feed").main
    assert "Only for you" not in ann.get(circle).main
    assert ann.get(path).status == 404
    assert ann.post(f"{path}/comments", "/feed", content="Hello").status == 404


def test_an_event_is_found_by_its_city(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    city = f"Town {uuid.uuid4().hex[:8]}"
    made = jane.post(f"{circle}/events", circle, title="A walk", city=city, starts_at="2199-12-01T18:30")

    assert "The event is in the calendar." in made.main
    assert "A walk" in ann.get(f"/events?city={city.upper().replace(' ', '+')}").main
    assert "01 December 2199, 18:30 UTC" in ann.get(circle).main
    assert "Nothing is planned there yet." in ann.get("/events?city=Nowhere").main


def test_lists_are_paged_to_their_end(jane: Visitor) -> None:
    jane.post("/tenant", "/", tenant="eastside")
    names = [f"Circle {number}" for number in range(12)]
    for name in names:
        jane.new_circle(name)
    first = jane.get("/circles")
    following = re.search(r'href="(/circles\?after=[^"]+)">More circles', first.text)
    assert following is not None
    second = jane.get(following[1])

    assert "Your circles" in first.main
    assert "Your circles" not in second.main
    assert "Circle 0<" in second.main
    assert "More circles" not in second.main


def test_somebody_signs_out_and_in_again_and_goes_on_where_they_were(visitor: Callable[[], Visitor]) -> None:
    someone, email = visitor(), new_email()
    someone.register("Jane Smith", email)
    someone.post("/sign-out", "/")
    asked = someone.get("/stories/new")
    assert asked.heading == "Sign in"
    back = someone.post("/sign-in?next=%2Fstories%2Fnew", asked, email=email.upper(), password="correct horse battery")

    assert back.heading == "Share a story"


def test_health_says_that_the_table_serves(visitor: Callable[[], Visitor]) -> None:
    assert '"ok": true' in visitor().get("/health").text
