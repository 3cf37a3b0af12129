"""Say what is asked of a table beyond the keys and indexes that the models declare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from madmall_models.errors import ConfigurationError
from madmall_models.table import Provisioned

OnDemand = Literal["on-demand"]
ON_DEMAND: OnDemand = "on-demand"
_KEY_ID = r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_KMS_KEY = re.compile(rf"(?:arn:[\w-]+:kms:[\w-]+:\d{{12}}:key/)?{_KEY_ID}")
_TAG_NAME_CHARACTERS = 128
_TAG_VALUE_CHARACTERS = 256


@dataclass(frozen=True)
class TableSettings:
    """What is asked of a table; what is not stated stays as it is.

    Attributes:
        billing: ``"on-demand"``, or the capacity of the table and of each declared index.
        kms_key: id or ARN of the key that encrypts the table. No alias: DynamoDB tells a key by its ARN, so that an
            alias cannot be compared.
        point_in_time_recovery: whether the table can be restored to any second of the last 35 days.
        deletion_protection: whether the table refuses to be deleted.
        tags: tags to have, by name; other tags of the table stay.
        replace_indexes: whether an index with other keys or another projection is dropped and added again.
        drop_extra_indexes: whether indexes are dropped that the models do not declare.
        replace_stream: whether a stream with another view is ended for one that has the declared view.
        replace_time_to_live: whether a time to live on another attribute is ended for the declared one.

    Raises:
        ConfigurationError: a value cannot be what it is to be.
    """

    billing: Provisioned | OnDemand | None = None
    kms_key: str | None = None
    point_in_time_recovery: bool | None = None
    deletion_protection: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    replace_indexes: bool = False
    drop_extra_indexes: bool = False
    replace_stream: bool = False
    replace_time_to_live: bool = False

    def __post_init__(self) -> None:
        """Check the values."""
        _check_billing(self.billing)
        _check_key(self.kms_key)
        for name in _SWITCHES:
            value = getattr(self, name)
            if not (isinstance(value, bool) or (value is None and name in _MAY_BE_LEFT_OUT)):
                raise ConfigurationError(f"{name} is True or False, not {type(value).__name__}")
        if not isinstance(self.tags, Mapping):
            raise ConfigurationError(f"tags are a mapping of names to values, not {type(self.tags).__name__}")
        for name, value in self.tags.items():
            _check_tag(name, value)
        object.__setattr__(self, "tags", dict(self.tags))

    @property
    def provisioned(self) -> Provisioned | None:
        """Return the capacity of a table that is to be created, None for on-demand."""
        return self.billing if isinstance(self.billing, Provisioned) else None


_MAY_BE_LEFT_OUT = ("point_in_time_recovery", "deletion_protection")
_SWITCHES = (
    *_MAY_BE_LEFT_OUT,
    "replace_indexes",
    "drop_extra_indexes",
    "replace_stream",
    "replace_time_to_live",
)


def _check_billing(billing: Any) -> None:
    if isinstance(billing, Provisioned):
        if not all(isinstance(units, int) and units >= 1 for units in (billing.read, billing.write)):
            raise ConfigurationError("provisioned capacity is at least one unit a second, of reads and of writes")
    elif billing is not None and billing != ON_DEMAND:
        raise ConfigurationError(f'billing is "{ON_DEMAND}" or Provisioned(read, write), or left out')


def _check_key(key: Any) -> None:
    if key is not None and not (isinstance(key, str) and _KMS_KEY.fullmatch(key)):
        raise ConfigurationError(
            "the key of a table is named by its id or its ARN here: DynamoDB tells a key by its ARN, so that an alias "
            "cannot be compared with it"
        )


def _check_tag(name: Any, value: Any) -> None:
    if not isinstance(name, str) or not isinstance(value, str):
        raise ConfigurationError("the name and the value of a tag are texts")
    if not 1 <= len(name) <= _TAG_NAME_CHARACTERS or len(value) > _TAG_VALUE_CHARACTERS:
        raise ConfigurationError(
            f"a tag has a name of 1 to {_TAG_NAME_CHARACTERS} characters and a value of at most "
            f"{_TAG_VALUE_CHARACTERS}; {name[:_TAG_NAME_CHARACTERS]!r} has not"
        )
    if name.lower().startswith("aws:"):
        raise ConfigurationError(f"tag {name!r}: names that begin with aws: are the service's own")
