"""Make marshmallow 4 schemas out of PynamoDB models: entities of this package, and any model of your own.

>>> from madmall_models import User
>>> from madmall_models.marshmallow_bridge import schema_of
>>> schema_of(User, only=["email"]).load({"email": "jane@example.com"})
{'email': 'jane@example.com'}
"""

from madmall_models.marshmallow_bridge.field_makers import register_field
from madmall_models.marshmallow_bridge.message import InvalidInput, Message
from madmall_models.marshmallow_bridge.model_schema import ModelSchema
from madmall_models.marshmallow_bridge.schema_class import schema_class, schema_of

__all__ = ["InvalidInput", "Message", "ModelSchema", "register_field", "schema_class", "schema_of"]
