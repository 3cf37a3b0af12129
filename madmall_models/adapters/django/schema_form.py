"""Let a form keep the rules of a model: its schema judges, the form shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from madmall_models.adapters.http_status import public_answer
from madmall_models.entity import Entity
from madmall_models.errors import MadMallError, ValidationError


class SchemaForm(forms.Form):
    """Be a form whose fields are attributes of an entity, and whose rules are the entity's.

    Declare the fields as in any form, for their labels and widgets. What is required, how long a text may be and so on
    is said by the model, and its messages stand at the fields; what the field itself says of being required is left
    aside. What the model takes is in ``loaded`` once the form is valid::

        class CircleForm(SchemaForm):
            entity = Circle
            name = forms.CharField()
            type = forms.ChoiceField(choices=[(choice, choice) for choice in Circle.type.choices])

        if form.is_valid():
            Circle.objects.create(circle_id=new_id(), created_by=user_id, **form.loaded)

    Attributes:
        entity: the model.
        attributes: by name of a field the dotted Python name of its attribute, where that is another; an empty text for
            a field that is no attribute.
        loaded: what ``create`` and ``update`` of the manager take; empty while the form is not valid.
    """

    entity: ClassVar[type[Entity]]
    attributes: ClassVar[Mapping[str, str]] = {}
    loaded: Mapping[str, Any] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in self._paths():
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Judge what was typed by the schema of the entity."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        schema = self.entity.schema(only=list(self._paths().values()))
        try:
            self.loaded = schema.load(self._typed(schema, cleaned))
        except ValidationError as error:
            self.refuse(error)
        return cleaned

    def refuse(self, error: MadMallError) -> None:
        """Put what an error says at the fields that it is about, the rest at the form; for a write that was refused.

        A field that has a message keeps it alone.
        """
        answer = public_answer(error)
        fields = {stored: name for name, path in self._paths().items() for stored in (path, self._stored(path))}
        said = {fields.get(path): messages for path, messages in answer.fields.items()}
        for name, messages in said.items():
            if name is not None and name not in self.errors:
                self.add_error(name, list(messages))
        if set(said) <= {None}:
            self.add_error(None, f"{answer.title}. {answer.detail}")

    def _paths(self) -> dict[str, str]:
        """Return the attribute of each field that has one."""
        paths = {name: self.attributes.get(name, name) for name in self.fields}
        return {name: path for name, path in paths.items() if path}

    def _stored(self, path: str) -> str:
        return ".".join(self._stored_parts(self.entity.schema(), path))

    def _stored_parts(self, schema: Any, path: str) -> list[str]:
        """Return the names outside of a dotted path: ``profile.first_name`` is ``profile``, ``firstName``."""
        first, _, rest = path.partition(".")
        field = schema.fields[first]
        return [str(field.data_key), *(self._stored_parts(field.schema, rest) if rest else ())]

    def _typed(self, schema: Any, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed as the schema takes it; what was left empty is left out."""
        typed: dict[str, Any] = {}
        for name, path in self._paths().items():
            *documents, last = self._stored_parts(schema, path)
            inside = typed
            for document in documents:
                inside = inside.setdefault(document, {})
            value = cleaned.get(name)
            if value not in (None, ""):
                inside[last] = value.isoformat() if isinstance(value, datetime) else value
        return typed
