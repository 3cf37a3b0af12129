"""Answer a request that ended in an error of this package: JSON to programs, the application's own page to people."""

from __future__ import annotations

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException, default_exceptions

from madmall_models.adapters.http_status import PROBLEM_TYPE, PublicAnswer, answer_of_status, public_answer
from madmall_models.errors import MadMallError

_OUR_FAULT = 500


def answer_error(error: MadMallError) -> Response:
    """Return the answer to a request that ended in ``error``; what is the programmer's fault stays an error.

    A client that would rather have HTML gets the page that the application registered for the status; any other gets
    a problem document (RFC 9457). Neither holds the text of the error.
    """
    answer = public_answer(error)
    _log(error, answer)
    if answer.status == _OUR_FAULT:
        raise error
    response = _page(error, answer) if _prefers_html() else _problem(answer)
    for name, value in answer.headers.items():
        response.headers.setdefault(name, value)
    response.vary.add("Accept")
    return response


def answer_for(error: HTTPException) -> PublicAnswer:
    """Return what a page for an HTTP error may tell: status, title, detail, and messages by field.

    >>> from werkzeug.exceptions import NotFound
    >>> answer_for(NotFound()).title
    'This is not here'
    """
    cause = error.__cause__
    if isinstance(cause, MadMallError):
        return public_answer(cause)
    return answer_of_status(error.code or _OUR_FAULT)


def _page(error: MadMallError, answer: PublicAnswer) -> Response:
    told = default_exceptions[answer.status](answer.detail)
    told.__cause__ = error
    return current_app.make_response(current_app.handle_http_exception(told))


def _problem(answer: PublicAnswer) -> Response:
    return Response(current_app.json.dumps(answer.problem()), answer.status, content_type=PROBLEM_TYPE)


def _prefers_html() -> bool:
    """Tell whether the client named HTML, and JSON not as gladly: browsers do, and programs take anything."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]


def _log(error: MadMallError, answer: PublicAnswer) -> None:
    # No part of the address is logged: it may name a person. The text of our errors never does.
    said = ("%s: %s: %s", request.endpoint, type(error).__name__, error)
    if answer.needs_operator:
        current_app.logger.error(*said, exc_info=error)
    elif answer.status >= _OUR_FAULT:
        current_app.logger.warning(*said)
    else:
        current_app.logger.info(*said)
