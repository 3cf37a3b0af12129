"""Read declarations: what stands in the body of a class, and which types its fields turned out to have.

The body is read while mypy analyses a class, and kept with it in mypy's cache; types are known only later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import AssignmentStmt, CallExpr, Expression, NameExpr, StrExpr, TypeInfo, Var
from mypy.plugin import CheckerPluginInterface, ClassDefContext
from mypy.types import AnyType, Instance, NoneType, Type, TypeOfAny, UnionType, get_proper_type

from madmall_models.attributes import camel_case
from madmall_models.key_template import KeyTemplate

ENTITY = "madmall_models.entity.Entity"
DOCUMENT = "madmall_models.document.Document"
MANAGER = "madmall_models.manager.Manager"
KEY = "madmall_models.keys.Key"
DATABASE = "madmall_models.database.Database"
METACLASS = "madmall_models.declaration.EntityMeta"
MEASUREMENTS = "madmall_models.document.Measurements"
MANAGERS = "madmall_models.managers."
DECLARING = (ENTITY, DOCUMENT, MANAGER)
_ATTRIBUTE = "pynamodb.attributes.Attribute"
_CHECKED = "madmall_models.attributes.checked.Checked"
_DERIVED = "madmall_models.derived_attributes.KeyAttribute"
_NULLABLE_DOCUMENT = "madmall_models.document_view.NullableDocument"
_REMEMBERED = "madmall_models"

C = TypeVar("C")
R = TypeVar("R")


def or_default(default: str | None = None) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let a hook give what mypy had without it, where it fails: a wrong guess must not stop anybody's check.

    Args:
        default: the name of what mypy had, among what it tells the hook; None where the hook gives nothing.
    """

    def decorate(hook: Callable[..., R]) -> Callable[..., R]:
        @wraps(hook)
        def guarded(*arguments: Any) -> R:
            try:
                return hook(*arguments)
            except Exception:
                fallback: Any = getattr(arguments[-1], default) if default is not None else None
                return cast(R, fallback)

        return guarded

    return decorate


# -- the body of a class -------------------------------------------------------------------------------------------


@or_default()
def remember(context: ClassDefContext) -> None:
    """Keep what the body of a class says: which attributes are required, the templates of keys, the collection."""
    fields: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for statement in context.cls.defs.body:
        if not isinstance(statement, AssignmentStmt) or not isinstance(statement.lvalues[0], NameExpr):
            continue
        name, value = statement.lvalues[0].name, statement.rvalue
        if isinstance(value, StrExpr):
            texts[name] = value.value
        elif isinstance(value, CallExpr):
            fields[name] = _field_facts(value)
            templates = [given.value for given in _positional(value) if isinstance(given, StrExpr)]
            if len(templates) == 2:
                keys[name] = templates
    context.cls.info.metadata[_REMEMBERED] = {"fields": fields, "keys": keys, "texts": texts}


def _field_facts(call: CallExpr) -> dict[str, Any]:
    named = {name: value for name, value in zip(call.arg_names, call.args, strict=True) if name is not None}
    null = named.get("null")
    stored = named.get("attr_name")
    can_be_absent = isinstance(null, NameExpr) and null.name == "True"
    is_open = None in call.arg_names and "null" not in named and any(kind.is_star() for kind in call.arg_kinds)
    return {
        "required": "default" not in named and not can_be_absent and not is_open,
        "made_by": getattr(call.callee, "name", None),
        "stored": stored.value if isinstance(stored, StrExpr) else None,
    }


def _positional(call: CallExpr) -> list[Expression]:
    return [
        value
        for value, kind in zip(call.args, call.arg_kinds, strict=True)
        if kind.is_positional() and not kind.is_star()
    ]


def remembered(info: TypeInfo, topic: str) -> Mapping[str, Any]:
    """Return what the bodies of a class and of its bases say about a topic, by name."""
    found: dict[str, Any] = {}
    for base in reversed(info.mro):
        found.update(base.metadata.get(_REMEMBERED, {}).get(topic, {}))
    return found


# -- types ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """An attribute of an entity or a document: what it takes, and how else its name is spelled."""

    name: str
    taken: Type
    required: bool
    stored: str
    document: TypeInfo | None

    @property
    def taken_or_none(self) -> Type:
        """Return what it takes, or None."""
        return UnionType.make_union([self.taken, NoneType()])


def fields_of(info: TypeInfo, api: CheckerPluginInterface) -> dict[str, Field]:
    """Return the attributes of an entity or document class by name, those of its bases first."""
    facts = remembered(info, "fields")
    fields: dict[str, Field] = {}
    for base in reversed(info.mro):
        for name, symbol in base.names.items():
            if not isinstance(symbol.node, Var) or name.startswith("_"):
                continue
            fields.pop(name, None)
            taken = _taken(symbol.node.type, api, called=name in base.metadata.get(_REMEMBERED, {}).get("fields", {}))
            if taken is not None:
                fact = facts.get(name, {})
                stored = fact.get("stored") or camel_case(name)
                required = bool(fact.get("required")) and _is_made_by(fact.get("made_by"), symbol.node.type)
                fields[name] = Field(name, taken, required, stored, _document(symbol.node.type))
    return fields


def _is_made_by(name: str | None, declared: Type | None) -> bool:
    """Tell whether an attribute is made by its own class, and not by a function, which may know a default."""
    attribute = get_proper_type(declared)
    return isinstance(attribute, Instance) and attribute.type.name == name


def _document(declared: Type | None) -> TypeInfo | None:
    attribute = get_proper_type(declared)
    if isinstance(attribute, Instance) and attribute.type.fullname == _NULLABLE_DOCUMENT:
        attribute = get_proper_type(attribute.args[0])
    return attribute.type if isinstance(attribute, Instance) and attribute.type.has_base(DOCUMENT) else None


def _taken(declared: Type | None, api: CheckerPluginInterface, *, called: bool) -> Type | None:
    """Return what may be assigned to an attribute of a type, or None where that is no attribute."""
    attribute = get_proper_type(declared)
    if attribute is None or isinstance(attribute, AnyType):
        # Not known, or not known yet. What a class body makes by a call may be an attribute.
        return AnyType(TypeOfAny.special_form) if called else None
    if not isinstance(attribute, Instance) or attribute.type.has_base(_DERIVED):
        return None
    if attribute.type.fullname == _NULLABLE_DOCUMENT:
        return UnionType.make_union([attribute.args[0], _mapping(api), NoneType()])
    if attribute.type.has_base(DOCUMENT):
        return UnionType.make_union([attribute, _mapping(api)])
    checked = base_of(attribute, _CHECKED)
    if checked is not None:
        return checked.args[1]
    return AnyType(TypeOfAny.special_form) if attribute.type.has_base(_ATTRIBUTE) else None


def _mapping(api: CheckerPluginInterface) -> Type:
    return api.named_generic_type("typing.Mapping", [api.named_generic_type("builtins.str", []), _any()])


def _any() -> Type:
    return AnyType(TypeOfAny.special_form)


def base_of(instance: Instance, fullname: str) -> Instance | None:
    """Return an instance as one of its base class of this name, or None."""
    base = next((base for base in instance.type.mro if base.fullname == fullname), None)
    return map_instance_to_supertype(instance, base) if base is not None else None


def entity_of(generic: Type, fullname: str) -> TypeInfo | None:
    """Return the entity class that a manager or a key is of, or None where it is not known."""
    generic = get_proper_type(generic)
    base = base_of(generic, fullname) if isinstance(generic, Instance) else None
    entity = get_proper_type(base.args[0]) if base is not None and base.args else None
    return entity.type if isinstance(entity, Instance) and entity.type.has_base(ENTITY) else None


@dataclass(frozen=True)
class KeyFields:
    """The fields of a key by their keyword: those of the partition key, and those that the sort key adds."""

    partition: Mapping[str, Type]
    sort: Mapping[str, Type]


def key_fields(info: TypeInfo, name: str, api: CheckerPluginInterface) -> KeyFields | None:
    """Return the fields of one of the keys of an entity class, or None where its templates are not known."""
    templates: Sequence[str] | None = remembered(info, "keys").get(name)
    if templates is None:
        return None
    partition, sort = (KeyTemplate(text).field_names for text in templates)
    return KeyFields(
        {name.replace(".", "_"): _taken_at(info, name, api) for name in partition},
        {name.replace(".", "_"): _taken_at(info, name, api) for name in sort if name not in partition},
    )


def _taken_at(info: TypeInfo, dotted: str, api: CheckerPluginInterface) -> Type:
    field = None if "." in dotted else fields_of(info, api).get(dotted)
    return _any() if field is None else field.taken
