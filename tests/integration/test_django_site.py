"""The example site on Django, started as its page says, keeps its promises to people who mean well and to others."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database
from tests.integration.site_visitor import Answer, Visitor

# A site is a process of its own, and asks an engine that is one too.
pytestmark = pytest.mark.difference("one-process")

SITE = Path(__file__).resolve().parents[2] / "examples" / "django_site"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def served(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve the site as a process of its own; give its address and its table."""
    table = f"site-{uuid.uuid4().hex}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "error", "manage.py", "serve", "--port", str(port), "--engine", engine.endpoint]
    log = (tmp_path_factory.mktemp("django-site") / "log").open("w+")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.integration.django_site_settings",
        "PYTHONPATH": str(SITE.parents[1]),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen([*command, "--table", table], cwd=SITE, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(port, process, log)
        yield address, table
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Any) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if process.poll() is not None:
            log.seek(0)
            pytest.fail(f"the site ended: {log.read()}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        threading.Event().wait(0.1)
    pytest.fail("the site did not answer")


@pytest.fixture
def visitor(served: tuple[str, str]) -> Callable[[], Visitor]:
    return lambda: Visitor(served[0])


@pytest.fixture
def table(served: tuple[str, str], engine: Any, client: Any) -> Database:
    database = Database(table=served[1], **engine.connection_settings())
    database.connection._client = client
    return database


@pytest.fixture
def jane(visitor: Callable[[], Visitor]) -> Visitor:
    return registered(visitor(), "Jane Smith")


@pytest.fixture
def ann(visitor: Callable[[], Visitor]) -> Visitor:
    return registered(visitor(), "Ann Lee")


def registered(visitor: Visitor, name: str) -> Visitor:
    answer = visitor.register(name, new_email())
    assert (answer.status, answer.heading) == (200, "Circles")
    return visitor


def new_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def user_id_of(visitor: Visitor, table: Database, circle: str) -> str:
    """Return the id of somebody who asked to join a circle."""
    [member] = table.circles.get_members(circle.rpartition("/")[2], status="pending").consistent()
    return str(member.user_id)


# -- the way of people who mean well -------------------------------------------------------------------------------


def test_a_circle_lives_from_its_start_to_its_handing_over(jane: Visitor, ann: Visitor, table: Database) -> None:
    circle = jane.new_circle()
    assert "You are the owner." in jane.get(circle).main

    asked = ann.post(f"{circle}/join", circle)
    assert "Your request is waiting for approval." in asked.main
    assert "Jane Smith" not in asked.main

    waiting = jane.get(circle)
    assert "Approve Ann Lee" in waiting.main
    approved = jane.post(f"{circle}/approve", waiting, user_id=user_id_of(ann, table, circle))
    assert "There is a new member in the circle." in approved.main
    assert "Jane Smith" in ann.get(circle).main

    to = re.search(r'<option value="([^"]+)">Ann Lee', approved.text)
    assert to is not None
    handed = jane.post(f"{circle}/transfer", circle, to=to[1])
    assert "The circle has a new owner." in handed.main
    assert "You are a member." in handed.main
    assert "You are the owner." in ann.get(circle).main

    stale = jane.post(f"{circle}/transfer", circle, to=to[1])
    assert (stale.status, stale.heading) == (409, "The circle has another owner now")


def test_a_story_is_told_read_and_answered(jane: Visitor, ann: Visitor) -> None:
    told = jane.post("/stories/new", title="My first week", content="It was long.\n\nIt got better. " * 3, circle="")
    assert told.heading == "My first week"
    path = "/" + told.address.split("/", 3)[3]
    assert "My first week" in ann.get("/feed").main

    answered = ann.post(f"{path}/comments", path, content="Thank you.")
    assert "Ann Lee" in answered.main
    assert "Thank you." in jane.get(path).main


def test_a_story_in_a_circle_stays_in_it(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    form = jane.get(f"/stories/new?circle={circle.rpartition('/')[2]}")
    assert re.search(r'<option value="[^"]+" selected>Morning tea', form.text)
    told = jane.post("/stories/new", form, title="Only for you", content="x" * 60, circle=circle.rpartition("/")[2])
    path = "/" + told.address.split("/", 3)[3]

    assert "Only for you" in jane.get(circle).main
    assert "Only for you" not in jane.get("/feed").main
    assert "Only for you" not in ann.get(circle).main
    assert ann.get(path).status == 404
    assert ann.post(f"{path}/comments", "/feed", content="Hello").status == 404


def test_an_event_is_found_by_its_city(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    city = f"Town {uuid.uuid4().hex[:8]}"
    made = jane.post(f"{circle}/events", circle, title="A walk", city=city, starts_at="2199-12-01T18:30")

    assert "The event is in the calendar." in made.main
    assert "A walk" in ann.get(f"/events?city={city.upper().replace(' ', '+')}").main
    assert "01 December 2199, 18:30 UTC" in ann.get(circle).main
    assert "Nothing is planned there yet." in ann.get("/events?city=Nowhere").main


def test_lists_are_paged_to_their_end(jane: Visitor) -> None:
    jane.post("/tenant", "/", tenant="eastside")
    names = [f"Circle {number}" for number in range(12)]
    for name in names:
        jane.new_circle(name)
    first = jane.get("/circles")
    following = re.search(r'href="(/circles\?after=[^"]+)">More circles', first.text)
    assert following is not None
    second = jane.get(following[1])

    assert "Your circles" in first.main
    assert "Your circles" not in second.main
    assert "Circle 0<" in second.main
    assert "More circles" not in second.main


def test_somebody_signs_out_and_in_again_and_goes_on_where_they_were(visitor: Callable[[], Visitor]) -> None:
    someone, email = visitor(), new_email()
    someone.register("Jane Smith", email)
    someone.post("/sign-out", "/")
    asked = someone.get("/stories/new")
    assert asked.heading == "Sign in"
    back = someone.post("/sign-in?next=%2Fstories%2Fnew", asked, email=email.upper(), password="correct horse battery")

    assert back.heading == "Share a story"


def test_health_says_that_the_table_serves(visitor: Callable[[], Visitor]) -> None:
    assert '"ok": true' in visitor().get("/health").text


# -- forms that are wrong ------------------------------------------------------------------------------------------


def test_a_form_with_every_field_wrong_says_so_at_each_and_keeps_what_was_typed(visitor: Callable[[], Visitor]) -> None:
    answer = visitor().post("/register", display_name="Jane", email="nowhere", password="short-pw")

    assert answer.status == 422
    assert answer.errors() == {
        "display_name": "Last name is required",
        "email": "E-mail must be an e-mail address such as name@example.org",
        "password": "Password must have a length of 10 to 200",
    }
    assert "Please look at this again" in answer.main
    assert 'value="nowhere"' in answer.text
    assert "short-pw" not in answer.text
    for name in ("display_name", "email", "password"):
        [tag] = re.findall(rf'<input[^>]*id="{name}"[^>]*>', answer.text)
        assert 'aria-invalid="true"' in tag
        assert f'aria-describedby="{name}-hint {name}-error"' in tag


@pytest.mark.parametrize(
    ("path", "fields", "errors"),
    [
        (
            "/circles/new",
            {"name": "X", "type": "coven"},
            {"name": "Name must have a length of 3 to 100", "type": "Type is not one of the choices"},
        ),
        ("/circles/new", {}, {"name": "Name is required", "type": "Type is required"}),
        (
            "/stories/new",
            {"title": "Hm", "circle": "not-mine"},
            {
                "title": "Title must have a length of 5 to 200",
                "content": "Story is required",
                "circle": "Circle is not one of the choices",
            },
        ),
    ],
)
def test_other_forms_say_it_too(jane: Visitor, path: str, fields: dict[str, str], errors: dict[str, str]) -> None:
    answer = jane.post(path, **fields)

    assert answer.status == 422
    assert answer.errors() == errors


@pytest.mark.parametrize(
    ("starts_at", "said"),
    [
        ("", "Starts at is required"),
        ("tomorrow", "Starts at must be a day and a time"),
        ("2026-13-01T00:00", "Starts at must be a day and a time"),
        ("0001-01-01T00:00", "Starts at must be in the future"),
        ("2020-11-01T00:00", "Starts at must be in the future"),
        ("9999-12-31T23:59", None),
    ],
)
def test_an_event_takes_a_time_to_come_or_says_so(jane: Visitor, starts_at: str, said: str | None) -> None:
    circle = jane.new_circle()
    answer = jane.post(f"{circle}/events", circle, title="", city="", starts_at=starts_at)

    assert (answer.status, answer.heading) == (422, "Morning tea")
    assert set(answer.errors()) >= {"title", "city"}
    assert answer.errors().get("starts_at") == said


@pytest.mark.parametrize("once", ["a#b", "x" * 3000])
def test_a_forged_id_of_what_is_made_is_refused(jane: Visitor, once: str) -> None:
    answer = jane.post("/circles/new", once=once, name="Morning tea", type="support_group")

    assert answer.status == 400


@pytest.mark.parametrize("city", ["a#b", "x" * 60, "Zürich", "\u202ealtnalta", "東京"])
def test_a_city_is_kept_and_found_or_refused_at_its_field(jane: Visitor, city: str) -> None:
    circle = jane.new_circle()
    answer = jane.post(f"{circle}/events", circle, title="A walk", city=city, starts_at="2999-12-01T18:30")
    found = jane.get("/events?city=" + urllib.parse.quote(city))

    assert found.status == 200
    if answer.status == 422:
        assert set(answer.errors()) == {"city"}
        assert "A walk" not in found.main
    else:
        assert (answer.status, answer.heading) == (200, "Morning tea")
        assert "A walk" in found.main


@pytest.mark.parametrize("city", ["#", "%00", "x" * 3000, "%F0%9F%92%99", "%ED%A0%80"])
def test_a_city_that_there_cannot_be_has_no_events(visitor: Callable[[], Visitor], city: str) -> None:
    answer = visitor().get(f"/events?city={city}")

    assert (answer.status, answer.heading) == (200, "Events")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Jane \u202ehtimS", "Display name has characters that cannot be seen"),
        ("Jane " + "x" * 90, "Display name must have a length of 1 to 80"),
        ("Jane", "Last name is required"),
        (" ", "Display name is required"),
    ],
)
def test_a_name_that_others_cannot_read_is_refused(visitor: Callable[[], Visitor], name: str, said: str) -> None:
    answer = visitor().post("/register", display_name=name, email=new_email(), password="correct horse battery")

    assert answer.status == 422
    assert answer.errors() == {"display_name": said}


@pytest.mark.parametrize("email", ["a#b@example.com", "x" * 3000 + "@example.com", "jane@example.com\x01"])
def test_an_address_that_cannot_be_kept_is_refused_at_its_field(visitor: Callable[[], Visitor], email: str) -> None:
    answer = visitor().register("Jane Smith", email)

    if answer.status != 200:
        assert answer.status == 422
        assert set(answer.errors()) == {"email"}


def test_a_comment_of_nothing_is_refused_below_its_story(jane: Visitor) -> None:
    told = jane.post("/stories/new", title="My first week", content="x" * 60, circle="")
    path = "/" + told.address.split("/", 3)[3]
    answer = jane.post(f"{path}/comments", path, content="   ")

    assert (answer.status, answer.heading) == (422, "My first week")
    assert answer.errors() == {"content": "Comment is required"}


def test_a_wrong_password_and_an_unknown_address_are_told_alike(visitor: Callable[[], Visitor]) -> None:
    someone, email = visitor(), new_email()
    someone.register("Jane Smith", email)
    pages = [
        visitor().post("/sign-in", email=address, password=password)
        for address, password in ((email, "wrong password"), (new_email(), "wrong password"), ("#", ""), ("\0", "x"))
    ]

    assert {page.status for page in pages} == {422}
    assert {re.findall(r"<p>(E-mail and password[^<]*)", page.text)[0] for page in pages} == {
        "E-mail and password do not go together. Please try again."
    }


# -- people who try what they should not ---------------------------------------------------------------------------


def test_an_address_is_taken_once_however_many_ask_at_once(visitor: Callable[[], Visitor]) -> None:
    email = new_email()
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(visitor().register("Jane Smith", email))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.errors() == {"email": "E-mail is taken already"}


def test_a_form_sent_twice_makes_one_thing(jane: Visitor, table: Database) -> None:
    form = jane.get("/circles/new")
    fields = {"name": "Only once", "description": "Tea", "type": "support_group"}
    first, second = (jane.post("/circles/new", form, **fields) for _ in range(2))

    assert first.address == second.address
    assert second.status == 200


def test_an_id_of_somebody_elses_thing_is_not_answered_with_it(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    answer = ann.post("/circles/new", once=circle.rpartition("/")[2], name="Mine", type="support_group")

    assert (answer.status, answer.heading) == (409, "This exists already")


@pytest.mark.parametrize("cursor", ["x", "AAAA" * 30, "%F0%9F%92%99", "..%2F..%2Fetc", "A" * 45_000])
@pytest.mark.parametrize("path", ["/circles", "/feed", "/events?city=Atlanta"])
def test_a_forged_page_link_leads_back_to_the_first(visitor: Callable[[], Visitor], path: str, cursor: str) -> None:
    answer = visitor().get(f"{path}{'&' if '?' in path else '?'}after={cursor}")

    if answer.status == 414:
        return  # the server takes no address of this length
    assert (answer.status, answer.heading) == (400, "This page link is no longer valid")
    assert f'href="{path}">Back to the first page' in answer.text


def test_a_page_link_of_another_list_is_refused(jane: Visitor) -> None:
    for number in range(11):
        jane.new_circle(f"Circle {number}")
    following = re.search(r"/circles\?(after=[^\"]+)", jane.get("/circles").text)
    assert following is not None

    assert jane.get(f"/feed?{following[1]}").status == 400
    jane.post("/tenant", "/", tenant="eastside")
    assert jane.get(f"/circles?{following[1]}").status == 400


@pytest.mark.parametrize("path", ["/register", "/sign-in", "/sign-out", "/circles/new", "/tenant", "/stories/new"])
def test_a_form_without_its_token_is_refused(jane: Visitor, path: str) -> None:
    answer = jane.send(path, name="Morning tea", type="support_group", tenant="eastside")

    assert answer.status == 403
    assert "Sign out" in jane.get("/").text
    assert "site-header" in answer.text


@pytest.mark.parametrize("path", ["/circles/{}", "/stories/{}"])
@pytest.mark.parametrize("name", ["a%23b", "%20", "nobody", "%00", "a" * 3000, "%F0%9F%92%99", "..%2Fx", "USER%23x"])
def test_an_id_that_is_none_is_not_found(jane: Visitor, path: str, name: str) -> None:
    answer = jane.get(path.format(name))

    assert (answer.status, answer.heading) == (404, "This is not here")


def test_what_people_write_is_shown_and_never_run(visitor: Callable[[], Visitor], ann: Visitor) -> None:
    someone = registered(visitor(), f"{SCRIPT} {SCRIPT}")
    circle = someone.new_circle(f"{SCRIPT} tea")
    told = someone.post("/stories/new", title=f"{SCRIPT} title", content=SCRIPT * 5, circle="")
    path = "/" + told.address.split("/", 3)[3]
    ann.post(f"{circle}/join", circle)
    someone.post(f"{circle}/events", circle, title=f"{SCRIPT} walk", city=SCRIPT, starts_at="2199-12-01T18:30")
    pages = [someone.get(page) for page in ("/", circle, path, "/feed", f"/events?city={SCRIPT}", "/circles")]

    assert all(page.status == 200 for page in pages)
    assert not any("<script" in page.text for page in pages)
    assert "default-src 'self'" in pages[0].headers["Content-Security-Policy"]


def test_a_story_that_is_too_long_is_shown_again(jane: Visitor) -> None:
    answer = jane.post("/stories/new", title="All of it", content="long " * 100_000, circle="")

    assert answer.status == 413
    assert answer.errors() == {"content": "Story is too long to be kept; please shorten it"}
    assert answer.text.count("long ") >= 99_999


def test_a_body_that_is_far_too_long_is_refused(jane: Visitor) -> None:
    assert jane.post("/stories/new", title="All of it", content="x" * 5_000_000).status in (400, 413)


def test_what_belongs_to_another_tenant_is_neither_listed_nor_answered(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle("Here only")
    told = jane.post("/stories/new", title="Told here only", content="x" * 60, circle="")
    path = "/" + told.address.split("/", 3)[3]
    city = f"Town {uuid.uuid4().hex[:8]}"
    jane.post(f"{circle}/events", circle, title="A walk", city=city, starts_at="2199-12-01T18:30")
    ann.post("/tenant", "/", tenant="eastside")

    assert ann.get(circle).status == 404
    assert ann.get(path).status == 404
    assert "Told here only" not in ann.get("/feed").main
    assert "Here only" not in ann.get("/circles").main
    assert "A walk" not in ann.get(f"/events?city={city.replace(' ', '+')}").main
    for deed in ("join", "approve", "transfer", "events"):
        assert ann.post(f"{circle}/{deed}", "/").status == 404
    assert ann.post(f"{path}/comments", "/", content="Hello").status == 404


@pytest.mark.parametrize("tenant", ["", "westside", "default#x"])
def test_a_tenant_that_there_is_not_is_refused(jane: Visitor, tenant: str) -> None:
    assert jane.post("/tenant", "/", tenant=tenant).status == 400


def test_a_private_circle_is_not_there_for_others(jane: Visitor, ann: Visitor, table: Database) -> None:
    circle = jane.new_circle("Quiet room")
    table.circles.update(circle.rpartition("/")[2], privacy_level="private")

    assert jane.get(circle).heading == "Quiet room"
    assert "Quiet room" in jane.get("/circles").main
    assert "Quiet room" not in ann.get("/circles").main
    assert ann.get(circle).status == 404
    assert ann.post(f"{circle}/join", "/").status == 404


def test_only_admins_approve_and_only_the_owner_hands_over(jane: Visitor, ann: Visitor, table: Database) -> None:
    circle = jane.new_circle()
    ann.post(f"{circle}/join", circle)
    asking = user_id_of(ann, table, circle)

    assert ann.post(f"{circle}/approve", circle, user_id=asking).status == 403
    assert ann.post(f"{circle}/transfer", circle, to=asking).status == 403
    assert ann.post(f"{circle}/events", circle, title="A walk", city="Here", starts_at="2199-12-01T18:30").status == 403
    jane.post(f"{circle}/approve", circle, user_id=asking)
    assert ann.post(f"{circle}/approve", circle, user_id=asking).status == 403
    assert ann.post(f"{circle}/transfer", circle, to=asking).status == 409
    assert table.circles.get(circle.rpartition("/")[2], consistent=True).created_by != asking


@pytest.mark.parametrize(("deed", "field"), [("approve", "user_id"), ("transfer", "to")])
@pytest.mark.parametrize("name", ["nobody", "", "a#b"])
def test_somebody_who_is_no_member_can_be_neither_approved_nor_handed_to(
    jane: Visitor, deed: str, field: str, name: str
) -> None:
    circle = jane.new_circle()

    assert jane.post(f"{circle}/{deed}", circle, **{field: name}).status in (400, 409)


def test_asking_again_changes_nothing(jane: Visitor, ann: Visitor) -> None:
    circle = jane.new_circle()
    ann.post(f"{circle}/join", circle)
    again = ann.post(f"{circle}/join", circle)

    assert again.status == 200
    assert "have asked to be" in again.main


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x()"])
def test_signing_in_leads_nowhere_else(visitor: Callable[[], Visitor], address: str) -> None:
    someone, email = visitor(), new_email()
    someone.register("Jane Smith", email)
    someone.post("/sign-out", "/")
    query = urllib.parse.quote(address, safe="")
    answer = someone.post(f"/sign-in?next={query}", "/sign-in", email=email, password="correct horse battery")

    assert answer.address == f"{someone.site}/circles"


def test_who_is_not_signed_in_writes_nothing(visitor: Callable[[], Visitor], jane: Visitor) -> None:
    circle = jane.new_circle()
    nobody = visitor()

    for path in (f"{circle}/join", f"{circle}/approve", f"{circle}/events", "/circles/new", "/stories/new"):
        answer = nobody.post(path, "/")
        assert answer.heading == "Sign in", path
    assert "Jane Smith" not in nobody.get(circle).main


def test_a_draft_is_its_authors_alone(jane: Visitor, ann: Visitor, table: Database) -> None:
    told = jane.post("/stories/new", title="Not yet told", content="x" * 60, circle="")
    path = "/" + told.address.split("/", 3)[3]
    table.stories.update(path.rpartition("/")[2], status="draft")

    assert jane.get(path).heading == "Not yet told"
    assert ann.get(path).status == 404


def test_who_was_deleted_is_signed_out(jane: Visitor, table: Database) -> None:
    circle = jane.new_circle()
    found = table.circles.get(circle.rpartition("/")[2], consistent=True)
    table.circles.delete(found.circle_id)
    table.users.delete(found.created_by)

    assert jane.get("/circles/new").heading == "Sign in"


def test_pages_of_people_are_kept_nowhere(jane: Visitor) -> None:
    assert jane.get("/circles").headers["Cache-Control"] == "no-store"
