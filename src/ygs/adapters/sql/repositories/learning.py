"""What was learned from answers."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Integer, cast, false, func, select, true, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.learning import learned_people, learned_versions
from ygs.adapters.sql.tables.rounds import introductions, match_weeks
from ygs.adapters.sql.tables.users import users
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.introductions import Choice, IntroductionState
from ygs.domain.learning.evaluation import Evaluation, Gain, Quality, Reliability
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.chance import GenderRates, PersonRates
from ygs.domain.matching.market import Genders
from ygs.ports.repositories import MOST_PAGE

_OVER = [each.value for each in (IntroductionState.MUTUAL, IntroductionState.NOT_MUTUAL, IntroductionState.EXPIRED)]
_SAID = {None: Said.NOTHING, Choice.ACCEPT.value: Said.YES, Choice.DECLINE.value: Said.NO}
_A = users.alias("user_a")
_B = users.alias("user_b")
_WEEK = cast(match_weeks.c.iso_year, Integer) * 100 + cast(match_weeks.c.iso_week, Integer)
_INTRODUCTIONS = (
    select(
        _WEEK.label("week"),
        introductions.c.a,
        introductions.c.b,
        introductions.c.a_to_b,
        introductions.c.b_to_a,
        introductions.c.choice_of_a,
        introductions.c.choice_of_b,
        _A.c.gender.label("gender_of_a"),
        _B.c.gender.label("gender_of_b"),
    )
    .join(match_weeks, match_weeks.c.id == introductions.c.week_id)
    .join(_A, _A.c.id == introductions.c.a)
    .join(_B, _B.c.id == introductions.c.b)
    .where(match_weeks.c.state == WeekState.CLOSED.value, introductions.c.state.in_(_OVER))
    .where(_A.c.erased_at.is_(None), _B.c.erased_at.is_(None))
)


def to_row(version: LearnedVersion) -> dict[str, Any]:
    """A version as a row of `learned_versions`."""
    return {
        "number": version.number,
        "created_at": version.created_at,
        "rates": {str(int(gender)): asdict(rates) for gender, rates in version.rates.items()},
        "through": version.through,
        "answers": version.answers,
        "people": version.people,
        "evaluation": asdict(version.evaluation),
        "in_use": version.in_use,
    }


def to_version(row: Found) -> LearnedVersion:
    """The version that `to_row` wrote."""
    return LearnedVersion(
        number=row.number,
        created_at=row.created_at,
        rates={Genders(int(gender)): GenderRates(**rates) for gender, rates in row.rates.items()},
        through=row.through,
        answers=row.answers,
        people=row.people,
        evaluation=_to_evaluation(row.evaluation),
        in_use=row.in_use,
    )


def _to_evaluation(stored: Mapping[str, Any]) -> Evaluation:
    qualities = {name: Quality(**stored[name]) for name in ("learned", "score", "rates")}
    gains = {name: Gain(**stored[name]) for name in ("log_loss_gain", "auc_gain")}
    reliability = tuple(Reliability(**each) for each in stored["reliability"])
    return Evaluation(**{**stored, **qualities, **gains, "reliability": reliability})


class SqlLearningReader:
    """What was learned from answers."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def history(self, through: int | None = None) -> AnswerHistory:
        await self.tx.long_timeout()
        sides: list[Side] = []
        genders: dict[str, Genders] = {}

        def take(rows: Sequence[Found]) -> None:
            for week, a, b, a_to_b, b_to_a, choice_of_a, choice_of_b, gender_of_a, gender_of_b in rows:
                sides.append(Side(week, a, b, a_to_b, _SAID[choice_of_a]))
                sides.append(Side(week, b, a, b_to_a, _SAID[choice_of_b]))
                genders[a] = gender_of_a
                genders[b] = gender_of_b

        query = _INTRODUCTIONS if through is None else _INTRODUCTIONS.where(through >= _WEEK)
        await self.tx.stream(query, take)
        return await asyncio.to_thread(AnswerHistory.of, sides, genders)

    async def versions(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[LearnedVersion]:
        query = select(learned_versions).order_by(learned_versions.c.number.desc()).limit(limit)
        if after is not None:
            query = query.where(learned_versions.c.number < after)
        return [to_version(row) for row in await self.tx.rows(query)]

    async def get(self, number: int) -> LearnedVersion:
        row = await self.tx.row(select(learned_versions).where(learned_versions.c.number == number))
        if row is None:
            raise NotFound("learned version", str(number))
        return to_version(row)

    async def in_use(self) -> LearnedVersion | None:
        row = await self.tx.row(select(learned_versions).where(learned_versions.c.in_use))
        return to_version(row) if row else None

    async def people(self, number: int, only: Collection[str] | None = None) -> Mapping[str, PersonRates]:
        found: dict[str, PersonRates] = {}

        def take(rows: Sequence[Found]) -> None:
            for id, says_yes, wanted, answering in rows:  # noqa: A001
                found[id] = PersonRates(says_yes=says_yes, wanted=wanted, answering=answering)

        person = learned_people.c
        query = select(person.user_id, person.says_yes, person.wanted, person.answering)
        if only is not None:
            query = query.where(among(person.user_id, sorted(only)))
        await self.tx.stream(query.where(person.number == number).order_by(person.user_id), take)
        return found

    async def count_about(self, id: UserId) -> int:
        query = select(func.count()).select_from(learned_people).where(learned_people.c.user_id == id)
        return int(await self.tx.scalar(query))


class SqlLearningRepository(SqlLearningReader):
    """What was learned from answers, to be added to."""

    async def add(self, version: LearnedVersion, people: Mapping[str, PersonRates]) -> LearnedVersion:
        # Without the lock two fits that end at once would take one number.
        await self.tx.lock("learned_versions")
        last = await self.tx.scalar(select(func.max(learned_versions.c.number)))
        stored = replace(version, number=(last or 0) + 1)
        there = await self.tx.rows(
            self.tx.for_update(select(users.c.id).where(among(users.c.id, sorted(people)), users.c.erased_at.is_(None)))
        )
        rows = [{"number": stored.number, "user_id": row.id, **asdict(people[row.id])} for row in there]
        async with self.tx.savepoint():
            await insert_all(self.tx, learned_versions, [to_row(stored)])
            await insert_all(self.tx, learned_people, rows)
        return stored

    async def use(self, number: int | None) -> None:
        await self.tx.lock("learned_versions")
        if number is not None:
            await self.get(number)
        await self.tx.run(update(learned_versions).where(learned_versions.c.in_use).values(in_use=false()))
        await self.tx.run(update(learned_versions).where(learned_versions.c.number == number).values(in_use=true()))
