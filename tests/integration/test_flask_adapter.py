"""A Flask application has a table: models mean it where the application is at work, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, copy_current_request_context, stream_with_context

from madmall_models import ConfigurationError, Database, User, binding
from madmall_models.adapters.flask import MadMall, current_madmall, db
from tests.integration.flask_applications import JANE, application, tables_of


@pytest.fixture(autouse=True)
def nothing_is_configured() -> Iterator[None]:
    before = list(binding._configured)
    binding.set_default(None)
    yield
    binding.set_default(before[0] if before else None)


@pytest.fixture
def app(db: Database, engine: Any) -> Flask:
    return application(db, engine)


@pytest.fixture
def other(engine: Any, client: Any) -> Iterator[Flask]:
    """Give a second application, with a table of its own."""
    with tables_of(engine, client) as database:
        yield application(database, engine)


def sign_up() -> str:
    return User.objects.create(user_id="u1", **JANE).user_id


def seen() -> str:
    return " ".join(user.user_id for user in User.objects.of_tenant())


def test_a_model_in_a_view_means_the_table_of_the_application(app: Flask, db: Database) -> None:
    app.post("/users")(sign_up)

    assert app.test_client().post("/users").text == "u1"
    assert db.users.get("u1").email == JANE["email"]


def test_applications_side_by_side_keep_their_tables_apart(app: Flask, other: Flask) -> None:
    for application_ in (app, other):
        application_.post("/users")(sign_up)
        application_.get("/users")(seen)

    app.test_client().post("/users")

    assert (app.test_client().get("/users").text, other.test_client().get("/users").text) == ("u1", "")


def test_a_view_that_calls_another_application_means_its_own_table_again(app: Flask, other: Flask) -> None:
    other.get("/users")(seen)
    other_table, app_table = (current_table(each) for each in (other, app))

    @app.get("/")
    def asks_the_other() -> dict[str, str]:
        before = table()
        with Database(table="somewhere-else").bound():
            other.test_client().get("/users")
            with other.app_context():
                within = table()
        return {"before": before, "within": within, "after": table()}

    answer = app.test_client().get("/").get_json()
    assert answer == {"before": app_table, "within": other_table, "after": app_table}


def table() -> str:
    name: str = User.objects.database.table_name
    return name


def current_table(app: Flask) -> str:
    with app.app_context():
        return db.table_name


def test_a_block_inside_of_a_request_means_another_table(app: Flask) -> None:
    @app.get("/")
    def elsewhere() -> str:
        with Database(table="elsewhere").bound():
            return table()

    assert app.test_client().get("/").text == "elsewhere"


def test_nothing_is_meant_after_a_request_also_where_its_end_failed(app: Flask) -> None:
    @app.teardown_appcontext
    def fails(error: BaseException | None) -> None:
        raise ZeroDivisionError

    app.get("/")(lambda: table())
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/")
    with pytest.raises(ConfigurationError, match="no database is bound here"):
        table()


def test_an_application_without_the_extension_means_no_table_of_another(app: Flask) -> None:
    bare = Flask("bare")
    with app.app_context(), bare.app_context():
        with pytest.raises(ConfigurationError, match="no database is bound here"):
            table()
        with pytest.raises(ConfigurationError, match=r"the application 'bare' has no table; call MadMall\(app\)"):
            current_madmall.database  # noqa: B018


def test_an_answer_that_streams_within_the_context_reads_its_table(app: Flask, db: Database) -> None:
    db.users.create(user_id="u1", **JANE)

    @app.get("/")
    def streams() -> Response:
        return Response(stream_with_context(f"{user.user_id}\n" for user in User.objects.of_tenant()))

    assert app.test_client().get("/").text == "u1\n"


def test_an_asynchronous_view_means_the_table_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    async def view() -> str:
        return table()

    monkeypatch.setattr(app, "async_to_sync", run_in_a_thread_as_asgiref_does)
    app.get("/")(view)
    assert app.test_client().get("/").text == current_table(app)


def run_in_a_thread_as_asgiref_does(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for asgiref: another thread with a copy of the context, and a loop of its own."""
    import asyncio
    import contextvars

    def run(*arguments: Any, **options: Any) -> Any:
        results: list[Any] = []
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=lambda: results.append(context.run(asyncio.run, function(*arguments, **options)))
        )
        thread.start()
        thread.join()
        return results[0]

    return run


def test_a_thread_means_the_table_where_it_has_the_context_and_none_without(app: Flask) -> None:
    def told(work: Callable[[], str]) -> str:
        results: list[str] = []

        def run() -> None:
            try:
                results.append(work())
            except ConfigurationError:
                results.append("none")

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return results[0]

    @app.get("/")
    def view() -> list[str]:
        return [told(table), told(copy_current_request_context(table)), told(lambda: current_table(app))]

    name = current_table(app)
    assert app.test_client().get("/").get_json() == ["none", name, name]


def test_the_proxy_and_the_shell_give_the_database_of_the_application(app: Flask) -> None:
    with app.app_context():
        assert db.users is User.objects
        assert app.make_shell_context()["db"] is app.extensions["madmall"].database
        assert current_madmall.page_size == 20


def test_an_application_is_set_up_once(app: Flask) -> None:
    with pytest.raises(ConfigurationError, match="was set up before; MadMall takes each one once"):
        MadMall(app)


def test_one_extension_serves_many_applications() -> None:
    madmall = MadMall(region="eu-central-1")
    tables = []
    for name in ("first", "second"):
        app = Flask(name)
        app.config["MADMALL_TABLE"] = f"table-{name}"
        madmall.init_app(app)
        tables.append(current_table(app))
    assert tables == ["table-first", "table-second"]


def test_a_request_sends_nothing_that_its_view_did_not_ask_for(app: Flask, db: Database) -> None:
    app.get("/")(lambda: "")
    app.test_client().get("/")
    assert app.extensions["madmall"].database.metrics().total == 0
