"""Show stories, and let members write and comment on them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from flask_site.form import Field, Form, typed_form
from flask_site.membership import membership_in, visible_circle
from flask_site.visitor import current_visitor, members_only, shown_name, signed_in, tenant_id
from madmall_models import (
    AlreadyExists,
    Circle,
    CircleMember,
    Comment,
    ItemTooLarge,
    KeyValueError,
    Query,
    Story,
    ValidationError,
)
from madmall_models.adapters.flask import db, paginate

_COMMENTS = 50
_CIRCLES = 50

COMMENT = {"content": Field("Comment", ("content",))}

pages = Blueprint("stories", __name__)


def feed() -> Query[Story]:
    """Return a query of what everybody in the tenant may read, newest first; a circle's stories stay in the circle."""
    return db.stories.search_stories(tenant_id=tenant_id()).filter(Story.circle_id.does_not_exist()).newest_first()


@pages.get("/feed")
def show_feed() -> str:
    """Show the feed."""
    return render_template("stories/feed.html", page=paginate(feed()))


@pages.get("/stories/new")
@members_only
def new_story() -> str:
    """Show the form; ``?circle=`` chooses one of the visitor's circles."""
    circles = _own_circles()
    chosen = request.args.get("circle", "")
    form = Form(_story_fields(circles), typed={"circle": chosen})
    return render_template("stories/new.html", form=form, choices=_choices(circles))


@pages.post("/stories/new")
@members_only
def create_story() -> Any:
    """Publish a story: to everybody in the tenant, or in a circle of the author's."""
    author, circles = signed_in(), _own_circles()
    form = typed_form(_story_fields(circles), request.form)
    given = {
        "storyId": form.once,
        "tenantId": tenant_id(),
        "author": {"id": author.user_id, "displayName": shown_name(author)},
    }
    try:
        form.check_choices()
        db.stories.create(**Story.schema().load({**given, **form.values(*form.fields)}))
    except (ValidationError, ItemTooLarge) as error:
        form = form.refused(error)
        return render_template("stories/new.html", form=form, choices=_choices(circles)), form.status
    except AlreadyExists:
        # The form was sent twice; what the first one made is the answer to the second too.
        if db.stories.get(form.once, consistent=True).author.id != author.user_id:
            raise
    return redirect(url_for("stories.show_story", story_id=form.once))


@pages.get("/stories/<story_id>")
def show_story(story_id: str) -> str:
    """Show a story and its comments."""
    return _story_page(_visible_story(story_id), Form(COMMENT))


@pages.post("/stories/<story_id>/comments")
@members_only
def create_comment(story_id: str) -> Any:
    """Add a comment."""
    story = _visible_story(story_id)
    form = typed_form(COMMENT, request.form)
    author = signed_in()
    place = {"storyId": story.story_id, "commentId": form.once, "author": {"id": author.user_id}}
    try:
        Comment.schema().load({**place, **form.values(*COMMENT)})
        db.stories.add_comment(
            story.story_id,
            author_id=author.user_id,
            display_name=shown_name(author),
            content=form.typed["content"],
            comment_id=form.once,
        )
    except (ValidationError, ItemTooLarge) as error:
        form = form.refused(error)
        return _story_page(story, form), form.status
    except AlreadyExists:
        pass  # the form was sent twice
    return redirect(url_for("stories.show_story", story_id=story.story_id))


def _story_page(story: Story, form: Form) -> str:
    approved = Comment.moderation_status == "approved"
    comments = paginate(db.stories.get_comments(story.story_id).consistent().filter(approved), _COMMENTS)
    circle = None if story.circle_id is None else db.circles.get_or_none(story.circle_id)
    return render_template("stories/show.html", story=story, circle=circle, comments=comments, form=form)


def _visible_story(story_id: str) -> Story:
    """Return a story; one that is not there, or not the visitor's to read, is 404 alike."""
    try:
        story = db.stories.get(story_id, consistent=True)
    except (Story.DoesNotExist, KeyValueError):
        abort(404)
    visitor = current_visitor()
    is_author = visitor is not None and story.author.id == visitor.user_id
    if story.tenant_id != tenant_id() or story.deleting_at is not None or not (story.is_public or is_author):
        abort(404)
    if story.circle_id is not None and not membership_in(visible_circle(story.circle_id)).is_active:
        abort(404)
    return story


def _own_circles() -> list[Circle]:
    """Return the circles in which the visitor may write."""
    memberships = db.users.get_user_circles(signed_in().user_id).filter(CircleMember.status == "active")
    found = db.circles.batch_get([member.circle_id for member in memberships.limit(_CIRCLES)], consistent=True)
    return [circle for circle in found if circle is not None and circle.tenant_id == tenant_id()]


def _choices(circles: list[Circle]) -> list[tuple[str, str]]:
    return [(circle.circle_id, circle.name) for circle in circles]


def _story_fields(circles: list[Circle]) -> dict[str, Field]:
    # Only a circle of the author's own is taken, whatever is sent.
    own = tuple(circle.circle_id for circle in circles) or ("no circle",)
    return {
        "title": Field("Title", ("title",)),
        "content": Field("Story", ("content",)),
        "circle": Field("Circle", ("circleId",), own),
    }
