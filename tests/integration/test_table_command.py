"""The command compares, changes, creates and describes a table: data on stdout, talk on stderr, a status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import Database, Provisioned, ServiceError, TableSettings, cli
from madmall_models.connection.operations import Connection
from tests.integration.command_runs import Command
from tests.integration.samples import make_user
from tests.integration.table_content import nothing_written
from tests.integration.test_table_changes import KEY, drop_index, update, with_extra_index, with_other_projection

EXPIRY = "Let items expire by ttl"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madmall_models.table_plan.application._FIRST_POLL_SECONDS", 0.01)


@pytest.fixture
def run(db: Database, engine: Any, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs the command on a table that is as the models declare it."""
    db.apply_table(db.diff_table())
    return Command(db, engine, capsys)


@pytest.fixture
def absent(engine: Any) -> Iterator[Database]:
    database = Database(table=f"test-{uuid4().hex}", **engine.connection_settings())
    yield database
    if database.health().ok and database.describe_table().get("DeletionProtectionEnabled"):
        update(database, DeletionProtectionEnabled=False)
    database.delete_table()
    database.close()


# -- diff ----------------------------------------------------------------------------------------------------------


def test_an_equal_table_is_no_finding(run: Command, db: Database) -> None:
    ran = run("table", "diff")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"table {db.table_name} is as the models declare it\n"


def test_a_difference_is_a_finding_with_its_cost_and_changes_nothing(run: Command, db: Database) -> None:
    drop_index(db, "GSI3")
    with nothing_written(db):
        ran = run("table", "diff", "--deletion-protection")
    assert (ran.status, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert lines[0] == f"table {db.table_name} is not as the models declare it: 2 to change"
    assert lines[1] == "  1. Turn deletion protection on"
    assert lines[3] == "  2. Add the index GSI3 on GSI3PK and GSI3SK, with keys only"
    assert lines[4].startswith("     cost: DynamoDB reads the whole table (")
    assert len(db.describe_table()["GlobalSecondaryIndexes"]) == 3


def test_what_is_left_says_what_to_do(run: Command, db: Database) -> None:
    with_other_projection(db)
    with_extra_index(db)
    ran = run("table", "diff")
    assert ran.status == 1
    told = " ".join(ran.out.split())
    assert "left index GSI3: it is on GSI3PK and GSI3SK, with whole items, and the models declare one" in told
    assert "to do: an index is never changed; --replace-indexes drops it and adds it again" in told
    assert "note index ByCreator on createdBy, with keys only is not declared, and stays" in told


def test_a_difference_is_told_as_json(run: Command, db: Database) -> None:
    drop_index(db, "GSI3")
    ran = run("table", "diff", "--json")
    told = json.loads(ran.out)
    assert ran.status == 1
    assert (told["table"], told["exists"], told["equal"]) == (db.table_name, True, False)
    assert [(change["subject"], change["does"]) for change in told["changes"]] == [
        ("index GSI3", "Add the index GSI3 on GSI3PK and GSI3SK, with keys only")
    ]


def test_a_table_that_is_not_there_is_a_finding(
    absent: Database, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = Command(absent, engine, capsys)("table", "diff")
    assert ran.status == 1
    assert ran.out.splitlines()[:2] == [
        f"there is no table {absent.table_name}",
        "  1. Create the table with its keys, indexes, stream and time to live",
    ]
    assert not absent.health().ok


# -- apply ---------------------------------------------------------------------------------------------------------


def test_a_table_is_changed_told_and_equal_then(run: Command, db: Database) -> None:
    make_user(db)
    drop_index(db, "GSI3")
    ran = run("table", "apply", "--yes")
    assert ran.status == 0
    assert ran.out == f"table {db.table_name} is as the models declare it\n"
    lines = ran.err.splitlines()
    assert lines[0] == f"table {db.table_name} is not as the models declare it: 1 to change"
    assert lines[-1] == "Add the index GSI3 on GSI3PK and GSI3SK, with keys only: done"
    again = run("table", "apply")
    assert (again.status, again.err, again.out) == (0, "", ran.out)
    assert db.users.exists("u1")


def test_what_was_done_is_told_as_json(run: Command, db: Database) -> None:
    drop_index(db, "GSI3")
    ran = run("table", "apply", "--json", "--yes")
    told = json.loads(ran.out)
    assert ran.status == 0
    assert [change["subject"] for change in told["before"]["changes"]] == ["index GSI3"]
    assert (told["after"]["equal"], told["after"]["changes"]) == (True, [])


def test_what_is_left_is_a_finding(run: Command, db: Database) -> None:
    with_other_projection(db)
    ran = run("table", "apply")
    assert (ran.status, ran.err) == (1, "")
    assert "--replace-indexes" in ran.out
    assert run("table", "apply", "--replace-indexes", "--yes").status == 0
    assert db.diff_table().is_equal


@pytest.mark.difference("recovery-and-tags")
@pytest.mark.difference("encryption")
def test_every_setting_has_an_option(run: Command, db: Database) -> None:
    asked = [
        *("--billing", "2:3", "--tag", "team=care", "--tag", "cost=a=b", "--kms-key", KEY),
        *("--point-in-time-recovery", "--deletion-protection", "--yes"),
    ]
    assert run("table", "apply", *asked).status == 0
    settings = TableSettings(Provisioned(2, 3), KEY, True, True, {"team": "care", "cost": "a=b"})
    assert db.diff_table(settings).is_equal
    back = ["--billing", "on-demand", "--no-point-in-time-recovery", "--no-deletion-protection", "--yes"]
    assert run("table", "apply", *back).status == 0
    settings = TableSettings("on-demand", KEY, False, False, {"team": "care", "cost": "a=b"})
    assert db.diff_table(settings).is_equal


def test_a_table_that_is_not_there_is_created(
    absent: Database, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = Command(absent, engine, capsys)("table", "apply", "--billing", "2:3", "--yes")
    assert ran.status == 0
    assert ran.err.splitlines()[-1] == "Create the table with its keys, indexes, stream and time to live: done"
    assert absent.diff_table(TableSettings(billing=Provisioned(2, 3))).is_equal


def test_another_primary_key_is_an_error(absent: Database, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    absent.connection.client.create_table(
        TableName=absent.table_name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    run = Command(absent, engine, capsys)
    assert run("table", "diff").status == 1
    ran = run("table", "apply")
    assert (ran.status, ran.out) == (2, "")
    assert "create a table of another name and move the items into it" in ran.err


def test_nobody_is_asked_about_a_table_far_away_without_a_person(
    run: Command, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_index(db, "GSI3")
    settings = type(db.connection.settings)
    monkeypatch.setattr(settings, "is_loopback", property(lambda self: False))
    ran = run("table", "apply")
    assert ran.status == 2
    assert f"This will change table {db.table_name} at " in ran.err
    assert "Pass --yes to say that you mean it." in ran.err
    assert len(db.describe_table()["GlobalSecondaryIndexes"]) == 3
    assert run("table", "apply", "--yes").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--billing", "5"], "'5' is neither on-demand nor READ:WRITE, as in 5:5"),
        (["--billing", "0:5"], "'0:5' is neither on-demand nor READ:WRITE"),
        (["--tag", "team"], "'team' is not NAME=VALUE, as in team=care"),
        (["--tag", "=care"], "'=care' is not NAME=VALUE"),
        (["--tag", "a=b", "--tag", "a=c"], "a is given twice, with different values"),
        (["--tag", "AWS:a=b"], "tag 'AWS:a': names that begin with aws: are the service's own"),
        (["--tag", f"{'a' * 129}=b"], "a tag has a name of 1 to 128 characters"),
        (["--tag", f"a={'b' * 257}"], "a value of at most 256"),
        (["--kms-key", "alias/care"], "an alias cannot be compared with it"),
        (["--replace-indices"], "No such option"),
    ],
)
@pytest.mark.parametrize("command", ["diff", "apply"])
def test_wrong_input_is_one_clear_error(
    command: str, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.run(["table", command, "--table", "care", "--endpoint", "http://127.0.0.1:1", *arguments])
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert said in told.err


def test_a_time_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["table", "apply", "--table", "care", "--seconds", "0"]) == 2
    assert "is not in the range x>0" in capsys.readouterr().err


# -- create and describe -------------------------------------------------------------------------------------------


@pytest.mark.difference("recovery-and-tags")
def test_a_table_is_created_with_its_settings_and_described(
    absent: Database, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Command(absent, engine, capsys)
    asked = ["--billing", "2:3", "--tag", "team=care", "--point-in-time-recovery", "--deletion-protection"]
    created = run("table", "create", *asked, "--kms-key", KEY, "--yes")
    assert (created.status, created.err) == (0, f"table {absent.table_name} is ready\n")
    told = dict(line.split(maxsplit=1) for line in run("table", "describe").out.splitlines())
    assert told["billing"] == "2 read and 3 write units a second"
    assert told["stream"] == "NEW_AND_OLD_IMAGES"
    assert told["expiry"] == "by ttl"
    assert (told["recovery"], told["protection"], told["tags"]) == ("on", "on", "team=care")
    assert told["encryption"] == KEY
    assert told["GSI3"] == "GSI3PK / GSI3SK  KEYS_ONLY  ACTIVE"


def test_a_table_that_is_there_and_not_as_asked_is_a_finding(run: Command, db: Database) -> None:
    assert run("table", "create", "--yes").status == 0
    ran = run("table", "create", "--billing", "2:3", "--yes")
    assert ran.status == 1
    assert "Provision 2 read and 3 write units a second" in ran.err
    assert ran.last_line == "`madmall table apply` with the same options changes it"
    assert db.describe_table()["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_plain_table_is_described(run: Command, db: Database) -> None:
    told = dict(line.split(maxsplit=1) for line in run("table", "describe").out.splitlines())
    assert (told["table"], told["state"], told["keys"]) == (db.table_name, "ACTIVE", "PK / SK")
    assert (told["billing"], told["protection"], told["encryption"]) == ("on-demand", "off", "a key of the service")
    whole = json.loads(run("table", "describe", "--json").out)
    assert whole["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert (whole["TableName"], whole["Tags"]) == (db.table_name, [])


def test_what_an_engine_does_not_tell_is_described_as_unknown(
    run: Command, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Connection.call

    def knows_little(connection: Connection, operation: str, request: Any, **options: Any) -> Any:
        if operation in ("DescribeContinuousBackups", "ListTagsOfResource"):
            raise ServiceError(f"{operation} was refused", code="UnknownOperationException")
        return call(connection, operation, request, **options)

    monkeypatch.setattr(Connection, "call", knows_little)
    told = dict(line.split(maxsplit=1) for line in run("table", "describe").out.splitlines())
    assert told["recovery"] == told["tags"] == "unknown: this engine does not know of it"
