"""Each setting comes from one place, in one order, and a secret is never shown."""

from __future__ import annotations

import pytest

from madmall_models import ConfigurationError, Database
from madmall_models.configuration import canonical_environment, connection_settings, effective_settings

SECRET = "canary-secret"


@pytest.mark.defect(7)
@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("production", "production"),
        ("prod", "production"),
        ("PROD", "production"),
        ("staging", "staging"),
        ("development", "development"),
        ("dev", "development"),
    ],
)
def test_an_environment_has_short_names(given: str, meant: str) -> None:
    assert canonical_environment(given) == meant


@pytest.mark.parametrize(("given", "near"), [("producton", "production"), ("stagin", "staging"), ("devel", "dev")])
def test_an_unknown_environment_is_refused_with_a_near_miss(given: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"there is no environment '{given}'; known are .*Did you mean {near}"):
        Database.for_environment(given)


@pytest.mark.defect(6, 7, 85)
@pytest.mark.parametrize(
    ("environment", "table", "endpoint", "attempts", "timeout", "connections"),
    [
        ("prod", "madmall-prod-main", None, 5, 5.0, 100),
        ("staging", "madmall-staging-main", None, 3, 3.0, 50),
        ("dev", "madmall-dev-main", "http://localhost:8000", 3, 3.0, 50),
    ],
)
def test_an_environment_has_its_defaults(
    environment: str, table: str, endpoint: str | None, attempts: int, timeout: float, connections: int
) -> None:
    database = Database.for_environment(environment)
    settings = database.connection.settings
    assert database.table_name == table
    assert (settings.endpoint, settings.max_attempts, settings.timeout) == (endpoint, attempts, timeout)
    assert settings.max_connections == connections


@pytest.mark.defect(6)
def test_an_argument_wins_over_a_variable_and_that_over_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = effective_settings("staging")
    monkeypatch.setenv("MADMALL_TABLE", "from-variable")
    monkeypatch.setenv("MADMALL_TIMEOUT", "7.5")
    from_variables = effective_settings("staging")
    from_arguments = effective_settings("staging", table="from-argument", timeout=9.0)
    assert [found["table"].value for found in (defaults, from_variables, from_arguments)] == [
        "madmall-staging-main",
        "from-variable",
        "from-argument",
    ]
    assert [found["timeout"].value for found in (defaults, from_variables, from_arguments)] == [3.0, 7.5, 9.0]
    assert [found["timeout"].source for found in (defaults, from_variables, from_arguments)] == [
        "default",
        "MADMALL_TIMEOUT",
        "argument",
    ]


def test_our_own_variables_win_over_those_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert effective_settings("staging")["region"].value == "eu-central-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert effective_settings("staging")["region"].source == "AWS_REGION"
    monkeypatch.setenv("MADMALL_REGION", "us-west-2")
    assert effective_settings("staging")["region"].value == "us-west-2"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:2")
    assert effective_settings("dev")["endpoint"].value == "http://localhost:2"
    monkeypatch.setenv("MADMALL_ENDPOINT", "http://localhost:3")
    assert effective_settings("dev")["endpoint"].value == "http://localhost:3"


@pytest.mark.defect(7)
def test_the_environment_itself_may_come_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_ENVIRONMENT", "prod")
    assert Database().table_name == "madmall-prod-main"
    assert Database.for_environment("dev").table_name == "madmall-dev-main"


def test_a_database_knows_its_environment_wherever_it_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Database.for_environment("prod").environment == "production"
    monkeypatch.setenv("MADMALL_ENVIRONMENT", "prod")
    assert Database().environment == "production"


@pytest.mark.parametrize(
    ("name", "near"), [("tabel", "table"), ("max_attempt", "max_attempts"), ("time_out", "timeout")]
)
def test_an_unknown_setting_is_refused_with_a_near_miss(name: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown setting '{name}'; did you mean '{near}'"):
        effective_settings("dev", **{name: "x"})
    with pytest.raises(ConfigurationError, match=f"unknown setting '{name}'; did you mean '{near}'"):
        Database.for_environment("dev", **{name: "x"})


def test_a_table_must_be_named() -> None:
    with pytest.raises(ConfigurationError, match="no table is named; give Database\\(table="):
        Database()


@pytest.mark.parametrize(
    "variable",
    [
        "MADMALL_MAX_ATTEMPTS",
        "MADMALL_TIMEOUT",
        "MADMALL_MAX_CONNECTIONS",
        "MADMALL_DEADLINE",
        "MADMALL_BREAKER_FAILURES",
        "MADMALL_BREAKER_PAUSE",
    ],
)
def test_a_variable_that_is_no_number_is_refused_by_its_name(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "canary")
    with pytest.raises(ConfigurationError, match=f"^{variable} must be a number$"):
        effective_settings("dev")


@pytest.mark.defect(38)
@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        ({"max_attempts": 0}, "max_attempts counts the first attempt too"),
        ({"timeout": 0}, "timeout is in seconds and must be above 0"),
        ({"max_connections": 0}, "max_connections must be 1 or more"),
        ({"max_attempts": True}, "max_attempts counts the first attempt too"),
        ({"max_attempts": 2.5}, "max_attempts counts the first attempt too"),
        ({"max_connections": "10"}, "max_connections must be 1 or more"),
        ({"breaker_failures": -1}, "breaker_failures counts failed calls in a row; give a whole number, 0 for never"),
        ({"timeout": "3"}, "timeout is in seconds and must be above 0"),
        ({"timeout": float("nan")}, "timeout is in seconds and must be above 0"),
        ({"deadline": 0}, "deadline is in seconds and must be above 0"),
        ({"deadline": float("inf")}, "deadline is in seconds and must be above 0"),
        ({"breaker_pause": -1.0}, "breaker_pause is in seconds and must be above 0"),
        ({"access_key": "a"}, "access_key and secret_key belong together"),
        ({"secret_key": SECRET}, "access_key and secret_key belong together"),
        ({"endpoint": "localhost:8000"}, "endpoint must be a URL such as http://localhost:8000"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, object], fact: str) -> None:
    with pytest.raises(ConfigurationError, match=fact) as refused:
        Database(table="table", **settings)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["t", "two words", "x" * 256, "table/slash", "", "tisch-ä"])
def test_a_name_that_no_table_can_have_is_refused_before_a_request(name: str) -> None:
    with pytest.raises(ConfigurationError, match="table"):
        Database(table=name)


def test_secrets_are_shown_by_nothing() -> None:
    given = {"access_key": SECRET, "secret_key": SECRET, "session_token": SECRET}
    database = Database(table="table", **given)
    settings = database.settings
    shown = [repr(database), str(database), repr(database.connection.settings), str(connection_settings(settings))]
    shown += [repr(database.connection), *(setting.shown for setting in settings.values())]
    shown += [repr(settings), *(f"{setting}" for setting in settings.values())]
    assert SECRET not in "\n".join(shown)
    assert settings["secret_key"].shown == "****"


def test_what_is_not_set_is_shown_as_such() -> None:
    settings = effective_settings("staging")
    assert settings["endpoint"].shown == "-"
    assert settings["secret_key"].shown == "-"
    assert settings["timeout"].shown == "3.0"


def test_a_database_says_where_it_is() -> None:
    assert repr(Database(table="table", region="us-west-2")) == "<Database table at us-west-2>"
    assert (
        repr(Database(table="table", endpoint="http://localhost:8000")) == "<Database table at http://localhost:8000>"
    )
