"""What staff ask about people: as data and in both languages, on record, and beside the event loop."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

from tests.support.audit import Audited, audited
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.errors import Forbidden, NotFound
from ygs.domain.ids import UserId, WeekId
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import mutual
from ygs.domain.users import Role
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.what_if import eligible_places
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import RoundSolver, Scorer, Scores
from ygs.settings import Settings

STAFF = Actor.operator()
STRICT = Policy(strict_unknown=True, floor=7_500)
# Unknown facts fit, and nothing but wishes counts: other scores than under the default policy.
TOLERANT = Policy(version="tolerant", unknown_fit=10_000, affinities=())
NOBODY = UserId("usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S")


@dataclass
class WatchedScorer:
    """The plain scorer, and the threads it was asked in."""

    threads: set[int] = field(default_factory=set)

    def scores(self, market: Market, policy: Policy) -> Scores:
        self.threads.add(threading.get_ident())
        return PlainScorer().scores(market, policy)


@dataclass(frozen=True)
class Planned:
    """A club of 40 with a planned week, and one that is open."""

    app: Application
    week: WeekId
    opened: WeekId
    plan: RoundPlan
    market: Market
    policy: Policy
    scorer: WatchedScorer

    async def recorded(self) -> list[Audited]:
        """What is on record besides what was done to the weeks themselves."""
        return [each for each in await audited(self.app.storage) if not each.action.startswith("week.")]


@asynccontextmanager
async def planned(policy: Policy | None = None) -> AsyncIterator[Planned]:
    policy, scorer = policy or Policy(), WatchedScorer()
    fakes: dict[Any, object] = {Clock: FrozenClock(), Scorer: scorer, RoundSolver: PlainSolver()}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as app:
        async with app.storage.write() as tx:
            await tx.users.add_all(list(club(40, seed=3, at=NOON)))
        week = WeekId((await app.weeks.create(STAFF, CreateWeek(policy=PolicySettings.model_validate(policy)))).id)
        await app.weeks.lock(STAFF, week)
        plan = await app.planning.plan(STAFF, week)
        opened = WeekId((await app.weeks.create(STAFF, CreateWeek())).id)
        market = await app.planning.locked_market(STAFF, week)
        scorer.threads.clear()
        yield Planned(app, week, opened, plan, market, policy, scorer)


@pytest.fixture
async def club_of_40() -> AsyncIterator[Planned]:
    async with planned() as made:
        yield made


async def names(app: Application) -> dict[str, str]:
    async with app.storage.read() as reading:
        return {user.id: user.name for user in await reading.users.page(limit=100)}


async def test_why_a_got_b_and_not_c_names_everybody_and_both_are_on_record(club_of_40: Planned) -> None:
    app, plan, called = club_of_40.app, club_of_40.plan, await names(club_of_40.app)
    first, second = plan.pairs[:2]
    man, woman = UserId(first.a), UserId(second.b if _seek(club_of_40, first.a, second.b) else second.a)
    why = await app.explanations.why_not(STAFF, club_of_40.week, man, woman)
    assert (why.a.name, why.c.name, why.together) == (called[man], called[woman], False)
    assert [partner.id for partner in why.a_got] == [first.b]
    assert (why.cost is None) == bool(why.objections)
    for sentences in (why.told.ko, why.told.en):
        assert called[man] in sentences[0]
        assert called[woman] in sentences[0]
    if not why.objections:
        assert called[first.b] in why.told.ko[1]
    (recorded,) = await club_of_40.recorded()
    assert (recorded.action, recorded.what) == ("alternative.explained", club_of_40.week)
    assert {man, woman} < {*recorded.people}
    assert (await app.explanations.why_not(STAFF, club_of_40.week, man, UserId(first.b))).together


def _seek(asked: Planned, one: str, other: str) -> bool:
    places = asked.market.places()
    return bool(asked.market.seeks[places[one]] & asked.market.genders[places[other]])


async def test_what_is_not_there_is_said(club_of_40: Planned) -> None:
    explaining, week, member = club_of_40.app.explanations, club_of_40.week, UserId(club_of_40.plan.pairs[0].a)
    for asking in (
        explaining.why_not(STAFF, week, member, NOBODY),
        explaining.person(STAFF, NOBODY, week),
        explaining.questions(STAFF, week, limit=5, about=NOBODY),
        explaining.candidates(STAFF, NOBODY, limit=5),
    ):
        with pytest.raises(NotFound, match=f"no participant {NOBODY}"):
            await asking
    with pytest.raises(NotFound, match=f"no plan of match week {club_of_40.opened}"):
        await explaining.questions(STAFF, club_of_40.opened, limit=5)
    assert await club_of_40.recorded() == []


async def test_members_may_ask_nothing_about_others(club_of_40: Planned) -> None:
    explaining, week = club_of_40.app.explanations, club_of_40.week
    me, other = UserId(club_of_40.plan.pairs[0].a), UserId(club_of_40.plan.pairs[0].b)
    member = Actor.signed_in(me, Role.MEMBER)
    for asking in (
        explaining.pair(member, me, other),
        explaining.person(member, me, week),
        explaining.why_not(member, week, me, other),
        explaining.questions(member, week, limit=5),
        explaining.candidates(member, me, limit=5),
    ):
        with pytest.raises(Forbidden):
            await asking


async def test_staff_who_were_members_are_not_told_what_keeps_others_from_them(club_of_40: Planned) -> None:
    explaining, week = club_of_40.app.explanations, club_of_40.week
    me, other = UserId(club_of_40.plan.pairs[0].a), UserId(club_of_40.plan.pairs[0].b)
    async with club_of_40.app.storage.write() as tx:
        await tx.blocks.add(other, me, NOON)
    staff = Actor.signed_in(me, Role.ADMIN)
    for asking in (
        explaining.pair(staff, me, other),
        explaining.pair(staff, other, me),
        explaining.why_not(staff, week, me, other),
        explaining.why_not(staff, week, other, me),
    ):
        with pytest.raises(Forbidden):
            await asking
    assert "block" in str((await explaining.pair(STAFF, me, other)).told.en).lower()


async def test_nothing_walks_a_market_on_the_event_loop(club_of_40: Planned) -> None:
    explaining, week = club_of_40.app.explanations, club_of_40.week
    alone = UserId(club_of_40.plan.unmatched[0])
    await explaining.person(STAFF, alone, week)
    await explaining.questions(STAFF, week, limit=5)
    await explaining.candidates(STAFF, alone, limit=5)
    assert club_of_40.scorer.threads
    assert threading.get_ident() not in club_of_40.scorer.threads


async def test_a_member_without_a_match_is_explained_as_data_and_in_both_languages(club_of_40: Planned) -> None:
    app, alone = club_of_40.app, UserId(club_of_40.plan.unmatched[0])
    told = await app.explanations.person(STAFF, alone, club_of_40.week)
    why = told.no_match
    assert why is not None
    assert told.introduced == []
    assert why.candidates == why.forbidden + why.away + why.free + why.taken
    assert why.everybody.start == len(club_of_40.market) - 1
    assert len(why.best_taken) == min(why.taken, 5)
    assert [each.ko for each in why.relaxations[:3]] == [line for line in told.told.ko if "늘어납니다(이번" in line]
    assert len(told.told.ko) == len(told.told.en)
    assert told.person.name in told.told.ko[1]
    assert await club_of_40.recorded() == [("match.explained", (alone,), club_of_40.week)]


async def test_a_member_with_a_match_is_told_term_by_term(club_of_40: Planned) -> None:
    pair = club_of_40.plan.pairs[0]
    told = await club_of_40.app.explanations.person(STAFF, UserId(pair.b), club_of_40.week)
    (introduced,) = told.introduced
    assert told.no_match is None
    assert (introduced.them.id, introduced.mine.satisfaction, introduced.mutual) == (pair.a, pair.b_to_a, pair.mutual)
    assert sum(term.contribution for term in introduced.mine.terms) == pair.b_to_a
    assert told.told == introduced.told


async def test_two_members_are_explained_from_both_sides_on_record(club_of_40: Planned) -> None:
    pair = club_of_40.plan.pairs[0]
    one, other = UserId(pair.a), UserId(pair.b)
    explained = await club_of_40.app.explanations.pair(STAFF, one, other)
    assert (explained.mine.satisfaction, explained.theirs.satisfaction) == (pair.a_to_b, pair.b_to_a)
    assert explained.objections == []
    assert await club_of_40.recorded() == [("pair.explained", tuple(sorted((one, other))), "")]


async def test_the_candidates_are_the_best_eligible_ones_with_reasons(club_of_40: Planned) -> None:
    market, policy, alone = club_of_40.market, Policy(), UserId(club_of_40.plan.unmatched[0])
    me = market.person(market.places()[alone])
    scored = {market.ids[each]: mutual(me, market.person(each), policy) for each in eligible_places(market, me, policy)}
    found = await club_of_40.app.explanations.candidates(STAFF, alone, limit=3)
    assert [each.person.id for each in found] == sorted(scored, key=lambda each: (-scored[each], each))[:3]
    assert [each.mutual for each in found] == [scored[each.person.id] for each in found]
    assert all(each.reasons.ko and len(each.reasons.ko) == len(each.reasons.en) for each in found)
    everybody = tuple(sorted({alone, *(each.person.id for each in found)}))
    assert ("candidates.read", everybody, "") in await club_of_40.recorded()


async def test_the_question_list_is_ranked_bounded_and_can_be_about_one_member() -> None:
    async with planned(STRICT) as strict:
        ask = strict.app.explanations.questions
        everything = await ask(STAFF, strict.week, limit=100)
        opens = [(each.opens, each.free) for each in everything.opening]
        assert len(set(opens)) > 1
        assert opens == sorted(opens, reverse=True)
        assert everything.looked_at == everything.unmatched == len(strict.plan.unmatched)
        few = await ask(STAFF, strict.week, limit=2)
        assert few.opening == everything.opening[:2]
        about = UserId(everything.opening[0].person.id)
        theirs = await ask(STAFF, strict.week, limit=100, about=about)
        assert theirs.opening == [each for each in everything.opening if each.person.id == about]
        assert theirs.looked_at == 1
        assert theirs.opening[0].person.name in theirs.opening[0].ko
        assert "늘어납니다" in theirs.opening[0].ko
        assert theirs.opening[0].en.startswith(f"Ask {theirs.opening[0].person.name}: ")
        assert about in (await strict.recorded())[-1].people


async def test_musts_that_met_the_unknown_are_to_be_settled_before_publishing(club_of_40: Planned) -> None:
    asked = await club_of_40.app.explanations.questions(STAFF, club_of_40.week, limit=100)
    together = {frozenset((pair.a, pair.b)) for pair in club_of_40.plan.pairs}
    assert asked.before_publishing
    for each in asked.before_publishing:
        assert frozenset((each.person.id, each.because.id)) in together
        assert each.wish.importance == "must"
        assert each.person.name in each.ko
        assert each.because.name in each.ko


async def test_only_those_who_waited_longest_are_looked_at(
    club_of_40: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ygs.application.explanations.explain.MOST_LOOKED_AT", 2)
    asked = await club_of_40.app.explanations.questions(STAFF, club_of_40.week, limit=5)
    assert (asked.looked_at, asked.unmatched) == (2, len(club_of_40.plan.unmatched))


async def test_who_left_since_is_called_withdrawn_and_has_no_year_of_birth(club_of_40: Planned) -> None:
    pair = club_of_40.plan.pairs[0]
    async with club_of_40.app.storage.write() as tx:
        gone = await tx.users.get(UserId(pair.b))
        await tx.users.save(replace(gone, deleted_at=NOON))
    told = await club_of_40.app.explanations.person(STAFF, UserId(pair.a), club_of_40.week)
    them = told.introduced[0].them
    assert (them.id, them.name, them.birth_year, them.withdrawn) == (pair.b, "withdrawn member", None, True)
    assert any("탈퇴 회원 님" in sentence for sentence in told.told.ko)
    assert any("withdrawn member" in sentence for sentence in told.told.en)
    assert not any("?" in sentence for sentence in (*told.told.ko, *told.told.en))


async def test_that_a_proposal_was_read_is_on_record(club_of_40: Planned) -> None:
    proposal = await club_of_40.app.proposals.proposal(STAFF, club_of_40.week, limit=3)
    best = sorted((pair.mutual for pair in club_of_40.plan.pairs), reverse=True)
    assert [pair.mutual for pair in proposal.pairs] == best[:3]
    people = {person.id for pair in proposal.pairs for person in (pair.a, pair.b)}
    people |= {each.person.id for each in proposal.unmatched}
    assert await club_of_40.recorded() == [("proposal.read", tuple(sorted(people)), club_of_40.week)]


async def test_a_pair_of_a_plan_under_another_policy_is_explained_with_the_scores_of_the_plan() -> None:
    async with planned(TOLERANT) as made:
        first = made.plan.pairs[0]
        one, other = UserId(first.a), UserId(first.b)
        in_week = await made.app.explanations.pair(STAFF, one, other, made.week)
        today = await made.app.explanations.pair(STAFF, one, other)
    assert (in_week.mine.satisfaction, in_week.theirs.satisfaction, in_week.mutual) == (
        first.a_to_b,
        first.b_to_a,
        first.mutual,
    )
    assert today.mutual != first.mutual


async def test_outside_a_week_people_are_explained_under_the_clubs_policy() -> None:
    async with planned(TOLERANT) as made:
        await made.app.policies.set(STAFF, TOLERANT)
        first = made.plan.pairs[0]
        one, other = UserId(first.a), UserId(first.b)
        pair = await made.app.explanations.pair(STAFF, one, other)
        candidates = await made.app.explanations.candidates(STAFF, one, limit=100)
        assert pair.mutual == first.mutual
        assert {each.person.id: each.mutual for each in candidates}[other] == first.mutual


async def test_a_pair_asked_about_in_a_week_is_explained_as_the_week_was_locked() -> None:
    async with planned() as made:
        one, other = (UserId(person) for person in (made.plan.pairs[0].a, made.plan.pairs[0].b))
        await made.app.planning.publish(STAFF, made.week)
        today = await made.app.explanations.pair(STAFF, one, other)
        in_week = await made.app.explanations.pair(STAFF, one, other, made.week)
        assert [each.reason for each in today.objections] == [Reason.INTRODUCED_BEFORE]
        assert not in_week.objections
        with pytest.raises(NotFound):
            await made.app.explanations.pair(STAFF, one, other, made.opened)
