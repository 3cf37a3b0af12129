"""Be a window of somebody's own, and note what goes wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.browser.sites import CHECKOUT, Site

SCREENSHOTS = CHECKOUT / "build" / "screenshots"
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

    def follow(self, link: str, *, first: bool = False) -> None:
        """Follow a link of the page and wait until the other page is whole: a click alone returns before that."""
        links = self.page.get_by_role("link", name=link)
        with self.page.expect_navigation():
            (links.first if first else links).click()

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
