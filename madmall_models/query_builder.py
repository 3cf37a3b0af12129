"""Put a query together from stored attribute names, where no declared key is asked.

What an entity declares is better asked by its keys (:mod:`madmall_models.query`). This is for what nobody declared: a
whole item collection, an undeclared attribute, a console or a tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any, Self

from pynamodb.expressions.condition import Condition

from madmall_models import condition as conditions
from madmall_models import document_path, limits, raw_condition
from madmall_models.errors import LimitExceeded, QueryError
from madmall_models.explanation import Explanation
from madmall_models.indexes import INDEXES
from madmall_models.raw_condition import NOTHING, PARTITION_KEYS, KeyCondition, shown
from madmall_models.raw_explanation import explain
from madmall_models.raw_request import RawRequest

_INDEX_NAMES = tuple(index.Meta.index_name for index in INDEXES)


@dataclass(frozen=True, repr=False)
class QueryBuilder:
    """A query by stored names. Every method returns a new builder; nothing is sent before :meth:`Database.run`.

    A dotted name leads into maps, and ``tags[0]`` into a list. Keys of this table are text: give whole key texts, or
    the beginning of one. Filters are joined by AND; :meth:`or_` and :meth:`not_` take the filters of other builders.

    >>> query = QueryBuilder.by_partition_key("PK", "USER#u1").begins_with("SK", "CIRCLE#").limit(20)
    >>> query.build()["KeyConditionExpression"]
    '#0 = :0 AND begins_with (#1, :1)'
    """

    keys: tuple[KeyCondition, ...] = ()
    filters: tuple[Condition, ...] = ()
    names: tuple[str, ...] = ()
    index: str | None = None
    most: int | None = None
    start: Mapping[str, str] | None = None
    consistent: bool | None = None
    forward: bool | None = None
    ordered_by: str | None = None

    @classmethod
    def create(cls) -> Self:
        """Return an empty builder."""
        return cls()

    @classmethod
    def by_partition_key(cls, attribute: str, value: str) -> Self:
        """Return the query of a whole partition of the table."""
        return cls().partition_key(attribute, value)

    @classmethod
    def by_keys(cls, partition: str, partition_value: str, sort: str, sort_value: str) -> Self:
        """Return the query of one key."""
        return cls().partition_key(partition, partition_value).sort_key(sort, "EQ", sort_value)

    @classmethod
    def by_keys_beginning(cls, partition: str, partition_value: str, sort: str, beginning: str) -> Self:
        """Return the query of the part of a partition whose sort keys begin with a text."""
        return cls().partition_key(partition, partition_value).begins_with(sort, beginning)

    @classmethod
    def gsi_by_partition_key(cls, index: str, attribute: str, value: str) -> Self:
        """Return the query of a whole partition of an index."""
        return cls.by_partition_key(attribute, value).use_index(index)

    @classmethod
    def gsi_by_keys(cls, index: str, partition: str, partition_value: str, sort: str, sort_value: str) -> Self:
        """Return the query of one key of an index; several items can have it."""
        return cls.by_keys(partition, partition_value, sort, sort_value).use_index(index)

    @classmethod
    def gsi_by_keys_beginning(cls, index: str, partition: str, partition_value: str, sort: str, beginning: str) -> Self:
        """Return the query of the part of an index's partition whose sort keys begin with a text."""
        return cls.by_keys_beginning(partition, partition_value, sort, beginning).use_index(index)

    # -- the key ---------------------------------------------------------------------------------------------------

    def key_condition(self, attribute: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Self:
        """Demand a key: ``EQ`` of a partition key; of a sort key also LT LE GT GE BETWEEN BEGINS_WITH.

        Args:
            attribute: PK or SK, or GSI1PK or GSI1SK, and so on to GSI4.
            operator: its name.
            value: the key text.
            values: the two bounds of ``BETWEEN``, both included.

        Raises:
            QueryError: it is no key attribute or has a condition already, or the operator or value is none for a key.
            KeyValueError: a value is longer than a key can be.
        """
        made = KeyCondition.of(attribute, operator, value, values)
        if any(made.name == known.name for known in self.keys):
            raise QueryError(f"{made.name} has a condition already; DynamoDB takes one on each key, so use BETWEEN")
        return replace(self, keys=(*self.keys, made))

    def partition_key(self, attribute: str, value: str) -> Self:
        """Demand a partition key; every query needs one."""
        if attribute not in PARTITION_KEYS:
            raise QueryError(f"{shown(attribute)} is no partition key; those are {', '.join(PARTITION_KEYS)}")
        return self.key_condition(attribute, "EQ", value)

    def sort_key(self, attribute: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Self:
        """Demand a sort key: EQ LT LE GT GE BETWEEN BEGINS_WITH."""
        if attribute not in raw_condition.SORT_KEYS:
            raise QueryError(f"{shown(attribute)} is no sort key; those are {', '.join(raw_condition.SORT_KEYS)}")
        return self.key_condition(attribute, operator, value, values)

    def begins_with(self, attribute: str, beginning: str) -> Self:
        """Demand a sort key that begins with a text; of other attributes a filter can demand it."""
        return self.key_condition(attribute, "BEGINS_WITH", beginning)

    def between(self, attribute: str, lower: str, upper: str) -> Self:
        """Demand a sort key between two texts, both included; of other attributes a filter can demand it."""
        return self.key_condition(attribute, "BETWEEN", values=[lower, upper])

    # -- the filter ------------------------------------------------------------------------------------------------

    def filter_condition(self, attribute: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Self:
        """Keep items that satisfy a condition as well; what it drops was read and is paid for.

        Args:
            attribute: stored name or path.
            operator: EQ NE LT LE GT GE BETWEEN IN BEGINS_WITH CONTAINS ATTRIBUTE_TYPE EXISTS NOT_EXISTS.
            value: any Python value that DynamoDB has a form for; None is its NULL, not a missing attribute.
            values: the list of values of BETWEEN (two bounds, both included) and IN (1 to 100).

        Raises:
            QueryError: the operator is unknown, or a value is missing or none for it.
        """
        return self._filtered(raw_condition.filter_condition(attribute, operator, value, values))

    def exists(self, attribute: str) -> Self:
        """Keep items that have the attribute, of whatever value."""
        return self.filter_condition(attribute, "EXISTS")

    def not_exists(self, attribute: str) -> Self:
        """Keep items that do not have the attribute."""
        return self.filter_condition(attribute, "NOT_EXISTS")

    def contains(self, attribute: str, value: Any) -> Self:
        """Keep items whose text has this part, or whose list or set has this member."""
        return self.filter_condition(attribute, "CONTAINS", value)

    def in_(self, attribute: str, values: Any) -> Self:
        """Keep items whose attribute is one of 1 to 100 values."""
        return self.filter_condition(attribute, "IN", values=values)

    def attribute_type(self, attribute: str, kind: str) -> Self:
        """Keep items whose attribute is of a type: S N B BOOL NULL L M SS NS BS."""
        return self.filter_condition(attribute, "ATTRIBUTE_TYPE", kind)

    def size(self, attribute: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Self:
        """Keep items by the size of an attribute: UTF-16 units of a text, bytes, or members."""
        return self._filtered(raw_condition.size_condition(attribute, operator, value, values))

    def or_(self, *alternatives: QueryBuilder) -> Self:
        """Keep items that satisfy all filters of one of these builders at least.

        Raises:
            QueryError: there are fewer than two, or one holds more than filters, or none.
        """
        if len(alternatives) < 2:
            raise QueryError("or_ takes two builders with filters or more")
        return self._filtered(reduce(or_, (_filter_of(builder, "or_") for builder in alternatives)))

    def not_(self, excluded: QueryBuilder) -> Self:
        """Keep items that do not satisfy all filters of a builder.

        Raises:
            QueryError: it holds more than filters, or none.
        """
        return self._filtered(~_filter_of(excluded, "not_"))

    # -- what is given ---------------------------------------------------------------------------------------------

    def project(self, *attributes: str) -> Self:
        """Give read-only rows of these attributes, instead of those named before; paths may be nested.

        Raises:
            QueryError: there is none, or one lies in another, which DynamoDB refuses.
        """
        if not attributes:
            raise QueryError("project takes the names of attributes; leave it out for whole items")
        clash = document_path.overlap([document_path.parse(name) for name in attributes])
        if clash is not None:
            raise QueryError("project: one path is, or lies in, another; name the outer one only")
        return replace(self, names=attributes)

    def use_index(self, name: str) -> Self:
        """Ask an index.

        Raises:
            QueryError: there is none of this name; those that are there are named.
        """
        if name not in _INDEX_NAMES:
            known = "; ".join(f"{index.Meta.index_name}: {index.purpose}" for index in INDEXES)
            raise QueryError(f"there is no index {shown(name)}; the indexes are {known}")
        return replace(self, index=name)

    def limit(self, most: int) -> Self:
        """Give pages of at most ``most`` matching items.

        Raises:
            QueryError: it is no whole number above 0.
        """
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise QueryError("a limit is a whole number above 0; leave it out for none")
        return replace(self, most=most)

    def exclusive_start_key(self, key: Mapping[str, Any]) -> Self:
        """Begin after an item: PK and SK, and of an index query its two keys, as text or DynamoDB attribute values.

        A page's cursor is the better way: it is signed, and bound to its query.

        Raises:
            QueryError: it is no mapping of key texts. That it belongs to the query is checked when that is whole.
        """
        texts: dict[str, str] = {}
        for name, value in key.items() if isinstance(key, Mapping) else ():
            text = value.get("S") if isinstance(value, Mapping) and len(value) == 1 else value
            if name not in PARTITION_KEYS + raw_condition.SORT_KEYS or not isinstance(text, str) or not text:
                raise QueryError("a start key holds key attributes only, and their values are texts")
            texts[name] = text
        if not texts:
            raise QueryError(
                "a start key is a mapping such as {'PK': ..., 'SK': ...}; leave it out to begin at the start"
            )
        return replace(self, start=texts)

    def consistent_read(self, on: bool = True) -> Self:
        """Reflect every write that was acknowledged before, of the table only; costs twice as much."""
        return replace(self, consistent=_flag(on, "consistent_read"))

    def scan_index_forward(self, forward: bool = True) -> Self:
        """Give the items in ascending order of the sort key, or in descending."""
        return replace(self, forward=_flag(forward, "scan_index_forward"))

    def sort_asc(self, attribute: str | None = None) -> Self:
        """Give the items in ascending order of the sort key; ``attribute`` may name it, and nothing else."""
        return replace(self, forward=True, ordered_by=attribute)

    def sort_desc(self, attribute: str | None = None) -> Self:
        """Give the items in descending order of the sort key; ``attribute`` may name it, and nothing else."""
        return replace(self, forward=False, ordered_by=attribute)

    # -- ending ----------------------------------------------------------------------------------------------------

    def build(self) -> dict[str, Any]:
        """Return the request of boto3's ``client.query``, without the table name; nothing is sent.

        ``Limit`` is the size of a page; DynamoDB counts what it reads, :meth:`Database.run` what matches.
        :meth:`Database.run` also hides expired items.

        Raises:
            QueryError: the query is not whole, or its parts do not fit together.
            LimitExceeded: an expression is over 4 KB or 300 operators, or the values are over 2 MB.
        """
        return self.request().parts()

    def request(self) -> RawRequest:
        """Return the request, checked as a whole.

        Raises:
            QueryError: as for :meth:`build`.
        """
        return RawRequest.of(self)

    def explain(self) -> Explanation:
        """Return what will be sent and what it costs, without sending it and without values of people."""
        return explain(self.request())

    def _filtered(self, condition: Condition) -> Self:
        made = replace(self, filters=(*self.filters, condition))
        count = sum(map(conditions.operator_count, made.filters))
        if count > limits.EXPRESSION_OPERATORS:
            raise LimitExceeded(f"the filters have over {limits.EXPRESSION_OPERATORS} operators; ask several times")
        return made

    def __repr__(self) -> str:
        return f"<QueryBuilder of {self.index or 'the table'}, {len(self.filters)} filters>"


def _filter_of(builder: Any, method: str) -> Condition:
    if not isinstance(builder, QueryBuilder) or not builder.filters or replace(builder, filters=()) != QueryBuilder():
        raise QueryError(f"{method} takes builders that hold filters only, as in QueryBuilder().exists('tags')")
    return reduce(and_, builder.filters)


def _flag(value: object, method: str) -> bool:
    if not isinstance(value, bool):
        raise QueryError(f"{method} takes True or False, not {type(value).__name__}")
    return value
