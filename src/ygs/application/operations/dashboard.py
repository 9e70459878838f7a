"""The dashboard: what staff look at when the day begins."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.operations.failed_jobs import FailedJobView, failed_jobs
from ygs.application.rounds.pool_balance import AGE_BAND, PoolView, latest_pool
from ygs.domain.consultations import ConsultationState
from ygs.domain.ids import UserId, WeekId
from ygs.domain.introductions import IntroductionState
from ygs.domain.jobs import Job, JobKind, JobState, daily_key
from ygs.domain.match_weeks import WeekOutline, WeekState
from ygs.domain.matching.attribute import UNKNOWN
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at, start_of
from ygs.domain.users import Status
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.introductions import IntroductionCounts
from ygs.ports.repositories.users import MemberGroup
from ygs.ports.storage import Reading, Storage

# The current week and the twelve before it.
WEEKS = 13
# The longest jobs of a large club take minutes, and a worker does one at a time.
STALLED_AFTER = timedelta(minutes=30)
# Failed jobs that are listed; all are counted.
JOBS_SHOWN = 10
# In an open week with fewer introductions, a count of answers could tell who answered.
FEWEST_TO_COUNT = 10


class JoinedView(BaseModel):
    """How many members there are, and how many of them joined since the month, the week (Monday) and the day began."""

    model_config = ConfigDict(frozen=True)

    total: int = Field(ge=0, description="All members who have not left.")
    this_month: int = Field(ge=0, description="Those who joined since the first of the month.")
    this_week: int = Field(ge=0, description="Those who joined since Monday.")
    today: int = Field(ge=0, description="Those who joined today, by the service's time zone.")


class CountView(BaseModel):
    """How many members share one code; null for those of whom it is unknown."""

    model_config = ConfigDict(frozen=True)

    code: str | None = Field(description="The code, as the vocabulary has it; null where it is unknown.")
    count: int = Field(ge=0, description="How many members.")


class AgeBandView(BaseModel):
    """How many active members turn this old in this year, both ends included."""

    model_config = ConfigDict(frozen=True)

    from_age: int = Field(ge=0, description="The youngest, in years.")
    to_age: int = Field(ge=0, description="The oldest, in years.")
    count: int = Field(ge=0, description="How many members.")


class ReviewQueueView(BaseModel):
    """Who waits for review."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(ge=0, description="How many profiles wait.")
    since: datetime | None = Field(description="When the one who has waited longest sent in the profile, UTC.")


class DueView(BaseModel):
    """How many memberships needed staff when they were last counted, in the morning."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(ge=0, description="Memberships that are due, late, or nearly three months without a meeting.")
    late: int | None = Field(
        ge=0, description="Those of them to which more introductions are owed than were made; null when not counted."
    )
    counted_at: datetime = Field(description="When they were counted, UTC.")


class ConsultationsTodayView(BaseModel):
    """The consultations of the day, by the service's time zone."""

    model_config = ConfigDict(frozen=True)

    booked: int = Field(ge=0, description="Those that are to take place, or of which nobody has said what became.")
    done: int = Field(ge=0, description="Those that took place.")
    no_show: int = Field(ge=0, description="Those to which the member did not come.")

    @classmethod
    def of(cls, counts: Mapping[ConsultationState, int]) -> Self:
        """The view of these counts."""
        states = (ConsultationState.BOOKED, ConsultationState.DONE, ConsultationState.NO_SHOW)
        return cls.model_validate({state.value: counts.get(state, 0) for state in states})


class WaitingView(BaseModel):
    """What waits for a decision of staff, each counted up to 100."""

    model_config = ConfigDict(frozen=True)

    reports: int = Field(ge=0, le=MOST_PAGE, description="Open reports, without those about the reader.")
    photos: int = Field(ge=0, le=MOST_PAGE, description="Photos that nobody has looked at.")
    documents: int = Field(ge=0, le=MOST_PAGE, description="Documents that nobody has decided on.")
    failed_jobs: int = Field(
        ge=0,
        le=MOST_PAGE,
        description="Jobs that failed and are to be tried again or given up, of those you may ask for.",
    )

    @classmethod
    async def of(cls, reading: Reading, reader: UserId | None, failed: Sequence[Job]) -> Self:
        """The counts as they are now, with the failed jobs that were read."""
        reports = await reading.reports.waiting(not_about=reader, limit=MOST_PAGE)
        photos = await reading.files.photos_waiting(limit=MOST_PAGE)
        documents = await reading.files.documents_waiting(limit=MOST_PAGE)
        return cls(reports=len(reports), photos=len(photos), documents=len(documents), failed_jobs=len(failed))


class WeekFunnelView(BaseModel):
    """What came of a match week. Answers, and what follows from them, are null while a count could tell one: while the
    week is open for answers, and you wait in it yourself or it has fewer than ten introductions."""

    model_config = ConfigDict(frozen=True)

    id: WeekId = Field(description="The match week's id.")
    week: str = Field(description="The ISO week, such as 2026-W48.")
    state: WeekState = Field(description="Where the week stands.")
    introduced: int = Field(ge=0, description="Introductions that were not cancelled.")
    answered: int | None = Field(ge=0, description="Introductions that both answered.")
    mutual: int | None = Field(ge=0, description="Introductions that both accepted.")
    met: int | None = Field(ge=0, description="Introductions of which the two met.")

    @classmethod
    def of(cls, week: WeekOutline, counts: IntroductionCounts, *, withheld: bool) -> Self:
        """The view of a week with these counts."""
        return cls(
            id=week.id,
            week=str(week.week),
            state=week.state,
            introduced=counts.introduced,
            answered=None if withheld else counts.answered,
            mutual=None if withheld else counts.mutual,
            met=None if withheld else counts.met,
        )


class DashboardView(BaseModel):
    """The figures of the day. They name nobody."""

    model_config = ConfigDict(frozen=True)

    at: datetime = Field(description="When they were counted, UTC.")
    members: JoinedView = Field(description="How many members there are.")
    by_status: list[CountView] = Field(description="All members by status, without statuses that nobody has.")
    active_by_gender: list[CountView] = Field(description="Active members by gender.")
    active_by_age: list[AgeBandView] = Field(description="Active members by age, in bands of five years, ascending.")
    active_by_region: list[CountView] = Field(description="Active members by region, the commonest first.")
    review: ReviewQueueView = Field(description="How many wait for review, and since when.")
    due_memberships: DueView | None = Field(description="Null until they have been counted.")
    consultations_today: ConsultationsTodayView = Field(description="The consultations of the day.")
    waiting: WaitingView = Field(description="The reports, photos, documents and failed jobs that wait for staff.")
    failed_jobs: list[FailedJobView] = Field(description="The failed jobs that wait, at most 10, the newest first.")
    work_stalled: bool = Field(
        description="Whether a job has been due for half an hour and no worker took it: none may be running."
    )
    weeks: list[WeekFunnelView] = Field(description="The latest match weeks, at most 13, the current one first.")
    pool: PoolView | None = Field(description="Whom the pool lacks; null until a week was locked and it was counted.")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures that staff look at daily."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def read(self, actor: Actor) -> DashboardView:
        """Return the figures as they are now, in a constant number of statements."""
        actor.require(Permission.READ_MEMBERS)
        now = self.clock.now()
        today = date_at(now, self.zone)
        async with self.storage.read() as reading:
            groups = await reading.users.member_groups(_beginnings(today, self.zone))
            waiting_since = await reading.users.waiting_since()
            due = await self._due(reading, today)
            tomorrow = start_of(today + timedelta(days=1), self.zone)
            consultations = await reading.consultations.count_between(start_of(today, self.zone), tomorrow)
            failed = await failed_jobs(reading, actor, today)
            stalled = await reading.jobs.due(list(JobKind), at=now - STALLED_AFTER)
            waiting = await WaitingView.of(reading, actor.id, failed)
            weeks = await _weeks(reading, actor)
            pool = await latest_pool(reading)
        active = [group for group in groups if group.status is Status.ACTIVE]
        return DashboardView(
            at=now,
            members=_joined(groups),
            by_status=_counts((group.status.value, group.count) for group in groups),
            active_by_gender=_counts((str(group.gender.name).lower(), group.count) for group in active),
            active_by_age=_age_bands(active, today.year),
            active_by_region=_counts((_region(group.region), group.count) for group in active),
            review=ReviewQueueView(count=_count(groups, Status.PENDING), since=waiting_since),
            due_memberships=due,
            consultations_today=ConsultationsTodayView.of(consultations),
            waiting=waiting,
            work_stalled=stalled,
            failed_jobs=[FailedJobView.of(job) for job in failed[:JOBS_SHOWN]],
            weeks=weeks,
            pool=pool,
        )

    async def _due(self, reading: Reading, today: date) -> DueView | None:
        """The count of the latest daily search; before it is done today, of yesterday's."""
        for day in (today, today - timedelta(days=1)):
            job = await reading.jobs.find(daily_key(JobKind.DUE_MEMBERSHIPS, day))
            if job and job.state is JobState.DONE and job.finished_at:
                late = job.result.get("late")
                return DueView(
                    count=int(job.result["memberships"]),
                    late=None if late is None else int(late),
                    counted_at=job.finished_at,
                )
        return None


def _beginnings(today: date, zone: ZoneInfo) -> Sequence[datetime]:
    """When the month, the week and the day began, in the service's time zone; UTC."""
    monday = today - timedelta(days=today.weekday())
    return [start_of(day, zone) for day in (today.replace(day=1), monday, today)]


def _joined(groups: Sequence[MemberGroup]) -> JoinedView:
    month, week, day = (sum(group.joined[place] for group in groups) for place in range(3))
    return JoinedView(total=sum(group.count for group in groups), this_month=month, this_week=week, today=day)


def _count(groups: Sequence[MemberGroup], status: Status) -> int:
    return sum(group.count for group in groups if group.status is status)


def _counts(counts: Iterable[tuple[str | None, int]]) -> list[CountView]:
    """The sums by code, the commonest first."""
    sums = Counter[str | None]()
    for code, count in counts:
        sums[code] += count
    return [CountView(code=code, count=count) for code, count in sums.most_common()]


def _region(code: int) -> str | None:
    return None if code == UNKNOWN else str(VOCABULARY["region"].value_of(code))


def _age_bands(active: Sequence[MemberGroup], year: int) -> list[AgeBandView]:
    bands = Counter[int]()
    for group in active:
        bands[(year - group.birth_year) // AGE_BAND * AGE_BAND] += group.count
    return [AgeBandView(from_age=age, to_age=age + AGE_BAND - 1, count=bands[age]) for age in sorted(bands)]


async def _weeks(reading: Reading, actor: Actor) -> list[WeekFunnelView]:
    weeks = [week for week in await reading.weeks.outlines() if week.state is not WeekState.CANCELLED][:WEEKS]
    counts = await reading.introductions.count_by_week([week.id for week in weeks])
    mine = await _waited_in(reading, actor)
    return [WeekFunnelView.of(week, counts[week.id], withheld=_withheld(week, counts[week.id], mine)) for week in weeks]


async def _waited_in(reading: Reading, actor: Actor) -> frozenset[WeekId]:
    """The weeks in which an introduction of the reader still waits for an answer."""
    if actor.id is None:
        return frozenset()
    mine = await reading.introductions.of_user(actor.id)
    return frozenset(each.week_id for each in mine if each.state is IntroductionState.WAITING)


def _withheld(week: WeekOutline, counts: IntroductionCounts, waited_in: frozenset[WeekId]) -> bool:
    return week.state is WeekState.PUBLISHED and (week.id in waited_in or counts.introduced < FEWEST_TO_COUNT)
