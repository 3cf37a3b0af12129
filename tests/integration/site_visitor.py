"""Visit a site over HTTP as a browser without JavaScript would: keep cookies, fill in the forms of the page."""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from madmall_models import Database

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the address after redirects, the headers and the text."""

    status: int
    address: str
    headers: Any
    text: str

    @property
    def heading(self) -> str:
        """Return the text of the only first heading."""
        [found] = re.findall(r"<h1>(.*?)</h1>", self.text, re.DOTALL)
        return html.unescape(found)

    @property
    def main(self) -> str:
        """Return what stands between header and footer, as it is read."""
        return html.unescape(self.text.partition("<main")[2].partition("</main>")[0])

    def hidden(self, name: str) -> str:
        """Return the value of a hidden input; of several the last, which is that of the page rather than the header."""
        found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        return html.unescape(found[-1]) if found else ""

    def errors(self) -> dict[str, str]:
        """Return the message at each field that has one."""
        found = re.findall(r'<p class="error" id="([\w-]+)-error">(.*?)</p>', self.text)
        return {name: html.unescape(message).strip() for name, message in found}


class Visitor:
    """Be somebody with a browser of their own."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.ProxyHandler({})
        )

    def get(self, path: str, accept: str = "text/html") -> Answer:
        """Read a page."""
        return self._sent(urllib.request.Request(self.site + path, headers={"Accept": accept}))  # noqa: S310

    def post(self, path: str, page: str | Answer | None = None, **fields: str) -> Answer:
        """Send the form of a page, by its hidden inputs and what was typed; without one, of the page of this path."""
        shown = page if isinstance(page, Answer) else self.get(page or path)
        hidden = {name: shown.hidden(name) for name in ("csrfmiddlewaretoken", "csrf_token", "once")}
        return self.send(path, **{name: value for name, value in hidden.items() if value} | fields)

    def send(self, path: str, **fields: str) -> Answer:
        """Send fields, and no others."""
        body = urllib.parse.urlencode(fields).encode()
        headers = {"Accept": "text/html", "Referer": self.site + path}
        return self._sent(urllib.request.Request(self.site + path, data=body, headers=headers))  # noqa: S310

    def register(self, name: str, email: str) -> Answer:
        """Make an account, and be signed in."""
        return self.post("/register", display_name=name, email=email, password=PASSWORD)

    def new_circle(self, name: str = "Morning tea") -> str:
        """Make a circle, and return its path."""
        made = self.post("/circles/new", name=name, description="Tea and talk", type="support_group")
        return urllib.parse.urlsplit(made.address).path

    def _sent(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.url, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.url, error.headers, error.read().decode())


def registered(visitor: Visitor, name: str) -> Visitor:
    """Give somebody an account, and return them signed in."""
    answer = visitor.register(name, new_email())
    assert (answer.status, answer.heading) == (200, "Circles")
    return visitor


def new_email() -> str:
    """Return an address that nobody has."""
    return f"{uuid.uuid4().hex}@example.com"


def who_asked(database: Database, circle: str) -> str:
    """Return the id of the one who asked to join the circle at this path."""
    [member] = database.circles.get_members(circle.rpartition("/")[2], status="pending").consistent()
    return str(member.user_id)
