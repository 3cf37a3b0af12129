"""Show circles, let people make and join them, and let owners look after theirs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from flask_site.form import Field, Form, typed_form
from flask_site.membership import Membership, membership_in, visible_circle
from flask_site.visitor import current_visitor, members_only, shown_name, signed_in, tenant_id
from madmall_models import (
    AlreadyExists,
    AlreadyMember,
    Circle,
    CircleMember,
    NotOwner,
    Query,
    Story,
    User,
    ValidationError,
)
from madmall_models.adapters.flask import db, paginate

_OWN = 20
_PEOPLE = 100
_LATEST = 10
TYPES = {choice: choice.replace("_", " ").capitalize() for choice in Circle.type.choices}

CIRCLE = {
    "name": Field("Name", ("name",)),
    "description": Field("Description", ("description",)),
    "type": Field("Type", ("type",), tuple(TYPES)),
}
EVENT = {
    "title": Field("Title", ("title",)),
    "city": Field("City", ("city",)),
    "starts_at": Field("Starts at", ("startsAt",)),
}

pages = Blueprint("circles", __name__)


def open_circles(tenant: str) -> Query[Circle]:
    """Return a query of the circles of a tenant that everybody may see, newest first."""
    seen = (Circle.privacy_level == "public") & (Circle.is_active == True)
    return db.circles.of_tenant(tenant).filter(seen).newest_first()


@pages.get("/circles")
def list_circles() -> str:
    """Show the circles of the tenant, and above them those of the visitor."""
    page = paginate(open_circles(tenant_id()))
    own = () if request.args.get("after") else _own_circles()
    return render_template("circles/list.html", page=page, own=own, types=TYPES)


@pages.get("/circles/new")
@members_only
def new_circle() -> str:
    """Show the form."""
    return render_template("circles/new.html", form=Form(CIRCLE), types=TYPES)


@pages.post("/circles/new")
@members_only
def create_circle() -> Any:
    """Make a circle that its owner lets people into."""
    form = typed_form(CIRCLE, request.form)
    owner = signed_in()
    given = {"circleId": form.once, "createdBy": owner.user_id, "tenantId": tenant_id()}
    try:
        form.check_choices()
        settings = {"requireApproval": True}
        db.circles.create(**Circle.schema().load({**given, "settings": settings, **form.values(*CIRCLE)}))
    except ValidationError as error:
        form = form.refused(error)
        return render_template("circles/new.html", form=form, types=TYPES), form.status
    except AlreadyExists:
        # The form was sent twice; what the first one made is the answer to the second too.
        if db.circles.get(form.once, consistent=True).created_by != owner.user_id:
            raise
    return redirect(url_for("circles.show_circle", circle_id=form.once))


@pages.get("/circles/<circle_id>")
def show_circle(circle_id: str) -> str:
    """Show a circle, and of what is in it as much as the visitor may see."""
    return circle_page(visible_circle(circle_id), Form(EVENT))


def circle_page(circle: Circle, form: Form) -> str:
    """Return the page of a circle, with its form for an event as it stands."""
    mine = membership_in(circle)
    return render_template(
        "circles/show.html",
        circle=circle,
        mine=mine,
        form=form,
        types=TYPES,
        members=_people(circle, "active") if mine.is_active else (),
        waiting=_people(circle, "pending") if mine.is_admin else (),
        events=list(db.events.of_circle(circle.circle_id).limit(_LATEST)) if _sees_events(circle, mine) else (),
        stories=_stories(circle) if mine.is_active else (),
    )


@pages.post("/circles/<circle_id>/join")
@members_only
def join(circle_id: str) -> Any:
    """Ask to join."""
    circle = visible_circle(circle_id)
    try:
        db.circles.request_to_join(circle.circle_id, signed_in().user_id)
    except AlreadyMember:
        flash("You are in this circle, or have asked to be.")
    return _back_to(circle)


@pages.post("/circles/<circle_id>/approve")
@members_only
def approve(circle_id: str) -> Any:
    """Let somebody in who asked; for admins of the circle."""
    circle = visible_circle(circle_id)
    if not membership_in(circle).is_admin:
        abort(403)
    try:
        db.circles.approve_member(circle.circle_id, request.form.get("user_id", ""))
        flash("There is a new member in the circle.")
    except AlreadyMember:
        flash("This person is a member already.")
    return _back_to(circle)


@pages.post("/circles/<circle_id>/transfer")
@members_only
def transfer(circle_id: str) -> Any:
    """Hand the circle over to a member; for its owner."""
    circle = visible_circle(circle_id)
    mine = membership_in(circle)
    if not mine.is_owner:
        # A member may look at a page from the time when the circle was theirs.
        if mine.is_active:
            raise NotOwner("the circle was handed over")
        abort(403)
    db.circles.transfer_ownership(circle.circle_id, request.form.get("to", ""), owner=signed_in().user_id)
    flash("The circle has a new owner.")
    return _back_to(circle)


def _back_to(circle: Circle) -> Any:
    return redirect(url_for("circles.show_circle", circle_id=circle.circle_id))


def _sees_events(circle: Circle, mine: Membership) -> bool:
    return mine.is_active or circle.privacy_level == "public"


def _own_circles() -> list[Circle]:
    visitor = current_visitor()
    if visitor is None:
        return []
    memberships = db.users.get_user_circles(visitor.user_id).filter(CircleMember.status == "active").limit(_OWN)
    found = db.circles.batch_get([member.circle_id for member in memberships])
    return [circle for circle in found if circle is not None and circle.tenant_id == tenant_id()]


def _people(circle: Circle, status: str) -> list[tuple[User, CircleMember]]:
    members = list(db.circles.get_members(circle.circle_id, status=status).consistent().limit(_PEOPLE))
    users = db.users.batch_get([member.user_id for member in members])
    found = [(user, member) for user, member in zip(users, members, strict=True) if user is not None]
    return sorted(found, key=lambda pair: shown_name(pair[0]).casefold())


def _stories(circle: Circle) -> list[Story]:
    published = (Story.status == "published") & (Story.moderation_status == "approved")
    return list(db.stories.get_by_circle(circle.circle_id).filter(published).newest_first().limit(_LATEST))
