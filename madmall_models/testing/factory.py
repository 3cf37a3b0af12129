"""Make entities for tests: each valid as it is, each unlike the others, changed where a test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Generic, TypeVar

from madmall_models import clock
from madmall_models.document import Document, assigned_names
from madmall_models.entity import Entity
from madmall_models.errors import ValidationError
from madmall_models.rules import validate
from madmall_models.testing.sample_values import sample_fields

E = TypeVar("E", bound=Entity)


class Factory(Generic[E]):
    """Make the entities of one class, by what its declaration says.

    ``make_event()`` creates one through the manager, so that claims, mirrors, pointers and counts are there too;
    ``make_event.build()`` makes one that is in no table. Keywords override what the factory would give, those of a
    document are merged into it, and an entity may stand where its id is meant. Names are taken in either spelling.

    The first one of a test is numbered 1, so that it sees the same values each time it runs. Factories of one class
    that a test has side by side count on from each other.

    Args:
        entity: the class.
        database: gives the database to create in, when something is created.
        defaults: values for each one: plain, or a function of its number, or another factory, which makes what the
            attribute names. The names of attributes in documents are dotted, or documents given as dicts.
        built: values that a new item gets from its manager, for :meth:`build`.
        numbers: gives the number of each one, where several factories make entities of the class; from 1 if left out.

    >>> from madmall_models import User
    >>> make_user = Factory(User)
    >>> make_user.build(profile={"first_name": "Jane"}).profile.last_name
    'Last name 1'
    """

    def __init__(
        self,
        entity: type[E],
        database: Callable[[], Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        built: Mapping[str, Any] | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.entity = entity
        self._database = database
        self._defaults = _nested(entity, defaults or {})
        self._built = built or {}
        self._numbers = count(1) if numbers is None else numbers
        self._number = 0

    def __call__(self, **overrides: Any) -> E:
        """Create one in the table, and first what it needs there, such as the owner of a circle.

        Raises:
            ValidationError: a name is unknown, a value breaks a rule, or the declaration alone does not say what would
                keep one. What the manager raises.
        """
        database = self._home()
        entity = self.entity(**self._fields(overrides, creating=True))
        database.manager_of(self.entity).create_entity(entity)
        return entity

    def many(self, count: int, **overrides: Any) -> list[E]:
        """Create several, in order."""
        return [self(**overrides) for _ in range(count)]

    def build(self, **overrides: Any) -> E:
        """Make one as it would be read from a table, without one; what it names need not be anywhere.

        Raises:
            ValidationError: a name is unknown, or a value breaks a rule.
        """
        now = clock.utc_now()
        fields: dict[str, Any] = {"created_at": now, "updated_at": now, "version": 1}
        _merge(fields, _nested(self.entity, self._built))
        _merge(fields, self._fields(overrides, creating=False))
        entity = self.entity(**fields)
        entity.reconcile(set(assigned_names(entity)))
        validate(self.entity, entity).raise_if_invalid(self.entity.__name__)
        return entity

    def fields(self, **overrides: Any) -> dict[str, Any]:
        """Return what one would be made of, for ``db.events.create(**fields)`` or a form; nothing is created."""
        return self._fields(overrides, creating=False)

    # -- how -------------------------------------------------------------------------------------------------------

    def _fields(self, overrides: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        self._number = next(self._numbers)
        given = _nested(self.entity, overrides)
        own = self._resolved(given, creating=creating)
        # What cannot be created must not leave behind what it needs.
        present = {name: value for name, value in own.items() if value is not None}
        validate(self.entity, present, partial=True).raise_if_invalid(self.entity.__name__)
        fields = sample_fields(self.entity, self._number)
        _merge(fields, self._resolved(_left(self._defaults, given), creating=creating))
        _merge(fields, own)
        report = validate(self.entity, fields)
        if not report.is_valid:
            told = "; ".join(f"{entry.field} {entry.message}" for entry in report.errors)
            raise ValidationError(
                f"{self.entity.__name__}: a test has to give what its factory cannot derive, or gave what breaks a "
                f"rule: {told}",
                report,
            )
        return fields

    def _resolved(self, values: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        return {name: self._value(name, value, creating=creating) for name, value in values.items()}

    def _value(self, name: str, value: Any, *, creating: bool) -> Any:
        if isinstance(value, Factory):
            return id_of(value() if creating else value.build(), name)
        if isinstance(value, Entity):
            return id_of(value, name)
        if isinstance(value, dict):
            return self._resolved(value, creating=creating)
        return value(self._number) if callable(value) and not isinstance(value, Document) else value

    def _home(self) -> Any:
        if self._database is None:
            raise ValidationError(f"this factory of {self.entity.__name__} has no database; it can only build()")
        return self._database()

    def __repr__(self) -> str:
        return f"<Factory of {self.entity.__name__}, last number {self._number}>"


def id_of(entity: Entity, name: str) -> Any:
    """Return what names an entity in an attribute: the part of its primary key of that name, else the last part.

    >>> from madmall_models import User
    >>> id_of(User(user_id="u1"), "created_by")
    'u1'
    """
    parts = entity.key.field_names
    return entity.field_values()[name if name in parts else parts[-1]]


def _nested(cls: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by Python name, documents as dicts, whatever spelling they are given in; dotted names nested."""
    found: dict[str, Any] = {}
    for dotted, value in values.items():
        head, _, rest = dotted.partition(".")
        name = cls.python_name(head)
        attribute = cls.get_attributes()[name]
        if rest:
            value = {rest: value}
        if isinstance(attribute, Document) and isinstance(value, Mapping):
            _merge(found, {name: _nested(type(attribute), value)})
        else:
            found[name] = value
    return found


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        present = into.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        else:
            into[name] = value


def _left(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults that are not overridden; what they would make is not made in vain."""
    left = {}
    for name, default in defaults.items():
        if name not in given:
            left[name] = default
        elif isinstance(default, dict) and isinstance(given[name], dict):
            left[name] = _left(default, given[name])
    return left
