"""The scoring specification: how satisfied one person would be with another, and what the pair is worth.

This is the text that every fast scorer is tested against, so it is written to be read, not to be fast.
"""

from math import isqrt

from ygs.domain.matching.attribute import UNKNOWN
from ygs.domain.matching.fit import affinity_fit, fit
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.wishes import FULL


def satisfaction(me: Candidate, them: Candidate, policy: Policy) -> int:
    """How well `them` meets my wishes and the policy's affinities: the weighted mean fit, basis points, rounded down.

    A person who wishes for nothing, under a policy without affinities, is fully satisfied by anybody.
    """
    total = weight = 0
    for wish in me.wishes.values():
        matters = wish.importance.weight
        total += matters * fit(wish, them.value(wish.attribute), policy)
        weight += matters
    for affinity in policy.affinities:
        mine = me.value(affinity.attribute)
        theirs = them.value(affinity.attribute)
        total += affinity.weight * affinity_fit(affinity, mine, theirs, policy)
        weight += affinity.weight
    return total // weight if weight else FULL


def mutual(one: Candidate, other: Candidate, policy: Policy) -> int:
    """What a pair is worth: the geometric mean of both satisfactions, basis points, rounded down.

    The geometric mean keeps one-sided pairs low, and is exact in integers.
    """
    return combined(satisfaction(one, other, policy), satisfaction(other, one, policy))


def uncertainty(one: Candidate, other: Candidate, policy: Policy) -> int:
    """The share of a pair's scores that rests on unknown facts, basis points: the greater of the two sides."""
    return max(_unknown_share(one, other, policy), _unknown_share(other, one, policy))


def _unknown_share(me: Candidate, them: Candidate, policy: Policy) -> int:
    unknown = weight = 0
    for wish in me.wishes.values():
        weight += wish.importance.weight
        unknown += wish.importance.weight * (them.value(wish.attribute) == UNKNOWN)
    for affinity in policy.affinities:
        weight += affinity.weight
        unknown += affinity.weight * (UNKNOWN in (me.value(affinity.attribute), them.value(affinity.attribute)))
    return FULL * unknown // weight if weight else 0


def combined(one_way: int, other_way: int) -> int:
    """The mutual score of two satisfactions."""
    return isqrt(one_way * other_way)
