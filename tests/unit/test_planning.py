"""From an open week to introductions: locking, planning, overriding, publishing and closing, over memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from ygs.adapters.memory import MemoryStorage
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.introductions.member_introductions import AnswerRequest, FeedbackRequest
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.policies import policy_from
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import Club, StoryClock
from ygs.bootstrap import Application, build
from ygs.domain.errors import (
    BadFile,
    Conflict,
    DeadlinePassed,
    Forbidden,
    InvalidPolicy,
    LeaseLost,
    NotFound,
    RoundRefused,
    WeekTaken,
    WrongStatus,
)
from ygs.domain.events import EventType
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Choice, DeclineReason, IntroductionState
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.storage import Reading, Writing
from ygs.settings import Settings

STAFF = Actor.operator()


@dataclass(frozen=True)
class House:
    """An application over memory with a small club in it, and the clock that rules it."""

    app: Application
    clock: StoryClock

    async def locked(self) -> WeekId:
        """A week, locked."""
        week = WeekId((await self.app.weeks.create(STAFF, CreateWeek())).id)
        await self.app.weeks.lock(STAFF, week)
        return week

    async def planned(self) -> tuple[WeekId, RoundPlan]:
        """A week, planned."""
        week = await self.locked()
        return week, await self.app.planning.plan(STAFF, week)


@asynccontextmanager
async def a_house(people: int = 24) -> AsyncIterator[House]:
    clock = StoryClock(NOON)
    overrides = {Clock: clock, Scorer: PlainScorer(), RoundSolver: PlainSolver()}
    async with build(Settings(database_url=SecretStr("memory:")), overrides) as app:
        async with app.storage.write() as tx:
            await tx.users.add_all(list(club(people, seed=3, at=NOON)))
        yield House(app, clock)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as made:
        yield made


async def test_whose_pause_is_over_is_in_the_week_that_is_locked_without_anybody_having_done_anything(
    house: House,
) -> None:
    over, later, for_good = await paused(house, NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=1), None)
    locked = await house.locked()
    async with house.app.storage.read() as tx:
        ids = (await tx.market.enrolled(capacity=1)).ids
        assert over in ids
        assert not {later, for_good} & set(ids)
        assert Market.from_bytes(await tx.weeks.snapshot(locked)).ids == ids
        assert (await tx.users.get(over)).paused_until is None
        assert [each.entry.action for each in await tx.audit.about(over)] == ["member.resumed"]


async def paused(house: House, *until: date | None) -> list[UserId]:
    """Somebody who pauses until each of those days."""
    async with house.app.storage.write() as tx:
        people = [user for user in await tx.users.page() if user.status is Status.ACTIVE][: len(until)]
        pausing = [user.pause(at=NOON, until=day) for user, day in zip(people, until, strict=True)]
        await tx.users.save_all(pausing)
    return [user.id for user in people]


async def test_a_week_goes_from_open_to_closed_and_everybody_hears(house: House) -> None:
    app = house.app
    week, plan = await house.planned()
    assert plan.pairs
    assert plan.certificate is not None
    assert plan.certificate.proven
    published = await app.planning.publish(STAFF, week)
    assert published.state is WeekState.PUBLISHED
    async with app.storage.read() as reading:
        made = await reading.introductions.of_week(week)
        told = await reading.outbox.pending()
    assert {(each.a, each.b) for each in made} == {(pair.a, pair.b) for pair in plan.pairs}
    types = Counter(event.type for event in told)
    assert types == {"introduction.proposed": 2 * len(made), "week.proposed": 1, "week.published": 1}
    assert all(each.proof_of_a or each.proof_of_b for each in made)
    house.clock.moment = published.deadline
    assert (await app.weeks.close(STAFF, week)).state is WeekState.CLOSED
    counts = (await app.weeks.show(STAFF, week)).introductions
    assert counts.expired == len(made)
    assert await app.invariant_check.check(STAFF) == []


async def test_the_plan_is_made_from_what_was_locked_and_not_from_what_changed_since(house: House) -> None:
    week = await house.locked()
    before = await house.app.planning.plan(STAFF, week)
    async with house.app.storage.write() as tx:
        leaver = await tx.users.get(UserId(before.pairs[0].a))
        await tx.users.save(leaver.withdraw(at=NOON))
    assert await house.app.planning.plan(STAFF, week) == before


async def test_nobody_who_left_after_the_lock_is_introduced(house: House) -> None:
    week, plan = await house.planned()
    gone = UserId(plan.pairs[0].a)
    async with house.app.storage.write() as tx:
        await tx.users.save((await tx.users.get(gone)).withdraw(at=NOON))
    with pytest.raises(RoundRefused, match=gone):
        await house.app.planning.publish(STAFF, week)
    async with house.app.storage.read() as reading:
        assert await reading.introductions.of_week(week) == []
        assert [event.type for event in await reading.outbox.pending()] == [EventType.WEEK_PROPOSED]
    view = await house.app.proposals.proposal(STAFF, week, limit=3)
    assert view.changed == [gone]
    await house.app.proposals.override(STAFF, week, Overrides.of(left_out=[gone]))
    await house.app.planning.publish(STAFF, week)
    async with house.app.storage.read() as reading:
        assert await reading.introductions.of_user(gone) == []


async def test_a_pair_that_met_meanwhile_is_not_introduced_again(house: House) -> None:
    week, plan = await house.planned()
    another = a_week(20)
    async with house.app.storage.write() as tx:
        one, other = await tx.users.by_ids([UserId(plan.pairs[0].a), UserId(plan.pairs[0].b)])
        await tx.weeks.add(another)
        await tx.introductions.add_all([an_introduction(one, other, another, state=IntroductionState.CANCELLED)], {})
    with pytest.raises(RoundRefused, match=f"{plan.pairs[0].a} and {plan.pairs[0].b}: met_or_blocked"):
        await house.app.planning.publish(STAFF, week)


async def test_whoever_turns_out_to_have_come_back_is_not_introduced_to_the_same_person(house: House) -> None:
    week, plan = await house.planned()
    another = a_week(20)
    left = a_user(900, phone="+821077776666", email=None)
    async with house.app.storage.write() as tx:
        back, them = await tx.users.by_ids([UserId(plan.pairs[0].a), UserId(plan.pairs[0].b)])
        await tx.users.add(left)
        left = await tx.users.get(left.id)
        await tx.weeks.add(another)
        await tx.introductions.add_all([an_introduction(left, them, another)], {})
        await tx.introductions.keep_after_withdrawal(left, NOON)
        await tx.users.save(left.withdraw(at=NOON))
        await tx.users.save(replace(back, phone=left.phone))
    with pytest.raises(RoundRefused, match="met_or_blocked"):
        await house.app.planning.publish(STAFF, week)


async def test_a_pair_that_is_blocked_meanwhile_is_not_introduced(house: House) -> None:
    week, plan = await house.planned()
    async with house.app.storage.write() as tx:
        await tx.blocks.add(UserId(plan.pairs[0].a), UserId(plan.pairs[0].b), NOON)
    with pytest.raises(RoundRefused, match="met_or_blocked"):
        await house.app.planning.publish(STAFF, week)


async def test_overrides_add_up_and_their_price_is_the_difference_of_optima(house: House) -> None:
    week, plan = await house.planned()
    first, second = plan.pairs[0], plan.pairs[1]
    price = await house.app.proposals.override(STAFF, week, Overrides.of(forbids=[(first.a, first.b)]))
    assert price.objectives[-1].objective == "total"
    assert all(each.change == each.after - each.before for each in price.objectives)
    await house.app.proposals.override(STAFF, week, Overrides.of(left_out=[second.a]))
    now = await house.app.planning.proposed(STAFF, week)
    assert now.overrides.forbids == {(first.a, first.b)}
    assert now.overrides.left_out == {second.a}
    assert (first.a, first.b) not in {(pair.a, pair.b) for pair in now.pairs}
    assert second.a in now.unmatched
    assert plan.certificate is not None
    assert now.certificate is not None
    assert now.certificate.value <= plan.certificate.value


async def test_nobody_decides_about_themselves(house: House) -> None:
    week, plan = await house.planned()
    pair = plan.pairs[0]
    async with house.app.storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(UserId(pair.a)), role=Role.ADMIN))
    them = Actor.signed_in(UserId(pair.a), Role.ADMIN, second_factor=True)
    for change in (
        Overrides.of(pins=[(pair.a, pair.b)]),
        Overrides.of(forbids=[(pair.b, pair.a)]),
        Overrides.of(left_out=[pair.a]),
    ):
        with pytest.raises(Forbidden):
            await house.app.proposals.override(them, week, change)
    await house.app.proposals.override(them, week, Overrides.of(left_out=[pair.b]))


async def test_an_override_nobody_can_keep_changes_nothing(house: House) -> None:
    week, plan = await house.planned()
    pair = plan.pairs[0]
    with pytest.raises(RoundRefused):
        await house.app.proposals.override(STAFF, week, Overrides.of(pins=[(pair.a, "usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S")]))
    assert await house.app.planning.proposed(STAFF, week) == plan


async def test_steps_out_of_order_are_refused_and_say_what_is_needed(house: House) -> None:
    app = house.app
    week = WeekId((await app.weeks.create(STAFF, CreateWeek(week="2026-W50"))).id)
    with pytest.raises(WeekTaken):
        await app.weeks.create(STAFF, CreateWeek(week="2026-W50"))
    for early in (app.planning.plan, app.planning.publish):
        with pytest.raises(WrongStatus, match="lock it first, then plan it"):
            await early(STAFF, week)
    with pytest.raises(WrongStatus, match="published"):
        await app.weeks.close(STAFF, week)
    await app.weeks.lock(STAFF, week)
    with pytest.raises(WrongStatus, match="plan it first"):
        await app.planning.publish(STAFF, week)
    with pytest.raises(WrongStatus, match="needs no lock"):
        await app.weeks.lock(STAFF, week)
    await app.planning.plan(STAFF, week)
    assert (await app.weeks.discard(STAFF, week)).state is WeekState.OPEN
    with pytest.raises(NotFound):
        await app.planning.proposed(STAFF, week)
    assert (await app.weeks.cancel(STAFF, week)).state is WeekState.CANCELLED
    assert (await app.weeks.create(STAFF, CreateWeek(week="2026-W50"))).state is WeekState.OPEN


async def test_publishing_twice_introduces_once(house: House) -> None:
    week, plan = await house.planned()
    both = await asyncio.gather(
        house.app.planning.publish(STAFF, week), house.app.planning.publish(STAFF, week), return_exceptions=True
    )
    refused = [each for each in both if isinstance(each, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], (Conflict, WrongStatus))
    async with house.app.storage.read() as reading:
        assert len(await reading.introductions.of_week(week)) == len(plan.pairs)


async def test_a_worker_whose_lease_ran_out_writes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    week = await house.locked()
    solve = PlainSolver.solve

    def slept(*given: object, **named: object) -> object:
        house.clock.moment += timedelta(minutes=10)
        return solve(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(PlainSolver, "solve", slept)
    with pytest.raises(LeaseLost):
        await house.app.planning.plan(STAFF, week)
    with pytest.raises(NotFound):
        await house.app.planning.proposed(STAFF, week)
    monkeypatch.setattr(PlainSolver, "solve", solve)
    assert (await house.app.planning.plan(STAFF, week)).pairs


@pytest.mark.parametrize("step", ["plan", "publish"])
async def test_a_worker_whose_lease_another_took_before_it_got_the_row_writes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    app = house.app
    week, before = await house.planned()

    async def taken_over() -> None:
        house.clock.moment += timedelta(minutes=10)
        async with app.storage.write() as tx:
            await tx.weeks.save((await tx.weeks.get(week)).leased(at=house.clock.moment, seconds=60))

    write = MemoryStorage.write

    @asynccontextmanager
    async def slow_to_publish(self: MemoryStorage, *, long: bool = False) -> AsyncIterator[Writing]:
        if long:
            await taken_over()
        async with write(self, long=long) as tx:
            yield tx

    async def slow_to_plan(*_: object) -> tuple[RoundPlan, str]:
        await taken_over()
        return replace(before, unmatched=()), ""

    monkeypatch.setattr(MemoryStorage, "write", slow_to_publish)
    monkeypatch.setattr(Planning, "_solved", slow_to_plan)
    with pytest.raises(LeaseLost):
        await getattr(app.planning, step)(STAFF, week)
    async with app.storage.read() as reading:
        left = await reading.weeks.get(week)
        assert (left.state, left.lease_until) == (WeekState.PROPOSED, house.clock.moment + timedelta(seconds=60))
        assert await reading.weeks.plan(week) == before.to_json().encode()
        assert await reading.introductions.of_week(week) == []
        assert [event.type for event in await reading.outbox.pending()] == [EventType.WEEK_PROPOSED]


async def test_a_plan_that_a_replica_still_shows_is_not_published(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = house.app
    week, before = await house.planned()
    behind = app.storage._committed  # type: ignore[attr-defined]
    out = before.pairs[0].a
    await app.planning.override(STAFF, week, Overrides.of(left_out=[out]))
    read = MemoryStorage.read

    def lagging(self: MemoryStorage, *, latest: bool = False) -> AbstractAsyncContextManager[Reading]:
        replica = MemoryStorage()
        replica._committed = behind
        return read(self if latest else replica, latest=latest)

    monkeypatch.setattr(MemoryStorage, "read", lagging)
    change, after = await app.planning.override(
        STAFF, week, Overrides.of(forbids=[(before.pairs[1].a, before.pairs[1].b)])
    )
    assert change.overrides.left_out == after.overrides.left_out == frozenset([out])
    await app.planning.publish(STAFF, week)
    async with app.storage.read(latest=True) as reading:
        made = await reading.introductions.of_week(week)
    assert [(each.a, each.b) for each in made] == [(pair.a, pair.b) for pair in after.pairs]


async def test_publishing_may_outlast_its_lease(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    week, plan = await house.planned()
    made = Planning._introductions

    def slow(self: Planning, *given: Any) -> Any:
        house.clock.moment += timedelta(minutes=10)
        return made(self, *given)

    monkeypatch.setattr(Planning, "_introductions", slow)
    assert (await house.app.planning.publish(STAFF, week)).state is WeekState.PUBLISHED
    async with house.app.storage.read() as reading:
        assert len(await reading.introductions.of_week(week)) == len(plan.pairs)
        assert (await reading.weeks.get(week)).lease_until is None


async def test_while_one_worker_plans_another_is_told_to_wait(house: House) -> None:
    week = await house.locked()
    async with house.app.storage.write() as tx:
        await tx.weeks.save((await tx.weeks.get(week)).leased(at=NOON, seconds=60))
    with pytest.raises(LeaseLost, match="busy"):
        await house.app.planning.plan(STAFF, week)


async def test_a_plan_that_breaks_an_invariant_fails_the_week(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    week = await house.locked()

    def doubled(*given: object, **named: object) -> RoundPlan:
        from ygs.application.rounds.solve_round import plan_round

        plan = plan_round(*given, **named)  # type: ignore[arg-type]
        return replace(plan, pairs=(*plan.pairs, plan.pairs[0]))

    monkeypatch.setattr("ygs.application.rounds.planning.plan_round", doubled)
    with pytest.raises(RoundRefused, match="over_capacity"):
        await house.app.planning.plan(STAFF, week)
    assert (await house.app.weeks.show(STAFF, week)).state is WeekState.FAILED
    with pytest.raises(WrongStatus, match="failed"):
        await house.app.planning.publish(STAFF, week)


async def test_an_empty_club_cannot_be_locked() -> None:
    async with a_house(0) as house:
        with pytest.raises(NotFound, match="create"):
            await house.app.weeks.find(STAFF)
        with pytest.raises(RoundRefused, match="fewer than two"):
            await house.locked()


async def test_a_second_week_repeats_no_pair_and_closes_after_answers() -> None:
    async with a_house(40) as house:
        app = house.app
        story = Club(app.storage, house.clock, app.ids, app.weeks, app.planning, Behaviour(1))
        for week in ("2026-W48", "2026-W49", "2026-W50"):
            await story.play(week)
            house.clock.moment += timedelta(hours=10)
        weeks = await app.weeks.latest(STAFF)
        async with app.storage.read() as reading:
            pages = [await reading.introductions.of_week(WeekId(week.id)) for week in weeks]
        made = [each for page in pages for each in page]
        assert len({(each.a, each.b) for each in made}) == len(made) > 20
        assert all(each.state is not IntroductionState.WAITING for each in made)
        assert await app.invariant_check.check(STAFF) == []


async def test_inputs_that_were_kept_long_enough_are_missed_by_no_check_and_younger_ones_are(house: House) -> None:
    app = house.app
    week, _ = await house.planned()
    house.clock.moment = (await app.planning.publish(STAFF, week)).deadline
    await app.weeks.close(STAFF, week)
    house.clock.moment += app.erasure.retention
    assert (await app.erasure.purge(STAFF)).weeks == 1
    assert await app.invariant_check.check(STAFF) == []
    young, _ = await house.planned()
    async with app.storage.write() as tx:
        await tx.erasure.forget_inputs(house.clock.moment + timedelta(days=1))
    (violation,) = await app.invariant_check.check(STAFF)
    assert (violation.invariant, violation.ids) == ("planned_weeks_keep_their_inputs", (young,))


async def test_only_staff_run_weeks_and_only_members_answer(house: House) -> None:
    week, plan = await house.planned()
    member = Actor.signed_in(UserId(plan.pairs[0].a), Role.MEMBER)
    for asked in (
        house.app.weeks.create(member, CreateWeek()),
        house.app.weeks.lock(member, week),
        house.app.planning.plan(member, week),
        house.app.planning.publish(member, week),
        house.app.planning.proposed(member, week),
        house.app.weeks.close(member, week),
        house.app.invariant_check.check(member),
    ):
        with pytest.raises(Forbidden):
            await asked


async def test_answers_are_blind_until_decided_and_only_ones_own() -> None:
    async with a_house() as house:
        week, _ = await house.planned()
        await house.app.planning.publish(STAFF, week)
        async with house.app.storage.read() as reading:
            made, another = (await reading.introductions.of_week(week))[:2]
        mine = house.app.member_introductions
        a, b = (Actor.signed_in(side, Role.MEMBER) for side in (made.a, made.b))
        yes, no = AnswerRequest(choice=Choice.ACCEPT), AnswerRequest(choice=Choice.DECLINE, reason=DeclineReason.AGE)
        before = await mine.list(a)
        await mine.answer(b, made.id, yes)
        assert await mine.list(a) == before
        stranger = Actor.signed_in(another.a, Role.MEMBER)
        with pytest.raises(NotFound):
            await mine.answer(stranger, made.id, yes)
        await mine.answer(a, made.id, no)
        assert (await mine.answer(a, made.id, no)).state is IntroductionState.NOT_MUTUAL
        with pytest.raises(WrongStatus):
            await mine.answer(a, made.id, yes)
        with pytest.raises(WrongStatus):
            await mine.give_feedback(a, made.id, FeedbackRequest(met=False))


async def test_those_who_both_accepted_tell_once_each_how_it_went() -> None:
    async with a_house() as house:
        week, _ = await house.planned()
        await house.app.planning.publish(STAFF, week)
        async with house.app.storage.read() as reading:
            made = (await reading.introductions.of_week(week))[0]
        mine = house.app.member_introductions
        a, b = (Actor.signed_in(side, Role.MEMBER) for side in (made.a, made.b))
        for side in (a, b):
            await mine.answer(side, made.id, AnswerRequest(choice=Choice.ACCEPT))
        await mine.give_feedback(a, made.id, FeedbackRequest(met=True, again=True, rating=5, words="좋은 분이었어요"))
        with pytest.raises(Conflict):
            await mine.give_feedback(a, made.id, FeedbackRequest(met=False))
        async with house.app.storage.read() as reading:
            assert (await reading.introductions.get(IntroductionId(made.id))).met is True


async def test_an_answer_after_the_deadline_is_too_late(house: House) -> None:
    week, _ = await house.planned()
    published = await house.app.planning.publish(STAFF, week)
    async with house.app.storage.read() as reading:
        made = (await reading.introductions.of_week(week))[0]
    house.clock.moment = published.deadline
    with pytest.raises(DeadlinePassed):
        await house.app.member_introductions.answer(
            Actor.signed_in(made.a, Role.MEMBER), made.id, AnswerRequest(choice=Choice.ACCEPT)
        )


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("flor = 1", "flor"),
        ("floor = 'x'", "floor"),
        ("floor = -1", "floor"),
        ("floor =", "TOML"),
        ("[[affinities]]\nattribute = 'region'\nnearness = 'shared'\nweight = 1", r"line 1, affinities\.0: .*region"),
        (
            "version = 'a'\n[[affinities]]\nattribute = 'none'\nnearness = 'near'\nweight = 1",
            "line 2.*no such attribute",
        ),
    ],
)
def test_a_policy_file_that_makes_no_sense_names_what_is_wrong(toml: str, says: str) -> None:
    with pytest.raises((InvalidPolicy, BadFile), match=says):
        policy_from(toml.encode())
