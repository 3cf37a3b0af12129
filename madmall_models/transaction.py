"""Write several items all or none: steps as data, refusals in call order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Self

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action as UpdateAction
from pynamodb.expressions.update import AddAction, SetAction

from madmall_models import condition as conditions
from madmall_models import footprint as footprints
from madmall_models import limits, measurement, signals
from madmall_models.entity import Entity
from madmall_models.errors import LimitExceeded, MadMallError, QueryError, TransactionCancelled
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey, Pointer, checked_item_key
from madmall_models.measurement import AbsentMaps
from madmall_models.sending import Reason, Refused, new_token, send
from madmall_models.step import Step
from madmall_models.writer import (
    Revision,
    prepare_creation,
    refuse_stranger,
    releases_of_others,
    stored_footprint,
    stored_version,
)

_MAP_ROUNDS = 3


class WriteTransaction:
    """Collect steps and commit them all or none.

    As a context manager it commits at the end of the block and sends nothing when the block raises. At most 100
    actions and 4 MB; no item may be touched twice. The payload and its idempotency token are fixed at the first
    attempt, so that a repeated request counts once.

    Args:
        database: where to write.
        token: an idempotency token of the caller's own intention, 1 to 36 characters; valid for 10 minutes.
    """

    def __init__(self, database: Any, *, token: str | None = None) -> None:
        if token is not None and (not isinstance(token, str) or not 1 <= len(token) <= limits.TOKEN_CHARACTERS):
            raise LimitExceeded(f"a token has 1 to {limits.TOKEN_CHARACTERS} characters")
        self._database = database
        self._token = token or new_token()
        self._steps: list[Step] = []
        self._revisions: dict[int, Revision] = {}
        # Releases of unique values that turned out to be another item's: by identity, left out of what is sent.
        self._spared: set[int] = set()
        self._committed = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps so far, in call order."""
        return tuple(self._steps)

    @property
    def action_count(self) -> int:
        """Return how many of the 100 actions are taken."""
        return sum(step.action_count for step in self._steps)

    @property
    def byte_count(self) -> int:
        """Return how many of the 4 MB are taken."""
        return sum(step.byte_count for step in self._steps)

    # -- steps -----------------------------------------------------------------------------------------------------

    def create(self, entity: Entity) -> Step:
        """Add the creation of an entity with its mirrors, pointers and claims.

        What a manager's recipe does beside that is left to the other steps: a membership's transaction has to count the
        member and see that there is room, a comment's to count the comment. The entity's own ``create()`` does it all.

        Raises:
            ValidationError, KeyValueError, ItemTooLarge: it cannot be stored.
        """
        new = prepare_creation(_checked_entity(entity))
        return self._add(Step("create", entity, tuple(footprints.creation(new))))

    def save(
        self,
        entity: Entity,
        *,
        adding: Sequence[AddAction | SetAction] = (),
        condition: Condition | None = None,
        absent_maps: AbsentMaps | None = None,
        judged: bool = True,
    ) -> Step:
        """Add what changed since an entity was loaded, on condition that nobody changed it meanwhile.

        Args:
            entity: a loaded entity; without a change the step has no action.
            adding: counters and gauges of the same item to change with it, since an item may be touched once only.
            condition: what must hold beside the unchanged version.
            absent_maps: as in :meth:`update`.
            judged: whether the rules are asked about the entity; data that is old may be rewritten without.

        Raises:
            ValidationError, KeyValueError, ItemTooLarge: it cannot be stored.
            QueryError: an attribute changed on which other items depend; use the operation of its manager.
        """
        revision = Revision(self._at_home(entity), adding=adding, condition=condition, judged=judged)
        revision.__enter__()
        try:
            touched = measurement.touched_names(type(entity), adding)
            self._refuse_recipe_attributes(type(entity), {*revision.changed, *touched})
        except QueryError:
            revision.__exit__()
            raise
        if not revision.actions and adding:
            return self.update(entity.item_key(), *adding, condition=condition, absent_maps=absent_maps)
        maps = measurement.absent_maps(entity.item_key(), adding, absent_maps)
        step = self._add(Step("save", entity, tuple(revision.actions), maps))
        self._revisions[id(step)] = revision
        return step

    def delete(self, entity: Any, *, condition: Condition | None = None) -> Step:
        """Add the deletion of an entity as it was loaded; or by its key, if it has no claims and no pointers.

        By its key the item is deleted in whatever version it is, and must exist; nobody hears of it by a signal, since
        what it was is not known.

        Args:
            entity: a loaded entity, or the key of an item.
            condition: what must hold beside the existence of an item that is deleted by its key.

        Raises:
            QueryError: what the item occupies beside its key and mirrors can only be known by loading it; or a loaded
                entity is given a condition, whose version is its condition.
        """
        if isinstance(entity, ItemKey):
            _checked_condition(condition, checked_item_key(entity))
            self._refuse_recipe(entity)
            return self._add(Step("delete", entity, _deletion_by_key(entity, condition)))
        if condition is not None:
            raise QueryError("a loaded entity is deleted on condition of its version; give a condition with a key only")
        old = stored_footprint(self._at_home(entity))
        actions = footprints.deletion(old, expected_version=stored_version(entity))
        return self._add(Step("delete", entity, tuple(actions)))

    def update(
        self,
        key: ItemKey,
        *actions: UpdateAction,
        condition: Condition | None = None,
        absent_maps: AbsentMaps | None = None,
    ) -> Step:
        """Add counters, gauges or other attributes of an existing item that no key is made of.

        Args:
            key: the item.
            actions: PynamoDB update actions, for example ``Circle.stats.member_count.add(1)``.
            condition: what must hold beside the existence of the item.
            absent_maps: by stored path, what makes the content of a map that a counter lives in, where the item has
                none yet; the zeros of the declaration where left out.

        Raises:
            QueryError: an action touches a part of a key or a unique value; save the entity instead. Or it touches an
                attribute on which other items depend; use the operation of its manager.
            ValidationError: a value is none of those that its attribute takes.
        """
        _checked_condition(condition, checked_item_key(key))
        update = measurement.update_of(key, actions, condition)
        self._refuse_recipe_attributes(key.entity, measurement.touched_names(key.entity, actions))
        maps = measurement.absent_maps(key, actions, absent_maps)
        return self._add(Step("update", key, tuple(update), maps))

    def check(self, key: ItemKey, condition: Condition | None = None) -> Step:
        """Add the demand that an item exists and satisfies a condition; it is not changed."""
        _checked_condition(condition, checked_item_key(key))
        expression = Expression().exists("PK").equals(("entityType",), {"S": key.entity.discriminator})
        request = {"Key": key.wire, **expression.satisfying(condition).request()}
        return self._add(Step("check", key, (Action("ConditionCheck", "item", request, key),)))

    def check_if_there(self, key: ItemKey, condition: Condition) -> Step:
        """Add the demand that an item satisfies a condition; one that does not exist has no attributes.

        A comparison with a missing attribute does not hold, so use ``does_not_exist()`` for what may be missing.
        """
        _checked_condition(condition, checked_item_key(key))
        request = {"Key": key.wire, **Expression().satisfying(condition).request()}
        return self._add(Step("check", key, (Action("ConditionCheck", "item", request, key),)))

    def _at_home(self, entity: Any) -> Any:
        return refuse_stranger(_checked_entity(entity), self._database)

    def _refuse_recipe(self, key: ItemKey) -> None:
        """Refuse to delete by its key what other items depend on."""
        if self._database.manager_of(key.entity).deletes_by_recipe:
            raise QueryError(
                f"{key!r}: more than this item goes with it; use the delete operation of its manager, "
                "or load the entity and say what else changes"
            )

    def _refuse_recipe_attributes(self, entity: type[Any], names: Collection[str]) -> None:
        """Refuse to change by hand what other items depend on.

        Args:
            entity: the class of the item.
            names: the Python names that change, dotted into documents.
        """
        changed = {name.partition(".")[0] for name in names} & self._database.manager_of(entity).by_recipe
        if changed:
            raise QueryError(
                f"{entity.__name__}.{', '.join(sorted(changed))} changes together with other items; "
                "use the operation of its manager"
            )

    def _add(self, step: Step) -> Step:
        if self._committed:
            raise QueryError("this transaction was committed; begin a new one")
        self._steps.append(step)
        return step

    # -- committing ------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Send the steps; nothing is sent when there are none.

        Raises:
            TransactionCancelled: a condition did not hold; ``reasons`` has one entry per step, whose ``error`` is what
                the same operation by itself would have raised.
            LimitExceeded: over 100 actions or 4 MB, or an item touched twice; nothing was sent.
            OutcomeUnknown: the answer was lost.
        """
        if self._committed:
            raise QueryError("this transaction was committed; begin a new one")
        self._committed = True
        try:
            actions = [action for step in self._steps for action in step.actions]
            self._check_limits(actions)
            if actions:
                self._send(actions)
            self._accept()
        finally:
            self._settle()

    def _send(self, actions: Sequence[Action]) -> None:
        try:
            self._send_with_maps(actions)
        except Refused as refused:
            foreign = releases_of_others(actions, refused)
            if not foreign:
                raise self._cancelled(refused) from refused.cause
            # Nothing was written. What is sent now is another payload, so it needs a token of its own.
            self._spared |= {id(action) for action in foreign}
            self._token = new_token()
            self._send([action for action in actions if id(action) not in self._spared])

    def _send_with_maps(self, actions: Sequence[Action]) -> None:
        # Adding is not safe to repeat, and a check is no request of its own: both need the transaction's token.
        atomic = any(step.kind in ("update", "check") or step.absent_maps for step in self._steps)
        for attempt in range(1, _MAP_ROUNDS + 1):
            try:
                send(self._database.connection, actions, token=self._token, atomic=atomic)
                return
            except (Refused, MadMallError) as error:
                if attempt < _MAP_ROUNDS and measurement.is_missing_map(error) and self._make_maps():
                    # The same payload with the same token: whatever happened to the first, it counts once.
                    continue
                raise

    def _make_maps(self) -> bool:
        made = [
            measurement.put_absent(self._database.connection, step.actions[0].key, path, {"M": dict(content())})
            for step in self._steps
            for path, content in step.absent_maps.items()
        ]
        return bool(made)

    def _cancelled(self, refused: Refused) -> TransactionCancelled:
        reasons: list[Reason | None] = []
        position = 0
        for step in self._steps:
            sent = sum(id(action) not in self._spared for action in step.actions)
            mine = Refused(refused.reasons[position : position + sent], refused.cause)
            reasons.append(step.reason_of(mine, self._database))
            position += sent
        failed = [
            f"{step.kind} {step.subject!r}: {reason.in_words}"
            for step, reason in zip(self._steps, reasons, strict=True)
            if reason is not None
        ]
        return TransactionCancelled(
            f"the transaction was cancelled and nothing was written: {'; '.join(failed) or refused.cause}",
            steps=self._steps,
            reasons=reasons,
        )

    def _check_limits(self, actions: Sequence[Action]) -> None:
        if len(actions) > limits.TRANSACTION_ACTIONS:
            raise LimitExceeded(
                f"the transaction has {len(actions)} actions; the most is {limits.TRANSACTION_ACTIONS} "
                "(an entity counts once for itself and once for each mirror, pointer and claim)"
            )
        if self.byte_count > limits.TRANSACTION_BYTES:
            raise LimitExceeded(f"the transaction has {self.byte_count} bytes; the most is {limits.TRANSACTION_BYTES}")
        seen: set[tuple[str, str]] = set()
        for action in actions:
            place = (action.key.partition, action.key.sort)
            if place in seen:
                raise LimitExceeded(f"{action.key!r} is touched twice; put the condition on the update of the item")
            seen.add(place)

    def _accept(self) -> None:
        for step in self._steps:
            entity = step.subject
            if step.kind == "create":
                entity._remember(step.actions[0].request["Item"], entity.unknown_attributes(), self._database)
                signals.announce(signals.item_created, type(entity), item=entity)
            elif step.kind == "save" and step.actions:
                revision = self._revisions[id(step)]
                revision.accepted(self._database)
                signals.announce(signals.item_updated, type(entity), item=entity, changed=revision.changed)
            elif step.kind == "delete" and isinstance(entity, Entity):
                entity._remember(None, {}, self._database)
                signals.announce(signals.item_deleted, type(entity), item=entity)

    def _settle(self) -> None:
        """Give entities whose save did not happen their version back."""
        for revision in reversed(self._revisions.values()):
            revision.__exit__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            # What the block was about to do is given up: nothing of it may be sent later.
            self._committed = True
            self._settle()

    def __repr__(self) -> str:
        return f"<WriteTransaction of {len(self._steps)} steps, {self.action_count} actions>"


def _deletion_by_key(key: ItemKey, condition: Condition | None = None) -> tuple[Action, ...]:
    """Return the actions that delete an item and its mirrors, whatever is stored in it.

    Raises:
        QueryError: it has claims or pointers, which only the loaded entity names.
    """
    entity = checked_item_key(key).entity
    if entity.claims or any(isinstance(declared, Pointer) for declared in entity.keys.values()):
        raise QueryError(
            f"{entity.__name__} has unique values or pointers, which its key does not tell; "
            "load it and delete the entity"
        )
    expression = Expression().exists("PK").equals(("entityType",), {"S": entity.discriminator})
    request = {"Key": key.wire, **expression.satisfying(condition).request()}
    mirrors = measurement.mirror_keys(key)
    return (
        Action("Delete", "item", request, key),
        *(Action("Delete", f"mirror:{name}", {"Key": mirror.wire}, mirror) for name, mirror in mirrors),
    )


def _checked_entity(entity: Any) -> Any:
    if not isinstance(entity, Entity):
        raise QueryError(f"a transaction takes entities, not {type(entity).__name__}")
    return entity


def _checked_condition(condition: Any, key: ItemKey) -> None:
    if condition is None:
        return
    if not isinstance(condition, Condition):
        raise QueryError(f"a condition is made as in User.is_active == True; {type(condition).__name__} is none")
    measurement.refuse_undeclared(key, sorted(conditions.paths(condition)))
