"""Meetings in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.meetings import Meeting, MeetingState
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryMeetingReader:
    """Meetings of people who both accepted."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, id: IntroductionId) -> Meeting | None:
        return (await self._tx.step()).meetings.get(id)

    async def of_user(self, id: UserId) -> Sequence[Meeting]:
        tables = await self._tx.step()
        those = (tables.meetings.get(each) for each in tables.of_user.get(id, ()))
        return [each for each in those if each is not None]

    async def fixed_between(
        self, since: datetime, until: datetime, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Meeting]:
        def fixed_then(each: Meeting) -> bool:
            if each.state is not MeetingState.FIXED or each.proposal is None:
                return False
            return since <= each.proposal.starts_at < until

        return _page(await self._tx.step(), fixed_then, after, limit)

    async def with_no_show(self, *, after: IntroductionId | None = None, limit: int = MOST_PAGE) -> Sequence[Meeting]:
        def reported(each: Meeting) -> bool:
            return bool(each.side_a.no_show_at or each.side_b.no_show_at)

        return _page(await self._tx.step(), reported, after, limit)


class MemoryMeetingRepository(MemoryMeetingReader):
    """Meetings, to be changed."""

    async def add(self, meeting: Meeting) -> Meeting:
        tables = await self._tx.step()
        if meeting.id in tables.meetings or meeting.id not in tables.introductions:
            raise Conflict(N_("an introduction has one meeting: read it, and change that"))
        return _put(tables, meeting)

    async def save(self, meeting: Meeting) -> Meeting:
        tables = await self._tx.step()
        require_version(tables.meetings, meeting.id, meeting.version)
        return _put(tables, meeting)


def _page(
    tables: SnapshotTables, wanted: Callable[[Meeting], bool], after: IntroductionId | None, limit: int
) -> Sequence[Meeting]:
    found = (each for each in tables.meetings.values() if each.id > (after or "") and wanted(each))
    return sorted(found, key=lambda each: each.id)[:limit]


def _put(tables: SnapshotTables, meeting: Meeting) -> Meeting:
    for text in (meeting.side_a.no_show_words, meeting.side_b.no_show_words):
        storable_text("words", text)
    saved = replace(meeting, version=meeting.version + 1)
    tables.meetings.put({meeting.id: saved})
    return saved
