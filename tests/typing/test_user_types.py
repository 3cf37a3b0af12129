"""Who checks their own program with mypy gets right types, errors for mistakes, and no other errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from madmall_models.mypy_plugin import signatures
from tests.typing import typing_page
from tests.typing.expectations import Finding, expected, said

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.py"))
EXAMPLES = sorted((CHECKOUT / "examples").glob("*.py"))


def check(files: list[Path], folder: Path, *, plugin: bool) -> set[Finding]:
    """Run ``mypy --strict``, each file as a program of somebody who installed the package."""
    settings = folder / "mypy.ini"
    lines = ["[mypy]", "strict = True", "hide_error_codes = True", "show_error_context = False"]
    settings.write_text("\n".join([*lines, "plugins = madmall_models.mypy_plugin" if plugin else ""]))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", settings, "--no-error-summary", "--no-pretty", *files],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(CHECKOUT), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stderr == ""
    return said(done.stdout)


@pytest.mark.parametrize("plugin", [False, True], ids=["without the plugin", "with the plugin"])
def test_programs_get_their_types_and_the_errors_of_their_mistakes(
    plugin: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    # The second run of these tests takes a second, since mypy finds its own cache there.
    cache = request.config.cache
    folder = tmp_path if cache is None else cache.mkdir("mypy-with-plugin" if plugin else "mypy-without-plugin")

    page = folder / "typing_page.py"
    page.write_text(typing_page.as_sample())
    samples = [*SAMPLES, page] if plugin else SAMPLES

    found = check([*samples, *EXAMPLES], folder, plugin=plugin)

    wanted = {finding for path in samples for finding in expected(path, plugin=plugin)}
    differences = [f"not expected: {finding}" for finding in sorted(found - wanted)]
    differences += [f"missing: {finding}" for finding in sorted(wanted - found)]
    assert not differences, "\n" + "\n".join(differences)


def test_a_hook_that_fails_leaves_what_mypy_had() -> None:
    class Broken(NamedTuple):
        default_signature: str

    hook: Any = signatures.of_creation

    assert hook(Broken("what mypy had")) == "what mypy had"
