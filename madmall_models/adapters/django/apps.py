"""Be the Django application ``madmall_models.adapters.django``."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed

from madmall_models.adapters.django import system_checks
from madmall_models.adapters.django.configured_database import forget_changed, use_as_default


class MadMallConfig(AppConfig):
    """Let the models mean the table of the settings, and check these with ``manage.py check``."""

    name = "madmall_models.adapters.django"
    label = "madmall"
    verbose_name = "MADMall models"

    def ready(self) -> None:
        """Set up what the process needs; nothing is sent, and a wrong setting is left to the checks."""
        use_as_default()
        setting_changed.connect(forget_changed, dispatch_uid="madmall_models.adapters.django")
        checks.register(system_checks.check_settings, system_checks.TAG)
        checks.register(system_checks.check_table, system_checks.TAG, deploy=True)
