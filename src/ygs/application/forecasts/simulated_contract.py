"""One simulated contract: weekly rounds of a pool in which people join and leave, and the person's part in them."""

from collections.abc import Sequence
from random import Random

from ygs.application.forecasts.pool import PERSON, Pool
from ygs.application.forecasts.quick_round import Group, QuickRound, members
from ygs.domain.forecasts import ForecastTerms
from ygs.domain.matching.policy import Policy

# Objectives come in order: these exceed any sum of what comes after them.
_DUE = 1 << 40
_LONG_WAIT = 1 << 20


class SimulatedContract:
    """A contract in progress. Everybody has a number, ascending as they join.

    `_like`: whom of the pool each is, or is like. `_alike`: the other way round, by place. `_suiting`: whom each can
    still be introduced to, the gone included.
    """

    def __init__(self, pool: Pool, policy: Policy, terms: ForecastTerms, rng: Random) -> None:
        self.introduced = 0
        self._pool = pool
        self._policy = policy
        self._terms = terms
        self._rng = rng
        self._like = list(range(len(pool)))
        self._alike: list[Group] = [1 << place for place in range(len(pool))]
        self._there = list(range(len(pool)))
        self._waited = list(pool.waited)
        self._due = list(pool.due)
        self._suiting: list[Group] = [sum(1 << other for other in suiting) for suiting in pool.mutual]

    def run(self, leaving: float, joining: float) -> int:
        """Live through the contract; return how many introductions it brought."""
        for week in range(self._terms.weeks):
            self._there = [each for each in self._there if each == PERSON or self._rng.random() >= leaving]
            for place in range(PERSON + 1, len(self._pool)):
                if self._rng.random() < joining:
                    self._join(place)
            self._due[PERSON] = self._terms.owed_by(week + 1) > self.introduced
            self._note(self._round())
        return self.introduced

    def _join(self, place: int) -> None:
        """Add a newcomer, who is like somebody of today's club, but whom nobody has met."""
        newcomer = len(self._like)
        suiting = 0
        for other in self._pool.mutual[place]:
            suiting |= self._alike[other]
        for other_like in members(suiting):
            self._suiting[other_like] |= 1 << newcomer
        self._suiting.append(suiting)
        self._like.append(place)
        self._alike[place] |= 1 << newcomer
        self._waited.append(0)
        self._due.append(False)
        self._there.append(newcomer)

    def _round(self) -> Sequence[Sequence[int]]:
        there = sum(1 << each for each in self._there)
        capacity = [self._pool.capacity[place] * (there >> each & 1) for each, place in enumerate(self._like)]
        groups = [[self._alike[place] for place in ranking] for ranking in self._pool.ranked]
        preferred = [groups[place] for place in self._like]
        this_round = QuickRound(capacity, self._suiting, preferred)
        this_round.serve(sorted(self._there, key=self._urgency, reverse=True))
        return this_round.partners

    def _urgency(self, each: int) -> int:
        """The objectives in order: promises due, long waits, and last the score of the best partner, with the wait."""
        most = self._policy.longest_wait
        waited = self._waited[each]
        bonus = self._policy.wait_bonus * min(waited, most)
        return _DUE * self._due[each] + _LONG_WAIT * (waited >= most) + bonus + self._pool.best[self._like[each]]

    def _note(self, partners: Sequence[Sequence[int]]) -> None:
        self.introduced += len(partners[PERSON])
        for each in self._there:
            self._waited[each] = 0 if partners[each] else self._waited[each] + 1
            used_up = self._pool.person_used_up if each == PERSON else self._pool.used_up
            for other in partners[each]:
                if each < other and self._rng.random() < used_up:
                    self._suiting[each] &= ~(1 << other)
                    self._suiting[other] &= ~(1 << each)
