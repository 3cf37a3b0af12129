"""Be ``manage.py madmall_table``: create, describe and compare the table."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall table``."""

    group = "table"
