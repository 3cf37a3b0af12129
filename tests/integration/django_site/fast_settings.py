"""Be the settings of the example site, but for hashes that cost no time: its tests make many accounts."""

from __future__ import annotations

from wellspring.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
