"""The ledger's figures equal a recount, by another program, from the stored introductions of a simulated year."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from tests.support.ledger_recount import DAY, by_member, figures, recounted
from ygs.application.actors import Actor
from ygs.application.memberships.contracts import MembershipFilter
from ygs.application.memberships.ledger_views import MembershipLine
from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import MOST_A_WEEK, Club, StoryClock
from ygs.bootstrap import Application, build, upgrade_database
from ygs.domain.ids import IntroductionId, MembershipId, UserId, WeekId
from ygs.domain.introductions import Introduction
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.market import Market
from ygs.domain.memberships import ContractTerms, FixedDate, Membership, PromiseUnit, ServiceGrant
from ygs.domain.refunds import Basis
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

OPERATOR = Actor.operator()
FIRST = IsoWeek(2026, 2)
TERMS = (
    ContractTerms(fee=3_600_000, months=12, promised=12, service=1),
    ContractTerms(fee=2_000_000, months=12, promised=20, unit=PromiseUnit.INTRODUCTIONS),
    ContractTerms(fee=2_400_000, months=12, promised=9, agreed=frozenset({"birth_year", "region", "religion"})),
    ContractTerms(fee=1_200_000, months=12, basis=Basis.DAYS),
)


@dataclass(frozen=True)
class Year:
    """An agency whose members have contracts, and the clock of its year."""

    ygs: Application
    club: Club
    dice: Random
    members: Sequence[UserId]
    over: dict[WeekId, Sequence[Introduction]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The date in Seoul."""
        return self.club.clock.moment.astimezone(SEOUL).date()

    async def begin(self, number: int) -> IsoWeek:
        """Monday of the next week, at nine: staff do what they do."""
        week = FIRST.following(number)
        monday = datetime.combine(week.monday, time(9), tzinfo=SEOUL)
        self.club.clock.moment = max(self.club.clock.moment, monday.astimezone(UTC))
        await self._staff(self.today)
        return week

    async def play(self, week: IsoWeek) -> Mapping[UserId, bool]:
        """Play a match week; who took part, and whether the lock marked them as due."""
        played = await self.club.play(str(week))
        async with self.ygs.storage.read() as reading:
            market = Market.from_bytes(await reading.weeks.snapshot(played))
            self.over[played] = await reading.introductions.of_week(played, limit=MOST_A_WEEK)
        return {UserId(person): bool(due) for person, due in zip(market.ids, market.due, strict=True)}

    async def _staff(self, today: date) -> None:
        """Pauses, grants, dates of meetings, renewals, and somebody who leaves."""
        async with self.ygs.storage.write() as tx:
            for person in self.dice.sample(self.members, k=len(self.members) // 20 + 1):
                # Everybody has one that has not ended: whoever's did was given another.
                (record,) = [
                    each for each in await tx.memberships.records_of(person) if each.membership.ended_on is None
                ]
                changed = self._changed(record.membership, [each.introduction_id for each in record.deliveries], today)
                if changed != record.membership:
                    await tx.memberships.save(changed)
                if changed.ended_on is not None:
                    await tx.memberships.add(self._renewed(changed))
            if self.dice.random() < 0.3:
                leaving = await tx.users.by_ids([self.dice.choice(self.members)])
                await tx.users.save_all([user.withdraw(at=self.club.clock.now()) for user in leaving])

    def _changed(self, membership: Membership, met: Sequence[IntroductionId], today: date) -> Membership:
        kind = self.dice.randrange(4)
        if kind == 0 and not membership.pauses:
            since = max(today, membership.starts_on)
            until = since + self.dice.randrange(1, 60) * DAY if self.dice.random() < 0.7 else None
            return membership.paused(since, until)
        if kind == 1:
            return membership.with_grant(ServiceGrant(today, self.dice.randrange(1, 3)))
        if kind == 2 and met:
            fixed = FixedDate(today - DAY, today + self.dice.randrange(-1, 20) * DAY, self.dice.choice(met))
            return membership.with_fixed_date(fixed)
        if kind == 3 and today > membership.starts_on + 30 * DAY:
            return membership.ended(today - DAY)
        return membership

    def _renewed(self, before: Membership) -> Membership:
        assert before.ended_on is not None
        begins = before.ended_on + DAY
        again = MembershipId(self.ygs.ids.make("mb"))
        fresh = replace(before, id=again, contracted_on=begins, starts_on=begins, ended_on=None, version=0)
        return replace(fresh, pauses=(), grants=(), payments=(), fixed_dates=())


@asynccontextmanager
async def a_year(database: str, people: int, seed: int) -> AsyncIterator[Year]:
    """A club in a database, most of whose members made a contract on some day before or within the year."""
    settings = Settings(database_url=SecretStr(database))
    if not database.startswith("memory"):
        await upgrade_database(settings)
    clock = StoryClock(datetime(2026, 1, 4, 1, tzinfo=UTC))
    dice = Random(seed)
    async with build(settings, {Clock: clock}) as ygs:
        members = list(club(people, seed=seed, at=clock.now(), zone=SEOUL))
        under_contract = [user.id for user in members if dice.random() < 0.9]
        async with ygs.storage.write() as tx:
            await tx.users.add_all(members)
            for number, user_id in enumerate(under_contract, start=1):
                await tx.memberships.add(a_contract(number, user_id, dice))
        played = Club(ygs.storage, clock, ygs.ids, ygs.weeks, ygs.planning, Behaviour(seed))
        yield Year(ygs, played, dice, under_contract)


def a_contract(number: int, user: UserId, dice: Random) -> Membership:
    """Begun at most half a year before the first week or after it, on a day that every month has."""
    begins = date(2026, 1, 5) + dice.randrange(-180, 180) * DAY
    begins = begins.replace(day=min(begins.day, 28))
    return Membership(
        id=MembershipId(numbered("mb", number)),
        user_id=user,
        plan="정회원",
        terms=TERMS[number % len(TERMS)],
        contracted_on=begins,
        starts_on=begins,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def everything(ygs: Application) -> tuple[list[Membership], Mapping[UserId, list[Introduction]]]:
    """All memberships, ended or not, and everybody's introductions, read apart from each other."""
    async with ygs.storage.read() as reading:
        weeks = await reading.weeks.latest(limit=MOST_A_WEEK)
        made = [each for week in weeks for each in await reading.introductions.of_week(week.id, limit=MOST_A_WEEK)]
        # Everybody has one that has not ended: whoever's did was given another.
        people = [record.membership.user_id for record in await reading.memberships.open_records(limit=MOST_A_WEEK)]
        found = [each for person in people for each in await reading.memberships.of_user(person)]
    return found, by_member(made)


async def agrees(year: Year) -> Mapping[str, int]:
    """Compare every ledger with the recount of today; return how often what was seen, so that no test is empty."""
    today = year.today
    memberships, introductions = await everything(year.ygs)
    seen = dict.fromkeys(("late", "outside", "due", "meetings", "ended", "delivered"), 0)
    late = set()
    for membership in memberships:
        ledger = await year.ygs.memberships.get(OPERATOR, membership.id)
        counted = recounted(membership, introductions[membership.user_id], today)
        assert figures(ledger) == counted, membership
        assert ledger.late == max(0, counted.owed - counted.delivered)
        late |= {membership.id} if ledger.late and membership.ended_on is None else set()
        for name in ("late", "outside", "due", "meetings", "delivered"):
            seen[name] += getattr(ledger, name) > 0
        seen["ended"] += membership.ended_on is not None
    assert late == {line.id async for line in listed(year.ygs, MembershipFilter.LATE)}
    return seen


async def listed(ygs: Application, only: MembershipFilter) -> AsyncIterator[MembershipLine]:
    """The whole list, page by page."""
    after = None
    while page := await ygs.memberships.list_open(OPERATOR, only=only, after=after):
        for line in page:
            yield line
        after = page[-1].id


async def due_today(year: Year) -> set[UserId]:
    """Whom a recount finds due today.

    Weeks that are over were read when they ended: nothing of them changes. At the end of the year all is read anew.
    """
    own = by_member(each for week in year.over.values() for each in week)
    async with year.ygs.storage.read() as reading:
        records = await reading.memberships.open_records(limit=MOST_A_WEEK)
    memberships = [record.membership for record in records]
    return {each.user_id for each in memberships if recounted(each, own[each.user_id], year.today).due}


def say(line: str) -> None:
    """Show how far the year is, to whoever runs it with `-s`."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# The small one stays in memory, the whole year is in SQLite (`make ledger`).
@pytest.mark.parametrize(
    ("database", "people", "weeks"),
    [("memory:", 40, 5), pytest.param("sqlite:///{}/year.db", 500, 52, marks=pytest.mark.slow)],
)
async def test_ledgers_and_locks_equal_a_recount_from_introductions(
    tmp_path: Path, database: str, people: int, weeks: int
) -> None:
    async with a_year(database.format(tmp_path), people, seed=5) as year:
        marked = set[UserId]()
        for number in range(weeks):
            week = await year.begin(number)
            expected = await due_today(year)
            took_part = await year.play(week)
            due = {person for person, marks in took_part.items() if marks}
            # Whose own pause is over takes part from the lock on.
            assert due == expected & took_part.keys(), week
            marked |= due
            say(f"{week}: {len(due)} of {len(took_part)} who took part were due")
        seen = await agrees(year)
    assert all(seen.values()), seen
    assert marked
