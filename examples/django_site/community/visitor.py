"""Know who asks, and in which tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from madmall_models import User

TENANTS = {"default": "Main", "eastside": "Eastside"}
View = Callable[..., HttpResponse]


def introduced(request: HttpRequest) -> dict[str, Any]:
    """Tell every page who looks at it, by the session alone: a page about an error asks no table."""
    return {"visitor_name": request.session.get("name"), "tenant": tenant_of(request), "tenants": TENANTS}


def current_visitor(request: HttpRequest) -> User | None:
    """Return who is signed in; read once in a request."""
    if not hasattr(request, "visitor"):
        user_id = request.session.get("user_id")
        request.visitor = None if user_id is None else User.objects.get_or_none(user_id, consistent=True)
    return cast("User | None", request.visitor)


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in, in a view that :func:`members_only` guards."""
    return cast(User, current_visitor(request))


def tenant_of(request: HttpRequest) -> str:
    """Return the tenant that is looked at. A real site would know it from its address or the account."""
    chosen = request.session.get("tenant")
    return chosen if chosen in TENANTS else "default"


def shown_name(user: User) -> str:
    """Return the name that others see."""
    return f"{user.profile.first_name} {user.profile.last_name}"


def welcome(request: HttpRequest, user: User) -> None:
    """Sign somebody in, in a session that nobody knew before; the tenant stays."""
    tenant = tenant_of(request)
    request.session.flush()
    request.session.update({"user_id": user.user_id, "name": user.profile.first_name, "tenant": tenant})
    rotate_token(request)


def members_only(view: View) -> View:
    """Send who is not signed in to the page for it, and back afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        if current_visitor(request) is not None:
            return view(request, *arguments, **options)
        # Who pressed a button is brought back to its page, to press it again: nothing is done unseen.
        back = request.get_full_path() if request.method == "GET" else urlsplit(request.headers.get("Referer", "")).path
        return redirect(reverse("sign-in") + "?" + urlencode({"next": back}))

    return guarded


def own_address(address: str | None, otherwise: str) -> str:
    """Return an address of this site, and ``otherwise`` for what would lead away from it."""
    is_own = bool(address) and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_own and address is not None else otherwise
