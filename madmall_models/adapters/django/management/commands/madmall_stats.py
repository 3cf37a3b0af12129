"""Be ``manage.py madmall_stats``: look after the figures of the table."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall stats``."""

    group = "stats"
