"""Make the description of a table out of the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blinker import NamedSignal

from madmall_models import signals
from madmall_models.attributes import IdAttribute
from madmall_models.entity import Entity
from madmall_models.indexes import INDEXES, TableIndex
from madmall_models.keys import IndexKey, Key, Mirror, Pointer, PrimaryKey
from madmall_models.schema.access_patterns import EntityPatterns
from madmall_models.schema.attributes import checks_of, describe_attributes
from madmall_models.schema.description import VERSION, Description
from madmall_models.schema.entity_description import (
    AttributeDescription,
    ClaimDescription,
    EntityDescription,
    KeyDescription,
)
from madmall_models.schema.entity_modules import selected
from madmall_models.schema.example import describe_example, example_of
from madmall_models.schema.item_collections import collections_of, relationships_of
from madmall_models.schema.managers import calls_by_pattern, describe_every_manager, describe_manager
from madmall_models.schema.pattern_description import AccessPatternDescription
from madmall_models.schema.table_description import (
    IndexDescription,
    IndexUse,
    SignalDescription,
    TableDescription,
)
from madmall_models.schema.words import docstring_of
from madmall_models.table import TTL_ATTRIBUTE, table_request

_SIGNAL = re.compile(r"Sender: (?P<sender>.*?)\. Keywords: (?P<keywords>.*?)\. Moment: (?P<moment>.*)\.", re.DOTALL)
_EVERY_ENTITY = "the entity class"
_OF_MEASUREMENTS = "stats_incremented"


def describe(modules: Sequence[str] = (), *, only: bool = False) -> Description:
    """Return the description of our entities, with those of an application's own modules.

    Args:
        modules: dotted paths of modules that declare entities, as in ``my_app.models``; each is imported.
        only: whether our own entities are left out.

    Raises:
        EntityModuleError: a module is not there, fails when it is imported, or declares no entity.
        ConfigurationError: ``only`` without a module.
        DeclarationError: of an entity no example could be made.

    >>> from madmall_models.schema import describe
    >>> describe().access_patterns[0].name
    'Activity.get'
    """
    return describe_classes(selected(modules, only=only), modules=tuple(sorted(set(modules))))


def describe_classes(classes: Sequence[type[Any]], *, modules: tuple[str, ...] = ()) -> Description:
    """Return the description of these entity classes, in this order."""
    examples = {cls: example_of(cls) for cls in classes}
    collections = collections_of(classes)
    ids = _ids_of(examples)
    calls = calls_by_pattern({cls: {**ids, **_values_of(examples[cls])} for cls in classes})
    patterns = [
        pattern for cls in classes for pattern in EntityPatterns(cls, examples, calls, collections).describe()
    ]
    told = describe_signals()
    return Description(
        version=VERSION,
        modules=modules,
        access_patterns=tuple(patterns),
        table=describe_table(),
        indexes=tuple(_index(index, classes) for index in INDEXES),
        item_collections=tuple(collection.describe() for collection in collections),
        entities=tuple(_entity(cls, examples[cls], patterns, told) for cls in classes),
        relationships=relationships_of(classes, collections),
        signals=told,
        every_manager=describe_every_manager(),
    )


def describe_table() -> TableDescription:
    """Return the table that the declarations ask for."""
    request = table_request("", None)
    return TableDescription(
        partition_key=request["KeySchema"][0]["AttributeName"],
        sort_key=request["KeySchema"][1]["AttributeName"],
        attribute_types={each["AttributeName"]: each["AttributeType"] for each in request["AttributeDefinitions"]},
        discriminator=Entity.get_attributes()["entity_type"].attr_name,
        time_to_live=TTL_ATTRIBUTE,
        stream=request["StreamSpecification"]["StreamViewType"],
        billing=request["BillingMode"],
    )


def describe_signals() -> tuple[SignalDescription, ...]:
    """Return the signals that the package sends, by name."""
    found = []
    for name, signal in sorted(vars(signals).items()):
        parts = _SIGNAL.fullmatch(signal.__doc__ or "") if isinstance(signal, NamedSignal) else None
        if parts is not None:
            found.append(SignalDescription(name, **parts.groupdict()))
    return tuple(found)


def _index(index: type[TableIndex], classes: Iterable[type[Any]]) -> IndexDescription:
    request = {each["IndexName"]: each for each in table_request("", None)["GlobalSecondaryIndexes"]}
    stated = request[index.Meta.index_name]
    keys = [key for cls in classes for key in cls.keys.values() if isinstance(key, IndexKey) and key.index is index]
    return IndexDescription(
        name=stated["IndexName"],
        purpose=index.purpose,
        partition_key=stated["KeySchema"][0]["AttributeName"],
        sort_key=stated["KeySchema"][1]["AttributeName"],
        projection=stated["Projection"]["ProjectionType"],
        projected=index.projected_names(),
        hydrates=not index.projects_everything(),
        shared_by=tuple(
            IndexUse(key.entity.__name__, key.label, key.partition.text, key.sort.text, key.when is not None)
            for key in keys
        ),
    )


def _entity(
    cls: Any, example: Any, patterns: Sequence[AccessPatternDescription], told: Sequence[SignalDescription]
) -> EntityDescription:
    keys = {kind: [key for key in cls.keys.values() if isinstance(key, kind)] for kind in (IndexKey, Mirror, Pointer)}
    attributes = describe_attributes(cls)
    measured = _has_measured(attributes)
    return EntityDescription(
        name=cls.__name__,
        module=cls.__module__,
        discriminator=cls.discriminator,
        text=docstring_of(cls),
        primary_key=_key(cls.key, example),
        index_keys=tuple(_key(key, example) for key in keys[IndexKey]),
        mirrors=tuple(_key(key, example) for key in keys[Mirror]),
        pointers=tuple(_key(key, example) for key in keys[Pointer]),
        claims=tuple(_claim(cls, name) for name in cls.claims),
        attributes=attributes,
        checks=checks_of(cls),
        manager=describe_manager(cls),
        signals=tuple(signal.name for signal in told if _tells_of(signal, cls, measured=measured)),
        access_patterns=tuple(pattern.name for pattern in patterns if pattern.entity == cls.__name__),
        example=describe_example(example),
    )


def _has_measured(attributes: Sequence[AttributeDescription]) -> bool:
    documents = [each.document for each in attributes if each.document]
    return any(each.measured for each in attributes) or any(_has_measured(each.attributes) for each in documents)


def _key(key: Key, example: Any) -> KeyDescription:
    stored = key.stored_key(example.field_values()) if key.applies_to(example) else None
    return KeyDescription(
        name=key.name,
        index=key.index_name if not isinstance(key, PrimaryKey | Mirror | Pointer) else "table",
        partition_key=key.partition.text,
        sort_key=key.sort.text,
        fields=key.field_names,
        sparse=key.when is not None,
        answers=key.answers,
        example=() if stored is None else (stored.partition, stored.sort),
    )


def _claim(cls: Any, name: str) -> ClaimDescription:
    claim = cls.claims[name]
    return ClaimDescription(name, claim.field, claim.template.text, claim.partition.text, claim.sort_key)


def _tells_of(signal: SignalDescription, cls: type[Any], *, measured: bool) -> bool:
    if signal.sender == _EVERY_ENTITY:
        return measured or signal.name != _OF_MEASUREMENTS
    return signal.sender == cls.__name__


def _ids_of(examples: Mapping[type[Any], Any]) -> dict[str, Any]:
    """Return the ids of all examples by the name of the attribute, for calls that take the id of another entity."""
    known: dict[str, Any] = {}
    for cls, example in examples.items():
        for name, attribute in cls.get_attributes().items():
            if isinstance(attribute, IdAttribute) and getattr(example, name) is not None:
                known.setdefault(name, getattr(example, name))
    return known


def _values_of(example: Any) -> dict[str, Any]:
    """Return the values of an example by the names that parameters have: ``author_id`` for ``author.id``."""
    values = {name: value for name, value in example.attribute_values.items() if value is not None}
    for key in example.keys.values():
        values |= {name.replace(".", "_"): example.field_values()[name] for name in key.field_names}
    return {name: value for name, value in values.items() if value is not None}
