"""Read budgets: what accounts of staff were shown today, shared by all processes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind, ReadLift, ReadUse


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

    `use` locks a budget until commit. Lock users before it and add to the audit log after it; lock the budgets of
    several accounts in the order of their ids.
    """

    async def use(self, user_id: UserId, day: date, kind: ReadKind, at: datetime) -> ReadUse:
        """What an account has used of a budget, or nothing of it from `at` on; locked until commit."""
        ...

    async def shown(self, use: ReadUse, people: Collection[str]) -> frozenset[str]:
        """Those of these people whom the account was shown already on the day, within the same budget."""
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
