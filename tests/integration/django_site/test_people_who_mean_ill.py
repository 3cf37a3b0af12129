"""The example site on Django is firm with people who try what they should not."""

from __future__ import annotations

import re
import threading
import urllib.parse
import uuid
from collections.abc import Callable

import pytest

from madmall_models import Database
from tests.integration.site_visitor import Answer, Visitor, new_email, registered, who_asked

SCRIPT = "<script>alert(1)</script>"
# A site is a process of its own, and asks an engine that is one too.
pytestmark = pytest.mark.difference("one-process")


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
    asking = who_asked(table, circle)

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
