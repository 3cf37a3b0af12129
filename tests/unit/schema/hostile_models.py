"""Give the text of a module that tries to break out of every document that shows it."""

from __future__ import annotations

HOSTILE_MODELS = '''
from madmall_models import (
    GSI1, Document, DictAttribute, Entity, EnumAttribute, IdAttribute, ListAttribute, Manager, Pattern, Pointer,
    PrimaryKey, Rules, UnicodeAttribute, Unique, new_id,
)

ATTACK = (
    "</script></style></title><script>alert('x')</script><img src=x onerror=alert(1)> & &lt; "
    "\\"q\\" 'q' ]]> <!-- -->"
)


def _together(values):
    """Check <b>this</b> & ]]> </ul></script> "that"."""
    return ()


class Inner(Document):
    __doc__ = ATTACK

    street = UnicodeAttribute(default='"><script>alert(2)</script>')

    rules = Rules(street=[Pattern(r".*", form="<i>form</i> & \\"quotes\\"")])


class Hostile(Entity, discriminator="HOSTILE"):
    __doc__ = ATTACK + "\\n\\n- <li>one</li>\\n- ]]> two\\n\\nRaises:\\n    <script>Error</script>: & so on. \\x00\\x1b"

    key = PrimaryKey(
        "HOSTILE<b>&\\"'{hostile_id}", "META]]>", answers="Which </script><script>alert(3)</script> & is \\"it\\"?"
    )
    by_kind = GSI1.key("KIND</code>{kind}", "AT#{created_at}", answers="<img src=x onerror=alert(4)>?")
    listed = Pointer("LIST<!--", "{hostile_id}", answers="Which <!-- is listed?", when=lambda item: True)
    unique_name = Unique("{name:fold}")

    hostile_id = IdAttribute(default=new_id)
    name = UnicodeAttribute(attr_name="na<me>&\\"")
    kind = EnumAttribute("</script>", "a&b", 'say "x"', "it's", "]]>", strict=True)
    note = UnicodeAttribute(default=ATTACK)
    inner = Inner()
    several = ListAttribute(of=Inner, default=list)
    named = DictAttribute(of=UnicodeAttribute, null=True)

    example_values = {"kind": "</script>"}

    rules = Rules(_together)


Hostile.__qualname__ = "Hostile"


class HostileManager(Manager[Hostile]):
    __doc__ = ATTACK

    collection = "hostiles"

    def attack(self, text: str = "</script><b>") -> "<b>":
        pass

    attack.__doc__ = ATTACK
'''
