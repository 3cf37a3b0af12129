"""Be the first page, and let a visitor look at another tenant."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from community.views.circles import open_circles
from community.visitor import TENANTS, tenant_of

_SHOWN = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, and show a few circles."""
    return render(request, "home.html", {"circles": list(open_circles(tenant_of(request)).limit(_SHOWN))})


@require_POST
def switch_tenant(request: HttpRequest) -> HttpResponse:
    """Switch, and begin at the first page: where the visitor was may not exist over there."""
    chosen = request.POST.get("tenant")
    if chosen not in TENANTS:
        raise BadRequest
    request.session["tenant"] = chosen
    return redirect("home")
