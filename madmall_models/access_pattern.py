"""Describe a question that the design answers with one key: what is asked, of which index, with which fields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AccessPattern:
    """A declared question.

    Attributes:
        entity: the name of the entity class that is asked.
        name: the name of the key on it, so that ``entity.name`` is the place to ask.
        index: ``table`` or the name of the index.
        partition_key: the template of the partition key.
        sort_key: the template of the sort key.
        fields: what must be given: the fields of the partition key.
        answers: the question in English.
        hydrates: whether the items are fetched after the index was read.
        sparse: whether some items of the entity are left out on purpose.
    """

    entity: str
    name: str
    index: str
    partition_key: str
    sort_key: str
    fields: tuple[str, ...]
    answers: str
    hydrates: bool = False
    sparse: bool = False

    def __str__(self) -> str:
        return f"{self.entity}.{self.name}: {self.answers}"
