"""Relaxations of wishes: the steps a person could take so that more people suit them, and their effort.

A step widens a range by a few years, centimetres or levels on one side, adds one value next to those accepted (any one
value where no two are near), turns a must into a strong wish, or gives a wish up.

*Effort* is how a step is priced, in basis points of weight: the wish's weight (twice for a must), times how far the
step goes: steps over the attribute's slack for a range, one half for a near value, once for another value and for a
must no longer being one, twice for giving up. A relaxation is the cheaper the less effort it takes for each mutual
candidate it opens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind, Language
from ygs.domain.matching.descriptions import as_noun, counted, pick, wish_words
from ygs.domain.matching.fit import NEIGHBOUR_FIT, neighbour_mask
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish

_NUMBER_STEPS = (1, 2, 3, 5)  # years or centimetres
_LEVEL_STEPS = (1, 2)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a candidate: `wishes` (None: given up) and `facts` that replace theirs."""

    wishes: Mapping[str, Wish | None] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def applied(self, candidate: Candidate) -> Candidate:
        """The candidate after the change."""
        wishes = {code: wish for code, wish in {**candidate.wishes, **self.wishes}.items() if wish is not None}
        return replace(candidate, wishes=wishes, facts={**candidate.facts, **self.facts})


class Relaxing(StrEnum):
    """How a step relaxes a wish."""

    FROM_LOWER = "from_lower"
    TO_HIGHER = "to_higher"
    ONE_MORE = "one_more"
    NOT_A_MUST = "not_a_must"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Step:
    """One wish relaxed: `wish` becomes `after` (None: given up). `amount`: years, cm, levels; the code of the value
    added."""

    kind: Relaxing
    wish: Wish
    after: Wish | None
    effort: int
    amount: int = 0

    @property
    def attribute(self) -> str:
        """The attribute of the wish."""
        return self.wish.attribute

    @property
    def change(self) -> Change:
        """The step as a change of the candidate."""
        return Change(wishes={self.attribute: self.after})

    def words(self, language: Language, *, last: bool = True) -> str:
        """The step as a condition: "키를 164~175 cm로 1 cm 넓히면" ("넓히고" unless `last`), or "widen height ..."."""
        known = VOCABULARY[self.attribute]
        ko, en = _TO_EVERYTHING if self._accepts_everything(known) else _WORDS[self.kind]
        if language is Language.EN:
            return en.format(name=_uncapped(known.en), to=self._wanted(language), by=self._by(known, language))
        stem = ko.format(name=Word(known.ko), to=Word(self._wanted(language)), by=self._by(known, language))
        return f"{Word(stem):으면}" if last else f"{stem}고"

    def _accepts_everything(self, known: Attribute) -> bool:
        return self.after is not None and (self.after.low, self.after.high) == (1, known.size)

    def _wanted(self, language: Language) -> str:
        return wish_words(self.after, language) if self.after else ""

    def _by(self, known: Attribute, language: Language) -> str:
        if self.kind is Relaxing.ONE_MORE:
            return Word(as_noun(known, known.label(known.value_of(self.amount), language), language))
        if known.code == "birth_year":
            return pick(language, ko=f"{self.amount}년", en=counted(self.amount, "year", "years"))
        if known.is_number:
            return f"{self.amount} {pick(language, ko=known.unit_ko, en=known.unit_en)}"
        return pick(language, ko=f"{self.amount}단계", en=counted(self.amount, "level", "levels"))


# Korean stems take 면 or 고, so that two steps make one sentence.
_WIDER = ("{name:을} {to:으로} {by} 넓히", "widen {name} by {by} to {to}")
_TO_EVERYTHING = ("{name:을} {by} 넓혀 모두 받아들이", "widen {name} by {by} to accept anything")
_WORDS = {
    Relaxing.FROM_LOWER: _WIDER,
    Relaxing.TO_HIGHER: _WIDER,
    Relaxing.ONE_MORE: ("{name}에 {by:을} 더하", "also accept {by} ({name})"),
    Relaxing.NOT_A_MUST: (
        "{name} 조건을 필수에서 매우 중요로 낮추",
        "make {name} a strong wish instead of a must",
    ),
    Relaxing.GIVEN_UP: ("{name:을} 따지지 않", "give up the wish about {name}"),
}


def _uncapped(name: str) -> str:
    return name if name.isupper() else name[:1].lower() + name[1:]


def steps(candidate: Candidate) -> tuple[Step, ...]:
    """Every step the candidate could take, wish by wish in the vocabulary's order; none for a wish that is ignored."""
    wishes = (candidate.wishes[code] for code in VOCABULARY if code in candidate.wishes)
    return tuple(step for wish in wishes if wish.importance.weight for step in _steps(wish))


def two_at_a_time(possible: Sequence[Step]) -> list[tuple[int, int]]:
    """The positions of any two steps about different wishes."""
    codes = [step.attribute for step in possible]
    return [(i, j) for i in range(len(codes)) for j in range(i + 1, len(codes)) if codes[i] != codes[j]]


def _steps(wish: Wish) -> Iterator[Step]:
    known = VOCABULARY[wish.attribute]
    must = wish.importance is Importance.MUST
    base = wish.importance.weight * (2 if must else 1)
    if known.kind is Kind.ORDINAL:
        yield from _wider(wish, known, base)
    elif known.kind is Kind.CATEGORY:
        yield from _one_more(wish, known, base)
    if must:
        yield Step(Relaxing.NOT_A_MUST, wish, replace(wish, importance=Importance.STRONG), base * FULL)
    yield Step(Relaxing.GIVEN_UP, wish, None, 2 * base * FULL)


def _wider(wish: Wish, known: Attribute, base: int) -> Iterator[Step]:
    for amount in _NUMBER_STEPS if known.is_number else _LEVEL_STEPS:
        effort = base * FULL * amount // max(known.slack, 1)
        if wish.low - amount >= 1:
            yield Step(Relaxing.FROM_LOWER, wish, replace(wish, low=wish.low - amount), effort, amount)
        if wish.high + amount <= known.size:
            yield Step(Relaxing.TO_HIGHER, wish, replace(wish, high=wish.high + amount), effort, amount)


def _one_more(wish: Wish, known: Attribute, base: int) -> Iterator[Step]:
    for code in range(1, known.size + 1):
        near = bool(wish.accepts & neighbour_mask(known, code))
        if not wish.accepts >> (code - 1) & 1 and (near or not known.neighbours):
            after = replace(wish, accepts=wish.accepts | 1 << (code - 1))
            yield Step(Relaxing.ONE_MORE, wish, after, base * (NEIGHBOUR_FIT if near else FULL), code)


def answers(candidate: Candidate) -> dict[str, list[Change]]:
    """For each unknown fact of the candidate, one change per possible answer; one value at a time for a set."""
    return {
        code: [Change(facts={code: 1 << bit if known.kind is Kind.SET else bit + 1}) for bit in range(known.size)]
        for code, known in VOCABULARY.items()
        if candidate.value(code) == UNKNOWN
    }
