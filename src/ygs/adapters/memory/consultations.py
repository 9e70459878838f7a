"""Slots and consultations in memory."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.consultations import CalendarEntry, Consultation, ConsultationState, Slot
from ygs.domain.errors import N_, Conflict, NotFound, SlotOverlap, SlotTaken
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryConsultationReader:
    """Slots and consultations."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def slot(self, id: SlotId) -> Slot:
        tables = await self._tx.step()
        if id not in tables.slots:
            raise NotFound("slot")
        return tables.slots[id]

    async def get(self, id: ConsultationId) -> Consultation:
        tables = await self._tx.step()
        if id not in tables.consultations:
            raise NotFound("consultation")
        return tables.consultations[id]

    async def free_slots(
        self,
        since: datetime,
        *,
        consultant: UserId | None = None,
        but: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Slot]:
        tables = await self._tx.step()

        def free(each: Slot) -> bool:
            return each.starts_at > since and each.id not in tables.booked_slots and each.consultant != but

        return list(_slots(tables, free, consultant, after))[:limit]

    async def slots_between(self, consultant: UserId | None, since: datetime, until: datetime) -> Sequence[Slot]:
        tables = await self._tx.step()
        return list(_slots(tables, lambda each: since <= each.starts_at < until, consultant, None))

    async def calendar(
        self,
        since: datetime,
        until: datetime,
        *,
        consultant: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[CalendarEntry]:
        tables = await self._tx.step()
        found = list(_slots(tables, lambda each: since <= each.starts_at < until, consultant, after))[:limit]
        return [_entry(tables, each) for each in found]

    async def of_member(
        self, member: UserId, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        def theirs(each: Consultation) -> bool:
            return each.member == member and (after is None or each.id < after)

        found = _those(await self._tx.step(), theirs)
        return [_listed(each) for each in reversed(found)][:limit]

    async def booked_of(self, user: UserId, since: datetime) -> Sequence[Consultation]:
        def theirs(each: Consultation) -> bool:
            booked = each.state is ConsultationState.BOOKED and each.starts_at > since
            return booked and user in (each.member, each.consultant)

        return _those(await self._tx.step(), theirs)

    async def booked_between(
        self, since: datetime, until: datetime, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        def then(each: Consultation) -> bool:
            return each.state is ConsultationState.BOOKED and since <= each.starts_at < until

        return [each for each in _those(await self._tx.step(), then) if each.id > (after or "")][:limit]

    async def all_between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        after: ConsultationId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Consultation]:
        def then(each: Consultation) -> bool:
            at = each.starts_at
            return (since is None or since <= at) and (until is None or at < until) and each.id > (after or "")

        return [_listed(each) for each in _those(await self._tx.step(), then)][:limit]

    async def count_between(self, since: datetime, until: datetime) -> Mapping[ConsultationState, int]:
        found = _those(await self._tx.step(), lambda each: since <= each.starts_at < until)
        return Counter(each.state for each in found)


class MemoryConsultationRepository(MemoryConsultationReader):
    """Slots and consultations, to be changed."""

    async def add_slots(self, slots: Sequence[Slot]) -> None:
        tables = await self._tx.step()
        quarters = [((each.consultant, at), each.id) for each in slots if not each.closed for at in each.quarters]
        if len(dict(quarters)) < len(quarters) or any(key in tables.slot_quarters for key, _ in quarters):
            raise SlotOverlap(N_("the consultant has a slot at that time: close it first, or take another"))
        if any(each.id in tables.slots for each in slots):
            raise Conflict(N_("that slot is stored already"))
        tables.slots.put({each.id: each for each in slots})
        tables.slot_quarters.put(dict(quarters))

    async def close_slots(self, ids: Collection[SlotId]) -> None:
        tables = await self._tx.step()
        there = [tables.slots[each] for each in ids if each in tables.slots]
        tables.slots.put({each.id: replace(each, closed=True) for each in there})
        _free_quarters(tables, there)

    async def add(self, consultation: Consultation) -> Consultation:
        tables = await self._tx.step()
        unknown = consultation.slot_id not in tables.slots or not _is_known(tables, consultation.member)
        if unknown or consultation.id in tables.consultations:
            raise Conflict(N_("the slot or the member is unknown: read them again"))
        return _put(tables, consultation)

    async def save(self, consultation: Consultation) -> Consultation:
        tables = await self._tx.step()
        require_version(tables.consultations, consultation.id, consultation.version)
        return _put(tables, consultation)

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        booked = {each.slot_id for each in tables.consultations.values()}
        over = [each for each in tables.slots.values() if each.ends_at < before and each.id not in booked]
        tables.slots.drop([each.id for each in over])
        _free_quarters(tables, over)
        return len(over)


def _slots(
    tables: SnapshotTables, wanted: Callable[[Slot], bool], consultant: UserId | None, after: SlotId | None
) -> Iterator[Slot]:
    """The open slots that are wanted, by beginning and id, after the slot of that id."""
    last = tables.slots.get(after) if after is not None else None
    for each in sorted(tables.slots.values(), key=_place):
        if each.closed or (consultant is not None and each.consultant != consultant) or not wanted(each):
            continue
        if after is None or (last is not None and _place(each) > _place(last)):
            yield each


def _place(slot: Slot) -> tuple[datetime, SlotId]:
    return slot.starts_at, slot.id


def _entry(tables: SnapshotTables, slot: Slot) -> CalendarEntry:
    booked = tables.booked_slots.get(slot.id)
    return CalendarEntry(slot=slot, consultation=_listed(tables.consultations[booked]) if booked else None)


def _listed(consultation: Consultation) -> Consultation:
    return replace(consultation, notes="", questions=(), questions_at=None)


def _those(tables: SnapshotTables, wanted: Callable[[Consultation], bool]) -> Sequence[Consultation]:
    return sorted(filter(wanted, tables.consultations.values()), key=lambda each: each.id)


def _is_known(tables: SnapshotTables, user: UserId) -> bool:
    return user in tables.users or user in tables.gone


def _free_quarters(tables: SnapshotTables, slots: Sequence[Slot]) -> None:
    keys = ((each, at) for each in slots for at in each.quarters)
    held = [(each.consultant, at) for each, at in keys if tables.slot_quarters.get((each.consultant, at)) == each.id]
    tables.slot_quarters.drop(held)


def _put(tables: SnapshotTables, consultation: Consultation) -> Consultation:
    storable_text("notes", consultation.notes)
    stands = consultation.state is not ConsultationState.CANCELLED
    if stands and tables.booked_slots.get(consultation.slot_id, consultation.id) != consultation.id:
        raise SlotTaken(N_("somebody else booked this time: choose another"))
    before = tables.consultations.get(consultation.id)
    if before and tables.booked_slots.get(before.slot_id) == before.id:
        tables.booked_slots.drop([before.slot_id])
    if stands:
        tables.booked_slots.put({consultation.slot_id: consultation.id})
    saved = replace(consultation, version=consultation.version + 1)
    tables.consultations.put({consultation.id: saved})
    return saved
