"""Write the page of defects at the end of a run in which every test that pins one of them passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.defects import catalogue, page, pins


class DefectPage:
    """Be the plugin that ``--write-defects`` asks for; on the process that collects the outcomes only."""

    def __init__(self) -> None:
        self._passed: set[str] = set()
        self._otherwise: dict[str, str] = {}
        self._said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how each test ended, all of its cases together."""
        node = report.nodeid.partition("[")[0]
        if not report.passed:
            self._otherwise[node] = report.outcome
        elif report.when == "call":
            self._passed.add(node)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, or fail the run and say what stands in the way."""
        found = pins.find(page.CHECKOUT / "tests", page.CHECKOUT)
        listed = catalogue.load()
        objections = [*self._objections({pin.node for pin in found}), *_kept_out_by_nothing(listed, found)]
        if objections:
            self._said = "\n  ".join([f"{page.PAGE.name} was not written:", *objections])
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            return
        _write(page.PAGE, page.render(listed, found))
        self._said = f"{page.PAGE.name} was written"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what became of the page."""
        terminalreporter.section("defects")
        terminalreporter.write_line(self._said)

    def _objections(self, pinned: set[str]) -> list[str]:
        failed = {node for node, outcome in self._otherwise.items() if outcome == "failed"}
        unfit = failed | pinned - (self._passed - set(self._otherwise))
        return [f"{self._otherwise.get(node, 'not run')}: {node}" for node in sorted(unfit)]


def _kept_out_by_nothing(listed: catalogue.Catalogue, found: list[pins.Pin]) -> list[str]:
    free = set(listed.defects) - {pin.number for pin in found} - set(listed.cannot_apply)
    return [f"neither test nor reason: defect {number}" for number in sorted(free)]


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
