"""A proposal is read whole, page by page; overrides are listed and taken back; and every reply about a week agrees."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from tests.unit.test_planning import STAFF, House, a_house
from ygs.application.actors import Actor
from ygs.application.explanations.proposal_views import PairView
from ygs.application.messages.translate import explain_error
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import LEAST_TIME_TO_ANSWER, CreateWeek
from ygs.domain.errors import DeadlinePassed, DomainError, Forbidden, NotFound, RoundRefused, WrongStatus
from ygs.domain.ids import UserId, WeekId
from ygs.domain.match_weeks import BrokenPair, IsoWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import Overrides, PairOrder, RoundPlan
from ygs.domain.users import Role

ORDERED: dict[PairOrder, Callable[[PairView], int]] = {
    PairOrder.BEST: lambda pair: -pair.mutual,
    PairOrder.LOWEST: lambda pair: pair.mutual,
    PairOrder.LEAST_CERTAIN: lambda pair: -pair.uncertainty,
    PairOrder.LONGEST_WAITING: lambda pair: -pair.weeks_waited,
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(60) as made:
        yield made


async def all_pairs(house: House, week: WeekId, order: PairOrder, limit: int) -> list[PairView]:
    """Every page, one after another."""
    found = list[PairView]()
    after = ""
    while page := await house.app.proposals.pairs(STAFF, week, order=order, after=after, limit=limit):
        assert len(page) <= limit
        assert page[-1].cursor != after, "the same page again"
        found += page
        after = page[-1].cursor
    return found


@pytest.mark.parametrize("order", PairOrder)
async def test_pages_hold_every_pair_once_in_the_order_asked_for(house: House, order: PairOrder) -> None:
    week, plan = await house.planned()
    pairs = await all_pairs(house, week, order, 3)
    assert sorted((pair.a.id, pair.b.id) for pair in pairs) == sorted((pair.a, pair.b) for pair in plan.pairs)
    keys = [(ORDERED[order](pair), pair.a.id, pair.b.id) for pair in pairs]
    assert keys == sorted(keys)
    assert len({number for number, *_ in keys}) > 1 or order is PairOrder.LONGEST_WAITING
    assert await all_pairs(house, week, order, 100) == pairs


async def test_pages_hold_everybody_without_an_introduction_once(house: House) -> None:
    week, plan = await house.planned()
    after = ""
    found = []
    while page := await house.app.proposals.unmatched(STAFF, week, after=after, limit=1):
        assert page[-1].cursor != after, "the same page again"
        found += page
        after = page[-1].cursor
    assert sorted(each.person.id for each in found) == sorted(plan.unmatched)
    assert [each.weeks_waited for each in found] == sorted((each.weeks_waited for each in found), reverse=True)
    assert all(each.why.ko and len(each.why.ko) == len(each.why.en) for each in found)
    assert len(found) >= 2
    view = await house.app.proposals.proposal(STAFF, week, limit=2)
    assert (len(view.pairs), view.unmatched_count) == (2, len(plan.unmatched))


async def test_a_page_goes_on_where_the_last_ended_though_the_week_was_planned_again(house: House) -> None:
    week, _ = await house.planned()
    first = await house.app.proposals.pairs(STAFF, week, limit=3)
    gone = first[-1]
    await house.app.proposals.override(STAFF, week, Overrides.of(forbids=[(gone.a.id, gone.b.id)]))
    rest = await house.app.proposals.pairs(STAFF, week, after=gone.cursor)
    assert all((-pair.mutual, pair.a.id) > (-gone.mutual, gone.a.id) for pair in rest)


async def test_pairs_with_a_change_are_marked_and_can_be_asked_for_alone(house: House) -> None:
    week, plan = await house.planned()
    pair = plan.pairs[0]
    left_alone = plan.unmatched[0]
    async with house.app.storage.write() as tx:
        for person in (pair.a, left_alone):
            await tx.users.save((await tx.users.get(UserId(person))).withdraw(at=house.clock.now()))
    (changed,) = await house.app.proposals.pairs(STAFF, week, changed=True)
    assert (changed.a.id, changed.b.id, changed.changed) == (pair.a, pair.b, True)
    assert (changed.a.withdrawn, changed.a.birth_year, changed.b.withdrawn) == (True, None, False)
    (alone,) = await house.app.proposals.unmatched(STAFF, week, changed=True)
    assert (alone.person.id, alone.changed) == (left_alone, True)
    everybody = await all_pairs(house, week, PairOrder.BEST, 100)
    assert [each for each in everybody if each.changed] == [changed]


async def test_publishing_itself_changes_nobody(house: House) -> None:
    week, _ = await house.planned()
    await house.app.planning.publish(STAFF, week)
    assert (await house.app.proposals.proposal(STAFF, week, limit=1)).changed == []


@pytest.mark.parametrize("cursor", ["x", "x.usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S", ".", "1e3.a.b"])
async def test_a_cursor_that_is_none_is_refused(house: House, cursor: str) -> None:
    week, _ = await house.planned()
    with pytest.raises(DomainError):
        await house.app.proposals.pairs(STAFF, week, after=cursor)


async def differing(house: House, week: WeekId, plan: RoundPlan) -> set[str]:
    """Who has another partner now than in that plan; one each."""
    now = await house.app.planning.proposed(STAFF, week)
    pairs = {(pair.a, pair.b) for pair in plan.pairs} ^ {(pair.a, pair.b) for pair in now.pairs}
    return {person for pair in pairs for person in pair}


async def test_overrides_are_listed_and_taken_back_one_by_one(house: House) -> None:
    proposals = house.app.proposals
    week, plan = await house.planned()
    first, second = plan.pairs[0], plan.pairs[1]
    async with house.app.storage.read() as reading:
        before = await reading.weeks.get(week), await reading.weeks.snapshot(week)
    paid = await proposals.override(STAFF, week, Overrides.of(forbids=[(first.b, first.a)]))
    moved = {each.person.id: ([one.id for one in each.before], [one.id for one in each.after]) for each in paid.changes}
    assert moved[UserId(first.a)][0] == [first.b]
    assert first.b not in moved[UserId(first.a)][1]
    assert paid.changed == len(moved) == len(await differing(house, week, plan))
    await proposals.override(STAFF, week, Overrides.of(left_out=[second.a]))
    listed = await proposals.overrides(STAFF, week)
    assert [(each.kind, [person.id for person in each.people], each.key) for each in listed] == [
        ("forbid", [first.a, first.b], f"forbid.{first.a}.{first.b}"),
        ("leave_out", [second.a], f"leave_out.{second.a}"),
    ]
    await proposals.take_back(STAFF, week, listed[1].key)
    assert [each.key for each in await proposals.overrides(STAFF, week)] == [listed[0].key]
    brought = await proposals.take_back(STAFF, week, listed[0].key)
    assert [each.change for each in brought.objectives] == [-each.change for each in paid.objectives]
    now = await house.app.planning.proposed(STAFF, week)
    assert (now.overrides, now.certificate) == (Overrides(), plan.certificate)
    async with house.app.storage.read() as reading:
        after = await reading.weeks.get(week), await reading.weeks.snapshot(week)
    assert (after[0].state, after[0].input_hash, after[1]) == (WeekState.PROPOSED, before[0].input_hash, before[1])
    with pytest.raises(NotFound):
        await proposals.take_back(STAFF, week, listed[0].key)


async def test_two_pairs_exchange_partners_as_one_act_with_one_price_and_one_undo(house: House) -> None:
    proposals = house.app.proposals
    week, plan = await house.planned()
    found = [
        (pair, await proposals.swaps(STAFF, week, UserId(pair.a), UserId(pair.b), limit=3)) for pair in plan.pairs[:5]
    ]
    pair, (best, *_) = next((pair, swaps) for pair, swaps in found if swaps)
    swap = Overrides.of(swaps=[((pair.a, pair.b), (best.mine.id, best.theirs.id))])
    paid = await proposals.override(STAFF, week, swap)
    moved = {each.person.id: [one.id for one in each.after] for each in paid.changes}
    assert moved[UserId(pair.a)] == [best.theirs.id]
    assert moved[UserId(pair.b)] == [best.mine.id]
    scores = {(each.a, each.b): each.mutual for each in (await house.app.planning.proposed(STAFF, week)).pairs}
    assert sum(scores[each] for each in sorted(swap.pins)) == best.after
    (listed,) = await proposals.overrides(STAFF, week)
    brought = await proposals.take_back(STAFF, week, listed.key)
    assert [each.change for each in brought.objectives] == [-each.change for each in paid.objectives]
    assert await differing(house, week, plan) == set()


async def test_only_pairs_of_the_plan_that_may_be_introduced_exchange_partners(house: House) -> None:
    week, plan = await house.planned()
    first, second = plan.pairs[0], plan.pairs[1]
    apart = Overrides.of(swaps=[((first.a, second.b), (second.a, first.b))])
    with pytest.raises(RoundRefused, match="are no pair of this plan") as refused:
        await house.app.proposals.override(STAFF, week, apart)
    told = explain_error(refused.value, Language.KO)
    async with house.app.storage.read() as reading:
        names = {each.name for each in await reading.users.by_ids([UserId(first.a), UserId(second.b)])}
    assert all(name in told for name in names)
    assert "usr_" not in told
    assert await house.app.proposals.swaps(STAFF, week, UserId(first.a), UserId(second.b), limit=3) == []
    assert await house.app.proposals.overrides(STAFF, week) == []


async def test_of_two_overrides_at_once_none_is_lost(house: House) -> None:
    week, plan = await house.planned()
    changes = [Overrides.of(left_out=[pair.a]) for pair in plan.pairs[:2]]
    done = await asyncio.gather(
        *(house.app.proposals.override(STAFF, week, change) for change in changes), return_exceptions=True
    )
    kept = {each.people[0].id for each in await house.app.proposals.overrides(STAFF, week)}
    told = {pair.a for pair, reply in zip(plan.pairs, done, strict=False) if not isinstance(reply, Exception)}
    assert kept == told


async def test_a_contradiction_names_the_override_in_the_way_and_how_to_take_it_back(house: House) -> None:
    proposals = house.app.proposals
    week, plan = await house.planned()
    pair = plan.pairs[0]
    pin = Overrides.of(pins=[(pair.a, pair.b)])
    for earlier, later in (
        (Overrides.of(forbids=[(pair.a, pair.b)]), pin),
        (Overrides.of(left_out=[pair.b]), pin),
        (pin, Overrides.of(left_out=[pair.a])),
        (pin, Overrides.of(forbids=[(pair.b, pair.a)])),
    ):
        await proposals.override(STAFF, week, earlier)
        (in_the_way,) = await proposals.overrides(STAFF, week)
        with pytest.raises(RoundRefused, match=f"{in_the_way.key} stands in the way") as refused:
            await proposals.override(STAFF, week, later)
        assert "usr_" not in explain_error(refused.value, Language.KO)
        await proposals.take_back(STAFF, week, in_the_way.key)
        await proposals.override(STAFF, week, later)
        (now,) = await proposals.overrides(STAFF, week)
        await proposals.take_back(STAFF, week, now.key)


async def test_nobody_takes_back_what_was_decided_about_themselves(house: House) -> None:
    week, plan = await house.planned()
    pair = plan.pairs[0]
    await house.app.proposals.override(STAFF, week, Overrides.of(left_out=[pair.a]))
    them = Actor.signed_in(UserId(pair.a), Role.ADMIN, second_factor=True)
    with pytest.raises(Forbidden):
        await house.app.proposals.take_back(them, week, f"leave_out.{pair.a}")


async def test_overrides_before_the_plan_say_what_to_do_first(house: House) -> None:
    week = await house.locked()
    with pytest.raises(WrongStatus, match="plan it first"):
        await house.app.proposals.override(STAFF, week, Overrides.of(left_out=["usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]))
    with pytest.raises(WrongStatus, match="plan it first"):
        await house.app.proposals.take_back(STAFF, week, "leave_out.usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S")


async def test_a_deadline_that_is_over_is_refused_when_a_week_is_created(house: House) -> None:
    weeks = house.app.weeks
    now = house.clock.moment
    for request in (
        CreateWeek(week="2020-W10"),
        CreateWeek(deadline=now),
        CreateWeek(week="2027-W10", deadline=now - timedelta(seconds=1)),
    ):
        with pytest.raises(DeadlinePassed, match="give a later one"):
            await weeks.create(STAFF, request)
    assert await weeks.latest(STAFF) == []
    late = now + timedelta(seconds=1)
    assert (await weeks.create(STAFF, CreateWeek(week="2020-W10", deadline=late))).deadline == late


@pytest.mark.parametrize(("late", "later"), [(timedelta(), 0), (timedelta(seconds=1), 1), (LEAST_TIME_TO_ANSWER, 1)])
async def test_a_week_that_leaves_too_little_time_to_answer_is_not_chosen(
    house: House, late: timedelta, later: int
) -> None:
    zone = house.app.settings.time_zone
    this_week = IsoWeek.at(house.clock.moment, zone)
    house.clock.moment = this_week.answer_deadline(zone) - LEAST_TIME_TO_ANSWER + late
    assert (await house.app.weeks.create(STAFF, CreateWeek())).week == str(this_week.following(later))


async def test_every_reply_about_a_week_counts_its_introductions_alike(house: House) -> None:
    weeks = house.app.weeks
    created = await weeks.create(STAFF, CreateWeek())
    week = created.id
    views = [created, await weeks.lock(STAFF, week)]
    assert {view.introductions.waiting for view in views} == {0}
    plan = await house.app.planning.plan(STAFF, week)
    published = await house.app.planning.publish(STAFF, week)
    assert published.introductions.waiting == len(plan.pairs) > 0
    assert await weeks.show(STAFF, week) == published
    assert await weeks.latest(STAFF) == [published]
    assert (await house.app.proposals.week(STAFF, week, limit=1))[0] == published
    house.clock.moment = published.deadline
    closed = await weeks.close(STAFF, week)
    assert closed.introductions.expired == len(plan.pairs)
    assert await weeks.show(STAFF, week) == closed


async def test_a_week_is_created_under_rules_of_its_own(house: House) -> None:
    rules = PolicySettings(version="for this week", floor=4_000)
    created = await house.app.weeks.create(STAFF, CreateWeek(policy=rules))
    async with house.app.storage.read() as reading:
        assert (await reading.weeks.get(created.id)).policy == rules.policy()


async def test_why_a_week_failed_is_stored_as_codes_and_told_in_both_languages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = await house.locked()
    plan = await house.app.planning.plan(STAFF, week)
    one, other = plan.pairs[0].a, plan.pairs[0].b
    broken = (
        BrokenPair(a=one, b=other, reason="i_refuse", attribute="smoking"),
        BrokenPair(a=one, b=other, reason="over_capacity"),
    )

    async def solved(*_: object) -> tuple[RoundPlan, tuple[BrokenPair, ...]]:
        return plan, broken

    monkeypatch.setattr("ygs.application.rounds.planning.Planning._solved", solved)
    with pytest.raises(RoundRefused):
        await house.app.planning.plan(STAFF, week)
    async with house.app.storage.read() as reading:
        assert (await reading.weeks.get(week)).failure == broken
    told = (await house.app.weeks.show(STAFF, week)).failure
    assert told.ko == [
        f"{one} 회원과 {other} 회원: 필수 조건에 맞지 않음(흡연)",
        f"{one} 회원과 {other} 회원: 소개 횟수 초과",
    ]
    assert told.en == [f"{one} and {other}: i_refuse (smoking)", f"{one} and {other}: over_capacity"]
