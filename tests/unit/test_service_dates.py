"""Every date is one of the service's time zone: a UTC date is yesterday's in Seoul until nine in the morning."""

import ast
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import ygs
from tests.support.accounts import HOME, PASSWORD, newcomer
from tests.support.members import Club, signed_in
from tests.unit.test_import_members import MAPPING, SERI, ImportRun
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.actors import Actor
from ygs.application.importing.mapping import parse_mapping
from ygs.application.members.profile import Members, Pause
from ygs.application.members.review import MemberReview
from ygs.application.rounds.commitments import CodeVersion
from ygs.application.rounds.weeks import CreateWeek, MatchWeeks
from ygs.application.simulation import club as simulation
from ygs.domain.errors import InvalidFact, NotAdult
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.service_dates import date_at, start_of
from ygs.domain.users import Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import CountingIds

SOURCES = Path(ygs.__file__).parent
OPERATOR = Actor.operator()
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
ZONES = pytest.mark.parametrize("zone", [SEOUL, ZoneInfo("UTC"), LOS_ANGELES], ids=str)
LAST_DAY = date(2026, 11, 30)
MINUTE = timedelta(minutes=1)

# What takes a moment or a date apart.
PARTS = {"date", "year", "month", "day", "weekday", "isoweekday", "isocalendar", "timetuple", "today", "toordinal"}
# Every place that does, none of which asks a moment that may be UTC: ISO weeks, dates, and fields that hold a year.
KNOWN = {
    # A day that a rule of recurrence gave, at no hour.
    "adapters/calendars.py": {"each.date"},
    # Days that are stored as days.
    "adapters/memory/consulting_hours.py": {"each.day"},
    "adapters/sql/repositories/consulting_hours.py": {"each.day", "closed_days.c.day", "row.day"},
    "application/consultations/office_hours.py": {"each.day"},
    "application/consultations/views.py": {"self.day"},
    "application/exporting/dated_sheets.py": {"wording.today"},
    "application/importing/template.py": {"today.year"},
    "application/rounds/pool_balance.py": {"date_at(at, self.zone).year"},
    # Of a day that was typed.
    "entrypoints/cli/consultations.py": {"first.date", "last.date", "day.date", "each.date", "each.day"},
    "entrypoints/cli/import_export.py": {"since.date", "until.date"},
    "entrypoints/testing/contracts/forecasts.py": {"NOON.date"},
    "entrypoints/testing/contracts/consultations.py": {"new_year.day", "seollal.day"},
    # How long an address is kept is a matter of months, not of hours.
    "adapters/memory/read_budgets.py": {"use.day", "lift.day", "key.day", "at.date"},
    "adapters/sql/repositories/read_budgets.py": {
        "key.day",
        "_COLUMNS.day",
        "row.day",
        "lift.day",
        "columns.day",
        "use.day",
        "read_people.c.day",
        "read_lifts.c.day",
        "at.date",
        "known[address].date",
    },
    "application/audit/budget_lifts.py": {"lift.day"},
    "domain/read_budgets.py": {"self.day"},
    "application/audit/read_budgets.py": {"use.day", "each.day"},
    "application/audit/own_accesses.py": {"each[0].toordinal"},
    # Days that staff chose, or that follow from one.
    "entrypoints/console/pages/consultations.py": {"each.year", "day.weekday", "each.day"},
    "entrypoints/console/pages/consulting_times.py": {"today.year", "each.day", "day.year"},
    # Moments that were brought into the zone first.
    "domain/consulting_hours.py": {"start.date", "end.date", "each.day", "start.weekday", "back.date"},
    "entrypoints/console/pages/today.py": {"monday.month", "monday.day"},
    "entrypoints/console/spoken.py": {
        "day.year",
        "monday.month",
        "sunday.month",
        "day.month",
        "sunday.day",
        "monday.toordinal",
        "local.date",
        "day.day",
        "day.weekday",
        "today.year",
    },
    # A half-day that somebody gave.
    "adapters/sql/repositories/meetings.py": {"each.day"},
    "application/introductions/meeting_view.py": {"each.day"},
    "application/members/data_export.py": {"each.day"},
    "domain/meetings.py": {"self.day", "each.day"},
    "adapters/sql/repositories/weeks.py": {"week.year", "week.week.year"},
    "application/importing/birth_dates.py": {"(begin + timedelta(days=int(serial))).year"},
    "application/importing/mapping.py": {"self.year"},
    "application/importing/row_reader.py": {"today.year", "mapping.year"},
    "application/importing/value_parser.py": {"calendar.year"},
    "application/importing/wish_columns.py": {"self._calendar.year"},
    "entrypoints/cli/dashboard.py": {"joined.today"},
    "application/operations/dashboard.py": {"today.year", "today.weekday"},
    "application/introductions/member_introductions.py": {"date_at(now, self.zone).year"},
    "application/rounds/weeks.py": {"_EARLIEST.year", "_LATEST.year", "iso_week.year"},
    # A day of the week that staff chose.
    "adapters/sql/repositories/week_schedules.py": {"row.weekday", "stored.weekday"},
    "application/rounds/week_schedules.py": {"_OFF.weekday"},
    "domain/week_schedule.py": {"self.weekday"},
    "entrypoints/cli/weeks.py": {"settings.weekday"},
    "application/simulation/club.py": {"today.year"},
    "domain/match_weeks.py": {
        "self.year",
        "date_at(moment, zone).isocalendar",
        "(self.monday + timedelta(weeks=weeks)).isocalendar",
    },
    "domain/memberships.py": {"day.year", "day.month", "day.day", "(first_of_next - timedelta(days=1)).day"},
    # A day as it was typed.
    "entrypoints/cli/memberships.py": {"moment.date", "contracted.date"},
    "entrypoints/cli/refunds.py": {"contracted.date"},
    # Noon is on the same day in Seoul.
    "adapters/sql/repositories/advice.py": {"draft_usage.c.day"},
    "entrypoints/testing/builders.py": {"NOON.date"},
    "entrypoints/testing/contracts/memberships.py": {"NOON.date"},
    "domain/service_dates.py": {"moment.astimezone(zone).date"},
    "domain/users.py": {"today.year", "(self.created_at.astimezone(UTC) + _FARTHEST_EAST).date"},
}


def parts_taken(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and node.attr in PARTS}


def test_nothing_takes_a_date_from_a_moment_but_by_the_services_time_zone() -> None:
    for path in sorted(SOURCES.rglob("*.py")):
        unknown = parts_taken(path) - KNOWN.get(str(path.relative_to(SOURCES)), set())
        assert not unknown, f"{path} takes {unknown}: use `date_at(moment, zone)`, or add the place to KNOWN"


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
@ZONES
def test_a_moment_lies_within_its_date(zone: ZoneInfo, moment: datetime) -> None:
    day = date_at(moment, zone)
    assert start_of(day, zone) <= moment < start_of(day + timedelta(days=1), zone)
    assert IsoWeek.at(moment, zone).monday <= day


class Timed:
    """Members of a service in one time zone, and a clock to set."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.storage = MemoryStorage()
        self.clock = FrozenClock()
        self.members = Members(self.storage, self.clock, zone)
        self.review = MemberReview(self.storage, self.clock, an_audit_writer(self.storage), zone)
        self.weeks = MatchWeeks(
            self.storage, self.clock, CountingIds(), zone, SystemSecrets(bytes(32)), CodeVersion("test")
        )

    async def paused(self) -> set[str]:
        async with self.storage.read() as reading:
            return {user.id for user in await reading.users.with_status(Status.PAUSED)}


@ZONES
async def test_a_pause_ends_as_its_day_begins(zone: ZoneInfo) -> None:
    club = Timed(zone)
    member = a_user(1, status=Status.PAUSED, paused_until=LAST_DAY)
    async with club.storage.write() as tx:
        await tx.users.add(member)
    club.clock.set(start_of(LAST_DAY, zone) - MINUTE)
    assert await club.review.end_pauses(OPERATOR) == 0
    club.clock.set(start_of(LAST_DAY, zone))
    assert await club.review.end_pauses(OPERATOR) == 1


@ZONES
async def test_locking_a_week_brings_back_whose_pause_ends_that_day(zone: ZoneInfo) -> None:
    club = Timed(zone)
    people = [a_user(number, status=Status.PAUSED, paused_until=LAST_DAY) for number in (1, 2)]
    async with club.storage.write() as tx:
        await tx.users.add_all(people)
    club.clock.set(start_of(LAST_DAY, zone))
    week = await club.weeks.create(OPERATOR, CreateWeek())
    await club.weeks.lock(OPERATOR, week.id)
    assert await club.paused() == set()


@ZONES
async def test_a_pause_is_until_a_day_after_the_services_today(zone: ZoneInfo) -> None:
    club = Timed(zone)
    async with club.storage.write() as tx:
        await tx.users.add(a_user(1))
    me = signed_in(a_user(1))
    club.clock.set(start_of(LAST_DAY, zone))
    with pytest.raises(InvalidFact):
        await club.members.pause(me, Pause(until=LAST_DAY))
    club.clock.set(start_of(LAST_DAY, zone) - MINUTE)
    assert (await club.members.pause(me, Pause(until=LAST_DAY))).paused_until == LAST_DAY


@ZONES
async def test_whoever_signs_up_is_of_age_from_the_services_new_year(zone: ZoneInfo) -> None:
    kit = Club().accounts
    kit.up = replace(kit.up, zone=zone)
    request = PhoneAndPassword(phone="010-2222-3333", password=SecretStr(PASSWORD), **newcomer(birth_year=2007))
    new_year = start_of(date(2027, 1, 1), zone)
    kit.clock.set(new_year - MINUTE)
    with pytest.raises(NotAdult):
        await kit.join(request, HOME)
    kit.clock.set(new_year)
    await kit.join(request, HOME)


@ZONES
async def test_the_years_of_an_import_are_the_services(zone: ZoneInfo) -> None:
    desk = ImportRun()
    clock = FrozenClock(start_of(date(2027, 1, 1), zone) - MINUTE)
    importing = replace(desk.member_import, clock=clock, zone=zone)
    desk.sheets.rows = [{**SERI, "생년월일": "07.03.02"}]
    before = await importing.run(OPERATOR, "회원.xlsx", parse_mapping(MAPPING))
    clock.advance(minutes=1)
    after = await importing.run(OPERATOR, "회원.xlsx", parse_mapping(MAPPING), commit=True)
    assert (before.accepted, after.accepted) == (0, 1)
    (member,) = await desk.people()
    assert member.birth_year == 2007
    given = {consent.given_at for consent in member.consents.values()}
    assert {date_at(moment, zone) for moment in given} == {date(2026, 1, 2)}
    assert {start_of(date_at(moment, zone), zone) for moment in given} == given


@ZONES
def test_made_up_members_are_as_old_as_the_services_year_says(zone: ZoneInfo) -> None:
    new_year = start_of(date(2027, 1, 1), zone)
    before, after = (list(simulation.club(40, seed=1, at=at, zone=zone)) for at in (new_year - MINUTE, new_year))
    assert [each.birth_year + 1 for each in before] == [each.birth_year for each in after]
