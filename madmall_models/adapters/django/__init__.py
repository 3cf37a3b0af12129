"""Use the package in a Django project: ``INSTALLED_APPS`` names this package, ``MADMALL`` in the settings the table.

``User.objects`` in a view, a command, a thread or a shell means that table then. Importing this needs
``madmall_models[django]``. Beside the names here there are ``error_pages`` (views for ``handler404`` and the like),
``schema_form`` and ``test``, the latter for tests only.
"""

from madmall_models.errors import MissingExtra

try:
    import django as _django  # noqa: F401
except ModuleNotFoundError as missing:
    raise MissingExtra("the Django adapter", "django") from missing

from madmall_models.adapters.django.configured_database import database
from madmall_models.adapters.django.health_view import health
from madmall_models.adapters.django.middleware import MadMallMiddleware
from madmall_models.adapters.django.pagination import paginate
from madmall_models.adapters.url_page import UrlPage

__all__ = ["MadMallMiddleware", "UrlPage", "database", "health", "paginate"]
