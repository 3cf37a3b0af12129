"""Say which view answers which address."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path
from django.views.static import serve

from madmall_models.adapters.django import error_pages, health

urlpatterns = [
    path("", include("community.urls")),
    path("health", health, name="health"),
    # A site that many use lets its web server do this.
    path("style/<path:path>", serve, {"document_root": settings.STYLE}, name="style"),
]

handler400 = error_pages.bad_request
handler403 = error_pages.permission_denied
handler404 = error_pages.page_not_found
handler500 = error_pages.server_error
