"""The two engines of a round: who suits whom over a whole market, and which pairs to choose.

Everything is columns over the places of a `Market`'s people, so that neither engine ever holds an n x m matrix.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from ygs.domain.matching.market import Candidate, Column, Market, Pairs
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change

# Called with a stage's name, how much of it is done and how much there is; must be quick and must not raise.
Progress: TypeAlias = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A `Progress` for callers who do not watch."""


class Test(StrEnum):
    """Which eligible pairs are looked for, given one threshold `t` (int64, within +-2**61) per person.

    A pair's *excess* is what the two gain together: ``scale * mutual``, ``a_to_b + b_to_a`` or ``2 * mutual``
    respectively, less ``t[a] + t[b]``.
    """

    __test__ = False  # not one for pytest

    IMPROVES = "improves"  # scale * mutual > t[a] + t[b]: would raise the total, at these prices
    BLOCKS = "blocks"  # a_to_b > t[a] and b_to_a > t[b]: both would rather have each other
    BEATS = "beats"  # mutual > t[a] and mutual > t[b]: a greedy pairing would have taken it


@dataclass(frozen=True, slots=True)
class Found:
    """What a look over the whole market brought.

    `pairs`: those among the `most` strongest of either person by excess (ties by place), ascending by (a, b).
    `count`: how many pairs pass in all. `scanned`: how many pairs were examined or proven, block by block, not to
    qualify: every unordered pair of two who seek each other's gender.
    """

    pairs: Pairs
    count: int
    scanned: int


@dataclass(frozen=True, slots=True)
class OneToAllScores:
    """One candidate against everybody in the market, as columns over the market's places.

    `sought` (uint8): both seek the other's gender, and they are two people. `i_refuse`, `they_refuse` (int64): bit
    ``k`` is set when the wish for the k-th attribute of `VOCABULARY` refuses. `mine`, `theirs` (uint16, basis points):
    satisfactions; `mutual` likewise. `met`, `blocked` (uint8): introduced before; kept apart.
    """

    sought: Column
    i_refuse: Column
    they_refuse: Column
    mine: Column
    theirs: Column
    mutual: Column
    met: Column
    blocked: Column


@dataclass(frozen=True, slots=True)
class EligibleCounts:
    """How many people of the market a candidate could be introduced to, as columns (int32) over what was asked:
    `eligible`, and `free`, those of them who were flagged."""

    eligible: Column
    free: Column


class Scores(Protocol):
    """One market under one policy, ready to be asked. Eligible: compatible by the specification, not met before, no
    block."""

    def best(self, most: int, offsets: Column, progress: Progress = silent) -> Pairs:
        """The eligible pairs that are among the `most` best of either person, ascending by (a, b).

        A person's partners are ranked by ``mutual + offsets[partner]`` (offsets: int64), ties by place.
        """
        ...

    def beyond(
        self, test: Test, thresholds: Column, most: int, *, scale: int = 1, progress: Progress = silent
    ) -> Found:
        """The eligible pairs that pass `test`, looked for over the whole market."""
        ...

    def against(self, candidate: Candidate) -> OneToAllScores:
        """A candidate, who may be a changed copy of someone in the market, against everybody."""
        ...

    def reach(
        self, candidate: Candidate, changes: Sequence[Change], free: Column, together: Sequence[tuple[int, int]] = ()
    ) -> EligibleCounts:
        """How many are eligible for the candidate under each change, then under each two changes `together`
        (positions; the two must be about different wishes and facts).

        `free`: one flag per person in the market (uint8). One question for all, so that an engine can hold the
        candidate against the market once and only work out what each change moves.
        """
        ...


class Scorer(Protocol):
    """Makes markets askable. Every implementation equals `ygs.domain.matching.scoring` exactly."""

    def scores(self, market: Market, policy: Policy) -> Scores:
        """Prepare a market: tables per person, never pairs."""
        ...


@dataclass(frozen=True, slots=True)
class MatchingProblem:
    """Which pairs to choose so that the tiers, in order, and then the total weight are greatest.

    `a` < `b`: places (int32); `weight`: int64, at least 0. `capacity`: pairs a person may be in (uint8; 0 for the left
    out). `tiers`: per tier one flag per person (uint8): a tier counts its flagged people who are in at least one chosen
    pair. `pricing`: only prices and bound are asked for; where choosing costs extra, `chosen` may be left empty.
    """

    a: Column
    b: Column
    weight: Column
    capacity: Column
    tiers: tuple[Column, ...] = ()
    seed: int = 0
    pricing: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """The chosen pairs, and the proof.

    `chosen`: ascending positions in the problem's pairs. `value`: what was reached: each tier's count, then the total
    weight. `bound`: what nobody can exceed (compare in order), with these pairs or with further ones that do not pass
    the test below; equal to `value` when the solution is proven optimal. `prices` (int64): per person, in units of
    1/`scale`: a pair outside the problem can raise the objective only when ``scale * weight > prices[a] + prices[b]``.
    Tiers are folded into the prices, which may thus be large or negative. `slack`: how much lower that threshold lies
    for a pair that could raise what was *chosen*, where a market without two sides leaves `value` below `bound`; None
    when the chosen are not proven the best of the problem's own pairs.
    """

    chosen: Column
    value: tuple[int, ...]
    bound: tuple[int, ...]
    prices: Column
    scale: int = 1
    slack: int | None = 0
    warm: object = field(default=None, compare=False, repr=False)


class RoundSolver(Protocol):
    """Chooses pairs exactly. Deterministic: the same problem and start give the same solution."""

    def solve(self, problem: MatchingProblem, start: Solution | None = None, progress: Progress = silent) -> Solution:
        """The best choice; `start`, a solution of a smaller or slightly different problem over the same people, only
        saves time."""
        ...
