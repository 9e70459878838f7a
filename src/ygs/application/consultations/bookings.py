"""The member's use case about consultations: see free slots, book one, move and cancel it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.consultation_changes import save_consultation
from ygs.application.consultations.views import ConsultationView, Names, SlotBooking, SlotView
from ygs.domain.consultations import (
    MOST_BOOKED_A_DAY,
    CancellationRule,
    Consultation,
    Slot,
    require_few,
    require_room,
)
from ygs.domain.errors import NotFound
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing


@dataclass(frozen=True, slots=True)
class Consultations:
    """A member's own consultations. Of other members it tells no more than that a slot is no longer free."""

    storage: Storage
    clock: Clock
    ids: Ids
    rule: CancellationRule

    async def list_slots(
        self, actor: Actor, *, consultant: UserId | None = None, after: SlotId | None = None, limit: int = MOST_PAGE
    ) -> list[SlotView]:
        """List the coming free slots, of one consultant or of all, the earliest first, at most `limit` (1..100).

        Of all: first those of the consultant who is in charge of the actor.
        """
        me = _member(actor)
        now = self.clock.now()
        limit = min(limit, MOST_PAGE)
        async with self.storage.read(latest=True) as reading:
            line = await reading.directory.find(me)
            own = line.consultant_id if line else None
            if consultant is None and own is not None:
                found = await _own_first(reading, own, now, after, limit)
            else:
                found = await reading.consultations.free_slots(now, consultant=consultant, after=after, limit=limit)
            names = await names_of(reading, (each.consultant for each in found))
        return [SlotView.of(each, names) for each in found]

    async def list(
        self, actor: Actor, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> list[ConsultationView]:
        """List the actor's consultations, those booked last first, at most `limit` (1..100)."""
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            found = await reading.consultations.of_member(me, after=after, limit=min(limit, MOST_PAGE))
            names = await names_of(reading, (each.consultant for each in found))
        now = self.clock.now()
        return [ConsultationView.of(each, names, self.rule, now) for each in found]

    async def book(self, actor: Actor, booking: SlotBooking) -> ConsultationView:
        """Book a slot.

        `SlotTaken` when somebody was faster, `LimitReached` with two consultations ahead, `DeadlinePassed` once the
        slot has begun.
        """
        me = _member(actor)
        async with begin_change(self.storage, actor, Permission.BOOK_CONSULTATIONS) as tx:
            slot = await tx.consultations.slot(booking.slot_id)
            now = await tx.now(self.clock)
            booked = await tx.consultations.booked_of(me, now)
            require_few(booked, await tx.consultations.of_member(me, limit=MOST_BOOKED_A_DAY), now)
            require_room(slot, booked)
            new = Consultation.booked(ConsultationId(self.ids.make("cs")), slot, me, at=now)
            saved = await save_consultation(tx, None, new, at=now)
            return await self._audited(tx, actor, saved, "consultation.booked")

    async def move(self, actor: Actor, id: ConsultationId, booking: SlotBooking) -> ConsultationView:
        """Move a consultation to another slot, until as long before it as it may be cancelled."""
        me = _member(actor)
        async with begin_change(self.storage, actor, Permission.BOOK_CONSULTATIONS) as tx:
            slot = await tx.consultations.slot(booking.slot_id)
            consultation = await _own(tx, id, me)
            now = await tx.now(self.clock)
            self.rule.require_open(consultation, now)
            require_room(slot, await tx.consultations.booked_of(me, now), but=id)
            moved = consultation.move(slot, at=now, by_member=True)
            saved = await save_consultation(tx, consultation, moved, at=now)
            return await self._audited(tx, actor, saved, "consultation.moved")

    async def cancel(self, actor: Actor, id: ConsultationId) -> None:
        """Cancel a consultation; its slot is free again. `DeadlinePassed` when it is too late for that."""
        me = _member(actor)
        async with begin_change(self.storage, actor, Permission.BOOK_CONSULTATIONS) as tx:
            consultation = await _own(tx, id, me)
            now = await tx.now(self.clock)
            self.rule.require_open(consultation, now)
            saved = await save_consultation(tx, consultation, consultation.cancel(at=now), at=now)
            await self._audited(tx, actor, saved, "consultation.cancelled")

    async def get(self, actor: Actor, id: ConsultationId) -> ConsultationView:
        """Return one of the actor's consultations; `NotFound` for another's."""
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            consultation = await _own(reading, id, me)
            names = await names_of(reading, [consultation.consultant])
        return ConsultationView.of(consultation, names, self.rule, self.clock.now())

    async def _audited(self, tx: Writing, actor: Actor, consultation: Consultation, action: str) -> ConsultationView:
        names = await names_of(tx, [consultation.consultant])
        at = consultation.changed_at
        entry = audit_entry(actor, action, at=at, subject=consultation.member, what=consultation.id)
        await tx.audit.add(entry)
        return ConsultationView.of(consultation, names, self.rule, at)


async def _own_first(reading: Reading, own: UserId, now: datetime, after: SlotId | None, limit: int) -> Sequence[Slot]:
    """The page after a slot of all free slots, of which those of one consultant come first."""
    found = list[Slot]()
    last = await _slot(reading, after)
    if after is None or (last and last.consultant == own):
        found += await reading.consultations.free_slots(now, consultant=own, after=after, limit=limit)
        after = None
    if left := limit - len(found):
        found += await reading.consultations.free_slots(now, but=own, after=after, limit=left)
    return found


async def _slot(reading: Reading, id: SlotId | None) -> Slot | None:
    try:
        return await reading.consultations.slot(id) if id else None
    except NotFound:
        return None


async def names_of(reading: Reading | Writing, ids: Iterable[UserId]) -> Names:
    """The names of these users by id, in one statement that locks none of them; those who left are missing."""
    return await reading.directory.names(set(ids))


def _member(actor: Actor) -> UserId:
    actor.require(Permission.BOOK_CONSULTATIONS)
    return actor.require_id()


async def _own(reading: Reading | Writing, id: ConsultationId, me: UserId) -> Consultation:
    consultation = await reading.consultations.get(id)
    if consultation.member != me:
        raise NotFound("consultation")
    return consultation
