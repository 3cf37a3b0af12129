"""Each example is a program that runs, on any engine, as it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# What each example must have printed, line by line; other lines may stand between.
PRINTED = {
    "quickstart.py": [
        "key condition GSI1PK = CIRCLE_TYPE#support_group AND GSI1SK begins_with CREATED#",
        "User: this email belongs to another User; nothing was written",
    ],
    "own_entity.py": [
        "in Atlanta: ['Evening 1', 'Evening 3']",
        "between the 5th and the 20th: ['Evening 2', 'Evening 3']",
        "key condition PK = CIRCLE#circle123 AND SK between EVENT#2026-12-05 and EVENT#2026-12-20",
        "seats taken: 2",
        "in Atlanta, one cancelled: ['Evening 3']",
        "of the circle: 4",
        "refused: Event is not valid: title must have a length of 5 to 200 (MIN_LENGTH)",
    ],
}


def test_every_example_is_run_here() -> None:
    assert set(PRINTED) == {path.name for path in (CHECKOUT / "examples").glob("*.py")}


@pytest.mark.difference("examples")
@pytest.mark.parametrize("name", sorted(PRINTED))
def test_an_example_runs_and_prints_what_it_must(name: str, engine: Any) -> None:
    """A process of its own, since an example declares entities; on an engine that others use, its table is new."""
    done = subprocess.run(
        [sys.executable, CHECKOUT / "examples" / name, engine.endpoint or engine.name],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stderr == ""
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line for line in lines if line in PRINTED[name]] == PRINTED[name]


def test_an_example_names_its_engine_by_an_argument() -> None:
    done = subprocess.run(
        [sys.executable, CHECKOUT / "examples" / "quickstart.py", "minstack"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stderr.splitlines()[-1].endswith(
        "did you mean 'ministack'?); name moto, ministack, dynamodb-local, or the http:// URL of one"
    )
