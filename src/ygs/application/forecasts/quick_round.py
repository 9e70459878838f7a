"""A round that is quicker than the club's own, which proves its plan best.

People are served in the order of the round's objectives. Each gets the best partner who is free; or else, by an
augmenting path, one whose partner finds another. That leaves hardly anybody out whom the best plan introduces, which is
all that a forecast counts.

People have numbers, and a group of people is an integer with one bit for each: a search then costs a few operations for
each person whom it passes.
"""

from collections.abc import Iterator, Sequence

Group = int


class QuickRound:
    """One round. `partners`: by person's number.

    `suiting`: by number, whom of those who take part a person can be introduced to. `preferred`: by number, groups of
    people, the best partners first.
    """

    def __init__(self, capacity: Sequence[int], suiting: Sequence[Group], preferred: Sequence[Sequence[Group]]) -> None:
        self.partners: list[list[int]] = [[] for _ in capacity]
        self._suiting = list(suiting)
        self._preferred = preferred
        self._spare = list(capacity)
        self._free = sum(1 << each for each, most in enumerate(capacity) if most)
        # Whom a search passed in vain leads nowhere for the next one either, until somebody's partner changes.
        self._passed: Group = 0

    def serve(self, people: Sequence[int]) -> None:
        """Find a partner for each who has none, and leave nobody without who has one."""
        for each in people:
            if not self.partners[each] and self._finds_partner(each):
                self._passed = 0

    def _finds_partner(self, me: int) -> bool:
        free = self._suiting[me] & self._free
        if free:
            best = next(both for group in self._preferred[me] if (both := group & free))
            self._join(me, next(members(best)))
            return True
        return self._displaces(me)

    def _displaces(self, me: int) -> bool:
        """Join somebody whose partner finds another."""
        self._passed |= 1 << me
        for them in members(self._suiting[me] & ~self._passed):
            if self._passed >> them & 1:
                continue  # by a search that began in the meantime
            self._passed |= 1 << them
            for rival in tuple(self.partners[them]):
                if not self._passed >> rival & 1 and self._finds_partner(rival):
                    self._part(rival, them)
                    self._join(me, them)
                    return True
        return False

    def _join(self, one: int, other: int) -> None:
        for me, them in ((one, other), (other, one)):
            self.partners[me].append(them)
            self._suiting[me] &= ~(1 << them)
            self._spend(me, 1)

    def _part(self, one: int, other: int) -> None:
        for me, them in ((one, other), (other, one)):
            self.partners[me].remove(them)
            self._suiting[me] |= 1 << them
            self._spend(me, -1)

    def _spend(self, me: int, introductions: int) -> None:
        self._spare[me] -= introductions
        if self._spare[me] > 0:
            self._free |= 1 << me
        else:
            self._free &= ~(1 << me)


def members(group: Group) -> Iterator[int]:
    """The numbers in a group, ascending."""
    while group:
        lowest = group & -group
        yield lowest.bit_length() - 1
        group ^= lowest
