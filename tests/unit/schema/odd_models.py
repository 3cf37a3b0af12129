"""Give the text of a module whose declarations are as odd as they may be."""

from __future__ import annotations

ODD_MODELS = '''
import random
from datetime import datetime, timezone
from decimal import Decimal

import pynamodb.attributes as plain

from madmall_models import (
    GSI1, GSI2, BooleanAttribute, CounterAttribute, DecimalAttribute, DictAttribute, Document, Entity, EnumAttribute,
    EpochAttribute, IdAttribute, IntegerAttribute, Length, ListAttribute, Manager, Measurements, OneOf, Pattern,
    Pointer, PrimaryKey, Query, Range, Recommended, Required, Rules, TimeAttribute, UnicodeAttribute, Unique, Url,
)


def _whole(values):
    """Check | the whole, with `ticks` and <tags>."""
    return ()


class Animal(plain.MapAttribute):
    cls = plain.DiscriminatorAttribute(attr_name="kind")
    name = plain.UnicodeAttribute()


class Cat(Animal, discriminator="cat"):
    lives = plain.NumberAttribute(default=9)


class Dog(Animal, discriminator="dog"):
    tricks = plain.ListAttribute(of=plain.UnicodeAttribute, default=list)


class Address(Document):
    """An address | with a "quote", a -- dash, ``literal | bar`` and :class:`~somewhere.Else`."""

    street = UnicodeAttribute()
    number = IntegerAttribute(default=1)
    inner = UnicodeAttribute(null=True)

    rules = Rules(street=[Length(min=3)])


class Figures(Measurements):
    seen = CounterAttribute(default=0)
    share = DecimalAttribute(default=Decimal("0.5"))


class Odd(Entity, discriminator="ODD"):
    """Odd: | a bar, `a tick`, ``two ticks``, </details>, <script>alert(1)</script>, "quotes", 'others', -->, {braces}.

    * A star, _under_ and # a hash; ${AWS::Region} and {{ jinja }}; \\u2028 and \\U0001F600 and a back\\\\slash.
    1. A number, | --- | and a [link](javascript:alert).
    """

    key = PrimaryKey("ODD#{group}", "N#{number:06}#{odd_id}")
    by_place = GSI1.key("PLACE#{address.street:fold}", "AT#{at}", when=lambda odd: odd.shown)
    everywhere = GSI2.key("ODDS", "AT#{at}", answers="Which | are `there` <now>?")
    listed = Pointer("ODD*LIST?", "{odd_id}", answers="Which are listed?")
    unique_code = Unique("{code:fold}")

    group = IdAttribute()
    number = IntegerAttribute()
    odd_id = IdAttribute(default=lambda: f"id{random.random()}"[:20].replace(".", ""))
    at = TimeAttribute(default=lambda: datetime.now(timezone.utc))
    code = UnicodeAttribute()
    shown = BooleanAttribute(default=True)
    address = Address()
    addresses = ListAttribute(of=Address, default=list)
    named = DictAttribute(of=DecimalAttribute, null=True)
    anything = DictAttribute(null=True)
    things = ListAttribute(null=True)
    kind = EnumAttribute("a|b", 'say "x"', "<c>", strict=True)
    figures = Figures(default=Figures)
    ends = EpochAttribute(null=True)
    level = IntegerAttribute(default=3)
    ratio = DecimalAttribute(default=Decimal("0.25"))
    chosen = IntegerAttribute(null=True)
    site = UnicodeAttribute(null=True)
    texts = plain.UnicodeSetAttribute(null=True)
    numbers = plain.NumberSetAttribute(null=True)
    raw = plain.BinaryAttribute(legacy_encoding=False, null=True)
    moment = plain.UTCDateTimeAttribute(null=True)
    json_text = plain.JSONAttribute(null=True)
    number_plain = plain.NumberAttribute(null=True)
    map_plain = plain.MapAttribute(null=True)
    pet = Animal(null=True)

    example_values = {"code": "AB-12"}

    rules = Rules(
        _whole,
        code=[Pattern(r"[A-Z]{2}-[0-9]{2}\\Z", form="two letters, a | and two digits")],
        level=[Range(2, 5)],
        ratio=[Range(min=Decimal("0.1"), max=Decimal("0.9"))],
        chosen=[OneOf(7, 8)],
        site=[Url(), Length(max=200)],
        addresses=[Length(min=2)],
    )


class OddManager(Manager[Odd]):
    """Be odd."""

    collection = "odds"

    def get_broken(self, odd_id: str) -> Odd:
        raise ZeroDivisionError(odd_id)

    def get_all(self) -> Query[Odd]:
        """Return | all of `them`."""
        return self.asking(Odd.everywhere)

    def get_written(self, odd_id: str) -> Odd:
        self.connection.call("PutItem", {})

    @staticmethod
    def get_nothing() -> None:
        raise SystemExit

    def by_code(self, *, code: str = "x", given: object = object()) -> None:
        """Take an object."""
'''
