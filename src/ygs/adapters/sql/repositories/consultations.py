"""Slots and consultations: rows to entities and back, and their queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bounds import within
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.keyset import follows
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.consultations import consultations, slot_quarters, slots
from ygs.domain.consultations import CalendarEntry, Consultation, ConsultationState, KeptQuestion, Slot
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.ports.repositories import MOST_PAGE

_ORDER = (slots.c.starts_at, slots.c.id)
# What lists show: no sealed column is read for them.
_LISTED = [column for column in consultations.c if column.name not in ("notes", "questions", "questions_at")]
_STANDS = consultations.c.state != ConsultationState.CANCELLED.value
_BOOKED = consultations.c.state == ConsultationState.BOOKED.value
_TAKEN = exists().where(consultations.c.slot_id == slots.c.id, _STANDS)
# The columns of a joined row of which both tables have one of that name.
_BOTH = {column.name for column in consultations.c} & {column.name for column in slots.c}


def slot_row(slot: Slot) -> dict[str, Any]:
    """A slot as a row of `slots`."""
    return {
        "id": slot.id,
        "consultant": slot.consultant,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "closed": slot.closed,
        "created_at": slot.created_at,
    }


def to_slot(row: Found) -> Slot:
    """The slot that `slot_row` wrote."""
    return Slot(
        id=SlotId(row.id),
        consultant=UserId(row.consultant),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        closed=bool(row.closed),
        created_at=row.created_at,
    )


def to_row(consultation: Consultation, keyring: Keyring) -> dict[str, Any]:
    """A consultation as a row of `consultations`."""
    return {
        "id": consultation.id,
        "slot_id": consultation.slot_id,
        "consultant": consultation.consultant,
        "member": consultation.member,
        "starts_at": consultation.starts_at,
        "ends_at": consultation.ends_at,
        "state": consultation.state.value,
        "booked_at": consultation.booked_at,
        "changed_at": consultation.changed_at,
        "moves": consultation.moves,
        "notes": keyring.seal_if(consultations.c.notes, consultation.id, consultation.notes),
        "questions": [[each.attribute, each.answer, each.opens] for each in consultation.questions],
        "questions_at": consultation.questions_at,
        "version": consultation.version,
    }


def to_consultation(row: Found, keyring: Keyring) -> Consultation:
    """The consultation that `to_row` wrote."""
    return replace(
        _listed(row),
        notes=keyring.open_if(consultations.c.notes, row.id, row.notes) or "",
        questions=tuple(KeptQuestion(*each) for each in row.questions),
        questions_at=row.questions_at,
    )


def _listed(row: Found, prefix: str = "") -> Consultation:
    found = row._mapping
    return Consultation(
        id=ConsultationId(found[f"{prefix}id"]),
        slot_id=SlotId(row.slot_id),
        consultant=UserId(found[f"{prefix}consultant"]),
        member=UserId(row.member),
        starts_at=found[f"{prefix}starts_at"],
        ends_at=found[f"{prefix}ends_at"],
        state=ConsultationState(row.state),
        booked_at=row.booked_at,
        changed_at=row.changed_at,
        moves=row.moves,
        version=row.version,
    )


class SqlConsultationReader:
    """Slots and consultations."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def slot(self, id: SlotId) -> Slot:
        row = await self.tx.row(self.tx.for_update(select(slots).where(slots.c.id == id)))
        if row is None:
            raise NotFound("slot")
        return to_slot(row)

    async def get(self, id: ConsultationId) -> Consultation:
        row = await self.tx.row(self.tx.for_update(select(consultations).where(consultations.c.id == id)))
        if row is None:
            raise NotFound("consultation")
        return to_consultation(row, self.tx.keyring)

    async def free_slots(
        self,
        since: datetime,
        *,
        consultant: UserId | None = None,
        but: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Slot]:
        query = select(slots).where(slots.c.starts_at > since, ~slots.c.closed, ~_TAKEN)
        if but is not None:
            query = query.where(slots.c.consultant != but)
        return [to_slot(row) for row in await self.tx.rows(_page(query, consultant, after, limit))]

    async def slots_between(self, consultant: UserId | None, since: datetime, until: datetime) -> Sequence[Slot]:
        query = select(slots).where(~slots.c.closed, _between(slots, since, until)).order_by(*_ORDER)
        if consultant is not None:
            query = query.where(slots.c.consultant == consultant)
        return [to_slot(row) for row in await self.tx.rows(self.tx.for_update(query))]

    async def calendar(
        self,
        since: datetime,
        until: datetime,
        *,
        consultant: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[CalendarEntry]:
        booked = [column.label(f"of_{column.name}") if column.name in _BOTH else column for column in _LISTED]
        joined = slots.outerjoin(consultations, (consultations.c.slot_id == slots.c.id) & _STANDS)
        query = select(*slots.c, *booked).select_from(joined).where(~slots.c.closed, _between(slots, since, until))
        return [_entry(row) for row in await self.tx.rows(_page(query, consultant, after, limit))]

    async def of_member(
        self, member: UserId, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        query = select(*_LISTED).where(consultations.c.member == member)
        if after is not None:
            query = query.where(consultations.c.id < after)
        return [_listed(row) for row in await self.tx.rows(query.order_by(consultations.c.id.desc()).limit(limit))]

    async def booked_of(self, user: UserId, since: datetime) -> Sequence[Consultation]:
        theirs = or_(consultations.c.member == user, consultations.c.consultant == user)
        return await self._those(theirs & _BOOKED & (consultations.c.starts_at > since))

    async def booked_between(
        self, since: datetime, until: datetime, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        then = _BOOKED & _between(consultations, since, until)
        return await self._those(then & (consultations.c.id > (after or "")), limit)

    async def all_between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        after: ConsultationId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Consultation]:
        query = select(*_LISTED).where(*within(consultations.c.starts_at, since, until))
        query = query.where(consultations.c.id > (after or "")).order_by(consultations.c.id).limit(limit)
        return [_listed(row) for row in await self.tx.rows(query)]

    async def count_between(self, since: datetime, until: datetime) -> Mapping[ConsultationState, int]:
        query = select(consultations.c.state, func.count()).where(_between(consultations, since, until))
        rows = await self.tx.rows(query.group_by(consultations.c.state))
        return {ConsultationState(state): count for state, count in rows}

    async def _those(self, condition: ColumnElement[bool], limit: int | None = None) -> Sequence[Consultation]:
        query = select(consultations).where(condition).order_by(consultations.c.id).limit(limit)
        return [to_consultation(row, self.tx.keyring) for row in await self.tx.rows(self.tx.for_update(query))]


class SqlConsultationRepository(SqlConsultationReader):
    """Slots and consultations, to be changed."""

    async def add_slots(self, added: Sequence[Slot]) -> None:
        quarters = [
            {"consultant": each.consultant, "starts_at": at, "slot_id": each.id}
            for each in added
            if not each.closed
            for at in each.quarters
        ]
        async with self.tx.savepoint():
            await insert_all(self.tx, slots, [slot_row(each) for each in added])
            await insert_all(self.tx, slot_quarters, quarters)

    async def close_slots(self, ids: Collection[SlotId]) -> None:
        await self.tx.run(update(slots).where(among(slots.c.id, ids)).values(closed=True))
        await self.tx.run(delete(slot_quarters).where(among(slot_quarters.c.slot_id, ids)))

    async def add(self, consultation: Consultation) -> Consultation:
        saved = replace(consultation, version=consultation.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, consultations, [to_row(saved, self.tx.keyring)])
        return saved

    async def save(self, consultation: Consultation) -> Consultation:
        saved = replace(consultation, version=consultation.version + 1)
        query = update(consultations).where(
            consultations.c.id == consultation.id, consultations.c.version == consultation.version
        )
        async with self.tx.savepoint():
            if not await self.tx.run(query.values(to_row(saved, self.tx.keyring))):
                raise StaleWrite(STALE)
        return saved

    async def purge(self, before: datetime) -> int:
        booked = exists().where(consultations.c.slot_id == slots.c.id)
        return await self.tx.run(delete(slots).where(slots.c.ends_at < before, ~booked))


def _between(table: Any, since: datetime, until: datetime) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (table.c.starts_at >= since) & (table.c.starts_at < until)
    return found


def _page(query: Query, consultant: UserId | None, after: SlotId | None, limit: int) -> Query:
    if consultant is not None:
        query = query.where(slots.c.consultant == consultant)
    if after is not None:
        query = query.where(follows(_ORDER, slots.c.id == after))
    return query.order_by(*_ORDER).limit(limit)


def _entry(row: Found) -> CalendarEntry:
    return CalendarEntry(slot=to_slot(row), consultation=_listed(row, "of_") if row.slot_id else None)
