"""Strictly ordered objectives as one: what a person's first introduction is worth, in units no lower tier can reach.

A tier's *whole* unit is more than everything below it can add up to, so that one number compares as the ordered
objectives do. Units are powers of two with room to spare, so that a slightly different problem over the same people
keeps them, and a solution of one is a start for the other.

In a large city whole units do not fit into 64 bits. The compiled solver then works in *spaced* units: no price is more
than a few of one tier's units and a sum of weights along a path, so units far apart keep the tiers apart all the same.
`ExactSolver` looks at the prices it gets and refuses the round should they ever not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import Column
from ygs.ports.scoring_and_solving import MatchingProblem

MOST = 1 << 54  # the largest unit: prices of a few of them, along a path, stay far from overflow
_APART = 4  # bits between spaced units


@dataclass(frozen=True, slots=True)
class Folding:
    """Per tier, first to last: its `whole` unit, the `unit` the solver works in, and how many people it can count."""

    whole: tuple[int, ...]
    units: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, problem: MatchingProblem, before: "Folding | None" = None) -> "Folding":
        """Units for a problem, those of an earlier solution where they are still large enough."""
        counts = tuple(_flagged(tier, problem.capacity) for tier in problem.tiers)
        heaviest = max(problem.weight, default=0)
        below = sum(problem.capacity) // 2 * heaviest
        whole: list[int] = []
        for tier in reversed(range(len(counts))):
            kept = before.whole[tier] if before and len(before.whole) == len(counts) else 0
            whole.insert(0, kept if kept > below else 1 << (below.bit_length() + 1))
            below += whole[0] * counts[tier]
        if sum(whole) <= MOST:
            return cls(tuple(whole), tuple(whole), counts)
        spaced = tuple(MOST >> (_APART * tier) for tier in range(len(counts)))
        if spaced[-1] < 16 * heaviest:
            raise RoundRefused(N_("the weights are too large for exact arithmetic: give weights below 2**40"))
        return cls(tuple(whole), spaced, counts)

    @property
    def spaced(self) -> bool:
        """Whether the solver must look at its prices before it may claim anything."""
        return self.units != self.whole

    def firsts(self, problem: MatchingProblem, units: Sequence[int]) -> list[int]:
        """What each person's first introduction is worth, in these units."""
        firsts = [0] * len(problem.capacity)
        for unit, tier in zip(units, problem.tiers, strict=True):
            firsts = [worth + unit if flag else worth for worth, flag in zip(firsts, tier, strict=True)]
        return firsts

    def unfold(self, total: int) -> tuple[int, ...]:
        """A total in whole units as the tiers' counts and the weight: the greatest, in order, that do not exceed it."""
        parts = []
        for unit, count in zip(self.whole, self.counts, strict=True):
            parts.append(min(total // unit, count))
            total -= parts[-1] * unit
        return (*parts, total)


def reached(problem: MatchingProblem, chosen: Sequence[int]) -> tuple[int, ...]:
    """Each tier's flagged people in a chosen pair, then the total weight; added up again from the pairs themselves."""
    people = {person for at in chosen for person in (problem.a[at], problem.b[at])}
    return (*(sum(1 for p in people if tier[p]) for tier in problem.tiers), sum(problem.weight[at] for at in chosen))


def slack(scale: int, bound: int, total: int) -> int:
    """`Solution.slack` of a total that is proven the best of its pairs; the bound was rounded down."""
    return scale * (bound - total) + scale - 1 if bound > total else 0


def _flagged(tier: Column, capacity: Column) -> int:
    return sum(1 for flag, most in zip(tier, capacity, strict=True) if flag and most)
