"""Both example sites let people do what they came for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from madmall_models import utc_now
from tests.browser.person import PASSWORD, Person, new_person
from tests.browser.window import Window

# A site is a process of its own, and asks an engine that is one too.
pytestmark = [pytest.mark.browser, pytest.mark.difference("one-process")]

Open = Callable[..., Window]


def test_who_registers_is_signed_in_and_can_come_back(rosa: Person) -> None:
    assert (rosa.window.path, rosa.window.heading) == ("/circles", "Circles")
    rosa.press("Sign out")
    assert rosa.window.path == "/"

    rosa.window.go("/sign-in")
    rosa.fill(email=rosa.email.upper(), password=PASSWORD)
    rosa.press("Sign in")
    assert rosa.window.path == "/circles"
    assert rosa.window.page.get_by_role("button", name="Sign out").is_visible()


def test_a_circle_takes_in_who_asks_once_its_owner_approves(rosa: Person, may: Person) -> None:
    circle = rosa.start_circle("Morning walkers", "By the lake")
    assert rosa.window.heading == "Morning walkers"

    may.window.go(circle)
    assert may.sees("1 member")
    assert not may.sees("Rosa Diaz")
    may.press("Ask to join")
    assert may.sees("Your request is waiting for approval")

    rosa.window.go(circle)
    assert rosa.sees("Waiting to join")
    rosa.press("Approve May Wong")
    assert rosa.sees("2 members")
    assert not rosa.sees("Waiting to join")
    may.window.go(circle)
    assert may.sees("Rosa Diaz")


def test_a_new_owner_approves_and_the_former_one_s_page_is_refused(
    rosa: Person, may: Person, open_window: Open
) -> None:
    circle = rosa.start_circle("Night shift nurses")
    for person in (may, new_person(open_window(), "Third Person")):
        person.window.go(circle)
        person.press("Ask to join")
    rosa.window.go(circle)
    rosa.press("Approve May Wong")
    stale = rosa.window.page.context.new_page()
    stale.goto(rosa.window.page.url)
    transfer(rosa, to="May Wong")
    assert not rosa.sees("Hand the circle over")

    with stale.expect_navigation() as answered:
        stale.get_by_role("button", name="Approve Third Person").click()
    assert answered.value.status == 403

    may.window.go(circle)
    may.press("Approve Third Person")
    assert may.sees("3 members")
    assert may.window.site.database.circles.get(circle.split("/")[-1]).created_by == may.user.user_id


def transfer(owner: Person, to: str) -> None:
    owner.window.page.get_by_label("Transfer ownership to").select_option(label=to)
    owner.press("Transfer ownership")


def test_a_former_owner_s_page_hands_the_circle_to_nobody_else(rosa: Person, may: Person, open_window: Open) -> None:
    circle = rosa.start_circle("Sisters in the kitchen")
    third = new_person(open_window(), "Third Person")
    for person in (may, third):
        person.window.go(circle)
        person.press("Ask to join")
        rosa.window.go(circle)
        rosa.press(f"Approve {person.name}")
    stale = rosa.window.page.context.new_page()
    stale.goto(rosa.window.page.url)
    transfer(rosa, to="May Wong")

    stale.get_by_label("Transfer ownership to").select_option(label="Third Person")
    with stale.expect_navigation() as answered:
        stale.get_by_role("button", name="Transfer ownership").click()
    assert (answered.value.status, stale.locator("h1").inner_text()) == (409, "The circle has another owner now")


def test_an_event_of_a_circle_is_found_by_its_city(rosa: Person) -> None:
    circle = rosa.start_circle("Tea and talk")
    rosa.fill(title="Tea by the window", city="Savannah", starts_at="2999-12-03T18:30")
    rosa.press("Add the event")
    assert rosa.sees("Tea by the window")

    rosa.window.go("/")
    rosa.fill(city="savannah")
    rosa.press("Find events")
    assert rosa.window.path == "/events?city=savannah"
    rosa.window.follow("Tea by the window")
    assert rosa.window.path == circle


def test_a_story_is_read_in_the_feed_and_commented(rosa: Person, may: Person) -> None:
    story = rosa.share_story("The drawer for tea", "For two years I kept the letter in a drawer.\n\nNot any more.")
    may.window.go("/feed")
    may.window.follow("The drawer for tea", first=True)
    assert may.window.path == story
    may.fill(comment="Thank you for this.")
    may.press("Add comment")
    assert may.sees("Thank you for this.")
    assert may.sees("May Wong")
    assert may.window.page.locator(".prose > p").count() == 2


def test_a_story_in_a_circle_is_for_its_members(rosa: Person, may: Person) -> None:
    circle = rosa.start_circle("Only among us")
    story = rosa.share_story("Said among us only", "A story for few.", circle="Only among us")
    rosa.window.go(circle)
    assert rosa.sees("Said among us only")

    may.window.go("/feed")
    assert not may.sees("Said among us only")
    assert may.window.go(story) == 404
    may.window.go(circle)
    assert not may.sees("Said among us only")


def test_lists_are_paged_and_every_item_comes_once(rosa: Person) -> None:
    database, user = rosa.window.site.database, rosa.user
    tenant = "eastside"
    for number in range(23):
        database.stories.create(
            story_id=f"paged-{user.user_id}-{number}", title=f"Story {number:02}", content="Text", tenant_id=tenant,
            author={"id": user.user_id, "display_name": "Rosa Diaz"}, created_at=utc_now(),
        )  # fmt: skip
        database.circles.create(
            circle_id=f"paged-{user.user_id}-{number}", name=f"Circle {number:02}", type="support_group",
            created_by=user.user_id, tenant_id=tenant,
        )  # fmt: skip
    switch(rosa, "Eastside")
    for path, link, title in (("/feed", "More stories", "Story"), ("/circles", "More circles", "Circle")):
        rosa.window.go(path)
        seen = titles(rosa, title)
        while rosa.window.page.get_by_role("link", name=link).count():
            rosa.window.follow(link)
            seen += titles(rosa, title)
        own = len(seen) - len(set(seen))  # the first page of circles shows one's own above the others
        assert own == (20 if title == "Circle" else 0)
        assert sorted(set(seen)) == [f"{title} {number:02}" for number in range(23)]


def titles(person: Person, title: str) -> list[str]:
    links = person.window.page.get_by_role("link", name=re.compile(rf"^{title} \d\d$"))
    return [str(text) for text in links.all_inner_texts()]


def switch(person: Person, tenant: str) -> None:
    person.window.page.get_by_label("Tenant").select_option(label=tenant)
    person.press("Switch")


def test_another_tenant_s_circles_and_stories_are_not_here(rosa: Person) -> None:
    circle = rosa.start_circle("Westside only")
    story = rosa.share_story("Westside only story", "Not for the other side.")
    switch(rosa, "Eastside")
    for path in (circle, story):
        assert rosa.window.go(path) == 404
        assert rosa.window.heading == "This is not here"
    for path in ("/", "/circles", "/feed"):
        rosa.window.go(path)
        assert not rosa.sees("Westside only")
    switch(rosa, "Main")
    assert rosa.window.go(circle) == 200


def test_a_private_circle_is_not_there_for_others(rosa: Person, may: Person) -> None:
    circle_id = f"private-{rosa.user.user_id}"
    rosa.window.site.database.circles.create(
        circle_id=circle_id, name="Behind the door", type="support_group", privacy_level="private",
        created_by=rosa.user.user_id,
    )  # fmt: skip
    assert may.window.go(f"/circles/{circle_id}") == 404
    may.window.go("/circles")
    assert not may.sees("Behind the door")
    rosa.window.go("/circles")
    assert rosa.sees("Behind the door")
    assert rosa.window.go(f"/circles/{circle_id}") == 200
