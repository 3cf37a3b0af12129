"""Name one thing that is not as the declarations say."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """A broken invariant.

    Attributes:
        rule: which one, for example ``mirror`` or ``member-count``.
        entity: name of the entity class, or the stored ``entityType`` where no class is known.
        key: the item's key, personal parts left out.
        fact: what is wrong, without values of people.
        place: the primary key of the entity's item, for programs that look it up; never shown.
        attribute: stored name of the one attribute that is wrong, None where it is not one.
    """

    rule: str
    entity: str
    key: str
    fact: str
    place: tuple[str, str] | None = field(default=None, repr=False, compare=False)
    attribute: str | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.rule}: {self.entity} {self.key}: {self.fact}"
