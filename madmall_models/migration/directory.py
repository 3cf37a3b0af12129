"""Find, load and order the migration modules of a directory."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from madmall_models.errors import MigrationModuleError
from madmall_models.migration.migration import Migration

_MODULE_NAME = re.compile(r"[0-9]{4}_[a-z0-9_]+")


@dataclass(frozen=True)
class MigrationModule:
    """A migration as it was found in a directory.

    Attributes:
        name: the file name without its ending, for example ``0001_create_table``.
        title: the first line of the docstring.
        digest: of the text of the file, however its lines end; it tells whether an applied module was edited.
    """

    name: str
    title: str
    migration: Migration
    digest: str = ""


def load_directory(path: str | os.PathLike[str]) -> tuple[MigrationModule, ...]:
    """Return the migrations of a directory, each after the one that it names.

    Modules are the files named like ``0001_create_table.py``; other files are passed over. Loading runs their code.

    Raises:
        MigrationModuleError: the directory is missing or holds no migration, a module cannot be loaded or lacks its
            docstring or ``migration``, or the modules do not form one line.
    """
    directory = Path(path)
    if not directory.is_dir():
        raise MigrationModuleError(f"there is no directory {directory}; give the one that holds 0001_....py")
    files = sorted(file for file in directory.glob("*.py") if _MODULE_NAME.fullmatch(file.stem))
    if not files:
        raise MigrationModuleError(f"{directory} holds no migration; name the first one 0001_create_table.py")
    return in_line([_loaded(file) for file in files])


def in_line(modules: list[MigrationModule]) -> tuple[MigrationModule, ...]:
    """Return the modules in the order of their ``after``.

    Raises:
        MigrationModuleError: none is first, one names a module that is not there, or two follow the same one.
    """
    names = {module.name for module in modules}
    followers: dict[str | None, MigrationModule] = {}
    for module in modules:
        after = module.migration.after
        if after is not None and after not in names:
            raise MigrationModuleError(f"{module.name} comes after {after}, which is not there; mend its after=")
        other = followers.setdefault(after, module)
        if other is not module:
            raise MigrationModuleError(
                f"{other.name} and {module.name} both come after {after or 'nothing'}; a history is one line, "
                "let one come after the other"
            )
    line: list[MigrationModule] = []
    following = followers.get(None)
    while following is not None:
        line.append(following)
        following = followers.get(following.name)
    lost = sorted(names - {module.name for module in line})
    if lost:
        raise MigrationModuleError(f"{', '.join(lost)} come after each other; the first migration has after=None")
    return tuple(line)


def _loaded(file: Path) -> MigrationModule:
    module = _run_module(file)
    migration = getattr(module, "migration", None)
    if not isinstance(migration, Migration):
        raise MigrationModuleError(f"{file.name} has no migration; write migration = Migration(after=..., ...)")
    lines = (module.__doc__ or "").strip().splitlines()
    if not lines:
        raise MigrationModuleError(f"{file.name} has no docstring; its first line is the title in every listing")
    return MigrationModule(file.stem, lines[0].rstrip("."), migration, _digest(file))


def _digest(file: Path) -> str:
    lines = (line.rstrip() for line in file.read_text(encoding="utf-8").splitlines())
    return hashlib.blake2b("\n".join(lines).rstrip().encode(), digest_size=16).hexdigest()


def _run_module(file: Path) -> ModuleType:
    name = f"madmall_models_history.{file.stem}"
    specification = importlib.util.spec_from_file_location(name, file)
    assert specification is not None, "a .py file has a specification"
    assert specification.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except MigrationModuleError as error:
        raise MigrationModuleError(f"{file.name}: {error}") from error
    except Exception as error:
        # Whatever a module of a user does wrong, it is that module that cannot be loaded.
        raise MigrationModuleError(f"{file.name} cannot be loaded: {type(error).__name__}: {error}") from error
    return module
