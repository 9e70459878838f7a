"""Views of explanations: the figures, in the vocabulary's values, and the same in Korean and English sentences.

For staff only: people appear by name, and a member must not learn another member's wishes.
"""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.application.bilingual import Bilingual
from ygs.application.explanations.funnel import Funnel
from ygs.application.explanations.questions import Inquiry, PersonQuestion
from ygs.application.explanations.suggestions import Relaxation
from ygs.application.explanations.why_not import Partner, WhyNot
from ygs.application.explanations.why_unmatched import WhyUnmatched
from ygs.application.facts import FactValue, WishModel, value_told
from ygs.application.learning.pair_chances import PairChances
from ygs.application.learning.views import PairChanceView
from ygs.application.person_views import People, PersonView, namer
from ygs.domain.matching.attribute import UNKNOWN, Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.explaining import Naming, Objection, PairExplanation, Term, View
from ygs.domain.matching.market import Market
from ygs.domain.matching.relaxations import Relaxing, Step
from ygs.domain.matching.wishes import Wish


class TermView(BaseModel):
    """One wish of `me` (or, where `wish` is null, one affinity of the policy), applied to `them`.

    `mine`, `theirs`: the two people's values of the attribute, null when unknown. `fit`: how well the values fit, basis
    points. `contribution`: the term's part of the satisfaction; `possible`: its part if it fitted fully.
    """

    model_config = ConfigDict(frozen=True)

    attribute: str
    me: str
    them: str
    wish: WishModel | None
    mine: FactValue | None
    theirs: FactValue | None
    fit: int
    weight: int
    contribution: int
    possible: int
    refuses: bool

    @classmethod
    def of(cls, term: Term) -> Self:
        """The view of a term."""
        codes = (term.mine, term.theirs)
        mine, theirs = (None if code == UNKNOWN else value_told(term.attribute, code) for code in codes)
        return cls(
            attribute=term.attribute,
            me=term.me,
            them=term.them,
            wish=WishModel.of(term.criterion) if isinstance(term.criterion, Wish) else None,
            mine=mine,
            theirs=theirs,
            fit=term.fit,
            weight=term.weight,
            contribution=term.contribution,
            possible=term.possible,
            refuses=term.refuses,
        )


class SideView(BaseModel):
    """One person's satisfaction with the other, basis points, and the terms whose contributions add up to it."""

    model_config = ConfigDict(frozen=True)

    satisfaction: int
    terms: list[TermView]

    @classmethod
    def of(cls, side: View) -> Self:
        """The view of a side."""
        return cls(satisfaction=side.satisfaction, terms=[TermView.of(term) for term in side.terms])


class ExplainedPair(BaseModel):
    """How well two people suit each other, from both sides. They are eligible when there is no objection."""

    model_config = ConfigDict(frozen=True)

    me: PersonView
    them: PersonView
    mine: SideView
    theirs: SideView
    mutual: int
    objections: list[Objection]
    told: Bilingual
    chance: PairChanceView | None

    @classmethod
    def of(cls, pair: PairExplanation, people: People, chances: PairChances | None) -> Self:
        """The view of a pair."""
        chance = chances.tell(pair, people) if chances else None
        return cls(
            me=people[pair.me],
            them=people[pair.them],
            mine=SideView.of(pair.mine),
            theirs=SideView.of(pair.theirs),
            mutual=pair.mutual,
            objections=list(pair.objections),
            told=Bilingual.by(
                lambda language: (
                    _scores(pair, language),
                    *pair.sentences(language, namer(people, language)),
                    *(chance.told.spoken(language) if chance else ()),
                )
            ),
            chance=chance,
        )


def _scores(pair: PairExplanation, language: Language) -> str:
    scores = (pair.mine.satisfaction, pair.theirs.satisfaction, pair.mutual)
    mine, theirs, mutual = (f"{score / 100:.0f}%" for score in scores)
    return pick(
        language,
        ko=f"서로의 만족도 {mine} / {theirs}, 종합 {mutual}",
        en=f"Satisfaction {mine} / {theirs}, mutual {mutual}",
    )


class StepView(BaseModel):
    """One wish to relax: `before`, as it is, and `after`, as it would be (null: given up)."""

    model_config = ConfigDict(frozen=True)

    kind: Relaxing
    attribute: str
    before: WishModel
    after: WishModel | None

    @classmethod
    def of(cls, step: Step) -> Self:
        """The view of a step."""
        after = WishModel.of(step.after) if step.after else None
        return cls(kind=step.kind, attribute=step.attribute, before=WishModel.of(step.wish), after=after)


class RelaxationView(BaseModel):
    """One or two wishes to relax. That `opens` so many more mutual candidates, `free` of them free this week; the less
    `effort`, the smaller the step."""

    model_config = ConfigDict(frozen=True)

    steps: list[StepView]
    opens: int
    free: int
    effort: int
    ko: str
    en: str

    @classmethod
    def of(cls, relaxation: Relaxation) -> Self:
        """The view of a relaxation."""
        return cls(
            steps=[StepView.of(step) for step in relaxation.steps],
            opens=relaxation.opens,
            free=relaxation.free,
            effort=relaxation.effort,
            ko=relaxation.sentence(Language.KO),
            en=relaxation.sentence(Language.EN),
        )


class QuestionView(BaseModel):
    """An unknown fact to ask `person` for. The best `answer` `opens` so many more mutual candidates, of whom `free`
    could still be introduced this week."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    attribute: str
    answer: FactValue
    opens: int
    free: int
    ko: str
    en: str

    @classmethod
    def of(cls, question: PersonQuestion, people: People) -> Self:
        """The view of a question to a person."""
        fact = question.question
        return cls(
            person=people[question.person],
            attribute=fact.attribute,
            answer=value_told(fact.attribute, fact.answer),
            opens=fact.opens,
            free=fact.free,
            ko=question.sentence(Language.KO, namer(people, Language.KO)),
            en=question.sentence(Language.EN, namer(people, Language.EN)),
        )


class InquiryView(BaseModel):
    """A question before an introduction: `wish` is a must of `because`, and this fact of `person` is unknown."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    because: PersonView
    attribute: str
    wish: WishModel
    ko: str
    en: str

    @classmethod
    def of(cls, inquiry: Inquiry, people: People) -> Self:
        """The view of an inquiry."""
        return cls(
            person=people[inquiry.person],
            because=people[inquiry.because],
            attribute=inquiry.wish.attribute,
            wish=WishModel.of(inquiry.wish),
            ko=inquiry.sentence(Language.KO, namer(people, Language.KO)),
            en=inquiry.sentence(Language.EN, namer(people, Language.EN)),
        )


class QuestionList(BaseModel):
    """Questions to ask before a plan is published, each list the most important first.

    `opening` covers `looked_at` of the `unmatched` people, the longest waiting; or only the person of the request.
    """

    model_config = ConfigDict(frozen=True)

    before_publishing: list[InquiryView]
    opening: list[QuestionView]
    looked_at: int
    unmatched: int


class TakenView(BaseModel):
    """A mutual candidate (an id) whom the plan introduces to others, and the mutual score with the person."""

    model_config = ConfigDict(frozen=True)

    candidate: str
    partners: list[str]
    mutual: int


class WhyNoMatch(BaseModel):
    """Why a plan has no introduction for a person, and what would help.

    `everybody`, `mine`, `theirs`: funnels from both sides. The mutual `candidates` are `forbidden` by staff,
    `away` this week, `free`, or `taken` by others; `best_taken` lists the best of the taken.
    """

    model_config = ConfigDict(frozen=True)

    left_out: bool
    everybody: Funnel
    mine: Funnel
    theirs: Funnel
    candidates: int
    forbidden: int
    away: int
    free: int
    taken: int
    best_taken: list[TakenView]
    relaxations: list[RelaxationView]
    questions: list[QuestionView]

    @classmethod
    def of(cls, why: WhyUnmatched, market: Market, people: People) -> Self:
        """The view of an explanation; `market` is the one it was made from."""
        ids = market.ids
        found = why.funnels
        return cls(
            left_out=why.left_out,
            everybody=found.everybody,
            mine=found.mine,
            theirs=found.theirs,
            candidates=why.candidates,
            forbidden=why.forbidden,
            away=why.away,
            free=why.free,
            taken=why.taken,
            best_taken=[
                TakenView(candidate=ids[each.candidate], partners=[ids[p] for p in each.partners], mutual=each.mutual)
                for each in why.best_taken
            ],
            relaxations=[RelaxationView.of(each) for each in why.relaxations],
            questions=[QuestionView.of(PersonQuestion(why.id, each), people) for each in why.questions],
        )


class ExplainedPerson(BaseModel):
    """A member's introductions in a week's plan, explained; or why there is none, and what would help."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    introduced: list[ExplainedPair]
    no_match: WhyNoMatch | None
    told: Bilingual


class WhyNotView(BaseModel):
    """Why a plan does not introduce `a` to `c`.

    `objections`: why they are not eligible. Otherwise `a_got` and `c_got` are whom they got instead, `mutual` is the
    score they would have, and every plan with the two loses at least `cost` basis points, or millionths of chances
    where the plan is `by_chance` (null when only planning again can tell), or leaves out somebody who comes first
    (`costs_a_promise`).
    """

    model_config = ConfigDict(frozen=True)

    a: PersonView
    c: PersonView
    together: bool
    objections: list[Objection]
    mutual: int
    a_got: list[Partner]
    c_got: list[Partner]
    pinned: bool
    cost: int | None
    costs_a_promise: bool
    by_chance: bool
    told: Bilingual

    @classmethod
    def of(cls, why: WhyNot, people: People) -> Self:
        """The view of an explanation."""
        return cls(
            a=people[why.a],
            c=people[why.c],
            together=why.together,
            objections=list(why.objections),
            mutual=why.mutual,
            a_got=list(why.a_got),
            c_got=list(why.c_got),
            pinned=why.pinned,
            cost=why.cost,
            costs_a_promise=why.costs_a_promise,
            by_chance=why.by_chance,
            told=Bilingual.by(lambda language: why.sentences(language, namer(people, language))),
        )


class CandidateView(BaseModel):
    """A person a member could be introduced to: both satisfactions, basis points, the strongest reasons for it, open
    questions, and what became of such introductions."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    mine: int
    theirs: int
    mutual: int
    reasons: Bilingual
    questions: Bilingual
    chance: PairChanceView | None

    @classmethod
    def of(cls, pair: PairExplanation, people: People, chances: PairChances | None) -> Self:
        """The view of the second person of an eligible pair."""
        return cls(
            person=people[pair.them],
            mine=pair.mine.satisfaction,
            theirs=pair.theirs.satisfaction,
            mutual=pair.mutual,
            reasons=Bilingual.by(lambda language: pair.reasons(language, namer(people, language))),
            questions=Bilingual.by(
                lambda language: _sentences(pair.open_questions()[:2], language, namer(people, language))
            ),
            chance=chances.tell(pair, people) if chances else None,
        )


def _sentences(terms: Iterable[Term], language: Language, name: Naming) -> Iterable[str]:
    return (term.sentence(language, name) for term in terms)
