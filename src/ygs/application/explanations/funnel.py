"""Funnels of one person: how many people of a whole market each reason rules out, from both sides."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Self

from ygs.application.labels import REASONS
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import counted, people_ko, pick
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.market import Candidate, Column, Market
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.ports.scoring_and_solving import OneToAllScores

# The objections to a person from one side are a mask: one bit for each wish that refuses, in the vocabulary's order,
# and this bit when the satisfaction is below the floor.
_FLOOR = 1 << len(VOCABULARY)
_ATTRIBUTES = tuple(VOCABULARY)


@dataclass(frozen=True, slots=True)
class Stage:
    """One reason in a funnel: `out`, how many it rules out of those who were left, and how many it leaves."""

    reason: Reason
    attribute: str
    out: int
    left: int

    def words(self, language: Language) -> str:
        """What rules how many out: "키 120명", "height 120"."""
        if self.attribute:
            attribute = VOCABULARY[self.attribute]
            what = (attribute.ko, attribute.en)
        else:
            what = REASONS[self.reason]
        return pick(language, ko=f"{what[0]} {self.out:,}명", en=f"{what[1]} {self.out:,}")


@dataclass(frozen=True, slots=True)
class Funnel:
    """Successive counts: `start` people, then how many each reason leaves. A reason that rules nobody out is absent."""

    start: int
    stages: tuple[Stage, ...]

    @property
    def left(self) -> int:
        """How many people no reason rules out."""
        return self.stages[-1].left if self.stages else self.start

    @classmethod
    def through(cls, start: int, out: Iterable[tuple[tuple[Reason, str], int]]) -> Self:
        """Build the funnel from the number of people that each rule takes out, in this order."""
        stages = []
        left = start
        for (reason, attribute), count in out:
            if count:
                left -= count
                stages.append(Stage(reason, attribute, count, left))
        return cls(start, tuple(stages))

    def largest(self, most: int = 3) -> tuple[Stage, ...]:
        """The `most` stages that rule out most people."""
        return tuple(sorted(self.stages, key=lambda stage: -stage.out)[:most])


@dataclass(frozen=True, slots=True)
class Funnels:
    """The funnels of one person over a market.

    `everybody` narrows all others down to the possible partners: both seek the other's gender, they have not met, and
    there is no block. `mine` narrows possible partners down to those the person accepts, `theirs` to those who accept
    the person. There, the reason that applies to most people comes first, and each counts only people whom no earlier
    reason ruled out. `candidates`: the places of those who accept and are accepted.
    """

    everybody: Funnel
    mine: Funnel
    theirs: Funnel
    candidates: tuple[int, ...]

    def sentences(self, language: Language, me: str) -> Iterator[str]:
        """Say what narrows the choice of the person called `me`, most important first."""
        start = self.mine.start
        both = len(self.candidates)
        if not start:
            why = ", ".join(stage.words(language) for stage in self.everybody.stages)
            nobody = pick(language, ko="소개할 수 있는 사람이 없습니다", en="There is nobody who could be asked")
            yield f"{nobody}: {why}." if why else f"{nobody}."
            return
        yield pick(
            language,
            ko=f"소개할 수 있는 {start:,}명 가운데 {me}이 받아들이는 사람: {people_ko(self.mine.left)}, "
            f"{me}을 받아들이는 사람: {people_ko(self.theirs.left)}, 서로 맞는 사람: {people_ko(both)}.",
            en=f"Of {counted(start, 'person', 'people')} who could be asked, {me} accepts {self.mine.left:,}, "
            f"{self.theirs.left:,} accept {me}, and {both:,} do both.",
        )
        for funnel, ko, en in (
            (self.mine, f"{me}의 조건에서 많이 제외된 이유", f"What rules most out for {me}"),
            (self.theirs, f"상대의 조건에서 {me}이 많이 제외된 이유", f"What rules {me} out for most"),
        ):
            if funnel.stages:
                why = ", ".join(stage.words(language) for stage in funnel.largest())
                yield f"{pick(language, ko=ko, en=en)}: {why}."


def funnels(place: int, me: Candidate, against: OneToAllScores, market: Market, policy: Policy) -> Funnels:
    """Compute the funnels of the person at `place`.

    A loop in Python over a hundred thousand people is slow, so big integers, `compress` and `Counter` do the loops.
    """
    sought, met, blocked = (int.from_bytes(column, "big") for column in (against.sought, against.met, against.blocked))
    possible = (sought & ~met & ~blocked).to_bytes(len(market), "big")
    mine = _objections(possible, against.i_refuse, against.mine, policy.floor)
    theirs = _objections(possible, against.they_refuse, against.theirs, policy.floor)
    others = compress(range(len(market)), possible)
    return Funnels(
        everybody=_everybody(place, me, market, (sought & met).bit_count(), (sought & blocked & ~met).bit_count()),
        mine=_one_side(mine, Reason.I_REFUSE, Reason.MY_FLOOR),
        theirs=_one_side(theirs, Reason.THEY_REFUSE, Reason.THEIR_FLOOR),
        candidates=tuple(other for other, a, b in zip(others, mine, theirs, strict=True) if not a | b),
    )


def _objections(possible: bytes, refused: Column, satisfied: Column, floor: int) -> list[int]:
    """The objections to each possible partner: the bits of the wishes that refuse, and `_FLOOR`."""
    both = zip(compress(refused, possible), compress(satisfied, possible), strict=True)
    return [bits if satisfaction >= floor else bits | _FLOOR for bits, satisfaction in both]


def _everybody(place: int, me: Candidate, market: Market, met: int, blocked: int) -> Funnel:
    genders, seeks = (int.from_bytes(column, "big") for column in (market.genders, market.seeks))
    both = (genders | seeks << 2).to_bytes(len(market), "big")
    pairs = {(gender, seeks): both.count(gender | seeks << 2) for gender in (1, 2) for seeks in (1, 2, 3)}
    pairs[market.genders[place], market.seeks[place]] -= 1
    unsought = sum(count for (gender, _), count in pairs.items() if not me.seeks & gender)
    unseeking = sum(count for (gender, seeks), count in pairs.items() if me.seeks & gender and not me.gender & seeks)
    reasons = (Reason.I_DO_NOT_SEEK, Reason.THEY_DO_NOT_SEEK, Reason.INTRODUCED_BEFORE, Reason.BLOCK)
    rules = ((reason, "") for reason in reasons)
    return Funnel.through(len(market) - 1, zip(rules, (unsought, unseeking, met, blocked), strict=True))


def _one_side(objections: Sequence[int], refuses: Reason, floor: Reason) -> Funnel:
    """Order the rules by how many people each applies to, and count each person under the first that applies."""
    left: Mapping[int, int] = Counter(objections)
    applies_to = Counter[int]()
    for mask, count in left.items():
        for rule in _bits(mask):
            applies_to[rule] += count
    out = []
    for rule in sorted(applies_to, key=lambda rule: (-applies_to[rule], rule)):
        out.append((_rule(rule, refuses, floor), sum(count for mask, count in left.items() if mask & rule)))
        left = {mask: count for mask, count in left.items() if not mask & rule}
    return Funnel.through(len(objections), out)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _rule(bit: int, refuses: Reason, floor: Reason) -> tuple[Reason, str]:
    return (floor, "") if bit == _FLOOR else (refuses, _ATTRIBUTES[bit.bit_length() - 1])
