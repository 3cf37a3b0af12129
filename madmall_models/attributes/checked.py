"""Be an attribute that can say why a value does not fit."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Self

from pynamodb.attributes import Attribute

from madmall_models.attributes.type_variables import Assigned, Value
from madmall_models.errors import ValidationError

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Between, Comparison
    from pynamodb.expressions.operand import Path


def camel_case(name: str) -> str:
    """Return the stored spelling of a Python name: ``created_at`` gives ``createdAt``; ``PK`` stays."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


class Checked(Attribute[Value], Generic[Value, Assigned]):
    """Be an attribute that can say why a value does not fit.

    Args:
        null: whether the attribute may be absent. An attribute that is neither ``null`` nor has a default is required.
        default: the value, or a callable without arguments that makes it, given to new entities only.
        attr_name: the stored name; camelCase of the Python name when left out.
        measurement: whether the value is written by counters and gauges, which never touch ``version``.
        maintained: whether only the package changes the value, together with what it follows from. Schemas show it and
            never take it.
    """

    measurement = False
    maintained = False
    _python_name: str | None = None

    def __init__(
        self,
        *,
        hash_key: bool = False,
        range_key: bool = False,
        null: bool | None = None,
        default: Any = None,
        attr_name: str | None = None,
        measurement: bool | None = None,
        maintained: bool = False,
    ) -> None:
        if isinstance(default, Decimal):
            # PynamoDB takes it for a value that somebody could change.
            default = partial(Decimal, default)
        super().__init__(hash_key=hash_key, range_key=range_key, null=null, default=default, attr_name=attr_name)
        if measurement is not None:
            self.measurement = measurement
        self.maintained = maintained

    if not TYPE_CHECKING:
        # Python 3.11 has no defaults of type variables: `Checked[int]` names the first of two.
        def __class_getitem__(cls, _: Any) -> type[Self]:
            return cls

    def fault(self, value: Any) -> str | None:
        """Return what the attribute takes if ``value`` does not fit, else None."""
        return None

    def coerce(self, value: Any) -> Any:
        """Return ``value`` in the form that the attribute holds; a value that does not fit is returned as it is."""
        return value

    def __set_name__(self, owner: type[Any], name: str) -> None:
        """Learn the Python name; an attribute that stands on several classes may have several."""
        super().__set_name__(owner, name)
        known = self.__dict__.get("_python_name", name)
        self._python_name = name if known == name else None

    def __set__(self, instance: Any, value: Assigned) -> None:  # type: ignore[override]  # PynamoDB takes None always
        values = instance.__dict__.get("attribute_values")
        if values is not None:
            values[self._python_name or self._name_on(instance)] = None if value is None else self.coerce(value)

    def _name_on(self, instance: Any) -> str:
        stored_name = self.attr_path[-1]
        python_name: str = instance._dynamo_to_python_attrs.get(stored_name, stored_name)
        return python_name

    if not TYPE_CHECKING:
        # What PynamoDB's does for an instance that has values, without asking what kind of instance it is.
        def __get__(self, instance: Any, owner: Any) -> Any:
            values = None if instance is None else instance.__dict__.get("attribute_values")
            if values is None:
                return super().__get__(instance, owner)
            return values.get(self._python_name or self._name_on(instance))

    if TYPE_CHECKING:
        # PynamoDB's compare with anything.
        def __eq__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...  # type: ignore[override]
        def __ne__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...  # type: ignore[override]
        def __lt__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...
        def __le__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...
        def __gt__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...
        def __ge__(self, other: Assigned | Attribute[Any] | Path) -> Comparison: ...
        def between(self, lower: Assigned, upper: Assigned) -> Between:
            """Return the condition that the value lies between two bounds, both included."""
            raise NotImplementedError

    def checked(self, value: Any) -> Any:
        """Return ``value`` coerced.

        Raises:
            ValidationError: it does not fit; the message has the attribute and the type, never the value.
        """
        value = self.coerce(value)
        fault = self.fault(value)
        if fault is not None:
            raise ValidationError(f"{'.'.join(map(str, self.attr_path))} takes {fault}, not {type(value).__name__}")
        return value
