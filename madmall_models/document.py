"""Give typed maps: sub-documents such as a profile, whose names are snake_case in Python and camelCase in the table."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from pynamodb.attributes import Attribute, AttributeContainer, MapAttribute, MetaMapAttribute
from pynamodb.constants import NULL

from madmall_models.attributes import camel_case
from madmall_models.errors import ValidationError
from madmall_models.identifiers import shown_name
from madmall_models.unread import demand_readable

_CLASSES_KEPT = 256
_OWN_NAMES = frozenset(["attribute_values", "attribute_kwargs", "attr_path"])

if TYPE_CHECKING:
    from madmall_models.document_view import MapMeta, NullableDocument, TypedMap
else:
    MapMeta, TypedMap = MetaMapAttribute, MapAttribute


def name_in_camel_case(namespace: dict[str, Any]) -> None:
    """Give every attribute of a class body that states no ``attr_name`` the camelCase of its Python name."""
    for name, value in namespace.items():
        if isinstance(value, MapAttribute) and value._is_attribute_container():
            value.attribute_kwargs.setdefault("attr_name", camel_case(name))
        elif isinstance(value, Attribute) and value.attr_path == [None]:
            value.attr_name = camel_case(name)


class DocumentMeta(MapMeta):
    """Name the attributes of a document class in camelCase and collect them."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        """Make the class."""
        name_in_camel_case(namespace)
        return MetaMapAttribute.__new__(mcs, name, bases, namespace)


class Document(TypedMap, metaclass=DocumentMeta):
    """Be a typed map inside an item; a subclass declares its attributes as an entity does.

    On an entity the subclass is used as an attribute; its value is an instance of it. A dict is taken where a value
    is expected, in either spelling of the names. Attributes of the stored map that the class does not know are kept.

    >>> from madmall_models.attributes import UnicodeAttribute
    >>> class Place(Document):
    ...     zip_code = UnicodeAttribute(null=True)
    >>> Place(zipCode="30301").zip_code
    '30301'
    """

    measured = False

    # A type checker does not know it: to it, a name that is not declared is an error.
    def _set_known(self, name: str, value: Any) -> None:
        # An instance with values has them in attribute_values; without, it is an attribute of a class.
        if "attribute_values" not in self.__dict__ or name.startswith("_") or name in _OWN_NAMES:
            object.__setattr__(self, name, value)
            return
        if name not in type(self)._attributes:
            # A misspelt attribute would otherwise be kept on the instance and silently never stored.
            name = self.python_name(name)
        object.__setattr__(self, name, value)
        self.__dict__.setdefault("_assigned", set()).add(name)

    if TYPE_CHECKING:

        @overload
        def __new__(  # type: ignore[misc]  # what it makes holds documents and is none
            cls, *, null: Literal[True], attr_name: str | None = None, default: Any = None
        ) -> NullableDocument[Self]: ...
        @overload
        def __new__(cls, **attributes: Any) -> Self: ...
        def __new__(cls, **attributes: Any) -> Any:
            """Make a value; with ``null=True``, or in the body of a class, an attribute."""

    else:
        __setattr__ = _set_known

    def _set_defaults(self, _user_instantiated: bool = True) -> None:
        """Leave the defaults until it is known what is given, see :func:`fill_defaults`."""

    def _set_attributes(self, **attributes: Any) -> None:
        self._assign(**attributes)
        fill_defaults(self)

    def _assign(self, **attributes: Any) -> None:
        assign(self, attributes)

    @classmethod
    def _empty(cls) -> Self:
        """Return a value without attributes, not even with the defaults."""
        empty = object.__new__(cls)
        empty.__dict__.update(attribute_kwargs={}, attribute_values={})
        return empty

    @classmethod
    def python_name(cls, name: str) -> str:
        """Return the Python name of an attribute given in either spelling.

        Raises:
            ValidationError: the document has no such attribute; a near miss is named.
        """
        attributes = cls.get_attributes()
        if not isinstance(name, str):
            raise ValidationError(f"{cls.__name__} has no attribute whose name is no text")
        python = name if name in attributes else cls._dynamo_to_python_attr(name)
        if python in attributes:
            return python
        spellings = [*attributes, *(attribute.attr_name for attribute in attributes.values())]
        near = difflib.get_close_matches(name, spellings, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValidationError(f"{cls.__name__} has no attribute {shown_name(name)}{hint}")

    def merge(self, changes: Mapping[str, Any]) -> None:
        """Set the given attributes and leave the others; None removes one; a nested map is merged likewise.

        Raises:
            Unreadable: a nested map is stored in a form that could not be read.
        """
        for name, value in changes.items():
            python = self.python_name(name)
            present = self.attribute_values.get(python)
            if isinstance(present, Document) and isinstance(value, Mapping):
                present.merge(value)
            else:
                if isinstance(value, Mapping) and isinstance(self.get_attributes()[python], Document):
                    demand_readable(self, python)
                setattr(self, python, value)

    # -- as an attribute -------------------------------------------------------------------------------------------

    def coerce(self, value: Any) -> Any:
        """Return a mapping as an instance of this class; anything else as it is.

        Raises:
            ValidationError: the mapping has a name that the document does not declare.
        """
        if not isinstance(value, Mapping):
            return value
        if not all(isinstance(name, str) for name in value):
            raise ValidationError(f"{type(self).__name__} has no attribute whose name is no text")
        return type(self)(**value)

    def fault(self, value: Any) -> str | None:
        """Return "a map" unless ``value`` is one."""
        return None if isinstance(value, type(self) | Mapping) else "a map"

    def __set__(self, instance: Any, value: Self | Mapping[str, Any]) -> None:  # type: ignore[override]
        Attribute.__set__(self, instance, None if value is None else self.coerce(value))

    def serialize(self, values: Any, *, null_check: bool = True) -> dict[str, Any]:
        """Return the map to store: the declared attributes that have a value, and what was read and is not declared."""
        if not isinstance(values, type(self)):
            if not isinstance(values, Mapping):
                raise ValidationError(f"{type(self).__name__} takes a map, not {type(values).__name__}")
            bare = self._empty()
            bare._assign(**values)
            values = bare
        wire: dict[str, Any] = dict(values.unknown_attributes())
        wire.update(encode_attributes(values))
        return wire

    def deserialize(self, values: Mapping[str, Any]) -> Document:
        """Return the stored map as an instance of this class, whatever it holds."""
        document = self._empty()
        document.__dict__["_unknown"] = decode_attributes(document, values)
        return document

    def unknown_attributes(self) -> Mapping[str, Any]:
        """Return what the stored map held that the class cannot read, as DynamoDB attribute values."""
        unknown: Mapping[str, Any] = self.__dict__.get("_unknown", {})
        return unknown

    # -- as a value ------------------------------------------------------------------------------------------------

    def __eq__(self, other: Any) -> Any:
        """Compare two values by content; on the class, make a condition as every attribute does."""
        if not self._is_value():
            return Attribute.__eq__(self, other)
        if isinstance(other, Mapping):
            other = type(self)().deserialize(self.serialize(other)) if other else type(self)()
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.serialize(self) == other.serialize(other)

    def __ne__(self, other: Any) -> Any:
        """Be the contrary of ``==``."""
        if not self._is_value():
            return Attribute.__ne__(self, other)
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    # A value can change. The type of `object` knows no class that cannot be hashed.
    __hash__ = None  # type: ignore[assignment]

    def _is_value(self) -> bool:
        """Tell whether this is a map in an item, and not the attribute that a class declares."""
        # PynamoDB takes the values away from what it makes an attribute.
        return "attribute_values" in self.__dict__

    def __repr__(self) -> str:
        if not self._is_value():
            return f"<{type(self).__name__} attribute>"
        return f"<{type(self).__name__}: {len(self.attribute_values)} attributes>"


class Measurements(Document):
    """Be a typed map whose values are written by counters and gauges only, never by ``save()`` or ``update()``.

    A count (:class:`~madmall_models.attributes.CounterAttribute`) is changed by adding, every other value by setting.
    """

    measured = True


def assign(container: Any, given: Mapping[str, Any]) -> None:
    """Set attributes of an entity or document by their names in either spelling; what is None was not given.

    Raises:
        ValidationError: there is no attribute of a name.
    """
    attributes = container.get_attributes()
    assigned = container.__dict__.setdefault("_assigned", set())
    for name, value in given.items():
        if value is not None:
            python_name = container.python_name(name)
            attributes[python_name].__set__(container, value)
            assigned.add(python_name)


def fill_defaults(container: AttributeContainer) -> None:
    """Give a new entity or document the defaults of the attributes that it has no value for, and was not given.

    PynamoDB fills them all in before it sets what is given: a document that is given would be made twice.
    """
    values = container.attribute_values
    for name, attribute, default in _defaults_of(type(container)):
        if name not in values:
            # Past __setattr__: what a default filled in was not assigned by anybody.
            attribute.__set__(container, default() if callable(default) else default)


# Of a class that is defined, nothing of this changes.
@lru_cache(maxsize=_CLASSES_KEPT)
def _defaults_of(cls: type[Any]) -> tuple[tuple[str, Attribute[Any], Any], ...]:
    """Return the attributes that have a default for new instances: Python name, attribute, default."""
    defaults = (
        (name, attribute, attribute.default if attribute.default_for_new is None else attribute.default_for_new)
        for name, attribute in cls._attributes.items()
    )
    return tuple(found for found in defaults if found[2] is not None)


def assigned_names(container: AttributeContainer, prefix: str = "") -> Iterator[str]:
    """Yield the dotted Python names that were assigned to an entity or document, defaults left out."""
    assigned = container.__dict__.get("_assigned", ())
    for name, value in container.attribute_values.items():
        if isinstance(value, Document):
            yield from assigned_names(value, f"{prefix}{name}.")
        elif name in assigned:
            yield prefix + name


def forget_assigned(container: AttributeContainer) -> None:
    """Forget what was assigned, once it is written."""
    container.__dict__["_assigned"] = set()
    for value in container.attribute_values.values():
        if isinstance(value, Document):
            forget_assigned(value)


def encode_attributes(container: AttributeContainer) -> dict[str, dict[str, Any]]:
    """Return the declared attributes of an entity or document that have a value, as DynamoDB attribute values."""
    wire: dict[str, dict[str, Any]] = {}
    attributes = container.get_attributes()
    for name, value in container.attribute_values.items():
        if value is None:
            continue
        attribute = attributes[name]
        content = attribute.serialize(value)
        if content is not None:
            wire[attribute.attr_name] = {attribute.attr_type: content}
    return wire


def decode_attributes(container: AttributeContainer, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Set the attributes of ``container`` from a stored map; return what no declared attribute can read.

    Reading never refuses: a value of another type than the declared one stays unread, and is written back as it was.
    """
    unread: dict[str, Any] = {}
    attributes = container.get_attributes()
    for stored_name, wire in values.items():
        name = container._dynamo_to_python_attr(stored_name)
        attribute = attributes.get(name)
        if attribute is None or attribute.attr_name != stored_name or NULL in wire or attribute.attr_type not in wire:
            unread[stored_name] = wire
            continue
        try:
            container.attribute_values[name] = attribute.deserialize(wire[attribute.attr_type])
        except (ValueError, TypeError, ArithmeticError, AttributeError, OSError):
            unread[stored_name] = wire
    return unread
