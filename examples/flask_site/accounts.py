"""Let people register, sign in and sign out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import marshmallow
from flask import Blueprint, redirect, render_template, request, session, url_for
from marshmallow import fields, validate, validates
from werkzeug.security import check_password_hash, generate_password_hash

from flask_site.form import Field, Form, typed_form
from flask_site.models import Credential
from flask_site.visitor import own_path, tenant_id, welcome
from madmall_models import KeyValueError, TransactionCancelled, UniqueViolation, User, ValidationError, new_id
from madmall_models.adapters.flask import db
from madmall_models.marshmallow_bridge import schema_class

_WRONG = 422
_LONGEST_NAME = 80
# Control characters, and those that turn the direction of the text that follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Who is not known is checked against this, so that the time of the answer does not tell that there is no account.
_NOBODY = generate_password_hash(new_id())

REGISTRATION = {
    "display_name": Field(
        "Display name", ("profile.firstName", "profile.lastName"), parts={"profile.lastName": "Last name"}
    ),
    "email": Field("E-mail", ("email",)),
    "password": Field("Password", ("password",)),
}
SIGN_IN = {"email": REGISTRATION["email"], "password": REGISTRATION["password"]}

pages = Blueprint("accounts", __name__)


class Registration(schema_class(User)):  # type: ignore[misc]
    """Take what a user takes, and a password, which is no part of a user."""

    password = fields.String(
        required=True,
        load_only=True,
        error_messages={"required": "is required"},
        validate=validate.Length(min=10, max=200, error="must have a length of {min} to {max}"),
    )

    @validates("profile")
    def shown_names(self, value: Mapping[str, Any], data_key: str) -> None:
        """Refuse names that others could not read, or that would turn the text around them."""
        name = " ".join(value.get(part) or "" for part in ("first_name", "last_name"))
        if len(name) > _LONGEST_NAME:
            raise marshmallow.ValidationError({"firstName": [f"must have a length of 1 to {_LONGEST_NAME}"]})
        if _UNSEEN.search(name):
            raise marshmallow.ValidationError({"firstName": ["has characters that cannot be seen"]})


@pages.get("/register")
def register() -> str:
    """Show the form."""
    return render_template("accounts/register.html", form=Form(REGISTRATION))


@pages.post("/register")
def create_account() -> Any:
    """Write user and password together, or neither."""
    form = typed_form(REGISTRATION, request.form)
    try:
        user = _registered(form, request.form.get("password", ""))
    except (ValidationError, UniqueViolation, KeyValueError) as error:
        form = form.refused(error, key="email")
        return render_template("accounts/register.html", form=form), form.status
    welcome(user)
    return redirect(url_for("circles.list_circles"))


@pages.get("/sign-in")
def sign_in() -> str:
    """Show the form."""
    return render_template("accounts/sign_in.html", form=Form(SIGN_IN), failed=False)


@pages.post("/sign-in")
def check_account() -> Any:
    """Sign somebody in; the answer does not say whether the e-mail or the password was wrong."""
    form = typed_form(SIGN_IN, request.form)
    user = _authenticated(form.value("email"), request.form.get("password", ""))
    if user is None:
        return render_template("accounts/sign_in.html", form=form, failed=True), _WRONG
    welcome(user)
    return redirect(own_path(request.args.get("next"), url_for("circles.list_circles")))


@pages.post("/sign-out")
def sign_out() -> Any:
    """Forget who it was."""
    session.clear()
    return redirect(url_for("home.show_home"))


def _registered(form: Form, password: str) -> User:
    first, _, last = (form.value("display_name") or "").partition(" ")
    names = {"firstName": first or None, "lastName": last.strip() or None}
    loaded = Registration().load(
        {
            "userId": new_id(),
            "tenantId": tenant_id(),
            "profile": {name: text for name, text in names.items() if text},
            "password": password,
            **form.values("email"),
        }
    )
    credential = Credential(user_id=loaded["user_id"], password_hash=generate_password_hash(loaded.pop("password")))
    user = User(**loaded)
    try:
        with db.transaction() as transaction:
            created = transaction.create(user)
            transaction.create(credential)
    except TransactionCancelled as cancelled:
        reason = cancelled.because_of(created)
        if reason is None or reason.error is None:
            raise
        raise reason.error from cancelled
    return user


def _authenticated(email: str | None, password: str) -> User | None:
    user, known = None, _NOBODY
    try:
        user = db.users.get_by_email(email or "")
        known = Credential.objects.get(user.user_id, consistent=True).password_hash
    except (User.DoesNotExist, Credential.DoesNotExist, KeyValueError):
        user = None
    return user if check_password_hash(known, password) else None
