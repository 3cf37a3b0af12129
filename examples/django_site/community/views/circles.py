"""Show circles, let people make and join them, and let owners look after theirs."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.forms import CircleForm, EventForm
from community.membership import membership_in, own_circles, visible_circle
from community.models import Event
from community.visitor import members_only, shown_name, signed_in, tenant_of
from madmall_models import (
    AlreadyExists,
    AlreadyMember,
    Circle,
    CircleMember,
    ItemTooLarge,
    NotOwner,
    Query,
    Story,
    User,
)
from madmall_models.adapters.django import paginate

_SIZE = 10
_OWN = 20
_PEOPLE = 100
_LATEST = 10


def open_circles(tenant: str) -> Query[Circle]:
    """Return a query of the circles of a tenant that everybody may see, newest first."""
    seen = (Circle.privacy_level == "public") & (Circle.is_active == True)
    return Circle.objects.of_tenant(tenant).filter(seen).newest_first()


@require_safe
def circles(request: HttpRequest) -> HttpResponse:
    """Show the circles of the tenant, and above the first of them those of the visitor."""
    page = paginate(request, open_circles(tenant_of(request)), _SIZE)
    own = [] if request.GET.get("after") else own_circles(request, _OWN)
    return render(request, "circles/list.html", {"page": page, "own": own})


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def new_circle(request: HttpRequest) -> HttpResponse:
    """Show the form; make a circle that its owner lets people into."""
    form = CircleForm(request.POST or None)
    if form.is_valid():
        try:
            return _created(request, form)
        except ItemTooLarge as error:
            form.refuse(error)
    return render(request, "circles/new.html", {"form": form}, status=form.status)


@require_safe
def circle(request: HttpRequest, circle_id: str) -> HttpResponse:
    """Show a circle, and of what is in it as much as the visitor may see."""
    return circle_page(request, visible_circle(request, circle_id), EventForm())


def circle_page(request: HttpRequest, circle: Circle, form: EventForm) -> HttpResponse:
    """Return the page of a circle, with its form for an event as it stands."""
    mine = membership_in(request, circle)
    members = _people(circle, "active") if mine.is_active else []
    context = {
        "circle": circle,
        "mine": mine,
        "form": form,
        "members": members,
        "others": [(user, member) for user, member in members if user.user_id != circle.created_by],
        "waiting": _people(circle, "pending") if mine.is_admin else [],
        "events": list(Event.objects.of_circle(circle.circle_id).limit(_LATEST)),
        "stories": _stories(circle) if mine.is_active else [],
    }
    return render(request, "circles/show.html", context, status=form.status)


@require_POST
@members_only
def join(request: HttpRequest, circle_id: str) -> HttpResponse:
    """Ask to join."""
    circle = visible_circle(request, circle_id)
    try:
        Circle.objects.request_to_join(circle.circle_id, signed_in(request).user_id)
    except AlreadyMember:
        messages.info(request, "You are in this circle, or have asked to be.")
    return redirect("circle", circle.circle_id)


@require_POST
@members_only
def approve(request: HttpRequest, circle_id: str) -> HttpResponse:
    """Let somebody in who asked; for admins of the circle."""
    circle = visible_circle(request, circle_id)
    if not membership_in(request, circle).is_admin:
        raise PermissionDenied
    try:
        Circle.objects.approve_member(circle.circle_id, request.POST.get("user_id", ""))
        messages.success(request, "There is a new member in the circle.")
    except AlreadyMember:
        messages.info(request, "This person is a member already.")
    return redirect("circle", circle.circle_id)


@require_POST
@members_only
def transfer(request: HttpRequest, circle_id: str) -> HttpResponse:
    """Hand the circle over to a member; for its owner."""
    circle = visible_circle(request, circle_id)
    mine = membership_in(request, circle)
    if not mine.is_active:
        raise PermissionDenied
    if not mine.is_owner:
        # A member may look at a page from the time when the circle was theirs.
        raise NotOwner("the circle was handed over")
    owner = signed_in(request).user_id
    Circle.objects.transfer_ownership(circle.circle_id, request.POST.get("to", ""), owner=owner)
    messages.success(request, "The circle has a new owner.")
    return redirect("circle", circle.circle_id)


def _created(request: HttpRequest, form: CircleForm) -> HttpResponse:
    owner = signed_in(request).user_id
    given = {"circle_id": form.id, "created_by": owner, "tenant_id": tenant_of(request)}
    try:
        made = Circle.objects.create(**given, settings={"require_approval": True}, **form.loaded)
    except AlreadyExists:
        # The form was sent twice; what the first one made is the answer to the second too.
        made = Circle.objects.get(given["circle_id"], consistent=True)
        if made.created_by != owner:
            raise
    return redirect("circle", made.circle_id)


def _people(circle: Circle, status: str) -> list[tuple[User, CircleMember]]:
    members = list(Circle.objects.get_members(circle.circle_id, status=status).consistent().limit(_PEOPLE))
    users = User.objects.batch_get([member.user_id for member in members])
    found = [(user, member) for user, member in zip(users, members, strict=True) if user is not None]
    return sorted(found, key=lambda pair: shown_name(pair[0]).casefold())


def _stories(circle: Circle) -> list[Story]:
    public = (Story.status == "published") & (Story.moderation_status == "approved")
    return list(Story.objects.get_by_circle(circle.circle_id).filter(public).newest_first().limit(_LATEST))
