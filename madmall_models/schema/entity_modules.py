"""Find the entities to describe: ours, and those of an application's own modules."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from madmall_models import entities as our_entities
from madmall_models.declaration import entity_class, entity_classes
from madmall_models.entity import Entity
from madmall_models.errors import ConfigurationError, EntityModuleError


def our_classes() -> tuple[type[Any], ...]:
    """Return the entities of this package, by name."""
    named = (getattr(our_entities, name) for name in our_entities.__all__)
    return _sorted(cls for cls in named if _is_entity(cls))


def classes_of(modules: Sequence[str]) -> tuple[type[Any], ...]:
    """Return the entities that modules declare or name, and those declared in modules below them, by name.

    Args:
        modules: dotted paths, as in ``my_app.models``; each is imported.

    Raises:
        EntityModuleError: a module is not there, fails when it is imported, or has no entity.
    """
    found: set[type[Any]] = set()
    for path in modules:
        module = imported(path)
        here = {cls for cls in vars(module).values() if _is_entity(cls) and not _is_ours(cls)}
        here |= {cls for cls in entity_classes() if cls.__module__ == path or cls.__module__.startswith(f"{path}.")}
        if not here:
            raise EntityModuleError(
                f"module {path!r} declares no entity; name the module in which your classes derive from Entity "
                "with a discriminator"
            )
        found |= here
    return _sorted(found)


def imported(path: str) -> ModuleType:
    """Return a module of an application.

    Raises:
        EntityModuleError: it is not there, or fails when it is imported; the message says which and why.
    """
    if not path or not all(part.isidentifier() for part in path.split(".")):
        raise EntityModuleError(f"{path!r} is no module path; write it as in an import: my_app.models")
    try:
        return importlib.import_module(path)
    except (Exception, SystemExit) as error:
        # Whatever the code of an application raises, the user wants to know where; also that it ends the program.
        hint = f"; a file is named by its module: {path.removesuffix('.py')}" if path.endswith(".py") else ""
        raise EntityModuleError(f"module {path!r} could not be imported: {_reason(path, error)}{hint}") from error


def selected(modules: Sequence[str], *, only: bool) -> tuple[type[Any], ...]:
    """Return the entities to describe, by name: ours, those of an application's modules, or both.

    Raises:
        ConfigurationError: ``only`` without a module. EntityModuleError: as for :func:`classes_of`.
    """
    if only and not modules:
        raise ConfigurationError("--only leaves our own entities out; name yours with --module")
    return _sorted({*classes_of(modules), *(() if only else our_classes())})


def _reason(path: str, error: BaseException) -> str:
    """Return what went wrong and where in the application, without the place of the file on this machine."""
    if isinstance(error, ModuleNotFoundError) and error.name and f"{path}.".startswith(f"{error.name}."):
        return f"there is no module {error.name!r} in the current directory or among what is installed"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({Path(error.filename or path).name}, line {error.lineno})"
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    inside = [frame for frame in frames if frame[0].partition(".")[0] == path.partition(".")[0]]
    place = f" ({inside[-1][0]}, line {inside[-1][1]})" if inside else ""
    text = str(error)
    if isinstance(error, ImportError) and error.path:
        # Python names the file of the module from which a name was wanted.
        text = text.replace(f" ({error.path})", "")
    return f"{type(error).__name__}: {text}{place}"


def _is_entity(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Entity) and thing.discriminator is not None


def _is_ours(cls: type[Any]) -> bool:
    return cls.__module__.startswith("madmall_models.entities.")


def _sorted(classes: Iterable[type[Any]]) -> tuple[type[Any], ...]:
    """Return classes by name; one that a reload of its module replaced is left out."""
    present = (cls for cls in classes if entity_class(cls.discriminator or "") is cls)
    return tuple(sorted(present, key=lambda cls: (cls.__name__, cls.discriminator)))
