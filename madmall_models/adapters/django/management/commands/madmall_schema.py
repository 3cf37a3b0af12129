"""Be ``manage.py madmall_schema``: write documents about the models."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall schema``."""

    group = "schema"
