"""Carry what resources can do: listings, search, figures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from madmall_models import clock
from madmall_models.connection.retry import retried
from madmall_models.entities import Resource
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import VersionConflict
from madmall_models.manager import Manager
from madmall_models.managers.authorship import author_of, create_by
from madmall_models.managers.matching import contains_any, equals, in_tenant, narrowed
from madmall_models.query import Query

_RACES = 8
# A featured resource counts as published.
_PUBLISHED = ("published", "featured")


class ResourceManager(Manager[Resource]):
    """Be the operations of resources; ``db.resources``."""

    collection = "resources"

    def create_entity(self, entity: Resource) -> None:
        """Write a new resource, unless its author is being deleted.

        Raises:
            User.DoesNotExist: the author is being deleted. AlreadyExists, ValidationError, KeyValueError.
        """
        create_by(self.database, entity, author_of(entity))

    def get_by_type(self, type: str) -> Query[Resource]:
        """Return a lazy query of the resources of a type, by time of creation."""
        return self.asking(Resource.by_type, type=type)

    def get_by_category(self, category: str) -> Query[Resource]:
        """Return a lazy query of the resources of a category, by title."""
        return self.asking(Resource.by_category, category=category)

    def get_by_author(self, author_id: str) -> Query[Resource]:
        """Return a lazy query of an author's resources, by time of creation; each is fetched."""
        return self.asking(Resource.by_author, author_id=author_id)

    def get_resources_by_tenant(self, tenant_id: str = DEFAULT_TENANT) -> Query[Resource]:
        """Return a lazy query of a tenant's resources, by time of creation."""
        return self.of_tenant(tenant_id)

    def get_published_resources(self, tenant_id: str = DEFAULT_TENANT) -> Query[Resource]:
        """Return a lazy query of a tenant's published resources, featured ones too, by time of creation."""
        return self.of_tenant(tenant_id).filter(Resource.status.is_in(*_PUBLISHED))

    def get_featured_resources(self) -> Query[Resource]:
        """Return a lazy query of the featured resources, by time of publication."""
        return self.asking(Resource.featured)

    def search_resources(
        self,
        *,
        type: str | None = None,
        category: str | None = None,
        difficulty: str | None = None,
        tags: Iterable[str] = (),
        cultural_considerations: Iterable[str] = (),
        therapeutic_value: Iterable[str] = (),
        evidence_based: bool | None = None,
        tenant_id: str = DEFAULT_TENANT,
    ) -> Query[Resource]:
        """Return a lazy query of published and featured resources: any of each list, all of the criteria."""
        query = self._narrowest(type, category, tenant_id).filter(Resource.status.is_in(*_PUBLISHED))
        return narrowed(
            query,
            equals(Resource.type, type, name="type"),
            equals(Resource.category, category, name="category"),
            equals(Resource.metadata.difficulty, difficulty, name="difficulty"),
            contains_any(Resource.tags, tags, name="tags"),
            contains_any(
                Resource.metadata.cultural_considerations, cultural_considerations, name="cultural_considerations"
            ),
            contains_any(Resource.metadata.therapeutic_value, therapeutic_value, name="therapeutic_value"),
            None if evidence_based is None else Resource.metadata.evidence_based == evidence_based,
        )

    def publish(self, resource_id: str) -> Resource:
        """Publish a resource, now; one that is featured is so no longer."""
        return self.update(resource_id, status="published", published_at=clock.utc_now())

    def feature(self, resource_id: str) -> Resource:
        """Feature a resource; one that was never published is so from now on. It is listed while it is public.

        Raises:
            Resource.DoesNotExist: there is none.
        """

        def attempt() -> Resource:
            resource = self.get(resource_id, consistent=True)
            resource.status, resource.published_at = "featured", resource.published_at or clock.utc_now()
            return resource.save()

        return retried(attempt, lost=VersionConflict, most=_RACES)

    def archive(self, resource_id: str) -> Resource:
        """Archive a resource: out of the lists for readers, still there for its author."""
        return self.update(resource_id, status="archived")

    def update_engagement(self, resource_id: str, **changes: int | float | Decimal) -> None:
        """Add to counters of a resource and set ``average_rating``; ``version`` and ``updated_at`` stay."""
        self.measure(Resource.key.of(resource_id), changes, within="engagement")

    def _narrowest(self, type: str | None, category: str | None, tenant_id: str) -> Query[Resource]:
        """Return the query that reads least for these criteria."""
        if category is not None:
            return self.get_by_category(category).filter(in_tenant(Resource, tenant_id))
        if type is not None:
            return self.get_by_type(type).filter(in_tenant(Resource, tenant_id))
        return self.of_tenant(tenant_id)
