"""Of two runners one works, and the other is told who does; whoever loses the lease notices."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import Database, EndpointUnreachable, LeaseHeld, LeaseLost, OutcomeUnknown, clock
from madmall_models.migration import lease as leases
from madmall_models.migration import lease_state, unlock
from madmall_models.migration.holder import Holder
from madmall_models.migration.lease import Lease

ELSEWHERE = Holder("ward-3", 17, "99", "another boot")


@contextlib.contextmanager
def being(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be another process for the time of a block."""
    with monkeypatch.context() as patch:
        patch.setattr(Holder, "this", classmethod(lambda cls: holder))
        yield


def leave_behind(db: Database, holder: Holder, monkeypatch: pytest.MonkeyPatch, seconds: float = 60.0) -> None:
    """Leave the lease of a process that never gave it back."""
    with being(holder, monkeypatch):
        Lease(db, "run 01A", seconds=seconds)._write(was=None)


def let_time_pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = clock.utc_now() + timedelta(seconds=seconds)
    monkeypatch.setattr(clock, "utc_now", lambda: now)


def test_a_second_runner_is_told_who_holds_the_lease_and_what_to_do(db: Database) -> None:
    with Lease(db, "run 01A"):
        with pytest.raises(LeaseHeld) as refused, Lease(db, "run 01B"):
            raise AssertionError("two held it")
        state = lease_state(db)

    assert state is not None
    assert (state.holder, state.purpose) == (Holder.this(), "run 01A")
    said = str(refused.value)
    assert f"is being changed by {Holder.this()} (run 01A, since {clock.to_text(state.since)})" in said
    assert "madmall migrate unlock" in said


def test_a_lease_is_given_back_at_the_end(db: Database) -> None:
    with Lease(db, "run 01A") as held:
        held.check()
    assert lease_state(db) is None
    with Lease(db, "run 01B"):
        pass


def test_a_lease_is_given_back_after_an_error_too(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), Lease(db, "run 01A"):
        raise ZeroDivisionError

    assert lease_state(db) is None
    assert not [thread for thread in threading.enumerate() if thread.name == "madmall-migration-lease"]


def test_the_lease_of_another_machine_is_followed_when_it_ran_out(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_behind(db, ELSEWHERE, monkeypatch)
    with pytest.raises(LeaseHeld, match=r"process 17 on ward-3 .*its lease lives (60|59) s more"), Lease(db, "run"):
        pass

    let_time_pass(monkeypatch, 60.5)

    with Lease(db, "run 01B"):
        state = lease_state(db)
        assert state is not None
        assert state.holder == Holder.this()


def test_the_lease_of_a_process_that_ended_on_this_machine_is_followed_at_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = replace(Holder.this(), started="1")
    if not ended.is_gone:
        pytest.skip("the system does not tell of processes")
    leave_behind(db, ended, monkeypatch)

    with Lease(db, "run 01B") as held:
        held.check()


def test_a_renewal_keeps_the_lease(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(db, "run 01A") as held:
        before = lease_state(db)
        let_time_pass(monkeypatch, 50.0)
        held._renew()
        after = lease_state(db)
        let_time_pass(monkeypatch, 20.0)

        with pytest.raises(LeaseHeld), Lease(db, "run 01B"):
            pass

    assert before is not None
    assert after is not None
    assert (after.since, after.expires > before.expires, after.token != before.token) == (before.since, True, True)


def test_the_thread_renews_it_by_itself(db: Database) -> None:
    renewed = threading.Event()
    held = Lease(db, "run 01A", seconds=0.4)
    renew = held._renew
    held._renew = lambda: (renew(), renewed.set())  # type: ignore[method-assign,return-value,func-returns-value]

    with held:
        assert renewed.wait(30)


def test_a_lease_that_was_taken_is_noticed_and_left_alone(db: Database) -> None:
    with Lease(db, "run 01A") as held:
        assert unlock(db) is not None
        with Lease(db, "run 01B") as other:
            held._renew()

            with pytest.raises(LeaseLost, match=r"another runner took it.*madmall migrate status"):
                held.check()
            other.check()
            held.__exit__(None, None, None)
            state = lease_state(db)
            assert state is not None
            assert state.purpose == "run 01B"


def test_a_lease_that_could_not_be_renewed_in_time_is_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(db, "run 01A") as held:
        with monkeypatch.context() as patch:
            patch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: held._renewed + 59.9))
            held.check()
            patch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: held._renewed + 60.0))
            with pytest.raises(LeaseLost, match="not renewed for 60 seconds"):
                held.check()
        # Whoever was told so once is told so for ever.
        with pytest.raises(LeaseLost):
            held.check()


def lose_answers(db: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, *, apply: bool) -> None:
    call = db.connection.call

    def losing(operation: str, request: Any, **options: Any) -> Any:
        if operation != "PutItem":
            return call(operation, request, **options)
        if apply:
            call(operation, request, **options)
        raise error

    monkeypatch.setattr(db.connection, "call", losing)


def test_a_renewal_whose_answer_was_lost_is_no_lost_lease(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lease(db, "run 01A") as held:
        with monkeypatch.context() as patch:
            lose_answers(db, patch, OutcomeUnknown("lost"), apply=True)
            with pytest.raises(OutcomeUnknown):
                held._renew()
        held._renew()
        held.check()
        state = lease_state(db)
        assert state is not None
        assert state.token == held._token


def test_a_lease_whose_last_renewal_lost_its_answer_is_given_back_all_the_same(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lease(db, "run 01A") as held, monkeypatch.context() as patch:
        lose_answers(db, patch, OutcomeUnknown("lost"), apply=True)
        with pytest.raises(OutcomeUnknown):
            held._renew()

    assert lease_state(db) is None


def test_one_renewal_may_fail(db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with Lease(db, "run 01A", seconds=120.0) as held:
        with monkeypatch.context() as patch:
            lose_answers(db, patch, EndpointUnreachable("no engine"), apply=False)
            answers = iter([False, True])
            patch.setattr(held._ended, "wait", lambda seconds: next(answers))
            held._keep()
        held.check()
        held._renew()

    assert "could not be renewed: EndpointUnreachable" in caplog.text


def test_unlock_frees_it_and_says_whose_it_was(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unlock(db) is None
    leave_behind(db, ELSEWHERE, monkeypatch)

    state = unlock(db)

    assert state is not None
    assert (str(state.holder), state.purpose) == ("process 17 on ward-3", "run 01A")
    with Lease(db, "run 01B"):
        pass


@pytest.mark.difference("no-lock")
@pytest.mark.parametrize("ran_out", [False, True])
def test_of_two_who_see_a_free_lease_one_gets_it(
    db: Database, monkeypatch: pytest.MonkeyPatch, ran_out: bool
) -> None:
    if ran_out:
        leave_behind(db, ELSEWHERE, monkeypatch)
        let_time_pass(monkeypatch, 61.0)
    both_saw, both_tried = threading.Barrier(2, timeout=30), threading.Barrier(2, timeout=30)
    write = Lease._write

    def write_together(self: Lease, *, was: str | None) -> None:
        both_saw.wait()
        write(self, was=was)

    monkeypatch.setattr(Lease, "_write", write_together)
    outcomes: list[str] = []

    def work(purpose: str) -> None:
        try:
            with Lease(db, purpose):
                both_tried.wait()
                outcomes.append("held")
        except LeaseHeld:
            both_tried.wait()
            outcomes.append("refused")

    threads = [threading.Thread(target=work, args=(f"run {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["held", "refused"]
    assert lease_state(db) is None
