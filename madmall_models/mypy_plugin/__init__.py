"""Tell mypy what only a declaration knows: which fields an entity has, which manager, and what its keys are made of.

Name it in the configuration of mypy::

    [mypy]
    plugins = madmall_models.mypy_plugin

mypy imports it, and nothing else does. Without it everything checks too, more loosely. With it a misspelt or missing
field of ``User(...)``, ``db.users.create(...)``, ``User.key.of(...)`` or ``User.by_email.query(...)`` is an error, and
``Event.objects`` and ``db.events`` have the type of the manager that a program registers. Where the plugin cannot
know, such as for a class made by a function, it leaves the type as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mypy.nodes import TypeInfo
from mypy.plugin import AttributeContext, ClassDefContext, FunctionSigContext, MethodSigContext, Plugin
from mypy.types import FunctionLike, Type

from madmall_models.mypy_plugin import declared, managers, signatures
from madmall_models.mypy_plugin.declared import DATABASE, DECLARING, DOCUMENT, ENTITY, KEY, MANAGER, MANAGERS, METACLASS

# mypy keeps what it found for as long as this stays; by itself it looks at this file only.
__version__ = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()

# A manager of this package changes a document of its entity by a method of this name.
_PART = re.compile("(?:update|increment)_([a-z_]+)")
_METHODS: dict[str, dict[str, Callable[[MethodSigContext], FunctionLike]]] = {
    MANAGER: {
        "create": signatures.of_creation,
        "update": signatures.of_update,
        **dict.fromkeys(("get", "get_or_none", "exists", "delete"), signatures.of_read),
        "asking": signatures.of_asking,
    },
    KEY: {"of": signatures.of_item_key, "query": signatures.of_query},
}


class MadMallPlugin(Plugin):
    """Answer mypy's questions about the classes of this package and what derives from them."""

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Remember what the body of an entity, a document or a manager says."""
        info = self._class(fullname)
        is_declaration = info is not None and any(info.has_base(base) for base in DECLARING)
        return declared.remember if is_declaration else None

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Give the constructor of an entity or a document its fields."""
        info = self._class(fullname)
        if info is None or not (info.has_base(ENTITY) or info.has_base(DOCUMENT)):
            return None
        return partial(signatures.of_constructor, info)

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Give methods of managers and keys the fields that they take."""
        owner, _, name = fullname.rpartition(".")
        part = _PART.fullmatch(name)
        if part is not None and owner.startswith(MANAGERS):
            return partial(signatures.of_part, part[1])
        info = self._class(owner) if any(name in methods for methods in _METHODS.values()) else None
        if info is None:
            return None
        return next((hooks[name] for base, hooks in _METHODS.items() if name in hooks and info.has_base(base)), None)

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """Give ``Event.objects`` and ``db.events`` the type of the manager."""
        owner, _, name = fullname.rpartition(".")
        if owner == METACLASS and name == "objects":
            return partial(managers.of_entity, self._modules or {})
        if owner == DATABASE:
            return partial(managers.of_collection, self._modules or {}, name)
        return None

    def _class(self, fullname: str) -> TypeInfo | None:
        # A class inside of a function cannot be looked up.
        symbol = self.lookup_fully_qualified(fullname) if "." in fullname and "@" not in fullname else None
        return symbol.node if symbol is not None and isinstance(symbol.node, TypeInfo) else None


def plugin(version: str) -> type[Plugin]:
    """Return the plugin; mypy asks for it by this name."""
    return MadMallPlugin
