"""Name what is wrong with legacy rows, and spoil them.

Every kind belongs to one of four groups, which say what a migration has to do with the row:

* ``SPELLING``: good data in another spelling. The row must arrive, with the value that was meant.
* ``DOUBT``: a value outside the known ones, in a field where that only warns. The row arrives.
* ``CONTRADICTION``: the row is sound, but what it says about other rows is not so.
* ``DEFECT``: the row cannot arrive as it is. No other row refers to it, so that one defect is one rejected row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from madmall_models.testing.legacy_chance import Chance
from madmall_models.testing.legacy_schema import (
    BUSINESSES,
    CIRCLE_MEMBERS,
    CIRCLES,
    FEEDBACK,
    IMAGES,
    RESOURCES,
    STORIES,
    STORY_COMMENTS,
    USERS,
    LegacyTable,
)
from madmall_models.testing.legacy_words import LEGACY_CATEGORIES

Row = list[object]
Spoil = Callable[[Row, LegacyTable, Chance], None]

HUGE_CHARACTERS = 500 * 1024


class DirtGroup(Enum):
    """Say what a migration has to do with a dirty row; see the module."""

    SPELLING = "spelling"
    DOUBT = "doubt"
    CONTRADICTION = "contradiction"
    DEFECT = "defect"


@dataclass(frozen=True)
class DirtKind:
    """Be one way in which a row is wrong. Without ``spoil``, the generator of the table takes care of it.

    A database has at most ``most`` rows of the kind in each table.
    """

    name: str
    group: DirtGroup
    meaning: str
    spoil: Spoil | None = None
    most: int | None = None


# -- spelling ------------------------------------------------------------------------------------------------------


def _boolean_as(true: object, false: object) -> Spoil:
    def spoil(row: Row, table: LegacyTable, chance: Chance) -> None:
        place = table.position[chance.pick(table.booleans)]
        row[place] = true if row[place] else false

    return spoil


def _moment_as(spell: Callable[[datetime], object]) -> Spoil:
    def spoil(row: Row, table: LegacyTable, chance: Chance) -> None:
        filled = [table.position[column] for column in table.moments if row[table.position[column]] is not None]
        place = chance.pick(filled)
        row[place] = spell(datetime.fromisoformat(str(row[place])))

    return spoil


def _epoch_seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _epoch_milliseconds(moment: datetime) -> int:
    return _epoch_seconds(moment) * 1000 + moment.microsecond // 1000


def _forget_lifetime(row: Row, table: LegacyTable, chance: Chance) -> None:
    for column in table.lifetime:
        row[table.position[column]] = None


def _list_as(*values: object) -> Spoil:
    def spoil(row: Row, table: LegacyTable, chance: Chance) -> None:
        row[table.position[chance.pick(table.lists)]] = chance.pick(values)

    return spoil


def _count_far(row: Row, table: LegacyTable, chance: Chance) -> None:
    # One more than a float can tell from its neighbour.
    row[table.position[table.counted]] = 2**53 + 1


def _set(column: str, *values: object) -> Spoil:
    def spoil(row: Row, table: LegacyTable, chance: Chance) -> None:
        row[table.position[column]] = chance.pick(values)

    return spoil


# -- defects -------------------------------------------------------------------------------------------------------


def _spoil_text(row: Row, table: LegacyTable, chance: Chance) -> None:
    # Latin-1 written into a database that believes in UTF-8, the classic.
    written = "Café, déjà vu, and fifty more characters so that the text is long enough to pass for one."
    row[table.position[chance.pick(table.prose)]] = written.encode("latin-1")


def _spoil_required(*values: object) -> Spoil:
    def spoil(row: Row, table: LegacyTable, chance: Chance) -> None:
        row[table.position[chance.pick(table.required)]] = chance.pick(values)

    return spoil


def _spoil_id(row: Row, table: LegacyTable, chance: Chance) -> None:
    row[table.position["id"]] = f"{row[table.position['id']]}#old"


def _spoil_status(row: Row, table: LegacyTable, chance: Chance) -> None:
    row[table.position[table.status]] = chance.pick(("live", "enabled", "new!"))


def _spoil_number(row: Row, table: LegacyTable, chance: Chance) -> None:
    number = chance.between(4, 14)
    row[table.position[table.mistakable]] = (
        f"{number} min read" if table.mistakable == "readTime" else f"about {number}"
    )


def _write_too_much(row: Row, table: LegacyTable, chance: Chance) -> None:
    place = table.position["content"]
    text = f"{row[place]}\n\n"
    row[place] = (text * (HUGE_CHARACTERS // len(text) + 1))[:HUGE_CHARACTERS]


def _doubt(name: str, meaning: str, spoil: Spoil) -> DirtKind:
    return DirtKind(name, DirtGroup.DOUBT, meaning, spoil)


def _spelling(name: str, meaning: str, spoil: Spoil | None = None) -> DirtKind:
    return DirtKind(name, DirtGroup.SPELLING, meaning, spoil)


def _contradiction(name: str, meaning: str, spoil: Spoil | None = None) -> DirtKind:
    return DirtKind(name, DirtGroup.CONTRADICTION, meaning, spoil)


def _defect(name: str, meaning: str, spoil: Spoil | None = None, most: int | None = None) -> DirtKind:
    return DirtKind(name, DirtGroup.DEFECT, meaning, spoil, most)


BOOLEANS = (
    _spelling("boolean_letter", "a boolean as 't' or 'f'", _boolean_as("t", "f")),
    _spelling("boolean_word", "a boolean as 'true' or 'false'", _boolean_as("true", "false")),
    _spelling("boolean_null", "a boolean that is NULL: its default is meant", _boolean_as(None, None)),
)
MOMENTS_MISSING = _spelling("moments_missing", "none of the moments that a row is born with", _forget_lifetime)
MOMENTS = (
    _spelling("moment_without_milliseconds", "2024-07-01T12:00:00Z", _moment_as(lambda m: f"{m:%Y-%m-%dT%H:%M:%SZ}")),
    _spelling("moment_with_space", "2024-07-01 12:00:00, which is UTC", _moment_as(lambda m: f"{m:%Y-%m-%d %H:%M:%S}")),
    _spelling("moment_in_seconds", "seconds since 1970, a number", _moment_as(_epoch_seconds)),
    _spelling("moment_in_seconds_text", "seconds since 1970, a text", _moment_as(lambda m: str(_epoch_seconds(m)))),
    _spelling("moment_in_milliseconds", "milliseconds since 1970, a number", _moment_as(_epoch_milliseconds)),
    _spelling(
        "moment_in_milliseconds_text",
        "milliseconds since 1970, a text",
        _moment_as(lambda m: str(_epoch_milliseconds(m))),
    ),
    MOMENTS_MISSING,
)
LISTS = (
    _spelling("list_blank", "an empty text where a JSON list is meant", _list_as("")),
    _spelling("list_null", "NULL where a JSON list is meant", _list_as(None)),
)
FAR_COUNT = _spelling("count_over_53_bits", "a count that a float cannot hold", _count_far)

FOUNDER = _doubt("role_founder", "a role that is read and no longer written", _set("role", "founder"))
CATEGORY = _doubt("category_free_text", "a category in the old words", _set("category", *LEGACY_CATEGORIES))
SOURCE_UNLISTED = _doubt("source_unlisted", "an image from elsewhere", _set("source", "flickr", "wikimedia"))
STATUS_UNLISTED = _doubt("status_unlisted", "a status outside the known ones, where that only warns", _spoil_status)

WRONG_COUNT = _contradiction("member_count_wrong", "a count that is not the number of active members")
CREATOR_NOT_MEMBER = _contradiction("creator_not_member", "a circle whose creator is not among its members")
CREATOR_MISSING = _contradiction("creator_missing", "a circle whose creator is no user", _set("createdBy", "user-gone"))
AUTHOR_MISSING = _contradiction("author_missing", "an author who is no user", _set("authorId", "user-gone"))
OWNER_MISSING = _contradiction("owner_missing", "an owner who is no user", _set("ownerId", "user-gone"))
CIRCLE_MISSING = _contradiction("circle_missing", "a story in a circle that is none", _set("circleId", "circle-gone"))
REPLY_CYCLE = _contradiction("reply_cycle", "two comments that answer each other")
REPLY_TO_MISSING = _contradiction(
    "reply_to_missing", "an answer to a comment that is none", _set("parentCommentId", "comment-gone")
)

BROKEN_LIST = _defect(
    "list_broken", "a JSON list that breaks off, or is none", _list_as('["unfinished", ', "['quoted', 'so']", "a, b")
)
TEXT_NOT_UTF8 = _defect("text_not_utf8", "a text whose bytes are not UTF-8", _spoil_text)
REQUIRED_BLANK = _defect("required_blank", "a required text that is empty or spaces", _spoil_required("", "   "))
REQUIRED_NULL = _defect("required_null", "a required text that is NULL", _spoil_required(None))
ID_WITH_HASH = _defect("id_with_hash", "an id with the delimiter of keys in it", _spoil_id)
STATUS_UNKNOWN = _defect("status_unknown", "a status outside the known ones, where that is an error", _spoil_status)
NUMBER_AS_TEXT = _defect("number_as_text", "a text such as '6 min read' where a number is meant", _spoil_number)
STORY_TOO_LARGE = _defect("story_too_large", "a story of 500 KB, over the limit of an item", _write_too_much, most=20)
STORY_TYPE = _defect("type_of_feature", "a story of the old type audio", _set("type", "audio"))
RESOURCE_TYPE = _defect("type_unknown", "a resource of an old type", _set("type", "medical", "personal"))
ALT_TEXT_SHORT = _defect("alt_text_short", "an alternative text that says nothing", _set("altText", "img", "7"))
VOTE_UNKNOWN = _defect("vote_unknown", "a vote that is neither for nor against", _set("vote", 0, 10))
EMAIL_TAKEN = _defect("email_taken", "the e-mail of an earlier user, in other letters")
PAIR_TWICE = _defect("pair_twice", "a second row for the same circle and user")
MEMBER_WITHOUT_USER = _defect("member_without_user", "a member who is no user", _set("userId", "user-gone"))
MEMBER_WITHOUT_CIRCLE = _defect("member_without_circle", "a member of no circle", _set("circleId", "circle-gone"))
COMMENT_WITHOUT_STORY = _defect("comment_without_story", "a comment on no story", _set("storyId", "story-gone"))

FEEDBACK_WITHOUT_IMAGE = _defect("feedback_without_image", "a vote on no image", _set("imageId", 987_654_321))

_ANYWHERE = (TEXT_NOT_UTF8, REQUIRED_BLANK, REQUIRED_NULL, ID_WITH_HASH)

# In small tables only the first kinds have room, so what befalls just this table stands first.
KINDS: dict[str, tuple[DirtKind, ...]] = {
    USERS.name: (EMAIL_TAKEN, *_ANYWHERE, BROKEN_LIST, *BOOLEANS, *MOMENTS, *LISTS),
    CIRCLES.name: (
        CREATOR_NOT_MEMBER, CREATOR_MISSING, WRONG_COUNT, *_ANYWHERE, BROKEN_LIST, NUMBER_AS_TEXT, FAR_COUNT, *BOOLEANS,
        *MOMENTS, *LISTS,
    ),
    CIRCLE_MEMBERS.name: (
        PAIR_TWICE, MEMBER_WITHOUT_USER, MEMBER_WITHOUT_CIRCLE, FOUNDER, TEXT_NOT_UTF8, REQUIRED_BLANK, REQUIRED_NULL,
        BROKEN_LIST, STATUS_UNLISTED, NUMBER_AS_TEXT, *MOMENTS, *LISTS,
    ),
    STORIES.name: (
        STORY_TOO_LARGE, STORY_TYPE, AUTHOR_MISSING, CIRCLE_MISSING, NUMBER_AS_TEXT, STATUS_UNKNOWN, FAR_COUNT,
        BROKEN_LIST, *_ANYWHERE, *BOOLEANS, *MOMENTS, *LISTS,
    ),
    STORY_COMMENTS.name: (
        COMMENT_WITHOUT_STORY, AUTHOR_MISSING, REPLY_CYCLE, REPLY_TO_MISSING, *_ANYWHERE, STATUS_UNLISTED,
        NUMBER_AS_TEXT, FAR_COUNT, *BOOLEANS, *MOMENTS,
    ),
    BUSINESSES.name: (
        OWNER_MISSING, STATUS_UNLISTED, NUMBER_AS_TEXT, BROKEN_LIST, *_ANYWHERE, FAR_COUNT, *MOMENTS, *LISTS,
    ),
    RESOURCES.name: (
        CATEGORY, RESOURCE_TYPE, AUTHOR_MISSING, NUMBER_AS_TEXT, STATUS_UNLISTED, BROKEN_LIST, *_ANYWHERE, FAR_COUNT,
        *BOOLEANS, *MOMENTS, *LISTS,
    ),
    IMAGES.name: (
        ALT_TEXT_SHORT, STATUS_UNKNOWN, SOURCE_UNLISTED, TEXT_NOT_UTF8, REQUIRED_BLANK, REQUIRED_NULL, *MOMENTS,
    ),
    # The key of a feedback has its moment in it, so that no row of this table lacks one.
    FEEDBACK.name: (
        FEEDBACK_WITHOUT_IMAGE, VOTE_UNKNOWN, NUMBER_AS_TEXT, TEXT_NOT_UTF8, REQUIRED_BLANK, REQUIRED_NULL,
        *(kind for kind in MOMENTS if kind is not MOMENTS_MISSING),
    ),
}  # fmt: skip
