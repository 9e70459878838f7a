"""Candidates and markets in which everything that can happen to a pair does happen, as Hypothesis strategies.

Values come from a narrow window of each attribute, so that wishes and facts meet, just miss each other, and clash. A
person follows from one number that Hypothesis chooses: drawing each fact from Hypothesis takes ten times as long.
"""

from collections.abc import Mapping
from random import Random

from hypothesis import strategies as st

from ygs.domain.matching.attribute import UNKNOWN, Kind
from ygs.domain.matching.chance import MOST_LOGIT, MOST_SLOPE, GenderRates, PersonRates
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import LEAST_COUNTED, Importance, Wish

# First and last code of each window: numbers, levels with and without slack, categories with and without neighbours, a
# set.
WINDOWS: Mapping[str, tuple[int, int]] = {
    "birth_year": (46, 58),
    "height_cm": (30, 45),
    "education": (1, 5),
    "smoking": (1, 5),
    "region": (1, 9),
    "religion": (1, 4),
    "interests": (1, 5),
}
_BOTH = Genders.MALE | Genders.FEMALE
_SEEDS = st.integers(0, 1 << 32)


def candidates(id: str) -> st.SearchStrategy[Candidate]:
    """A person of that id: most facts, some wishes."""
    return _SEEDS.map(lambda seed: _candidate(id, Random(seed)))


def facts(attribute: str) -> st.SearchStrategy[int]:
    """A fact about an attribute with a window, or 0 for unknown."""
    return _SEEDS.map(lambda seed: _fact(attribute, Random(seed)))


def wishes(attribute: str) -> st.SearchStrategy[Wish]:
    """A wish for an attribute with a window, of any importance."""
    return _SEEDS.map(lambda seed: _wish(attribute, Random(seed)))


def _candidate(id: str, random: Random) -> Candidate:
    wished = random.sample(sorted(WINDOWS), random.randint(0, 4))
    return Candidate(
        id=id,
        gender=random.choice((Genders.MALE, Genders.FEMALE)),
        seeks=random.choice((Genders.MALE, Genders.FEMALE, _BOTH, _BOTH)),
        facts={attribute: _fact(attribute, random) for attribute in WINDOWS},
        wishes={attribute: _wish(attribute, random) for attribute in wished},
        capacity=random.randint(1, 2),
    )


def _fact(attribute: str, random: Random) -> int:
    if random.random() < 0.25:
        return UNKNOWN
    return _mask(attribute, random) if VOCABULARY[attribute].kind is Kind.SET else random.randint(*WINDOWS[attribute])


def _wish(attribute: str, random: Random) -> Wish:
    importance = random.choice((*Importance, Importance.MUST))
    if VOCABULARY[attribute].kind is not Kind.ORDINAL:
        mask = _mask(attribute, random)
        several = VOCABULARY[attribute].kind is Kind.SET and mask.bit_count() >= LEAST_COUNTED
        low = random.choice((0, mask.bit_count())) if several else 0
        return Wish(attribute=attribute, importance=importance, low=low, accepts=mask)
    low, high = sorted((random.randint(*WINDOWS[attribute]), random.randint(*WINDOWS[attribute])))
    return Wish(attribute=attribute, importance=importance, low=low, high=high)


def _mask(attribute: str, random: Random) -> int:
    low, high = WINDOWS[attribute]
    return sum(1 << (code - 1) for code in random.sample(range(low, high + 1), random.randint(1, 3)))


@st.composite
def markets(draw: st.DrawFn, *, least: int = 1, most: int = 8) -> Market:
    """A market of a few people, some of whom have met or are kept apart by a block."""
    people = [draw(candidates(f"p{place}")) for place in range(draw(st.integers(least, most)))]
    ids = st.sampled_from([person.id for person in people])
    pairs = st.lists(st.tuples(ids, ids), max_size=3)
    return Market.of(people, met=draw(pairs), blocked=draw(pairs))


def with_chances(market: Market) -> st.SearchStrategy[Market]:
    """The market with something learned about most of its people: usual rates, none at all, and the most extreme."""
    return _SEEDS.map(lambda seed: _with_chances(market, Random(seed)))


def _with_chances(market: Market, random: Random) -> Market:
    people = {person: _person_rates(random) for person in market.ids if random.random() < 0.8}
    return market.with_chances("1", {gender: _gender_rates(random) for gender in Genders}, people)


def _gender_rates(random: Random) -> GenderRates:
    return GenderRates(
        base=random.randint(-2_000, 1_000),
        slope=random.choice((0, 300, 1_250, 20_000, MOST_SLOPE)),
        centre=random.choice((0, 7_000, 10_000)),
        answering=random.choice((0, 7_500, 10_000)),
    )


def _person_rates(random: Random) -> PersonRates:
    extreme = (-MOST_LOGIT, 0, MOST_LOGIT)
    return PersonRates(
        says_yes=random.choice((random.randint(-2_500, 2_500), random.choice(extreme))),
        wanted=random.choice((random.randint(-2_000, 2_000), random.choice(extreme))),
        answering=random.choice((0, 10_000, random.randint(4_000, 10_000))),
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies with and without affinities, strict and lenient about unknown facts, with floors that matter."""
    affinities = (
        Affinity(attribute="birth_year", nearness=Nearness.NEAR, weight=2, span=4),
        Affinity(attribute="region", nearness=Nearness.SAME, weight=1),
        Affinity(attribute="interests", nearness=Nearness.SHARED, weight=3, span=2),
    )
    return st.builds(
        Policy,
        floor=st.sampled_from([0, 2_000, 4_000, 6_000]),
        unknown_fit=st.sampled_from([0, 5_000, 10_000]),
        strict_unknown=st.booleans(),
        affinities=st.sampled_from([(), affinities, affinities[:1]]),
    )
