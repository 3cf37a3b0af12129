"""People do the same thing at the same moment, and the sites do it once, for one of them, and tell the others."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from madmall_models.integrity import check
from tests.browser.sites import Site
from tests.integration.site_visitor import Answer, Visitor

pytestmark = pytest.mark.difference("one-process")

AT_ONCE = 4


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """Do all of it at the same moment, each in a thread, and return the answers."""
    start = threading.Barrier(len(acts))
    answers: list[Answer] = []

    def run(act: Callable[[], Answer]) -> None:
        start.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def newcomer(site: Site, name: str = "Rosa Diaz") -> Visitor:
    visitor = Visitor(site.url)
    assert visitor.register(name, new_email()).heading == "Circles"
    return visitor


def new_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def user_id(site: Site, circle: str, status: str = "pending") -> list[str]:
    members = site.database.circles.get_members(circle.rpartition("/")[2], status=status).consistent()
    return [member.user_id for member in members]


def test_of_those_who_take_an_address_at_once_one_gets_it(site: Site) -> None:
    email = new_email()
    visitors = [Visitor(site.url) for _ in range(AT_ONCE)]
    answers = at_once(*(lambda visitor=visitor: visitor.register("Rosa Diaz", email) for visitor in visitors))

    assert statuses(answers) == [200] + [409] * (AT_ONCE - 1)
    refused = [answer for answer in answers if answer.status == 409]
    assert {answer.errors()["email"] for answer in refused} == {"E-mail is taken already"}
    assert [user.email for user in site.database.users.of_tenant() if user.email == email] == [email]


def test_who_asks_to_join_twice_at_once_asks_once(site: Site) -> None:
    owner, ann = newcomer(site), newcomer(site, "Ann Lee")
    circle = owner.new_circle()
    page = ann.get(circle)
    answers = at_once(*[lambda: ann.post(f"{circle}/join", page)] * 2)
    assert statuses(answers) == [200, 200]
    assert len(user_id(site, circle)) == 1


def test_a_member_who_is_approved_twice_at_once_counts_once(site: Site) -> None:
    owner, ann = newcomer(site), newcomer(site, "Ann Lee")
    circle = owner.new_circle()
    ann.post(f"{circle}/join", circle)
    [ann_id] = user_id(site, circle)
    page = owner.get(circle)
    answers = at_once(*[lambda: owner.post(f"{circle}/approve", page, user_id=ann_id)] * 2)
    assert statuses(answers) == [200, 200]
    assert site.database.circles.get(circle.rpartition("/")[2], consistent=True).stats.member_count == 2


def test_an_owner_who_hands_over_to_two_at_once_hands_over_to_one(site: Site) -> None:
    owner = newcomer(site)
    circle = owner.new_circle()
    heirs = [newcomer(site, "Ann Lee"), newcomer(site, "May Wong")]
    for heir in heirs:
        heir.post(f"{circle}/join", circle)
    ids = user_id(site, circle)
    for heir_id in ids:
        owner.post(f"{circle}/approve", circle, user_id=heir_id)

    page = owner.get(circle)
    answers = at_once(*(lambda to=to: owner.post(f"{circle}/transfer", page, to=to) for to in ids))
    assert statuses(answers) == [200, 409]
    stored = site.database.circles.get(circle.rpartition("/")[2], consistent=True)
    assert stored.created_by in ids
    # The one who was given the circle still has it: the second hand-over did not take it away again.
    admins = [member for member in site.database.circles.get_members(stored.circle_id) if member.role == "admin"]
    assert [member.user_id for member in admins] == [stored.created_by]


def test_a_comment_that_is_sent_twice_at_once_is_there_once(site: Site) -> None:
    rosa = newcomer(site)
    told = rosa.post("/stories/new", title="The drawer for tea", content="It was long, and it got better.", circle="")
    path = urlsplit(told.address).path
    page = rosa.get(path)
    answers = at_once(*[lambda: rosa.post(f"{path}/comments", page, content="A kind word.")] * AT_ONCE)
    assert statuses(answers) == [200] * AT_ONCE
    story = site.database.stories.get(path.rpartition("/")[2], consistent=True)
    assert (story.engagement.comments, site.database.stories.get_comments(story.story_id).count()) == (1, 1)


def test_nothing_is_out_of_step_after_all_of_it(site: Site) -> None:
    rosa, circle = newcomer(site), newcomer(site).new_circle()
    at_once(*[lambda: rosa.post(f"{circle}/join", circle)] * AT_ONCE)
    # The site's own entities are declared in the site; here they are unknown, and nothing else is.
    assert [finding for finding in check(site.database) if finding.entity not in ("CREDENTIAL", "EVENT")] == []
