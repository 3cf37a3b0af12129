"""Make documents out of the declarations: one plain description, and from it everything that is written.

>>> from madmall_models.schema import describe
>>> describe().entity("Circle").primary_key.partition_key
'CIRCLE#{circle_id}'
"""

from madmall_models.schema.describing import describe, describe_classes
from madmall_models.schema.description import VERSION, Description
from madmall_models.schema.description_schema import description_schema

__all__ = ["VERSION", "Description", "describe", "describe_classes", "description_schema"]
