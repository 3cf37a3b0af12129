"""Make SQLite files that nobody of this package designed: a small music shop, and a file of everything odd."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

SHOP = """
CREATE TABLE [Artist] (
    [ArtistId] INTEGER NOT NULL, [Name] NVARCHAR(120), CONSTRAINT [PK_Artist] PRIMARY KEY ([ArtistId]));
CREATE TABLE [Album] (
    [AlbumId] INTEGER NOT NULL, [Title] NVARCHAR(160) NOT NULL, [ArtistId] INTEGER NOT NULL,
    CONSTRAINT [PK_Album] PRIMARY KEY ([AlbumId]), FOREIGN KEY ([ArtistId]) REFERENCES [Artist] ([ArtistId]));
CREATE TABLE [Employee] (
    [EmployeeId] INTEGER NOT NULL, [LastName] NVARCHAR(20) NOT NULL, [ReportsTo] INTEGER, [BirthDate] DATETIME,
    [Email] NVARCHAR(60), CONSTRAINT [PK_Employee] PRIMARY KEY ([EmployeeId]),
    FOREIGN KEY ([ReportsTo]) REFERENCES [Employee] ([EmployeeId]));
CREATE TABLE [Track] (
    [TrackId] INTEGER NOT NULL, [Name] NVARCHAR(200) NOT NULL, [AlbumId] INTEGER, [UnitPrice] NUMERIC(10,2) NOT NULL,
    CONSTRAINT [PK_Track] PRIMARY KEY ([TrackId]), FOREIGN KEY ([AlbumId]) REFERENCES [Album] ([AlbumId]));
CREATE TABLE [Playlist] ([PlaylistId] INTEGER NOT NULL, [Name] NVARCHAR(120), PRIMARY KEY ([PlaylistId]));
CREATE TABLE [PlaylistTrack] (
    [PlaylistId] INTEGER NOT NULL, [TrackId] INTEGER NOT NULL,
    CONSTRAINT [PK_PlaylistTrack] PRIMARY KEY ([PlaylistId], [TrackId]),
    FOREIGN KEY ([PlaylistId]) REFERENCES [Playlist] ([PlaylistId]),
    FOREIGN KEY ([TrackId]) REFERENCES [Track] ([TrackId]));
INSERT INTO Artist VALUES (1, 'AC/DC'), (2, NULL);
INSERT INTO Album VALUES (1, 'For Those About To Rock', 1), (2, 'Restless', 2), (3, 'Lost', 9);
INSERT INTO Employee VALUES (1, 'Adams', NULL, '1962-02-18 00:00:00', 'andrew@example.com'),
    (2, 'Edwards', 3, '1958-12-08 00:00:00', NULL), (3, 'Peacock', 1, NULL, 'jane@example.com');
INSERT INTO Track VALUES (1, 'Let There Be Rock', 1, 0.99), (2, 'Fast', 2, 1.99), (3, 'No Album', NULL, 0.99),
    (4, 'Lost Album', 77, 1);
INSERT INTO Playlist VALUES (1, 'Music'), (2, 'Music');
INSERT INTO PlaylistTrack VALUES (1, 1), (1, 2), (2, 1);
"""

LONG = "x" * 200
ODD = """
CREATE TABLE "order" ("select" INTEGER PRIMARY KEY, "key" TEXT, version INTEGER, "class" TEXT, save TEXT,
    "two words" TEXT, "größe" REAL, "名前" TEXT, "q""uote'" TEXT, created_at TEXT, tenant_id TEXT, ttl INT, _x TEXT,
    get, "id" TEXT, a1 TEXT, a_1 TEXT, objects, PK, "GSI1PK");
INSERT INTO "order" VALUES
    (1, 'k', 1, 'c', 's', 'two', 1.5, 'name', 'q', '2024-01-01 00:00:00', 'atlanta', 5, 'x', 'g', 'i', 'one', 'two', 1,
     2, 3),
    (2, 'k', 1, 'c', '', 'two', 2, 'name', 'q', NULL, 'atlanta', 5, 'x', NULL, 'i', 'one', 'two', 1, 2, 3);
CREATE TABLE pairs (a TEXT, b INTEGER, c REAL, PRIMARY KEY (b, a)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('x', 1, 0.5), ('y', 1, 1), ('x#%', 2, 2);
CREATE TABLE log (at TEXT, line TEXT, number);
INSERT INTO log VALUES ('2024-01-01T00:00:00Z', 'one', 1), ('2024-01-01T00:00:00Z', 'one', 1), (NULL, NULL, 'zwei');
CREATE TABLE "empty" (x, y BLOB, z TEXT PRIMARY KEY);
CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT);
INSERT INTO hidden VALUES ('a', 'b', 'c');
CREATE TABLE computed (id INTEGER PRIMARY KEY, a INT, v INT AS (a * 2), s TEXT AS ('s' || a) STORED);
INSERT INTO computed (a) VALUES (1), (2);
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, t TEXT NOT NULL DEFAULT 'x''y', either ANY) STRICT;
INSERT INTO strict_one VALUES (1, 'a', x'ff'), (2, 'b', 3);
CREATE VIRTUAL TABLE docs USING fts5(title, body);
INSERT INTO docs VALUES ('a title', 'a body');
CREATE VIEW seen AS SELECT * FROM "order";
CREATE VIEW broken AS SELECT * FROM gone;
CREATE TABLE blobs (id BLOB PRIMARY KEY, data BLOB, uuid TEXT, mail TEXT, document TEXT, list TEXT, sure TEXT,
    is_on INT, stamp INT, made_at INT, exact DATETIME, code TEXT);
INSERT INTO blobs VALUES
    (x'00ff', x'ff', '123e4567-e89b-12d3-a456-426614174000', 'jane@example.com', '{"a": 1}', '[1]', 'yes', 1,
     1704164645, 1704164645000, '2024-01-01 00:00:00.123456', '007'),
    (x'01', NULL, NULL, NULL, NULL, NULL, 'no', 0, 1704164646, 1704164645001, '2024-01-01 00:00:00', '008');
CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT, password TEXT);
INSERT INTO users VALUES (1, 'jane', 'secret');
CREATE TABLE child (id INTEGER PRIMARY KEY, user_id INT NOT NULL REFERENCES users, parent INT REFERENCES child (id),
    gone_id INT REFERENCES gone (id));
INSERT INTO child VALUES (1, 1, NULL, 5), (2, 1, 1, NULL), (3, 9, 1, NULL);
CREATE TABLE "2020 data" (id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO "2020 data" VALUES (1, '');
CREATE TABLE "LONG" ("WIDE" TEXT, "odd
name" TEXT, PRIMARY KEY ("odd
name"));
INSERT INTO "LONG" VALUES ('long', 'k1');
CREATE TABLE hens (id INTEGER PRIMARY KEY, egg INT REFERENCES eggs (id));
CREATE TABLE eggs (id INTEGER PRIMARY KEY, hen INT REFERENCES hens (id));
INSERT INTO hens VALUES (1, 1);
INSERT INTO eggs VALUES (1, 1);
CREATE TABLE t (exception TEXT, "none" INT, t TEXT PRIMARY KEY);
INSERT INTO t VALUES ('e', 1, 'a b');
CREATE TABLE exceptions (id INTEGER PRIMARY KEY);
CREATE TABLE metadata (id INTEGER PRIMARY KEY);
CREATE TABLE mapping (id INTEGER PRIMARY KEY);
CREATE TABLE "名" (id INTEGER PRIMARY KEY);
""".replace("LONG", LONG).replace("WIDE", "y " * 150)


def write(path: Path, script: str) -> Path:
    """Write a file from statements."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        connection.commit()
    return path


def answered(module: str, **given: str) -> str:
    """Return a scaffold with each question answered: as given by its name, with dots as __, else by its last choice."""
    answers = {name.replace("__", "."): answer for name, answer in given.items()}

    def filled(found: re.Match[str]) -> str:
        name, choices = found[1], re.findall(r'"([^"]*)"', found[2])
        return found[0].replace("answer=None", f'answer="{answers.get(name, choices[-1])}"')

    return re.sub(r'Question\(\s+"([^"]+)".*?choices=(\(.*?\)),\s+answer=None', filled, module, flags=re.DOTALL)
