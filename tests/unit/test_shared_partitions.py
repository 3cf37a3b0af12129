"""A partition takes about 1,000 writes a second: those that all items of a kind share are few, and known by name."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source_tree import CHECKOUT
from tests.properties.declared_keys import KEYS

# Every review is written to this one: the old system's key, kept. The others hold what is shown, or waits, now.
OF_ALL_ITEMS = {"ADVISORY#QUEUE"}
OF_WHAT_IS_SHOWN = {"STORY_FEED", "FEATURED#STORY", "FEATURED#BUSINESS", "FEATURED#RESOURCE", "VERIFIED#BUSINESS"}
OF_WHAT_WAITS = {"MODERATION#STORY", "MODERATION#FEEDBACK", "ADVISORY#OPEN"}

SHARED = [key for key in KEYS if not key.partition.fields]


@pytest.mark.defect(55)
def test_no_partition_is_shared_unnoticed() -> None:
    assert {key.partition.text for key in SHARED} == OF_ALL_ITEMS | OF_WHAT_IS_SHOWN | OF_WHAT_WAITS


@pytest.mark.defect(55)
def test_a_shared_partition_holds_only_what_is_shown_or_waits() -> None:
    assert {key.partition.text for key in SHARED if key.when is None} == OF_ALL_ITEMS


@pytest.mark.defect(55)
def test_the_readme_says_what_a_list_takes() -> None:
    text = " ".join((CHECKOUT / "README.rst").read_text(encoding="utf-8").split())
    assert re.search(r"not sharded: .* 1,000 writes a second, as one partition does", text)
