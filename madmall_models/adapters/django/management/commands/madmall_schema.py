"""Be ``manage.py madmall_schema``: write documents about the models, those of the project among them."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from madmall_models.adapters.django.group_command import GroupCommand
from madmall_models.entity import Entity


class Command(GroupCommand):
    """Pass everything to ``madmall schema``, with the modules of the project that declare entities."""

    group = "schema"

    def handle(self, *arguments: str, **options: Any) -> None:
        """Run the group; ``--module`` names other modules than those of the installed applications."""
        named = any(argument.startswith("--module") for argument in arguments)
        if arguments and not arguments[0].startswith("-") and not named:
            document, *rest = arguments
            arguments = (document, *(word for module in declaring_modules() for word in ("--module", module)), *rest)
        super().handle(*arguments, **options)


def declaring_modules() -> list[str]:
    """Return the names of the models modules of installed applications in which entities are declared."""
    modules = [config.models_module for config in apps.get_app_configs() if config.models_module is not None]
    return [module.__name__ for module in modules if any(_is_declared_in(module, name) for name in vars(module))]


def _is_declared_in(module: Any, name: str) -> bool:
    found = getattr(module, name)
    return isinstance(found, type) and issubclass(found, Entity) and found.__module__ == module.__name__
