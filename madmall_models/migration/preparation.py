"""Turn a row into something that can be written, or say why it cannot be: the real encode path, without the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from madmall_models.attributes import camel_case
from madmall_models.errors import ItemTooLarge, KeyValueError, LimitExceeded, ValidationError
from madmall_models.footprint import Action, creation
from madmall_models.migration.forecast import Forecast
from madmall_models.migration.mapping import Arguments, Mapping, Policy, Related, get_dotted, with_dotted
from madmall_models.migration.prepared import Prepared, text_of_key
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import Fault, RowRejected
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import Row
from madmall_models.migration.stubs import Stubs
from madmall_models.writer import prepare_creation


class Remarks(Protocol):
    """Be told what is worth a remark in the report; see :class:`~madmall_models.migration.tally.Tally`."""

    def dangles(self, target: str, count: int = 1) -> None:
        """Hear that rows were kept although what they name is not there."""

    def stubbed(self, target: str) -> None:
        """Hear that an item was made for rows that name it."""

    def circles(self, target: str, count: int) -> None:
        """Hear that rows were kept although what they name leads back to themselves."""


@dataclass(frozen=True)
class _Named:
    """What the references of a row came to: what is known of the items, which dangle, and which need stubs."""

    related: Related
    dangling: tuple[str, ...]
    stubs: tuple[tuple[str, tuple[Any, ...]], ...]


class Preparation:
    """Prepare the rows of one table, in the order of the source.

    Of rows that claim one key or one unique value the first wins, however many writers there are: it is decided here.

    Args:
        mapping: how a row becomes an entity.
        lookup: finds the items that a row names.
        memory: what was claimed in this run.
        stubs: makes items that are named and not there, where the policy says so.
        started_at: when the run started.
        remarks: told what is kept or made for a row.
        forecast: what the counters of new items will come to; None where nothing is written.
    """

    def __init__(
        self,
        mapping: Mapping,
        lookup: ReferenceLookup,
        memory: RunMemory,
        *,
        stubs: Stubs,
        started_at: datetime,
        remarks: Remarks,
        forecast: Forecast | None = None,
    ) -> None:
        self._mapping = mapping
        self._lookup = lookup
        self._memory = memory
        self._stubs = stubs
        self._started_at = started_at
        self._remarks = remarks
        self._forecast = forecast
        self._counter = None if forecast is None else forecast.counter_of(mapping.entity)

    def prepare(self, row: Row) -> Prepared:
        """Return what is to be written for a row; stubs that it needs are written first.

        Raises:
            RowFiltered: a filter leaves the row out.
            RowRejected: a check fails, a cast refused a column, a reference names nothing, the entity is not valid or
                cannot be stored, or an earlier row has the same key or unique value.
        """
        arguments = self._mapping.arguments(row.values, self._started_at)
        named = self._named(arguments)
        if self._mapping.settle is not None:
            arguments = self._mapping.settle(arguments, named.related)
        arguments, foreseen = self._foreseen(arguments)
        prepared = self._encoded(row, arguments, foreseen)
        places = [action for action in prepared.actions if not action.part.startswith("pointer:")]
        self._refuse_duplicate(places)
        for field, entities in named.stubs:
            self._stubs.write(row, field, entities)
            self._remarks.stubbed(field)
        for action in places:
            self._memory.claim(text_of_key(action.key), row)
        for target in named.dangling:
            self._remarks.dangles(target)
        self._link(prepared, arguments)
        return prepared

    def finish(self) -> None:
        """Tell of the rows that name rows of their own table in vain, once every row has its outcome."""
        for reference in self._mapping.own_references:

            def is_there(ids: tuple[str, ...], entity: type[Any] = reference.entity) -> bool:
                return self._lookup.find(entity, *ids) is not None

            loose = self._memory.links.settle(reference.stored_name, is_there)
            if loose.dangling:
                self._remarks.dangles(reference.stored_name, loose.dangling)
            if loose.circular:
                self._remarks.circles(reference.stored_name, loose.circular)

    def _named(self, arguments: Arguments) -> _Named:
        """Return what the references of a row come to.

        Raises:
            RowRejected: some name nothing, and their policy is to reject.
        """
        related: dict[str, Any] = {}
        faults: list[Fault] = []
        dangling: list[str] = []
        stubs: list[tuple[str, tuple[Any, ...]]] = []
        for reference in self._mapping.references:
            ids = reference.ids(arguments)
            related[reference.target] = {}
            if ids is None or reference.entity is self._mapping.entity:
                # Whether a reference may be missing altogether is a rule of the entity.
                continue
            found = self._lookup.find(reference.entity, *ids)
            if found is not None:
                related[reference.target] = found
            elif reference.policy is Policy.KEEP:
                dangling.append(reference.stored_name)
            elif reference.policy is Policy.STUB:
                entities = self._stubs.entities(reference, ids[-1], arguments)
                related[reference.target] = self._lookup.remembered_of(entities[-1])
                stubs.append((reference.stored_name, entities))
            else:
                message = f"names a {reference.entity.__name__} that was not moved and is not in the table"
                faults.append(Fault(reference.stored_name, "MISSING_REFERENCE", message))
        if faults:
            raise RowRejected("reference", tuple(faults))
        return _Named(related, tuple(dangling), tuple(stubs))

    def _foreseen(self, arguments: Arguments) -> tuple[Arguments, int]:
        """Return arguments with the count that the rows to come will make true, and it; 0 where there is none."""
        if self._forecast is None or self._counter is None:
            return arguments, 0
        entity = self._mapping.entity
        [name] = entity.key.field_names
        identifier = arguments.get(name)
        count = self._forecast.count_of(entity, identifier) if isinstance(identifier, str) else 0
        counting = with_dotted(arguments, self._counter, count) if count else None
        return (arguments, 0) if counting is None else (counting, count)

    def _link(self, prepared: Prepared, arguments: Arguments) -> None:
        """Remember which rows of its own table a row names."""
        for reference in self._mapping.own_references:
            ids = reference.ids(arguments)
            if ids is not None:
                child = text_of_key(prepared.entity.item_key())
                # Validation has seen the parts of this key: they are attributes of the entity.
                parent = text_of_key(reference.entity.key.of(*ids))
                self._memory.link(reference.stored_name, child, parent, ids)

    def _encoded(self, row: Row, arguments: Arguments, foreseen: int) -> Prepared:
        try:
            entity = self._mapping.entity(**arguments)
            return Prepared(row, entity, tuple(creation(prepare_creation(entity))), foreseen)
        except ValidationError as error:
            faults = tuple(Fault(entry.field, entry.code, entry.message) for entry in error.errors)
            raise RowRejected("validate", faults or (Fault(None, "TYPE_ERROR", str(error)),)) from error
        except KeyValueError as error:
            raise RowRejected("validate", self._faults_of_key(arguments, error)) from error
        except ItemTooLarge as error:
            raise RowRejected("validate", (Fault(None, "ITEM_TOO_LARGE", str(error)),)) from error
        except LimitExceeded as error:
            raise RowRejected("validate", (Fault(None, "LIMIT_EXCEEDED", str(error)),)) from error

    def _faults_of_key(self, arguments: Arguments, error: KeyValueError) -> tuple[Fault, ...]:
        """Return which parts of the key a row lacks, else what is wrong with the key as a whole."""
        names = [name for name in self._mapping.entity.key.field_names if name != "created_at"]
        missing = [_stored_name(name) for name in names if get_dotted(arguments, name) is None]
        if missing:
            return tuple(Fault(name, "REQUIRED", "is required, since it is a part of the key") for name in missing)
        return (Fault(None, "INVALID_KEY", str(error)),)

    def _refuse_duplicate(self, places: list[Action]) -> None:
        """Refuse a row if an earlier one took a key or unique value of it."""
        for action in places:
            if self._memory.is_claimed(text_of_key(action.key)):
                raise RowRejected("duplicate", (self._duplicate(action),))

    def _duplicate(self, action: Action) -> Fault:
        if action.part.startswith("claim:"):
            field = claimed_field(self._mapping.entity, action.part)
            return Fault(field, "DUPLICATE_VALUE", "an earlier row has the same value, which must be unique")
        return Fault(None, "DUPLICATE_KEY", "an earlier row has the same key")


def claimed_field(entity: type[Any], part: str) -> str:
    """Return the stored name of the attribute that a claim, named as a part of a footprint, is about."""
    name = part.partition(":")[2]
    claim = next(claim for claim in entity.claims.values() if claim.field == name)
    return _stored_name(claim.template.field_names[0])


def _stored_name(dotted: str) -> str:
    return ".".join(map(camel_case, dotted.split(".")))
