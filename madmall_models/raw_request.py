"""Hold the request that a query builder makes, once its parts are known to fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pynamodb.expressions.condition import Condition, IsType
from pynamodb.expressions.operand import Path, Value

from madmall_models import clock, document_path, limits
from madmall_models import condition as conditions
from madmall_models.errors import QueryError
from madmall_models.indexes import INDEXES, TableIndex
from madmall_models.page import fingerprint
from madmall_models.raw_condition import KeyCondition, shown

_TABLE_KEYS = ("PK", "SK")


@dataclass(frozen=True)
class RawRequest:
    """A query by stored names, whole and checked.

    Attributes:
        builder: what it was made of.
        partition: the condition on the partition key.
        sort: the condition on the sort key, if there is one.
    """

    builder: Any
    partition: KeyCondition
    sort: KeyCondition | None

    @classmethod
    def of(cls, builder: Any) -> RawRequest:
        """Return the request of a builder.

        Raises:
            QueryError: it is not whole, or its parts do not fit together. LimitExceeded: an expression is too long.
        """
        names = (f"{builder.index}PK", f"{builder.index}SK") if builder.index else _TABLE_KEYS
        known = {condition.name: condition for condition in builder.keys}
        _check_keys(known, names)
        request = cls(builder, known[names[0]], known.get(names[1]))
        for check in (_check_options, _check_filters, _check_start, _check_sizes):
            check(request)
        return request

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of the two key attributes that are asked."""
        return self.partition.name, self.partition.name.removesuffix("PK") + "SK"

    @cached_property
    def index(self) -> type[TableIndex] | None:
        """Return the index that is asked, None for the table."""
        return next((index for index in INDEXES if index.Meta.index_name == self.builder.index), None)

    @cached_property
    def hydrates(self) -> bool:
        """Tell whether whole items are fetched after the index was read, since it does not hold what is asked."""
        asked = {str(document_path.parse(name)[0]) for name in self.builder.names}
        return not self._holds(asked) or not self._holds(self._filtered_names()) or not self._holds_what_is_given()

    @property
    def filters_in_service(self) -> bool:
        """Tell whether DynamoDB evaluates the filters, rather than this package after fetching."""
        return self._holds(self._filtered_names())

    @property
    def hides_expired(self) -> bool:
        """Tell whether items whose time to live has passed are left out: not where only the index is read."""
        return self.hydrates or self._holds({"ttl"})

    def parts(self) -> dict[str, Any]:
        """Return the request as the builder states it, absent parts left out."""
        builder = self.builder
        options = {
            "IndexName": builder.index,
            "Limit": builder.most,
            "ExclusiveStartKey": {name: {"S": text} for name, text in builder.start.items()} if builder.start else None,
            "ConsistentRead": builder.consistent,
            "ScanIndexForward": builder.forward,
        }
        paths = [document_path.parse(name) for name in builder.names]
        stated = self._expressions(builder.filters, paths)
        return {**stated, **{name: value for name, value in options.items() if value is not None}}

    def sent(self) -> dict[str, Any]:
        """Return the request as it is sent: expired items hidden, keys projected, no limit."""
        filters = list(self.builder.filters) if self.filters_in_service else []
        if not self.hydrates and self.hides_expired:
            filters.append(still_alive())
        request = {**self.parts(), **self._expressions(filters, [] if self.hydrates else self._projection())}
        for name, needed in (("FilterExpression", filters), ("ProjectionExpression", not self.hydrates)):
            if not needed:
                request.pop(name, None)
        request.pop("Limit", None)
        return request

    def fingerprint(self, table: str) -> str:
        """Return a text that tells this query of a table from others; it binds cursors."""
        bound = {name: part for name, part in self.parts().items() if name not in ("Limit", "ExclusiveStartKey")}
        return fingerprint("builder", table, sorted(bound.items()))

    def meets_filters(self, item: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether an item satisfies every filter."""
        return all(conditions.matches(condition, item) for condition in self.builder.filters)

    def _projection(self) -> list[document_path.Steps]:
        """Return the paths to ask for: those of the rows, and the keys, which tell where to go on."""
        if not self.builder.names:
            return []
        # DynamoDB closes the gaps of a list whose members are projected, so that positions would change.
        asked = [document_path.up_to_a_position(document_path.parse(name)) for name in self.builder.names]
        paths = dict.fromkeys([*asked, *((name,) for name in (*_TABLE_KEYS, *self.names))])
        return [path for path in paths if not any(path[:length] in paths for length in range(1, len(path)))]

    def _expressions(self, filters: Sequence[Condition], paths: Iterable[document_path.Steps]) -> dict[str, Any]:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        keys = [condition.condition() for condition in (self.partition, self.sort) if condition is not None]
        expressions = {
            "KeyConditionExpression": " AND ".join(part.serialize(names, values) for part in keys),
            # PynamoDB puts AND, OR and NOT in parentheses itself; DynamoDB refuses a second pair.
            "FilterExpression": " AND ".join(part.serialize(names, values) for part in filters),
            "ProjectionExpression": ", ".join(
                Path(document_path.segments(path)).serialize(names, values) for path in paths
            ),
        }
        return {
            **{name: text for name, text in expressions.items() if text},
            "ExpressionAttributeNames": {placeholder: name for name, placeholder in names.items()},
            "ExpressionAttributeValues": values,
        }

    def _holds(self, names: Iterable[str]) -> bool:
        """Tell whether the index copies all of these attributes."""
        if self.index is None or self.index.projects_everything():
            return True
        return set(names) <= {*_TABLE_KEYS, *self.names, *self.index.projected_names()}

    def _holds_what_is_given(self) -> bool:
        return bool(self.builder.names) or self.index is None or self.index.projects_everything()

    def _filtered_names(self) -> set[str]:
        return {path[0] for condition in self.builder.filters for path in conditions.paths(condition)}


def still_alive() -> Condition:
    """Return the condition that the time to live of an item has not passed, or is no number and so none."""
    ttl, now = Path(["ttl"]), Value({"N": str(int(clock.utc_now().timestamp()))})
    alive: Condition = ~IsType(ttl, Value({"S": "N"})) | (ttl > now)
    return alive


def _check_keys(known: Mapping[str, KeyCondition], names: tuple[str, str]) -> None:
    where = "the table" if names == _TABLE_KEYS else names[0].removesuffix("PK")
    for name in known:
        if name not in names:
            other = name[:-2]
            fix = f"add use_index({other!r})" if other else "leave use_index out"
            raise QueryError(f"{name} is no key of {where}, whose keys are {' and '.join(names)}; {fix}")
    if names[0] not in known:
        raise QueryError(
            f"a query of {where} needs one partition: add partition_key({names[0]!r}, ...). "
            "Without one it would be a scan, which db.scan(...) does by name"
        )


def _check_options(request: RawRequest) -> None:
    builder = request.builder
    if builder.consistent and builder.index:
        raise QueryError(
            f"{builder.index} is an index, which DynamoDB never reads consistently; "
            "leave consistent_read out, or ask the table by PK"
        )
    if builder.ordered_by is not None and builder.ordered_by != request.names[1]:
        raise QueryError(
            f"items come in the order of {request.names[1]} and of nothing else, not of {shown(builder.ordered_by)}; "
            "use the index whose sort key has that order"
        )


def _check_filters(request: RawRequest) -> None:
    named = request._filtered_names() & set(request.names)
    if named:
        raise QueryError(
            f"a filter cannot name {', '.join(sorted(named))}, the key that is asked; "
            "narrow it by key_condition, begins_with or between"
        )


def _check_start(request: RawRequest) -> None:
    start = request.builder.start
    if start is None:
        return
    names = dict.fromkeys((*_TABLE_KEYS, *request.names))
    if set(start) != set(names):
        raise QueryError(f"the start key of this query holds {', '.join(names)}, no more and no less")
    item = {name: {"S": text} for name, text in start.items()}
    keys = [condition for condition in (request.partition, request.sort) if condition is not None]
    if not all(conditions.matches(condition.condition(), item) for condition in keys):
        raise QueryError("the start key lies outside of what is asked; give one of this query, or its page's cursor")


def _check_sizes(request: RawRequest) -> None:
    for parts in (request.parts(), request.sent()):
        limits.check_expressions(parts, operation="Query")
