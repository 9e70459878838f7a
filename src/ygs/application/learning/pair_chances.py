"""The learned chance of single pairs, told to staff in words: what became of such introductions, and why."""

from collections.abc import Collection
from dataclasses import dataclass

from ygs.application.actors import Actor
from ygs.application.bilingual import Bilingual
from ygs.application.learning.learning import parameters_of
from ygs.application.learning.views import PairChanceView, chance_words
from ygs.application.person_views import People, namer
from ygs.domain.learning.pair_chance import ChanceSide, chance_between, strongest_parts
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.matching.chance import Chances, PersonRates
from ygs.domain.matching.explaining import PairExplanation
from ygs.domain.matching.market import Genders, Market
from ygs.ports.storage import Reading


@dataclass(frozen=True, slots=True)
class PairChances:
    """What a version says of pairs of certain people, to tell an actor."""

    actor: Actor
    version: LearnedVersion
    parameters: ChanceParameters

    def tell(self, pair: PairExplanation, people: People) -> PairChanceView | None:
        """What became of introductions like this one, and what moves its chance; None to one of the two.

        Nobody may conclude from it what others answered about them.
        """
        if self.actor.id in (pair.me, pair.them):
            return None
        one = ChanceSide.of(self.parameters, pair.me, pair.genders[0], pair.mine.satisfaction)
        other = ChanceSide.of(self.parameters, pair.them, pair.genders[1], pair.theirs.satisfaction)
        group = self.version.evaluation.introductions_like(chance_between(one, other))
        if group is None:
            return None
        parts = strongest_parts(one, other)
        words = Bilingual.by(lambda language: chance_words(group, parts, language, namer(people, language)))
        return PairChanceView.of(self.version.number, group, words)


async def pair_chances(
    reading: Reading, actor: Actor, people: Collection[str], market: Market | None = None
) -> PairChances | None:
    """The chances of pairs of these people by the version in use; None where none is.

    `market`: of a locked week, whose own chances count where its lock froze some.
    """
    if market is not None and market.chances is not None:
        version = await reading.learning.get(int(market.chances.version))
        return PairChances(actor, version, _frozen(market, market.chances, people))
    in_use = await reading.learning.in_use()
    return PairChances(actor, in_use, await parameters_of(reading, in_use, people)) if in_use else None


def _frozen(market: Market, chances: Chances, people: Collection[str]) -> ChanceParameters:
    places = market.places()
    return ChanceParameters(
        rates={Genders(gender): rates for gender, rates in chances.rates.items()},
        people={person: _rates(chances, places[person]) for person in people},
    )


def _rates(chances: Chances, place: int) -> PersonRates:
    return PersonRates(
        says_yes=chances.says_yes[place], wanted=chances.wanted[place], answering=chances.answering[place]
    )
