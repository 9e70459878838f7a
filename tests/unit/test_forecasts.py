"""Forecasts as staff ask for them: who may, what is stored, what is told of few people, and what is signed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from tests.support.audit import audited
from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR
from ygs.adapters.scoring.reference import PlainScorer
from ygs.application.actors import Actor
from ygs.application.forecasts.forecasts import RECORD_OF
from ygs.application.forecasts.requests import ForecastRequest
from ygs.application.forecasts.views import ForecastView
from ygs.application.memberships.contracts import MembershipRequest
from ygs.application.memberships.plans import PlanRequest
from ygs.bootstrap import Application, build
from ygs.domain.errors import Forbidden, NotAdult, NotFound, ReadBudgetSpent, SecondFactorNeeded, TooManyAttempts
from ygs.domain.ids import ForecastId, MembershipId, UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.match_weeks import WeekState
from ygs.domain.read_budgets import ReadKind
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.builders import a_membership, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Scorer
from ygs.settings import Settings

# Men have odd numbers and women even ones: twelve of each.
PEOPLE = 24
OPERATOR = Actor.operator()
PERSON = {"gender": "male", "seeks": ["female"], "birth_year": 1990, "weeks": 3, "promised": 2}
# So that only some of the club, fewer than ten, suit the person.
NARROW: dict[str, Any] = {"wishes": {"birth_year": {"low": 1991, "high": 1992, "importance": "must"}}}
MEMBER = Actor.signed_in(a_user(1).id, Role.MEMBER)


@pytest.fixture
async def ygs() -> AsyncIterator[Application]:
    fakes = {Clock: FrozenClock(), Scorer: PlainScorer()}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as made:
        async with made.storage.write() as tx:
            await tx.users.add_all([member(number) for number in range(1, PEOPLE + 1)])
            await tx.users.add_all([a_user(90, role=Role.CONSULTANT, status=Status.DRAFT)])
        yield made


def member(number: int, **changes: Any) -> User:
    return a_user(number, status=Status.ACTIVE, birth_year=1985 + number % 12, wishes={}, **changes)


def request(**changes: Any) -> ForecastRequest:
    return ForecastRequest.model_validate({**PERSON, **changes})


async def forecast(ygs: Application, actor: Actor = CONSULTANT, **changes: Any) -> ForecastView:
    return await ygs.forecasts.make(actor, request(**changes))


async def stored(ygs: Application) -> int:
    async with ygs.storage.write() as tx:
        return await tx.forecasts.purge(NOON + timedelta(days=999))


async def used(ygs: Application) -> dict[ReadKind, int]:
    async with ygs.storage.read() as reading:
        return {each.kind: each.used for each in await reading.read_budgets.uses(NOON.date())}


async def test_a_forecast_tells_figures_in_both_languages_and_names_nobody(ygs: Application) -> None:
    view = await forecast(ygs)
    assert view.figures.candidates == PEOPLE // 2
    assert 0 < view.figures.introductions.expected <= 3
    assert view.figures.mutual.low <= view.figures.mutual.expected <= view.figures.mutual.high
    assert len(view.told.ko) == len(view.told.en) >= 4
    everything = view.model_dump_json()
    assert "usr_" not in everything
    assert all(member(number).name not in everything for number in range(1, PEOPLE + 1))


async def test_nothing_is_stored_unless_asked(ygs: Application) -> None:
    view = await forecast(ygs)
    assert (view.id, view.signature, view.authentic) == (None, "", None)
    assert await stored(ygs) == 0
    assert [each for each in await audited(ygs.storage) if each.action == "forecast.made"] == [
        ("forecast.made", (), "")
    ]


async def test_of_fewer_than_ten_it_is_not_told_how_many_and_the_budget_counts_them(ygs: Application) -> None:
    wide = await forecast(ygs)
    assert wide.figures.candidates is not None
    assert await used(ygs) == {}
    narrow = await forecast(ygs, **NARROW)
    assert narrow.figures.candidates is None
    assert "10명 미만" in narrow.told.ko[0]
    assert "fewer than 10" in narrow.told.en[0]
    counted = await used(ygs)
    assert 0 < counted[ReadKind.FULL] < 10
    await forecast(ygs, **NARROW)
    assert await used(ygs) == counted


async def test_no_relaxation_says_how_many_when_they_are_few(ygs: Application) -> None:
    narrow = await forecast(ygs, **NARROW)
    assert narrow.relaxations
    for each in narrow.relaxations:
        assert each.opens is None or each.opens >= 10
        assert (each.opens is None) == ("fewer than 10" in each.en) == ("10명 미만" in each.ko)


async def test_a_spent_read_budget_refuses_narrow_forecasts_only() -> None:
    limits = Settings(database_url=SecretStr("memory:"), read_limits={ReadKind.FULL: 1})
    async with build(limits, {Clock: FrozenClock(), Scorer: PlainScorer()}) as ygs:
        async with ygs.storage.write() as tx:
            await tx.users.add_all([member(number) for number in range(1, PEOPLE + 1)])
        await forecast(ygs)
        with pytest.raises(ReadBudgetSpent):
            await forecast(ygs, **NARROW)
        await forecast(ygs, OPERATOR, **NARROW)


async def test_the_twenty_first_forecast_in_an_hour_waits(ygs: Application) -> None:
    async with ygs.storage.write() as tx:
        key = f"forecast:{CONSULTANT.id}"
        await tx.rate_limits.save(key, replace(await tx.rate_limits.get(key, NOON), count=20))
    with pytest.raises(TooManyAttempts):
        await forecast(ygs)
    await forecast(ygs, ADMIN)


async def test_only_staff_with_a_second_factor_forecast(ygs: Application) -> None:
    for actor, error in ((MEMBER, Forbidden), (WITHOUT_SECOND_FACTOR, SecondFactorNeeded)):
        with pytest.raises(error):
            await forecast(ygs, actor)
        with pytest.raises(error):
            await ygs.forecasts.get(actor, ForecastId("fc_1"))
        with pytest.raises(error):
            await ygs.forecasts.of_membership(actor, MembershipId("mb_1"))


async def test_somebody_too_young_to_join_gets_no_forecast(ygs: Application) -> None:
    with pytest.raises(NotAdult):
        await forecast(ygs, birth_year=NOON.year - 19)


def test_unknown_facts_and_codes_are_refused() -> None:
    wrongs: list[dict[str, Any]] = [{"profile": {"shoe_size": 1}}, {"profile": {"region": "atlantis"}}, {"weeks": 105}]
    for wrong in [*wrongs, {"seeks": []}]:
        with pytest.raises(ValidationError):
            request(**wrong)


async def test_a_kept_forecast_is_signed_and_shows_what_was_changed(ygs: Application) -> None:
    made = await forecast(ygs, keep=True, profile={"religion": "none"}, **NARROW)
    assert made.id is not None
    assert made.relaxations
    kept = await ygs.forecasts.get(ADMIN, made.id)
    assert kept == made.model_copy(update={"relaxations": [], "told": kept.told})
    assert (kept.authentic, kept.made_by, len(kept.signature)) == (True, CONSULTANT.id, 64)
    async with ygs.storage.write() as tx:
        forged = await tx.forecasts.get(made.id)
        assert "religion" not in forged.statement
        assert "birth_year" not in forged.statement
        changed = forged.statement.replace('"weeks":3', '"weeks":30')
        await tx.forecasts.purge(NOON + timedelta(days=1))
        await tx.forecasts.add(replace(forged, statement=changed))
    assert (await ygs.forecasts.get(ADMIN, made.id)).authentic is False


async def test_the_same_person_has_the_same_hash_and_another_has_another(ygs: Application) -> None:
    one = await forecast(ygs)
    again = await forecast(ygs, seed=5)
    other = await forecast(ygs, birth_year=1991)
    assert one.figures.person == again.figures.person != other.figures.person


async def contract(ygs: Application, user: UserId, forecast: ForecastId | None) -> MembershipId:
    plan = await ygs.membership_plans.offer(ADMIN, PlanRequest(name="정회원", fee=1, months=12, promised=12))
    asked = MembershipRequest(plan_id=plan.id, contracted_on=NOON.date(), forecast_id=forecast)
    return (await ygs.memberships.start(CONSULTANT, user, asked)).id


async def test_a_forecast_is_kept_with_the_one_contract_that_follows(ygs: Application) -> None:
    made = await forecast(ygs, keep=True)
    membership = await contract(ygs, a_user(1).id, made.id)
    found = await ygs.forecasts.of_membership(CONSULTANT, membership)
    assert (found.id, found.membership_id, found.authentic) == (made.id, membership, True)
    assert ("forecast.read", (a_user(1).id,), made.id) in await audited(ygs.storage)
    with pytest.raises(NotFound):
        await contract(ygs, a_user(2).id, made.id)
    async with ygs.storage.read() as reading:
        assert await reading.memberships.of_user(a_user(2).id) == []
    assert await stored(ygs) == 0


async def test_a_contract_without_a_forecast_has_none(ygs: Application) -> None:
    with pytest.raises(NotFound):
        await ygs.forecasts.of_membership(CONSULTANT, await contract(ygs, a_user(1).id, None))


async def test_nobody_reads_the_forecast_of_their_own_contract(ygs: Application) -> None:
    made = await forecast(ygs, keep=True)
    assert made.id is not None
    async with ygs.storage.write() as tx:
        own = await tx.memberships.add(a_membership(5, user=90))
        await tx.forecasts.attach(made.id, own.id)
    for read in (ygs.forecasts.get(CONSULTANT, made.id), ygs.forecasts.of_membership(CONSULTANT, own.id)):
        with pytest.raises(Forbidden):
            await read


async def test_a_consultant_with_members_of_their_own_forecasts_over_the_whole_club(ygs: Application) -> None:
    limited = replace(CONSULTANT, members=frozenset({a_user(2).id}))
    assert (await forecast(ygs, limited)).figures.candidates == PEOPLE // 2
    assert (await forecast(ygs, limited, **NARROW)).figures.candidates is None


async def test_the_forecast_learns_from_closed_weeks(ygs: Application) -> None:
    young = await forecast(ygs)
    people = [member(number) for number in range(1, PEOPLE + 1)]
    async with ygs.storage.write() as tx:
        for week in range(1, 5):
            published = NOON - RECORD_OF + timedelta(weeks=week)
            await tx.weeks.add(replace(a_week(week), state=WeekState.CLOSED, published_at=published))
            for man in range(0, PEOPLE, 2):
                woman = people[(man + 2 * week + 1) % PEOPLE]
                declined = an_introduction(people[man], woman, a_week(week), PEOPLE * week + man)
                await tx.introductions.add_all([replace(declined, state=IntroductionState.NOT_MUTUAL)], {})
    refused = await forecast(ygs)
    assert refused.figures.mutual.expected < young.figures.mutual.expected
