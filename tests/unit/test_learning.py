"""Learning from answers: what enters, what is stored, and when it may be used."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from math import exp
from random import Random

import pytest
from pydantic import SecretStr

from ygs import Settings, build
from ygs.adapters.learning.vectorised import VectorisedChanceModel
from ygs.application.actors import Actor
from ygs.application.learning.calibration import calibrated_fit
from ygs.application.learning.pair_scores import PairToScore
from ygs.application.learning.views import reliability_words, spoken_share
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application
from ygs.domain.audit import Entry
from ygs.domain.errors import Forbidden, LearningRefused, NotFound
from ygs.domain.ids import UserId, WeekId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.learning.evaluation import Evaluation, Reliability
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Objective
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

MEMORY = Settings(database_url=SecretStr("memory:"))
OPERATOR = Actor.operator()
CONSULTANT = Actor.signed_in(UserId(numbered("usr", 900)), Role.CONSULTANT)
PEOPLE = [a_user(number) for number in range(1, 61)]
WEEKS = 9
A_WEEK = 80


@dataclass(frozen=True, slots=True)
class House:
    app: Application
    storage: Storage


@asynccontextmanager
async def a_house(answer: Callable[[Random, int, int], bool]) -> AsyncIterator[House]:
    """Nine closed weeks of introductions of sixty people, answered by `answer`, and one that is open for answers."""
    async with build(MEMORY, {Clock: FrozenClock(NOON)}) as app:
        async with app.storage.write() as tx:
            await tx.users.add_all(PEOPLE)
        made = list(_introductions(Random(1), answer))
        async with app.storage.write() as tx:
            for number in range(1, WEEKS + 2):
                state = WeekState.CLOSED if number <= WEEKS else WeekState.PUBLISHED
                await tx.weeks.add(replace(a_week(number), week=IsoWeek(2026, 30 + number), state=state))
            await tx.introductions.add_all(made, {person.id: 7 for person in PEOPLE})
        yield House(app, app.storage)


def _introductions(rng: Random, answer: Callable[[Random, int, int], bool]) -> Sequence[Introduction]:
    pairs = [(one, other) for one in range(0, 60, 2) for other in range(1, 60, 2)]
    rng.shuffle(pairs)
    made = []
    seats: dict[tuple[int, int], int] = {}
    number = 0
    for week in range(1, WEEKS + 2):
        taken: list[tuple[int, int]] = []
        for pair in pairs:
            if len(taken) < A_WEEK and all(seats.get((week, person), 0) < 7 for person in pair):
                taken.append(pair)
                for person in pair:
                    seats[week, person] = seats.get((week, person), 0) + 1
        pairs = [pair for pair in pairs if pair not in taken]
        for one, other in taken:
            number += 1
            made.append(_introduction(rng, answer, a_week(week).id, number, one, other))
    return made


def _introduction(
    rng: Random, answer: Callable[[Random, int, int], bool], week: WeekId, number: int, one: int, other: int
) -> Introduction:
    a, b = sorted((one, other), key=lambda place: PEOPLE[place].id)
    score = rng.randint(6_000, 10_000)
    made = an_introduction(PEOPLE[a], PEOPLE[b], a_week(), number, a_to_b=score, b_to_a=rng.randint(6_000, 10_000))
    yes = answer(rng, a, b), answer(rng, b, a)
    return replace(
        made,
        week_id=week,
        state=IntroductionState.MUTUAL if all(yes) else IntroductionState.NOT_MUTUAL,
        answer_of_a=_answer(yes[0]),
        answer_of_b=_answer(yes[1]),
        decided_at=NOON,
    )


def _answer(yes: bool) -> Answer:
    return Answer(choice=Choice.ACCEPT, at=NOON) if yes else _NO


_NO = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.OTHER)


def by_charm(rng: Random, me: int, them: int) -> bool:
    """People who are wanted by all or by nobody."""
    return rng.random() < 1 / (1 + exp(-(0.4 + (them % 10 - 5) / 1.5)))


def by_coin(rng: Random, me: int, them: int) -> bool:
    """Answers that nothing explains."""
    return rng.random() < 0.5


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(by_charm) as made:
        yield made


async def recorded(house: House) -> list[Entry]:
    """The entries of the audit log."""
    async with house.storage.read() as reading:
        return [each.entry for each in await reading.audit.page(after=0, limit=100)]


async def test_what_was_learned_is_stored_judged_and_used_only_when_asked(house: House) -> None:
    learning = house.app.learning
    fitted = await learning.fit(OPERATOR)
    assert (fitted.number, fitted.in_use, fitted.through) == (1, False, "2026-W39")
    assert (fitted.answers, fitted.people) == (2 * A_WEEK * WEEKS, 60)
    assert fitted.evaluation.helps
    assert await learning.evaluate(CONSULTANT) == fitted.evaluation
    assert (await learning.use(OPERATOR, 1)).in_use
    assert [each.in_use for each in await learning.versions(CONSULTANT)] == [True]
    await learning.off(OPERATOR)
    assert not (await learning.show(CONSULTANT, 1)).in_use
    audited = [each.action for each in await recorded(house)]
    assert [each for each in audited if each.startswith("learning.")] == [
        "learning.fitted",
        "learning.used",
        "learning.switched_off",
    ]


async def test_what_is_stored_is_the_calibrated_fit_of_the_closed_weeks(house: House) -> None:
    await house.app.learning.fit(OPERATOR)
    async with house.storage.read() as reading:
        history = await reading.learning.history()
        version = await reading.learning.get(1)
        people = await reading.learning.people(1)
    model = VectorisedChanceModel()
    calibrated = calibrated_fit(history, model)
    assert (version.rates, people) == (calibrated.rates, calibrated.people)
    assert people != model.fit(history).people


async def test_what_does_not_help_stays_off() -> None:
    async with a_house(by_coin) as house:
        fitted = await house.app.learning.fit(OPERATOR)
        assert fitted.evaluation.enough
        assert not fitted.evaluation.helps
        with pytest.raises(LearningRefused, match="does not say that it helps"):
            await house.app.learning.use(OPERATOR, fitted.number)
        assert not (await house.app.learning.show(OPERATOR, fitted.number)).in_use


async def test_without_an_answer_there_is_nothing_to_learn_and_with_few_nothing_to_use() -> None:
    async with build(MEMORY) as app:
        with pytest.raises(LearningRefused, match="no closed week"):
            await app.learning.fit(OPERATOR)
        async with app.storage.write() as tx:
            await tx.users.add_all(PEOPLE[:2])
            await tx.weeks.add(replace(a_week(1), state=WeekState.CLOSED))
            made = an_introduction(PEOPLE[0], PEOPLE[1], a_week(1))
            yes = _answer(yes=True)
            mutual = replace(made, state=IntroductionState.MUTUAL, answer_of_a=yes, answer_of_b=yes, decided_at=NOON)
            await tx.introductions.add_all([mutual], {})
        await app.learning.fit(OPERATOR)
        with pytest.raises(LearningRefused, match="too little"):
            await app.learning.use(OPERATOR, 1)


async def test_answers_of_the_open_week_change_not_one_byte_of_what_is_learned(house: House) -> None:
    async def learned() -> object:
        version = await house.app.learning.fit(OPERATOR)
        async with house.storage.read() as reading:
            people = await reading.learning.people(version.number)
            return (
                replace(await reading.learning.get(version.number), number=0),
                people,
                await reading.learning.history(),
            )

    before = await learned()
    rng = Random(7)
    for _ in range(2):
        async with house.storage.write() as tx:
            open_ones = await tx.introductions.of_week(a_week(WEEKS + 1).id)
            assert open_ones
            await tx.introductions.save_all(
                [
                    replace(each, answer_of_a=rng.choice((_NO, _answer(yes=True), None)), state=rng.choice(STATES))
                    for each in open_ones
                ]
            )
        assert await learned() == before


STATES = (IntroductionState.WAITING, IntroductionState.NOT_MUTUAL, IntroductionState.EXPIRED)


async def test_a_week_that_is_locked_freezes_what_is_in_use_where_its_policy_maximises_chances(house: House) -> None:
    await house.app.learning.fit(OPERATOR)
    assert (await _locked(house, "2026-W50", BY_CHANCE)).chances is None
    await house.app.learning.use(OPERATOR, 1)
    assert (await _locked(house, "2026-W51", PolicySettings(version="by score"))).chances is None
    market = await _locked(house, "2026-W52", BY_CHANCE)
    assert market.chances is not None
    assert market.chances.version == "1"
    async with house.storage.read() as reading:
        people = await reading.learning.people(1)
    assert list(market.chances.says_yes) == [people[each].says_yes for each in market.ids]
    await house.app.learning.off(OPERATOR)
    assert (await _locked(house, "2026-W53", BY_CHANCE)).chances is None


async def test_while_nothing_learned_is_in_use_a_policy_by_chances_goes_by_the_score(house: House) -> None:
    by_score = await _planned(house, "2026-W50", PolicySettings(version="by score"))
    await house.app.policies.set(OPERATOR, BY_CHANCE.policy())
    by_chance = await _planned(house, "2026-W51", None)
    assert by_chance.pairs == by_score.pairs != ()
    assert not by_chance.by_chance
    assert await house.app.explanations.candidates(CONSULTANT, PEOPLE[0].id, limit=1)
    told = [
        await house.app.proposals.proposal(OPERATOR, await house.app.weeks.find(OPERATOR, iso_week), limit=1)
        for iso_week in ("2026-W50", "2026-W51")
    ]
    assert [(each.without_chances, each.no_harm) for each in told] == [(False, None), (True, None)]


async def _planned(house: House, iso_week: str, policy: PolicySettings | None) -> RoundPlan:
    await _locked(house, iso_week, policy)
    return await house.app.planning.plan(OPERATOR, await house.app.weeks.find(OPERATOR, iso_week))


BY_CHANCE = PolicySettings(version="by chance", objective=Objective.CHANCE)


async def _locked(house: House, iso_week: str, policy: PolicySettings | None) -> Market:
    week = await house.app.weeks.create(OPERATOR, CreateWeek(week=iso_week, policy=policy))
    await house.app.weeks.lock(OPERATOR, week.id)
    async with house.storage.read() as reading:
        return Market.from_bytes(await reading.weeks.snapshot(week.id))


async def test_answers_of_the_open_week_change_not_one_byte_of_a_plan_by_chances(house: House) -> None:
    async def planned() -> str:
        await house.app.learning.use(OPERATOR, (await house.app.learning.fit(OPERATOR)).number)
        market = await _locked(house, "2026-W52", BY_CHANCE)
        assert market.chances is not None
        learned = replace(market.chances, version="")
        week = await house.app.weeks.find(OPERATOR, "2026-W52")
        plan = await house.app.planning.plan(OPERATOR, week)
        await house.app.weeks.discard(OPERATOR, week)
        await house.app.weeks.cancel(OPERATOR, week)
        frozen = replace(market, chances=learned).input_hash()
        return frozen + str([(pair.a, pair.b, pair.mutual) for pair in plan.pairs])

    before = await planned()
    async with house.storage.write() as tx:
        open_ones = await tx.introductions.of_week(a_week(WEEKS + 1).id)
        await tx.introductions.save_all([replace(each, answer_of_a=_NO, answer_of_b=None) for each in open_ones])
    assert await planned() == before


async def test_pairs_are_told_with_what_became_of_such_introductions_while_a_version_is_in_use(house: House) -> None:
    explanations = house.app.explanations
    wanted, other = PEOPLE[9].id, PEOPLE[18].id
    assert (await explanations.pair(CONSULTANT, wanted, other)).chance is None
    await house.app.learning.fit(OPERATOR)
    assert (await explanations.pair(CONSULTANT, wanted, other)).chance is None
    await house.app.learning.use(OPERATOR, 1)
    pair = await explanations.pair(CONSULTANT, wanted, other)
    assert pair.chance is not None
    assert (pair.chance.version, pair.chance.low <= pair.chance.mutual / pair.chance.introductions) == (1, True)
    name = PEOPLE[9].name
    assert pair.chance.told.en[0].startswith("About ")
    assert f"Others say yes to {name} more often than to most." in pair.chance.told.en
    assert f"{name} 님은 상대에게 수락을 받을 때가 많은 편입니다." in pair.chance.told.ko
    assert 2 <= len(pair.chance.told.ko) <= 4
    assert pair.told.en[-len(pair.chance.told.en) :] == pair.chance.told.en
    await house.app.learning.off(OPERATOR)
    assert (await explanations.pair(CONSULTANT, wanted, other)).chance is None


async def test_a_week_tells_of_its_pairs_what_its_lock_froze_and_nobody_of_themselves(house: House) -> None:
    await house.app.learning.use(OPERATOR, (await house.app.learning.fit(OPERATOR)).number)
    await _locked(house, "2026-W52", BY_CHANCE)
    week = await house.app.weeks.find(OPERATOR, "2026-W52")
    await house.app.planning.plan(OPERATOR, week)
    pairs = await house.app.proposals.pairs(OPERATOR, week)
    assert pairs
    told = [pair.chance for pair in pairs]
    assert all(told)
    explained = await house.app.explanations.pair(OPERATOR, pairs[0].a.id, pairs[0].b.id, week)
    assert explained.chance is not None
    assert explained.chance == pairs[0].chance
    person = await house.app.explanations.person(OPERATOR, pairs[0].a.id, week)
    assert person.introduced[0].chance is not None
    await house.app.learning.off(OPERATOR)
    assert [pair.chance for pair in await house.app.proposals.pairs(OPERATOR, week)] == told
    themselves = Actor.signed_in(pairs[0].a.id, Role.CONSULTANT)
    own = [
        pair for pair in await house.app.proposals.pairs(themselves, week) if themselves.id in (pair.a.id, pair.b.id)
    ]
    assert [pair.chance for pair in own] == [None]


async def test_answers_of_the_open_week_change_not_one_byte_of_what_is_told_of_pairs(house: House) -> None:
    async def told() -> str:
        await house.app.learning.use(OPERATOR, (await house.app.learning.fit(OPERATOR)).number)
        pair = await house.app.explanations.pair(CONSULTANT, PEOPLE[9].id, PEOPLE[18].id)
        found = await house.app.explanations.candidates(CONSULTANT, PEOPLE[9].id, limit=20)
        chances = [pair.chance, *(each.chance for each in found)]
        words = [each.model_dump_json(exclude={"version"}) for each in chances if each]
        assert len(words) > 1
        return pair.model_dump_json(exclude={"chance"}) + str(words)

    before = await told()
    rng = Random(11)
    async with house.storage.write() as tx:
        open_ones = await tx.introductions.of_week(a_week(WEEKS + 1).id)
        assert open_ones
        choices = (_NO, _answer(yes=True), None)
        changed = [
            replace(each, answer_of_a=rng.choice(choices), answer_of_b=rng.choice(choices)) for each in open_ones
        ]
        await tx.introductions.save_all(changed)
    assert await told() == before


async def test_somebody_erased_leaves_every_version_and_going_back_fits_without_them(house: House) -> None:
    await house.app.learning.fit(OPERATOR)
    leaver = PEOPLE[3].id
    await _erased(house, leaver)
    async with house.storage.write() as tx:
        await tx.weeks.save(replace(await tx.weeks.get(a_week(WEEKS + 1).id), state=WeekState.CLOSED))
    used = await house.app.learning.use(OPERATOR, 1)
    assert (used.number, used.in_use, used.through) == (2, True, "2026-W39")
    assert used.people == 59
    async with house.storage.read() as reading:
        for number in (1, 2):
            assert leaver not in await reading.learning.people(number)


async def test_a_version_that_helps_no_more_without_those_who_were_erased_is_not_used(house: House) -> None:
    await house.app.learning.fit(OPERATOR)
    await _erased(house, *(person.id for person in PEOPLE[:40]))
    with pytest.raises(LearningRefused, match="too little"):
        await house.app.learning.use(OPERATOR, 1)
    assert not any(each.in_use for each in await house.app.learning.versions(OPERATOR))


async def _erased(house: House, *people: UserId) -> None:
    async with house.storage.write() as tx:
        for person in people:
            await tx.users.save(replace(await tx.users.get(person), deleted_at=NOON))
        await tx.erasure.erase(people, NOON + timedelta(days=40))


async def test_only_administrators_learn_and_members_are_told_nothing(house: House) -> None:
    member = Actor.signed_in(PEOPLE[0].id, Role.MEMBER)
    for act in (house.app.learning.fit, house.app.learning.off):
        with pytest.raises(Forbidden):
            await act(CONSULTANT)
    with pytest.raises(Forbidden):
        await house.app.learning.use(CONSULTANT, 1)
    with pytest.raises(Forbidden):
        await house.app.pair_scores.score(CONSULTANT, [], reason="to judge it")
    for read in (house.app.learning.versions, house.app.learning.evaluate):
        with pytest.raises(Forbidden):
            await read(member)


async def test_any_pair_of_members_has_a_chance_and_asking_for_it_is_on_record(house: House) -> None:
    scores = house.app.pair_scores
    pairs = [PairToScore(PEOPLE[1].id, PEOPLE[8].id), PairToScore(PEOPLE[8].id, PEOPLE[1].id)]
    with pytest.raises(LearningRefused, match="nothing was learned"):
        await scores.score(OPERATOR, pairs, reason="to judge it")
    await house.app.learning.fit(OPERATOR)
    there, back = await scores.score(OPERATOR, pairs, reason="to judge it")
    assert 0 < there == back < 1_000_000
    wanted = [PairToScore(PEOPLE[9].id, PEOPLE[19].id), PairToScore(PEOPLE[10].id, PEOPLE[20].id)]
    high, low = await scores.score(OPERATOR, wanted, reason="to judge it")
    assert high > 2 * low
    entry = next(each for each in await recorded(house) if each.action == "learning.scored")
    assert (entry.subjects.count, entry.reason) == (2, "to judge it")
    with pytest.raises(NotFound):
        await scores.score(OPERATOR, [PairToScore(PEOPLE[1].id, numbered("usr", 999))], reason="to judge it")


async def test_a_members_export_tells_that_something_is_inferred_and_not_what(house: House) -> None:
    from ygs.application.members.data_export import _read_all

    async def told() -> object:
        async with house.storage.read() as reading:
            data, _ = await _read_all(reading, PEOPLE[0].id)
        return data["inferred"]

    assert await told() == {"from_answers_of_others": False, "versions": 0}
    await house.app.learning.fit(OPERATOR)
    assert await told() == {"from_answers_of_others": True, "versions": 1}


def test_a_share_is_said_in_small_numbers_with_its_interval() -> None:
    assert spoken_share(20, 100) == (1, 5)
    assert spoken_share(40, 100) == (4, 10)
    assert spoken_share(50, 100) == (1, 2)
    assert spoken_share(70, 100) == (7, 10)
    group = Reliability(100_000, 300_000, 190_000, 100, 20, 133_000, 289_000)
    said = "about 1 in 5 such introductions became mutual (interval 13-29 %)"
    assert reliability_words(group, Language.EN) == said
    assert reliability_words(group, Language.KO) == "이런 소개는 5번에 1번꼴로 두 사람 모두 수락했습니다(구간 13~29%)"
    nothing = replace(group, mutual=0, low=0, high=37_000)
    assert "none of 100" in reliability_words(nothing, Language.EN)


def test_a_chance_belongs_to_the_group_that_holds_it() -> None:
    low = Reliability(10_000, 90_000, 50_000, 50, 2, 0, 100_000)
    high = Reliability(100_000, 300_000, 190_000, 50, 10, 100_000, 300_000)
    judged = Evaluation(enough=True, reliability=(low, high))
    assert judged.introductions_like(95_000) == low
    assert judged.introductions_like(999_000) == high
    assert judged.introductions_like(5) == low
    assert Evaluation(enough=False).introductions_like(5) is None
