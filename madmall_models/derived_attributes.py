"""Give the attributes that are derived from others and never assigned: keys and the discriminator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never, Self, overload

from madmall_models.attributes import UnicodeAttribute


class KeyAttribute(UnicodeAttribute):
    """Be a key of the table or of an index: derived from the entity's templates, never assigned."""

    @overload  # type: ignore[override]
    def __get__(self, instance: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, instance: Any, owner: Any = None) -> str | None: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Return the rendered key of an entity, or None where a part is missing; the attribute itself on the class."""
        return self if instance is None else instance.rendered_keys().get(self.attr_name)

    def __set__(self, instance: Any, value: Never) -> None:  # type: ignore[override]
        """Refuse: a key follows from the attributes that it is made of."""
        raise AttributeError(f"{self.attr_name} is derived; change the attributes that it is made of")


class TypeAttribute(KeyAttribute):
    """Be the stored discriminator, ``entityType``: derived from the class."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any = None) -> Self: ...
        @overload
        def __get__(self, instance: Any, owner: Any = None) -> str: ...

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Return the discriminator of an entity; the attribute itself on the class."""
        return self if instance is None else instance.discriminator
