"""Run small suites with the plugin as one who has installed it does, in a process of their own."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

PLUGIN = "pytest_madmall_models"
CHECKOUT = Path(__file__).resolve().parents[2]
# Where this checkout is installed, pytest finds the plugin by itself.
_INSTALLED = any(found.name == "madmall" for found in entry_points(group="pytest11"))
LOADED = [] if _INSTALLED else ["-p", PLUGIN]


def run(pytester: pytest.Pytester, source: str, *options: str, conftest: str = "") -> pytest.RunResult:
    """Run a suite of one file; warnings are errors in it too."""
    pytester.makepyfile(test_suite="import pytest\nfrom madmall_models import *\n" + source)
    if conftest:
        pytester.makeconftest(conftest)
    always = [*LOADED, "-p", "no:cacheprovider", "-W", "error", "-ra"]
    return pytester.runpytest_subprocess(*always, *options)


def run_light(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """Run a suite that imports nothing by itself."""
    pytester.makepyfile(test_suite=source)
    return pytester.runpytest_subprocess(*LOADED, "-p", "no:cacheprovider", *options)
