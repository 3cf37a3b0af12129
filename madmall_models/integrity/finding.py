"""Name one thing that is not as the declarations say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A broken invariant.

    Attributes:
        rule: which one, for example ``mirror`` or ``member-count``.
        entity: name of the entity class, or the stored ``entityType`` where no class is known.
        key: the item's key, personal parts left out.
        fact: what is wrong, without values of people.
    """

    rule: str
    entity: str
    key: str
    fact: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.entity} {self.key}: {self.fact}"
