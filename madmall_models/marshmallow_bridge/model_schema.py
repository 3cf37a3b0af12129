"""Be the schema of a model: camelCase outside, Python names inside."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NoReturn

import marshmallow
from marshmallow import Schema, post_dump, post_load, pre_load, validates_schema
from pynamodb.attributes import AttributeContainer

from madmall_models.marshmallow_bridge.message import InvalidInput, Message, nested_messages, refusal
from madmall_models.marshmallow_bridge.scalar_fields import json_form
from madmall_models.rules import ERROR, Entry, Rules, ValidationReport, findings_about_times, validate

_UNKNOWN = Message("is no field", "UNKNOWN_FIELD")
_MESSAGES: dict[str, str] = {"unknown": _UNKNOWN, "type": Message("must be a map", "TYPE_ERROR")}


class ModelSchema(Schema):
    """Load and dump a model as its attributes and rules say; made by :func:`schema_class`, or a subclass of that.

    What an item does not have is not in the dump. The error of :meth:`load` is an :class:`InvalidInput`.

    Attributes:
        model: the model or map class.
        makes_instances: whether :meth:`load` gives instances of it rather than keywords; changes are always keywords.
    """

    model: ClassVar[Any] = None
    makes_instances: ClassVar[bool] = False
    error_messages = _MESSAGES

    class Meta:
        """Keep generated classes out of marshmallow's registry of names."""

        register = False

    def report(self, data: Any) -> ValidationReport:
        """Return what the rules say about input, warnings too; unknown names are passed over.

        :meth:`load` refuses what has errors in the report. Texts for decimals are taken by it alone.
        """
        return validate(self.model, data, partial=self.partial is True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return a value of a model or mapping by its Python name, ``default`` where there is none."""
        value = obj.get(attr) if isinstance(obj, Mapping) else getattr(obj, attr, None)
        return default if value is None else value

    def handle_error(self, error: marshmallow.ValidationError, data: Any, *, many: bool, **kwargs: Any) -> NoReturn:
        """Raise what is wrong as an error of both libraries.

        Raises:
            InvalidInput: always.
        """
        messages = error.messages if isinstance(error.messages, dict) else {}
        for item in messages.values() if many else [messages]:
            if isinstance(item, dict):
                self._hint(item)
        raise InvalidInput(self.model.__name__, error) from None

    def _hint(self, messages: dict[Any, Any]) -> None:
        kept = {self._outside(name) for name in self.fields if name not in self.load_fields}
        takes = [self._outside(name) for name in self.load_fields]
        for name, texts in messages.items():
            if not (isinstance(texts, list) and any(text is _UNKNOWN for text in texts)):
                continue
            near = difflib.get_close_matches(str(name), takes, 1)
            if name in kept:
                messages[name] = [Message("is kept for you and cannot be given", "READ_ONLY")]
            elif near:
                messages[name] = [Message(f"{_UNKNOWN}; did you mean {near[0]!r}?", _UNKNOWN.code)]

    def _outside(self, name: str) -> str:
        field = self.fields[name]
        return name if field.data_key is None else field.data_key

    @pre_load(pass_collection=True)
    def check_list(self, data: Any, *, many: bool, **kwargs: Any) -> Any:
        """Return what is loaded; a map or a text would pass for a list without items, or of letters.

        Raises:
            marshmallow.ValidationError: many are loaded, and it is no list.
        """
        if many and not isinstance(data, list | tuple):
            raise refusal("must be a list", "TYPE_ERROR")
        return data

    @validates_schema(pass_original=True)
    def check_whole(self, data: dict[str, Any], original: Any, *, partial: Any = None, **kwargs: Any) -> None:
        """Refuse values that contradict each other.

        Raises:
            marshmallow.ValidationError: some do.
        """
        given = self._given(data, original)
        findings = [entry for entry in self._findings(given, partial is True) if entry.severity is ERROR]
        if findings:
            raise marshmallow.ValidationError(nested_messages(iter(findings)))

    def _given(self, data: Mapping[str, Any], original: Any) -> dict[str, Any]:
        """Return what was given, defaults left out."""
        if not isinstance(original, Mapping):
            return {}
        return {
            name: value
            for name, value in data.items()
            if value is not None and name in self.fields and original.get(self._outside(name)) is not None
        }

    def _findings(self, given: Mapping[str, Any], partial: bool) -> Iterator[Entry]:
        rules = getattr(self.model, "rules", None)
        for check in rules.checks if isinstance(rules, Rules) else ():
            yield from check(given)
        yield from findings_about_times(given)
        contradictions: Callable[[Any], ValidationReport] | None = getattr(self.model, "contradictions", None)
        if contradictions is not None and not partial:
            yield from contradictions(given).entries

    @post_load
    def make_instance(self, data: dict[str, Any], *, partial: Any = None, **kwargs: Any) -> Any:
        """Return an instance where the schema makes them; changes, and all else, stay keywords."""
        return self.model(**data) if self.makes_instances and partial is not True else data


class DynamicMapSchema(ModelSchema):
    """Take names that a map does not declare, and show them."""

    class Meta:
        """Take what is not declared too."""

        register = False
        unknown = marshmallow.INCLUDE

    @post_dump(pass_original=True)
    def show_undeclared(self, shown: dict[str, Any], original: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the map holds and does not declare."""
        held = original.attribute_values if isinstance(original, AttributeContainer) else original
        # PynamoDB, when it reads such a map, leaves a value of its own in it.
        known = {*self.fields, "attribute_values"}
        undeclared = {name: json_form(value) for name, value in held.items() if name not in known}
        return {**undeclared, **shown}
