"""The contract of read budgets."""

import asyncio
from datetime import date, timedelta

import pytest

from ygs.application.actors import Actor
from ygs.domain.errors import ReadBudgetSpent
from ygs.domain.events import EventType
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import DEFAULT_LIMITS, ReadKind, ReadLift, ReadUse
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import AccountsKit, an_audit_writer
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

STAFF = UserId(numbered("usr", 90))
TODAY = date(2026, 11, 23)
TEN = {**DEFAULT_LIMITS, ReadKind.FULL: 10}


def people(first: int, last: int) -> list[str]:
    """Members numbered from `first` to `last`."""
    return [numbered("usr", number) for number in range(first, last + 1)]


class ReadBudgetContract:
    """Read budgets."""

    async def test_a_budget_counts_each_person_once_a_day_and_kind(self, storage: Storage) -> None:
        async with storage.write() as tx:
            use = await tx.read_budgets.use(STAFF, TODAY, ReadKind.FULL, NOON)
            assert use == ReadUse(user_id=STAFF, day=TODAY, kind=ReadKind.FULL, recent_since=NOON)
            assert await tx.read_budgets.shown(use, people(1, 3)) == frozenset()
            await tx.read_budgets.save(use.take(2, at=NOON), people(1, 2))
        async with storage.write() as tx:
            again = await tx.read_budgets.use(STAFF, TODAY, ReadKind.FULL, NOON + timedelta(hours=1))
            assert (again.used, again.recent, again.recent_since) == (2, 2, NOON)
            assert await tx.read_budgets.shown(again, people(2, 3)) == {numbered("usr", 2)}
            other = await tx.read_budgets.use(STAFF, TODAY, ReadKind.MASKED, NOON)
            assert await tx.read_budgets.shown(other, people(1, 3)) == frozenset()
            tomorrow = await tx.read_budgets.use(STAFF, TODAY + timedelta(days=1), ReadKind.FULL, NOON)
            assert tomorrow.used == 0
        async with storage.read() as reading:
            assert again in await reading.read_budgets.uses(TODAY)

    async def test_a_lift_holds_for_its_account_and_day(self, storage: Storage) -> None:
        lift = ReadLift(user_id=STAFF, day=TODAY, lifted_by=None, reason="월말 점검", at=NOON)
        async with storage.write() as tx:
            await tx.read_budgets.lift(lift)
            await tx.read_budgets.lift(lift)
            assert await tx.read_budgets.is_lifted(STAFF, TODAY)
            assert not await tx.read_budgets.is_lifted(STAFF, TODAY + timedelta(days=1))
            assert not await tx.read_budgets.is_lifted(UserId(numbered("usr", 1)), TODAY)
        async with storage.read() as reading:
            assert await reading.read_budgets.lifts(TODAY) == [lift]

    async def test_an_address_is_new_when_another_one_is_known(self, storage: Storage) -> None:
        async with storage.write() as tx:
            came = [await tx.read_budgets.comes_from(STAFF, address, NOON) for address in ("a", "a", "b", "b", "a")]
        assert came == [False, False, True, False, False]

    async def test_what_is_old_is_purged(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for day in (TODAY - timedelta(days=40), TODAY):
                use = await tx.read_budgets.use(STAFF, day, ReadKind.FULL, NOON)
                await tx.read_budgets.save(use.take(1, at=NOON), people(1, 1))
            await tx.read_budgets.comes_from(STAFF, "old", NOON - timedelta(days=40))
            assert await tx.read_budgets.purge(TODAY - timedelta(days=30)) == 1
            use = await tx.read_budgets.use(STAFF, TODAY, ReadKind.FULL, NOON)
            assert await tx.read_budgets.shown(use, people(1, 1)) == {numbered("usr", 1)}
            assert not await tx.read_budgets.comes_from(STAFF, "new", NOON)

    async def test_an_address_that_was_seen_again_outlasts_a_purge(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for days in (40, 20):
                await tx.read_budgets.comes_from(STAFF, "known", NOON - timedelta(days=days))
            await tx.read_budgets.purge(TODAY - timedelta(days=30))
            assert await tx.read_budgets.comes_from(STAFF, "new", NOON)

    async def test_two_sessions_at_once_do_not_pass_the_budget(self, storage: Storage) -> None:
        actor = Actor.signed_in(STAFF, Role.CONSULTANT)
        writers = [an_audit_writer(storage, people=TEN) for _ in range(3)]
        reads = (
            writer.shown(actor, "member.read", people(5 * number + 1, 5 * number + 5), at=NOON)
            for number, writer in enumerate(writers * 2)
        )
        outcomes = await asyncio.gather(*reads, return_exceptions=True)
        assert sum(each is None for each in outcomes) == 2
        assert sum(isinstance(each, ReadBudgetSpent) for each in outcomes) == 4
        with pytest.raises(ReadBudgetSpent):
            await writers[0].shown(actor, "member.read", people(99, 99), at=NOON)
        async with storage.read() as reading:
            (use,) = await reading.read_budgets.uses(TODAY)
            assert use.used == 10
            shown = [each for each in await reading.audit.page() if each.entry.action == "member.read"]
            assert [each.entry.subjects.count for each in shown] == [5, 5]
            types = {event.type for event in await reading.outbox.pending(100)}
            assert types == {EventType.READING_WARNED, EventType.READING_STOPPED}
        assert await AccountsKit(storage, FrozenClock()).log.verify(Actor.operator()) == []
