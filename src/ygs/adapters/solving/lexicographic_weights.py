"""Lexicographic weights: strictly ordered objectives as one number, in units that no lower tier can reach.

A tier's *whole* unit exceeds the sum of everything below it, so one number compares as the ordered objectives do. A
person's *first* is the sum of the units of the tiers they count for. Units are powers of two with some margin, so a
slightly different problem over the same people keeps them, and its solution can start from the earlier one.

In a large city whole units do not fit into 64 bits. The compiled solver then works in *spaced* units: no price is more
than a few of one tier's units and a sum of weights along a path, so widely spaced units still separate the tiers.
`ExactSolver` checks its prices and refuses the round if they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import Column
from ygs.ports.scoring_and_solving import MatchingProblem

MOST = 1 << 54  # The largest unit: a price of a few of them, along a path, is far from overflow.
_APART = 4  # Bits between spaced units.


@dataclass(frozen=True, slots=True)
class Folding:
    """Per tier, first to last: its `whole` unit, the `unit` the solver works in, and how many people it can count."""

    whole: tuple[int, ...]
    units: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, problem: MatchingProblem, heaviest: int, before: "Folding | None" = None) -> "Folding":
        """The units for a problem; those of an earlier solution where they are still large enough.

        `heaviest`: the problem's greatest weight.
        """
        counts = tuple(_flagged(tier, problem.capacity) for tier in problem.tiers)
        below = sum(problem.capacity) // 2 * heaviest
        whole: list[int] = []
        for tier in reversed(range(len(counts))):
            kept = before.whole[tier] if before and len(before.whole) == len(counts) else 0
            whole.insert(0, kept if kept > below else 1 << (below.bit_length() + 1))
            below += whole[0] * counts[tier]
        if max(heaviest, sum(whole)) <= MOST:
            return cls(tuple(whole), tuple(whole), counts)
        spaced = tuple(MOST >> (_APART * tier) for tier in range(len(counts)))
        if not spaced or spaced[-1] < 16 * heaviest:
            raise RoundRefused(N_("the weights are too large for exact arithmetic: give weights below 2**40"))
        return cls(tuple(whole), spaced, counts)

    @property
    def spaced(self) -> bool:
        """Whether the solver must check its prices before its result counts."""
        return self.units != self.whole

    def firsts(self, problem: MatchingProblem, units: Sequence[int]) -> list[int]:
        """Each person's first, in these units."""
        firsts = [0] * len(problem.capacity)
        for unit, tier in zip(units, problem.tiers, strict=True):
            firsts = [worth + unit if flag else worth for worth, flag in zip(firsts, tier, strict=True)]
        return firsts

    def unfold(self, total: int) -> tuple[int, ...]:
        """Split a total in whole units into the tiers' counts and the weight, each the greatest possible, in order."""
        counts = []
        for unit, count in zip(self.whole, self.counts, strict=True):
            counts.append(min(total // unit, count))
            total -= counts[-1] * unit
        return (*counts, total)


def reached(problem: MatchingProblem, chosen: Sequence[int]) -> tuple[int, ...]:
    """The value of a choice: each tier's flagged people in a chosen pair, then the total weight."""
    people = {person for at in chosen for person in (problem.a[at], problem.b[at])}
    return (*(sum(1 for p in people if tier[p]) for tier in problem.tiers), sum(problem.weight[at] for at in chosen))


def slack(scale: int, bound: int, total: int) -> int:
    """`Solution.slack` of a total that is proven the best of its pairs; `bound` is rounded down."""
    return scale * (bound - total) + scale - 1 if bound > total else 0


def _flagged(tier: Column, capacity: Column) -> int:
    return sum(map(bool, compress(tier, capacity)))
