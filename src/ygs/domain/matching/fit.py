"""How well a value meets a wish or an affinity.

Every fit, satisfaction and score is an integer in basis points, 0..10000, so that the readable specification and the
array engine agree exactly and ties are real ties.
"""

from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish

NEIGHBOUR_FIT = 5_000


def fit(wish: Wish, value: int, policy: Policy) -> int:
    """How well a value (a code, or a set's mask; 0 is unknown) meets a wish, basis points."""
    if value == UNKNOWN:
        return policy.unknown_fit
    attribute = VOCABULARY[wish.attribute]
    if attribute.kind is Kind.ORDINAL:
        return falling(max(wish.low - value, value - wish.high, 0), attribute.slack)
    if attribute.kind is Kind.SET:
        return common_fit((wish.accepts & value).bit_count(), wish.wanted)
    return _category_fit(wish.accepts, value, attribute)


def _category_fit(accepts: int, code: int, attribute: Attribute) -> int:
    if accepts >> (code - 1) & 1:
        return FULL
    return NEIGHBOUR_FIT if accepts & neighbour_mask(attribute, code) else 0


def neighbour_mask(attribute: Attribute, code: int) -> int:
    """The values next to `code` in the attribute's table of neighbours, as a mask."""
    return attribute.mask_of(attribute.neighbours.get(str(attribute.value_of(code)), ()))


def falling(steps: int, span: int) -> int:
    """Full at 0 steps, falling linearly to 0 at `span` steps (at once when `span` is 0)."""
    if steps == 0:
        return FULL
    return FULL - FULL * steps // span if steps < span else 0


def common_fit(common: int, wanted: int) -> int:
    """Rises linearly with the values in common, to full at as many as are wanted."""
    return FULL * min(common, wanted) // wanted


def affinity_fit(affinity: Affinity, mine: int, theirs: int, policy: Policy) -> int:
    """How near two people's values are, basis points; symmetric; `policy.unknown_fit` when either is unknown."""
    if mine == UNKNOWN or theirs == UNKNOWN:
        return policy.unknown_fit
    if affinity.nearness is Nearness.NEAR:
        return falling(abs(mine - theirs), affinity.span)
    if affinity.nearness is Nearness.SHARED:
        return common_fit((mine & theirs).bit_count(), affinity.span)
    return _category_fit(1 << (mine - 1), theirs, VOCABULARY[affinity.attribute])


def refuses(wish: Wish, value: int, policy: Policy) -> bool:
    """Whether a wish makes the pair ineligible: a `MUST` with fit 0, or, under a strict policy, an unknown fact."""
    if wish.importance is not Importance.MUST:
        return False
    if value == UNKNOWN:
        return policy.strict_unknown
    return fit(wish, value, policy) == 0
