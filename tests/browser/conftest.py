"""Give a browser, looks at 1280 and 390 pixels in light and dark, and the sites that are looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser.sites import CHECKOUT, SITES, Site, started

SCREENSHOTS = CHECKOUT / "build" / "screenshots"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium says of the page itself, on the console, that it was answered with an error; that is what was asked for.
_ANSWERED = "Failed to load resource: the server responded with a status of"


@dataclass(frozen=True)
class Look:
    """A size of the window and a choice of colors."""

    width: int
    scheme: str

    @property
    def name(self) -> str:
        """Return what tells this look from others."""
        return f"{self.width}-{self.scheme}"


LOOKS = tuple(Look(width, scheme) for width in (1280, 390) for scheme in ("light", "dark"))
PHONE = Look(390, "light")


@dataclass
class Window:
    """A window of somebody's own: a session, a page, and what went wrong on the way.

    Attributes:
        page: Playwright's page.
        site: where it looks.
        troubles: errors of the console and of scripts, and files that were not there; none are expected.
    """

    page: Any
    site: Site
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page of the site and return its status."""
        answer = self.page.goto(self.site.url + path)
        return int(answer.status)

    @property
    def path(self) -> str:
        """Return where the window is, without the host."""
        return str(self.page.url).removeprefix(self.site.url)

    @property
    def heading(self) -> str:
        """Return the heading of the page."""
        return str(self.page.locator("h1").inner_text())

    def keep_screenshot(self, page_name: str, look: Look) -> None:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.site.name}-{page_name}-{look.name}.png"
        self.page.screenshot(path=path, full_page=True)


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker."""
    config.addinivalue_line("markers", "browser: drives Chromium; skipped where there is none")


def chromium() -> Path:
    """Return Chromium of this machine, or skip the test and say what it needs."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser on this machine; install Debian's chromium (looked for {', '.join(_BROWSERS)})")
    return Path(found)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give Chromium, for one module: its loop of events stands in the way of tests that run one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=sorted(SITES))
def site(request: pytest.FixtureRequest, engine: Any) -> Iterator[Site]:
    """Give each of the example sites, started for this module."""
    with started(request.param, engine) as running:
        yield running


@pytest.fixture
def open_window(browser: Any, site: Site) -> Iterator[Callable[..., Window]]:
    """Return a function that opens a window, of somebody who has not been here; at the end nothing may be amiss."""
    windows: list[Window] = []

    def opened(look: Look = PHONE, **options: Any) -> Window:
        context = browser.new_context(
            viewport={"width": look.width, "height": 900}, color_scheme=look.scheme, reduced_motion="reduce", **options
        )
        windows.append(watched(Window(context.new_page(), site)))
        return windows[-1]

    yield opened
    troubles = [trouble for window in windows for trouble in window.troubles]
    for window in windows:
        window.page.context.close()
    assert troubles == []


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    """Give the window of somebody with a phone."""
    return open_window()


def watched(window: Window) -> Window:
    """Note what goes wrong in a window."""
    asked_for: set[str] = set()

    def noted(answer: Any) -> None:
        if answer.request.is_navigation_request():
            asked_for.add(answer.url)
        elif answer.status >= 400:
            window.troubles.append(f"{answer.status} for {answer.url}")

    def said(message: Any) -> None:
        expected = message.text.startswith(_ANSWERED) and message.location["url"] in asked_for
        if message.type in ("error", "warning") and not expected:
            window.troubles.append(f"console: {message.text}")

    window.page.on("response", noted)
    window.page.on("console", said)
    window.page.on("pageerror", lambda error: window.troubles.append(f"script: {error}"))
    window.page.on("dialog", lambda dialog: (window.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return window
