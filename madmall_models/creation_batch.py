"""Create many entities: several to a transaction, and each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from madmall_models import footprint as footprints
from madmall_models import signals
from madmall_models.batch_outcome import BatchOutcome
from madmall_models.errors import MadMallError, QueryError, ServiceError
from madmall_models.footprint import Action
from madmall_models.pack_writer import PackWriter, Verdict
from madmall_models.packing import packs
from madmall_models.sending import Refused
from madmall_models.writer import creation_error, prepare_creation


@dataclass(frozen=True, eq=False)
class NewEntity:
    """An entity that is valid, encoded and ready to be created."""

    entity: Any
    actions: tuple[Action, ...]

    @cached_property
    def byte_count(self) -> int:
        """Return the bytes of everything that is written."""
        return sum(action.byte_count for action in self.actions)


def checked_entities(entities: Iterable[Any], kind: type[Any], name: str) -> list[Any]:
    """Return the entities of a batch in the order given, the same object once.

    Raises:
        QueryError: something else was given.
    """
    if isinstance(entities, str | bytes | Mapping) or not isinstance(entities, Iterable):
        raise QueryError(f"{name} takes a list of entities, not {type(entities).__name__}")
    given = list({id(entity): entity for entity in entities}.values())
    strange = {type(entity).__name__ for entity in given if not isinstance(entity, kind)}
    if strange:
        raise QueryError(f"this {name} takes entities of {kind.__name__}, not {min(strange)}; none was sent")
    return given


def create_together(database: Any, entities: Sequence[Any]) -> None:
    """Create entities by transactions that hold as many whole creations as fit.

    Raises:
        BatchIncomplete: some were not written.
    """
    outcome = BatchOutcome(entities)
    writer = PackWriter[NewEntity](database.connection)
    for pack in packs(_prepared(entities, outcome)):
        if not outcome.goes_on:
            for creation in pack:
                outcome.untried(creation.entity)
            continue
        for verdict in writer.write(pack):
            if verdict.is_written:
                _accept(database, verdict.creation)
                outcome.written(verdict.creation.entity)
            else:
                outcome.refused(verdict.creation.entity, _reason(verdict))
    outcome.settle()


def create_in_turn(entities: Sequence[Any], create: Callable[[Any], None]) -> None:
    """Create entities one after another, each by the recipe of its manager.

    Raises:
        BatchIncomplete: some were not written.
    """
    outcome = BatchOutcome(entities)
    for entity in entities:
        if not outcome.goes_on:
            outcome.untried(entity)
            continue
        try:
            create(entity)
        except MadMallError as error:
            outcome.refused(entity, error)
        else:
            outcome.written(entity)
    outcome.settle()


def _prepared(entities: Sequence[Any], outcome: BatchOutcome) -> Iterable[NewEntity]:
    ready = []
    for entity in entities:
        try:
            ready.append(NewEntity(entity, tuple(footprints.creation(prepare_creation(entity)))))
        except MadMallError as error:
            outcome.refused(entity, error)
    return ready


def _accept(database: Any, creation: NewEntity) -> None:
    entity = creation.entity
    entity._remember(creation.actions[0].request["Item"], entity.unknown_attributes(), database)
    signals.announce(signals.item_created, type(entity), item=entity)


def _reason(verdict: Verdict[NewEntity]) -> MadMallError:
    """Return the error that creating the entity alone would have raised."""
    if verdict.error is not None:
        return verdict.error
    entity = verdict.creation.entity
    text = f"{type(entity).__name__}: the service takes no such item ({verdict.reasons[0].code})"
    return creation_error(entity, Refused(verdict.reasons, ServiceError(text, code="ValidationException")))
