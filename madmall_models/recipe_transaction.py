"""Write what only a recipe may: attributes on which other items depend, together with those items."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from madmall_models.transaction import WriteTransaction


class RecipeTransaction(WriteTransaction):
    """Be a transaction of a manager that keeps in step what follows from a change; never one of an application."""

    def _refuse_recipe_attributes(self, entity: type[Any], names: Collection[str]) -> None:
        """Take every attribute: whoever begins this transaction writes what follows from it too."""
