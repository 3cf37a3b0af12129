"""Settings out of range are refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import ConfigurationError
from madmall_models.migration import MigrationConfig, OnConflict


@pytest.mark.defect(75)
@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 0}, {"batch_size": 101}, {"batch_size": True}, {"batch_size": 2.5}, {"parallelism": 0},
        {"parallelism": 65}, {"max_errors": -1}, {"log_level": "loud"}, {"on_conflict": "skip"},
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused_by_name(settings: dict[str, Any]) -> None:
    [name] = settings

    with pytest.raises(ConfigurationError, match=name):
        MigrationConfig(**settings)


def test_the_settings_of_the_documents_are_taken() -> None:
    config = MigrationConfig(
        batch_size=25,
        parallelism=4,
        dry_run=False,
        validate=True,
        backup=True,
        continue_on_error=False,
        log_level="info",
        max_errors=0,
    )

    assert config.on_conflict is OnConflict.SKIP
