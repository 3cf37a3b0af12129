"""Show events by city, and let members add them to their circle: the site's own entity and queries."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any

import marshmallow
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from marshmallow import validates

from flask_site.circles import EVENT, circle_page
from flask_site.form import typed_form
from flask_site.membership import membership_in, visible_circle
from flask_site.models import Event
from flask_site.visitor import members_only, tenant_id
from madmall_models import AlreadyExists, KeyValueError, ValidationError, utc_now
from madmall_models.adapters.flask import db, paginate
from madmall_models.marshmallow_bridge import schema_class

# What an input for a local time sends; the site shows and takes times in UTC.
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")

pages = Blueprint("events", __name__)


class NewEvent(schema_class(Event)):  # type: ignore[misc]
    """Take what an event takes, as long as it is still to come; one that was stays as it is when it is changed."""

    @validates("starts_at")
    def still_to_come(self, value: datetime, data_key: str) -> None:
        """Refuse a moment that has passed: nobody would see the event."""
        if value < utc_now():
            raise marshmallow.ValidationError("must be in the future")


@pages.get("/events")
def list_events() -> str:
    """Show the events of a city."""
    city = request.args.get("city", "").strip()
    page = None
    # What no event can have for a city is in no city.
    with suppress(KeyValueError):
        page = paginate(db.events.upcoming_in(city, tenant_id()))
    return render_template("events/list.html", city=city, page=page)


@pages.post("/circles/<circle_id>/events")
@members_only
def create_event(circle_id: str) -> Any:
    """Add an event to a circle; for its members."""
    circle = visible_circle(circle_id)
    if not membership_in(circle).is_active:
        abort(403)
    form = typed_form(EVENT, request.form)
    given = form.values(*EVENT)
    if _LOCAL_TIME.fullmatch(given.get("startsAt", "")):
        given["startsAt"] += "Z"
    place = {"eventId": form.once, "circleId": circle.circle_id, "tenantId": tenant_id()}
    try:
        loaded = NewEvent().load({**place, "isOpen": circle.privacy_level == "public", **given})
        db.events.create(**loaded)
    except (ValidationError, KeyValueError) as error:
        form = form.refused(error, key="city")
        return circle_page(circle, form), form.status
    except AlreadyExists:
        pass  # the form was sent twice
    flash("The event is in the calendar.")
    return redirect(url_for("circles.show_circle", circle_id=circle.circle_id))
