"""Whom staff may still be shown today: readings are audited, counted in a read budget, and refused beyond it."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import Entry
from ygs.domain.errors import ReadBudgetSpent
from ygs.domain.events import Event, EventType, reading_event
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import BudgetKey, LockedBudget, ReadKind, ReadLimits, ReadUse
from ygs.domain.service_dates import date_at
from ygs.domain.users import Status, User
from ygs.ports.storage import Storage, Writing


def kind_of(user: User) -> ReadKind:
    """The budget of reading one member: that of the review queue while they wait for review."""
    return ReadKind.QUEUE if user.status is Status.PENDING else ReadKind.FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReading:
    """Whom an account of staff is about to be shown by one request, by kind of reading, and from where it asks."""

    account: UserId
    address: str
    at: datetime
    people: Mapping[ReadKind, Collection[str]]


@dataclass(frozen=True, slots=True)
class Noted:
    """What was stored about an account on a day of the service and need not be stored again on that day: the key of an
    event, or an address that the account came from."""

    day: date
    what: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """What became of some readings: the kind of the budget that each would pass, or None; and what was noted."""

    refused: Sequence[ReadKind | None]
    noted: frozenset[Noted]


@dataclass(frozen=True, slots=True)
class ReadBudgets:
    """Reserves what accounts of staff are about to be shown, and points out what is unusual."""

    limits: ReadLimits
    zone: ZoneInfo

    async def reserve(
        self, tx: Writing, readings: Sequence[StaffReading], noted: Collection[Noted] = frozenset()
    ) -> Reserved:
        """Count the people of each reading who are not counted yet today, in this order; of a reading that passes a
        budget, nothing is counted.

        Events for administrators are stored either way, so commit the transaction of a refusal too. `noted`: what is
        known to be stored already.
        """
        if not readings:
            return Reserved((), frozenset())
        count = _Count(await tx.read_budgets.lock(self._wanted(readings), min(each.at for each in readings)))
        heard = _Heard(noted)
        refused = [await self._reserve(tx, count, each, heard) for each in readings]
        for use, people in count.added():
            await tx.read_budgets.save(use, people)
        await tx.outbox.add(heard.events)
        return Reserved(refused, frozenset(heard.fresh))

    def _wanted(self, readings: Sequence[StaffReading]) -> Mapping[BudgetKey, Collection[str]]:
        wanted: dict[BudgetKey, set[str]] = defaultdict(set)
        for reading in readings:
            for key, people in self._by_budget(reading):
                wanted[key].update(people)
        return wanted

    def _by_budget(self, reading: StaffReading) -> Sequence[tuple[BudgetKey, Collection[str]]]:
        day = date_at(reading.at, self.zone)
        return [(BudgetKey(reading.account, day, kind), people) for kind, people in reading.people.items() if people]

    async def _reserve(self, tx: Writing, count: "_Count", reading: StaffReading, heard: "_Heard") -> ReadKind | None:
        day = date_at(reading.at, self.zone)
        after = [count.take(key, people, reading.at) for key, people in self._by_budget(reading)]
        for use, new in after:
            if new and use.used > self.limits.people[use.kind] and not await count.is_lifted(tx, use):
                heard.add(day, _event(EventType.READING_STOPPED, use, reading.at))
                return use.kind
        for use, new in after:
            count.keep(use, new)
            for alarm in self._alarms(use, reading.at):
                heard.add(day, alarm)
        if after and reading.address:
            await self._note_address(tx, reading, day, heard)
        return None

    async def _note_address(self, tx: Writing, reading: StaffReading, day: date, heard: "_Heard") -> None:
        if heard.knows(Noted(day, f"{reading.account} from {reading.address}")):
            return
        if await tx.read_budgets.comes_from(reading.account, reading.address, reading.at):
            event = reading_event(EventType.READING_NEW_ADDRESS, reading.account, reading.address, reading.at)
            heard.add(day, event)

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


class _Count:
    """What the readings of one transaction use of the budgets that it has locked."""

    def __init__(self, locked: Mapping[BudgetKey, LockedBudget]) -> None:
        self._uses = {key: each.use for key, each in locked.items()}
        self._counted = {key: each.counted for key, each in locked.items()}
        self._added: dict[BudgetKey, set[str]] = defaultdict(set)
        self._lifted: dict[tuple[UserId, date], bool] = {}

    def take(self, key: BudgetKey, people: Collection[str], at: datetime) -> tuple[ReadUse, Collection[str]]:
        """What is used of a budget once these people are shown, and whom of them it did not count yet."""
        new = set(people) - self._counted[key] - self._added[key]
        return self._uses[key].take(len(new), at=at), new

    def keep(self, use: ReadUse, new: Collection[str]) -> None:
        """Count people whom `take` found to be new."""
        self._uses[use.key] = use
        self._added[use.key].update(new)

    def added(self) -> Iterator[tuple[ReadUse, Collection[str]]]:
        """The budgets of which more is used now, and who is counted in addition."""
        return ((self._uses[key], people) for key, people in self._added.items() if people)

    async def is_lifted(self, tx: Writing, use: ReadUse) -> bool:
        """Whether the account may read beyond its budgets on that day."""
        key = (use.user_id, use.day)
        if key not in self._lifted:
            self._lifted[key] = await tx.read_budgets.is_lifted(*key)
        return self._lifted[key]


class _Heard:
    """The events of one transaction, and what it notes."""

    def __init__(self, noted: Collection[Noted]) -> None:
        self._noted = noted
        self.fresh: set[Noted] = set()
        self.events: list[Event] = []

    def knows(self, note: Noted) -> bool:
        """Whether that was noted before; it is from now on."""
        known = note in self._noted or note in self.fresh
        self.fresh.add(note)
        return known

    def add(self, day: date, event: Event) -> None:
        """Add an event, unless it was stored before."""
        if not self.knows(Noted(day, event.key)):
            self.events.append(event)


@dataclass(frozen=True, slots=True, eq=False)
class _Addition:
    """Entries to write, and, where they audit a reading, whom the account is about to be shown."""

    entries: tuple[Entry, ...]
    reading: StaffReading | None = None
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
        # Of the latest day alone. A process that starts anew stores once more what is stored already.
        self._noted: frozenset[Noted] = frozenset()

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
        reading = None if actor.id is None else _reading(actor, at, _by_kind(kind, shown, besides))
        await self._group.add(_Addition((entry,), reading, refusal))

    async def require_budget(
        self, tx: Writing, actor: Actor, people: Collection[str], *, at: datetime, kind: ReadKind = ReadKind.FULL
    ) -> None:
        """Reserve people whom the reply of a change shows, within its transaction, before its audit entry."""
        if actor.id is None:
            return
        reserved = await self._budgets.reserve(tx, [_reading(actor, at, {kind: people})], self._noted)
        if any(reserved.refused):
            raise ReadBudgetSpent(self._budgets.limits.people[kind])

    async def _write(self, batch: Sequence[_Addition]) -> Sequence[Exception | None]:
        readings = [(each, each.reading) for each in batch if each.reading]
        async with self._storage.write() as tx:
            reserved = await self._budgets.reserve(tx, [reading for _, reading in readings], self._noted)
            refused = {each: kind for (each, _), kind in zip(readings, reserved.refused, strict=True) if kind}
            written = ([each.refusal] if each in refused and each.refusal else each.entries for each in batch)
            await tx.audit.add(*(entry for entries in written for entry in entries))
        # After the commit: what was rolled back must be stored by the next.
        self._note(reserved.noted)
        limits = self._budgets.limits.people
        return [ReadBudgetSpent(limits[refused[each]]) if each in refused else None for each in batch]

    def _note(self, noted: frozenset[Noted]) -> None:
        if not noted <= self._noted:
            latest = max(each.day for each in noted | self._noted)
            self._noted = frozenset(each for each in noted | self._noted if each.day == latest)


def _reading(actor: Actor, at: datetime, people: Mapping[ReadKind, Collection[str]]) -> StaffReading:
    return StaffReading(account=actor.require_id(), address=actor.address, at=at, people=people)


def _by_kind(kind: ReadKind, shown: frozenset[str], masked: frozenset[str]) -> Mapping[ReadKind, Collection[str]]:
    return {kind: shown | masked} if kind is ReadKind.MASKED else {kind: shown, ReadKind.MASKED: masked}
