"""Write out signatures: put the fields of a declaration in the place of ``**fields: Any``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    ArgKind,
    CallExpr,
    Context,
    Expression,
    MemberExpr,
    TypeInfo,
)
from mypy.plugin import CheckerPluginInterface, FunctionSigContext, MethodSigContext
from mypy.types import AnyType, CallableType, FunctionLike, Type, get_proper_type

from madmall_models.mypy_plugin.declared import (
    DOCUMENT,
    KEY,
    MANAGER,
    MEASUREMENTS,
    Field,
    KeyFields,
    entity_of,
    fields_of,
    key_fields,
    or_default,
)

# What makes a document an attribute of a class, and no value.
_OPTIONS = frozenset(["null", "default", "attr_name", "hash_key", "range_key", "measurement", "maintained"])
_KEPT = frozenset(["version", "updated_at"])

_Parameter = tuple[str, Type, ArgKind]


@or_default("default_signature")
def of_constructor(info: TypeInfo, context: FunctionSigContext) -> FunctionLike:
    """Return the signature of ``User(...)``: all fields by name, none of them required before it is written."""
    fields = fields_of(info, context.api)
    given = _given(context.context)
    if info.has_base(DOCUMENT) and (_OPTIONS - set(fields)) & set(given):
        return context.default_signature
    return _with(context, _optional(_as_spelled(fields, given)))


@or_default("default_signature")
def of_creation(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``db.users.create(...)``: what has no default and cannot be absent is required."""
    fields = _fields(context)
    if fields is None:
        return context.default_signature
    spelled = _as_spelled(fields, _given(context.context))
    required = [(name, field.taken, ARG_NAMED) for name, field in spelled.items() if field.required]
    others = {name: field for name, field in spelled.items() if not field.required}
    return _with(context, [*required, *_optional(others)])


@or_default("default_signature")
def of_update(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``db.users.update(...)``: every field may be given, and None removes it."""
    fields = _fields(context)
    if fields is None:
        return context.default_signature
    changeable = {name: field for name, field in fields.items() if name not in _KEPT}
    return _with(context, _optional(_as_spelled(changeable, _given(context.context))))


@or_default("default_signature")
def of_part(name: str, context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``db.users.update_profile(user_id, ...)``: the fields of the document of this name."""
    part = (_fields(context) or {}).get(name)
    if part is None or part.document is None:
        return context.default_signature
    fields = _as_spelled(fields_of(part.document, context.api), _given(context.context))
    if part.document.has_base(MEASUREMENTS):
        return _with(context, [(field, each.taken, ARG_NAMED_OPT) for field, each in fields.items()], numbers=True)
    return _with(context, _optional(fields))


@or_default("default_signature")
def of_read(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``db.users.get(...)``: the fields of the primary key, in their order or by name."""
    info = entity_of(context.type, MANAGER)
    fields = key_fields(info, "key", context.api) if info is not None else None
    return _of_item(context, fields)


@or_default("default_signature")
def of_item_key(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``User.key.of(...)``: every field of the key, in their order or by name."""
    return _of_item(context, _fields_of_key(context.type, "key", context.api))


@or_default("default_signature")
def of_query(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``User.by_email.query(...)``: the fields of the sort key may be left out."""
    callee = context.context.callee if isinstance(context.context, CallExpr) else None
    name = _key_name(callee.expr) if isinstance(callee, MemberExpr) else None
    return _of_leading(context, _fields_of_key(context.type, name, context.api))


@or_default("default_signature")
def of_asking(context: MethodSigContext) -> FunctionLike:
    """Return the signature of ``manager.asking(User.by_email, ...)``: the fields of that key."""
    key = context.args[0][0] if context.args and context.args[0] else None
    info = entity_of(context.type, MANAGER)
    name = _key_name(key) if key is not None else None
    fields = key_fields(info, name, context.api) if info is not None and name is not None else None
    return _of_leading(context, fields)


# -- what is known -------------------------------------------------------------------------------------------------


def _fields(context: MethodSigContext) -> dict[str, Field] | None:
    info = entity_of(context.type, MANAGER)
    return fields_of(info, context.api) if info is not None else None


def _key_name(expression: Expression) -> str | None:
    return expression.name if isinstance(expression, MemberExpr) else None


def _fields_of_key(key: Type, name: str | None, api: CheckerPluginInterface) -> KeyFields | None:
    info = entity_of(key, KEY)
    return key_fields(info, name, api) if info is not None and name is not None else None


def _given(context: Context) -> list[str]:
    """Return the keywords that a call gives."""
    names = context.arg_names if isinstance(context, CallExpr) else ()
    return [name for name in names if name is not None]


def _as_spelled(fields: Mapping[str, Field], given: Iterable[str]) -> dict[str, Field]:
    """Return the fields by the spelling that a call uses: the stored names are taken too."""
    stored = {field.stored: name for name, field in fields.items()}
    spelled = dict(fields)
    for keyword in given:
        if keyword not in fields and keyword in stored:
            spelled[keyword] = spelled.pop(stored[keyword])
    return spelled


# -- signatures ----------------------------------------------------------------------------------------------------


def _optional(fields: Mapping[str, Field]) -> list[_Parameter]:
    return [(name, field.taken_or_none, ARG_NAMED_OPT) for name, field in fields.items()]


def _of_item(context: MethodSigContext, fields: KeyFields | None) -> CallableType:
    if fields is None or any("__" in name for name in _given(context.context)):
        return context.default_signature
    names = {**fields.partition, **fields.sort}
    closed = _with(context, [])
    if closed is context.default_signature or not _takes_anything(closed, ARG_STAR):
        return context.default_signature
    return _replaced(closed, ARG_STAR, [(*pair, ARG_POS) for pair in names.items()])


def _of_leading(context: MethodSigContext, fields: KeyFields | None) -> CallableType:
    if fields is None:
        return context.default_signature
    required = [(*pair, ARG_NAMED) for pair in fields.partition.items()]
    return _with(context, [*required, *((*pair, ARG_NAMED_OPT) for pair in fields.sort.items())])


def _with(
    context: FunctionSigContext | MethodSigContext, parameters: Iterable[_Parameter], *, numbers: bool = False
) -> CallableType:
    """Return the signature with parameters in the place of its ``**fields: Any``, or of ``**fields: int`` and the like.

    It stays as it is where it has none, and for a call with ``*values`` or ``**fields``, which tell nothing of names.
    """
    signature, call = context.default_signature, context.context
    is_open = isinstance(call, CallExpr) and any(kind.is_star() for kind in call.arg_kinds)
    if is_open or ARG_STAR2 not in signature.arg_kinds or not (numbers or _takes_anything(signature, ARG_STAR2)):
        return signature
    return _replaced(signature, ARG_STAR2, [new for new in parameters if new[0] not in signature.arg_names])


def _takes_anything(signature: CallableType, kind: ArgKind) -> bool:
    places = [place for place, found in enumerate(signature.arg_kinds) if found == kind]
    return bool(places) and isinstance(get_proper_type(signature.arg_types[places[0]]), AnyType)


def _replaced(signature: CallableType, kind: ArgKind, parameters: list[_Parameter]) -> CallableType:
    place = signature.arg_kinds.index(kind)
    names, types, kinds = (list(parts) for parts in zip(*parameters, strict=True)) if parameters else ([], [], [])
    return signature.copy_modified(
        arg_names=[*signature.arg_names[:place], *names, *signature.arg_names[place + 1 :]],
        arg_types=[*signature.arg_types[:place], *types, *signature.arg_types[place + 1 :]],
        arg_kinds=[*signature.arg_kinds[:place], *kinds, *signature.arg_kinds[place + 1 :]],
    )
