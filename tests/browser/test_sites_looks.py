"""Both example sites are good to look at and to use, at every size, in every light, and without a mouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.accessibility import findings
from tests.browser.person import Person, new_person
from tests.browser.window import LOOKS, PHONE, Look, Window

# A site is a process of its own, and asks an engine that is one too.
pytestmark = [pytest.mark.browser, pytest.mark.difference("one-process")]

Open = Callable[..., Window]


@pytest.fixture(scope="module")
def furnished() -> dict[str, dict[str, Any]]:
    """Hold, for each site, what was put there to be looked at."""
    return {}


def furnish(rosa: Person, may: Person) -> dict[str, str]:
    """Put a few things on the site, and return the paths to look at."""
    rosa.start_circle("Newly diagnosed, not alone", "For the first confusing months: what to ask, and how to sleep.")
    rosa.start_circle("Sisters in the kitchen", "Recipes our grandmothers knew, made kinder to our hearts.")
    circle = rosa.start_circle(
        "Morning walkers", "We meet by the lake, walk slowly and talk about whatever the week brought."
    )
    for title, starts_at in (("Tea and quiet talk", "2999-12-03T18:30"), ("Walk around the lake", "2999-12-10T09:00")):
        rosa.fill(title=title, city="Atlanta", starts_at=starts_at)
        rosa.press("Add the event")
    text = (
        "For two years I kept the letter in a drawer. Then my daughter found it and asked what the long word meant.\n\n"
        "I told her it is a word for days when the body argues with itself. She nodded and made tea.\n\n"
        "We have a drawer for tea now."
    )
    rosa.share_story("What we say on the path", text, circle="Morning walkers")
    story = rosa.share_story("The day I stopped hiding my chart", text)
    may.window.go(story)
    may.fill(comment="Thank you for this. The drawer made me smile.")
    may.press("Add comment")
    may.window.go(circle)
    may.press("Ask to join")
    rosa.window.go(circle)
    rosa.press("Approve May Wong")
    return {"circle": circle, "story": story}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_good_to_use_at_every_size_and_in_every_light(
    open_window: Open, furnished: dict[str, dict[str, Any]], look: Look
) -> None:
    site = open_window().site.name
    if site not in furnished:
        rosa, may = new_person(open_window(), "Rosa Diaz"), new_person(open_window(), "May Wong")
        third = new_person(open_window(), "Amara Okafor")
        paths = furnish(rosa, may)
        third.window.go(paths["circle"])
        third.press("Ask to join")
        furnished[site] = {**paths, "session": rosa.window.page.context.storage_state()}
    here = furnished[site]
    member = open_window(look, storage_state=here["session"])
    stranger = open_window(look)
    pages = [
        (stranger, "home", "/", 200),
        (stranger, "register", "/register", 200),
        (stranger, "sign-in", "/sign-in", 200),
        (stranger, "circle-stranger", here["circle"], 200),
        (member, "home-member", "/", 200),
        (member, "circles", "/circles", 200),
        (member, "circle-new", "/circles/new", 200),
        (member, "circle", here["circle"], 200),
        (member, "feed", "/feed", 200),
        (member, "story-new", "/stories/new", 200),
        (member, "story", here["story"], 200),
        (member, "events", "/events?city=Atlanta", 200),
        (member, "not-here", "/nowhere", 404),
        (member, "stale-link", "/circles?after=forged", 400),
    ]
    found = []
    for window, name, path, status in pages:
        assert window.go(path) == status
        window.keep_screenshot(name, look)
        found += [f"{name}: {finding}" for finding in findings(window.page)]
    assert found == []


def test_a_circle_is_made_by_the_keyboard_alone(rosa: Person) -> None:
    page = rosa.window.page
    rosa.window.go("/circles/new")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Made without a mouse")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Support")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert rosa.window.heading == "Made without a mouse"


def test_the_pages_need_no_script(open_window: Open) -> None:
    window = open_window(PHONE, java_script_enabled=False)
    rosa = new_person(window, "Rosa Diaz")
    rosa.start_circle("Made without script")
    assert window.heading == "Made without script"


def test_health_is_told_as_json(window: Window) -> None:
    answer = window.page.request.get(window.site.url + "/health")
    assert (answer.status, json.loads(answer.text())["ok"]) == (200, True)
