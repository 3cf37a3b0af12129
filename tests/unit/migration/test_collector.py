"""While rows are moved Python looks for circles of garbage rarely, and afterwards as it did before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from madmall_models.migration.collector import looks_rarely

OTHER = (700, 11, 12)


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*OTHER)
    yield
    gc.set_threshold(*before)


def test_it_looks_rarely_within_the_block_and_as_before_after_it() -> None:
    with looks_rarely():
        assert gc.get_threshold()[0] > OTHER[0]
    assert gc.get_threshold() == OTHER


def test_an_error_gives_the_settings_back() -> None:
    with pytest.raises(LookupError), looks_rarely():
        raise LookupError
    assert gc.get_threshold() == OTHER


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first ends first", "last ends first"])
def test_of_two_runs_at_a_time_the_one_that_ends_last_gives_the_settings_back(order: tuple[int, int]) -> None:
    runs = [looks_rarely(), looks_rarely()]
    for run in runs:
        run.__enter__()
    runs[order[0]].__exit__(None, None, None)
    assert gc.get_threshold()[0] > OTHER[0]
    runs[order[1]].__exit__(None, None, None)
    assert gc.get_threshold() == OTHER


def test_what_somebody_set_meanwhile_stays() -> None:
    with looks_rarely():
        gc.set_threshold(1, 2, 3)
    assert gc.get_threshold() == (1, 2, 3)


def test_a_collector_that_is_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with looks_rarely():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
