"""Say over HTTP whether the table can serve: ``app.register_blueprint(health)`` gives ``/health``."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from madmall_models.adapters.flask.state import db

_WELL, _UNWELL = 200, 503

health = Blueprint("madmall_health", __name__)


@health.get("/health")
def show_health() -> Response:
    """Answer 200 where the table can serve, else 503; costs one DescribeTable. What is wrong goes to the log only."""
    found = db.health()
    if not found.ok:
        current_app.logger.error("the table cannot serve: %s", "; ".join(found.reasons))
    answer = jsonify(ok=found.ok, table=found.table, latencyMs=found.latency_ms)
    answer.status_code = _WELL if found.ok else _UNWELL
    answer.headers["Cache-Control"] = "no-store"
    return answer
