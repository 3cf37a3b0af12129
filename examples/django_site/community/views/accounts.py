"""Let people register, sign in and sign out."""

from __future__ import annotations

import functools

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from community.forms import REFUSED, RegistrationForm, SignInForm
from community.models import Credential
from community.visitor import own_address, tenant_of, welcome
from madmall_models import KeyValueError, TransactionCancelled, UniqueViolation, User, new_id
from madmall_models.adapters.django import database


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Show the form; write user and password together, or neither."""
    form = RegistrationForm(request.POST or None)
    if form.is_valid():
        user = User(user_id=new_id(), tenant_id=tenant_of(request), **form.loaded)
        try:
            _create(user, form.cleaned_data["password"])
        except (UniqueViolation, KeyValueError) as error:
            form.refuse(error)
        else:
            welcome(request, user)
            return redirect("circles")
    return render(request, "accounts/register.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form; sign somebody in. The answer does not say whether the e-mail or the password was wrong."""
    if request.method != "POST":
        return render(request, "accounts/sign_in.html", {"form": SignInForm()})
    form = SignInForm(request.POST)
    user = _authenticated(**form.cleaned_data) if form.is_valid() else None
    if user is None:
        return render(request, "accounts/sign_in.html", {"form": form, "failed": True}, status=REFUSED)
    welcome(request, user)
    return redirect(own_address(request.GET.get("next"), reverse("circles")))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who it was."""
    request.session.flush()
    return redirect("home")


def _create(user: User, password: str) -> None:
    """Write a user and the hash of the password in one transaction.

    Raises:
        UniqueViolation: somebody has the e-mail address.
    """
    try:
        with database().transaction() as transaction:
            created = transaction.create(user)
            transaction.create(Credential(user_id=user.user_id, password_hash=make_password(password)))
    except TransactionCancelled as cancelled:
        reason = cancelled.because_of(created)
        if reason is None or reason.error is None:
            raise
        raise reason.error from cancelled


def _authenticated(email: str, password: str) -> User | None:
    try:
        user = User.objects.get_by_email(email)
        known = Credential.objects.get(user.user_id, consistent=True).password_hash
    except (User.DoesNotExist, Credential.DoesNotExist, KeyValueError):
        user, known = None, _hash_of_nobody()
    return user if check_password(password, known) else None


@functools.cache
def _hash_of_nobody() -> str:
    """Return what is checked for who is not known, so that the time of the answer does not tell."""
    return str(make_password(new_id()))
