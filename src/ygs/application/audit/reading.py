"""Reservation of read budgets, in the transaction that audits a reading."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ygs.domain.events import Event, EventType, reading_event
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind, ReadLimits, ReadUse
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.storage import Writing


def kind_of(user: User) -> ReadKind:
    """The budget of reading one member: that of the review queue while they wait for review."""
    return ReadKind.QUEUE if user.status is Status.PENDING else ReadKind.FULL


@dataclass(frozen=True, slots=True)
class ReadBudgets:
    """Reserves what accounts of staff are about to be shown, and points out what is unusual."""

    limits: ReadLimits
    zone: ZoneInfo

    async def reserve(
        self, tx: Writing, account: UserId, address: str, kind: ReadKind, people: Collection[str], at: datetime
    ) -> bool:
        """Count the people who are not counted yet today; False when that passes the budget, and nothing is counted.

        Events for administrators are stored either way, so commit the transaction of a refusal too.
        """
        use = await tx.read_budgets.use(account, date_at(at, self.zone), kind, at)
        new = set(people) - await tx.read_budgets.shown(use, people)
        after = use.take(len(new), at=at)
        if new and after.used > self.limits.people[kind] and not await tx.read_budgets.is_lifted(account, use.day):
            await tx.outbox.add([_event(EventType.READING_STOPPED, use, at)])
            return False
        if new:
            await tx.read_budgets.save(after, new)
        await tx.outbox.add(self._alarms(after, at))
        if address and await tx.read_budgets.comes_from(account, address, at):
            await tx.outbox.add([reading_event(EventType.READING_NEW_ADDRESS, account, address, at)])
        return True

    def _alarms(self, use: ReadUse, at: datetime) -> Iterator[Event]:
        if self.limits.warns(use):
            yield _event(EventType.READING_WARNED, use, at)
        if self.limits.is_fast(use):
            yield _event(EventType.READING_FAST, use, at)
        if self.limits.is_night(at.astimezone(self.zone).time()):
            yield reading_event(EventType.READING_AT_NIGHT, use.user_id, f"{use.day}", at)


def _event(type: EventType, use: ReadUse, at: datetime) -> Event:
    """An event of a budget: once a day and kind."""
    return reading_event(type, use.user_id, f"{use.day}:{use.kind}", at)
