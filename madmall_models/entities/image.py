"""Declare the image: where it is, what it shows, how it was judged and how it is used."""

from __future__ import annotations

from madmall_models.attributes import (
    BooleanAttribute,
    CounterAttribute,
    DecimalAttribute,
    EnumAttribute,
    IdAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI3, GSI4
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.rules import WARNING, Length, Range, Recommended, Rules, Url

IMAGE_STATUSES = ("active", "archived", "flagged", "removed", "pending_review")


class ImageSource(Document):
    """Say where an image came from and what its licence allows, until ``expires_at``."""

    provider = UnicodeAttribute(null=True)
    license_type = EnumAttribute("royalty_free", "editorial", "custom", null=True)
    # The provider's number for it, in whatever form.
    license_id = UnicodeAttribute(null=True)
    attribution = UnicodeAttribute(null=True)
    expires_at = TimeAttribute(null=True)
    original_url = UnicodeAttribute(null=True)


class ImageValidation(Document):
    """Hold what an audit found: three scores from 0 to 1, and what was noted about the image.

    A score outside 0 to 1 is warned of. ``validator`` names the person or program that gave the scores.
    """

    cultural_score = DecimalAttribute(null=True)
    sensitivity_score = DecimalAttribute(null=True)
    inclusivity_score = DecimalAttribute(null=True)
    last_validated_at = TimeAttribute(null=True)
    validator = UnicodeAttribute(null=True)
    issues = ListAttribute(of=UnicodeAttribute, null=True)

    rules = Rules(
        cultural_score=[Recommended(), Range(0, 1, severity=WARNING)],
        sensitivity_score=[Recommended(), Range(0, 1, severity=WARNING)],
        inclusivity_score=[Recommended(), Range(0, 1, severity=WARNING)],
    )


class ImageUsage(Measurements):
    """Measure how an image is used: how often it was shown and clicked, when last, and on which pages.

    A context names a place on a page, such as ``home.hero``.
    """

    contexts = ListAttribute(of=UnicodeAttribute, default=list)
    last_used_at = TimeAttribute(null=True)
    total_impressions = CounterAttribute(default=0)
    total_clicks = CounterAttribute(default=0)


class Image(Entity, discriminator="IMAGE"):
    """A picture that pages show.

    The alternative text has at least 5 characters. Only an active image is for readers; a new one waits for review.
    ``category`` is free text, listed without regard to letter case; one that is not among the usual ones is warned of.
    A placeholder is shown where an image of its category may not be; it is an ordinary image, of any source, with
    ``is_placeholder`` set. While ``deleting_at`` is set the image is being deleted, and takes no feedback.
    """

    key = PrimaryKey("IMAGE#{image_id}", "METADATA", answers="Which image has this id?")
    by_category = GSI1.key(
        "IMAGE_CATEGORY#{category:fold}",
        "CREATED#{created_at}",
        answers="Which images are in this category, oldest first?",
    )
    by_status = GSI3.key(
        "IMAGE_STATUS#{status:upper}",
        "UPDATED#{updated_at}",
        answers="Which images have this status, longest unchanged first?",
    )
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#IMAGES",
        "CREATED#{created_at}",
        answers="Which images belong to this tenant, oldest first?",
    )
    placeholder = Pointer(
        "PLACEHOLDER#IMAGE#{tenant_id}",
        "{category:fold}#{created_at}#{image_id}",
        answers="Which active placeholders does this tenant have in this category, oldest first?",
        when=lambda image: image.is_placeholder is True and image.status == "active",
    )

    image_id = IdAttribute()
    url = UnicodeAttribute()
    thumbnail_url = UnicodeAttribute(null=True)
    alt_text = UnicodeAttribute()
    category = EnumAttribute("hero", "circle_cover", "resource_thumb", "wellness", "community", "empowerment", "joy")
    tags = ListAttribute(of=UnicodeAttribute, default=list)
    source = EnumAttribute("generated", "premium", "user_upload", "stock", null=True)
    source_info = ImageSource(null=True)
    status = EnumAttribute(*IMAGE_STATUSES, strict=True, default="pending_review")
    validation = ImageValidation(null=True)
    usage = ImageUsage(default=ImageUsage)
    is_placeholder = BooleanAttribute(default=False)
    deleting_at = TimeAttribute(null=True, maintained=True)

    rules = Rules(
        url=[Url()],
        thumbnail_url=[Url(severity=WARNING)],
        alt_text=[Length(min=5)],
        source=[Recommended()],
    )

    @property
    def is_shown(self) -> bool:
        """Tell whether readers may see the image: it is active and not being deleted."""
        return self.status == "active" and self.deleting_at is None
