"""Why a person has no introduction, and what would help: for staff, over the whole market.

The numbers are exact: apply the relaxation, count again, and the result is the same. People appear by id; sentences
call the person what `name` makes of the id, and name nobody else.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from ygs.application.explanations.funnel import Funnels, funnels
from ygs.application.explanations.suggestions import Relaxation, UnknownFact, what_would_help
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import counted, pick
from ygs.domain.matching.explaining import Naming, called
from ygs.domain.matching.market import Column, Market, type_flag
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress, Scores, silent

_ANY = bytes([0]) + bytes([1]) * 255  # A translation table: 0 stays 0, any other capacity becomes 1.
_TAKEN = 5  # How many of the candidates introduced to others are listed.


@dataclass(frozen=True, slots=True)
class TakenCandidate:
    """A mutual candidate (a place), the partners that the plan gives them instead (places), and the candidate's mutual
    score with the person, basis points."""

    candidate: int
    partners: tuple[int, ...]
    mutual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyUnmatched:
    """Why the person at `place` has no introduction, and what would help.

    Each mutual candidate is counted once, by the first that applies: `forbidden` to the person by staff, `away` (left
    out this week), `free` (the plan leaves them introductions), `taken` (introduced to others). `best_taken`: the taken
    with the highest mutual scores.
    """

    place: int
    id: str
    left_out: bool
    funnels: Funnels
    forbidden: int
    away: int
    free: int
    taken: int
    best_taken: tuple[TakenCandidate, ...]
    relaxations: tuple[Relaxation, ...]
    questions: tuple[UnknownFact, ...]

    @property
    def candidates(self) -> int:
        """The number of mutual candidates."""
        return len(self.funnels.candidates)

    def sentences(self, language: Language, name: Naming = str) -> tuple[str, ...]:
        """The explanation in sentences: why, then what would help most."""
        me = called(self.id, language, name)
        helping = [relaxation.sentence(language) for relaxation in self.relaxations[:3]]
        helping += [question.sentence(language) for question in self.questions[:2]]
        if self.left_out:
            out = pick(
                language, ko=f"직원이 이번 주 소개에서 {me}을 제외했습니다.", en=f"Staff left {me} out of this week."
            )
            return (out, self._outcome(language), *helping)
        return (self._outcome(language), *self.funnels.sentences(language, me), *helping)

    def _outcome(self, language: Language) -> str:
        if not self.candidates:
            return pick(language, ko="서로 맞는 사람이 없습니다.", en="There is no mutual candidate.")
        groups = [pick(language, ko=ko, en=en).format(f"{count:,}") for count, ko, en in self._groups() if count]
        if self.taken == self.candidates == 1:
            return pick(
                language,
                ko="서로 맞는 사람 1명이 이번 주 다른 사람과 소개됩니다.",
                en="1 mutual candidate, introduced to somebody else this week.",
            )
        if self.taken == self.candidates:
            return pick(
                language,
                ko=f"서로 맞는 사람 {self.candidates:,}명이 모두 이번 주 다른 사람과 소개됩니다.",
                en=f"{self.candidates:,} mutual candidates, all introduced to others this week.",
            )
        return pick(
            language,
            ko=f"서로 맞는 사람이 {self.candidates:,}명 있습니다: {', '.join(groups)}.",
            en=f"{counted(self.candidates, 'mutual candidate', 'mutual candidates')}: {', '.join(groups)}.",
        )

    def _groups(self) -> Iterator[tuple[int, str, str]]:
        yield self.taken, "다른 사람과 소개 {}명", "{} introduced to others"
        yield self.away, "이번 주 쉬는 사람 {}명", "{} left out this week"
        yield self.forbidden, "직원이 막은 사람 {}명", "{} forbidden by staff"
        yield self.free, "아직 소개할 수 있는 사람 {}명", "{} still free"


@dataclass(frozen=True, slots=True)
class RoundResult:
    """A plan as seen from every place: its `partners`, the places `left_out`, the places `forbidden` to it, and `free`
    (uint8 flags): who could still be introduced this week."""

    partners: Mapping[int, tuple[int, ...]]
    left_out: frozenset[int]
    forbidden: Mapping[int, frozenset[int]]
    free: Column

    @classmethod
    def of(cls, plan: RoundPlan, market: Market) -> "RoundResult":
        """Read the result off a plan."""
        partners = _both_ways(market, ((pair.a, pair.b) for pair in plan.pairs))
        left_out = frozenset(_places(market, plan.overrides.left_out))
        # No Python loop over the whole market: few of its people are in one plan.
        free = array(type_flag, bytes(market.capacity).translate(_ANY))
        for place in left_out:
            free[place] = 0
        for place, others in partners.items():
            free[place] &= len(others) < market.capacity[place]
        forbidden = _both_ways(market, plan.overrides.forbids)
        return cls(partners, left_out, {place: frozenset(who) for place, who in forbidden.items()}, free)

    def free_for(self, place: int) -> Column:
        """Flags of the people who could still be introduced to the person at `place`."""
        free = self.free[:]
        for other in self.forbidden.get(place, ()):
            free[other] = 0
        return free


def why_unmatched(
    place: int, market: Market, scores: Scores, policy: Policy, plan: RoundPlan, outcome: RoundResult | None = None
) -> WhyUnmatched:
    """Explain why the person at `place` has no introduction, and what would help; `scores`: of this market and policy.

    `outcome`: the result of the plan, if the caller has it; pass it when explaining many people.
    """
    outcome = outcome or RoundResult.of(plan, market)
    me = market.person(place)
    against = scores.against(me)
    person_funnels = funnels(place, me, against, market, policy)
    candidates = set(person_funnels.candidates)
    forbidden = candidates & outcome.forbidden.get(place, frozenset())
    away = (candidates - forbidden) & outcome.left_out
    free = {other for other in candidates - forbidden - away if outcome.free[other]}
    taken = candidates - forbidden - away - free
    best_taken = nsmallest(_TAKEN, taken, key=lambda other: (-against.mutual[other], other))
    relaxations, questions = what_would_help(me, scores, outcome.free_for(place))
    return WhyUnmatched(
        place=place,
        id=me.id,
        left_out=place in outcome.left_out,
        funnels=person_funnels,
        forbidden=len(forbidden),
        away=len(away),
        free=len(free),
        taken=len(taken),
        best_taken=tuple(TakenCandidate(o, outcome.partners.get(o, ()), against.mutual[o]) for o in best_taken),
        relaxations=relaxations,
        questions=questions,
    )


def all_unmatched(
    market: Market, scores: Scores, policy: Policy, plan: RoundPlan, progress: Progress = silent
) -> Iterator[WhyUnmatched]:
    """`why_unmatched` for every person without an introduction, in the order of their ids."""
    outcome = RoundResult.of(plan, market)
    places = market.places()
    for explained, person in enumerate(plan.unmatched, start=1):
        yield why_unmatched(places[person], market, scores, policy, plan, outcome)
        progress("explaining", explained, len(plan.unmatched))


def _both_ways(market: Market, pairs: Iterable[tuple[str, str]]) -> dict[int, tuple[int, ...]]:
    """The partners of each place; a pair with a person outside the market is skipped."""
    found: dict[int, tuple[int, ...]] = {}
    for pair in pairs:
        both = tuple(_places(market, pair))
        if len(both) == 2:
            for here, there in (both, both[::-1]):
                found[here] = (*found.get(here, ()), there)
    return found


def _places(market: Market, ids: Iterable[str]) -> Iterator[int]:
    for person in ids:
        place = bisect_left(market.ids, person)
        if market.ids[place : place + 1] == (person,):
            yield place
