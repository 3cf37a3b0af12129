"""Hold good input for each entity, a good item, and the way to spoil them."""

from __future__ import annotations

from typing import Any

from madmall_models import ValidationReport
from madmall_models.rules import ERROR

USER: dict[str, Any] = {
    "userId": "u1",
    "email": "jane@example.com",
    "profile": {"firstName": "Jane", "lastName": "Smith", "communicationStyle": "x", "diagnosisStage": "x"},
}
CIRCLE: dict[str, Any] = {
    "circleId": "c1",
    "name": "Rest",
    "description": "A place",
    "type": "support_group",
    "createdBy": "u1",
}
STORY: dict[str, Any] = {
    "storyId": "s1",
    "title": "How it began",
    "content": "x" * 50,
    "author": {"id": "u1", "displayName": "Jane"},
}
BUSINESS: dict[str, Any] = {
    "businessId": "b1",
    "ownerId": "u1",
    "profile": {"name": "Rest", "description": "Tea", "contact": {"email": "a@example.com"}},
}
RESOURCE: dict[str, Any] = {
    "resourceId": "r1",
    "title": "Eating",
    "description": "What to eat",
    "summary": "Eat",
    "category": "nutrition",
    "author": {"id": "u1", "name": "Jane"},
}
IMAGE: dict[str, Any] = {
    "imageId": "i1",
    "url": "https://example.com/1.png",
    "altText": "Two friends on a bench",
    "category": "joy",
    "source": "stock",
}
FEEDBACK: dict[str, Any] = {"feedbackId": "f1", "imageId": "i1", "userId": "u1", "rating": 5}
INCIDENT: dict[str, Any] = {"incidentId": "n1", "triggeredBy": "staff", "priority": "p1", "summary": "It broke"}
REVIEW: dict[str, Any] = {"reviewId": "r1", "targetType": "image", "targetId": "i1", "submittedBy": "system"}
SOURCE: dict[str, Any] = {
    "sourceId": "s1",
    "provider": "nappy",
    "displayName": "Nappy",
    "licenseDefaults": {"licenseType": "royalty_free"},
}
PERSONALIZATION: dict[str, Any] = {"userId": "u1"}
ITEM: dict[str, Any] = {
    "PK": "USER#u1",
    "SK": "PROFILE",
    "entityType": "USER",
    "version": 1,
    "createdAt": "2026-11-22T12:00:00Z",
    "updatedAt": "2026-11-22T12:00:00.123Z",
    "userId": "u1",
}


def told(report: ValidationReport) -> set[tuple[str, str, str]]:
    return {(entry.field, entry.code, "error" if entry.severity is ERROR else "warning") for entry in report.entries}


def changed(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy in which a dotted path has another value; None takes it away."""
    head, _, rest = path.partition(".")
    inside = changed(data.get(head, {}), rest, value) if rest else value
    return {**{name: kept for name, kept in data.items() if name != head}, **({} if inside is None else {head: inside})}
