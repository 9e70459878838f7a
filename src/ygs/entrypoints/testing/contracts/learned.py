"""The contract of what was learned from answers, and of the answers to learn from."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction, IntroductionState
from ygs.domain.learning.evaluation import Evaluation, Gain, Quality, Reliability
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.chance import GenderRates, PersonRates
from ygs.domain.matching.market import Genders
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

YES = Answer(choice=Choice.ACCEPT, at=NOON)
NO = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE)
AN_EVALUATION = Evaluation(
    enough=True,
    weeks=4,
    answers=600,
    learned=Quality(0.61, 0.71),
    score=Quality(0.66, 0.55),
    rates=Quality(0.63, 0.68),
    log_loss_gain=Gain(0.05, 0.02, 0.08),
    auc_gain=Gain(0.16, 0.1, 0.2),
    reliability=(Reliability(10_000, 90_000, 50_000, 60, 4, 26_000, 160_000),),
)


def a_version(through: int = 202_645) -> LearnedVersion:
    """A version with a value of its own in every field."""
    rates = {
        Genders.MALE: GenderRates(base=-300, slope=1_200, centre=8_400, answering=8_900),
        Genders.FEMALE: GenderRates(base=-800, slope=0, centre=8_100, answering=9_100),
    }
    return LearnedVersion(
        created_at=NOON, rates=rates, through=through, answers=1_000, people=2, evaluation=AN_EVALUATION
    )


def rates_of(people: Sequence[User]) -> dict[str, PersonRates]:
    """Rates that differ."""
    return {
        person.id: PersonRates(says_yes=-12_000 + place, wanted=12_000 - place, answering=10_000 - place)
        for place, person in enumerate(people)
    }


def _introductions(people: Sequence[User]) -> Iterator[Introduction]:
    """One of each kind in a week that is closed, and one in a week that is open for answers."""
    closed = replace(a_week(1), state=WeekState.CLOSED)
    kinds: Sequence[tuple[IntroductionState, Answer | None, Answer | None]] = (
        (IntroductionState.MUTUAL, YES, YES),
        (IntroductionState.NOT_MUTUAL, YES, NO),
        (IntroductionState.EXPIRED, None, NO),
        (IntroductionState.CANCELLED, NO, None),
    )
    for number, (state, one, other) in enumerate(kinds):
        pair = people[2 * number], people[2 * number + 1]
        made = an_introduction(*pair, closed, number + 1, a_to_b=8_000 + number, b_to_a=7_000 + number)
        yield replace(made, state=state, answer_of_a=one, answer_of_b=other)
    open_one = an_introduction(people[0], people[2], a_week(2), 9)
    yield replace(open_one, state=IntroductionState.NOT_MUTUAL, answer_of_a=NO, answer_of_b=NO)


class LearningContract:
    """Every promise of `LearningRepository`."""

    async def test_only_decided_answers_of_closed_weeks_are_learned_from(self, storage: Storage) -> None:
        people = await stored_users(storage, 8)
        made = await _stored(storage, people)
        async with storage.read() as tx:
            history = await tx.learning.history()
            assert await tx.learning.history(202_600) == AnswerHistory.of([], {})
            number = (await tx.weeks.get(made[0].week_id)).week.number
        said = [(Said.YES, Said.YES), (Said.YES, Said.NO), (Said.NOTHING, Said.NO)]
        sides = [Side(number, each.a, each.b, each.a_to_b, one) for each, (one, _) in zip(made, said, strict=False)]
        sides += [Side(number, each.b, each.a, each.b_to_a, one) for each, (_, one) in zip(made, said, strict=False)]
        assert history == AnswerHistory.of(sides, {person.id: person.gender for person in people})

    async def test_people_who_were_erased_leave_the_history_and_every_version(self, storage: Storage) -> None:
        people = await stored_users(storage, 8)
        made = await _stored(storage, people)
        leaver, partner = people[0], people[1]
        async with storage.write() as tx:
            first = await tx.learning.add(a_version(), rates_of(people))
            second = await tx.learning.add(a_version(), rates_of(people))
            await tx.users.save(replace(await tx.users.get(leaver.id), deleted_at=NOON))
        async with storage.read() as tx:
            assert leaver.id in (await tx.learning.history()).ids
            assert await tx.learning.count_about(leaver.id) == 2
        async with storage.write() as tx:
            await tx.erasure.erase([leaver.id], NOON + timedelta(days=30))
        async with storage.read() as tx:
            ids = (await tx.learning.history()).ids
            assert leaver.id not in ids
            assert partner.id not in ids
            assert set(ids) == {person for each in made[1:3] for person in (each.a, each.b)}
            for version in (first, second):
                assert leaver.id not in await tx.learning.people(version.number)
                assert len(await tx.learning.people(version.number)) == len(people) - 1
            assert await tx.learning.count_about(leaver.id) == 0
        async with storage.write() as tx:
            late = await tx.learning.add(a_version(), rates_of(people))
            assert leaver.id not in await tx.learning.people(late.number)

    async def test_versions_come_back_as_they_were_numbered_and_latest_first(self, storage: Storage) -> None:
        people = await stored_users(storage, 2)
        async with storage.write() as tx:
            first = await tx.learning.add(a_version(), rates_of(people))
            second = await tx.learning.add(replace(a_version(202_646), evaluation=Evaluation(enough=False)), {})
        async with storage.read() as tx:
            assert first == replace(a_version(), number=1)
            assert await tx.learning.get(1) == first
            assert await tx.learning.versions() == [second, first]
            assert await tx.learning.versions(1) == [second]
            assert await tx.learning.versions(after=2) == [first]
            assert await tx.learning.people(1) == rates_of(people)
            assert await tx.learning.people(2) == {}
            one = people[1].id
            assert await tx.learning.people(1, [one, "usr_nobody"]) == {one: rates_of(people)[one]}
            assert await tx.learning.people(1, []) == {}
            with pytest.raises(NotFound):
                await tx.learning.get(3)

    async def test_at_most_one_version_is_in_use(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for _ in range(2):
                await tx.learning.add(a_version(), {})
            assert await tx.learning.in_use() is None
            await tx.learning.use(1)
        async with storage.write() as tx:
            assert await tx.learning.in_use() == replace(a_version(), number=1, in_use=True)
            await tx.learning.use(2)
            assert [each.in_use for each in await tx.learning.versions()] == [True, False]
            with pytest.raises(NotFound):
                await tx.learning.use(3)
        async with storage.write() as tx:
            await tx.learning.use(None)
            assert await tx.learning.in_use() is None

    async def test_of_somebody_unknown_nothing_is_said(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.learning.count_about(UserId(numbered("usr", 0))) == 0
            assert await tx.learning.people(7) == {}
            assert await tx.learning.versions() == []


async def _stored(storage: Storage, people: Sequence[User]) -> list[Introduction]:
    made = list(_introductions(people))
    async with storage.write() as tx:
        await tx.weeks.add(replace(a_week(1), state=WeekState.CLOSED))
        await tx.weeks.add(replace(a_week(2), state=WeekState.PUBLISHED))
        await tx.introductions.add_all(made, {})
    return made
