"""Run a page as its reader would: files are written, code is run, commands are typed, and what is shown is compared.

* A block of ``python`` with a caption is a file of that name. Without one it is run, all of a page in one namespace;
  ``print(...)  # shown`` says what is printed.
* A block of ``text`` whose caption is ``Output`` is all that the block before it printed; ``...`` stands for anything.
* A block of ``console`` is a dialogue: each line after ``$`` is typed, and what follows it is what it says.
* A block of ``sh`` is a list of commands; those of ``madmall`` must be understood by it.
* A block after the comment ``.. not run: REASON`` is not run, and the reason must be one that the tests know.
"""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest

from madmall_models import Database, cli
from tests.docs.restructured_text import Block
from tests.integration.plugin_runs import CHECKOUT, LOADED

NOT_RUN = {
    "asks a package index": "what is installed is the checkout itself",
    "asks AWS": "there is no account here, and none is wanted",
    "is the other system": "code of the system that this one replaces, or of another library",
    "goes on until it is stopped": "a server, or a shell that stays open",
}
# What is shown and not run; each is read by people, or by another program.
SHOWN = ("text", "json", "ini", "yaml", "typescript", "rst")
_SHOWN_OUTPUT = re.compile(r"print\(.*?\)  # (.+)")
_SECONDS = re.compile(r"\bin \d+\.\d+s\b")


@dataclass
class PageRun:
    """What a page has done so far.

    Attributes:
        page: the document.
        folder: where its files are.
        db: the table of the page.
        capsys: takes what is printed.
        names: what its code has defined.
        ran: how many blocks of each language did something.
    """

    page: Path
    folder: Path
    db: Database
    capsys: pytest.CaptureFixture[str]
    names: dict[str, Any]
    ran: dict[str, int] = field(default_factory=dict)

    def run(self, blocks: list[Block]) -> None:
        """Run the blocks in their order."""
        for block, following in pairwise([*blocks, None]):
            assert block is not None
            if block.not_run is not None:
                assert block.not_run in NOT_RUN, f"line {block.line}: {block.not_run!r} is no reason"
                continue
            step = getattr(self, f"_run_{block.language}", None)
            if step is None:
                assert block.language in SHOWN, f"line {block.line}: nothing runs {block.language}"
                continue
            step(block, _output_of(following))
            self.ran[block.language] = self.ran.get(block.language, 0) + 1

    def _run_python(self, block: Block, output: str | None) -> None:
        if "caption" in block.options:
            path = self.folder / block.options["caption"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return
        # As many empty lines before it as in the document, so that an error names the line there.
        exec(compile("\n" * (block.line - 1) + block.text, str(self.page), "exec"), self.names)  # noqa: S102
        printed = self.capsys.readouterr().out
        wanted = "\n".join(_SHOWN_OUTPUT.findall(block.text)) if output is None else output
        self._compare(wanted, printed, block)

    def _run_console(self, block: Block, output: str | None) -> None:
        dialogues = list(_dialogues(block))
        assert dialogues, f"line {block.line}: a console without a command"
        for command, wanted in dialogues:
            self._compare(wanted, self._said(command), block)

    def _run_sh(self, block: Block, output: str | None) -> None:
        for line in block.text.splitlines():
            program, *arguments = shlex.split(line, comments=True) or [""]
            assert program in ("madmall", ""), f"line {block.line}: {program} is not run; say why"
            if program:
                _understood(cli.commands, arguments)

    def _said(self, command: str) -> str:
        """Return what a terminal would show of a command."""
        program, *arguments = shlex.split(command)
        if program == "madmall":
            # A terminal shows both streams in the order in which they are written to.
            with contextlib.redirect_stderr(sys.stdout):
                cli.run(arguments)
            return self.capsys.readouterr().out.replace(self.db.table_name, "madmall-dev-main")
        words = {"python": [], "pytest": ["-m", "pytest", *LOADED, "-p", "no:cacheprovider", "-p", "no:randomly"]}
        assert program in words, f"{program} is not run; say why"
        done = subprocess.run(
            [sys.executable, *words[program], *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return done.stderr + done.stdout

    def _compare(self, wanted: str, said: str, block: Block) -> None:
        wanted, said = (_SECONDS.sub("in 0.00s", text.strip() + "\n") for text in (wanted, said))
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(wanted, said, options):
            pytest.fail(f"{self.page.name}, line {block.line}: shown is\n{wanted}\nand said is\n{said}", pytrace=False)


def _output_of(following: Block | None) -> str | None:
    if following is None or following.language != "text" or following.options.get("caption") != "Output":
        return None
    return following.text


def _dialogues(block: Block) -> Iterator[tuple[str, str]]:
    for dialogue in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        # A command goes on where its line ends in a backslash.
        command, _, said = dialogue.replace("\\\n", " ").partition("\n")
        yield command, said


def _understood(command: click.Command, words: list[str]) -> None:
    """Follow the words down the groups, and let the last command parse the rest, as it would when called."""
    context = click.Context(command)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found, f"there is no command {name}"
        command, context = found, click.Context(found, parent=context)
    command.parse_args(context, words)
