"""Show stories, and let members write and comment on them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.forms import CommentForm, StoryForm
from community.membership import membership_in, own_circles, visible_circle
from community.visitor import current_visitor, members_only, shown_name, signed_in, tenant_of
from madmall_models import AlreadyExists, Circle, Comment, ItemTooLarge, KeyValueError, Query, Story
from madmall_models.adapters.django import paginate

_SIZE = 10
_COMMENTS = 50
_CIRCLES = 50


def feed_of(tenant: str) -> Query[Story]:
    """Return a query of what everybody in a tenant may read, newest first; a circle's stories stay in the circle."""
    stories = Story.objects.search_stories(tenant_id=tenant)
    return stories.filter(Story.circle_id.does_not_exist()).newest_first()


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Show the feed."""
    return render(request, "stories/feed.html", {"page": paginate(request, feed_of(tenant_of(request)), _SIZE)})


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def new_story(request: HttpRequest) -> HttpResponse:
    """Show the form, ``?circle=`` chooses a circle; publish a story to everybody in the tenant, or in a circle."""
    chosen = {"circle": request.GET.get("circle")}
    form = StoryForm(own_circles(request, _CIRCLES), request.POST or None, initial=chosen)
    if form.is_valid():
        try:
            return _created(request, form)
        except ItemTooLarge as error:
            form.refuse(error)
    return render(request, "stories/new.html", {"form": form}, status=form.status)


@require_safe
def story(request: HttpRequest, story_id: str) -> HttpResponse:
    """Show a story and its comments."""
    return _story_page(request, _visible_story(request, story_id), CommentForm())


@require_POST
@members_only
def new_comment(request: HttpRequest, story_id: str) -> HttpResponse:
    """Add a comment."""
    story = _visible_story(request, story_id)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _story_page(request, story, form)
    author = signed_in(request)
    who = {"author_id": author.user_id, "display_name": shown_name(author)}
    try:
        Story.objects.add_comment(story.story_id, **who, comment_id=form.id, **form.loaded)
    except AlreadyExists:
        pass  # the form was sent twice
    except ItemTooLarge as error:
        form.refuse(error)
        return _story_page(request, story, form)
    return redirect("story", story.story_id)


def _created(request: HttpRequest, form: StoryForm) -> HttpResponse:
    author = signed_in(request)
    who = {"id": author.user_id, "display_name": shown_name(author)}
    try:
        made = Story.objects.create(story_id=form.id, tenant_id=tenant_of(request), author=who, **form.loaded)
    except AlreadyExists:
        # The form was sent twice; what the first one made is the answer to the second too.
        made = Story.objects.get(form.id, consistent=True)
        if made.author.id != author.user_id:
            raise
    return redirect("story", made.story_id)


def _story_page(request: HttpRequest, story: Story, form: CommentForm) -> HttpResponse:
    approved = Comment.moderation_status == "approved"
    comments = Story.objects.get_comments(story.story_id).consistent().filter(approved)
    context = {
        "story": story,
        "paragraphs": story.content.split("\n\n"),
        "circle": None if story.circle_id is None else Circle.objects.get_or_none(story.circle_id),
        "comments": paginate(request, comments, _COMMENTS),
        "form": form,
    }
    return render(request, "stories/show.html", context, status=form.status)


def _visible_story(request: HttpRequest, story_id: str) -> Story:
    """Return a story.

    Raises:
        Http404: it is not there, or not the visitor's to read; which of these is not told.
    """
    try:
        story = Story.objects.get(story_id, consistent=True)
    except (Story.DoesNotExist, KeyValueError) as error:
        raise Http404 from error
    visitor = current_visitor(request)
    is_author = visitor is not None and story.author.id == visitor.user_id
    if story.tenant_id != tenant_of(request) or story.deleting_at is not None or not (story.is_public or is_author):
        raise Http404
    if story.circle_id is not None and not membership_in(request, visible_circle(request, story.circle_id)).is_active:
        raise Http404
    return story
