"""Hold the factories of one test, one for each entity of the platform, with what each needs to be created."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, TypeVar

from madmall_models.entities import (
    Activity,
    AdvisoryReview,
    Business,
    Circle,
    CircleMember,
    CohortMembership,
    Comment,
    Feedback,
    Image,
    Incident,
    Personalization,
    PremiumSource,
    Resource,
    Story,
    User,
)
from madmall_models.entity import Entity
from madmall_models.errors import ValidationError
from madmall_models.managers.advisory_review import SYSTEM
from madmall_models.testing.factory import Factory

E = TypeVar("E", bound=Entity)

# What an entity names, and must be there, or be somebody, for it to make sense: by attribute, the class.
NAMED: Mapping[type[Entity], Mapping[str, type[Entity]]] = {
    Circle: {"created_by": User},
    CircleMember: {"circle_id": Circle, "user_id": User},
    Story: {"author.id": User},
    Comment: {"story_id": Story, "author.id": User},
    Business: {"owner_id": User},
    Resource: {"author.id": User},
    Feedback: {"image_id": Image, "user_id": User},
    Activity: {"user_id": User, "entity_id": Story},
    Personalization: {"user_id": User},
    CohortMembership: {"user_id": User},
}
# What the declaration does not say.
_TEXT = "A text that is long enough for a story, since a short one is warned of."
_VALUES: Mapping[type[Entity], Mapping[str, Any]] = {
    AdvisoryReview: {"submitted_by": SYSTEM},
    Activity: {"entity_kind": Story.discriminator},
    Story: {"content": lambda number: f"{_TEXT} ({number})"},
    User: {"profile": {"first_name": "Jane", "last_name": lambda number: f"Smith {number}"}},
}
# What managers give to a new item.
_BUILT: Mapping[type[Entity], Mapping[str, Any]] = {Circle: {"stats": {"member_count": 1}}}
# The fixture of the pytest plugin that makes each.
MAKERS: Mapping[str, type[Entity]] = {
    "make_activity": Activity,
    "make_business": Business,
    "make_circle": Circle,
    "make_cohort_membership": CohortMembership,
    "make_comment": Comment,
    "make_feedback": Feedback,
    "make_image": Image,
    "make_incident": Incident,
    "make_member": CircleMember,
    "make_personalization": Personalization,
    "make_resource": Resource,
    "make_review": AdvisoryReview,
    "make_source": PremiumSource,
    "make_story": Story,
    "make_user": User,
}


class Factories:
    """The factories of one test: what one of them makes is numbered on where another asks for it.

    Args:
        database: gives the database to create in, when something is created; without it they only build.
    """

    def __init__(self, database: Callable[[], Any] | None = None) -> None:
        self._database = database
        self._factories: dict[type[Entity], Factory[Any]] = {}
        # Two factories of a class would give the same ids to what they create in one table.
        self._numbers: defaultdict[type[Entity], Iterator[int]] = defaultdict(lambda: count(1))

    def of(self, entity: type[E]) -> Factory[E]:
        """Return the factory of an entity; that of an application's own is derived from the declaration."""
        if entity not in self._factories:
            self._factories[entity] = self.made(entity)
        return self._factories[entity]

    def made(self, entity: type[E], **defaults: Any) -> Factory[E]:
        """Return a new factory of an entity, with values of its own for each one; see :class:`Factory`.

        Raises:
            ValidationError: it is no entity class, or a name is unknown.
        """
        if not (isinstance(entity, type) and issubclass(entity, Entity) and entity.discriminator):
            raise ValidationError(f"a factory makes entities, and {getattr(entity, '__name__', 'this')} is no entity")
        named = {name: self.of(parent) for name, parent in NAMED.get(entity, {}).items()}
        given = {**named, **_VALUES.get(entity, {}), **defaults}
        return Factory(entity, self._database, given, _BUILT.get(entity), self._numbers[entity])
