"""The proof of an introduction: one person's conditions at that moment, and how far the other meets them."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from ygs.domain.introductions import Condition
from ygs.domain.matching.fit import fit
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.wishes import Wish

# One person's conditions, and how far another meets them.
Proof: TypeAlias = Callable[[Candidate, Candidate], tuple[Condition, ...]]


def proofs(policy: Policy) -> Proof:
    """The function that returns one person's conditions, and how far another meets them."""

    # Kept, since the same wishes meet the same values again and again: a large week has millions of conditions.
    @lru_cache(maxsize=100_000)
    def condition(wish: Wish, value: int) -> Condition:
        return Condition(
            attribute=wish.attribute,
            importance=wish.importance,
            low=wish.low,
            high=wish.high,
            accepts=wish.accepts,
            value=value,
            fit=fit(wish, value, policy),
        )

    def proof(me: Candidate, them: Candidate) -> tuple[Condition, ...]:
        wishes = (wish for wish in me.wishes.values() if wish.importance)
        return tuple(condition(wish, them.value(wish.attribute)) for wish in wishes)

    return proof
