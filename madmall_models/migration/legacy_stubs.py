"""Make the least of a user, circle, story or image that rows name and the legacy database has not.

A stub says that it is one: it is called unknown, nobody sees it (inactive, closed, removed), and where an address has
to stand, it is one under ``.invalid``, which leads nowhere for ever. What is found in the table under the id of a row
is left alone, so a row that comes in a later run does not replace its stub: delete the stub first.
"""

from __future__ import annotations

import hashlib
from typing import Any

from madmall_models.entities import Circle, Image, Story, User
from madmall_models.migration.mapping import Arguments

UNKNOWN_MEMBER = "unknown-member"
"""The id of the user who owns the circles, and is the author of the stories, that are stubs."""

_DOMAIN = "unknown-member.invalid"


def stub_user(identifier: str, given: Arguments) -> tuple[Any, ...]:
    """Return an inactive user called Unknown Member, who shows and receives nothing.

    Addresses are unique without regard to letter case and ids are not, so the address is a digest of the id.
    """
    digest = hashlib.blake2b(identifier.encode(), digest_size=16).hexdigest()
    user = User(
        user_id=identifier,
        email=f"{digest}@{_DOMAIN}",
        profile={"first_name": "Unknown", "last_name": "Member"},
        preferences={
            "profile_visibility": "private",
            "show_real_name": False,
            "allow_direct_messages": False,
            "email_notifications": False,
            "push_notifications": False,
            "weekly_digest": False,
            "circle_notifications": False,
        },
        is_active=False,
        **given,
    )
    return (user,)


def stub_circle(identifier: str, given: Arguments) -> tuple[Any, ...]:
    """Return a closed and inactive circle, and before it the stub of a user who owns it.

    A circle has an owner who is an active member of it. None of those whose rows name the circle is given that power.
    """
    circle = Circle(
        circle_id=identifier,
        name="Unknown circle",
        description="Members of this circle were moved, but the circle itself was not found.",
        type="support_group",
        privacy_level="closed",
        settings={"is_private": True, "require_approval": True, "allow_guest_posts": False},
        created_by=UNKNOWN_MEMBER,
        is_active=False,
        status="INACTIVE",
        **given,
    )
    return (*stub_user(UNKNOWN_MEMBER, given), circle)


def stub_story(identifier: str, given: Arguments) -> tuple[Any, ...]:
    """Return a removed and rejected story of an unknown author, so that it stands in no feed and waits for nobody."""
    story = Story(
        story_id=identifier,
        title="Unknown story",
        content="Comments on this story were moved, but the story itself was not found.",
        author={"id": UNKNOWN_MEMBER, "display_name": "Unknown Member"},
        status="removed",
        moderation_status="rejected",
        **given,
    )
    return (story,)


def stub_image(identifier: str, given: Arguments) -> tuple[Any, ...]:
    """Return a removed image without a picture; its category is ``unknown``, which is warned of and stored."""
    image = Image(
        image_id=identifier,
        url=f"https://images.invalid/{identifier}",
        alt_text="Unknown image",
        category="unknown",
        status="removed",
        **given,
    )
    return (image,)
