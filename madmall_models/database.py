"""Hold one table and the one connection to it; everything else asks here."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from madmall_models import batch, batch_write, binding, codec, signals
from madmall_models.configuration import Setting, canonical_environment, connection_settings, effective_settings
from madmall_models.connection.metrics import Metrics
from madmall_models.connection.operations import Connection
from madmall_models.errors import KeyValueError, MadMallError
from madmall_models.keys import ItemKey, Key, checked_item_key
from madmall_models.manager import Manager
from madmall_models.page import CursorSigner, Page
from madmall_models.query import Query
from madmall_models.query_builder import QueryBuilder
from madmall_models.query_reader import is_expired
from madmall_models.raw_reader import run
from madmall_models.read_transaction import ReadTransaction
from madmall_models.scan import Scan
from madmall_models.table import Provisioned, Table
from madmall_models.table_plan import Application, Report, TablePlan, TableSettings, plan_of, state_or_none
from madmall_models.transaction import WriteTransaction
from madmall_models.writer import EntityWriter

if TYPE_CHECKING:
    # The managers stand above; naming them here lets a type checker see what db.users is.
    from madmall_models.managers import (
        ActivityManager,
        AdvisoryReviewManager,
        BusinessManager,
        CircleManager,
        FeedbackManager,
        ImageManager,
        IncidentManager,
        PersonalizationManager,
        PremiumSourceManager,
        ResourceManager,
        StoryManager,
        UserManager,
    )

E = TypeVar("E")
_open: weakref.WeakSet[Database] = weakref.WeakSet()


@dataclass(frozen=True)
class Health:
    """Whether a database can serve.

    Attributes:
        ok: whether the table answers and is active.
        table: DynamoDB's state of it, or ``UNREACHABLE`` or ``MISSING``.
        latency_ms: how long the answer took, in milliseconds.
        reasons: what is wrong, in words; empty when ok.
    """

    ok: bool
    table: str
    latency_ms: float
    reasons: tuple[str, ...] = ()


class Database:
    """One table at one endpoint.

    Args:
        table: its name.
        region: of the table; from AWS_REGION, else us-east-1.
        endpoint: URL of an engine; None for the region's own.
        access_key, secret_key, session_token: credentials; left out, botocore's usual places are asked.
        max_attempts: how often a request is sent at most, the first time included.
        timeout: seconds to wait for one answer.
        max_connections: size of the pool; give at least the number of threads that share the database.
        deadline: seconds for a whole call, its attempts and waits included; else timeout times max_attempts.
        breaker_failures: so many failed calls in a row hold further ones back (CircuitOpen); 5, or 0 for never.
        breaker_pause: seconds for which they are held back before one is tried; 5.
        cursor_keys: secrets to sign cursors with; the first signs, all verify. Else MADMALL_CURSOR_KEYS.

    Nothing is sent and no client is made before the first operation. Threads may share a database; a forked child
    makes a connection of its own.

    Raises:
        ConfigurationError: a setting is missing, unknown or out of range.
    """

    if TYPE_CHECKING:
        users: UserManager
        circles: CircleManager
        stories: StoryManager
        businesses: BusinessManager
        resources: ResourceManager
        images: ImageManager
        feedback: FeedbackManager
        incidents: IncidentManager
        sources: PremiumSourceManager
        reviews: AdvisoryReviewManager
        personalization: PersonalizationManager
        activities: ActivityManager

    def __init__(
        self,
        table: str | None = None,
        region: str | None = None,
        endpoint: str | None = None,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        max_attempts: int | None = None,
        timeout: float | None = None,
        max_connections: int | None = None,
        deadline: float | None = None,
        breaker_failures: int | None = None,
        breaker_pause: float | None = None,
        cursor_keys: Sequence[str] = (),
        environment: str | None = None,
        _read_only: bool = False,
        **unknown: Any,
    ) -> None:
        self.settings: Mapping[str, Setting] = effective_settings(
            environment,
            table=table, region=region, endpoint=endpoint,
            access_key=access_key, secret_key=secret_key, session_token=session_token,
            max_attempts=max_attempts, timeout=timeout, max_connections=max_connections, deadline=deadline,
            breaker_failures=breaker_failures, breaker_pause=breaker_pause, **unknown,
        )  # fmt: skip
        named = environment or os.environ.get("MADMALL_ENVIRONMENT")
        self.environment = canonical_environment(named) if named else None
        self.table_name: str = self.settings["table"].value
        self.connection = Connection(
            connection_settings(self.settings), self.table_name, observer=self._observe, read_only=_read_only
        )
        self.cursors = CursorSigner(cursor_keys, strict=self.environment == "production")
        self.writer = EntityWriter(self.connection, self)
        self._managers: dict[type[Any], Any] = {}
        _open.add(self)

    @classmethod
    def for_environment(cls, environment: str, **settings: Any) -> Self:
        """Return the database of an environment: ``production|prod``, ``staging``, ``development|dev``.

        Raises:
            ConfigurationError: there is no such environment or setting.
        """
        return cls(environment=environment, **settings)

    @classmethod
    def configure(cls, environment: str | None = None, **settings: Any) -> Self:
        """Make a database and let ``User.objects``, ``entity.save()`` and queries of keys mean it in this process."""
        database = cls(environment=environment, **settings)
        binding.set_default(database)
        return database

    def bound(self) -> AbstractContextManager[None]:
        """Mean this database within a ``with`` block, in this thread or task only."""
        return binding.bound_to(self)

    def read_only(self) -> Database:
        """Return a database of the same table whose connection refuses every write with WriteRefused."""
        values = {name: setting.value for name, setting in self.settings.items()}
        database = Database(**values, environment=self.environment, _read_only=True)
        database.cursors = self.cursors
        return database

    # -- the table -------------------------------------------------------------------------------------------------

    def create_table(
        self,
        *,
        wait: bool = True,
        billing: Provisioned | None = None,
        kms_key: str | None = None,
        point_in_time_recovery: bool = False,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Create the table: keys, GSI1 to GSI4, time to live, stream, on-demand billing unless told; safe to repeat.

        Raises:
            ConfigurationError: a table of this name exists with other keys or indexes.
        """
        Table(self.connection).create(
            wait=wait, billing=billing, kms_key=kms_key, point_in_time_recovery=point_in_time_recovery,
            deletion_protection=deletion_protection, tags=tags,
        )  # fmt: skip

    def check_table(self) -> None:
        """Make sure that the table is there and has the keys and indexes that the models declare.

        Raises:
            TableNotFound: there is none. ConfigurationError: it has others.
        """
        Table(self.connection).check()

    def diff_table(self, settings: TableSettings | None = None) -> TablePlan:
        """Return what makes the table what the models declare and ``settings`` ask for; only reads."""
        return plan_of(self.table_name, state_or_none(self.connection), settings or TableSettings())

    def apply_table(self, plan: TablePlan, *, seconds: float = 3600.0, report: Report = lambda _: None) -> TablePlan:
        """Make the changes of a plan one at a time, wait for each, and return the plan of what is left.

        What is there already is not done again, so it may be repeated after any error. Filling an index may take hours.

        Raises:
            ConfigurationError: the table has another primary key, or is another one. TableNotFound: it is gone.
            TableChangeRefused: the service refused a change. DeadlineExceeded: it took longer than ``seconds``.
        """
        return Application(self.connection, plan, seconds, report).run()

    def delete_table(self) -> None:
        """Delete the table with everything in it; nothing happens if it is not there."""
        Table(self.connection).delete()

    def describe_table(self) -> dict[str, Any]:
        """Return DynamoDB's description of the table.

        Raises:
            TableNotFound: there is none.
        """
        return Table(self.connection).describe()

    def health(self) -> Health:
        """Return whether the table can serve; never raises for what is wrong with it."""
        started = time.perf_counter()
        reasons: tuple[str, ...] = ()
        try:
            state = str(Table(self.connection).describe().get("TableStatus", "UNKNOWN"))
            if state not in ("ACTIVE", "UPDATING"):
                reasons = (f"the table is {state}",)
        except LookupError as error:
            state, reasons = "MISSING", (str(error),)
        except MadMallError as error:
            state, reasons = "UNREACHABLE", (f"{type(error).__name__}: {error}",)
        if os.environ.get("PYNAMODB_CONFIG"):
            reasons += ("PYNAMODB_CONFIG names a Python file that PynamoDB runs at import; unset it",)
        latency = (time.perf_counter() - started) * 1000
        return Health(not reasons, state, round(latency, 3), reasons)

    def metrics(self) -> Metrics:
        """Return what the connection did since it was opened; data operations only."""
        return self.connection.metrics()

    def close(self) -> None:
        """Close the connection; later operations are refused."""
        self.connection.close()

    # -- reading and writing ---------------------------------------------------------------------------------------

    def transaction(self, *, token: str | None = None) -> WriteTransaction:
        """Return a transaction; as a context manager it commits at the end, and sends nothing if the block raises."""
        return WriteTransaction(self, token=token)

    def read_transaction(self, keys: Iterable[ItemKey]) -> ReadTransaction:
        """Return up to 100 items to read as of one moment: ``user, circle = db.read_transaction([...])``.

        In the order asked, None where there is none or it has expired. Nothing is sent before it is iterated.
        """
        return ReadTransaction(self, keys)

    def batch_get(self, keys: Iterable[ItemKey[E]], *, consistent: bool = False) -> list[E | None]:
        """Return the entities of any number of keys in the order asked, None where there is none or it has expired.

        Raises:
            KeyValueError: they are no list of keys; nothing was sent.
        """
        if isinstance(keys, str | bytes | ItemKey | Mapping) or not isinstance(keys, Iterable):
            raise KeyValueError(f"batch_get takes a list of keys, not {type(keys).__name__}")
        asked = [checked_item_key(key) for key in keys]
        found = batch.get_items(self.connection, asked, consistent=consistent)
        return [self._entity_at(key, found.get((key.partition, key.sort))) for key in asked]

    def batch_write(self, entities: Iterable[Any]) -> None:
        """Put many new entities that have no claims, mirrors, pointers or recipe of creation; 25 to a request.

        A batch cannot be conditional: an entity replaces what is stored under its key. So give ids that are new
        (:func:`new_id`), or use ``batch_write`` of the manager, which creates only what is absent. All entities are
        checked before the first request. What the service leaves unprocessed is sent again, with jitter, a bounded
        number of times and no longer than one call may take; when it stops taking writes, the rest is not tried.

        Raises:
            BatchIncomplete: some were not written: ``unwritten`` in the order given, ``reasons`` for each.
            ValidationError, KeyValueError, ItemTooLarge: one cannot be stored; nothing was sent.
            QueryError: one needs more than a put, was loaded or deleted, or shares its key with another; nothing was
                sent.
            TableNotFound, AccessDenied, WriteRefused: nothing was written at all.
        """
        batch_write.put_all(self, batch_write.plain_entities(self, entities))

    def _entity_at(self, key: ItemKey, item: Mapping[str, Any] | None) -> Any:
        if item is None or is_expired(item):
            return None
        cls = codec.stored_class(item)
        return codec.decode(cls, item, self) if cls is not None and cls is (key.entity or cls) else None

    def query_of(self, key: Key, fields: Mapping[str, Any]) -> Any:
        """Return a lazy query of a key with these leading fields."""
        return Query(self, key, dict(fields))

    def run(self, builder: QueryBuilder, *, after: str | None = None) -> Page[Any]:
        """Return a page of what a builder asks for: at most as many matching items as its limit, else 1,000.

        Items are entities where their class is known and nothing is projected, else read-only rows by stored names.
        Expired ones are left out. What an index does not hold is fetched, in order.

        Args:
            builder: the query.
            after: the cursor of the page before; None or empty for the first.

        Raises:
            QueryError: the query is not whole. InvalidCursor: the cursor is not one of this query.
            ConfigurationError: production has no key to sign cursors with.
        """
        return run(self, builder, after)

    def scan(self, entity: type[E], *, segments: int = 4, consistent: bool = False) -> Scan[E]:
        """Return a lazy reading of the whole table for the items of one entity, in no order.

        Every item of every entity is read and paid for: half a read unit for each 4 KB of the table, one when
        ``consistent``. Nothing else in this package scans unasked.

        Args:
            entity: the class.
            segments: 1 to 64 parts that are read at the same time, each by a thread.
            consistent: whether to reflect every write that was acknowledged before.

        Raises:
            QueryError: it is no entity class, or a number is out of range.
        """
        return Scan(self, entity, segments, consistent)

    def manager_of(self, entity: type[Any]) -> Any:
        """Return the manager of an entity class on this database: the registered one, else a plain one."""
        if entity not in self._managers:
            self._managers[entity] = (binding.manager_class(entity) or Manager)(self, entity)
        return self._managers[entity]

    def __getattr__(self, name: str) -> Any:
        manager = None if name.startswith("_") else binding.collection_manager(name)
        if manager is None:
            known = ", ".join(binding.collection_names())
            raise AttributeError(
                f"a database has no {name!r}; its managers are {known}. One of your own is among them once its module "
                "is imported and its manager names a `collection`; db.manager_of(TheEntity) does without"
            )
        return self.manager_of(manager.entity)

    def create_entity(self, entity: Any) -> None:
        """Write a new entity; see :meth:`madmall_models.entity.Entity.create`."""
        self.manager_of(type(entity)).create_entity(entity)

    def save_entity(self, entity: Any) -> None:
        """Write what changed; see :meth:`madmall_models.entity.Entity.save`."""
        self.manager_of(type(entity)).save_entity(entity)

    def delete_entity(self, entity: Any) -> None:
        """Delete an entity as it was loaded; see :meth:`madmall_models.entity.Entity.delete`."""
        self.manager_of(type(entity)).delete_entity(entity)

    def refresh_entity(self, entity: Any) -> None:
        """Read an entity again, consistently, in place.

        Raises:
            DoesNotExist: it is gone.
        """
        fresh = self.manager_of(type(entity)).get_by_key(entity.item_key(), consistent=True)
        entity.attribute_values = fresh.attribute_values
        entity._remember(fresh._stored, fresh.unknown_attributes(), self)

    def _observe(self, operation: str, outcome: str, milliseconds: float, attempts: int, capacity: float) -> None:
        signals.announce(
            signals.operation_completed,
            self,
            operation=operation,
            outcome=outcome,
            milliseconds=milliseconds,
            attempts=attempts,
            capacity=capacity,
        )

    def __repr__(self) -> str:
        return f"<Database {self.table_name} at {self.connection.settings.endpoint or self.connection.settings.region}>"


def _forget_connections() -> None:
    """Drop every connection in a forked child: sharing a socket with the parent mixes up answers."""
    for database in list(_open):
        database.connection.drop_client()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)
