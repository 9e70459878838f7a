"""The club of ``ygs demo``: its members, its past weeks, and this week's plan."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import cast
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr

from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.actors import Actor
from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import Club, StoryClock
from ygs.bootstrap import Application, build, upgrade_database
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek
from ygs.entrypoints.cli.rendering import print_comparison, print_proposal
from ygs.entrypoints.cli.terminal import progress, say
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

CHUNK = 2_000


# No member of the club has it.
STAFF_PHONE = "010-9999-0001"


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """The administrator of a demo: how to sign in to its console. `key`: of the authenticator, base 32. `opens`: the
    page of the console to begin at, the first one if empty."""

    phone: str
    password: str
    key: str
    opens: str = ""


def play(*, people: int, weeks: int, seed: int, file: Path) -> DemoStaff | None:
    """Write the club into `file` in place of an earlier one, play `weeks` and show this week's plan.

    Returns its administrator; None where the extra `accounts` is not installed.
    """
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return asyncio.run(_play(Settings(database_url=SecretStr(f"sqlite:///{file}")), people, weeks, seed))


async def _play(settings: Settings, people: int, weeks: int, seed: int) -> DemoStaff | None:
    await upgrade_database(settings)
    now = datetime.now(UTC).replace(microsecond=0)
    this_week = IsoWeek.at(now, settings.time_zone)
    if now >= this_week.answer_deadline(settings.time_zone):
        this_week = this_week.following()  # On a Sunday night the answers are closed.
    first = datetime.combine(this_week.following(-weeks).monday, datetime.min.time(), tzinfo=settings.time_zone)
    clock = StoryClock(first.astimezone(UTC) + timedelta(hours=10))
    async with build(settings, {Clock: clock}) as ygs:
        typer.echo(say("Making up a club of {people:,} members ...", people=people))
        await _add_members(ygs, people, seed, settings.time_zone)
        demo_club = Club(ygs.storage, clock, ygs.ids, ygs.weeks, ygs.planning, Behaviour(seed))
        with progress() as report:
            for week in range(weeks):
                played = await demo_club.play(str(this_week.following(week - weeks)), report)
                await _print_week(ygs, played)
                clock.moment += timedelta(hours=11)
            clock.moment = max(now, clock.moment)
            planned = await demo_club.propose(str(this_week), report)
        await _show(ygs, planned)
        return replace(await add_staff(ygs), opens=f"weeks/{planned}") if ygs.accounts else None


async def add_staff(ygs: Application) -> DemoStaff:
    """Add an administrator who can sign in to the console at once. The application has accounts."""
    password = token_urlsafe(12)
    request = PhoneAndPassword(
        name="데모관리자",
        phone=STAFF_PHONE,
        password=SecretStr(password),
        birth_year=1985,
        gender="female",
        seeks=frozenset({"female", "male"}),
    )
    accounts = cast(AccountUseCases, ygs.accounts)
    made = await accounts.sign_up.administrator(Actor.operator(), request)
    return DemoStaff(STAFF_PHONE, password, await accounts.second_factor.give(Actor.operator(), made))


async def _add_members(ygs: Application, people: int, seed: int, zone: ZoneInfo) -> None:
    members = list(club(people, seed=seed, at=ygs.clock.now(), zone=zone))
    async with ygs.storage.write() as tx:
        for start in range(0, len(members), CHUNK):
            await tx.users.add_all(members[start : start + CHUNK])


async def _print_week(ygs: Application, id: WeekId) -> None:
    week = await ygs.weeks.show(Actor.operator(), id)
    counts = week.introductions
    total = counts.waiting + counts.mutual + counts.not_mutual + counts.expired + counts.cancelled
    typer.echo(
        say(
            "{week}: {made:,} introductions, {mutual:,} mutual, {met:,} met, {expired:,} expired",
            week=week.week,
            made=total,
            mutual=counts.mutual,
            met=counts.met,
            expired=counts.expired,
        )
    )


async def _show(ygs: Application, id: WeekId) -> None:
    operator = Actor.operator()
    print_proposal(await ygs.proposals.proposal(operator, id, limit=8))
    print_comparison(await ygs.proposals.compare(operator, id))
