"""Turn a row into something that can be written, or say why it cannot be: the real encode path, without the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from madmall_models.attributes import camel_case
from madmall_models.errors import ItemTooLarge, KeyValueError, LimitExceeded, ValidationError
from madmall_models.footprint import Action, creation
from madmall_models.migration.mapping import Arguments, Mapping, Policy, Related, get_dotted
from madmall_models.migration.prepared import Prepared, text_of_key
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import Fault, RowRejected
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import Row
from madmall_models.writer import prepare_creation


class Preparation:
    """Prepare the rows of one table, in the order of the source.

    Of rows that claim one key or one unique value the first wins, however many writers there are: it is decided here.

    Args:
        mapping: how a row becomes an entity.
        lookup: finds the items that a row names.
        memory: what was claimed in this run.
        started_at: when the run started.
        dangles: called with the attribute of a reference that names nothing and is kept.
    """

    def __init__(
        self,
        mapping: Mapping,
        lookup: ReferenceLookup,
        memory: RunMemory,
        *,
        started_at: datetime,
        dangles: Callable[[str], None],
    ) -> None:
        self._mapping = mapping
        self._lookup = lookup
        self._memory = memory
        self._started_at = started_at
        self._dangles = dangles

    def prepare(self, row: Row) -> Prepared:
        """Return what is to be written for a row.

        Raises:
            RowRejected: a cast refused a column, a reference names nothing, the entity is not valid or cannot be
                stored, or an earlier row has the same key or unique value.
        """
        arguments = self._mapping.arguments(row.values, self._started_at)
        related, dangling = self._related(arguments)
        if self._mapping.settle is not None:
            arguments = self._mapping.settle(arguments, related)
        prepared = self._encoded(row, arguments)
        self._claim(row, prepared)
        for target in dangling:
            self._dangles(target)
        return prepared

    def _related(self, arguments: Arguments) -> tuple[Related, list[str]]:
        """Return what is remembered of the items that a row names, and the references that name nothing."""
        related: dict[str, Any] = {}
        faults: list[Fault] = []
        dangling: list[str] = []
        for reference in self._mapping.references:
            identifier = get_dotted(arguments, reference.target)
            found = None if identifier is None else self._lookup.find(reference.entity, identifier)
            related[reference.target] = found or {}
            if found is not None or identifier is None:
                # Whether a reference may be missing altogether is a rule of the entity.
                continue
            if reference.policy is Policy.KEEP:
                dangling.append(_stored_name(reference.target))
                continue
            message = f"names a {reference.entity.__name__} that was not moved and is not in the table"
            faults.append(Fault(_stored_name(reference.target), "MISSING_REFERENCE", message))
        if faults:
            raise RowRejected("reference", tuple(faults))
        return related, dangling

    def _encoded(self, row: Row, arguments: Arguments) -> Prepared:
        try:
            entity = self._mapping.entity(**arguments)
            return Prepared(row, entity, tuple(creation(prepare_creation(entity))))
        except ValidationError as error:
            faults = tuple(Fault(entry.field, entry.code, entry.message) for entry in error.errors)
            raise RowRejected("validate", faults or (Fault(None, "TYPE_ERROR", str(error)),)) from error
        except KeyValueError as error:
            raise RowRejected("validate", (Fault(None, "INVALID_KEY", str(error)),)) from error
        except ItemTooLarge as error:
            raise RowRejected("validate", (Fault(None, "ITEM_TOO_LARGE", str(error)),)) from error
        except LimitExceeded as error:
            raise RowRejected("validate", (Fault(None, "LIMIT_EXCEEDED", str(error)),)) from error

    def _claim(self, row: Row, prepared: Prepared) -> None:
        """Take the keys and unique values of a row for it, all or none."""
        places = [action for action in prepared.actions if not action.part.startswith("pointer:")]
        taken = [action for action in places if self._memory.is_claimed(text_of_key(action.key))]
        if taken:
            raise RowRejected("duplicate", (self._duplicate(taken[0]),))
        for action in places:
            self._memory.claim(text_of_key(action.key), row)

    def _duplicate(self, action: Action) -> Fault:
        if action.part.startswith("claim:"):
            field = claimed_field(self._mapping.entity, action.part)
            return Fault(field, "DUPLICATE_VALUE", "an earlier row has the same value, which must be unique")
        return Fault(None, "DUPLICATE_KEY", "an earlier row has the same key")


def claimed_field(entity: type[Any], part: str) -> str:
    """Return the stored name of the attribute that a claim, named as a part of a footprint, is about."""
    name = part.partition(":")[2]
    claim = entity.claims.get(name)
    return _stored_name(claim.template.field_names[0]) if claim is not None else name


def _stored_name(dotted: str) -> str:
    return ".".join(map(camel_case, dotted.split(".")))
