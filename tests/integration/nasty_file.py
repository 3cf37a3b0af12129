"""Write a legacy database with everything in it that ever went wrong, and say of each row what must become of it.

Wherever a column is personal, its value holds :data:`~tests.integration.nasty_row.CANARY`; so does a column that no
mapping knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tests.integration import nasty_content as content
from tests.integration import nasty_people as people
from tests.integration.nasty_row import NastyRow

Tables = Mapping[str, Sequence[NastyRow]]


def write_nasty(path: Path) -> Tables:
    """Write the file and return its rows; the rowid of a row is its place in its table, from 1."""
    tables = nasty_tables()
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row.columns))
            connection.execute(f'CREATE TABLE "{table}" ({", ".join(columns)})')
            # Bytes become text with just these bytes, valid or not.
            marks = ", ".join("CASE typeof(?1) WHEN 'blob' THEN CAST(?1 AS TEXT) ELSE ?1 END".replace("?1", f"?{n}")
                              for n in range(1, len(columns) + 1))  # fmt: skip
            statement = f'INSERT INTO "{table}" VALUES ({marks})'  # noqa: S608 - names of the tests themselves
            connection.executemany(statement, [[row.columns.get(column) for column in columns] for row in rows])
        connection.commit()
    return tables


def nasty_tables() -> Tables:
    """Return the rows of every table."""
    return {
        "users": people.users(),
        "circles": people.circles(),
        "circle_members": people.members(),
        "stories": content.stories(),
        "story_comments": content.comments(),
        "businesses": content.businesses(),
        "resources": content.resources(),
        "images": content.images(),
        "feedback": content.feedback(),
    }
