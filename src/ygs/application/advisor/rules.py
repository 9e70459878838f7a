"""How advice and drafts are asked for: bounds, budget and what members were told, as the settings say."""

from dataclasses import dataclass
from decimal import Decimal

from ygs.domain.advice import AdviceBudget, AdviceUsage, Disclosure, DraftKind, Prices
from ygs.domain.matching.attribute import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRules:
    """The rules of advice.

    `most_share`: the most by which the weight of a pair moves, basis points. `candidates`: of each person the best so
    many pairs are asked about. `pairs_per_call`, `at_once`: pairs in one call, and calls at the same time. `language`:
    of the reasons.
    """

    disclosure: Disclosure
    budget: AdviceBudget
    prices: Prices
    most_share: int
    candidates: int
    pairs_per_call: int
    at_once: int
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRules:
    """The rules of drafts for staff.

    `kinds`: those that are on. `calls`, `cost`: the most of one day of the service. `language`: of the drafts.
    """

    kinds: frozenset[DraftKind]
    disclosure: Disclosure
    prices: Prices
    calls: int
    cost: Decimal
    language: Language

    def allows(self, usage: AdviceUsage) -> bool:
        """Whether that much may be used on a day."""
        return usage.calls <= self.calls and self.prices.cost(usage) <= self.cost
