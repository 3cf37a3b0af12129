"""Make an example of an entity that keeps every rule; the same whenever it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.document import assigned_names
from madmall_models.errors import DeclarationError, MadMallError
from madmall_models.footprint import Footprint, footprint
from madmall_models.schema.description_json import json_item
from madmall_models.schema.entity_description import ExampleDescription
from madmall_models.schema.example_values import MOMENT, given_names, least_names, values_of

# An entity may say here, by Python name, what an example of it holds.
OWN_VALUES = "example_values"
_TTL_IS_PAST = "TTL_WARNING"


def example_of(entity: type[Any]) -> Any:
    """Return an example of an entity class: every attribute that can have a value has one.

    Where the values that are made up do not keep the rules, the class says better ones, by Python name:
    ``example_values = {"code": "AB-12"}``.

    Raises:
        DeclarationError: the values that were found do not keep the rules.
    """
    own: Mapping[str, Any] = getattr(entity, OWN_VALUES, {})
    values = {**values_of(entity, least_names(entity)), **own}
    fault = _fault(entity, values)
    if fault is not None:
        raise DeclarationError(
            f"{entity.__name__}: no example could be made of it ({fault}); "
            f"say on the class what one holds, as in {OWN_VALUES} = {{...}}"
        )
    warnings = _warnings(entity, values)
    for name in given_names(entity):
        if name in values or name == "ttl":
            continue
        more = {**values, **values_of(entity, [name])}
        if _fault(entity, more) is None and _warnings(entity, more) <= warnings:
            values = more
    return _made(entity, values)


def describe_example(example: Any) -> ExampleDescription:
    """Return what is stored of an example, and what else is written with it."""
    occupied = footprint(example)
    return ExampleDescription(
        item=json_item(occupied.item),
        dumped=type(example).schema().dump(example),
        size=occupied.item_bytes or 0,
        written_with={place: json_item(item) for place, item in _beside(occupied).items()},
    )


def _beside(occupied: Footprint) -> dict[str, Any]:
    kinds = {"mirror": occupied.mirrors, "pointer": occupied.pointers, "claim": occupied.claims}
    return {f"{kind}:{name}": item for kind, items in kinds.items() for name, item in items.items()}


def _made(entity: type[Any], values: Mapping[str, Any]) -> Any:
    example = entity(**values)
    example.reconcile(set(assigned_names(example)))
    example.version, example.created_at, example.updated_at = 1, MOMENT, MOMENT
    return example


def _fault(entity: type[Any], values: Mapping[str, Any]) -> str | None:
    """Return why an example with these values could not be stored, or None."""
    try:
        example = _made(entity, values)
        report = entity.validate(example)
        footprint(example)
    except MadMallError as error:
        return str(error)
    except (Exception, SystemExit) as error:
        # What an entity does with its own values is the application's code.
        return type(error).__name__
    return None if report.is_valid else "; ".join(f"{entry.field} {entry.message}" for entry in report.errors)


def _warnings(entity: type[Any], values: Mapping[str, Any]) -> int:
    """Return how much the rules warn of; that time passes is no fault of an example."""
    report = entity.validate(_made(entity, values))
    return sum(1 for entry in report.warnings if entry.code != _TTL_IS_PAST)
