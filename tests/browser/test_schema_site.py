"""The site of the schema opens from disk, is good to look at and to use, and asks nothing of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models.declaration import isolated_registry
from madmall_models.schema import describe
from madmall_models.schema.committed import write_files
from madmall_models.schema.html_site import html_site
from tests.browser.accessibility import findings
from tests.browser.window import LOOKS, SCREENSHOTS, Look
from tests.unit.schema.hostile_models import HOSTILE_MODELS

pytestmark = pytest.mark.browser

DESK = Look(1280, "light")
PHONE = Look(390, "light")
PAGES = {
    "questions": "index.html",
    "question": "index.html#ask-Circle.by_status",
    "entities": "entities.html",
    "entity": "entities/Circle.html",
    "user": "entities/User.html",
    "indexes": "indexes.html",
    "collections": "collections.html",
    "relationships": "relationships.html",
    "operations": "operations.html",
}

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of our own site, whose name has what an address must escape."""
    place = tmp_path_factory.mktemp("a site") / "of the #schema"
    write_files({place / name: text for name, text in html_site(describe()).items()})
    return place


@pytest.fixture
def opened(browser: Any, folder: Path) -> Iterator[Open]:
    """Return a function that opens a page from disk; at the end nothing may be amiss, and nothing asked elsewhere."""
    contexts: list[Any] = []
    troubles: list[str] = []

    def asked(request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            troubles.append(f"a request left: {request.url}")

    def open_page(place: str, look: Look = DESK, *, within: Path = folder, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": look.width, "height": 900}, color_scheme=look.scheme, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", asked)
        page.on("requestfailed", lambda request: troubles.append(f"not there: {request.url}"))
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(address(place, within))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def address(place: str, folder: Path) -> str:
    path, mark, rest = place.partition("#")
    return (folder / path).as_uri() + mark + rest


def at(page: Any) -> str:
    """Return where a page is, from its last slash."""
    return str(page.url).rpartition("/")[2]


def questions_shown(page: Any) -> list[str]:
    return [each.get_attribute("id") for each in page.locator(".question:visible").all()]


def found(page: Any) -> Any:
    return page.locator("#found [role=option]")


def chosen(page: Any) -> list[str]:
    return [each.get_attribute("id") for each in page.locator("#found [aria-selected=true]").all()]


# -- every page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_good_to_use_at_every_size_and_in_every_light(opened: Open, name: str, look: Look) -> None:
    page = opened(PAGES[name], look)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"schema-{name}-{look.name}.png", full_page=name != "questions")

    assert findings(page) == []


def test_every_page_is_printed(opened: Open) -> None:
    for name, place in PAGES.items():
        page = opened(place)
        page.emulate_media(media="print")
        assert page.locator("main").is_visible()
        assert not page.locator("header.top").is_visible()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        printed = page.pdf(path=SCREENSHOTS / f"schema-{name}.pdf", format="A4")
        assert printed.startswith(b"%PDF"), name


def test_it_can_be_read_without_scripts(opened: Open) -> None:
    page = opened("index.html", java_script_enabled=False)

    assert page.locator(".question").count() > 60
    assert page.get_by_text("What can I ask?").is_visible()
    # What needs a script is not offered.
    assert not page.locator("#search").is_visible()
    assert not page.locator("#theme").is_visible()
    assert not page.locator("#filters").is_visible()


# -- search --------------------------------------------------------------------------------------------------------


def test_search_finds_with_the_keyboard_alone(opened: Open) -> None:
    page = opened("index.html")

    page.keyboard.press("/")
    page.keyboard.type("name profile")
    assert page.locator("#search").evaluate("node => node === document.activeElement")
    assert found(page).count() > 2
    assert chosen(page) == ["found-0"]

    page.keyboard.press("ArrowUp")
    assert chosen(page) == [f"found-{found(page).count() - 1}"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ["found-1"]
    assert page.locator("#search").get_attribute("aria-activedescendant") == "found-1"
    place = found(page).nth(1).get_attribute("data-place")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/{place}")
    assert page.locator(":target").is_visible()


def test_what_is_called_so_is_found_first(opened: Open) -> None:
    page = opened("index.html")

    page.locator("#search").fill("first_name")
    assert "User.profile.first_name" in found(page).first.inner_text()
    page.locator("#search").fill("circle")
    assert found(page).first.locator(".title").inner_text() == "Circle"
    page.locator("#search").fill("status")
    assert found(page).first.locator(".kind").inner_text() == "question"


def test_search_leads_on_from_an_inner_page(opened: Open) -> None:
    page = opened("entities/Circle.html")

    page.locator("#search").fill("which circles are of this type")
    found(page).first.click()

    page.wait_for_url("**/index.html#ask-Circle.by_type")
    assert page.locator("#ask-Circle\\.by_type details").evaluate("node => node.open")


def test_escape_closes_the_search_and_empties_it(opened: Open) -> None:
    page = opened("index.html")

    page.keyboard.press("/")
    page.keyboard.type("circle")
    assert page.locator("#found").is_visible()
    page.keyboard.press("Escape")

    assert not page.locator("#found").is_visible()
    assert page.locator("#search").input_value() == ""
    assert page.locator("#search").get_attribute("aria-expanded") == "false"


def test_search_says_that_nothing_was_found(opened: Open) -> None:
    page = opened("index.html")

    page.locator("#search").fill("zebra crossing")

    assert page.locator("#found").inner_text() == "Nothing is called or says that."
    assert page.locator("#said").inner_text() == "0 found"
    page.keyboard.press("Enter")
    assert at(page) == "index.html"


@pytest.mark.parametrize("text", ["MEMBER_ADDED", "member_added", "TENANT# tenant_id", "MIN_LENGTH", "USER#{user_id}"])
def test_search_finds_what_is_written_in_any_case_and_in_pieces(opened: Open, text: str) -> None:
    page = opened("index.html")

    page.locator("#search").fill(text)

    assert found(page).count() > 0


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_what_is_found_is_readable(opened: Open, look: Look) -> None:
    page = opened("index.html", look)

    page.locator("#search").fill("status")
    page.screenshot(path=SCREENSHOTS / f"schema-search-{look.name}.png")

    box = page.locator("#found").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= look.width


def test_a_slash_is_typed_where_text_is_typed(opened: Open) -> None:
    page = opened("index.html")

    page.locator("#filter-text").focus()
    page.keyboard.type("a/b")

    assert page.locator("#filter-text").input_value() == "a/b"


# -- questions -----------------------------------------------------------------------------------------------------


def test_questions_are_filtered_by_entity_index_and_text(opened: Open) -> None:
    page = opened("index.html")
    everything = len(questions_shown(page))

    page.locator("#filter-entity").select_option("Circle")
    of_circle = questions_shown(page)
    assert {each.partition(".")[0] for each in of_circle} == {"ask-Circle"}
    assert page.locator("#filter-count").inner_text() == f"{len(of_circle)} of {everything} questions"
    assert page.locator(".group:visible").count() == 1
    assert page.locator(".side li:visible").count() == 1

    page.locator("#filter-index").select_option("GSI3")
    assert questions_shown(page) == ["ask-Circle.by_status"]

    page.locator("#filter-text").fill("tenant")
    assert questions_shown(page) == []
    assert page.locator("#filter-nothing").is_visible()

    page.get_by_role("button", name="Clear").click()
    page.locator("#filter-nothing").wait_for(state="hidden")
    assert len(questions_shown(page)) == everything
    assert page.locator("#filter-count").inner_text() == f"{everything} questions"


def test_an_index_leads_to_its_questions(opened: Open) -> None:
    page = opened("indexes.html")

    page.locator("#index-GSI2").get_by_role("link", name="its questions").click()

    page.wait_for_url("**/index.html?index=GSI2")
    assert page.locator("#filter-index").input_value() == "GSI2"
    assert "ask-Story.feed" in questions_shown(page)
    assert "ask-Story.get" not in questions_shown(page)


def test_a_link_to_a_question_shows_it_though_the_filter_hides_it(opened: Open) -> None:
    page = opened("index.html")
    page.locator("#filter-entity").select_option("User")

    page.evaluate("location.hash = 'ask-Circle.by_type'")

    page.locator("#ask-Circle\\.by_type").wait_for(state="visible")
    assert page.locator("#ask-Circle\\.by_type pre").first.is_visible()
    assert page.locator("#filter-entity").input_value() == ""


@pytest.mark.parametrize("rest", ["#%", "#%zz", "#no-such-question", "?index=GSI99&entity=<b>", "?index=%"])
def test_an_address_that_names_nothing_shows_everything(opened: Open, folder: Path, rest: str) -> None:
    page = opened("index.html")

    page.goto((folder / "index.html").as_uri() + rest)
    page.reload()

    assert len(questions_shown(page)) > 60
    assert page.locator("#filter-index").evaluate("node => node.selectedIndex") == 0


def test_the_request_of_a_question_is_opened_with_the_keyboard(opened: Open) -> None:
    page = opened("index.html")
    question = page.locator("#ask-Circle\\.by_type")

    question.locator("summary").focus()
    page.keyboard.press("Enter")

    assert '"IndexName": "GSI1"' in question.locator("pre").first.inner_text()


# -- links, theme --------------------------------------------------------------------------------------------------


def test_the_link_of_an_attribute_is_copied(opened: Open) -> None:
    page = opened("entities/Circle.html", permissions=["clipboard-read", "clipboard-write"])
    link = page.locator("#attribute-name > th > .anchor")

    link.focus()
    page.keyboard.press("Enter")

    page.get_by_text("The link is copied").wait_for(state="attached")
    assert at(page) == "Circle.html#attribute-name"
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_picture_leads_to_what_it_shows(opened: Open) -> None:
    page = opened("collections.html")

    page.locator("[id='collection-CIRCLE~23~~7b~circle_id~7d~'] svg a").filter(has_text="CircleMember").click()

    page.wait_for_url("**/entities/CircleMember.html#key-key")


def test_the_skip_link_leads_to_the_content(opened: Open) -> None:
    page = opened("entities/Circle.html")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_theme_follows_the_system_until_it_is_chosen_and_then_is_remembered(opened: Open, folder: Path) -> None:
    page = opened("index.html", Look(1280, "dark"))
    switch = page.get_by_role("button", name="Dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    assert switch.get_attribute("aria-pressed") == "true"

    switch.click()
    light = page.evaluate(ground)
    assert light != dark
    assert switch.get_attribute("aria-pressed") == "false"

    page.goto(address("entities/User.html", folder))
    assert page.evaluate(ground) == light
    page.reload()
    assert page.evaluate(ground) == light


# -- other declarations --------------------------------------------------------------------------------------------


def test_hostile_declarations_do_nothing_in_a_browser(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hostile_models_in_a_browser.py").write_text(HOSTILE_MODELS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with isolated_registry():
        site = html_site(describe(["hostile_models_in_a_browser"], only=True))
    write_files({tmp_path / name: text for name, text in site.items()})

    for name in (each for each in site if each.endswith(".html")):
        page = opened(name, PHONE, within=tmp_path)
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width, name
        page.locator("#search").fill("script")
        assert found(page).count() > 0
    found(page).first.click()
