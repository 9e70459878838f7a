"""Questions to ask members before a plan is published.

Either an unknown fact decides whether a planned pair fits, or an answer could open more mutual candidates. The numbers
are exact: enter the answer, count again, and the result is the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest

from ygs.application.explanations.suggestions import UnknownFact, worth_asking
from ygs.application.explanations.why_unmatched import RoundResult
from ygs.domain.matching.attribute import UNKNOWN, Language
from ygs.domain.matching.descriptions import pick, wish_words
from ygs.domain.matching.explaining import Naming, called
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.ports.scoring_and_solving import Progress, Scores, silent


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A fact to ask `person` (an id) before the introduction to `because` (an id), whose `wish` is a must."""

    person: str
    because: str
    wish: Wish

    def sentence(self, language: Language, name: Naming = str) -> str:
        """Say whom to ask what, and why."""
        known = VOCABULARY[self.wish.attribute]
        person = called(self.person, language, name)
        because = called(self.because, language, name)
        wanted = wish_words(self.wish, language)
        return pick(
            language,
            ko=f"{person}에게 {Word(known.ko):을} 확인하세요. {because}의 필수 조건은 {wanted}입니다.",
            en=f"Ask {person}: {known.en}. {because} must have {wanted}.",
        )


def questions_to_ask(plan: RoundPlan, market: Market) -> Iterator[Inquiry]:
    """An inquiry for every must of a planned pair whose fact is unknown; the best pairs first."""
    places = market.places()
    for pair in sorted(plan.pairs, key=lambda pair: (-pair.mutual, pair.a, pair.b)):
        a = market.person(places[pair.a])
        b = market.person(places[pair.b])
        for me, them in ((a, b), (b, a)):
            for wish in me.wishes.values():
                if wish.importance is Importance.MUST and them.value(wish.attribute) == UNKNOWN:
                    yield Inquiry(them.id, me.id, wish)


@dataclass(frozen=True, slots=True)
class PersonQuestion:
    """A question to `person` (an id); the answer could open mutual candidates to them."""

    person: str
    question: UnknownFact

    def sentence(self, language: Language, name: Naming = str) -> str:
        """Say whom to ask what, and how many candidates the answer could open."""
        return self.question.sentence(language, called(self.person, language, name))


def most_opening(
    people: Iterable[int], market: Market, scores: Scores, plan: RoundPlan, most: int, progress: Progress = silent
) -> list[PersonQuestion]:
    """The `most` questions to the people at these places that could open most mutual candidates, the best first.

    Among questions that open as many, those come first that open more candidates still free under the plan.
    """
    outcome = RoundResult.of(plan, market)
    places = list(people)
    questions = list[PersonQuestion]()
    for examined, place in enumerate(places, start=1):
        me = market.person(place)
        questions += (PersonQuestion(me.id, fact) for fact in worth_asking(me, scores, outcome.free_for(place)))
        progress("asking", examined, len(places))
    return nsmallest(most, questions, key=lambda each: (-each.question.opens, -each.question.free, each.person))
