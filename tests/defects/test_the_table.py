"""Every defect of the list is kept out by a test or cannot apply, and the page says which, as the tests' markers do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docutils.core
import pytest

from tests.defects import catalogue, page, pins
from tests.defects.catalogue import Catalogue, Defect
from tests.defects.pins import Pin, Unreadable
from tests.defects.writer import DefectPage

HOW_MANY = 95

LISTED = catalogue.load()
PINS = pins.find(page.CHECKOUT / "tests", page.CHECKOUT)
PINNED = pins.by_number(PINS)


def test_the_list_is_complete_and_each_title_is_its_own() -> None:
    assert list(LISTED.defects) == list(range(1, HOW_MANY + 1))
    assert len({defect.title for defect in LISTED.defects.values()}) == HOW_MANY


def test_every_defect_has_a_test_or_a_reason() -> None:
    assert set(LISTED.defects) - set(PINNED) - set(LISTED.cannot_apply) == set()


def test_no_defect_has_both_a_test_and_a_reason() -> None:
    assert set(PINNED) & set(LISTED.cannot_apply) == set()


def test_no_marker_and_no_reason_is_about_an_unknown_defect() -> None:
    assert set(PINNED) | set(LISTED.cannot_apply) | set(LISTED.remarks) <= set(LISTED.defects)
    assert set(LISTED.remarks) <= set(PINNED)


def test_a_reason_is_one_line() -> None:
    for number, reason in [*LISTED.cannot_apply.items(), *LISTED.remarks.items()]:
        assert reason.strip(), number
        assert "\n" not in reason.strip(), number


def test_the_page_says_what_the_markers_say() -> None:
    written = page.PAGE.read_text(encoding="utf-8") if page.PAGE.exists() else ""
    assert written == page.render(LISTED, PINS), f"docs/{page.PAGE.name} is stale; run `{page.COMMAND}`"


def test_the_page_is_sound_text() -> None:
    text = page.render(LISTED, PINS)
    # A warning of docutils is an error here; nothing of the page may reach for files or raw HTML.
    docutils.core.publish_string(
        text, settings_overrides={"halt_level": 2, "report_level": 2, "file_insertion_enabled": 0}
    )


# -- reading the markers -------------------------------------------------------------------------------------------

Plant = Callable[[str], list[Pin]]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Find the pins of a suite of one module."""

    def planted(source: str) -> list[Pin]:
        folder = tmp_path / "tests"
        folder.mkdir()
        (folder / "test_suite.py").write_text(f"import pytest\n{source}\n")
        return pins.find(folder, tmp_path)

    return planted


def pin(number: int, test: str) -> Pin:
    return Pin(number, "tests/test_suite.py", test)


def test_the_pins_are_those_of_the_decorators(plant: Plant) -> None:
    found = plant(
        "@pytest.mark.defect(9, 2)\n@pytest.mark.parametrize('x', [1])\ndef test_one(x): pass\n"
        "@pytest.mark.defect(9)\n@pytest.mark.defect(3)\ndef test_two(): pass\n"
        "def test_three(): pass"
    )
    assert found == [pin(2, "test_one"), pin(3, "test_two"), pin(9, "test_one"), pin(9, "test_two")]
    assert pins.by_number(found)[9] == [pin(9, "test_one"), pin(9, "test_two")]
    assert found[0].node == "tests/test_suite.py::test_one"


@pytest.mark.parametrize(
    "source",
    [
        "pytestmark = pytest.mark.defect(1)",
        "@pytest.mark.defect(1)\ndef helper(): pass",
        "@pytest.mark.defect\ndef test_one(): pass",
        "@pytest.mark.defect()\ndef test_one(): pass",
        "@pytest.mark.defect('1')\ndef test_one(): pass",
        "@pytest.mark.defect(True)\ndef test_one(): pass",
        "@pytest.mark.defect(NUMBER)\ndef test_one(): pass",
        "@pytest.mark.defect(1, why='x')\ndef test_one(): pass",
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.defect(1))])\ndef test_one(x): pass",
        "class TestOne:\n    @pytest.mark.defect(1)\n    def test_one(self): pass",
    ],
)
def test_a_marker_that_would_be_missed_is_refused(plant: Plant, source: str) -> None:
    with pytest.raises(Unreadable, match=r"tests/test_suite\.py:\d+: mark\.defect"):
        plant(source)


# -- writing the page ----------------------------------------------------------------------------------------------


def test_a_row_names_the_tests_or_the_reason() -> None:
    listed = Catalogue(
        {1: Defect(1, "updates", "Wrong."), 2: Defect(2, "updates", "Odd."), 3: Defect(3, "queries", "Slow.")},
        {2: "there is no such thing."},
        {3: "Fast enough."},
    )
    text = page.render(listed, [pin(1, "test_it_is_right"), pin(1, "test_twice"), pin(3, "test_it_is_right")])
    words = " ".join(text.split())
    assert "had 3 defects that are known. For 2 of them there are 2 tests" in words
    assert "1 cannot apply here." in words
    assert (
        "   * - 1\n     - Wrong.\n"
        "     - - ``test_suite.py``: it is right\n       - ``test_suite.py``: twice\n"
        "   * - 2\n     - Odd.\n     - Cannot apply: there is no such thing.\n"
    ) in text
    assert "     - - ``test_suite.py``: it is right\n       - *Fast enough.*\n" in text
    assert text.index("Updates\n-------") < text.index("Queries\n-------")


SMALL = Catalogue({1: Defect(1, "updates", "Wrong."), 2: Defect(2, "updates", "Odd.")})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str | None]]:
    """Play a run of a suite with two pinned tests; give its exit status, what was said, and the page."""
    monkeypatch.setattr(catalogue, "load", lambda: SMALL)
    monkeypatch.setattr(page, "CHECKOUT", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "docs" / "defects.rst")
    source = "@pytest.mark.defect(1)\ndef test_one(): pass\n@pytest.mark.defect(2)\ndef test_two(): pass\n"
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_suite.py").write_text(f"import pytest\n{source}")

    def play(*outcomes: tuple[str, str, str]) -> tuple[int, str, str | None]:
        plugin = DefectPage()
        for test, when, outcome in outcomes:
            node = f"tests/test_suite.py::{test}"
            report: Any = SimpleNamespace(nodeid=node, when=when, outcome=outcome, passed=outcome == "passed")
            plugin.pytest_runtest_logreport(report)
        session: Any = SimpleNamespace(exitstatus=0)
        plugin.pytest_sessionfinish(session)
        lines: list[str] = []
        plugin.pytest_terminal_summary(SimpleNamespace(section=lines.append, write_line=lines.append))
        written = page.PAGE.read_text() if page.PAGE.exists() else None
        return int(session.exitstatus), "\n".join(lines), written

    return play


ONE, TWO = ("test_one[a]", "call", "passed"), ("test_two", "call", "passed")


def test_the_page_is_written_when_every_pinned_test_passed(run: Callable[..., Any]) -> None:
    status, said, written = run(("test_one[a]", "setup", "passed"), ONE, TWO, ("test_free", "setup", "skipped"))
    assert (status, written) == (0, page.render(SMALL, [pin(1, "test_one"), pin(2, "test_two")]))
    assert "defects.rst was written" in said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (("test_two", "call", "failed"), "failed: tests/test_suite.py::test_two"),
        (("test_two", "setup", "failed"), "failed: tests/test_suite.py::test_two"),
        (("test_two", "setup", "skipped"), "skipped: tests/test_suite.py::test_two"),
        (("test_one[b]", "call", "failed"), "failed: tests/test_suite.py::test_one"),
        (("test_one[b]", "setup", "skipped"), "skipped: tests/test_suite.py::test_one"),
        (("test_free", "call", "failed"), "failed: tests/test_suite.py::test_free"),
    ],
)
def test_the_page_is_not_written_when_one_test_did_not_pass(
    run: Callable[..., Any], last: tuple[str, str, str], said: str
) -> None:
    status, summary, written = run(*[outcome for outcome in (ONE, TWO) if outcome[0] != last[0]], last)
    assert (status, written) == (1, None)
    assert said in summary


def test_the_page_is_not_written_when_a_pinned_test_was_left_out(run: Callable[..., Any]) -> None:
    status, said, written = run(ONE)
    assert (status, written) == (1, None)
    assert "not run: tests/test_suite.py::test_two" in said


def test_the_page_is_not_written_when_a_defect_is_kept_out_by_nothing(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = Catalogue({**SMALL.defects, 3: Defect(3, "updates", "New.")})
    monkeypatch.setattr(catalogue, "load", lambda: more)
    status, said, written = run(ONE, TWO)
    assert (status, written) == (1, None)
    assert "neither test nor reason: defect 3" in said
