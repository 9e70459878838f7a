"""The contract of `Scores.reach`: it counts exactly the people whom the specification finds eligible."""

from array import array
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Candidate, Market, type_flag
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.entrypoints.testing.people import WINDOWS, candidates, facts, markets, policies, wishes
from ygs.ports.scoring_and_solving import Scorer


def changes() -> st.SearchStrategy[Change]:
    """A changed wish, a wish given up, a changed fact, or no change."""
    attributes = st.sampled_from(sorted(WINDOWS))
    wish = attributes.flatmap(lambda code: st.one_of(st.none(), wishes(code)).map(lambda to: Change(wishes={code: to})))
    fact = attributes.flatmap(lambda code: facts(code).map(lambda value: Change(facts={code: value})))
    return st.one_of(st.just(Change()), wish, wish, fact)


def eligible_places(market: Market, me: Candidate, policy: Policy) -> list[int]:
    """The places that the specification finds eligible for `me`, who need not be in the market."""
    people = [market.person(place) for place in range(len(market))]
    apart = {frozenset(divmod(key, len(market))) for key in (*market.met, *market.blocked)}
    mine = market.places().get(me.id, -1)
    return [
        place
        for place, them in enumerate(people)
        if frozenset((mine, place)) not in apart and compatible(me, them, policy)
    ]


def reach_agrees_with_specification(scorer: Scorer) -> Callable[[], None]:
    """A test that a scorer counts eligible people as the specification, under single changes and under two."""

    @given(st.data(), markets(), policies(), st.lists(changes(), max_size=6))
    def test(data: st.DataObject, market: Market, policy: Policy, tried: Sequence[Change]) -> None:
        stranger = candidates("stranger")
        member = st.integers(0, len(market) - 1).map(market.person)
        me = data.draw(st.one_of(member, member, stranger))
        free = array(type_flag, data.draw(st.lists(st.integers(0, 1), min_size=len(market), max_size=len(market))))
        together = [(i, j) for i in range(len(tried)) for j in range(i) if _apart(tried[i], tried[j])]
        copies = [change.applied(me) for change in tried]
        copies += [tried[second].applied(copies[first]) for first, second in together]
        expected = [eligible_places(market, copy, policy) for copy in copies]
        found = scorer.scores(market, policy).reach(me, tried, free, together)
        assert list(found.eligible) == [len(places) for places in expected]
        assert list(found.free) == [sum(free[place] for place in places) for places in expected]

    return test


def _apart(one: Change, other: Change) -> bool:
    return not (one.wishes.keys() & other.wishes.keys() or one.facts.keys() & other.facts.keys())
