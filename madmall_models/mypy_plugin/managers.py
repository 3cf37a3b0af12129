"""Find the manager that a program registers for an entity, among the modules that mypy has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mypy.nodes import MypyFile, TypeInfo
from mypy.plugin import AttributeContext
from mypy.types import AnyType, CallableType, Instance, Type, TypeType, get_proper_type
from mypy.typevars import fill_typevars_with_any

from madmall_models.mypy_plugin.declared import MANAGER, entity_of, or_default, remembered


@or_default("default_attr_type")
def of_entity(modules: Mapping[str, MypyFile], context: AttributeContext) -> Type:
    """Return the type of ``Event.objects``."""
    owner = get_proper_type(context.type)
    if isinstance(owner, TypeType):
        owner = owner.item
    elif isinstance(owner, CallableType) and owner.is_type_obj():
        owner = get_proper_type(owner.ret_type)
    if not isinstance(owner, Instance):
        return context.default_attr_type
    found = [info for info in _managers(modules) if entity_of(_instance(info), MANAGER) is owner.type]
    return _only(found, context)


@or_default("default_attr_type")
def of_collection(modules: Mapping[str, MypyFile], name: str, context: AttributeContext) -> Type:
    """Return the type of ``db.events``."""
    if not isinstance(get_proper_type(context.default_attr_type), AnyType):
        return context.default_attr_type
    found = [info for info in _managers(modules) if remembered(info, "texts").get("collection") == name]
    return _only(found, context)


def _only(found: Sequence[TypeInfo], context: AttributeContext) -> Type:
    """Return the type of the only manager, or of the only one in the file that is checked; else what mypy had.

    mypy may check several programs at once, and each may have a manager of its own under a name.
    """
    here = getattr(getattr(context.api, "tree", None), "fullname", None)
    near = [info for info in found if info.module_name == here] or found
    return _instance(near[0]) if len(near) == 1 else context.default_attr_type


def _managers(modules: Mapping[str, MypyFile]) -> Iterator[TypeInfo]:
    for name, module in modules.items():
        if module.is_stub:
            continue
        for symbol in module.names.values():
            info = symbol.node
            # Where it is defined only, and not where it is imported.
            if not isinstance(info, TypeInfo) or info.module_name != name or info.fullname == MANAGER:
                continue
            if info.has_base(MANAGER):
                yield info


def _instance(info: TypeInfo) -> Instance:
    instance = fill_typevars_with_any(info)
    if not isinstance(instance, Instance):
        raise TypeError("a manager is a plain class")
    return instance
