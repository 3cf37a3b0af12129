"""Know who asks, and in which tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, g, redirect, request, session, url_for

from madmall_models import User

TENANTS = {"default": "Main", "eastside": "Eastside"}
View = TypeVar("View", bound=Callable[..., Any])


def introduce(app: Flask) -> None:
    """Let every page know who looks at it."""
    app.context_processor(lambda: {"visitor": current_visitor(), "tenant": tenant_id(), "tenants": TENANTS})


def current_visitor() -> User | None:
    """Return who is signed in; read once in a request."""
    if "visitor" not in g:
        user_id = session.get("user_id")
        g.visitor = None if user_id is None else User.objects.get_or_none(user_id)
    return cast("User | None", g.visitor)


def signed_in() -> User:
    """Return who is signed in, in a view that :func:`members_only` guards."""
    return cast(User, current_visitor())


def tenant_id() -> str:
    """Return the tenant that the visitor looks at. A real site would know it from its address or the account."""
    chosen = session.get("tenant")
    return chosen if chosen in TENANTS else "default"


def shown_name(user: User) -> str:
    """Return the name that others see."""
    return f"{user.profile.first_name} {user.profile.last_name}"


def welcome(user: User) -> None:
    """Sign somebody in, in a session that nobody knew before; the tenant stays."""
    tenant = tenant_id()
    session.clear()
    session.update(user_id=user.user_id, tenant=tenant)
    g.pop("visitor", None)


def members_only(view: View) -> View:
    """Send who is not signed in to the page for it, and back afterwards."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> Any:
        if current_visitor() is not None:
            return view(*arguments, **options)
        # Who pressed a button is brought back to its page, to press it again: nothing is done unseen.
        back = request.path if request.method == "GET" else urlsplit(request.referrer or "").path
        return redirect(url_for("accounts.sign_in", next=back))

    return cast(View, guarded)


def own_path(address: str | None, otherwise: str) -> str:
    """Return an address of this site, and ``otherwise`` for what would lead away from it."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\") or not address.isprintable():
        return otherwise
    return address if urlsplit(address).netloc == "" else otherwise
