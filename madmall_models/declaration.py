"""Check an entity class when it is defined, bind its keys and register its discriminator."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pynamodb.attributes import Attribute, MapAttribute
from pynamodb.models import MetaModel

from madmall_models import binding, errors
from madmall_models.attributes import IntegerAttribute
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import name_in_camel_case
from madmall_models.errors import DeclarationError
from madmall_models.key_template import Field, KeyTemplate
from madmall_models.keys import IndexKey, Key, Mirror, Pointer, PrimaryKey, Unique
from madmall_models.rules import Rules

if TYPE_CHECKING:
    from madmall_models.entity import Entity
    from madmall_models.manager import Manager

E = TypeVar("E", bound="Entity")

# More than the keys of a large application have fields: each is asked for with every item that is written.
_PATHS_KEPT = 4096
_registry: dict[str, type[Any]] = {}


def entity_class(discriminator: str) -> type[Any] | None:
    """Return the entity class that is stored under this ``entityType``, or None."""
    return _registry.get(discriminator)


def entity_classes() -> tuple[type[Any], ...]:
    """Return every entity class, in the order of definition."""
    return tuple(_registry.values())


@contextmanager
def isolated_registry() -> Iterator[None]:
    """Forget, at the end of the block, the entities that were defined in it; for tests of declarations."""
    before = dict(_registry)
    try:
        yield
    finally:
        _registry.clear()
        _registry.update(before)


# What the package declares for every entity, and what stands on every class beside its attributes.
_RESERVED = frozenset(
    ["version", "created_at", "updated_at", "ttl", "entity_type", "PK", "SK"]
    + [f"GSI{number}{half}" for number in range(1, 5) for half in ("PK", "SK")]
)
_MEMBERS = frozenset(["attribute_values", "claims", "discriminator", "key", "keys", "objects", "rules", "warnings"])


class EntityMeta(MetaModel):
    """Make an entity class out of a declaration.

    The ``discriminator`` keyword is taken out here, since PynamoDB refuses it without its own discriminator
    attribute. The checks stand in ``__init__``: earlier the attributes are not collected yet.
    """

    DoesNotExist: type[errors.DoesNotExist]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], discriminator: str | None = None
    ) -> Any:
        """Make the class, its attributes named in camelCase."""
        name_in_camel_case(namespace)
        _refuse_reserved(name, bases, namespace)
        _refuse_shadows(name, bases, namespace)
        if "DoesNotExist" not in namespace:
            parents = tuple(base.DoesNotExist for base in bases if isinstance(base, EntityMeta))
            namespace["DoesNotExist"] = type(
                "DoesNotExist",
                parents or (errors.DoesNotExist,),
                {"__module__": namespace.get("__module__"), "__qualname__": f"{name}.DoesNotExist"},
            )
        return MetaModel.__new__(mcs, name, bases, namespace)

    def __init__(
        cls,  # noqa: N805 - the base is PynamoDB's, so that ruff does not see a metaclass
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        discriminator: str | None = None,
    ) -> None:
        super().__init__(name, bases, namespace)
        cls.discriminator = discriminator
        cls.keys: dict[str, Key] = {}
        cls.claims: dict[str, Unique] = {}
        if discriminator is None:
            _refuse_keys_without_discriminator(cls, namespace)
            return
        _bind_keys(cls)
        _check_discriminator(cls, discriminator)
        for check in _CHECKS:
            check(cls)
        _registry[discriminator] = cls

    @property
    def objects(cls: type[E]) -> Manager[E]:  # type: ignore[misc]  # noqa: N805 - as above
        """Return the manager of the entity on the database that is bound or configured.

        It stands on the metaclass, since PynamoDB reads every member of a class while it is being made.
        """
        manager: Manager[E] = binding.current_database().manager_of(cls)
        return manager


def attribute_at(cls: Any, dotted: str) -> Attribute[Any] | None:
    """Return the attribute that a dotted Python name means on an entity class, or None."""
    return _attribute_at(cls, dotted)


@lru_cache(maxsize=_PATHS_KEPT)
def _attribute_at(cls: Any, dotted: str) -> Attribute[Any] | None:
    names = dotted.split(".")
    found: Any = cls._attributes.get(names[0])
    for name in names[1:]:
        if not isinstance(found, MapAttribute):
            return None
        found = type(found)._attributes.get(name)
    return found if isinstance(found, Attribute) else None


def stored_path(cls: type[Any], dotted: str) -> tuple[str, ...]:
    """Return the stored names that a dotted Python name means, from the outside in.

    Raises:
        DeclarationError: the entity has no such attribute.
    """
    path: list[str] = []
    container: Any = cls
    for name in dotted.split("."):
        attribute = getattr(container, "_attributes", {}).get(name)
        if attribute is None:
            raise DeclarationError(f"{cls.__name__} has no attribute {dotted}")
        path.append(attribute.attr_name)
        container = type(attribute)
    return tuple(path)


def _refuse_shadows(name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
    for base in bases:
        for attribute, value in namespace.items():
            inherited = getattr(base, attribute, None)
            if isinstance(value, Attribute) and callable(inherited) and not isinstance(inherited, Attribute):
                raise DeclarationError(
                    f"{name}.{attribute} hides the method {attribute}(); "
                    "rename it and keep the stored name with attr_name="
                )


def _refuse_reserved(name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
    if any(isinstance(base, EntityMeta) for base in bases):
        attributes = {attribute for attribute, value in namespace.items() if isinstance(value, Attribute)}
        private = sorted(attribute for attribute in attributes if attribute.startswith("_"))
        for attribute in [*sorted(_RESERVED & set(namespace)), *sorted(_MEMBERS & attributes), *private]:
            raise DeclarationError(
                f"{name}.{attribute}: every entity has this attribute already, and the package keeps it; "
                "leave it out, or give yours another name"
            )


def _refuse_keys_without_discriminator(cls: Any, namespace: dict[str, Any]) -> None:
    keys = [key for key, value in namespace.items() if isinstance(value, Key | Unique)]
    if keys:
        raise DeclarationError(
            f"{cls.__name__} declares {', '.join(keys)} but no discriminator; "
            f'write class {cls.__name__}(Entity, discriminator="{cls.__name__.upper()}")'
        )


def _bind_keys(cls: Any) -> None:
    for ancestor in reversed(cls.__mro__):
        for name, value in list(vars(ancestor).items()):
            if isinstance(value, Key):
                cls.keys[name] = value.bound_to(cls, name)
                setattr(cls, name, cls.keys[name])
            elif isinstance(value, Unique):
                cls.claims[name] = value.bound_to(cls, name)
                setattr(cls, name, cls.claims[name])


def _check_discriminator(cls: Any, discriminator: str) -> None:
    if not isinstance(discriminator, str) or not discriminator or "#" in discriminator:
        raise DeclarationError(f"{cls.__name__}: a discriminator is a text without #, for example 'CIRCLE'")
    for ancestor in cls.__mro__[1:]:
        if getattr(ancestor, "discriminator", None):
            raise DeclarationError(
                f"{cls.__name__} derives from the entity {ancestor.__name__}; "
                "derive both from an abstract class instead"
            )
    other = _registry.get(discriminator)
    if other is not None and not _is_same(other, cls):
        raise DeclarationError(
            f"{cls.__name__}: the discriminator {discriminator!r} belongs to {other.__name__} already"
        )


def _check_primary_key(cls: Any) -> None:
    primary = [key for key in cls.keys.values() if isinstance(key, PrimaryKey)]
    if len(primary) != 1 or primary[0].name != "key":
        raise DeclarationError(
            f"{cls.__name__} needs one PrimaryKey named key, as in key = PrimaryKey('X#{{x_id}}', 'METADATA')"
        )
    for name in primary[0].field_names:
        attribute = attribute_at(cls, name)
        # The moment of creation is absent only until the item is written.
        if attribute is not None and attribute.null and name != "created_at":
            raise DeclarationError(
                f"{cls.__name__}.key: {name} may be null, but a part of the primary key may not; drop null=True"
            )


def _check_fields(cls: Any) -> None:
    for owner, template in _templates(cls):
        for field in template.fields:
            attribute = attribute_at(cls, field.name)
            if attribute is None or isinstance(attribute, KeyAttribute | MapAttribute):
                near = difflib.get_close_matches(field.name, _dotted_names(cls), 1)
                hint = f". Did you mean {near[0]}?" if near else ""
                raise DeclarationError(
                    f"{cls.__name__}.{owner}: {template.text!r} names {field.name}, "
                    f"which {cls.__name__} does not declare{hint}"
                )
            _check_number_width(cls, owner, template, field, attribute)
    for name, claim in cls.claims.items():
        if not claim.template.fields:
            raise DeclarationError(f"{cls.__name__}.{name}: a Unique needs a field, as in Unique('{{email:fold}}')")


def _check_stored_names(cls: Any) -> None:
    """Refuse an attribute that is stored where something else of the item is, for it would overwrite that."""
    names: dict[str, str] = {}
    kept = {"targetPK", "targetSK", "ownerPK", "ownerSK", "ownerType"}
    for name, attribute in cls._attributes.items():
        stored = attribute.attr_name
        taken = names.setdefault(stored, name)
        if taken != name or stored in kept or not stored:
            raise DeclarationError(
                f"{cls.__name__}.{name} is stored as {stored!r}, which is taken"
                + (f" by {taken}" if taken != name else "")
                + "; give another attr_name="
            )


def _check_predicates(cls: Any) -> None:
    for name, key in cls.keys.items():
        if key.when is None:
            continue
        if isinstance(key, PrimaryKey | Mirror):
            raise DeclarationError(
                f"{cls.__name__}.{name}: a {type(key).__name__} is always there and takes no when=; a Pointer does"
            )
        if not callable(key.when):
            raise DeclarationError(f"{cls.__name__}.{name}: when= takes a function of the entity")


def _check_mirrors(cls: Any) -> None:
    for name, key in cls.keys.items():
        lost = [field for field in cls.key.field_names if field not in key.field_names]
        if isinstance(key, Mirror) and lost:
            raise DeclarationError(
                f"{cls.__name__}.{name} lacks {', '.join(lost)}: two items would have one mirror; "
                f"name every part of {cls.__name__}.key"
            )
        foreign = [field for field in key.field_names if field not in cls.key.field_names]
        if isinstance(key, Mirror) and foreign:
            raise DeclarationError(
                f"{cls.__name__}.{name} is made of {', '.join(foreign)}, which is no part of {cls.__name__}.key; "
                "a mirror never moves. Use a Pointer, or put the attribute into the primary key"
            )


def _check_number_width(cls: Any, owner: str, template: KeyTemplate, field: Field, attribute: Attribute[Any]) -> None:
    numeric = attribute.attr_type == "N"
    wide = field.modifier is not None and field.modifier.isdigit()
    if numeric and not (isinstance(attribute, IntegerAttribute) and wide):
        raise DeclarationError(
            f"{cls.__name__}.{owner}: {field.name} is a number, and text order would put 10 before 9; "
            f"use an IntegerAttribute and write {{{field.name}:06}}"
        )
    if wide and not numeric:
        raise DeclarationError(
            f"{cls.__name__}.{owner}: {{{field.name}:{field.modifier}}} gives a width to what is no number"
        )


def _check_indexes(cls: Any) -> None:
    used: dict[str, str] = {}
    for name, key in cls.keys.items():
        if not isinstance(key, IndexKey):
            continue
        if key.index_name in used:
            raise DeclarationError(
                f"{cls.__name__}.{name} and {cls.__name__}.{used[key.index_name]} both use {key.index_name}; "
                "an item has one key in an index"
            )
        used[key.index_name] = name


def _check_rules(cls: Any) -> None:
    rules = getattr(cls, "rules", None)
    if rules is not None and not isinstance(rules, Rules):
        raise DeclarationError(f"{cls.__name__}.rules is no Rules; write rules = Rules(name=[...])")
    unknown: Callable[[Any], list[str]] | None = getattr(rules, "unknown", None)
    for name in unknown(cls._attributes) if unknown is not None else ():
        near = difflib.get_close_matches(name, list(cls._attributes), 1)
        raise DeclarationError(
            f"{cls.__name__}.rules names {name}, which {cls.__name__} does not declare"
            + (f". Did you mean {near[0]}?" if near else "")
        )


def _check_collisions(cls: Any) -> None:
    mine = _table_keys(cls)
    for position, key in enumerate(mine):
        others = mine[position + 1 :] + [
            other for known in _registry.values() if not _is_same(known, cls) for other in _table_keys(known)
        ]
        for other in others:
            if not key.partition.overlaps(other.partition):
                continue
            if key.sort.overlaps(other.sort):
                raise DeclarationError(
                    f"{key.label} and {other.label} could give two items the same key; change one template"
                )
            if key.sort.starts_like(other.sort) or other.sort.starts_like(key.sort):
                raise DeclarationError(
                    f"{key.label} and {other.label} share a partition, and a query of one would return the other: "
                    f"{key.sort.text!r} and {other.sort.text!r} need different beginnings"
                )


def _is_same(one: type[Any], other: type[Any]) -> bool:
    """Tell whether a class is the other one, defined again by a reload of its module."""
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)


def _table_keys(cls: Any) -> list[Key]:
    return [key for key in cls.keys.values() if isinstance(key, PrimaryKey | Mirror | Pointer)]


def _templates(cls: Any) -> Iterator[tuple[str, KeyTemplate]]:
    for name, key in cls.keys.items():
        yield name, key.partition
        yield name, key.sort
    for name, claim in cls.claims.items():
        yield name, claim.template


def _dotted_names(cls: Any, prefix: str = "") -> list[str]:
    names = []
    for name, attribute in cls._attributes.items():
        names.append(prefix + name)
        if isinstance(attribute, MapAttribute) and type(attribute) is not MapAttribute:
            names.extend(_dotted_names(type(attribute), f"{prefix}{name}."))
    return names


_CHECKS = (
    _check_stored_names,
    _check_predicates,
    _check_primary_key,
    _check_fields,
    _check_mirrors,
    _check_indexes,
    _check_rules,
    _check_collisions,
)
