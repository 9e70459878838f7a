"""Read budgets in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import BudgetKey, LockedBudget, ReadLift, ReadUse


class MemoryReadBudgetReader:
    """Read budgets, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def uses(self, day: date) -> Sequence[ReadUse]:
        tables = await self._tx.step()
        return sorted(
            (use for use in tables.read_budgets.values() if use.day == day), key=lambda use: (use.user_id, use.kind)
        )

    async def lifts(self, day: date) -> Sequence[ReadLift]:
        tables = await self._tx.step()
        return sorted((lift for lift in tables.read_lifts.values() if lift.day == day), key=lambda lift: lift.user_id)


class MemoryReadBudgetRepository(MemoryReadBudgetReader):
    """Read budgets, to be used."""

    async def lock(self, wanted: Mapping[BudgetKey, Collection[str]], at: datetime) -> Mapping[BudgetKey, LockedBudget]:
        tables = await self._tx.step()
        locked = {}
        for key, people in wanted.items():
            stored = (key.user_id, key.day, key.kind)
            use = tables.read_budgets.get(stored)
            use = use or ReadUse(user_id=key.user_id, day=key.day, kind=key.kind, recent_since=at)
            counted = tables.read_people.get(stored, frozenset()).intersection(people)
            locked[key] = LockedBudget(use, counted)
        return locked

    async def save(self, use: ReadUse, people: Collection[str]) -> None:
        tables = await self._tx.step()
        key = (use.user_id, use.day, use.kind)
        tables.read_budgets.put({key: use})
        tables.read_people.put({key: tables.read_people.get(key, frozenset()).union(people)})

    async def is_lifted(self, user_id: UserId, day: date) -> bool:
        return (user_id, day) in (await self._tx.step()).read_lifts

    async def lift(self, lift: ReadLift) -> None:
        (await self._tx.step()).read_lifts.put({(lift.user_id, lift.day): lift})

    async def comes_from(self, user_id: UserId, address: str, at: datetime) -> bool:
        tables = await self._tx.step()
        known = tables.read_addresses.get(user_id, {})
        tables.read_addresses.put({user_id: {**known, address: at}})
        return bool(known) and address not in known

    async def purge(self, before: date) -> int:
        tables = await self._tx.step()
        over = [key for key in tables.read_budgets if key[1] < before]
        tables.read_budgets.drop(over)
        tables.read_people.drop(over)
        tables.read_lifts.drop([key for key in tables.read_lifts if key[1] < before])
        for user_id, known in list(tables.read_addresses.items()):
            tables.read_addresses.put({user_id: {one: at for one, at in known.items() if at.date() >= before}})
        return len(over)
