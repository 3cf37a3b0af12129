"""Show documents to type checkers as they are used; no program imports this.

PynamoDB's map takes any name. A document does not, and it is two things: on an entity's instance a value, on its class
an attribute whose own attributes make conditions. To a type checker the second is the class of the document:
``User.profile`` is a ``type[UserProfile]``, and so ``User.profile.location.city`` an ``UnicodeAttribute``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from pynamodb.attributes import Attribute, AttributeContainer, MetaMapAttribute

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Comparison, Exists, NotExists
    from pynamodb.expressions.update import RemoveAction, SetAction

    from madmall_models.document import Document

D = TypeVar("D", bound="Document")


class MapMeta(MetaMapAttribute):
    """Be the class of document classes."""

    @overload  # type: ignore[override]
    def __eq__(self, other: type) -> bool: ...
    @overload
    def __eq__(self, other: Mapping[str, Any] | Document) -> Comparison: ...
    def __eq__(self, other: Any) -> Any:
        """Compare two classes, or make a condition."""

    @overload  # type: ignore[override]
    def __ne__(self, other: type) -> bool: ...
    @overload
    def __ne__(self, other: Mapping[str, Any] | Document) -> Comparison: ...
    def __ne__(self, other: Any) -> Any:
        """Compare two classes, or make a condition."""


class TypedMap(Attribute[Mapping[str, Any]], AttributeContainer, metaclass=MapMeta):
    """Be a map of declared names."""

    def __init__(self, **attributes: Any) -> None: ...

    @overload  # type: ignore[override]
    def __get__(self, instance: None, owner: Any) -> type[Self]: ...
    @overload
    def __get__(self, instance: Any, owner: Any) -> Self: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        """Return the value of an instance; the class of the document on a class."""

    def __getitem__(self, name: str) -> Any:  # type: ignore[override]
        """Return the value of a name."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    @classmethod
    def exists(cls) -> Exists:
        """Return the condition that the item has the map."""
        raise NotImplementedError

    @classmethod
    def does_not_exist(cls) -> NotExists:
        """Return the condition that the item is without the map."""
        raise NotImplementedError

    @classmethod
    def set(cls, value: Any) -> SetAction | RemoveAction:
        """Return the action that replaces the map."""
        raise NotImplementedError

    @classmethod
    def remove(cls) -> RemoveAction:
        """Return the action that takes the map away."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Return the map as plain dicts."""
        raise NotImplementedError


class NullableDocument(Attribute[Any], Generic[D]):
    """Be the attribute that ``UserLocation(null=True)`` makes: a document, or None."""

    @overload  # type: ignore[override]
    def __get__(self, instance: None, owner: Any) -> type[D]: ...
    @overload
    def __get__(self, instance: Any, owner: Any) -> D | None: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        """Return the value of an instance, or None; the class of the document on a class."""

    def __set__(self, instance: Any, value: D | Mapping[str, Any] | None) -> None: ...
