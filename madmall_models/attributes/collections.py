"""Hold lists and maps of any names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, Unpack, overload

from pynamodb import attributes as pynamodb_attributes
from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP

from madmall_models.attributes.any_value import any_from_wire, any_to_wire, is_map_key
from madmall_models.attributes.checked import Checked
from madmall_models.attributes.type_variables import Entries, Listed, Member, Members, Options

if TYPE_CHECKING:
    from madmall_models.document import Document

    D = TypeVar("D", bound=Document)
    # A dict is taken for each document.
    Documents: TypeAlias = Sequence[D | Mapping[str, Any]]


class ListAttribute(Checked[Members, Listed], pynamodb_attributes.ListAttribute[Any]):
    """Hold a list.

    Args:
        of: the attribute class, or an attribute, that each member is; None for members of any kind.
    """

    attr_type = LIST

    @overload
    def __init__(
        self: ListAttribute[list[D], Documents[D]],
        *,
        of: type[D] | D,
        null: Literal[False] | None = None,
        **options: Unpack[Options[list[D]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListAttribute[list[D] | None, Documents[D] | None],
        *,
        of: type[D] | D,
        null: bool,
        **options: Unpack[Options[list[D]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListAttribute[list[Member], list[Member] | tuple[Member, ...]],
        *,
        of: Callable[[], Attribute[Member]] | Attribute[Member],
        null: Literal[False] | None = None,
        **options: Unpack[Options[list[Member]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListAttribute[list[Member] | None, list[Member] | tuple[Member, ...] | None],
        *,
        of: Callable[[], Attribute[Member]] | Attribute[Member],
        null: bool,
        **options: Unpack[Options[list[Member]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListAttribute[list[Any], list[Any] | tuple[Any, ...]],
        *,
        of: None = None,
        null: Literal[False] | None = None,
        **options: Unpack[Options[list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListAttribute[list[Any] | None, list[Any] | tuple[Any, ...] | None],
        *,
        of: None = None,
        null: bool,
        **options: Unpack[Options[list[Any]]],
    ) -> None: ...
    def __init__(self, *, of: Callable[[], Attribute[Any]] | Attribute[Any] | None = None, **options: Any) -> None:
        Checked.__init__(self, **options)
        self.element: Attribute[Any] | None = of if of is None or isinstance(of, Attribute) else of()
        self.element_type = type(self.element) if self.element is not None else None

    def coerce(self, value: Any) -> Any:
        """Return a tuple as list, its members coerced."""
        if not isinstance(value, list | tuple):
            return value
        coerce = getattr(self.element, "coerce", None)
        return [member if member is None or coerce is None else coerce(member) for member in value]

    def fault(self, value: Any) -> str | None:
        """Return "a list" unless ``value`` is one whose members fit."""
        if not isinstance(value, list):
            return "a list"
        member_fault = getattr(self.element, "fault", None)
        if member_fault is None:
            return None
        return next((f"a list of {fault}" for fault in map(member_fault, value) if fault is not None), None)

    def serialize(self, values: Any, *, null_check: bool = True) -> list[Any]:
        """Return the members to store."""
        return [any_to_wire(member, self.element) for member in self.checked(values)]

    def deserialize(self, values: list[Any]) -> list[Any]:
        """Return the stored members.

        Raises:
            ValueError: one is of another type; the entity then leaves the whole list unread, and as it is.
        """
        return [_member_from_wire(member, self.element) for member in values]


class DictAttribute(Checked[Entries, Entries]):
    """Hold a map with keys of any name, as a plain dict.

    Args:
        of: the attribute class, or an attribute, that each value is; None for values of any kind.
    """

    attr_type = MAP

    @overload
    def __init__(
        self: DictAttribute[dict[str, Member]],
        *,
        of: Callable[[], Attribute[Member]] | Attribute[Member],
        null: Literal[False] | None = None,
        **options: Unpack[Options[dict[str, Member]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictAttribute[dict[str, Member] | None],
        *,
        of: Callable[[], Attribute[Member]] | Attribute[Member],
        null: bool,
        **options: Unpack[Options[dict[str, Member]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictAttribute[dict[str, Any]],
        *,
        of: None = None,
        null: Literal[False] | None = None,
        **options: Unpack[Options[dict[str, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictAttribute[dict[str, Any] | None],
        *,
        of: None = None,
        null: bool,
        **options: Unpack[Options[dict[str, Any]]],
    ) -> None: ...
    def __init__(self, *, of: Callable[[], Attribute[Any]] | Attribute[Any] | None = None, **options: Any) -> None:
        Checked.__init__(self, **options)
        self.element: Attribute[Any] | None = of if of is None or isinstance(of, Attribute) else of()

    def coerce(self, value: Any) -> Any:
        """Return a dict with its values coerced."""
        coerce = getattr(self.element, "coerce", None)
        if coerce is None or not isinstance(value, dict):
            return value
        return {key: member if member is None else coerce(member) for key, member in value.items()}

    def fault(self, value: Any) -> str | None:
        """Return "a dict with text keys" unless ``value`` is one whose keys and values fit."""
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            return "a dict with text keys"
        if not all(is_map_key(key) for key in value):
            return "a dict whose keys are not empty and without lone surrogates"
        member_fault = getattr(self.element, "fault", None)
        if member_fault is None:
            return None
        return next((f"a dict of {fault}" for fault in map(member_fault, value.values()) if fault is not None), None)

    def serialize(self, value: Any) -> dict[str, Any]:
        """Return the map to store."""
        return {key: any_to_wire(member, self.element) for key, member in self.checked(value).items()}

    def deserialize(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stored map.

        Raises:
            ValueError: a value is of another type; the entity then leaves the whole map unread, and as it is.
        """
        return {key: _member_from_wire(member, self.element) for key, member in value.items()}


def _member_from_wire(wire: Mapping[str, Any], element: Attribute[Any] | None) -> Any:
    if element is not None and element.attr_type not in wire:
        raise ValueError("a member is of another type than the declared one")
    return any_from_wire(wire, element)
