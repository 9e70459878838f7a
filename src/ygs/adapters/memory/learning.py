"""What was learned from answers, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, IntroductionState
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.chance import PersonRates
from ygs.domain.matching.market import Genders
from ygs.ports.repositories import MOST_PAGE

_OVER = {IntroductionState.MUTUAL, IntroductionState.NOT_MUTUAL, IntroductionState.EXPIRED}


class MemoryLearningReader:
    """What was learned from answers."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def history(self, through: int | None = None) -> AnswerHistory:
        tables = await self._tx.step()
        genders: dict[str, Genders] = {
            user.id: user.gender for people in (tables.users, tables.gone) for user in people.values()
        }
        return AnswerHistory.of(_sides(tables, genders, through), genders)

    async def versions(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[LearnedVersion]:
        stored = (await self._tx.step()).learned_versions
        numbers = sorted((number for number in stored if after is None or number < after), reverse=True)
        return [stored[number] for number in numbers[:limit]]

    async def get(self, number: int) -> LearnedVersion:
        return _version(await self._tx.step(), number)

    async def in_use(self) -> LearnedVersion | None:
        return next((each for each in (await self._tx.step()).learned_versions.values() if each.in_use), None)

    async def people(self, number: int, only: Collection[str] | None = None) -> Mapping[str, PersonRates]:
        found = (await self._tx.step()).learned_people.get(number, {})
        return found if only is None else {each: found[each] for each in only if each in found}

    async def count_about(self, id: UserId) -> int:
        return sum(id in people for people in (await self._tx.step()).learned_people.values())


class MemoryLearningRepository(MemoryLearningReader):
    """What was learned from answers, to be added to."""

    async def add(self, version: LearnedVersion, people: Mapping[str, PersonRates]) -> LearnedVersion:
        tables = await self._tx.step()
        stored = replace(version, number=max(tables.learned_versions, default=0) + 1)
        there = {one: each for one, each in people.items() if one in tables.users or one in tables.gone}
        tables.learned_versions.put({stored.number: stored})
        tables.learned_people.put({stored.number: there})
        return stored

    async def use(self, number: int | None) -> None:
        tables = await self._tx.step()
        if number is not None:
            _version(tables, number)
        tables.learned_versions.put(
            {key: replace(each, in_use=key == number) for key, each in tables.learned_versions.items()}
        )


def _version(tables: SnapshotTables, number: int) -> LearnedVersion:
    if number not in tables.learned_versions:
        raise NotFound("learned version", str(number))
    return tables.learned_versions[number]


def _sides(tables: SnapshotTables, genders: Mapping[str, Genders], through: int | None) -> Iterator[Side]:
    closed = {week.id: week.week.number for week in tables.weeks.values() if week.state is WeekState.CLOSED}
    for each in tables.introductions.values():
        week = closed.get(each.week_id)
        if week is None or (through is not None and week > through) or each.state not in _OVER:
            continue
        if each.a in genders and each.b in genders:
            yield Side(week, each.a, each.b, each.a_to_b, _said(each.answer_of_a))
            yield Side(week, each.b, each.a, each.b_to_a, _said(each.answer_of_b))


def _said(answer: Answer | None) -> Said:
    if answer is None:
        return Said.NOTHING
    return Said.YES if answer.choice is Choice.ACCEPT else Said.NO
