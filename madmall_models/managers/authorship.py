"""Create what somebody writes, unless that person is being deleted."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import User
from madmall_models.errors import AlreadyExists, TransactionCancelled


def create_by(database: Any, entity: Any, author_id: str | None) -> None:
    """Write a new entity with the demand that its author, if there is such a user, is not being deleted.

    Raises:
        AlreadyExists: the key is taken. User.DoesNotExist: the author is being deleted. ValidationError, KeyValueError.
    """
    transaction = database.transaction()
    created = transaction.create(entity)
    author = None
    if author_id is not None:
        author = transaction.check_if_there(User.key.of(author_id), User.deleting_at.does_not_exist())
    try:
        transaction.commit()
    except TransactionCancelled as cancelled:
        name = type(entity).__name__
        if cancelled.refused(created):
            raise AlreadyExists(f"{name}: an item with this key exists already; nothing was written") from cancelled
        if author is not None and cancelled.refused(author):
            raise User.DoesNotExist(f"{name}: its author is being deleted; nothing was written") from cancelled
        raise
