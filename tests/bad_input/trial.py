"""Call operations on a world, and note what was sent, what was answered and what was raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from madmall_models import Database, MadMallError, Query
from madmall_models.connection.operations import READS
from tests.bad_input.bad_values import SECRET
from tests.bad_input.world import restore


class Trial:
    """Try calls of operations by their names, ``users.get`` for example.

    Attributes:
        sent: the requests of the last call.
        answer: what the last call returned; of a query, its items.
        query: the query that the last call returned, if it did.
    """

    def __init__(self, db: Database, world: Sequence[Mapping[str, Any]]) -> None:
        self.db = db
        self.world = world
        self.sent: list[str] = []
        self.answer: Any = None
        self.query: Query[Any] | None = None
        call = db.connection.call

        def noted(operation: str, request: Mapping[str, Any], **options: Any) -> Any:
            self.sent.append(operation)
            return call(operation, request, **options)

        db.connection.call = noted  # type: ignore[method-assign]

    def manager(self, operation: str) -> Any:
        """Return the manager of an operation."""
        return getattr(self.db, operation.split(".")[0])

    def raised(self, operation: str, arguments: Mapping[str, Any]) -> Exception | None:
        """Return what a call raised, None where it raised nothing; a query is asked."""
        self.sent.clear()
        self.answer = self.query = None
        try:
            self.answer = getattr(self.manager(operation), operation.split(".")[1])(**arguments)
            if isinstance(self.answer, Query):
                self.query = self.answer
                self.answer = list(self.query)
        except Exception as error:
            return error
        return None

    def wrote(self) -> bool:
        """Tell whether the last call changed the table; what it wrote is taken back."""
        return not set(self.sent) <= READS and restore(self.db, self.world)

    @staticmethod
    def fault(error: Exception | None, *, wrote: bool) -> str | None:
        """Return what is wrong with the outcome of a call that should be refused, None where nothing is."""
        if error is None:
            return "was accepted" + (" and written" if wrote else "")
        said = f"{type(error).__name__}: {str(error)[:150]}"
        if not isinstance(error, MadMallError):
            return said
        if wrote:
            return f"something was written, and then {said}"
        return f"the text quotes the value: {said}" if SECRET in str(error) else None
