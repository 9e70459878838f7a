"""Suggestions that would open more mutual candidates to one person: relax a wish, or fill in an unknown fact.

The numbers are exact: make the change, count again, and the result is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import counted, people_ko, pick, value_words
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.market import Candidate, Column
from ygs.domain.matching.relaxations import Change, Step, answers, steps, two_at_a_time
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.ports.scoring_and_solving import EligibleCounts, Scores

# More than ten new candidates count as ten. Otherwise giving up a must, which opens most, would always come first.
ENOUGH = 10

_RELAXATIONS = 5
_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One or two wishes to relax. It `opens` so many more mutual candidates, of whom `free` could still be introduced
    this week. `effort`: the sum over the steps, basis points of weight (see `ygs.domain.matching.relaxations`)."""

    steps: tuple[Step, ...]
    opens: int
    free: int
    effort: int

    @property
    def price(self) -> Fraction:
        """Effort per new candidate, of whom at most `ENOUGH` count."""
        return Fraction(self.effort, min(self.opens, ENOUGH))

    def sentence(self, language: Language) -> str:
        """Say what to relax and how many candidates that opens."""
        *first, last = self.steps
        if language is Language.KO:
            how = " ".join([*(step.words(language, last=False) for step in first), last.words(language)])
            free_ko = people_ko(self.free)
            return f"{how} 서로 맞는 사람이 {self.opens:,}명 늘어납니다(이번 주에 소개할 수 있는 사람 {free_ko})."
        how = " and ".join(step.words(language) for step in self.steps)
        more = counted(self.opens, "more mutual candidate", "more mutual candidates")
        return f"{how[0].upper()}{how[1:]}: {more}, {f'{self.free:,}' if self.free else 'none'} of them free this week."


@dataclass(frozen=True, slots=True)
class UnknownFact:
    """An unknown fact of a person. `answer`: the code of the best answer (a mask of one value for a set); it `opens` so
    many more mutual candidates, `free` of them free this week."""

    attribute: str
    answer: int
    opens: int
    free: int

    def sentence(self, language: Language, whom: str = "") -> str:
        """Say what to ask (and whom), and how many candidates the answer could open."""
        known = VOCABULARY[self.attribute]
        answer = value_words(self.attribute, self.answer, language)
        to_ko, to_en = (f"{whom}에게 ", f" {whom}") if whom else ("", "")
        return pick(
            language,
            ko=f"{to_ko}{Word(known.ko):을} 물어보세요. 답에 따라 서로 맞는 사람이 최대 {self.opens:,}명 늘어납니다"
            f"(예: {answer}).",
            en=f"Ask{to_en}: {known.en}. The answer could open {self.opens:,} more (for example {answer}).",
        )


def what_would_help(
    me: Candidate, scores: Scores, free: Column
) -> tuple[tuple[Relaxation, ...], tuple[UnknownFact, ...]]:
    """Find the cheapest relaxations, at most one for each choice of wishes, and the facts most worth asking for.

    `free`: flags of the people who could still be introduced to the person this week. Two wishes are suggested together
    only when that opens at least half as many again as the two opened separately, added up.
    """
    possible = steps(me)
    unknown = answers(me)
    together = two_at_a_time(possible)
    filled_in = [change for changes in unknown.values() for change in changes]
    changes = [Change(), *filled_in, *(step.change for step in possible)]
    first = 1 + len(filled_in)
    counts = scores.reach(me, changes, free, [(first + i, first + j) for i, j in together])
    return _cheapest(possible, together, _gained(counts, first)), tuple(_questions(unknown, _gained(counts, 1)))


def worth_asking(me: Candidate, scores: Scores, free: Column) -> tuple[UnknownFact, ...]:
    """The unknown facts most worth asking a person for, the most promising first; `free` as in `what_would_help`."""
    unknown = answers(me)
    changes = [Change(), *(change for answer in unknown.values() for change in answer)]
    return tuple(_questions(unknown, _gained(scores.reach(me, changes, free), 1)))


def _gained(counts: EligibleCounts, first: int) -> list[tuple[int, int]]:
    """How many more people are eligible, and free, than without a change, for each change from position `first` on."""
    now = counts.eligible[0]
    free_now = counts.free[0]
    return [(a - now, b - free_now) for a, b in zip(counts.eligible[first:], counts.free[first:], strict=True)]


def _cheapest(
    possible: Sequence[Step], together: Sequence[tuple[int, int]], gained: Sequence[tuple[int, int]]
) -> tuple[Relaxation, ...]:
    alone = [max(opens, 0) for opens, _ in gained[: len(possible)]]
    worthwhile: list[tuple[tuple[Step, ...], tuple[int, int]]] = [
        ((possible[i],), gained[i]) for i, opens in enumerate(alone) if opens
    ]
    worthwhile += [
        ((possible[i], possible[j]), gain)
        for (i, j), gain in zip(together, gained[len(possible) :], strict=True)
        if gain[0] > 0 and 2 * gain[0] >= 3 * (alone[i] + alone[j])
    ]
    # `free` can fall: without a wish that a candidate met well, the satisfaction may drop below the floor.
    relaxations = [
        Relaxation(chosen, *gain, sum(step.effort for step in chosen)) for chosen, gain in worthwhile if gain[1] >= 0
    ]
    relaxations.sort(key=lambda each: (each.price, each.effort, -each.opens))
    best: dict[tuple[str, ...], Relaxation] = {}
    for relaxation in relaxations:
        best.setdefault(tuple(step.attribute for step in relaxation.steps), relaxation)
    return tuple(best.values())[:_RELAXATIONS]


def _questions(unknown: Mapping[str, Sequence[Change]], gained: Sequence[tuple[int, int]]) -> list[UnknownFact]:
    """The unknown facts for which some answer opens candidates, the most promising first."""
    facts = []
    start = 0
    for code, changes in unknown.items():
        best = max(range(len(changes)), key=lambda k: (*gained[start + k], -k))
        opens, free = gained[start + best]
        if opens > 0:
            facts.append(UnknownFact(code, changes[best].facts[code], opens, free))
        start += len(changes)
    return sorted(facts, key=lambda question: (-question.opens, -question.free))[:_QUESTIONS]
