"""Hold the mappings of every legacy table, so that the installed package has them."""

from __future__ import annotations

from madmall_models.migration.legacy_content import BUSINESSES, RESOURCES, STORIES, STORY_COMMENTS
from madmall_models.migration.legacy_images import FEEDBACK, NO_ADDRESS, images_at
from madmall_models.migration.legacy_people import CIRCLE_MEMBERS, CIRCLES, USERS
from madmall_models.migration.mapping import Mapping


def madmall_mappings(*, image_address: str = NO_ADDRESS) -> tuple[Mapping, ...]:
    """Return the mappings of the legacy tables, in the order in which they are moved.

    Args:
        image_address: the URL under which the files of ``images`` are found. Unless it is given, the URLs of the
            images lead nowhere, under ``https://images.invalid``; the path of the file is kept in any case.

    >>> [mapping.table for mapping in madmall_mappings()][:3]
    ['users', 'circles', 'circle_members']
    """
    return (
        *(USERS, CIRCLES, CIRCLE_MEMBERS, STORIES, STORY_COMMENTS, BUSINESSES, RESOURCES),
        *(images_at(image_address), FEEDBACK),
    )
