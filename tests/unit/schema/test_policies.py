"""A policy allows what its role uses, where it uses it, and nothing else."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from madmall_models.errors import ConfigurationError
from madmall_models.schema import Description, describe
from madmall_models.schema.policies import ROLES, TableAddress, policies_text, policy_of
from tests.unit.schema.conftest import WriteModule
from tests.unit.schema.odd_models import ODD_MODELS

PACKAGE = Path(__file__).resolve().parents[3] / "madmall_models"
ADDRESS = TableAddress("madmall-prod-main", "us-east-1", "123456789012")
# Longer ones are refused by IAM; spaces do not count.
MOST_CHARACTERS = 6144
IN_TRANSACTIONS = {"ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"}


@pytest.fixture(scope="module")
def description() -> Description:
    return describe()


def statements(description: Description, role: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy_of(description, role, ADDRESS)["Statement"]
    return found


def actions(description: Description, role: str) -> set[str]:
    return {action for each in statements(description, role) for action in each["Action"]}


def operations_in(*rooms: str) -> set[str]:
    """Return the operations of DynamoDB that rooms of the package call by name."""
    return {
        call.args[0].value
        for room in rooms
        for file in ([PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else (PACKAGE / room).glob("*.py"))
        for call in _calls(ast.parse(file.read_text(encoding="utf-8")))
    }


def _calls(tree: ast.AST) -> Iterator[Any]:
    for node in ast.walk(tree):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call"
        if named and node.args and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
            yield node


def allowed(operations: set[str]) -> set[str]:
    """Return the permissions that operations ask for; a transaction asks for those of its actions."""
    plain = operations - {"TransactGetItems", "TransactWriteItems"}
    more = {"GetItem"} if "TransactGetItems" in operations else set()
    return {f"dynamodb:{operation}" for operation in plain | more}


def test_the_writer_may_do_what_managers_and_transactions_do(description: Description) -> None:
    used = allowed(operations_in("manager", "managers", "batch", "batch_write", "query_reader", "read_transaction"))

    assert {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"} <= used
    assert used <= actions(description, "writer")
    assert {f"dynamodb:{action}" for action in IN_TRANSACTIONS} <= actions(description, "writer")


def test_the_migrator_may_do_what_migrations_and_checks_do(description: Description) -> None:
    used = allowed(operations_in("migration", "integrity", "table_segments"))

    assert {"dynamodb:Scan", "dynamodb:CreateBackup", "dynamodb:UpdateTable"} <= used
    assert used <= actions(description, "migrator")
    assert actions(description, "writer") <= actions(description, "migrator")


def test_the_operator_may_do_what_is_done_to_a_table_but_delete_it(description: Description) -> None:
    used = allowed(operations_in("table", "table_plan"))

    assert used - actions(description, "operator") == {"dynamodb:DeleteTable"}


def test_the_reader_changes_nothing_and_scans_nothing(description: Description) -> None:
    assert actions(description, "reader") == {
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Query",
    }


def test_the_operator_sees_no_item(description: Description) -> None:
    assert not actions(description, "operator") & actions(description, "writer") - {"dynamodb:DescribeTable"}


@pytest.mark.parametrize("role", ROLES)
def test_a_policy_names_actions_and_this_table_exactly(description: Description, role: str) -> None:
    for statement in statements(description, role):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in statement["Action"])
        assert re.fullmatch(
            r"arn:aws:dynamodb:us-east-1:123456789012:table/madmall-prod-main(/index/GSI[1-4]|/backup/\*)?",
            statement["Resource"],
        )


@pytest.mark.parametrize("role", ROLES)
def test_a_policy_is_one_that_iam_takes(description: Description, role: str) -> None:
    policy = policy_of(description, role, ADDRESS)
    resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Policy": resource}}

    assert [str(match) for match in lint(json.dumps(template))] == []
    assert len(json.dumps(policy, separators=(",", ":"))) <= MOST_CHARACTERS
    names = [statement["Sid"] for statement in policy["Statement"]]
    assert len(names) == len(set(names))


def test_reading_by_a_key_is_bound_to_the_partitions_that_are_declared(description: Description) -> None:
    patterns = {
        each["Resource"].rpartition("/")[2]: each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for each in statements(description, "reader")
        if "Condition" in each
    }

    assert "CIRCLE#*" in patterns["madmall-prod-main"]
    assert patterns["GSI4"] == [f"TENANT#*#{kind}" for kind in
                                ("BUSINESSES", "CIRCLES", "IMAGES", "RESOURCES", "STORIES", "USERS")]  # fmt: skip
    for entity in description.entities:
        keys = [entity.primary_key, *entity.index_keys, *entity.mirrors, *entity.pointers]
        for key in keys:
            place = "madmall-prod-main" if key.index == "table" else key.index
            partition = key.example[0] if key.example else key.partition_key
            assert any(fnmatch.fnmatchcase(partition, each) for each in patterns[place]), key


def test_records_of_migrations_are_not_for_the_application(description: Description) -> None:
    written = {role: json.dumps(statements(description, role)) for role in ROLES}

    assert {role for role, text in written.items() if "MIGRATION#*" in text} == {"migrator"}


def test_a_claim_that_nobody_asks_is_for_writers_only(write_module: WriteModule) -> None:
    odd = describe([write_module(ODD_MODELS)], only=True)

    assert "UNIQUE#ODD#CODE#*" not in json.dumps(statements(odd, "reader"))
    assert "UNIQUE#ODD#CODE#*" in json.dumps(statements(odd, "writer"))


def test_what_means_something_to_iam_stands_for_itself(write_module: WriteModule) -> None:
    odd = describe([write_module(ODD_MODELS)], only=True)

    assert "ODD${*}LIST${?}" in json.dumps(statements(odd, "writer"))


def test_a_key_of_the_customer_is_used_through_dynamodb_only(description: Description) -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    address = TableAddress("t", "us-east-1", "123456789012", kms_key=arn)

    last = policy_of(description, "writer", address)["Statement"][-1]

    assert last["Resource"] == arn
    assert last["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}
    assert "kms:CreateGrant" not in last["Action"]
    assert "kms:CreateGrant" in policy_of(description, "operator", address)["Statement"][-1]["Action"]


def test_all_roles_are_told_with_what_they_are(description: Description) -> None:
    told = json.loads(policies_text(description))

    assert {role: each["description"] for role, each in told.items()} == dict(ROLES)
    assert all(each["policy"]["Version"] == "2012-10-17" for each in told.values())


def test_there_is_no_other_role(description: Description) -> None:
    with pytest.raises(ConfigurationError, match="there are reader, writer, migrator, operator"):
        policy_of(description, "admin")
