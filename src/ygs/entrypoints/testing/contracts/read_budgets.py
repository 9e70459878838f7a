"""The contract of read budgets."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from ygs.application.actors import Actor
from ygs.domain.errors import ReadBudgetSpent
from ygs.domain.events import EventType
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import DEFAULT_LIMITS, BudgetKey, LockedBudget, ReadKind, ReadLift, ReadUse
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import AccountsKit, an_audit_writer
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage, Writing

STAFF = UserId(numbered("usr", 90))
TODAY = date(2026, 11, 23)
TEN = {**DEFAULT_LIMITS, ReadKind.FULL: 10}


def people(first: int, last: int) -> list[str]:
    """Members numbered from `first` to `last`."""
    return [numbered("usr", number) for number in range(first, last + 1)]


async def lock(
    tx: Writing, shown: list[str], *, day: date = TODAY, kind: ReadKind = ReadKind.FULL, at: datetime = NOON
) -> LockedBudget:
    """Lock one budget of the account."""
    key = BudgetKey(STAFF, day, kind)
    return (await tx.read_budgets.lock({key: shown}, at))[key]


class ReadBudgetContract:
    """Read budgets."""

    async def test_a_budget_counts_each_person_once_a_day_and_kind(self, storage: Storage) -> None:
        async with storage.write() as tx:
            locked = await lock(tx, people(1, 3))
            assert locked.use == ReadUse(user_id=STAFF, day=TODAY, kind=ReadKind.FULL, recent_since=NOON)
            assert locked.counted == frozenset()
            await tx.read_budgets.save(locked.use.take(2, at=NOON), people(1, 2))
        async with storage.write() as tx:
            again = await lock(tx, people(2, 3), at=NOON + timedelta(hours=1))
            assert (again.use.used, again.use.recent, again.use.recent_since) == (2, 2, NOON)
            assert again.counted == {numbered("usr", 2)}
            assert (await lock(tx, people(1, 3), kind=ReadKind.MASKED)).counted == frozenset()
            assert (await lock(tx, people(1, 3), day=TODAY + timedelta(days=1))).use.used == 0
        async with storage.read() as reading:
            assert again.use in await reading.read_budgets.uses(TODAY)

    async def test_several_budgets_are_locked_at_once(self, storage: Storage) -> None:
        keys = [BudgetKey(UserId(numbered("usr", 90 + each)), TODAY, ReadKind.FULL) for each in range(3)]
        async with storage.write() as tx:
            locked = await tx.read_budgets.lock({key: people(1, 3) for key in reversed(keys)}, NOON)
            assert set(locked) == set(keys)
            for place, key in enumerate(keys):
                await tx.read_budgets.save(locked[key].use.take(place, at=NOON), people(1, place))
        async with storage.write() as tx:
            again = await tx.read_budgets.lock({key: people(1, 3) for key in keys}, NOON)
            assert [again[key].counted for key in keys] == [frozenset(people(1, place)) for place in range(3)]
            assert [again[key].use.used for key in keys] == [0, 1, 2]
            assert await tx.read_budgets.lock({}, NOON) == {}

    async def test_whoever_waited_for_a_budget_knows_whom_the_other_counted(self, storage: Storage) -> None:
        holds = asyncio.Event()

        async def first() -> None:
            async with storage.write() as tx:
                locked = await lock(tx, people(1, 2))
                holds.set()
                await asyncio.sleep(0.05)
                await tx.read_budgets.save(locked.use.take(2, at=NOON), people(1, 2))

        async def second() -> LockedBudget:
            await holds.wait()
            async with storage.write() as tx:
                return await lock(tx, people(1, 3))

        _, seen = await asyncio.gather(first(), second())
        assert (seen.use.used, seen.counted) == (2, frozenset(people(1, 2)))

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
                use = (await lock(tx, people(1, 1), day=day)).use
                await tx.read_budgets.save(use.take(1, at=NOON), people(1, 1))
            await tx.read_budgets.comes_from(STAFF, "old", NOON - timedelta(days=40))
            assert await tx.read_budgets.purge(TODAY - timedelta(days=30)) == 1
            assert (await lock(tx, people(1, 1))).counted == {numbered("usr", 1)}
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
