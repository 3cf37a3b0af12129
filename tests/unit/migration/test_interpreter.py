"""While rows are moved Python looks for garbage rarely and threads take short turns; afterwards as before."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from madmall_models.migration.interpreter import set_up_for_rows

OTHER = (700, 11, 12)
TURN = 0.004


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(*OTHER)
    sys.setswitchinterval(TURN)
    yield
    gc.set_threshold(*before[0])
    sys.setswitchinterval(before[1])


def test_it_set_up_for_rows_within_the_block_and_as_before_after_it() -> None:
    with set_up_for_rows():
        assert gc.get_threshold()[0] > OTHER[0]
    assert gc.get_threshold() == OTHER


def test_an_error_gives_the_settings_back() -> None:
    with pytest.raises(LookupError), set_up_for_rows():
        raise LookupError
    assert gc.get_threshold() == OTHER


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first ends first", "last ends first"])
def test_of_two_runs_at_a_time_the_one_that_ends_last_gives_the_settings_back(order: tuple[int, int]) -> None:
    runs = [set_up_for_rows(), set_up_for_rows()]
    for run in runs:
        run.__enter__()
    runs[order[0]].__exit__(None, None, None)
    assert gc.get_threshold()[0] > OTHER[0]
    runs[order[1]].__exit__(None, None, None)
    assert gc.get_threshold() == OTHER


def test_what_somebody_set_meanwhile_stays() -> None:
    with set_up_for_rows():
        gc.set_threshold(1, 2, 3)
        sys.setswitchinterval(0.02)
    assert gc.get_threshold() == (1, 2, 3)
    assert sys.getswitchinterval() == pytest.approx(0.02)


def test_a_collector_that_is_switched_off_stays_off() -> None:
    gc.disable()
    try:
        with set_up_for_rows():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
