"""Say over HTTP whether the table can serve."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from madmall_models.adapters.django.configured_database import database

_WELL, _UNWELL = 200, 503
_log = logging.getLogger("django.request")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 where the table can serve, else 503; costs one DescribeTable. What is wrong goes to the log only."""
    found = database().health()
    if not found.ok:
        _log.error("the table cannot serve: %s", "; ".join(found.reasons))
    answer = JsonResponse(
        {"ok": found.ok, "table": found.table, "latencyMs": found.latency_ms},
        status=_WELL if found.ok else _UNWELL,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
