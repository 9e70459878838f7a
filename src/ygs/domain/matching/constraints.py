"""A round's terms on a market: what overrides fix and forbid, what everybody may still be in, and what comes first."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from ygs.domain.errors import N_, Listed, RoundRefused
from ygs.domain.matching.eligibility import Reason, objections
from ygs.domain.matching.market import Column, Market, Pairs, type_flag, type_mask
from ygs.domain.matching.plan import OverrideKind, Overrides, PairOfIds
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.scoring import combined, satisfaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is left to decide.

    `pinned`: the pairs that must be. `barred`: keys ``a * people + b`` of pairs not to be chosen: the pinned (they are
    already) and the forbidden. `capacity` (uint8): what each person may still be in. `bonus` (int64): basis points a
    person's wait adds to each of their pairs. `tiers`: flags of promises due, of people past the longest wait, and,
    under `COVERAGE`, of everybody; the pinned are not in them, but in `settled`, which counts the tiers they reach.
    """

    pinned: Pairs
    barred: frozenset[int]
    capacity: Column
    bonus: Column
    tiers: tuple[Column, ...]
    settled: tuple[int, ...]

    @classmethod
    def of(cls, market: Market, policy: Policy, overrides: Overrides) -> "Terms":
        """Read the overrides onto a market; `RoundRefused` names whom they ask for in vain, and why."""
        places = _places(market, overrides)
        pinned = _pinned(market, policy, overrides, places)
        capacity = array(type_flag, market.capacity)
        for person in (*pinned.a, *pinned.b):
            if not capacity[person]:
                raise _pinned_too_often(overrides, market.ids[person])
            capacity[person] -= 1
        for left_out in overrides.left_out:
            capacity[places[left_out]] = 0
        done = {*pinned.a, *pinned.b}
        flags = tuple(_tiers(market, policy))
        keys = ((places[a], places[b]) for a, b in overrides.pins | overrides.forbids)
        return cls(
            pinned=pinned,
            barred=frozenset(a * len(market) + b for a, b in keys),
            capacity=capacity,
            bonus=_bonus(market, policy),
            tiers=tuple(
                array(type_flag, (flag and at not in done for at, flag in enumerate(column))) for column in flags
            ),
            settled=tuple(sum(1 for person in done if column[person]) for column in flags),
        )

    def weight(self, a: int, b: int, mutual: int) -> int:
        """What a pair is worth in the last objective."""
        return mutual + self.bonus[a] + self.bonus[b]


def _places(market: Market, overrides: Overrides) -> dict[str, int]:
    places = market.places()
    for override in overrides.each():
        for missing in sorted({*override.people} - places.keys()):
            raise RoundRefused(
                N_("{override} names {one}, who is not in this round: take it back, or enrol them"),
                override=override.key,
                one=missing,
            )
    return places


def _pinned_too_often(overrides: Overrides, person: str) -> RoundRefused:
    pins = [each.key for each in overrides.each() if each.kind is OverrideKind.PIN and person in each.people]
    return RoundRefused(
        N_("{person} is pinned more often than their capacity: take one of these back: {pins}"),
        person=person,
        pins=Listed(pins),
    )


def _pinned(market: Market, policy: Policy, overrides: Overrides, places: dict[str, int]) -> Pairs:
    pinned = Pairs.none()
    met, blocked = (set(keys) if overrides.pins else set() for keys in (market.met, market.blocked))
    for pair in sorted(overrides.pins):
        a = places[pair[0]]
        b = places[pair[1]]
        one = market.person(a)
        other = market.person(b)
        key = a * len(market) + b
        kept_apart = [Reason.INTRODUCED_BEFORE] * (key in met) + [Reason.BLOCK] * (key in blocked)
        _require_eligible(pair, [*kept_apart, *(reason for reason, _ in objections(one, other, policy))])
        one_way = satisfaction(one, other, policy)
        other_way = satisfaction(other, one, policy)
        pinned.add(a, b, one_way, other_way, combined(one_way, other_way))
    return pinned


def _require_eligible(pair: PairOfIds, against: list[Reason]) -> None:
    if against:
        raise RoundRefused(
            N_("{one} and {other} cannot be pinned ({reasons}): take the pin back"),
            one=pair[0],
            other=pair[1],
            reasons=Listed(dict.fromkeys(against)),
        )


def _bonus(market: Market, policy: Policy) -> Column:
    most = policy.longest_wait
    return array(type_mask, (policy.wait_bonus * min(waited, most) for waited in market.weeks_waited))


def _tiers(market: Market, policy: Policy) -> Iterator[Column]:
    yield market.due
    yield array(type_flag, (waited >= policy.longest_wait for waited in market.weeks_waited))
    if policy.objective is Objective.COVERAGE:
        yield array(type_flag, [1]) * len(market)
