"""Show events by city, and let members add them to their circle: the site's own entity and queries."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from community.forms import EventForm
from community.membership import membership_in, visible_circle
from community.models import Event
from community.views.circles import circle_page
from community.visitor import members_only, tenant_of
from madmall_models import AlreadyExists, KeyValueError
from madmall_models.adapters.django import paginate

_SIZE = 10


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Show the events of a city."""
    city, page = request.GET.get("city", "").strip(), None
    # What no event can have for a city is in no city.
    with suppress(KeyValueError):
        page = paginate(request, Event.objects.upcoming_in(city, tenant_of(request)), _SIZE)
    return render(request, "events/list.html", {"city": city, "page": page})


@require_POST
@members_only
def new_event(request: HttpRequest, circle_id: str) -> HttpResponse:
    """Add an event to a circle; for its members."""
    circle = visible_circle(request, circle_id)
    if not membership_in(request, circle).is_active:
        raise PermissionDenied
    form = EventForm(request.POST)
    if not form.is_valid():
        return circle_page(request, circle, form)
    place = {"event_id": form.id, "circle_id": circle.circle_id, "tenant_id": circle.tenant_id}
    try:
        Event.objects.create(**place, is_open=circle.privacy_level == "public", **form.loaded)
    except KeyValueError as error:
        form.refuse(error)
        return circle_page(request, circle, form)
    except AlreadyExists:
        pass  # the form was sent twice
    messages.success(request, "The event is in the calendar.")
    return redirect("circle", circle.circle_id)
