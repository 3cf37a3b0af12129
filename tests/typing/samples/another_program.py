"""Another program has a manager under a name that this one has not; two others share theirs."""

from typing import reveal_type

from madmall_models import Database


def ask(db: Database) -> None:
    reveal_type(db.events)  # R: Any
