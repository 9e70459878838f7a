"""Staff's use case about consultations: the calendar, booking for members, what became of them, and notes; audited."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.consultation_changes import save_consultation
from ygs.application.consultations.bookings import names_of
from ygs.application.consultations.views import (
    CalendarLine,
    ConsultationCancellation,
    ConsultationNotes,
    MemberConsultationView,
    SlotBooking,
    SlotBookingFor,
    SlotView,
    StaffConsultationView,
)
from ygs.domain.consultations import CancellationRule, Consultation, ConsultationState, Slot, require_room
from ygs.domain.errors import N_, NotFound, StaleWrite, WrongStatus
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.domain.read_budgets import ReadKind
from ygs.domain.service_dates import date_at, start_of
from ygs.domain.users import Role, Status
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

MOST_DAYS = 31


def require_own(actor: Actor, consultant: UserId, what: str) -> None:
    """`NotFound` for another consultant's calendar, unless the actor is an administrator."""
    actor.require(Permission.MANAGE_CONSULTATIONS)
    if actor.role is not Role.ADMIN and actor.id != consultant:
        raise NotFound(what)


@dataclass(frozen=True, slots=True)
class StaffConsultations:
    """Consultations as staff keep them: consultants their own, administrators all."""

    storage: Storage
    clock: Clock
    ids: Ids
    zone: ZoneInfo
    rule: CancellationRule
    audit_writer: AuditWriter

    async def calendar(
        self,
        actor: Actor,
        *,
        first: date | None = None,
        days: int = 7,
        consultant: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> list[CalendarLine]:
        """List the slots of some days (1..31) from `first` on, today by default, with who booked them, at most `limit`
        (1..100): a consultant's own, and an administrator's choice, by default everybody's."""
        whose = _whose(actor, consultant)
        now = self.clock.now()
        first = first or date_at(now, self.zone)
        until = first + timedelta(days=min(days, MOST_DAYS))
        async with self.storage.read(latest=True) as reading:
            found = await reading.consultations.calendar(
                start_of(first, self.zone),
                start_of(until, self.zone),
                consultant=whose,
                after=after,
                limit=min(limit, MOST_PAGE),
            )
            # Staff who see only their own members see that a slot is taken by another's, not by whom.
            people = {each.consultation.member for each in found if each.consultation}
            people = {each for each in people if actor.sees(each)}
            names = await names_of(reading, people | {each.slot.consultant for each in found})
        await self.audit_writer.shown(actor, "consultations.listed", people, at=now, kind=ReadKind.MASKED)
        return [CalendarLine.of(each, names, people) for each in found]

    async def list_slots(
        self, actor: Actor, *, consultant: UserId | None = None, after: SlotId | None = None, limit: int = MOST_PAGE
    ) -> list[SlotView]:
        """List the coming free slots, the earliest first, at most `limit` (1..100): a consultant's own, and an
        administrator's choice, by default everybody's."""
        whose = _whose(actor, consultant)
        async with self.storage.read(latest=True) as reading:
            found = await reading.consultations.free_slots(
                self.clock.now(), consultant=whose, after=after, limit=min(limit, MOST_PAGE)
            )
            names = await names_of(reading, (each.consultant for each in found))
        return [SlotView.of(each, names) for each in found]

    async def get_slot(self, actor: Actor, id: SlotId) -> SlotView:
        """Return a slot, whether or not it is booked."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        async with self.storage.read(latest=True) as reading:
            slot = await reading.consultations.slot(id)
            require_own(actor, slot.consultant, "slot")
            return SlotView.of(slot, await names_of(reading, [slot.consultant]))

    async def list_of_member(
        self, actor: Actor, member: UserId, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> list[MemberConsultationView]:
        """List a member's consultations with whomever, those booked last first, at most `limit` (1..100)."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        actor.require_another(member)
        async with self.storage.read(latest=True) as reading:
            await reading.users.get(member)
            found = await reading.consultations.of_member(member, after=after, limit=min(limit, MOST_PAGE))
            names = await names_of(reading, (each.consultant for each in found))
        await self.audit_writer.shown(actor, "consultations.listed", [member], at=self.clock.now())
        return [MemberConsultationView.of(each, names) for each in found]

    async def read(self, actor: Actor, id: ConsultationId) -> StaffConsultationView:
        """Return a consultation with the member's name and staff's notes."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        async with self.storage.read(latest=True) as reading:
            consultation = await reading.consultations.get(id)
            require_own(actor, consultation.consultant, "consultation")
            names = await names_of(reading, [consultation.member, consultation.consultant])
            found = await reading.users.by_ids([consultation.member])
        now = self.clock.now()
        await self.audit_writer.shown(
            actor, "consultation.read", [consultation.member], at=now, kind=ReadKind.CONSULTATION, what=id
        )
        return StaffConsultationView.of(consultation, names, next(iter(found), None), self.rule, now)

    async def book(self, actor: Actor, booking: SlotBookingFor) -> StaffConsultationView:
        """Book a slot for a member, also beyond what members may book themselves; `SlotTaken` when it is taken."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        actor.require_another(booking.member_id)
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            member = await tx.users.get(booking.member_id)
            slot = await _own_slot(tx, actor, booking.slot_id)
            if member.role is not Role.MEMBER or member.status is Status.SUSPENDED:
                raise WrongStatus(N_("only members who are not suspended can have a consultation"))
            now = await tx.now(self.clock)
            require_room(slot, await tx.consultations.booked_of(member.id, now))
            new = Consultation.booked(ConsultationId(self.ids.make("cs")), slot, member.id, at=now)
            saved = await save_consultation(tx, None, new, at=now)
            return await self._audited(tx, actor, saved, "consultation.booked", now)

    async def move(self, actor: Actor, id: ConsultationId, booking: SlotBooking) -> StaffConsultationView:
        """Move a consultation to another slot, at any time; a consultant to slots of their own."""
        member = await self._member(actor, id)
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await tx.users.standings([member])
            slot = await _own_slot(tx, actor, booking.slot_id)
            consultation = await self._locked(tx, actor, id)
            now = await tx.now(self.clock)
            require_room(slot, await tx.consultations.booked_of(consultation.member, now), but=id)
            moved = consultation.move(slot, at=now, by_member=False)
            saved = await save_consultation(tx, consultation, moved, at=now)
            return await self._audited(tx, actor, saved, "consultation.moved", now)

    async def cancel(
        self, actor: Actor, id: ConsultationId, cancellation: ConsultationCancellation
    ) -> StaffConsultationView:
        """Cancel a consultation, however late; its slot is free again."""
        return await self.change(
            actor, id, lambda it, at: it.cancel(at=at), "consultation.cancelled", cancellation.reason
        )

    async def mark_done(self, actor: Actor, id: ConsultationId) -> StaffConsultationView:
        """Record that a consultation took place, once its time has come."""
        state = ConsultationState.DONE
        return await self.change(actor, id, lambda it, at: it.held(state, at=at), "consultation.done")

    async def mark_no_show(self, actor: Actor, id: ConsultationId) -> StaffConsultationView:
        """Record that the member did not come, once its time has come."""
        state = ConsultationState.NO_SHOW
        return await self.change(actor, id, lambda it, at: it.held(state, at=at), "consultation.no_show")

    async def write_notes(
        self, actor: Actor, id: ConsultationId, notes: ConsultationNotes, version: int | None = None
    ) -> StaffConsultationView:
        """Replace the notes of a consultation; `StaleWrite` if it changed since `version`."""

        def noted(consultation: Consultation, _: datetime) -> Consultation:
            if version not in (None, consultation.version):
                raise StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit"))
            return consultation.with_notes(notes.notes)

        return await self.change(actor, id, noted, "consultation.noted")

    async def change(
        self,
        actor: Actor,
        id: ConsultationId,
        change: Callable[[Consultation, datetime], Consultation],
        action: str,
        reason: str = "",
    ) -> StaffConsultationView:
        """Replace a consultation by what `change` makes of it at the moment, and audit it as `action`."""
        member = await self._member(actor, id)
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await tx.users.standings([member])
            consultation = await self._locked(tx, actor, id)
            now = await tx.now(self.clock)
            saved = await save_consultation(tx, consultation, change(consultation, now), at=now)
            return await self._audited(tx, actor, saved, action, now, reason)

    async def _member(self, actor: Actor, id: ConsultationId) -> UserId:
        """Whose consultation it is. They are locked before it, as when they change it themselves."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        async with self.storage.read(latest=True) as reading:
            return (await reading.consultations.get(id)).member

    async def _locked(self, tx: Writing, actor: Actor, id: ConsultationId) -> Consultation:
        consultation = await tx.consultations.get(id)
        require_own(actor, consultation.consultant, "consultation")
        return consultation

    async def _audited(
        self, tx: Writing, actor: Actor, consultation: Consultation, action: str, at: datetime, reason: str = ""
    ) -> StaffConsultationView:
        names = await names_of(tx, [consultation.member, consultation.consultant])
        found = await tx.users.by_ids([consultation.member])
        people = [consultation.member]
        await self.audit_writer.require_budget(tx, actor, people, at=at, kind=ReadKind.CONSULTATION)
        entry = audit_entry(actor, action, at=at, subject=consultation.member, what=consultation.id, reason=reason)
        await tx.audit.add(entry)
        return StaffConsultationView.of(consultation, names, next(iter(found), None), self.rule, at)


def _whose(actor: Actor, consultant: UserId | None) -> UserId | None:
    """Whose calendar the actor looks at: a consultant's is their own; None for everybody's."""
    actor.require(Permission.MANAGE_CONSULTATIONS)
    if consultant is not None:
        require_own(actor, consultant, "user")
    return consultant if actor.role is Role.ADMIN else actor.require_id()


async def _own_slot(tx: Writing, actor: Actor, id: SlotId) -> Slot:
    slot = await tx.consultations.slot(id)
    require_own(actor, slot.consultant, "slot")
    return slot
