"""Be ``manage.py madmall_health``: say whether the table can serve."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall health``."""

    group = "health"
