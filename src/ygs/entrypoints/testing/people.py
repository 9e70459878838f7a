"""Hypothesis strategies for candidates and markets in which everything that can happen to a pair does happen.

Values are drawn from a narrow window of each attribute, so that wishes and facts meet, just miss each other, and clash.
"""

from collections.abc import Mapping

from hypothesis import strategies as st

from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.rules import Affinity, Importance, Nearness, Policy, Wish
from ygs.domain.matching.vocabulary import UNKNOWN, VOCABULARY, Kind

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
_GENDERS = st.sampled_from([Genders.MALE, Genders.FEMALE])
_SEEKS = st.sampled_from([Genders.MALE, Genders.FEMALE, Genders.MALE | Genders.FEMALE])


def facts(attribute: str) -> st.SearchStrategy[int]:
    """A fact about an attribute with a window, or 0 for unknown."""
    low, high = WINDOWS[attribute]
    known = _masks(low, high) if VOCABULARY[attribute].kind is Kind.SET else st.integers(low, high)
    return st.one_of(st.just(UNKNOWN), known, known, known)


def wishes(attribute: str) -> st.SearchStrategy[Wish]:
    """A wish for an attribute with a window, of any importance."""
    low, high = WINDOWS[attribute]
    importance = st.sampled_from([*Importance, Importance.MUST])
    if VOCABULARY[attribute].kind is Kind.ORDINAL:
        ranges = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
        return st.builds(
            lambda ends, how: Wish(attribute=attribute, importance=how, low=ends[0], high=ends[1]), ranges, importance
        )
    return st.builds(
        lambda mask, how: Wish(attribute=attribute, importance=how, accepts=mask), _masks(low, high), importance
    )


def _masks(low: int, high: int) -> st.SearchStrategy[int]:
    return st.sets(st.integers(low, high), min_size=1).map(lambda codes: sum(1 << (code - 1) for code in codes))


def candidates(id: str) -> st.SearchStrategy[Candidate]:
    """A person of that id: some facts, some wishes."""
    some = st.sets(st.sampled_from(sorted(WINDOWS)), max_size=4)
    return st.builds(
        Candidate,
        id=st.just(id),
        gender=_GENDERS,
        seeks=_SEEKS,
        facts=st.fixed_dictionaries({attribute: facts(attribute) for attribute in WINDOWS}),
        wishes=some.flatmap(lambda codes: st.fixed_dictionaries({code: wishes(code) for code in sorted(codes)})),
        capacity=st.integers(1, 2),
    )


@st.composite
def markets(draw: st.DrawFn, *, least: int = 1, most: int = 8) -> Market:
    """A market of a few people, some of whom have met or are kept apart by a wall."""
    people = [draw(candidates(f"p{place}")) for place in range(draw(st.integers(least, most)))]
    ids = st.sampled_from([person.id for person in people])
    pairs = st.lists(st.tuples(ids, ids), max_size=3)
    return Market.of(people, met=draw(pairs), walled=draw(pairs))


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
