"""Validate data before they become entities, with the codes of the system being replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from madmall_models.entities import (
    AdvisoryReview,
    Business,
    Circle,
    CircleMember,
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
from madmall_models.item_findings import consistency_findings, key_findings, stored_item
from madmall_models.limits import BATCH_WRITE_ITEMS
from madmall_models.rules import ERROR, WARNING, Entry, Severity, ValidationReport

_Told = tuple[str, str, Severity]
_REQUIRED_AUTHOR: Mapping[tuple[str, str], tuple[_Told, ...]] = {
    ("author", "REQUIRED"): (("author.id", "REQUIRED", ERROR),)
}

# Where the system being replaced told a finding by another field or code than the entity does. What could not be stored
# is an error here even where the original only warned of it: then both are told.
_TOLD_AS: Mapping[type[Entity], Mapping[tuple[str, str], tuple[_Told, ...]]] = {
    User: {
        ("profile.culturalBackground", "TYPE_ERROR"): (
            ("profile.culturalBackground", "TYPE_ERROR", ERROR),
            ("profile.culturalBackground", "TYPE_WARNING", WARNING),
        )
    },
    Story: _REQUIRED_AUTHOR,
    Resource: _REQUIRED_AUTHOR,
    Business: {("profile.contact", "REQUIRED"): (("profile.contact.email", "REQUIRED", ERROR),)},
    Image: {("altText", "REQUIRED"): (("altText", "MIN_LENGTH", ERROR),)},
    Feedback: {
        ("rating", "TYPE_ERROR"): (("rating", "TYPE_ERROR", ERROR), ("rating", "RANGE_ERROR", ERROR)),
        ("categories", "TYPE_ERROR"): (
            ("categories", "TYPE_ERROR", ERROR),
            ("categories", "TYPE_WARNING", WARNING),
        ),
    },
    Incident: {
        ("priority", "REQUIRED"): (("priority", "INVALID_VALUE", ERROR),),
        ("triggeredBy", "REQUIRED"): (("triggeredBy", "REQUIRED", ERROR), ("triggeredBy", "INVALID_VALUE", ERROR)),
    },
    AdvisoryReview: {("targetType", "REQUIRED"): (("targetType", "INVALID_VALUE", ERROR),)},
    PremiumSource: {("provider", "REQUIRED"): (("provider", "INVALID_VALUE", ERROR),)},
    Personalization: {
        (f"engagement.{count}", "TYPE_ERROR"): (
            (f"engagement.{count}", "TYPE_ERROR", ERROR),
            (f"engagement.{count}", "RANGE_WARNING", WARNING),
        )
        for count in ("impressions", "clicks")
    },
}


class DataValidator:
    """Validate data of every entity, and raw items; each method gives a report and never raises for what it is given.

    Data are a mapping, its names in either spelling, or an entity. :meth:`Entity.validate` finds the same; where the
    system being replaced named another field or code, the report has that one. An item is a mapping with stored names.

    >>> DataValidator.validate_keys({"PK": "USER#u1"}).errors[0].field
    'SK'
    """

    @staticmethod
    def validate_user(data: object) -> ValidationReport:
        """Validate data of a user."""
        return _validated(User, data)

    @staticmethod
    def validate_circle(data: object) -> ValidationReport:
        """Validate data of a circle."""
        return _validated(Circle, data)

    @staticmethod
    def validate_member(data: object) -> ValidationReport:
        """Validate data of a circle's member."""
        return _validated(CircleMember, data)

    @staticmethod
    def validate_story(data: object) -> ValidationReport:
        """Validate data of a story."""
        return _validated(Story, data)

    @staticmethod
    def validate_comment(data: object) -> ValidationReport:
        """Validate data of a comment on a story."""
        return _validated(Comment, data)

    @staticmethod
    def validate_business(data: object) -> ValidationReport:
        """Validate data of a business."""
        return _validated(Business, data)

    @staticmethod
    def validate_resource(data: object) -> ValidationReport:
        """Validate data of a resource."""
        return _validated(Resource, data)

    @staticmethod
    def validate_image_asset(data: object) -> ValidationReport:
        """Validate data of an image asset."""
        return _validated(Image, data)

    @staticmethod
    def validate_feedback(data: object) -> ValidationReport:
        """Validate data of the feedback on an image."""
        return _validated(Feedback, data)

    @staticmethod
    def validate_incident(data: object) -> ValidationReport:
        """Validate data of an incident."""
        return _validated(Incident, data)

    @staticmethod
    def validate_advisory_review(data: object) -> ValidationReport:
        """Validate data of a review by the advisory board."""
        return _validated(AdvisoryReview, data)

    @staticmethod
    def validate_premium_source(data: object) -> ValidationReport:
        """Validate data of a premium source of images."""
        return _validated(PremiumSource, data)

    @staticmethod
    def validate_personalization(data: object) -> ValidationReport:
        """Validate data of a user's personalization."""
        return _validated(Personalization, data)

    @staticmethod
    def validate_keys(item: object) -> ValidationReport:
        """Validate what every item has: PK, SK, entityType, version and both timestamps.

        Of an entity that is declared, PK and SK must be of its type (CONSISTENCY_ERROR), with the ids that are in the
        item. Index keys are not looked at: they are derived when an item is written.
        """
        return _of_item(item, key_findings)

    @staticmethod
    def validate_consistency(item: object) -> ValidationReport:
        """Validate that nothing in an item contradicts something else in it; what is absent contradicts nothing.

        Looked at are the two timestamps (field ``timestamps``), the time to live (TTL_WARNING once it is over), the
        primary key against type and ids, and what an entity keeps in line, such as a circle's status and isActive.
        """
        return _of_item(item, consistency_findings)

    @staticmethod
    def validate_batch(items: object, max_items: int = BATCH_WRITE_ITEMS) -> ValidationReport:
        """Validate the keys of a list of items, each finding under ``items[i].field``, and the list's length.

        Args:
            items: a list of items.
            max_items: how many it may have at most; the service writes 25 at once.
        """
        if not isinstance(items, list | tuple):
            return ValidationReport([Entry("items", "must be a list", "TYPE_ERROR", items)])
        if not items:
            return ValidationReport([Entry("items", "must have at least one item", "EMPTY_BATCH", items)])
        return ValidationReport(_batch_findings(items, max_items))


def _batch_findings(items: Iterable[object], max_items: int) -> Iterator[Entry]:
    items = list(items)
    if len(items) > max_items:
        yield Entry("items", f"must have at most {max_items} items", "BATCH_SIZE_EXCEEDED", len(items))
    for position, item in enumerate(items):
        for entry in DataValidator.validate_keys(item).entries:
            field = f"items[{position}]" if stored_item(item) is None else f"items[{position}].{entry.field}"
            yield replace(entry, field=field)


def _of_item(item: object, findings: Callable[[Mapping[str, object]], Iterator[Entry]]) -> ValidationReport:
    stored = stored_item(item)
    if stored is None:
        return ValidationReport([Entry("item", "must be a mapping or an entity", "TYPE_ERROR", item)])
    return ValidationReport(findings(stored))


def _validated(entity: type[Entity], data: object) -> ValidationReport:
    told_as = _TOLD_AS.get(entity, {})
    return ValidationReport(told for entry in entity.validate(data).entries for told in _told(entry, told_as))


def _told(entry: Entry, told_as: Mapping[tuple[str, str], tuple[_Told, ...]]) -> Iterator[Entry]:
    as_it_is: tuple[_Told, ...] = ((entry.field, entry.code, entry.severity),)
    for field, code, severity in told_as.get((entry.field, entry.code), as_it_is):
        yield replace(entry, field=field, code=code, severity=severity)
