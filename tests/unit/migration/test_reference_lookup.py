"""What a row names is looked up by its ids, whatever a cast made of them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from madmall_models import User
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.spilling import private_database


@pytest.mark.parametrize("odd", [["u1"], {"id": "u1"}, "no#id", ""])
def test_what_is_no_id_names_nothing(odd: Any) -> None:
    with closing(private_database()) as database:
        lookup = ReferenceLookup(None, RunMemory(database), {})

        assert lookup.find(User, odd) is None
        assert lookup.find(User, odd) is None
