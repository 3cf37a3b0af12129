"""Write small legacy databases, row by row, for the tests of migration."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def write_legacy(path: Path, **tables: Sequence[Row]) -> Path:
    """Write a SQLite file with these tables; a table has the columns that its rows name."""
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            named = ", ".join(f'"{column}"' for column in columns)
            connection.execute(f'CREATE TABLE "{table}" ({named})')
            marks = ", ".join("?" for _ in columns)
            statement = f'INSERT INTO "{table}" VALUES ({marks})'  # noqa: S608 - names of the tests themselves
            connection.executemany(statement, [[row.get(column) for column in columns] for row in rows])
        connection.commit()
    return path


def user(identifier: str, **columns: Any) -> dict[str, Any]:
    """Return a row of ``users``."""
    return {"id": identifier, "email": f"{identifier}@example.com", "firstName": "Ada", "lastName": "M.", **columns}


def circle(identifier: str, created_by: str, **columns: Any) -> dict[str, Any]:
    """Return a row of ``circles``."""
    return {"id": identifier, "name": "Newly diagnosed", "type": "support_group", "createdBy": created_by, **columns}


def member(circle_id: str, user_id: str, **columns: Any) -> dict[str, Any]:
    """Return a row of ``circle_members``."""
    return {"circleId": circle_id, "userId": user_id, **columns}


def story(identifier: str, author: str, **columns: Any) -> dict[str, Any]:
    """Return a row of ``stories``."""
    return {"id": identifier, "title": "My first year", "content": "It was long.", "authorId": author, **columns}


def comment(identifier: str, story_id: str, author: str, **columns: Any) -> dict[str, Any]:
    """Return a row of ``story_comments``."""
    return {"id": identifier, "storyId": story_id, "authorId": author, "content": "Thank you.", **columns}
