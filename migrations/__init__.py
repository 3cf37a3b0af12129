"""The history of the MADMall table, to be read from top to bottom.

Each module is one step: a docstring, whose first line is its title in every listing, and one name, ``migration``::

    from madmall_models.migration import CreateTable, Migration, Phase

    migration = Migration(after=None, phase=Phase.EXPAND, operations=[CreateTable()])

Modules are named ``0001_create_table.py``, and each names the one before it with ``after``. ``Phase.EXPAND`` adds what
new code needs and is applied before that code; ``Phase.CONTRACT`` drops what only old code needed and is applied when
the old code is gone. A step that was applied anywhere is never edited: the next one mends it. Applying a step twice
leaves the table as applying it once.

``madmall migrate plan legacy.db --migrations migrations`` shows what the history would do, ``madmall migrate run`` does
it. An application keeps a directory of its own.
"""
