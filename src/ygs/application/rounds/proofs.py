"""The proof of an introduction: one person's conditions at that moment, and how far the other meets them."""

from ygs.domain.introductions import Condition
from ygs.domain.matching.fit import fit
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.wishes import Wish


def proof(me: Candidate, them: Candidate, policy: Policy) -> tuple[Condition, ...]:
    """One person's conditions, and how far another meets them. Ignored wishes are no conditions."""
    wishes = (wish for wish in me.wishes.values() if wish.importance)
    return tuple(condition_of(wish, them.value(wish.attribute), policy) for wish in wishes)


def condition_of(wish: Wish, value: int, policy: Policy) -> Condition:
    """A wish, and how far a value (0 unknown) meets it."""
    return Condition(
        attribute=wish.attribute,
        importance=int(wish.importance),
        low=wish.low,
        high=wish.high,
        accepts=wish.accepts,
        value=value,
        fit=fit(wish, value, policy),
    )
