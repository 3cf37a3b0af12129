"""Bind the database for the time of a request, and answer the errors of this package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import FileResponse, HttpRequest, HttpResponse

from madmall_models.adapters.django.configured_database import database_of_requests
from madmall_models.adapters.django.error_pages import answer_error
from madmall_models.database import Database
from madmall_models.errors import MadMallError

# What django.views.decorators.debug.sensitive_post_parameters() writes.
_EVERY_PARAMETER = "__ALL__"


class MadMallMiddleware:
    """Let the models mean one database during a request, and turn errors of this package into answers.

    In views the models mean the database of the settings: ``User.objects``, ``entity.save()``,
    ``Event.key.query(...)``. Errors become the statuses of :mod:`madmall_models.adapters.http_status`, answered as
    :func:`~madmall_models.adapters.django.error_pages.answer_error` does. What people typed into forms is left out of
    the reports that Django makes of errors. Works for sync and async views; the operations of the models block, so an
    async view calls them through ``sync_to_async``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def database_for(self, request: HttpRequest) -> Database:
        """Return the database that a request means; a subclass may choose another, for a tenant with its own table."""
        return database_of_requests()

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Answer a request with the database bound."""
        request.sensitive_post_parameters = _EVERY_PARAMETER
        if self._is_async:
            return self._answer_later(request)
        try:
            database = self.database_for(request)
        except MadMallError as error:
            return answer_error(request, error)
        with database.bound():
            return _bound_to(database, self.get_response(request))

    async def _answer_later(self, request: HttpRequest) -> HttpResponse:
        try:
            database = self.database_for(request)
        except MadMallError as error:
            return await sync_to_async(answer_error)(request, error)
        with database.bound():
            return _bound_to(database, await self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer to an error of this package; leave any other to Django."""
        return answer_error(request, exception) if isinstance(exception, MadMallError) else None


def _bound_to(database: Database, response: HttpResponse) -> HttpResponse:
    """Return an answer whose parts, if it is sent while it is made, are made with the database bound too."""
    if getattr(response, "streaming", False) and not isinstance(response, FileResponse):
        parts = response.streaming_content
        response.streaming_content = _later_parts(database, parts) if response.is_async else _parts(database, parts)
    return response


def _parts(database: Database, parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        # Bound for one part at a time: between two of them, other code runs in this context.
        with database.bound():
            part = next(parts, None)
        if part is None:
            return
        yield part


async def _later_parts(database: Database, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        with database.bound():
            part = await anext(parts, None)
        if part is None:
            return
        yield part
