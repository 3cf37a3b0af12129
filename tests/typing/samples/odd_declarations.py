"""Declarations that the plugin cannot follow, or only in part: it says nothing that is wrong about them."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar, reveal_type

from pynamodb.attributes import BinaryAttribute

from madmall_models import GSI1, Database, Entity, IdAttribute, Manager, PrimaryKey, Query, UnicodeAttribute

E = TypeVar("E", bound=Entity)
PARTITION = "ODD#{odd_id}"


def make_text() -> UnicodeAttribute[str]:
    return UnicodeAttribute()


def make_anything() -> Any:
    return UnicodeAttribute()


class Named:
    name = UnicodeAttribute()


class Owned(Entity):
    owner_id = IdAttribute()
    retired: ClassVar[Any] = None


class Odd(Named, Owned, discriminator="ODD"):
    key = PrimaryKey(PARTITION, "METADATA")
    by_name = GSI1.key(partition="NAME#{name}", sort="METADATA")

    odd_id = IdAttribute()
    text = make_text()
    anything = make_anything()
    picture = BinaryAttribute(legacy_encoding=False)
    options: dict[str, Any] = {"null": True}
    note = UnicodeAttribute(**options)
    # E: Incompatible types in assignment (expression has type "str | None", base class "Owned" defined the type as "str")
    owner_id = IdAttribute(null=True)

    class Inner(Entity, discriminator="INNER"):
        key = PrimaryKey("INNER#{inner_id}", "METADATA")
        inner_id = IdAttribute()

    def __init__(self, *, loud: bool = False, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._loud = loud


class Loose(Manager[E], Generic[E]):
    def everything(self, **fields: Any) -> Query[E]:
        return self.query(**fields)


class OddManager(Loose[Odd]):
    collection = "odds"

    def create(self, *, secret: str = "", **fields: Any) -> Odd:
        return super().create(**fields)


def use(db: Database, manager: Manager[E], cls: type[E], **fields: Any) -> E:
    Odd(odd_id="x", name="x", text="x", anything=3, picture=b"x", note=None, owner_id=None, loud=True)
    Odd(nme="x")  # E+: Unexpected keyword argument "nme" for "Odd"; did you mean "name"?
    Odd.Inner(inner_id="x")
    Odd.Inner(inner="x")  # E+: Unexpected keyword argument "inner" for "Inner"; did you mean "inner_id"?
    Odd.key.of("x", "y", anything="x")
    Odd.by_name.query(whatever="x")
    reveal_type(Odd.by_name.query(whatever="x"))  # R: Query[Odd]
    # R+: OddManager
    # R-: Manager[Odd]
    reveal_type(Odd.objects)
    # R+: OddManager
    # R-: Any
    reveal_type(db.odds)
    # R+: Query[Odd]
    # R-: Any
    reveal_type(db.odds.everything(name="x"))
    db.odds.create(odd_id="x", name="x", text="x", picture=b"x", secret="x")
    # E+: Missing named argument "odd_id" for "create" of "OddManager"
    db.odds.create(name="x", text="x", picture=b"x")
    Odd.objects.get("x", whatever="x")
    manager.create(whatever="x")
    manager.get("x", whatever="x")
    cls(whatever="x")
    cls.key.of("x", whatever="x")
    reveal_type(cls.objects.create(whatever="x"))  # R: E

    class Local(Entity, discriminator="LOCAL"):
        key = PrimaryKey("LOCAL#{local_id}", "METADATA")
        local_id = IdAttribute()

    Local(anything_goes="x")
    Local.key.of("x")
    reveal_type(Local.objects.get("x"))  # R: Local
    return manager.get("x")
