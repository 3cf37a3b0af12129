"""Both example sites are kind to who makes a mistake, and firm with who means ill."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Database
from tests.browser.accessibility import findings
from tests.browser.person import PASSWORD, Person, new_person
from tests.browser.window import LOOKS, Look, Window

# A site is a process of its own, and asks an engine that is one too.
pytestmark = [pytest.mark.browser, pytest.mark.difference("one-process")]

Open = Callable[..., Window]
SCRIPT = "<script>alert('Rosa')</script>"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_a_form_with_every_field_wrong_says_so_at_each_and_keeps_what_was_typed(open_window: Open, look: Look) -> None:
    window = open_window(look)
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
    window.keep_screenshot("register-wrong", look)
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
    window.follow("Back to the first page")
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


def test_who_asks_to_join_before_signing_in_comes_back_to_the_circle(rosa: Person, open_window: Open) -> None:
    circle = rosa.start_circle("Open door")
    window = open_window()
    window.go(circle)
    stranger = Person(window, "", rosa.email)
    stranger.press("Ask to join")
    assert window.heading == "Sign in"
    stranger.fill(email=rosa.email, password=PASSWORD)
    with window.page.expect_navigation():
        window.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    assert window.path == circle


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
