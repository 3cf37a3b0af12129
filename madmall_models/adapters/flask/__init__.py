"""Use the package in a Flask application: ``MadMall(app)``, and ``User.objects`` in a view means the app's own table.

Importing this needs ``madmall_models[flask]``.
"""

from madmall_models.errors import MissingExtra

try:
    import flask as _flask  # noqa: F401
except ModuleNotFoundError as missing:
    raise MissingExtra("the Flask adapter", "flask") from missing

from madmall_models.adapters.flask.error_answers import answer_for
from madmall_models.adapters.flask.extension import MadMall
from madmall_models.adapters.flask.health import health
from madmall_models.adapters.flask.pagination import paginate
from madmall_models.adapters.flask.state import MadMallState, current_madmall, db
from madmall_models.adapters.url_page import UrlPage

__all__ = ["MadMall", "MadMallState", "UrlPage", "answer_for", "current_madmall", "db", "health", "paginate"]
