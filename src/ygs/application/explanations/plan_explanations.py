"""Explanations of a plan without a database: of its pairs, of pairs it does not have, of people without one."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ygs.application.explanations.why_not import WhyNot, apart_in_market, why_not
from ygs.application.explanations.why_unmatched import WhyUnmatched, why_unmatched
from ygs.domain.errors import NotFound
from ygs.domain.matching.explaining import PairExplanation, explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Scorer


@dataclass(frozen=True, slots=True)
class PlanExplanations:
    """Explains one plan, from the market and the policy it was made from.

    Each explanation has `sentences(language)`, in Korean or English, and the figures behind them. `text_of` turns a
    caller's id into the market's text id.
    """

    plan: RoundPlan
    market: Market
    policy: Policy
    scorer: Scorer
    text_of: Callable[[Hashable], str] = str

    def pair(self, one: Hashable, other: Hashable) -> PairExplanation:
        """Explain what speaks for and against introducing two people; `NotFound` when either takes no part."""
        a = self._place(one)
        b = self._place(other)
        apart = apart_in_market(self.market, a, b)
        return explain_pair(self.market.person(a), self.market.person(b), self.policy, apart)

    def why_not(self, one: Hashable, other: Hashable) -> WhyNot:
        """Explain why the plan does not introduce two people: whom they get instead, and what a swap would cost."""
        return why_not(self.plan, self.market, self.policy, self._place(one), self._place(other))

    def why_unmatched(self, person: Hashable) -> WhyUnmatched:
        """Explain why a person has no introduction, and which change of wishes would help most."""
        scores = self.scorer.scores(self.market, self.policy)
        return why_unmatched(self._place(person), self.market, scores, self.policy, self.plan)

    def _place(self, person: Hashable) -> int:
        place = self.market.places().get(self.text_of(person))
        if place is None:
            raise NotFound("participant", self.text_of(person))
        return place
