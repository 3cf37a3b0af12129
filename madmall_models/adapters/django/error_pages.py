"""Answer what went wrong: the project's own page to people, a problem document (RFC 9457) to programs."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from madmall_models.adapters.http_status import PROBLEM_TYPE, PublicAnswer, answer_of_status, public_answer
from madmall_models.adapters.url_page import first_page_url
from madmall_models.errors import ConfigurationError, MadMallError

_FAULT = 500
_HTML = "text/html"
# Where Django writes of requests that failed: who reads those sees these.
_log = logging.getLogger("django.request")
_PLAIN = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    "<body><main><h1>{title}</h1><p>{detail}</p></main></body></html>"
)


def answer_error(request: HttpRequest, error: MadMallError) -> HttpResponse:
    """Return the answer to a request that ended in an error of this package; it never holds the error's own text.

    A client that would rather have HTML gets the project's template ``<status>.html``, else ``error.html``, else a
    plain page. Templates are given ``answer`` (a :class:`~madmall_models.adapters.http_status.PublicAnswer`) and
    ``first_url``, the address without its cursor.
    """
    answer = public_answer(error)
    _note(error, answer)
    return error_response(request, answer)


def error_response(request: HttpRequest, answer: PublicAnswer) -> HttpResponse:
    """Return an answer in the form that the client prefers, with its headers."""
    if _prefers_html(request):
        response = HttpResponse(_page(request, answer), status=answer.status)
    else:
        response = JsonResponse(answer.problem(), status=answer.status, content_type=PROBLEM_TYPE)
    for name, value in answer.headers.items():
        response.headers[name] = value
    patch_vary_headers(response, ["Accept"])
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django could not understand; for ``handler400``."""
    return error_response(request, answer_of_status(400))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not allowed; for ``handler403``."""
    return error_response(request, answer_of_status(403))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request whose address leads nowhere; for ``handler404``."""
    return error_response(request, answer_of_status(404))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that met a fault of the project; for ``handler500``."""
    return error_response(request, answer_of_status(_FAULT))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the token that belongs to it; for ``CSRF_FAILURE_VIEW``."""
    return error_response(request, answer_of_status(403))


def _page(request: HttpRequest, answer: PublicAnswer) -> str:
    context = {"answer": answer, "first_url": first_page_url(request.get_full_path())}
    try:
        page: str = select_template([f"{answer.status}.html", "error.html"]).render(context, request)
    except (TemplateDoesNotExist, MadMallError):
        # The page may ask the table for something, such as a name: where that fails, this page still comes.
        page = format_html(_PLAIN, title=answer.title, detail=answer.detail)
    return page


def _prefers_html(request: HttpRequest) -> bool:
    """Tell whether the client named HTML, and JSON not as gladly: browsers do, and programs take anything."""
    preferred = request.get_preferred_type([PROBLEM_TYPE, "application/json", _HTML])
    return bool(preferred == _HTML)


def _note(error: MadMallError, answer: PublicAnswer) -> None:
    # No part of the address is said: it may name a person. The text of our errors never does.
    said = ("%s: %s", type(error).__name__, error)
    if answer.needs_operator or isinstance(error, ConfigurationError):
        _log.error(*said, exc_info=error)
    elif answer.status >= _FAULT:
        _log.warning(*said)
    else:
        _log.info(*said)
