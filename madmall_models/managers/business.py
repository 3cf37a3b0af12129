"""Carry what businesses can do: listings, search, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from madmall_models import clock
from madmall_models.connection.retry import retried
from madmall_models.entities import Business
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import ValidationError, VersionConflict
from madmall_models.manager import Manager
from madmall_models.managers.matching import checked_parts, contains_any, equals, narrowed
from madmall_models.query import Query

_RACES = 8
_ADDRESS_PARTS = ("city", "state", "country")


class BusinessManager(Manager[Business]):
    """Be the operations of businesses; ``db.businesses``."""

    collection = "businesses"

    def get_by_category(self, category: str) -> Query[Business]:
        """Return a lazy query of the businesses of a category, by name."""
        return self.asking(Business.by_category, category=category)

    def get_by_owner(self, owner_id: str) -> Query[Business]:
        """Return a lazy query of an owner's businesses."""
        return self.asking(Business.by_owner, owner_id=owner_id)

    def get_by_status(self, status: str) -> Query[Business]:
        """Return a lazy query of the businesses of a status, longest unchanged first."""
        return self.asking(Business.by_status, status=status)

    def get_verified_businesses(self) -> Query[Business]:
        """Return a lazy query of the verified businesses, by time of verification."""
        return self.asking(Business.verified)

    def get_featured_businesses(self) -> Query[Business]:
        """Return a lazy query of the businesses featured until later than now, soonest to end first."""
        return self.asking(Business.featured).from_now()

    def search_businesses(
        self,
        *,
        type: str | None = None,
        certifications: Iterable[str] = (),
        specialties: Iterable[str] = (),
        cultural_competencies: Iterable[str] = (),
        location: Mapping[str, str] | None = None,
        tenant_id: str = DEFAULT_TENANT,
    ) -> Query[Business]:
        """Return a lazy query of a tenant's active businesses: any of each list, all of the criteria.

        Raises:
            ValidationError: ``location`` has a part other than city, state and country.
        """
        place = checked_parts(location, *_ADDRESS_PARTS, name="location")
        address = Business.profile.contact.address
        query = self.of_tenant(tenant_id).filter(Business.status == "active")
        return narrowed(
            query,
            equals(Business.type, type, name="type"),
            contains_any(Business.certifications, certifications, name="certifications"),
            contains_any(Business.specialties, specialties, name="specialties"),
            contains_any(Business.cultural_competencies, cultural_competencies, name="cultural_competencies"),
            *(getattr(address, part) == text for part, text in place.items()),
        )

    def verify(self, business_id: str) -> Business:
        """Note that a business was verified; one that waited for it becomes active.

        A business that is verified already keeps the time of its verification, and a suspended one stays suspended.

        Raises:
            Business.DoesNotExist: there is none.
        """

        def attempt() -> Business:
            business = self.get(business_id, consistent=True)
            business.verified_at = business.verified_at or clock.utc_now()
            if business.status == "pending_verification":
                business.status = "active"
            return business.save()

        return retried(attempt, lost=VersionConflict, most=_RACES)

    def feature(self, business_id: str, *, until: datetime) -> Business:
        """Feature a business until a moment; it is listed while it is active.

        Raises:
            ValidationError: the moment has passed, or is no aware datetime. Business.DoesNotExist: there is none.
        """
        end = Business.featured_until.coerce(until)
        fault = Business.featured_until.fault(end)
        if fault is not None or end <= clock.utc_now():
            raise ValidationError(f"Business.featured_until takes {fault or 'a moment that is yet to come'}")
        return self.update(business_id, featured_until=end)

    def unfeature(self, business_id: str) -> Business:
        """Take a business off the list of the featured ones."""
        return self.update(business_id, featured_until=None)

    def update_metrics(self, business_id: str, **metrics: Decimal | float | int) -> None:
        """Set figures of a business; ``version`` and ``updated_at`` stay."""
        self.measure(Business.key.of(business_id), metrics, within="metrics")
