"""Refuse to build on what is stored and could not be read.

Reading never refuses: a list with one odd member is left aside, and looks as if there were none. What adds to a list,
or changes a part of a map, asks here first; else it would write a new one over the old.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pynamodb.constants import NULL

from madmall_models.errors import Unreadable


def demand_readable(container: Any, *names: str) -> None:
    """Refuse to go on where one of these attributes is stored in a form that could not be read.

    Args:
        container: an entity or a document, as it was loaded.
        names: dotted Python names; one in a list of documents is looked for in each of them.

    Raises:
        Unreadable: one is; the first is named.
    """
    for name in names:
        if is_unread(container, name):
            raise Unreadable(
                f"{type(container).__name__}.{name}: what is stored is of another form than the declared one and "
                "would be lost; repair the stored item first; nothing was written",
                field=name,
            )


def is_unread(container: Any, name: str) -> bool:
    """Tell whether an attribute of a dotted Python name is stored in a form that could not be read."""
    return _is_unread(container, name.split("."))


def _is_unread(container: Any, path: Sequence[str]) -> bool:
    name, *rest = path
    stored = container.unknown_attributes().get(container.get_attributes()[name].attr_name)
    if stored is not None and NULL not in stored:
        return True
    if not rest:
        return False
    value = container.attribute_values.get(name)
    documents = value if isinstance(value, list) else [value]
    return any(_is_unread(each, rest) for each in documents if hasattr(each, "unknown_attributes"))
