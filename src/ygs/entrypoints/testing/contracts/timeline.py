"""The contract of timelines."""

from dataclasses import replace
from datetime import timedelta

from ygs.domain.audit import Entry, Subjects
from ygs.domain.introductions import IntroductionState
from ygs.domain.reports import Resolution
from ygs.domain.timeline import TimelineEvent, TimelineItem
from ygs.entrypoints.testing.builders import a_report, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)
ME = a_user(1)
EVERYTHING = frozenset(TimelineEvent)


def an_entry(action: str, hours: int, *, subject: str = ME.id, what: str = "") -> Entry:
    """An audit entry about a member, so many hours after noon."""
    at = NOON + hours * HOUR
    return Entry(at=at, actor="operator", role="admin", action=action, subject=subject, what=what, reason="통화")


class TimelineContract:
    """What happened to members."""

    async def _stored(self, storage: Storage) -> None:
        """One member, introduced to the other three: waiting, mutual, not mutual; reported; with audit entries."""
        people = [a_user(number) for number in range(1, 5)]
        week = a_week()
        waiting, mutual, declined = [
            replace(an_introduction(ME, other, week, number), created_at=NOON + number * HOUR)
            for number, other in enumerate(people[1:], 1)
        ]
        mutual = replace(mutual, state=IntroductionState.MUTUAL, decided_at=NOON + 5 * HOUR, met=True)
        declined = replace(declined, state=IntroductionState.NOT_MUTUAL, decided_at=NOON + 6 * HOUR)
        both = replace(an_entry("members.exported", 9, subject=""), subjects=Subjects.of([ME.id, people[3].id]))
        async with storage.write() as tx:
            await tx.users.add_all(people)
            await tx.weeks.add(week)
            await tx.introductions.add_all([waiting, mutual, declined], {ME.id: 3})
            report = replace(a_report(1, reporter=2, subject=1), created_at=NOON + 7 * HOUR)
            await tx.reports.add(report)
            await tx.reports.save(report.resolve(Resolution.WARNED, "통화", by=None, at=NOON + 8 * HOUR))
            await tx.reports.add(replace(a_report(2, reporter=1, subject=4), created_at=NOON + 7 * HOUR))
            await tx.audit.add(
                an_entry("member.edited", 4, what="wishes"),
                an_entry("member.read", 4),
                an_entry("introduction.answered", 4),
                an_entry("member.approved", 4),
                an_entry("member.approved", 4, subject=people[1].id),
                both,
            )

    async def test_a_timeline_holds_what_happened_latest_first(self, storage: Storage) -> None:
        await self._stored(storage)
        async with storage.read() as reading:
            found = await reading.timeline.of_member(ME.id, EVERYTHING)
        told = [(each.event.value, (each.at - NOON) // HOUR, each.outcome) for each in found]
        assert told[:-1] == [
            ("members.exported", 9, ""),
            ("report.resolved", 8, "warned"),
            ("report.received", 7, ""),
            ("report.made", 7, ""),
            ("introduction.decided", 6, "not_mutual"),
            ("introduction.decided", 5, "mutual"),
            ("member.approved", 4, ""),
            ("member.edited", 4, ""),
            ("introduction.made", 3, ""),
            ("introduction.made", 2, ""),
            ("introduction.made", 1, ""),
        ]
        assert (found[-1].event, found[-1].at) == (TimelineEvent.JOINED, ME.created_at)

    async def test_an_item_says_who_did_what_and_to_whom(self, storage: Storage) -> None:
        await self._stored(storage)
        async with storage.read() as reading:
            found = await reading.timeline.of_member(ME.id, EVERYTHING)
            (theirs,) = await reading.timeline.of_member(a_user(3).id, {TimelineEvent.DECIDED})
        edited = next(each for each in found if each.event is TimelineEvent.EDITED)
        assert edited == TimelineItem(
            at=NOON + 4 * HOUR,
            event=TimelineEvent.EDITED,
            number=edited.number,
            what="wishes",
            actor="operator",
            role="admin",
            reason="통화",
        )
        assert (theirs.other, theirs.outcome, theirs.met) == (ME.id, "mutual", True)

    async def test_pages_of_a_timeline_follow_each_other(self, storage: Storage) -> None:
        await self._stored(storage)
        async with storage.read() as reading:
            whole = await reading.timeline.of_member(ME.id, EVERYTHING)
            paged: list[TimelineItem] = []
            while page := await reading.timeline.of_member(
                ME.id, EVERYTHING, before=paged[-1].key if paged else None, limit=2
            ):
                paged += page
        assert paged == list(whole)

    async def test_a_timeline_holds_only_the_events_wanted_of_a_live_member(self, storage: Storage) -> None:
        await self._stored(storage)
        async with storage.read() as reading:
            made = await reading.timeline.of_member(ME.id, {TimelineEvent.REPORT_MADE})
            assert [each.what for each in made] == [a_report(2).id]
            assert await reading.timeline.of_member(a_user(9).id, EVERYTHING) == []
