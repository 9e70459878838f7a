"""The bars of a pair: what each wish gives to the score of both."""

from ygs.application.explanations.views import ExplainedPair, TermView
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.console.charts import TwoSided


def term_name(term: TermView, language: Language) -> str:
    """What a term is about: an attribute that is wished, or one in which two had better be alike."""
    name = VOCABULARY[term.attribute].name(language)
    return name if term.wish else translate(N_("alike: {attribute}"), language, attribute=name)


def both_sides(pair: ExplainedPair, language: Language) -> list[TwoSided]:
    """What each wish gives to the score of both, in the order of the first one's."""
    mine, theirs = ({term_name(each, language): each for each in side.terms} for side in (pair.mine, pair.theirs))
    return [TwoSided(name, _share(mine.get(name)), _share(theirs.get(name))) for name in {**mine, **theirs}]


def _share(term: TermView | None) -> tuple[int, int]:
    return (term.contribution, term.possible) if term else (0, 0)
