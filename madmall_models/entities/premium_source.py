"""Declare the premium source: a provider of licensed images."""

from __future__ import annotations

from madmall_models.attributes import DecimalAttribute, EnumAttribute, IdAttribute, ListAttribute, UnicodeAttribute
from madmall_models.document import Document
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1
from madmall_models.keys import PrimaryKey
from madmall_models.rules import WARNING, Recommended, Rules, Url


class LicenseDefaults(Document):
    """Say what the licence of a source allows unless an image says otherwise."""

    license_type = UnicodeAttribute(null=True)
    attribution_template = UnicodeAttribute(null=True)
    usage_restrictions = ListAttribute(of=UnicodeAttribute, null=True)

    rules = Rules(license_type=[Recommended()])


class PremiumSource(Entity, discriminator="PREMIUM_SOURCE"):
    """A provider that images are licensed from.

    ``api_key_arn`` points into a store of secrets; the key itself never belongs here. ``quality_threshold`` is the
    score, 0 to 1, from which images of the source are taken.
    """

    key = PrimaryKey("PREMIUM_SOURCE#{source_id}", "METADATA", answers="Which premium source has this id?")
    by_provider = GSI1.key(
        "PROVIDER#{provider}", "CREATED#{created_at}", answers="Which sources does this provider have, oldest first?"
    )

    source_id = IdAttribute()
    provider = EnumAttribute("createher", "nappy", "other", strict=True)
    display_name = UnicodeAttribute()
    api_base_url = UnicodeAttribute(null=True)
    api_key_arn = UnicodeAttribute(null=True)
    license_defaults = LicenseDefaults(default=LicenseDefaults)
    status = EnumAttribute("active", "inactive", default="active")
    quality_threshold = DecimalAttribute(null=True)

    rules = Rules(api_base_url=[Url(severity=WARNING)])
