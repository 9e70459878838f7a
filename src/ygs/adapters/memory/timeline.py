"""Timelines in memory."""

from collections.abc import Collection, Iterator, Sequence

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.audit import ChainedEntry
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.timeline import AUDITED_EVENTS, TimelineEvent, TimelineItem, TimelineKey
from ygs.ports.repositories import MOST_PAGE


class MemoryTimelineReader:
    """What happened to members."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def of_member(
        self,
        id: UserId,
        events: Collection[TimelineEvent],
        *,
        before: TimelineKey | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[TimelineItem]:
        tables = await self._tx.step()
        happened = [*_joined(tables, id), *_audited(tables, id), *_introductions(tables, id), *_reports(tables, id)]
        wanted = (each for each in happened if each.event in events and (before is None or each.key < before))
        return sorted(wanted, key=lambda each: each.key, reverse=True)[:limit]


def _joined(tables: SnapshotTables, id: UserId) -> Iterator[TimelineItem]:
    if id in tables.users:
        yield TimelineItem(at=tables.users[id].created_at, event=TimelineEvent.JOINED)


def _audited(tables: SnapshotTables, id: UserId) -> Iterator[TimelineItem]:
    for chained in tables.audit.values():
        entry = chained.entry
        if entry.action in AUDITED_EVENTS and id in (entry.subject, *entry.subjects.ids):
            yield _of_entry(chained)


def _of_entry(chained: ChainedEntry) -> TimelineItem:
    entry = chained.entry
    return TimelineItem(
        at=entry.at,
        event=TimelineEvent(entry.action),
        number=chained.number,
        what=entry.what,
        actor=entry.actor,
        role=entry.role,
        reason=entry.reason,
    )


def _introductions(tables: SnapshotTables, id: UserId) -> Iterator[TimelineItem]:
    for each in (tables.introductions[one] for one in tables.of_user.get(id, ())):
        other = each.other(id)
        yield TimelineItem(at=each.created_at, event=TimelineEvent.INTRODUCED, what=each.id, other=other)
        if each.state is not IntroductionState.WAITING and each.decided_at:
            yield TimelineItem(
                at=each.decided_at,
                event=TimelineEvent.DECIDED,
                what=each.id,
                outcome=each.state,
                other=other,
                met=each.met,
            )


def _reports(tables: SnapshotTables, id: UserId) -> Iterator[TimelineItem]:
    for each in tables.reports.values():
        if id not in (each.subject, each.reporter):
            continue
        event = TimelineEvent.REPORTED if each.subject == id else TimelineEvent.REPORT_MADE
        yield TimelineItem(at=each.created_at, event=event, what=each.id)
        if each.resolution and each.resolved_at:
            event = TimelineEvent.REPORT_RESOLVED
            yield TimelineItem(at=each.resolved_at, event=event, what=each.id, outcome=each.resolution)
