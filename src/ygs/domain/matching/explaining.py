"""Explanations of a pair: every term of both satisfactions, as data and in sentences.

For staff only: a member must not learn another member's wishes. People appear by id; sentences call them what `name`
makes of the id.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ygs.domain.matching.attribute import UNKNOWN, Language
from ygs.domain.matching.descriptions import ANYTHING, objection_words, pick, value_words, wish_words
from ygs.domain.matching.eligibility import Reason, objections
from ygs.domain.matching.fit import affinity_fit, fit, refuses
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.scoring import combined
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish

# Makes of an id what a sentence calls the person. The default keeps the id; a front end passes names.
Naming: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One wish of `me`, or one affinity of the policy, applied to `them`.

    `mine`, `theirs`: the two people's codes for the attribute (masks for a set, 0 unknown). `fit`: basis points.
    `contribution`: the term's part of my satisfaction, and `possible`, its part if it fitted fully; in basis points.
    Over all terms the contributions add up to the satisfaction, and `possible` to 10000. `refuses`: the term alone
    makes the pair ineligible.
    """

    me: str
    them: str
    criterion: Wish | Affinity
    mine: int
    theirs: int
    fit: int
    weight: int
    contribution: int
    possible: int
    refuses: bool

    @property
    def attribute(self) -> str:
        """The attribute that the term compares."""
        return self.criterion.attribute

    @property
    def lost(self) -> int:
        """How much the term takes from my satisfaction, basis points."""
        return self.possible - self.contribution

    @property
    def is_must(self) -> bool:
        """Whether the term is a wish that must be met."""
        return isinstance(self.criterion, Wish) and self.criterion.importance is Importance.MUST

    def sentence(self, language: Language, name: Naming = str, *, verdict: bool = True) -> str:
        """The term in words, as "키: A 님은 165~175cm를 원하고, B 님은 170cm입니다. 바라는 대로입니다."

        Without `verdict` the last sentence, how well the wish is met, is left out.
        """
        heading = VOCABULARY[self.attribute].name(language)
        if isinstance(self.criterion, Wish):
            text = _wish_sentence(self, self.criterion, language, name)
            met = f" {_verdict(self, language)}" if verdict and self.theirs != UNKNOWN else ""
            return f"{heading}: {text}{met}"
        return f"{heading}: {_affinity_sentence(self, self.criterion, language, name)}"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against a pair, seen from `me`, with the attribute it is about (or "")."""

    reason: Reason
    attribute: str
    me: str
    them: str

    def sentence(self, language: Language, name: Naming = str) -> str:
        """The reason as a sentence."""
        return objection_words(
            self.reason, self.attribute, language, called(self.me, language, name), called(self.them, language, name)
        )


@dataclass(frozen=True, slots=True)
class View:
    """One person's `satisfaction` with the other, basis points, and its terms."""

    satisfaction: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairExplanation:
    """A pair from both sides: my satisfaction with them (`mine`), theirs with me, and the objections to the pair.

    `genders`: mine and theirs.
    """

    me: str
    them: str
    genders: tuple[Genders, Genders]
    mine: View
    theirs: View
    mutual: int
    objections: tuple[Objection, ...]

    @property
    def eligible(self) -> bool:
        """Whether there is no objection to introducing them."""
        return not self.objections

    def strongest(self, most: int = 3) -> tuple[Term, ...]:
        """The terms of both sides that contribute most, at most one for each attribute."""
        helpful = [term for term in self._once() if term.contribution and term.theirs != UNKNOWN]
        ordered = sorted(helpful, key=lambda term: (-term.contribution, term.attribute, term.me))
        best = {term.attribute: term for term in reversed(ordered)}
        return tuple(term for term in ordered if best[term.attribute] is term)[:most]

    def reasons(self, language: Language, name: Naming = str) -> tuple[str, ...]:
        """The strongest terms in words, a sentence for each attribute."""
        return tuple(self._reason(term, language, name) for term in self.strongest())

    def _reason(self, term: Term, language: Language, name: Naming) -> str:
        both = [each for each in (*self.mine.terms, *self.theirs.terms) if each.attribute == term.attribute]
        wishes = [each for each in both if isinstance(each.criterion, Wish) and each.weight and each.fit == FULL]
        if term in wishes and len(wishes) == 2:
            return f"{VOCABULARY[term.attribute].name(language)}: {_as_both_wish(term, language, name)}"
        return term.sentence(language, name, verdict=term.fit != FULL)

    def weakest(self, most: int = 3) -> tuple[Term, ...]:
        """The terms with known answers that lose most; deal-breakers first."""
        costly = [term for term in self._once() if term.lost and term.theirs != UNKNOWN]
        return tuple(sorted(costly, key=lambda term: (not term.refuses, -term.lost, term.attribute, term.me)))[:most]

    def open_questions(self) -> tuple[Term, ...]:
        """The wishes whose fact is unknown: musts first, then by weight."""
        unknown = [
            term for term in self._once() if isinstance(term.criterion, Wish) and term.weight and not term.theirs
        ]
        return tuple(sorted(unknown, key=lambda term: (not term.is_must, -term.weight, term.attribute, term.me)))

    def sentences(self, language: Language, name: Naming = str) -> tuple[str, ...]:
        """The explanation in sentences: objections, strongest terms, weakest terms, open questions."""
        terms = dict.fromkeys((*self.strongest(), *self.weakest(), *self.open_questions()))
        against = (objection.sentence(language, name) for objection in self.objections)
        return (*against, *(term.sentence(language, name) for term in terms))

    def _once(self) -> Iterator[Term]:
        yield from self.mine.terms
        shared = {term.attribute for term in self.mine.terms if isinstance(term.criterion, Affinity)}
        yield from (t for t in self.theirs.terms if isinstance(t.criterion, Wish) or t.attribute not in shared)


def explain_pair(me: Candidate, them: Candidate, policy: Policy, apart: Iterable[Reason] = ()) -> PairExplanation:
    """Explain a pair from both sides.

    `apart`: further reasons against it, which are no part of a candidate: introduced before, a block, forbidden, left
    out.
    """
    mine = _view(me, them, policy)
    theirs = _view(them, me, policy)
    against = (*((reason, "") for reason in apart), *objections(me, them, policy))
    return PairExplanation(
        me=me.id,
        them=them.id,
        genders=(me.gender, them.gender),
        mine=mine,
        theirs=theirs,
        mutual=combined(mine.satisfaction, theirs.satisfaction),
        objections=tuple(Objection(reason, attribute, me.id, them.id) for reason, attribute in against),
    )


def _view(me: Candidate, them: Candidate, policy: Policy) -> View:
    terms = tuple(_terms(list(_criteria(me, them, policy)), me, them, policy))
    return View(sum(term.contribution for term in terms) if any(term.weight for term in terms) else FULL, terms)


def _criteria(me: Candidate, them: Candidate, policy: Policy) -> Iterator[tuple[Wish | Affinity, int, int]]:
    """The criteria of my satisfaction, each with its weight and its fit."""
    for wish in me.wishes.values():
        yield wish, wish.importance.weight, fit(wish, them.value(wish.attribute), policy)
    for affinity in policy.affinities:
        mine = me.value(affinity.attribute)
        theirs = them.value(affinity.attribute)
        yield affinity, affinity.weight, affinity_fit(affinity, mine, theirs, policy)


def _terms(
    criteria: list[tuple[Wish | Affinity, int, int]], me: Candidate, them: Candidate, policy: Policy
) -> Iterator[Term]:
    """Terms whose contributions add up to the satisfaction exactly: each is what it adds to the rounded sum."""
    all_weights = sum(weight for _, weight, _ in criteria) or 1
    total = weights = 0
    for criterion, weight, fit_ in criteria:
        before = total // all_weights
        most_before = FULL * weights // all_weights
        total += weight * fit_
        weights += weight
        yield Term(
            me=me.id,
            them=them.id,
            criterion=criterion,
            mine=me.value(criterion.attribute),
            theirs=them.value(criterion.attribute),
            fit=fit_,
            weight=weight,
            contribution=total // all_weights - before,
            possible=FULL * weights // all_weights - most_before,
            refuses=isinstance(criterion, Wish) and refuses(criterion, them.value(criterion.attribute), policy),
        )


def called(id: str, language: Language, name: Naming) -> str:
    """What a sentence calls a person; Korean adds the honorific, which also settles every particle after it."""
    return pick(language, ko=f"{name(id)} 님", en=name(id))


def _wish_sentence(term: Term, wish: Wish, language: Language, name: Naming) -> str:
    me = called(term.me, language, name)
    them = called(term.them, language, name)
    wanted = wish_words(wish, language)
    if term.theirs == UNKNOWN and wanted == ANYTHING[language]:
        return pick(
            language,
            ko=f"{me}은 어떤 답이든 괜찮지만, {them}의 답을 아직 모릅니다.",
            en=f"{me} accepts any answer, but {them} has not said yet.",
        )
    if term.theirs == UNKNOWN:
        return pick(
            language,
            ko=f"{me}의 희망은 {wanted}인데, {them}의 답을 아직 모릅니다.",
            en=f"{me} wishes for {wanted}; {them} has not said yet.",
        )
    value = value_words(term.attribute, term.theirs, language)
    text = pick(
        language,
        ko=f"{me}의 희망은 {wanted}이고, {them}의 답은 {value}입니다.",
        en=f"{me} wishes for {wanted}; {them}: {value}.",
    )
    if VOCABULARY[term.attribute].is_number:
        text = pick(language, ko=f"{me}은 {Word(wanted):을} 원하고, {them}은 {value}입니다.", en=text)
    return text


def _as_both_wish(term: Term, language: Language, name: Naming) -> str:
    mine, theirs = (value_words(term.attribute, value, language) for value in (term.mine, term.theirs))
    if term.mine == term.theirs:
        return pick(
            language, ko=f"두 사람 모두 {mine}, 서로 바라는 대로입니다.", en=f"{mine} for both, just as both wish."
        )
    me = called(term.me, language, name)
    them = called(term.them, language, name)
    return pick(
        language,
        ko=f"{me}은 {mine}, {them}은 {theirs}, 서로 바라는 대로입니다.",
        en=f"{me}: {mine}; {them}: {theirs}. Just as both wish.",
    )


def _verdict(term: Term, language: Language) -> str:
    if term.refuses:
        return pick(language, ko="필수 조건에 어긋납니다.", en="That breaks a must.")
    if term.fit == FULL:
        return pick(language, ko="바라는 대로입니다.", en="Just as wished.")
    if term.fit:
        return pick(language, ko="바라는 것에 가깝습니다.", en="Close to the wish.")
    return pick(language, ko="바라는 것과 다릅니다.", en="Not as wished.")


def _affinity_sentence(term: Term, affinity: Affinity, language: Language, name: Naming) -> str:
    if UNKNOWN in (term.mine, term.theirs):
        return pick(language, ko="두 사람의 답을 다 알지는 못합니다.", en="not both have said.")
    if affinity.nearness is Nearness.SHARED:
        return _shared_sentence(term, language)
    mine, theirs = (value_words(term.attribute, value, language) for value in (term.mine, term.theirs))
    if term.mine == term.theirs:
        return pick(language, ko=f"두 사람의 답이 같습니다({mine}).", en=f"{mine} for both.")
    me = called(term.me, language, name)
    them = called(term.them, language, name)
    text = pick(language, ko=f"{me}은 {mine}, {them}은 {theirs}입니다.", en=f"{me}: {mine}; {them}: {theirs}.")
    near = pick(language, ko="서로 가깝습니다.", en="That is close.")
    far = pick(language, ko="서로 다릅니다.", en="They differ.")
    return f"{text} {near if term.fit else far}"


def _shared_sentence(term: Term, language: Language) -> str:
    both = term.mine & term.theirs
    if not both:
        return pick(language, ko="겹치는 것이 없습니다.", en="nothing in common.")
    words = value_words(term.attribute, both, language)
    return pick(language, ko=f"두 사람 모두 {Word(words):을} 꼽았습니다.", en=f"both say {words}.")
