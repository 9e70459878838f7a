"""Erasure in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.advice import forget_answers
from ygs.adapters.memory.deliveries import drop_deliveries
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Introduction
from ygs.ports.repositories import MOST_PAGE


class MemoryErasureRepository:
    """Erasure of users who left."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        gone = (await self._tx.step()).gone.values()
        left = sorted((user.deleted_at, user.id) for user in gone if user.deleted_at and user.deleted_at < at)
        return [person for _, person in left[:limit]]

    async def count_left_before(self, at: datetime) -> int:
        gone = (await self._tx.step()).gone.values()
        return sum(user.deleted_at is not None and user.deleted_at < at for user in gone)

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        tables = await self._tx.step()
        for person in ids:
            if person in tables.gone:
                _erase(tables, person, at)

    async def forget_inputs(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = {week.id for week in tables.weeks.values() if week.created_at < before}
        there = old & (tables.snapshots.keys() | tables.plans.keys())
        tables.snapshots.drop(there)
        tables.plans.drop(there)
        tables.week_keys.drop(there)
        tables.audit_releases.drop(there)
        return len(there)


def _erase(tables: SnapshotTables, id: UserId, at: datetime) -> None:
    tables.gone.drop([id])
    tables.blocks.drop([pair for pair in tables.blocks if id in pair])
    tables.contact_blocks.drop([pair for pair in tables.contact_blocks if id in pair])
    tables.met_contacts.drop([pair for pair in tables.met_contacts if id in pair])
    tables.former_contacts.drop([id])
    tables.sessions.drop(tables.sessions_of.get(id, ()))
    tables.sessions_of.drop([id])
    if id in tables.accounts:
        tables.links.drop([(link.provider, link.subject) for link in tables.accounts[id].links])
        tables.accounts.drop([id])
    tables.one_time_tokens.drop(
        [digest for digest, one_time_token in tables.one_time_tokens.items() if one_time_token.user_id == id]
    )
    tables.reports.drop([each.id for each in tables.reports.values() if id in (each.reporter, each.subject)])
    forget_answers(tables, id)
    tables.notes.drop([each.id for each in tables.notes.values() if each.subject == id])
    events = [key for key, event in tables.events.items() if event.user_id == id]
    tables.events.drop(events)
    tables.dispatched.drop(events)
    drop_deliveries(
        tables, [each for each in tables.deliveries.values() if id in (each.recipient_id, each.event.user_id)]
    )
    tables.notices.drop([id])
    tables.notice_settings.drop([id])
    tables.meetings.drop(tables.of_user.get(id, ()))
    _erase_learned(tables, id)
    _erase_readings(tables, id)
    _erase_consultations(tables, id)
    tables.imported.drop([id])
    tables.push_devices.drop([each.id for each in tables.push_devices.values() if each.user_id == id])
    tables.saved_filters.drop([each.id for each in tables.saved_filters.values() if each.owner == id])
    if introductions := tables.of_user.get(id, ()):
        tables.erased.put({id: at})
        tables.introductions.put({each: _without(tables.introductions[each], id) for each in introductions})
        for each in introductions:
            kept = [replace(one, words="") for one in tables.feedback.get(each, ()) if one.by != id]
            tables.feedback.put({each: kept})


def _erase_readings(tables: SnapshotTables, id: UserId) -> None:
    """Delete what staff were shown of the user today, and what the user was shown as staff."""
    mine = [key for key in tables.read_budgets if key[0] == id]
    tables.read_budgets.drop(mine)
    tables.read_people.drop(mine)
    tables.read_people.put({key: people - {id} for key, people in tables.read_people.items() if id in people})
    tables.read_lifts.drop([key for key in tables.read_lifts if key[0] == id])
    tables.read_addresses.drop([id])


def _erase_learned(tables: SnapshotTables, id: UserId) -> None:
    tables.learned_people.put(
        {
            number: {person: rates for person, rates in people.items() if person != id}
            for number, people in tables.learned_people.items()
            if id in people
        }
    )


def _erase_consultations(tables: SnapshotTables, id: UserId) -> None:
    theirs = [each for each in tables.consultations.values() if each.member == id]
    tables.consultations.drop([each.id for each in theirs])
    tables.booked_slots.drop([each.slot_id for each in theirs if tables.booked_slots.get(each.slot_id) == each.id])
    tables.working_hours.drop([id])
    tables.calendar_feeds.drop([id])


def _without(introduction: Introduction, id: UserId) -> Introduction:
    return replace(
        introduction,
        a_to_b=0,
        b_to_a=0,
        mutual=0,
        proof_of_a=(),
        proof_of_b=(),
        answer_of_a=None if introduction.a == id else _wordless(introduction.answer_of_a),
        answer_of_b=None if introduction.b == id else _wordless(introduction.answer_of_b),
    )


def _wordless(answer: Answer | None) -> Answer | None:
    return replace(answer, words="") if answer else None
