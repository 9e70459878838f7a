"""The market, read as columns, is byte for byte the one that memory makes of the same people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.ids import IntroductionId
from ygs.domain.matching.attribute import Attribute, Group, Kind
from ygs.domain.matching.market import Column, Market
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Lifestyle, Profile, Status, User
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage


def anybody(number: int, random: Random) -> User:
    """A user of whom anything may be known, in any status."""
    activated = random.choice([None, NOON + timedelta(days=random.randrange(60))])
    return a_user(
        number,
        status=random.choice([Status.ACTIVE, Status.ACTIVE, Status.ACTIVE, Status.PAUSED]),
        profile=Profile(facts=facts(Group.PROFILE, random)),
        lifestyle=Lifestyle(facts=facts(Group.LIFESTYLE, random)),
        wishes={code: a_wish(VOCABULARY[code], random) for code in random.sample(sorted(VOCABULARY), 6)},
        capacity=random.choice([None, None, 1, 3, 7]),
        activated_at=activated,
        deleted_at=random.choice([None] * 9 + [NOON]),
    )


def facts(group: Group, random: Random) -> dict[str, int]:
    known = [attribute for attribute in VOCABULARY.values() if attribute.group is group and random.random() < 0.8]
    return {each.code: random.randint(0, most(each)) for each in known}


def most(attribute: Attribute) -> int:
    return (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size


def a_wish(attribute: Attribute, random: Random) -> Wish:
    importance = random.choice(list(Importance))
    if attribute.kind is Kind.ORDINAL:
        low, high = sorted(random.randint(1, attribute.size) for _ in range(2))
        return Wish(attribute=attribute.code, importance=importance, low=low, high=high)
    return Wish(attribute=attribute.code, importance=importance, accepts=random.randint(1, (1 << attribute.size) - 1))


async def fill(storage: Storage, people: Sequence[User], seed: int) -> None:
    """People in any order, blocks between some, and weeks, one of which is not published, in which some were met."""
    random = Random(seed)
    async with storage.write() as tx:
        await tx.users.add_all(people)
        ordered = sorted(people, key=lambda user: user.id)
        for one, other in zip(ordered[::7], ordered[1::7], strict=False):
            await tx.blocks.add(one.id, other.id, NOON)
            await tx.blocks.add(other.id, one.id, NOON)
    for number in range(1, 6):
        week = a_week(number)
        those = random.sample(ordered, 60)
        pairs = zip(those[: 20 + number], those[30 : 50 + number], strict=True)
        made = [
            an_introduction(one, other, week, id=IntroductionId(numbered("mh", 100 * number + count)))
            for count, (one, other) in enumerate(pairs)
        ]
        async with storage.write() as tx:
            new = [each for each in made if not await tx.introductions.have_met(each.a, each.b)]
            await tx.weeks.add(week)
            await tx.introductions.add_all(new, {})
            if number != 4:
                stored = await tx.weeks.get(week.id)
                await tx.weeks.save(replace(stored, published_at=NOON + timedelta(days=7 * number)))


def columns(market: Market) -> list[tuple[str, bytes]]:
    """Every column's type and bytes, in the order that a snapshot has them."""
    wished: list[Column] = [
        each for wish in market.wishes.values() for each in (wish.importance, wish.low, wish.high, wish.accepts)
    ]
    known = [market.genders, market.seeks, *market.facts.values(), *market.sets.values(), *wished]
    others = [market.weeks_waited, market.due, market.capacity, market.introduced, market.met, market.blocked]
    return [(column.typecode, column.tobytes()) for column in (*known, *others)]


@pytest.mark.parametrize("seed", range(3))
async def test_the_market_is_the_same_in_memory_and_in_sql(storage: SqlStorage, seed: int) -> None:
    random = Random(seed)
    people = [anybody(number, random) for number in range(300)]
    memory = MemoryStorage()
    await fill(memory, people, seed)
    random.shuffle(people)
    await fill(storage, people, seed)
    async with memory.read() as expected, storage.read() as reading, storage.write() as writing:
        market = await expected.market.enrolled(capacity=2)
        for sql in (await reading.market.enrolled(capacity=2), await writing.market.enrolled(capacity=2)):
            assert (sql.ids, list(sql.facts), list(sql.sets), list(sql.wishes)) == (
                market.ids,
                list(market.facts),
                list(market.sets),
                list(market.wishes),
            )
            assert columns(sql) == columns(market)
    assert len(market) > 150
    assert len(market.met) > 20
    assert len(set(market.weeks_waited)) > 2


async def test_a_market_of_nobody_is_empty(storage: SqlStorage) -> None:
    async with storage.read() as reading:
        assert len(await reading.market.enrolled(capacity=1)) == 0
