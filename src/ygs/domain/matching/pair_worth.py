"""What a pair is worth to a round: the one place where a policy's objective becomes a number.

Scorers, strategies, certificates, prices and explanations all count in this number, so that they agree. Under the
objective `CHANCE` it is the chance of a mutual yes, millionths; under the others, and in a market of which nothing was
learned, the mutual score, basis points.
"""

from dataclasses import dataclass

from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.chance import MILLION, Chances
from ygs.domain.matching.market import Column, Market
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.scoring import combined
from ygs.domain.matching.wishes import FULL


@dataclass(frozen=True, slots=True)
class PairWorth:
    """The worth of a market's pairs under a policy, without bonuses; `Terms.weight` adds what a round adds.

    `chances`: None where pairs are worth their mutual score.
    """

    genders: Column
    chances: Chances | None

    @classmethod
    def of(cls, market: Market, policy: Policy) -> "PairWorth":
        """The worth under a policy's objective."""
        return cls(market.genders, market.chances if policy.objective is Objective.CHANCE else None)

    def pair(self, a: int, b: int, a_to_b: int, b_to_a: int) -> int:
        """The worth of the pair at two places, given both satisfactions."""
        if self.chances is None:
            return combined(a_to_b, b_to_a)
        return self.chances.pair(self.genders, a, b, a_to_b, b_to_a)

    @property
    def by_chance(self) -> bool:
        """Whether it is a chance."""
        return self.chances is not None

    @property
    def point(self) -> int:
        """What one basis point is in this number: a policy states its bonus in basis points of the worth."""
        return 1 if self.chances is None else MILLION // FULL


def require_chances(market: Market, policy: Policy) -> None:
    """`RoundRefused` when a policy asks for chances and the market has none: for whoever tries policies out, since the
    result would be that of another objective."""
    if policy.objective is Objective.CHANCE and market.chances is None:
        raise RoundRefused(N_("nothing was learned about these people, so there are no chances: try another objective"))
