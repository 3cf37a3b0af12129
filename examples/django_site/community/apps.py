"""Be the application's entry in INSTALLED_APPS; its ``models.py`` is imported as that of any application is."""

from __future__ import annotations

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Name the application."""

    name = "community"
