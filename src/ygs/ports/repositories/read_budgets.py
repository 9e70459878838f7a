"""Read budgets: what accounts of staff were shown today, shared by all processes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.read_budgets import BudgetKey, LockedBudget, ReadLift, ReadUse


class ReadBudgetReader(Protocol):
    """Read budgets, to be read."""

    async def uses(self, day: date) -> Sequence[ReadUse]:
        """What every account has used on that day, by account and kind."""
        ...

    async def lifts(self, day: date) -> Sequence[ReadLift]:
        """The accounts whose budgets are lifted on that day, by account."""
        ...


class ReadBudgetRepository(ReadBudgetReader, Protocol):
    """Read budgets, to be used.

    `lock` locks budgets until commit. Lock users before it and add to the audit log after it.
    """

    async def lock(self, wanted: Mapping[BudgetKey, Collection[str]], at: datetime) -> Mapping[BudgetKey, LockedBudget]:
        """Lock budgets until commit, in the order of their keys, and return each: of one that was not used yet, nothing
        is used from `at` on. `wanted`: the people about to be shown; those counted already are told, and perhaps others
        who were asked about for another budget."""
        ...

    async def save(self, use: ReadUse, people: Collection[str]) -> None:
        """Store a budget that this transaction has locked, and the people who are shown now for the first time."""
        ...

    async def is_lifted(self, user_id: UserId, day: date) -> bool:
        """Whether an account may read beyond its budgets on that day."""
        ...

    async def lift(self, lift: ReadLift) -> None:
        """Store a lift; a later one of the same account and day replaces it."""
        ...

    async def comes_from(self, user_id: UserId, address: str, at: datetime) -> bool:
        """Note a hashed address from which an account reads; whether it is new, and another one is known."""
        ...

    async def purge(self, before: date) -> int:
        """Delete what belongs to days before that day, and addresses last seen before it; return how many budgets."""
        ...
