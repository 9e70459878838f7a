"""A proposed week of any number of pairs, as a storage holds it before it is published.

A small club is planned for real; its pairs are copied, each copy two new people, so that the facts, the wishes and the
proofs are a club's, and a hundred thousand people need no minutes to be planned.
"""

from collections.abc import Sequence
from dataclasses import replace

from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.rounds.solve_round import plan_round
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application
from ygs.domain.ids import UserId, WeekId
from ygs.domain.matching.plan import Overrides, PlannedPair, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.users import User

OPERATOR = Actor.operator()
LOT = 5_000

Couple = tuple[User, User, PlannedPair]


async def proposed_week(ygs: Application, pairs: int, *, members: int, first: int = 0) -> WeekId:
    """Add so many couples to the storage, and propose a week that introduces each.

    `members`: of the club that they are copied from. `first`: the number of the first couple; no two have the same.
    """
    plan, couples = await _planned_club(ygs, members)
    copies = [_copy(ygs, couples[number % len(couples)], number) for number in range(first, first + pairs)]
    people = [person for a, b, _ in copies for person in (a, b)]
    async with ygs.storage.write(long=True) as tx:
        for start in range(0, len(people), LOT):
            await tx.users.add_all(people[start : start + LOT])
    week = WeekId((await ygs.weeks.create(OPERATOR, CreateWeek())).id)
    await ygs.weeks.lock(OPERATOR, week)
    planned = replace(plan, pairs=tuple(pair for _, _, pair in copies), unmatched=(), prices=())
    async with ygs.storage.write(long=True) as tx:
        await tx.weeks.keep_plan(week, planned.to_json().encode())
        locked = await tx.weeks.get(week)
        await tx.weeks.save(locked.propose(at=ygs.clock.now(), overrides=locked.overrides))
    return week


async def _planned_club(ygs: Application, size: int) -> tuple[RoundPlan, Sequence[Couple]]:
    members = {user.id: user for user in club(size, seed=1, at=ygs.clock.now())}
    storage = MemoryStorage()
    async with storage.write() as tx:
        await tx.users.add_all(list(members.values()))
        market = await tx.market.enrolled(capacity=1)
    plan = plan_round(market, policy=Policy(), overrides=Overrides(), seed=0, scorer=ygs.scorer, solver=ygs.solver)
    return plan, [(members[UserId(pair.a)], members[UserId(pair.b)], pair) for pair in plan.pairs]


def _copy(ygs: Application, couple: Couple, number: int) -> Couple:
    """Two new people like those of a couple, and their planned pair."""
    a, b, pair = couple
    one, other = sorted(UserId(ygs.ids.make("usr")) for _ in range(2))
    return (
        replace(a, id=one, phone=f"+82100{2 * number:07}", capacity=1),
        replace(b, id=other, phone=f"+82100{2 * number + 1:07}", capacity=1),
        replace(pair, a=one, b=other),
    )
