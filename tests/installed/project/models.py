"""The models of somebody who installed the package: an entity of their own, in the table of the others."""

from madmall_models import GSI2, Entity, IdAttribute, Length, PrimaryKey, Rules, TimeAttribute, UnicodeAttribute


class Walk(Entity, discriminator="WALK"):
    """A walk that a circle takes together."""

    key = PrimaryKey("CIRCLE#{circle_id}", "WALK#{starts_at}#{walk_id}")
    in_city = GSI2.key("WALKS#{city:fold}", "STARTS#{starts_at}", answers="Which walks start in a city?")

    circle_id = IdAttribute()
    walk_id = IdAttribute()
    city = UnicodeAttribute()
    starts_at = TimeAttribute()

    rules = Rules(city=[Length(min=2, max=80)])
