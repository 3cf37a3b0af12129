"""Both example sites do the same for those who use them, and are kind to them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Database, utc_now
from tests.browser.accessibility import findings
from tests.browser.conftest import LOOKS, PHONE, Look, Window
from tests.browser.person import PASSWORD, Person, new_person

# A site is a process of its own, and asks an engine that is one too.
pytestmark = [pytest.mark.browser, pytest.mark.difference("one-process")]

Open = Callable[..., Window]
SCRIPT = "<script>alert('Rosa')</script>"


@pytest.fixture
def rosa(window: Window) -> Person:
    return new_person(window, "Rosa Diaz")


@pytest.fixture
def may(open_window: Open) -> Person:
    return new_person(open_window(), "May Wong")


# -- what a member does --------------------------------------------------------------------------------------------


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
    rosa.window.page.get_by_role("link", name="Tea by the window").click()
    assert rosa.window.path == circle


def test_a_story_is_read_in_the_feed_and_commented(rosa: Person, may: Person) -> None:
    story = rosa.share_story("The drawer for tea", "For two years I kept the letter in a drawer.\n\nNot any more.")
    may.window.go("/feed")
    may.window.page.get_by_role("link", name="The drawer for tea").first.click()
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
        while (more := rosa.window.page.get_by_role("link", name=link)).count():
            more.click()
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


# -- what goes wrong -----------------------------------------------------------------------------------------------


def test_a_form_with_every_field_wrong_says_so_at_each_and_keeps_what_was_typed(window: Window) -> None:
    person = Person(window, "", "")
    window.go("/register")
    person.fill(display_name="Rosa", email="nowhere", password="short")
    with window.page.expect_navigation() as answered:
        window.page.get_by_role("button", name="Register").click()

    assert answered.value.status == 422
    assert window.page.get_by_role("alert").get_by_role("link").count() == 3
    for label, said, kept in (
        ("Display name", "Last name is required", "Rosa"),
        ("E-mail", "E-mail must be an e-mail address such as name@example.org", "nowhere"),
        ("Password", "Password must have a length of 10 to 200", ""),
    ):
        box = window.page.get_by_label(label, exact=True)
        assert box.get_attribute("aria-invalid") == "true"
        described = [window.page.locator(f"#{id}").inner_text() for id in box.get_attribute("aria-describedby").split()]
        assert (described[-1], box.input_value()) == (said, kept)
    window.page.get_by_role("alert").get_by_role("link").nth(1).click()
    assert window.page.evaluate("document.activeElement.name") == "email"
    assert findings(window.page) == []


@pytest.mark.parametrize(
    ("path", "button", "least"),
    [("/circles/new", "Start the circle", 2), ("/stories/new", "Share the story", 2), ("/register", "Register", 3)],
)
def test_an_empty_form_is_refused(rosa: Person, path: str, button: str, least: int) -> None:
    rosa.window.go(path)
    with rosa.window.page.expect_navigation() as answered:
        rosa.window.page.get_by_role("button", name=button, exact=True).click()
    assert answered.value.status == 422
    assert rosa.window.page.locator("[aria-invalid=true]").count() == least
    assert findings(rosa.window.page) == []


def test_an_event_that_nobody_could_visit_is_refused_and_what_was_typed_stays(rosa: Person) -> None:
    rosa.start_circle("Late again")
    rosa.fill(title="Tea of last year", starts_at="2001-01-01T10:00")
    with rosa.window.page.expect_navigation() as answered:
        rosa.window.page.get_by_role("button", name="Add the event").click()
    assert answered.value.status == 422
    alert = rosa.window.page.get_by_role("alert").inner_text()
    assert "City is required" in alert
    assert "Starts at must be in the future" in alert
    assert rosa.window.page.get_by_label("Title", exact=True).input_value() == "Tea of last year"
    assert findings(rosa.window.page) == []


def test_a_taken_address_is_said_at_the_field_and_nothing_of_who_has_it(rosa: Person, open_window: Open) -> None:
    window = open_window()
    person = Person(window, "Another One", rosa.email)
    window.go("/register")
    person.fill(display_name="Another One", email=rosa.email.upper(), password=PASSWORD)
    with window.page.expect_navigation() as answered:
        window.page.get_by_role("button", name="Register").click()

    assert answered.value.status == 409
    assert window.page.locator("#email-error").inner_text() == "E-mail is taken already"
    assert "Rosa" not in window.page.content()
    assert rosa.user.user_id not in window.page.content()


@pytest.mark.parametrize("wrong", ["password", "email"])
def test_a_wrong_sign_in_does_not_say_what_was_wrong(rosa: Person, open_window: Open, wrong: str) -> None:
    window = open_window()
    person = Person(window, "", "")
    window.go("/sign-in")
    texts = {"email": rosa.email, "password": PASSWORD, wrong: "nobody@example.com"}
    person.fill(**texts)
    with window.page.expect_navigation() as answered:
        window.page.get_by_role("button", name="Sign in", exact=True).click()
    assert answered.value.status == 422
    assert window.page.get_by_role("alert").inner_text() == "E-mail and password do not go together. Please try again."
    assert window.page.get_by_label("Password", exact=True).input_value() == ""


@pytest.mark.parametrize("path", ["/circles?after=forged", "/feed?after=" + "A" * 200, "/events?city=X&after=%00"])
def test_a_page_link_that_is_no_longer_valid_leads_back_to_the_first_page(window: Window, path: str) -> None:
    assert window.go(path) == 400
    assert window.heading == "This page link is no longer valid"
    assert findings(window.page) == []
    window.page.get_by_role("link", name="Back to the first page").click()
    assert "after=" not in window.path
    assert window.heading in ("Circles", "Stories", "Events")


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/circles/none", "/circles/a%23b", "/circles/" + "x" * 200, "/stories/%F0%9F%92%A3", "/stories/a%20b"],
)
def test_what_is_not_here_is_a_page_of_the_site(window: Window, path: str) -> None:
    assert window.go(path) == 404
    assert window.heading == "This is not here"
    assert findings(window.page) == []


def test_a_request_without_the_form_s_token_is_refused(rosa: Person) -> None:
    circle = rosa.start_circle("Guarded circle")
    for path, form in (
        ("/sign-out", {}), ("/tenant", {"tenant": "eastside"}), ("/circles/new", {"name": "Forged circle"}),
        (f"{circle}/transfer", {"to": "me"}), (f"{circle}/join", {}), (f"{circle}/approve", {"user_id": "x"}),
    ):  # fmt: skip
        answer = rosa.window.page.request.post(rosa.window.site.url + path, form=form)
        assert answer.status in (400, 403), path
    rosa.window.go("/circles")
    assert rosa.window.page.get_by_role("button", name="Sign out").is_visible()


def test_who_is_not_an_admin_cannot_approve(rosa: Person, may: Person) -> None:
    circle = rosa.start_circle("Careful circle")
    may.window.go(circle)
    may.press("Ask to join")
    assert may.window.page.get_by_role("button", name=re.compile("Approve")).count() == 0

    form = {token_name(may): token(may), "user_id": may.user.user_id}
    answer = may.window.page.request.post(
        f"{may.window.page.url}/approve", form=form, headers={"Referer": may.window.page.url}
    )
    assert answer.status == 403
    rosa.window.go(circle)
    assert rosa.sees("1 member")


def token_name(person: Person) -> str:
    return {"flask": "csrf_token", "django": "csrfmiddlewaretoken"}[person.window.site.name]


def token(person: Person) -> str:
    return str(person.window.page.locator(f"input[name={token_name(person)}]").first.input_value())


def test_what_is_typed_stays_text(rosa: Person, open_window: Open) -> None:
    mallory = new_person(open_window(), f"Mallory {SCRIPT}")
    circle = rosa.start_circle(f"Circle {SCRIPT}", SCRIPT)
    mallory.window.go(circle)
    mallory.press("Ask to join")
    rosa.window.go(circle)
    assert rosa.window.heading == f"Circle {SCRIPT}"
    rosa.press(f"Approve Mallory {SCRIPT}")
    mallory.share_story(f"Story {SCRIPT}", f"{SCRIPT}\n\n{{{{ 7 * 7 }}}} {{% now %}}")
    mallory.fill(comment=SCRIPT)
    mallory.press("Add comment")
    assert mallory.sees("{{ 7 * 7 }}")
    for path in ("/feed", "/", "/circles", circle, f"/events?city={SCRIPT}"):
        rosa.window.go(path)
        assert rosa.window.page.locator("main script").count() == 0


@pytest.mark.parametrize("length", [100_000, 500_000])
def test_a_very_long_story_is_kept_or_given_back(rosa: Person, length: int) -> None:
    text = "For two years I kept it. " * (length // 25)
    rosa.window.go("/stories/new")
    rosa.fill(title="A very long story", story=text)
    with rosa.window.page.expect_navigation() as answered:
        rosa.window.page.get_by_role("button", name="Share the story").click()
    if length < 400_000:
        assert (answered.value.status, rosa.window.heading) == (200, "A very long story")
    else:
        assert answered.value.status == 413
        assert "too long" in rosa.window.page.get_by_role("alert").inner_text()
        assert rosa.window.page.get_by_label("Story", exact=True).input_value().strip() == text.strip()


def test_a_form_that_is_sent_twice_creates_once(rosa: Person) -> None:
    rosa.window.go("/stories/new")
    rosa.fill(title="Sent two times", story="Once is enough.")
    form = {
        box.get_attribute("name"): box.input_value()
        for box in rosa.window.page.locator("main form").locator("input, textarea, select").all()
    }
    answers = [
        rosa.window.page.request.post(rosa.window.page.url, form=form, headers={"Referer": rosa.window.page.url})
        for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].url == answers[1].url
    assert len(list(stories_of(rosa.window.site.database, rosa))) == 1


def stories_of(database: Database, person: Person) -> Any:
    return database.stories.get_by_author(person.user.user_id)


def test_who_is_not_signed_in_is_sent_there_and_back(rosa: Person, open_window: Open) -> None:
    window = open_window()
    window.go("/circles/new")
    assert window.heading == "Sign in"
    Person(window, "", "").fill(email=rosa.email, password=PASSWORD)
    with window.page.expect_navigation():
        window.page.get_by_role("button", name="Sign in", exact=True).click()
    assert window.path == "/circles/new"


def test_nobody_is_sent_to_another_site_after_signing_in(rosa: Person, open_window: Open) -> None:
    for elsewhere in ("//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example"):
        window = open_window()
        window.go(f"/sign-in?next={elsewhere}")
        Person(window, "", "").fill(email=rosa.email, password=PASSWORD)
        with window.page.expect_navigation():
            window.page.get_by_role("button", name="Sign in", exact=True).click()
        assert window.path == "/circles"


def test_a_session_is_another_one_after_signing_in(rosa: Person) -> None:
    cookies = {cookie["name"]: cookie for cookie in rosa.window.page.context.cookies()}
    session = next(cookie for name, cookie in cookies.items() if "session" in name)
    assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")


def test_health_is_told_as_json(window: Window) -> None:
    answer = window.page.request.get(window.site.url + "/health")
    assert (answer.status, json.loads(answer.text())["ok"]) == (200, True)


# -- how it looks --------------------------------------------------------------------------------------------------


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
