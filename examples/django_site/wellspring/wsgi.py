"""Be what a WSGI server runs: ``gunicorn wellspring.wsgi``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellspring.settings")
application = get_wsgi_application()
