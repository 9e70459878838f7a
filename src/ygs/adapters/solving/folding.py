"""Strictly ordered objectives as one: what a person's first introduction is worth, in units no lower tier can reach.

A tier's unit is more than everything below it can add up to, so that one number compares as the ordered objectives do.
Units are powers of two with room to spare, so that a slightly different problem over the same people keeps them, and a
solution of one is a start for the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ygs.domain.errors import RoundRefused
from ygs.domain.matching.market import Column
from ygs.ports.matching import Problem

_MOST = 1 << 54


@dataclass(frozen=True, slots=True)
class Folding:
    """The unit of each tier, and how many people it can count at most."""

    units: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem, before: "Folding | None" = None) -> "Folding":
        """Units for a problem, those of an earlier solution where they are still large enough."""
        counts = tuple(_flagged(tier, problem.capacity) for tier in problem.tiers)
        below = sum(problem.capacity) // 2 * max(problem.weight, default=0)
        units: list[int] = []
        for tier in reversed(range(len(counts))):
            kept = before.units[tier] if before and len(before.units) == len(counts) else 0
            units.insert(0, kept if kept > below else 1 << (below.bit_length() + 1))
            below += units[0] * counts[tier]
        if sum(units) > _MOST:
            raise RoundRefused(
                "too many people and objectives for exact arithmetic: lower wait_bonus, or plan with fewer people"
            )
        return cls(tuple(units), counts)

    def firsts(self, problem: Problem) -> list[int]:
        """What each person's first introduction is worth."""
        firsts = [0] * len(problem.capacity)
        for unit, tier in zip(self.units, problem.tiers, strict=True):
            firsts = [worth + unit if flag else worth for worth, flag in zip(firsts, tier, strict=True)]
        return firsts

    def unfold(self, total: int) -> tuple[int, ...]:
        """A total as the tiers' counts and the weight: the greatest, in order, that do not exceed it."""
        parts = []
        for unit, count in zip(self.units, self.counts, strict=True):
            parts.append(min(total // unit, count))
            total -= parts[-1] * unit
        return (*parts, total)


def reached(problem: Problem, chosen: Sequence[int]) -> tuple[int, ...]:
    """Each tier's flagged people in a chosen pair, then the total weight; added up again from the pairs themselves."""
    people = {person for at in chosen for person in (problem.a[at], problem.b[at])}
    return (*(sum(1 for p in people if tier[p]) for tier in problem.tiers), sum(problem.weight[at] for at in chosen))


def slack(scale: int, bound: int, total: int) -> int:
    """`Solution.slack` of a total that is proven the best of its pairs; the bound was rounded down."""
    return scale * (bound - total) + scale - 1 if bound > total else 0


def _flagged(tier: Column, capacity: Column) -> int:
    return sum(1 for flag, most in zip(tier, capacity, strict=True) if flag and most)
