"""Create what somebody writes, unless that person, or the circle it is for, is not there to stay."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import Circle, User
from madmall_models.errors import AlreadyExists, TransactionCancelled
from madmall_models.managers.presence import stays, user_if_there


def create_by(database: Any, entity: Any, author_id: str | None, *, circle_id: str | None = None) -> None:
    """Write a new entity with the demand that its author, if there is such a user, is not being deleted.

    Args:
        database: where to write.
        entity: what is new.
        author_id: who wrote it; there need not be such a user.
        circle_id: the circle that it is for, which must be there.

    Raises:
        AlreadyExists: the key is taken. User.DoesNotExist: the author is being deleted. Circle.DoesNotExist: there is
            no such circle, or it is being deleted. ValidationError, KeyValueError.
    """
    transaction = database.transaction()
    created = transaction.create(entity)
    author = circle = None
    if author_id is not None:
        author = user_if_there(database, transaction, author_id)
    if circle_id is not None:
        circle = transaction.check(Circle.key.of(circle_id), stays(Circle))
    try:
        transaction.commit()
    except TransactionCancelled as cancelled:
        name = type(entity).__name__
        if cancelled.refused(created):
            raise AlreadyExists(f"{name}: an item with this key exists already; nothing was written") from cancelled
        if author is not None and cancelled.refused(author):
            raise User.DoesNotExist(f"{name}: its author is being deleted; nothing was written") from cancelled
        if circle is not None and cancelled.refused(circle):
            raise no_circle(entity) from cancelled
        raise


def author_of(entity: Any) -> Any:
    """Return the id of who wrote something, None where there is none; whether it is an id is checked later."""
    return getattr(entity.author, "id", None)


def no_circle(entity: Any) -> Exception:
    """Return the error of something that names a circle which is not there to stay."""
    missing: Exception = Circle.DoesNotExist(
        f"{type(entity).__name__}: circle_id names no circle, or one that is being deleted; nothing was written"
    )
    return missing
