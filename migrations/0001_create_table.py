"""Create the table.

One table for every entity: ``PK`` and ``SK``, the indexes GSI1 to GSI4, a stream, and ``ttl`` as its time to live.
"""

from madmall_models.migration import CreateTable, Migration, Phase

migration = Migration(after=None, phase=Phase.EXPAND, operations=[CreateTable()])
