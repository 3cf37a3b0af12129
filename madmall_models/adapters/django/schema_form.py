"""Let a form keep the rules of a model: its schema judges, the form shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from madmall_models.adapters.http_status import public_answer
from madmall_models.entity import Entity
from madmall_models.errors import MadMallError, ValidationError
from madmall_models.marshmallow_bridge import ModelSchema


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
        attributes: by name of a field the dotted Python name of its attribute, where that is another; none (``()``) for
            a field that is no attribute, several for one whose value :meth:`attribute_values` takes apart.
        loaded: what ``create`` and ``update`` of the manager take; empty while the form is not valid.
    """

    entity: ClassVar[type[Entity]]
    attributes: ClassVar[Mapping[str, str | tuple[str, ...]]] = {}
    loaded: Mapping[str, Any] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, paths in self._paths().items():
            if paths:
                self.fields[name].required = False

    def schema(self, only: list[str]) -> ModelSchema:
        """Return what judges these attributes; a form with further rules gives a schema derived from the entity's."""
        return self.entity.schema(only=only)

    def attribute_values(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed by dotted Python name; a form with a field for several attributes overrides this."""
        single = {name: paths[0] for name, paths in self._paths().items() if len(paths) == 1}
        return {path: cleaned.get(name) for name, path in single.items()}

    def clean(self) -> dict[str, Any]:
        """Judge what was typed by the schema of the entity."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = [path for paths in self._paths().values() for path in paths]
        try:
            self.loaded = self.schema(asked).load(self._typed(asked, self.attribute_values(cleaned)))
        except ValidationError as error:
            self.refuse(error)
        return cleaned

    def refuse(self, error: MadMallError) -> None:
        """Put what an error says at the fields that it is about, the rest at the form; for a write that was refused.

        A field that has a message keeps it alone.
        """
        answer = public_answer(error)
        fields = {path: name for name, paths in self._paths().items() for path in (*paths, *map(self._stored, paths))}
        said: dict[str | None, list[str]] = {}
        for path, messages in answer.fields.items():
            said.setdefault(fields.get(path), []).extend(messages)
        wrong = {name for name in said if name is not None}
        for name in wrong - set(self.errors):
            # One field may stand for several attributes, all of which say the same of it.
            self.add_error(name, list(dict.fromkeys(said[name])))
        if not wrong:
            self.add_error(None, f"{answer.title}. {answer.detail}")

    def _paths(self) -> dict[str, tuple[str, ...]]:
        """Return the attributes of each field."""
        said = {name: self.attributes.get(name, name) for name in self.fields}
        return {name: (paths,) if isinstance(paths, str) else paths for name, paths in said.items()}

    def _stored(self, path: str) -> str:
        return ".".join(_stored_parts(self.entity.schema(), path))

    def _typed(self, paths: list[str], values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as the schema takes them; what was left empty is left out."""
        typed: dict[str, Any] = {}
        for path in paths:
            *documents, last = _stored_parts(self.entity.schema(), path)
            inside = typed
            for document in documents:
                inside = inside.setdefault(document, {})
            value = values.get(path)
            if value not in (None, ""):
                inside[last] = value.isoformat() if isinstance(value, datetime) else value
        return typed


def _stored_parts(schema: Any, path: str) -> list[str]:
    """Return the names outside of a dotted path: of ``profile.first_name`` they are ``profile``, ``firstName``."""
    first, _, rest = path.partition(".")
    field = schema.fields[first]
    return [str(field.data_key), *(_stored_parts(field.schema, rest) if rest else ())]
