"""Make images, feedback, incidents and premium sources with the least that each needs."""

from __future__ import annotations

from typing import Any

from madmall_models import Database, Feedback, Image, Incident, PremiumSource

SCORES = {"cultural_score": 0.9, "sensitivity_score": 0.85, "inclusivity_score": 0.8}


def make_image(db: Database, image_id: str = "i1", **fields: Any) -> Image:
    given: dict[str, Any] = {
        "image_id": image_id,
        "url": f"https://example.org/{image_id}.png",
        "alt_text": "Two women laughing",
        "category": "joy",
        "source": "stock",
    }
    return db.images.create(**{**given, **fields})


def make_feedback(
    db: Database, feedback_id: str = "f1", image: str = "i1", user: str = "u1", rating: int = 4, **fields: Any
) -> Feedback:
    return db.feedback.create_for_image(image_id=image, user_id=user, rating=rating, feedback_id=feedback_id, **fields)


def make_incident(db: Database, incident_id: str = "n1", **fields: Any) -> Incident:
    given: dict[str, Any] = {"triggered_by": "staff", "priority": "p2", "summary": "A picture offends."}
    return db.incidents.create_incident(incident_id=incident_id, **{**given, **fields})


def make_source(db: Database, source_id: str = "p1", **fields: Any) -> PremiumSource:
    given: dict[str, Any] = {
        "source_id": source_id,
        "provider": "nappy",
        "display_name": "Nappy",
        "license_defaults": {"license_type": "royalty_free"},
    }
    return db.sources.create(**{**given, **fields})
