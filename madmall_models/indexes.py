"""Declare the four indexes of the table. They are PynamoDB indexes; what each is for is said once, here."""

from __future__ import annotations

from typing import Any, ClassVar

from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from madmall_models.attributes import UnicodeAttribute
from madmall_models.keys import IndexKey, Predicate


class TableIndex(GlobalSecondaryIndex[Any]):
    """Be an index that several entities share, each with keys of its own."""

    purpose: ClassVar[str] = ""

    @classmethod
    def key(cls, partition: str, sort: str, *, answers: str = "", when: Predicate | None = None) -> IndexKey:
        """Return an entity's key in this index, for a class body.

        Args:
            partition: template of the partition key.
            sort: template of the sort key.
            answers: the question that the key answers, in English.
            when: a predicate over the entity; where it is false, the item is not in the index.
        """
        return IndexKey(cls, partition, sort, answers=answers, when=when)

    @classmethod
    def projects_everything(cls) -> bool:
        """Tell whether the index holds whole items, so that they need not be fetched after it was read."""
        return isinstance(cls.Meta.projection, AllProjection)

    @classmethod
    def projected_names(cls) -> tuple[str, ...]:
        """Return the stored names of the attributes that the index copies beside the keys."""
        return tuple(cls.Meta.projection.non_key_attributes or ())


class GSI1(TableIndex):
    """Alternate keys: e-mail, type, category, author. Holds whole items."""

    purpose = "alternate keys: e-mail, type, category, author"

    class Meta:
        """Name the index and what it copies."""

        index_name = "GSI1"
        projection = AllProjection()

    GSI1PK = UnicodeAttribute(hash_key=True, attr_name="GSI1PK")
    GSI1SK = UnicodeAttribute(range_key=True, attr_name="GSI1SK")


class GSI2(TableIndex):
    """Feeds in order of time, and second lookups. Holds whole items."""

    purpose = "feeds in order of time, and second lookups"

    class Meta:
        """Name the index and what it copies."""

        index_name = "GSI2"
        projection = AllProjection()

    GSI2PK = UnicodeAttribute(hash_key=True, attr_name="GSI2PK")
    GSI2SK = UnicodeAttribute(range_key=True, attr_name="GSI2SK")


class GSI3(TableIndex):
    """Items by status. Holds keys only: the items are fetched after the index was read."""

    purpose = "items by status"

    class Meta:
        """Name the index and what it copies."""

        index_name = "GSI3"
        projection = KeysOnlyProjection()

    GSI3PK = UnicodeAttribute(hash_key=True, attr_name="GSI3PK")
    GSI3SK = UnicodeAttribute(range_key=True, attr_name="GSI3SK")


class GSI4(TableIndex):
    """Items of a tenant. Holds four attributes: the items are fetched after the index was read."""

    purpose = "items of a tenant"

    class Meta:
        """Name the index and what it copies."""

        index_name = "GSI4"
        projection = IncludeProjection(["entityType", "status", "createdAt", "updatedAt"])

    GSI4PK = UnicodeAttribute(hash_key=True, attr_name="GSI4PK")
    GSI4SK = UnicodeAttribute(range_key=True, attr_name="GSI4SK")


INDEXES: tuple[type[TableIndex], ...] = (GSI1, GSI2, GSI3, GSI4)
