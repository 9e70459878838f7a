"""Meetings: rows to entities and back, and their queries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.meetings import meetings
from ygs.domain.errors import StaleWrite
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.meetings import DayPart, HalfDay, Meeting, MeetingProposal, MeetingSide, MeetingState
from ygs.ports.repositories import MOST_PAGE


def to_row(meeting: Meeting, keyring: Keyring) -> dict[str, Any]:
    """A meeting as a row of `meetings`."""
    proposal = meeting.proposal
    return {
        "id": meeting.id,
        "a": meeting.a,
        "b": meeting.b,
        "state": meeting.state.value,
        "starts_at": proposal.starts_at if proposal else None,
        "district_code": proposal.district if proposal else "",
        "place": keyring.seal_if(meetings.c.place, meeting.id, proposal.place) if proposal else None,
        "proposals": meeting.proposals,
        "refused": [each.isoformat() for each in sorted(meeting.refused)],
        "fixed_at": meeting.fixed_at,
        **_side_row("a", meeting.id, meeting.side_a, keyring),
        **_side_row("b", meeting.id, meeting.side_b, keyring),
        "created_at": meeting.created_at,
        "version": meeting.version,
    }


def _side_row(side: str, id: str, given: MeetingSide, keyring: Keyring) -> dict[str, Any]:
    half_days = sorted([each.day.isoformat(), each.part.value] for each in given.half_days)
    return {
        f"half_days_of_{side}": half_days,
        f"district_code_of_{side}": given.district,
        f"times_given_of_{side}": given.times_given,
        f"times_asked_of_{side}": given.times_asked,
        f"accepted_of_{side}": given.accepted,
        f"no_show_at_of_{side}": given.no_show_at,
        f"no_show_words_of_{side}": keyring.seal_if(meetings.c[f"no_show_words_of_{side}"], id, given.no_show_words),
    }


def to_meeting(row: Found, keyring: Keyring) -> Meeting:
    """The meeting that `to_row` wrote."""
    return Meeting(
        id=IntroductionId(row.id),
        a=UserId(row.a),
        b=UserId(row.b),
        state=MeetingState(row.state),
        proposal=_to_proposal(row, keyring),
        proposals=row.proposals,
        refused=frozenset(datetime.fromisoformat(each) for each in row.refused),
        fixed_at=row.fixed_at,
        side_a=_to_side("a", row, keyring),
        side_b=_to_side("b", row, keyring),
        created_at=row.created_at,
        version=row.version,
    )


def _to_proposal(row: Found, keyring: Keyring) -> MeetingProposal | None:
    if row.starts_at is None:
        return None
    place = keyring.open_if(meetings.c.place, row.id, row.place) or ""
    return MeetingProposal(row.starts_at, row.district_code, place)


def _to_side(side: str, row: Found, keyring: Keyring) -> MeetingSide:
    stored = row._mapping
    words = f"no_show_words_of_{side}"
    half_days = stored[f"half_days_of_{side}"]
    return MeetingSide(
        half_days=frozenset(HalfDay(date.fromisoformat(day), DayPart(part)) for day, part in half_days),
        district=stored[f"district_code_of_{side}"],
        times_given=stored[f"times_given_of_{side}"],
        times_asked=stored[f"times_asked_of_{side}"],
        accepted=stored[f"accepted_of_{side}"],
        no_show_at=stored[f"no_show_at_of_{side}"],
        no_show_words=keyring.open_if(meetings.c[words], row.id, stored[words]) or "",
    )


class SqlMeetingReader:
    """Meetings of people who both accepted."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, id: IntroductionId) -> Meeting | None:
        row = await self.tx.row(self.tx.for_update(select(meetings).where(meetings.c.id == id)))
        return None if row is None else to_meeting(row, self.tx.keyring)

    async def of_user(self, id: UserId) -> Sequence[Meeting]:
        return await self._those(or_(meetings.c.a == id, meetings.c.b == id))

    async def fixed_between(
        self, since: datetime, until: datetime, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Meeting]:
        then = (meetings.c.starts_at >= since) & (meetings.c.starts_at < until)
        fixed = meetings.c.state == MeetingState.FIXED.value
        return await self._those(fixed & then & (meetings.c.id > (after or "")), limit)

    async def with_no_show(self, *, after: IntroductionId | None = None, limit: int = MOST_PAGE) -> Sequence[Meeting]:
        reported = or_(meetings.c.no_show_at_of_a.is_not(None), meetings.c.no_show_at_of_b.is_not(None))
        return await self._those(reported & (meetings.c.id > (after or "")), limit)

    async def _those(self, condition: ColumnElement[bool], limit: int | None = None) -> Sequence[Meeting]:
        query = select(meetings).where(condition).order_by(meetings.c.id).limit(limit)
        return [to_meeting(row, self.tx.keyring) for row in await self.tx.rows(self.tx.for_update(query))]


class SqlMeetingRepository(SqlMeetingReader):
    """Meetings, to be changed."""

    async def add(self, meeting: Meeting) -> Meeting:
        saved = replace(meeting, version=meeting.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, meetings, [to_row(saved, self.tx.keyring)])
        return saved

    async def save(self, meeting: Meeting) -> Meeting:
        saved = replace(meeting, version=meeting.version + 1)
        query = update(meetings).where(meetings.c.id == meeting.id, meetings.c.version == meeting.version)
        if not await self.tx.run(query.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved
