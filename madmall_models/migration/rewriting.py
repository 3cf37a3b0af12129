"""Work out what a function makes of one stored item, and refuse a function that could not be repeated."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from madmall_models import limits
from madmall_models.attributes import any_from_wire, any_to_wire
from madmall_models.errors import MadMallError, MigrationError, RewriteRefused
from madmall_models.expression import Change, same
from madmall_models.migration.run_mark import MARK

Item = Mapping[str, Mapping[str, Any]]
Rewrite = Callable[[dict[str, Any]], dict[str, Any] | None]
FIXED = ("PK", "SK", "entityType", MARK)


class Unfit(MigrationError):
    """Say why one item cannot be rewritten: for people, no values in it."""


@dataclass(frozen=True)
class Rewriting:
    """A function on plain items, and what it is for.

    Attributes:
        title: what it does, for messages.
        entity_type: of the items that it is for.
        function: takes a plain dict and returns the new one; None leaves the item as it is.
    """

    title: str
    entity_type: str
    function: Rewrite

    def of(self, item: Item) -> Item:
        """Return what the function makes of a stored item; the very item where it leaves it.

        Raises:
            Unfit: the function raises, or what it makes cannot be stored.
            RewriteRefused: it changes a key, the mark of a run or its own result, or does not give the item back.
        """
        made = self._made_of(item)
        if made is item or not Change.between(item, made):
            return item
        for name in FIXED:
            if not _is_kept(name, item, made):
                raise RewriteRefused(
                    f"{self.title}: the function changes {name}, by which the item is found. Nothing of the item was "
                    "written; write a new item by an operation of your own, Run"
                )
        self._refuse_unrepeatable(made)
        try:
            limits.check_item(made, entity=self.entity_type)
        except MadMallError as error:
            raise Unfit(str(error)) from None
        return made

    def _made_of(self, item: Item) -> Item:
        given = any_from_wire({"M": item})
        try:
            made = self.function(given)
        except Exception as error:
            # Whatever a function raises, it is about this item. Its text may hold values, where it happened does not.
            raise Unfit(f"the function raised {type(error).__name__}{_place(error)}") from None
        if made is None and not Change.between(item, self._stored(given)):
            return item
        if not isinstance(made, dict):
            what = "changes the item and returns None" if made is None else f"returns a {type(made).__name__}"
            raise RewriteRefused(f"{self.title}: the function {what}; return the item as a dict, or None to leave it")
        return self._stored(made)

    def _stored(self, made: dict[str, Any]) -> Item:
        try:
            wire: Item = any_to_wire(made)["M"]
        except MadMallError as error:
            raise Unfit(f"what the function makes cannot be stored: {error}") from None
        return wire

    def _refuse_unrepeatable(self, made: Item) -> None:
        """Refuse a function that changes its own result: after a kill, items would be rewritten twice."""
        try:
            again = self._made_of(made)
        except Unfit as fault:
            raise RewriteRefused(f"{self.title}: of its own result, {fault}; {_REPEATABLE}") from None
        differing = sorted({path[0] for path in Change.between(made, again).paths})
        if differing:
            raise RewriteRefused(
                f"{self.title}: the function changes its own result in {', '.join(differing)}; {_REPEATABLE}"
            )


_REPEATABLE = (
    "it must leave what it made as it is, so that a run can be taken up again. Nothing of the item was written"
)


def _is_kept(name: str, item: Item, made: Item) -> bool:
    """Tell whether an attribute is what it was; only a mark can be missing, and what no run wrote is given none."""
    if name not in item or name not in made:
        return name not in item and name not in made
    return same(item[name], made[name])


def _place(error: Exception) -> str:
    """Return where in the function itself an error passed, without anything that the error says."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    if len(frames) < 2:
        return ""
    path, line = frames[1]
    return f" in line {line} of {os.path.basename(path)}"
