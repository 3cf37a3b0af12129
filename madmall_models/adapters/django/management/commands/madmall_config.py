"""Be ``manage.py madmall_config``: show the effective settings and where each came from."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall config``."""

    group = "config"
