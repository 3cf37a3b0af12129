"""Make the IAM policies of the roles that use the table."""

from __future__ import annotations

import json

import click

from madmall_models.cli.schema_options import Delivery, documented
from madmall_models.schema.documents import DOCUMENTS, Source
from madmall_models.schema.policies import ROLES, TableAddress, policies_text, policy_of

_DEFAULT = TableAddress()


@click.command("iam")
@click.option("--role", type=click.Choice(list(ROLES)), help="Print this policy alone, as IAM takes it.")
@click.option("--table", default=_DEFAULT.table, metavar="NAME", help="The table.")
@click.option("--region", default=_DEFAULT.region, metavar="NAME", help="The region of the table.")
@click.option("--account", default=_DEFAULT.account, metavar="NUMBER", help="The account of the table.")
@click.option("--partition", default=_DEFAULT.partition, metavar="NAME", help="aws, aws-cn or aws-us-gov.")
@click.option("--kms-key", metavar="ARN", help="Your own key that the table is encrypted with.")
@documented
def iam(
    source: Source,
    delivery: Delivery,
    role: str | None,
    table: str,
    region: str,
    account: str,
    partition: str,
    kms_key: str | None,
) -> int:
    """Make an IAM policy for each role: reader, writer, migrator, operator.

    Each allows what the role uses of the table and of its indexes, in the partitions that the declarations know, and
    nothing else.

    Example: madmall schema iam --role writer --table madmall-prod-main --region us-east-1 --account 123456789012
    """
    address = TableAddress(table, region, account, partition, kms_key)
    if role is None:
        text = policies_text(source.description, address)
    else:
        text = json.dumps(policy_of(source.description, role, address), indent=2) + "\n"
    return delivery.file(DOCUMENTS["iam"].file, text)
