"""A Django project for tests, configured once for each process: its views, its addresses and its templates."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any

import django
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from madmall_models import Circle, Database, User, binding, errors
from madmall_models.adapters.django import MadMallMiddleware, database, error_pages, health, paginate
from madmall_models.adapters.django.configured_database import configured_database, use_as_default

JANE = {"email": "jane@example.com", "profile": {"first_name": "Jane", "last_name": "Smith"}}
SECRET = "jane@example.com is HIV positive"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TEMPLATES = {
    "409.html": "<h1>{{ answer.title }}</h1><p>our own 409</p>",
    "error.html": "<h1>{{ answer.title }}</h1><p>{{ answer.detail }}</p><a href='{{ first_url }}'>first</a>",
    "greeting.html": "Hello {{ person }}",
}
FAULTS = {
    "unique": errors.UniqueViolation(SECRET, field="email"),
    "circuit": errors.CircuitOpen(SECRET, retry_after=7.2),
    "ours": RuntimeError(SECRET),
}


def sign_up(request: HttpRequest) -> HttpResponse:
    return HttpResponse(User.objects.create(user_id="u1", **JANE).user_id)


def show(request: HttpRequest, user_id: str) -> HttpResponse:
    return HttpResponse(User.objects.get(user_id).email)


def table(request: HttpRequest) -> HttpResponse:
    return HttpResponse(database().table_name)


def table_in_thread(request: HttpRequest) -> HttpResponse:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(database().table_name))
    thread.start()
    thread.join()
    return HttpResponse(found[0])


async def table_later(request: HttpRequest) -> HttpResponse:
    return HttpResponse(database().table_name)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(database().table_name for _ in range(2))


async def stream_later(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for _ in range(2):
            yield database().table_name

    return StreamingHttpResponse(parts())


def send_file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(b"a file"))


def circles(request: HttpRequest) -> HttpResponse:
    page = paginate(request, Circle.objects.of_tenant().newest_first(), size=2)
    return HttpResponse(f"{' '.join(circle.circle_id for circle in page)}|{page.next_url or ''}")


def fail(request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS.get(name) or getattr(errors, name)(SECRET)


async def fail_later(request: HttpRequest, name: str) -> HttpResponse:
    return fail(request, name)


class OneTableForEach(MadMallMiddleware):
    """Choose the table by a header, as a project with a table for each of its customers might."""

    def database_for(self, request: HttpRequest) -> Database:
        customer = request.headers["x-customer"]
        if customer == "unknown":
            raise errors.ConfigurationError(SECRET)
        return Database(table=f"table-of-{customer}", endpoint="http://127.0.0.1:1")


urlpatterns = [
    path("users", sign_up),
    path("users/<user_id>", show),
    path("table", table),
    path("thread", table_in_thread),
    path("later", table_later),
    path("circles", circles),
    path("stream", stream),
    path("stream-later", stream_later),
    path("file", send_file),
    path("fail/<name>", fail),
    path("fail-later/<name>", fail_later),
    path("health", health),
]
handler404 = error_pages.page_not_found
handler500 = error_pages.server_error


def configure() -> None:
    """Configure Django, unless this process has done it."""
    if settings.configured:
        return
    loader = ("django.template.loaders.locmem.Loader", TEMPLATES)
    settings.configure(
        SECRET_KEY="for tests of this project alone",
        INSTALLED_APPS=["madmall_models.adapters.django"],
        MIDDLEWARE=["madmall_models.adapters.django.MadMallMiddleware"],
        ROOT_URLCONF=__name__,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [loader]}}],
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        LOGGING_CONFIG=None,
    )
    django.setup()


@contextlib.contextmanager
def project(**madmall: Any) -> Iterator[None]:
    """Let the project have these settings, and leave the process as it was."""
    before = list(binding._configured)
    configure()
    use_as_default()
    try:
        with override_settings(MADMALL=madmall):
            yield
    finally:
        binding.set_default(before[0] if before else None)


@contextlib.contextmanager
def project_on(db: Database, engine: Any, client: Any, **madmall: Any) -> Iterator[None]:
    """Let the project have the table of a test."""
    with project(table=db.table_name, **engine.connection_settings(), **madmall):
        configured_database.get().connection._client = client
        yield
