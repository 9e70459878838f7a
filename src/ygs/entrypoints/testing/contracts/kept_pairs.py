"""The contract of pairs that were introduced: in the market, and after leaving and coming back."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from ygs.domain.contacts import Contact
from ygs.domain.ids import Pair, UserId, pair_of
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.ports.repositories.invariants import Violation
from ygs.ports.storage import Storage

DAY = timedelta(days=1)
STEPS = 60
PEOPLE = 6


class KeptPairContract:
    """Nobody is introduced to the same person twice, whatever the outcome, also when one of the two left meanwhile."""

    async def test_a_pair_was_introduced_whatever_became_of_it(self, storage: Storage) -> None:
        users = await stored_users(storage, 2 * len(IntroductionState))
        week = a_week()
        pairs = list(zip(users[::2], users[1::2], strict=True))
        made = [
            an_introduction(*pair, week, number, state=state)
            for number, (pair, state) in enumerate(zip(pairs, IntroductionState, strict=True), start=1)
        ]
        async with storage.write() as tx:
            await tx.weeks.add(week)
            await tx.introductions.add_all(made, {})
        assert await _met(storage) == {(each.a, each.b) for each in made}

    @pytest.mark.parametrize("seed", range(2))
    async def test_a_pair_stays_introduced_however_often_either_leaves_and_comes_back(
        self, storage: Storage, seed: int
    ) -> None:
        story = _Story(storage, seed)
        for number in range(1, STEPS):
            await story.step(number)
            assert await _met(storage) == story.expected()
        assert story.returns
        assert story.met

    async def test_whoever_comes_back_is_known_by_a_contact_they_gave_up(self, storage: Storage) -> None:
        one, two = await _introduced(storage)
        former = Contact.phone("+821077776666")
        async with storage.write() as tx:
            await tx.blocks.keep_former_contact(one.id, former)
        await _leave(storage, one, NOON)
        back = a_user(11, phone=former.text, email=None)
        async with storage.write() as tx:
            await tx.users.add(back)
        assert await _met(storage) == {pair_of(back.id, two.id)}

    async def test_a_kept_pair_ends_some_time_after_the_later_of_the_two_left(self, storage: Storage) -> None:
        one, two = await _introduced(storage)
        await _leave(storage, one, NOON)
        await _leave(storage, two, NOON + DAY)
        back = [a_user(10 + number, phone=user.phone, email=None) for number, user in enumerate((one, two), start=1)]
        async with storage.write() as tx:
            await tx.users.add_all(back)
            assert await tx.introductions.forget_kept_pairs(NOON + DAY) == 0
        assert await _met(storage) == {pair_of(back[0].id, back[1].id)}
        async with storage.write() as tx:
            # Each has a phone and an e-mail address.
            assert await tx.introductions.forget_kept_pairs(NOON + 2 * DAY) == 4
        assert await _met(storage) == set()

    async def test_leaving_twice_at_once_keeps_the_same_pairs(self, storage: Storage) -> None:
        one, _ = await _introduced(storage)
        async with storage.write() as tx:
            await tx.introductions.keep_after_withdrawal(one, NOON)
            await tx.introductions.keep_after_withdrawal(one, NOON)
        await _leave(storage, one, NOON)
        async with storage.write() as tx:
            assert await tx.introductions.forget_kept_pairs(NOON + DAY) == 2

    async def test_an_introduction_made_in_spite_of_a_kept_pair_breaks_an_invariant(self, storage: Storage) -> None:
        one, two = await _introduced(storage)
        await _leave(storage, one, NOON + DAY)
        back = a_user(11, phone=one.phone, email=None, created_at=NOON + 2 * DAY, updated_at=NOON + 2 * DAY)
        async with storage.write() as tx:
            await tx.users.add(back)
        assert await _violations(storage) == []
        week = a_week(2)
        again = an_introduction(back, two, week, 2, created_at=NOON + 3 * DAY)
        async with storage.write() as tx:
            await tx.weeks.add(week)
            await tx.introductions.add_all([again], {})
        (violation,) = await _violations(storage)
        assert (violation.invariant, violation.ids) == ("pairs_are_introduced_once", (again.a, again.b))


async def _met(storage: Storage) -> set[Pair]:
    """The pairs that the market holds as introduced; they must equal those of `between`."""
    async with storage.read() as tx:
        market = await tx.market.enrolled(capacity=1)
        between = await tx.introductions.between([UserId(each) for each in market.ids])
    assert list(market.met) == sorted(set(market.met))
    pairs = {(UserId(market.ids[key // len(market)]), UserId(market.ids[key % len(market)])) for key in market.met}
    assert pairs == between
    return pairs


async def _introduced(storage: Storage) -> tuple[User, User]:
    one, two = await stored_users(storage, 2)
    week = a_week()
    async with storage.write() as tx:
        await tx.weeks.add(week)
        await tx.introductions.add_all([an_introduction(one, two, week)], {})
    return one, two


async def _leave(storage: Storage, user: User, at: datetime) -> None:
    async with storage.write() as tx:
        await tx.introductions.keep_after_withdrawal(user, at)
        await tx.users.save(user.withdraw(at=at))


async def _violations(storage: Storage) -> list[Violation]:
    async with storage.read() as tx:
        return [violation async for violation in tx.invariants.violations()]


class _Story:
    """People who are introduced, leave and come back with another id, and the pairs of them that were introduced.

    People with an even number keep their e-mail address and change phones; the others keep their phone.
    """

    def __init__(self, storage: Storage, seed: int) -> None:
        self.storage = storage
        self.random = Random(seed)
        self.now: list[User | None] = [None] * PEOPLE
        self.met: set[frozenset[int]] = set()
        self.returns = 0

    def expected(self) -> set[Pair]:
        """The pairs of present ids whose people were introduced, also under earlier ids."""
        ids = [user.id if user else None for user in self.now]
        both = [[ids[person] for person in pair] for pair in self.met]
        return {pair_of(one, other) for one, other in both if one and other}

    async def step(self, number: int) -> None:
        """Let one person join, be introduced, change phones, or leave."""
        person = self.random.randrange(PEOPLE)
        user = self.now[person]
        what = self.random.random()
        if user is None:
            await self._join(person, number)
        elif what < 0.5:
            await self._introduce(person, user, number)
        elif what < 0.7:
            await self._change_phone(person, user, number)
        else:
            await _leave(self.storage, user, NOON + number * DAY)
            self.now[person] = None
            self.returns += 1

    async def _join(self, person: int, number: int) -> None:
        keeps_address = person % 2 == 0
        phone = f"+82107{number:03}{person:04}" if keeps_address else f"+8210800000{person:02}"
        user = a_user(100 + number, phone=phone, email=f"person{person}@example.com" if keeps_address else None)
        async with self.storage.write() as tx:
            await tx.users.add(user)
            self.now[person] = await tx.users.get(user.id)

    async def _introduce(self, person: int, user: User, number: int) -> None:
        other = self.random.choice([each for each in range(PEOPLE) if each != person])
        them = self.now[other]
        pair = frozenset((person, other))
        if them is None or pair in self.met:
            return
        week = a_week(number)
        async with self.storage.write() as tx:
            await tx.weeks.add(week)
            await tx.introductions.add_all([an_introduction(user, them, week, number)], {})
        self.met.add(pair)

    async def _change_phone(self, person: int, user: User, number: int) -> None:
        if person % 2:
            return
        async with self.storage.write() as tx:
            self.now[person] = await tx.users.save(replace(user, phone=f"+82106{number:03}{person:04}"))
            await tx.blocks.keep_former_contact(user.id, Contact.phone(str(user.phone)))
