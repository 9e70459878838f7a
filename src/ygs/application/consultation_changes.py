"""Storing a booked, moved or cancelled consultation with the events that it causes, and ending those of who leaves."""

from datetime import UTC, datetime

from ygs.domain.consultations import Consultation, ConsultationState
from ygs.domain.events import EventType, consultation_event
from ygs.domain.ids import UserId
from ygs.ports.storage import Writing

# Later than any slot.
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


async def save_consultation(
    tx: Writing, before: Consultation | None, after: Consultation, *, at: datetime, but: UserId | None = None
) -> Consultation:
    """Store a consultation, and notify the member and the consultants of what changed; `but`: all except who leaves.

    `before`: as it is stored, None for nothing.
    """
    saved = await (tx.consultations.add(after) if before is None else tx.consultations.save(after))
    event_type = _event_type(before, saved)
    if event_type is not None:
        people = {saved.member, saved.consultant} | ({before.consultant} if before else set())
        await tx.outbox.add(consultation_event(event_type, saved, each, at) for each in sorted(people - {but}))
    return saved


def _event_type(before: Consultation | None, after: Consultation) -> EventType | None:
    if before is None:
        return EventType.CONSULTATION_BOOKED
    if before.slot_id != after.slot_id:
        return EventType.CONSULTATION_MOVED
    cancelled = after.state is ConsultationState.CANCELLED and before.state is not after.state
    return EventType.CONSULTATION_CANCELLED if cancelled else None


async def end_consultations(tx: Writing, user: UserId, at: datetime) -> None:
    """Cancel the coming consultations of somebody who leaves, and notify the others. A slot is free again then."""
    for each in await tx.consultations.booked_of(user, at):
        await save_consultation(tx, each, each.cancel(at=at), at=at, but=user)


async def end_consulting(tx: Writing, consultant: UserId, at: datetime) -> None:
    """Close the calendar of somebody who is no longer a consultant: coming consultations are cancelled, slots closed,
    the feed removed."""
    # Slots first: nobody books one of them meanwhile, and everybody locks in this order.
    coming = await tx.consultations.slots_between(consultant, at, _LAST)
    await end_consultations(tx, consultant, at)
    await tx.consultations.close_slots([each.id for each in coming])
    await tx.consulting_hours.remove_feed(consultant)
