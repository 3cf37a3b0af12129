"""Be somebody who uses a site: every step is what they do with eyes, keyboard and mouse."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from madmall_models import User
from tests.browser.window import Window

PASSWORD = "a long and quiet evening"


@dataclass
class Person:
    """Somebody with a window and an account.

    Attributes:
        window: where they look.
        name: as others see it.
        email: by what they sign in.
    """

    window: Window
    name: str
    email: str

    @property
    def user(self) -> User:
        """Return the account as it is stored."""
        return self.window.site.database.users.get_by_email(self.email)

    def fill(self, **texts: str) -> None:
        """Type into inputs: ``display_name`` is the one that is labelled so, whatever the letter case."""
        for name, text in texts.items():
            self.window.page.get_by_role("main").get_by_label(LABELS[name], exact=True).fill(text)

    def press(self, button: str) -> None:
        """Press a button of the page and wait for what follows."""
        with self.window.page.expect_navigation():
            self.window.page.get_by_role("button", name=button, exact=True).click()

    def start_circle(self, name: str, description: str = "", kind: str = "Support group") -> str:
        """Make a circle and return its path."""
        self.window.go("/circles/new")
        self.fill(name=name, description=description)
        self.window.page.get_by_label("Type", exact=True).select_option(label=kind)
        self.press("Start the circle")
        return self.window.path

    def share_story(self, title: str, story: str, circle: str | None = None) -> str:
        """Publish a story and return its path."""
        self.window.go("/stories/new")
        self.fill(title=title, story=story)
        if circle is not None:
            self.window.page.get_by_role("main").locator("select").select_option(label=circle)
        self.press("Share the story")
        return self.window.path

    def sees(self, text: str) -> bool:
        """Tell whether the page says this."""
        return text in self.window.page.locator("main").inner_text()


LABELS = {
    "display_name": "Display name",
    "email": "E-mail",
    "password": "Password",
    "name": "Name",
    "description": "Description (optional)",
    "title": "Title",
    "story": "Story",
    "comment": "Comment",
    "city": "City",
    "starts_at": "Starts at",
}


def new_person(window: Window, name: str = "Rosa Diaz") -> Person:
    """Register somebody who was never here before."""
    person = Person(window, name, f"{uuid.uuid4().hex[:12]}@example.com")
    window.go("/register")
    person.fill(display_name=name, email=person.email, password=PASSWORD)
    person.press("Register")
    return person
