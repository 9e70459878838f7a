"""The constraints of a round: pinned and forbidden pairs, remaining capacities, and the objectives' tiers."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress, count, repeat
from operator import add, mul

from ygs.domain.errors import N_, Listed, RoundRefused
from ygs.domain.matching.adjustments import adjusted
from ygs.domain.matching.eligibility import Reason, compatible, objections
from ygs.domain.matching.market import Column, Market, Pairs, type_flag, type_mask
from ygs.domain.matching.no_harm import Bonuses, groups_of
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.plan import OverrideKind, Overrides, PairOfIds
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.scoring import combined, satisfaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed before solving, and what is left to decide.

    `pinned`: the pairs that must be in the plan. `barred`: keys ``a * people + b`` of the pairs the solver must not
    choose: forbidden ones, and pinned ones, which are in the plan already. `capacity` (uint8): how many more pairs each
    person may be in. `bonus` (int64): what a person's wait, and their group's bonus under the no-harm rule, add to the
    worth of each of their pairs, in the unit of `PairWorth`. `tiers`: flags of the people with a promise due, of those
    past the longest wait, and, under `COVERAGE`, of everybody; without the pinned people, whom `settled` counts, tier
    by tier. `shares`: by key, the share of its weight by which a pair's weight moves, basis points.
    """

    pinned: Pairs
    barred: frozenset[int]
    capacity: Column
    bonus: Column
    tiers: tuple[Column, ...]
    settled: tuple[int, ...]
    shares: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, market: Market, policy: Policy, overrides: Overrides, group_bonuses: Bonuses | None = None) -> "Terms":
        """Apply the overrides to a market; `RoundRefused` names a person or pair they cannot be applied to, and why."""
        places = _places(market, overrides)
        worth = PairWorth.of(market, policy)
        pinned = _pinned(market, policy, overrides, places, worth)
        capacity = array(type_flag, market.capacity)
        for person in (*pinned.a, *pinned.b):
            if not capacity[person]:
                raise _pinned_too_often(overrides, market.ids[person])
            capacity[person] -= 1
        for left_out in overrides.left_out:
            capacity[places[left_out]] = 0
        pinned_people = {*pinned.a, *pinned.b}
        flags = tuple(_tiers(market, policy))
        keys = ((places[a], places[b]) for a, b in overrides.pins | overrides.forbids)
        return cls(
            pinned=pinned,
            barred=frozenset(a * len(market) + b for a, b in keys),
            capacity=capacity,
            bonus=_bonus(market, policy, worth.point, group_bonuses or {}),
            tiers=tuple(
                array(type_flag, (flag and at not in pinned_people for at, flag in enumerate(column)))
                for column in flags
            ),
            settled=tuple(sum(1 for person in pinned_people if column[person]) for column in flags),
            shares=market.adjustments.by_key if market.adjustments else {},
        )

    def weight(self, a: int, b: int, worth: int) -> int:
        """The pair's weight in the last objective: its worth and both bonuses, and then adjusted.

        A search of the market sees worth and bonuses only, so adjusted pairs must be held from the start.
        """
        weight = worth + self.bonus[a] + self.bonus[b]
        return adjusted(weight, self.shares.get(a * len(self.bonus) + b, 0)) if self.shares else weight

    def weights(self, pairs: Pairs) -> Column:
        """The weight of each of these pairs (int64), as `weight`."""
        bonuses = map(add, map(self.bonus.__getitem__, pairs.a), map(self.bonus.__getitem__, pairs.b))
        weights = array(type_mask, map(add, pairs.worth, bonuses))
        if self.shares:
            keys = array(type_mask, map(add, map(mul, pairs.a, repeat(len(self.bonus))), pairs.b))
            for at in compress(count(), map(self.shares.__contains__, keys)):
                weights[at] = adjusted(weights[at], self.shares[keys[at]])
        return weights


def adjusted_pairs(market: Market, policy: Policy) -> Pairs:
    """The eligible pairs among the adjusted ones: an adjustment lets nobody in."""
    pairs = Pairs.none()
    worth = PairWorth.of(market, policy)
    apart = {*market.met, *market.blocked}
    for key in market.adjustments.keys if market.adjustments else ():
        a, b = divmod(key, len(market))
        one = market.person(a)
        other = market.person(b)
        if key not in apart and compatible(one, other, policy):
            one_way = satisfaction(one, other, policy)
            other_way = satisfaction(other, one, policy)
            scores = (one_way, other_way)
            pairs.add(a, b, *scores, combined(*scores), worth.pair(a, b, *scores))
    return pairs


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
    kinds = (OverrideKind.PIN, OverrideKind.SWAP)
    pins = [each.key for each in overrides.each() if each.kind in kinds and person in each.people]
    return RoundRefused(
        N_("{person} is pinned more often than their capacity: take one of these back: {pins}"),
        person=person,
        pins=Listed(pins),
    )


def _pinned(market: Market, policy: Policy, overrides: Overrides, places: dict[str, int], worth: PairWorth) -> Pairs:
    pinned = Pairs.none()
    met = set(market.met) if overrides.pins else set()
    blocked = set(market.blocked) if overrides.pins else set()
    for pair in sorted(overrides.pins):
        a = places[pair[0]]
        b = places[pair[1]]
        one = market.person(a)
        other = market.person(b)
        key = a * len(market) + b
        reasons = [Reason.INTRODUCED_BEFORE] * (key in met) + [Reason.BLOCK] * (key in blocked)
        reasons += [reason for reason, _ in objections(one, other, policy)]
        _require_eligible(pair, reasons)
        one_way = satisfaction(one, other, policy)
        other_way = satisfaction(other, one, policy)
        pinned.add(a, b, one_way, other_way, combined(one_way, other_way), worth.pair(a, b, one_way, other_way))
    return pinned


def _require_eligible(pair: PairOfIds, against: list[Reason]) -> None:
    if against:
        raise RoundRefused(
            N_("{one} and {other} cannot be pinned ({reasons}): take the pin back"),
            one=pair[0],
            other=pair[1],
            reasons=Listed(dict.fromkeys(against)),
        )


def _bonus(market: Market, policy: Policy, point: int, group_bonuses: Bonuses) -> Column:
    most = policy.longest_wait
    by_wait = (point * policy.wait_bonus * min(waited, most) for waited in market.weeks_waited)
    if not group_bonuses:
        return array(type_mask, by_wait)
    by_group = (group_bonuses.get(group, 0) for group in groups_of(market))
    return array(type_mask, map(add, by_wait, by_group))


def _tiers(market: Market, policy: Policy) -> Iterator[Column]:
    yield market.due
    yield array(type_flag, (waited >= policy.longest_wait for waited in market.weeks_waited))
    if policy.objective is Objective.COVERAGE:
        yield array(type_flag, [1]) * len(market)
