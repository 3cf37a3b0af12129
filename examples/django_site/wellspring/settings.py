"""Say how the site runs.

The table and its place come from the environment, ``MADMALL_TABLE``, ``MADMALL_ENDPOINT`` and so on, or from what
``manage.py serve`` starts.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

# Without one, who is signed in is signed out by a restart.
SECRET_KEY = os.environ.get("SITE_SECRET_KEY") or secrets.token_hex(32)
DEBUG = False
ALLOWED_HOSTS = os.environ.get("SITE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "madmall_models.adapters.django",
    "community",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "community.guard.guarded",
    "madmall_models.adapters.django.MadMallMiddleware",
]
ROOT_URLCONF = "wellspring.urls"
WSGI_APPLICATION = "wellspring.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "community.visitor.introduced",
            ],
        },
    },
]
FORM_RENDERER = "community.renderer.SiteRenderer"

# Everything is in the one table; Django's own needs are met without one: who is signed in is said by a signed cookie.
MADMALL = {"cursor_keys": [SECRET_KEY]}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_FAILURE_VIEW = "madmall_models.adapters.django.error_pages.csrf_failure"
# A story of 400 KB, the most that DynamoDB takes, arrives whole, so that what is too long can be shown again.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000

# The same style sheet as that of the other example.
STYLE = Path(__file__).resolve().parents[2] / "site_style"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
