"""Give a browser, looks at 1280 and 390 pixels in light and dark, and the sites that are looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import Person, new_person
from tests.browser.sites import SITES, Site, started
from tests.browser.window import PHONE, Look, Window, watched

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


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


@pytest.fixture
def rosa(window: Window) -> Person:
    """Give somebody with an account, in the window of a phone."""
    return new_person(window, "Rosa Diaz")


@pytest.fixture
def may(open_window: Callable[..., Window]) -> Person:
    """Give somebody else with an account, in a window of their own."""
    return new_person(open_window(), "May Wong")
