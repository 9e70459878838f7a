"""Whom staff may still be shown today: readings are audited, counted in a read budget, and refused beyond it."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import Entry
from ygs.domain.errors import ReadBudgetSpent
from ygs.domain.events import Event, EventType, reading_event
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind, ReadLimits, ReadUse
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.storage import Storage, Writing


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


@dataclass(frozen=True, slots=True, eq=False)
class _Addition:
    """Entries to write, and, where they audit a reading, whom the account is about to be shown."""

    entries: tuple[Entry, ...]
    account: UserId | None = None
    address: str = ""
    kind: ReadKind = ReadKind.FULL
    people: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    refusal: Entry | None = None


class AuditWriter:
    """Audits reads that have no write transaction of their own, before the result is shown.

    Each entry is chained to the one before, so writers wait for each other. `GroupCommit` writes concurrent entries in
    one transaction, so a caller waits for at most two transactions. The people shown are reserved in the read budget of
    the account in the same transaction.
    """

    def __init__(self, storage: Storage, budgets: ReadBudgets) -> None:
        self._storage = storage
        self._budgets = budgets
        self._group: GroupCommit[_Addition, None] = GroupCommit(self._write)

    def add(self, *entries: Entry) -> asyncio.Future[None]:
        """Begin to write entries. Await the future before going on: it ends when they are stored, or raises."""
        return self._group.add(_Addition(entries))

    async def shown(
        self,
        actor: Actor,
        action: str,
        people: Iterable[str],
        *,
        at: datetime,
        kind: ReadKind = ReadKind.FULL,
        masked: Iterable[str] = (),
        what: str = "",
        reason: str = "",
    ) -> None:
        """Audit that staff are about to be shown these people's data, all of them in one entry of the request.

        `masked`: people who are shown besides, by a masked name. Call it after reading and before returning: what
        cannot be audited is not shown. `ReadBudgetSpent` when the account has been shown as many people today as its
        budget of this kind allows.
        """
        shown = frozenset(people)
        besides = frozenset(masked) - shown
        entry = audit_entry(actor, action, at=at, subjects=shown | besides, what=what, reason=reason)
        refusal = audit_entry(actor, "reading.refused", at=at, what=kind)
        await self._group.add(_Addition((entry,), actor.id, actor.address, kind, shown, besides, refusal))

    async def require_budget(
        self, tx: Writing, actor: Actor, people: Collection[str], *, at: datetime, kind: ReadKind = ReadKind.FULL
    ) -> None:
        """Reserve people whom the reply of a change shows, within its transaction, before its audit entry."""
        if await self._refused(tx, _Addition((), actor.id, actor.address, kind, frozenset(people)), at):
            raise ReadBudgetSpent(self._budgets.limits.people[kind])

    async def _write(self, batch: Sequence[_Addition]) -> Sequence[Exception | None]:
        refused: dict[_Addition, ReadKind] = {}
        async with self._storage.write() as tx:
            # By account, so that two processes lock the budgets in the same order.
            for each in sorted(batch, key=lambda addition: addition.account or ""):
                if spent := await self._refused(tx, each, each.entries[0].at):
                    refused[each] = spent
            written = ([each.refusal] if each in refused and each.refusal else each.entries for each in batch)
            await tx.audit.add(*(entry for entries in written for entry in entries))
        limits = self._budgets.limits.people
        return [ReadBudgetSpent(limits[refused[each]]) if each in refused else None for each in batch]

    async def _refused(self, tx: Writing, adding: _Addition, at: datetime) -> ReadKind | None:
        """Reserve whom an addition shows; the kind of the budget that does not allow it, or None."""
        if adding.account is None:
            return None
        for kind, people in ((adding.kind, adding.people), (ReadKind.MASKED, adding.masked)):
            if people and not await self._budgets.reserve(tx, adding.account, adding.address, kind, people, at):
                return kind
        return None
