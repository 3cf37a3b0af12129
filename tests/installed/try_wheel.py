"""Install the wheel with several Pythons and with the oldest versions it allows, and use what it brings.

    python -m tests.installed.try_wheel dist/madmall_models-0.1.0-py3-none-any.whl python3.11 python3.12

The first Python gets an environment with the oldest versions that the wheel says it works with, each other one with the
newest of everything; where there is only one, it gets both. In each environment every public name is there, the demo
runs, the command line answers, and the tests of a small project of its own pass on two engines. Nothing is taken from
the checkout. Prints a line for each environment and ends with 1 if one failed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

PROJECT = Path(__file__).with_name("project")
EXTRAS = "engine,testing"
_LOWER_BOUND = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?:\[[^\]]*\])?[^;]*?>=\s*(?P<version>[0-9.]+)")
_EVERY_NAME = "import madmall_models as m; [getattr(m, name) for name in m.__all__]; print(len(m.__all__))"
_VERSIONS = (
    "import importlib.metadata as m, platform; "
    "print(platform.python_version(), *(m.version(n) for n in ('pynamodb', 'marshmallow', 'blinker', 'click')))"
)


@dataclass(frozen=True)
class Trial:
    """One environment: which Python, and whether with the oldest versions."""

    python: str
    oldest: bool


def main() -> int:
    """Try the wheel in every environment that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.installed.try_wheel", description=__doc__.split("\n\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="the first is tried with the oldest versions")
    arguments = parser.parse_args()
    wheel = arguments.wheel.resolve(strict=True)
    first, *others = arguments.pythons
    trials = [Trial(first, oldest=True), *(Trial(python, oldest=False) for python in others or [first])]
    print(f"{'python':9}{'pynamodb':10}{'marshmallow':13}{'blinker':9}{'click':8}{'seconds':>8}  versions")
    return max(_try(trial, wheel) for trial in trials)


def _try(trial: Trial, wheel: Path) -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="madmall-installed-") as folder:
        place = Path(folder)
        try:
            versions = _use(trial, wheel, place)
        except subprocess.CalledProcessError as error:
            command = " ".join(map(str, error.cmd))
            print(f"{trial.python}: {command!r} ended with {error.returncode}\n{error.stdout}\n{error.stderr}")
            return 1
    python, *packages = versions
    columns = "".join(f"{version:{width}}" for version, width in zip(packages, (10, 13, 9, 8), strict=True))
    seconds, kind = time.monotonic() - started, "oldest" if trial.oldest else "newest"
    print(f"{python:9}{columns}{seconds:>8.0f}  {kind}", flush=True)
    return 0


def _use(trial: Trial, wheel: Path, place: Path) -> list[str]:
    """Install the wheel and use it; return the versions of Python and of what it runs on."""
    _run(place, trial.python, "-m", "venv", "environment")
    commands = place / "environment" / "bin"
    constraints = place / "constraints.txt"
    constraints.write_text("\n".join(_oldest(wheel)) if trial.oldest else "")
    python = str(commands / "python")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(place, *pip, "--constraint", str(constraints), f"{wheel}[{EXTRAS}]", "pytest-xdist")
    _run(place, python, "-c", _EVERY_NAME)
    madmall = str(commands / "madmall")
    for arguments in (["--version"], ["--help"], ["config", "--environment", "development", "--json"], ["demo"]):
        _run(place, madmall, *arguments)
    for source in PROJECT.glob("*.py"):
        (place / source.name).write_text(source.read_text())
    for engine in ("moto", "ministack"):
        _run(place, python, "-m", "pytest", "-q", "-n", "2", "-W", "error", "--madmall-engine", engine, "test_walks.py")
    return _run(place, python, "-c", _VERSIONS).split()


def _oldest(wheel: Path) -> Iterator[str]:
    """Yield constraints to the oldest version of each package that the wheel needs in any case."""
    with zipfile.ZipFile(wheel) as packed:
        [name] = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(packed.read(name).decode())
    for requirement in metadata.get_all("Requires-Dist", []):
        found = _LOWER_BOUND.match(requirement)
        if found is not None and "extra ==" not in requirement:
            yield f"{found['name']}=={found['version']}"


def _run(place: Path, *command: str) -> str:
    """Run a command in ``place`` that knows nothing of this checkout, and return what it printed."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    ended = subprocess.run(
        command, cwd=place, env=known, check=True, capture_output=True, text=True, timeout=600
    )
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
