"""Give the attribute types that PynamoDB lacks, and the usual ones with their values checked.

Each class is a PynamoDB attribute. What it adds: :meth:`Checked.fault` says in words why a value does not fit,
:meth:`Checked.coerce` turns what people write (ISO text, a float) into what the attribute holds, and serialising a
value that does not fit raises :class:`~madmall_models.errors.ValidationError` before anything is sent.

In the table a name is written in camelCase: ``created_at`` is stored as ``createdAt`` unless ``attr_name`` says
otherwise.
"""

from madmall_models.attributes.any_value import any_from_wire, any_to_wire
from madmall_models.attributes.checked import Checked, camel_case
from madmall_models.attributes.collections import DictAttribute, ListAttribute
from madmall_models.attributes.numbers import (
    CounterAttribute,
    DecimalAttribute,
    IntegerAttribute,
    is_whole,
    number_text,
)
from madmall_models.attributes.text import BooleanAttribute, EnumAttribute, IdAttribute, UnicodeAttribute
from madmall_models.attributes.times import EpochAttribute, TimeAttribute

__all__ = [
    "BooleanAttribute",
    "Checked",
    "CounterAttribute",
    "DecimalAttribute",
    "DictAttribute",
    "EnumAttribute",
    "EpochAttribute",
    "IdAttribute",
    "IntegerAttribute",
    "ListAttribute",
    "TimeAttribute",
    "UnicodeAttribute",
    "any_from_wire",
    "any_to_wire",
    "camel_case",
    "is_whole",
    "number_text",
]
