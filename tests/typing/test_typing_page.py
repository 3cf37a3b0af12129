"""The page about types: what it says of types is what mypy says, and its code runs."""

from __future__ import annotations

import typing

import madmall_models
from madmall_models import Database
from madmall_models.declaration import isolated_registry
from tests.typing import typing_page


def test_the_code_of_the_page_runs(db: Database) -> None:
    public = {name: getattr(madmall_models, name) for name in madmall_models.__all__}
    namespace = {**public, "db": db, "reveal_type": lambda value: value, "__name__": "typing_page"}
    with isolated_registry(), db.bound():
        exec(compile(typing_page.as_program(), str(typing_page.PAGE), "exec"), namespace)  # noqa: S102

        found = list(db.events.upcoming_in("ATLANTA"))

    assert [event.title for event in found] == ["Evening"]


def test_the_page_shows_what_the_plugin_is_for() -> None:
    sample = typing_page.as_sample()

    assert sample.count("# E: ") > 5
    assert sample.count("# R: ") > 15
    assert typing.reveal_type.__name__ in sample
