"""What would open more mutual candidates to one person: wishes relaxed, and facts told that nobody told yet.

Every number is one that a recount gives: make the change, count again, and it is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Candidate, Column
from ygs.domain.matching.phrases import Word, counted, pick, value_words
from ygs.domain.matching.relaxations import Change, Step, answers, steps, two_at_a_time
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.ports.scoring_and_solving import EligibleCounts, Scores

# Whoever has ten more candidates needs no bigger step: without this, giving up a must would always come first.
ENOUGH = 10

_RELAXATIONS = 5
_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One or two wishes relaxed: `opens` more mutual candidates than now, `free` more who could still be introduced
    this week. `effort`: of all steps, basis points of weight (see `ygs.domain.matching.relaxations`)."""

    steps: tuple[Step, ...]
    opens: int
    free: int
    effort: int

    @property
    def price(self) -> Fraction:
        """Effort for each candidate opened, of whom no more than `ENOUGH` count; the least is the cheapest."""
        return Fraction(self.effort, min(self.opens, ENOUGH))

    def sentence(self, language: Language) -> str:
        """What to do and what it brings."""
        *first, last = self.steps
        if language is Language.KO:
            how = " ".join([*(step.words(language, last=False) for step in first), last.words(language)])
            return f"{how} 서로 맞는 사람이 {self.opens:,}명 늘어납니다(이번 주에 소개할 수 있는 사람 {self.free:,}명)."
        how = " and ".join(step.words(language) for step in self.steps)
        more = counted(self.opens, "more mutual candidate", "more mutual candidates")
        return f"{how[0].upper()}{how[1:]}: {more}, {self.free:,} of them free this week."


@dataclass(frozen=True, slots=True)
class UnknownFact:
    """A fact of the person's own that nobody told yet: `opens`, how many more mutual candidates the best answer
    brings, `free` of them free this week, and that answer's code (a mask of one value for a set)."""

    attribute: str
    answer: int
    opens: int
    free: int

    def sentence(self, language: Language, whom: str = "") -> str:
        """What to ask (and whom), and what it could bring."""
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
    """The cheapest relaxations, at most one for each choice of wishes, and the facts most worth asking for.

    `free`: who could still be introduced to the person this week. Two wishes come together only where that opens at
    least half as many again as each opens by itself, added up.
    """
    taken = steps(me)
    unknown = answers(me)
    together = two_at_a_time(taken)
    told = [change for changes in unknown.values() for change in changes]
    changes = [Change(), *told, *(step.change for step in taken)]
    first = 1 + len(told)
    reach = scores.reach(me, changes, free, [(first + i, first + j) for i, j in together])
    return _cheapest(taken, together, _gained(reach, first)), tuple(_questions(unknown, _gained(reach, 1)))


def worth_asking(me: Candidate, scores: Scores, free: Column) -> tuple[UnknownFact, ...]:
    """The facts most worth asking a person for, the most promising first; `free` as in `what_would_help`."""
    unknown = answers(me)
    changes = [Change(), *(change for answer in unknown.values() for change in answer)]
    return tuple(_questions(unknown, _gained(scores.reach(me, changes, free), 1)))


def _gained(reach: EligibleCounts, first: int) -> list[tuple[int, int]]:
    """How many more are eligible, and free, than with no change, from position `first` on."""
    now = reach.eligible[0]
    free_now = reach.free[0]
    return [(a - now, b - free_now) for a, b in zip(reach.eligible[first:], reach.free[first:], strict=True)]


def _cheapest(
    taken: Sequence[Step], together: Sequence[tuple[int, int]], gained: Sequence[tuple[int, int]]
) -> tuple[Relaxation, ...]:
    alone = [max(opens, 0) for opens, _ in gained[: len(taken)]]
    worthwhile: list[tuple[tuple[Step, ...], tuple[int, int]]] = [
        ((taken[i],), gained[i]) for i, opens in enumerate(alone) if opens
    ]
    worthwhile += [
        ((taken[i], taken[j]), gain)
        for (i, j), gain in zip(together, gained[len(taken) :], strict=True)
        if gain[0] > 0 and 2 * gain[0] >= 3 * (alone[i] + alone[j])
    ]
    # Giving a wish up can lose somebody who met it well, and with it the only one still free.
    relaxations = [Relaxation(how, *gain, sum(step.effort for step in how)) for how, gain in worthwhile if gain[1] >= 0]
    relaxations.sort(key=lambda each: (each.price, each.effort, -each.opens))
    best: dict[tuple[str, ...], Relaxation] = {}
    for relaxation in relaxations:
        best.setdefault(tuple(step.attribute for step in relaxation.steps), relaxation)
    return tuple(best.values())[:_RELAXATIONS]


def _questions(unknown: Mapping[str, Sequence[Change]], gained: Sequence[tuple[int, int]]) -> list[UnknownFact]:
    """The unknown facts some answer to which opens candidates, the most promising first."""
    found = []
    at = 0
    for code, changes in unknown.items():
        best = max(range(len(changes)), key=lambda k: (*gained[at + k], -k))
        opens, free = gained[at + best]
        if opens > 0:
            found.append(UnknownFact(code, changes[best].facts[code], opens, free))
        at += len(changes)
    return sorted(found, key=lambda question: (-question.opens, -question.free))[:_QUESTIONS]
