"""Say what a visitor is in a circle, and which circles the visitor may see at all."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort

from flask_site.visitor import current_visitor, tenant_id
from madmall_models import Circle, CircleMember, KeyValueError
from madmall_models.adapters.flask import db


@dataclass(frozen=True)
class Membership:
    """What somebody is in a circle.

    Attributes:
        circle: the circle.
        user_id: who; None for a visitor who is not signed in.
        member: the membership, of any status; None where there is none.
    """

    circle: Circle
    user_id: str | None
    member: CircleMember | None

    @property
    def is_active(self) -> bool:
        """Tell whether this is a member who sees what is in the circle."""
        return self.member is not None and self.member.status == "active"

    @property
    def is_waiting(self) -> bool:
        """Tell whether this person asked to join."""
        return self.member is not None and self.member.status == "pending"

    @property
    def is_admin(self) -> bool:
        """Tell whether this is a member who may let others in."""
        return self.is_active and self.member is not None and self.member.role == "admin"

    @property
    def is_owner(self) -> bool:
        """Tell whether the circle is this person's."""
        return self.is_active and self.circle.created_by == self.user_id

    @property
    def may_ask(self) -> bool:
        """Tell whether this person can ask to join."""
        return self.member is None


def membership_in(circle: Circle) -> Membership:
    """Return what the visitor is in a circle, by a consistent read."""
    visitor = current_visitor()
    if visitor is None:
        return Membership(circle, None, None)
    member = CircleMember.objects.get_or_none(circle.circle_id, visitor.user_id, consistent=True)
    return Membership(circle, visitor.user_id, member)


def visible_circle(circle_id: str) -> Circle:
    """Return a circle; one that is not there, of another tenant, or not the visitor's to see, is 404 alike."""
    try:
        circle = db.circles.get(circle_id, consistent=True)
    except (Circle.DoesNotExist, KeyValueError):
        abort(404)
    if circle.tenant_id != tenant_id() or circle.deleting_at is not None:
        abort(404)
    if circle.privacy_level != "public" and not membership_in(circle).is_active:
        abort(404)
    return circle
