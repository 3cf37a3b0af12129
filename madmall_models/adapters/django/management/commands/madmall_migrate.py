"""Be ``manage.py madmall_migrate``: move data into the table, and apply the steps of its history."""

from __future__ import annotations

from madmall_models.adapters.django.group_command import GroupCommand


class Command(GroupCommand):
    """Pass everything to ``madmall migrate``."""

    group = "migrate"
