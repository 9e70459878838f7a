"""The ports of a round's two engines: a scorer, which scores a whole market, and a solver, which chooses the pairs.

Both exchange columns over the places of a `Market`'s people, so neither holds an n x m matrix.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from ygs.domain.matching.market import Candidate, Column, Market, Pairs
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change

# Called with a stage's name, the finished amount and the total; must be quick and must not raise.
Progress: TypeAlias = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A `Progress` that ignores its calls."""


class Test(StrEnum):
    """The test that a scan applies to eligible pairs, given one threshold `t` (int64, within +-2**61) per person.

    A pair's *worth* is as in `PairWorth`. Its *excess* is the two people's joint gain: ``scale * worth``,
    ``a_to_b + b_to_a`` or ``2 * worth``
    respectively, less ``t[a] + t[b]``.
    """

    __test__ = False  # not one for pytest

    IMPROVES = "improves"  # scale * worth > t[a] + t[b]: would raise the total at these dual prices
    BLOCKS = "blocks"  # a_to_b > t[a] and b_to_a > t[b]: both prefer each other
    BEATS = "beats"  # worth > t[a] and worth > t[b]: a greedy pairing would have taken it


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a scan of the whole market.

    `pairs`: those among the `most` strongest of either person by excess (ties by place), ascending by (a, b).
    `count`: the number of pairs that pass. `scanned`: the number of pairs that were examined, or proven block by block
    not to pass: every unordered pair of two who seek each other's gender.
    """

    pairs: Pairs
    count: int
    scanned: int


@dataclass(frozen=True, slots=True)
class OneToAllScores:
    """The scores of one candidate with everybody in the market, as columns over the market's places.

    `sought` (uint8): both seek the other's gender, and they are two people. `i_refuse`, `they_refuse` (int64): bit
    ``k`` is set when the wish for the k-th attribute of `VOCABULARY` refuses. `mine`, `theirs` (uint16, basis points):
    satisfactions; `mutual` likewise. `met`, `blocked` (uint8): introduced before; a block.
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
    """How many people a candidate could be introduced to under each change, as columns (int32) over the changes.

    `eligible`: all of them; `free`: those of them whose flag is set.
    """

    eligible: Column
    free: Column


class Scores(Protocol):
    """The scores of one market under one policy.

    Eligible pairs are compatible by the specification, have not met before, and have no block.
    """

    def best(self, most: int, offsets: Column, progress: Progress = silent) -> Pairs:
        """The eligible pairs that are among the `most` best of either person, ascending by (a, b).

        A person's partners are ranked by ``worth + offsets[partner]`` (offsets: int64), ties by place.
        """
        ...

    def beyond(
        self,
        test: Test,
        thresholds: Column,
        most: int,
        *,
        scale: int = 1,
        counted: bool = True,
        progress: Progress = silent,
    ) -> Found:
        """Scan the whole market for eligible pairs that pass `test`.

        Without `counted` the scan may pass over pairs that are not among the `most` strongest, and then `Found.count`
        is any number from that of the pairs found to that of all that pass; it is 0 only if none passes.
        """
        ...

    def against(self, candidate: Candidate) -> OneToAllScores:
        """Score a candidate, who may be a changed copy of somebody in the market, with everybody."""
        ...

    def reach(
        self, candidate: Candidate, changes: Sequence[Change], free: Column, together: Sequence[tuple[int, int]] = ()
    ) -> EligibleCounts:
        """Count the eligible people for the candidate under each change, then under each two changes `together`.

        `together`: positions of two changes, which must be about different wishes and facts. `free`: one flag per
        person in the market (uint8). One call for all changes lets an engine score the candidate once and then compute
        only what each change affects.
        """
        ...


class Scorer(Protocol):
    """Scores markets. Every implementation equals `ygs.domain.matching.scoring` and `PairWorth` exactly."""

    def scores(self, market: Market, policy: Policy) -> Scores:
        """Prepare a market for scoring: tables per person, never per pair. `RoundRefused` when the policy's objective
        needs chances and the market has none."""
        ...


@dataclass(frozen=True, slots=True)
class MatchingProblem:
    """A choice of pairs that makes the tiers, in order, and then the total weight greatest.

    `a` < `b`: places (int32); `weight`: int64, at least 0. `capacity`: pairs a person may be in (uint8; 0 for the left
    out). `tiers`: per tier one flag per person (uint8): a tier counts its flagged people who are in at least one chosen
    pair. `pricing`: only prices and bound are needed; a solver for which choosing costs extra may leave `chosen` empty.
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
    """The chosen pairs and the proof of optimality.

    `chosen`: ascending positions in the problem's pairs. `value`: each tier's count, then the total weight. `bound`: no
    choice exceeds it (compare in order), from these pairs or from further ones that do not pass the test below; equal
    to `value` when the solution is proven optimal. `prices` (int64): per person, in units of 1/`scale`: a pair outside
    the problem can raise the objective only when ``scale * weight > prices[a] + prices[b]``. Tiers are folded into the
    prices, which may thus be large or negative. `slack`: how much lower that threshold lies for a pair that could raise
    what was *chosen*, where a market without two sides leaves `value` below `bound`; None when the chosen are not
    proven the best of the problem's own pairs.
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
        """Find the best choice. `start`, a solution of a similar problem over the same people, only saves time."""
        ...


@dataclass(frozen=True, slots=True)
class RoundState:
    """How far a round has come, between two searches of the market.

    `pool`: the pairs held, in the order in which searches added them. `solution`: the last one; None before the first.
    `searches`, `scanned`: the searches so far, and the pairs that they scanned.
    """

    pool: tuple[Pairs, ...]
    solution: Solution | None
    searches: int = 0
    scanned: int = 0


class Checkpoint(Protocol):
    """Keeps the state of one round, so that it can go on after its process has ended."""

    def load(self, round_name: str) -> RoundState | None:
        """Return what was kept of the round with this name; None if nothing was, or of another round."""
        ...

    def save(self, round_name: str, state: RoundState) -> None:
        """Keep the state in place of what was kept before. What was kept is never lost by an interruption."""
        ...
