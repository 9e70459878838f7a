"""With which pairs of a plan one pair could exchange partners, and what each exchange is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest

from ygs.application.explanations.funnel import funnels
from ygs.application.explanations.proposal_pages import Proposal
from ygs.domain.matching.plan import PlannedPair, ordered_pair
from ygs.ports.scoring_and_solving import OneToAllScores, Scorer


@dataclass(frozen=True, slots=True)
class PossibleSwap:
    """`mine` and `theirs` are a pair of the plan: the first of the other pair would get `theirs`, its second `mine`.

    `before`, `after`: the mutual scores of both pairs added up, basis points.
    """

    mine: str
    theirs: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class _Choices:
    """Whom one person could be introduced to, by place, and the scores with everybody."""

    eligible: frozenset[int]
    against: OneToAllScores

    @classmethod
    def of(cls, proposal: Proposal, scorer: Scorer, id: str) -> "_Choices":
        me = proposal.person(id)
        against = scorer.scores(proposal.market, proposal.week.policy).against(me)
        found = funnels(proposal.places[id], me, against, proposal.market, proposal.week.policy)
        return cls(frozenset(found.candidates), against)

    def score(self, place: int) -> int | None:
        """The mutual score with somebody; None where the two cannot be introduced."""
        return self.against.mutual[place] if place in self.eligible else None


def possible_swaps(proposal: Proposal, scorer: Scorer, one: str, other: str, limit: int) -> list[PossibleSwap]:
    """At most `limit` exchanges of a pair that are allowed, the greatest gain first; none for two who are no pair."""
    wanted = ordered_pair(one, other)
    pair = next((each for each in proposal.plan.pairs if (each.a, each.b) == wanted), None)
    if pair is None:
        return []
    swaps = _swaps(proposal, pair, (_Choices.of(proposal, scorer, one), _Choices.of(proposal, scorer, other)))
    return nsmallest(limit, swaps, key=lambda each: (each.before - each.after, each.mine, each.theirs))


def _swaps(proposal: Proposal, pair: PlannedPair, choices: tuple[_Choices, _Choices]) -> Iterator[PossibleSwap]:
    ours = {pair.a, pair.b}
    for each in proposal.plan.pairs:
        if ours.isdisjoint((each.a, each.b)):
            for mine, theirs in ((each.a, each.b), (each.b, each.a)):
                first = choices[0].score(proposal.places[theirs])
                second = choices[1].score(proposal.places[mine])
                if first is not None and second is not None:
                    yield PossibleSwap(mine, theirs, pair.mutual + each.mutual, first + second)
