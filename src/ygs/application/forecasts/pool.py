"""The people among whom a forecast simulates rounds: today's market with the person added, or a sample of it."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ygs.domain.matching.market import Candidate, Column, Market, type_mask, zeros
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Scorer, Scores

# A round among so many takes milliseconds, and a forecast simulates thousands.
MOST_IN_POOL = 150
# However small the sample, so many of the person's candidates are in it, if there are as many.
_LEAST_CANDIDATES = 12
# The person's place: no member's id sorts before it.
NOBODYS_ID = ""
PERSON = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """People and who of them suit each other, by place; the person of the forecast is at `PERSON`.

    `mutual`: each place's eligible partners with the mutual score, basis points; `ranked`: the same, the best first;
    `best`: the highest score, 0 for nobody. `waited`, `due`, `capacity`: as in a market. In a sample each place stands
    for several people, so an introduction uses a pair up with a probability of `used_up` only, and one of the person's
    with `person_used_up`.
    """

    mutual: Sequence[Mapping[int, int]]
    ranked: Sequence[Sequence[int]]
    best: Sequence[int]
    waited: Sequence[int]
    due: Sequence[bool]
    capacity: Sequence[int]
    used_up: float = 1.0
    person_used_up: float = 1.0

    def __len__(self) -> int:
        return len(self.mutual)


def candidates_of(person: Candidate, scores: Scores, policy: Policy) -> list[int]:
    """The places of everybody in a market whom the person suits and who suits them."""
    found = scores.against(person)
    refused = zip(found.i_refuse, found.they_refuse, strict=True)
    content = zip(found.mine, found.theirs, strict=True)
    apart = zip(found.sought, found.met, found.blocked, strict=True)
    return [
        place
        for place, (refuses, fits, (sought, met, blocked)) in enumerate(zip(refused, content, apart, strict=True))
        if sought and not (met or blocked or any(refuses)) and min(fits) >= policy.floor
    ]


def pool_of(
    person: Candidate, candidates: Sequence[int], market: Market, policy: Policy, scorer: Scorer, rng: Random
) -> Pool:
    """Add the person to the market, or to a sample of it when it is large."""
    chosen, kept = _sampled(candidates, market, rng)
    people = [person, *(market.person(place) for place in chosen)]
    together = Market.of(people, met=_pairs(market, market.met, chosen), blocked=_pairs(market, market.blocked, chosen))
    best = scorer.scores(together, policy).best(len(people), zeros(type_mask, len(people)))
    mutual: list[dict[int, int]] = [{} for _ in people]
    for a, b, score in zip(best.a, best.b, best.mutual, strict=True):
        mutual[a][b] = score
        mutual[b][a] = score
    own_kept = len(mutual[PERSON]) / len(candidates) if candidates else 1.0
    return Pool(
        mutual=mutual,
        ranked=[_best_first(suiting) for suiting in mutual],
        best=[max(suiting.values(), default=0) for suiting in mutual],
        waited=list(together.weeks_waited),
        due=[bool(flag) for flag in together.due],
        capacity=list(together.capacity),
        used_up=kept,
        person_used_up=own_kept,
    )


def _best_first(suiting: Mapping[int, int]) -> list[int]:
    return sorted(suiting, key=lambda place: (-suiting[place], place))


def _sampled(candidates: Sequence[int], market: Market, rng: Random) -> tuple[list[int], float]:
    """Choose places, ascending, with as many of each gender as in the market; and the share of people who are kept."""
    if len(market) <= MOST_IN_POOL:
        return list(range(len(market))), 1.0
    share = MOST_IN_POOL / len(market)
    own = min(max(round(share * len(candidates)), _LEAST_CANDIDATES), len(candidates))
    chosen = set(rng.sample(candidates, own))
    suiting = set(candidates)
    for gender in sorted(set(market.genders)):
        of_gender = [place for place in range(len(market)) if market.genders[place] == gender]
        others = [place for place in of_gender if place not in suiting]
        missing = round(share * len(of_gender)) - sum(1 for place in of_gender if place in chosen)
        chosen.update(rng.sample(others, min(max(missing, 0), len(others))))
    return sorted(chosen), share


def _pairs(market: Market, keys: Column, chosen: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The stored pairs of which both people are chosen. Keys ascend, so each place's are found by bisection."""
    wanted = set(chosen)
    for place in chosen:
        start = bisect_left(keys, place * len(market))
        end = bisect_left(keys, (place + 1) * len(market), start)
        for key in keys[start:end]:
            other = key - place * len(market)
            if other in wanted:
                yield market.ids[place], market.ids[other]
