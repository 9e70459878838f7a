"""Who may be introduced to whom: every reason against a pair, by name.

This predicate walks the specification and shares no code with the fast scorers' own tests of the same conditions.
"""

from collections.abc import Iterator
from enum import StrEnum

from ygs.domain.matching.fit import refuses
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.domain.matching.wishes import Importance


class Reason(StrEnum):
    """Why two people may not be introduced, seen from one of them (`me`)."""

    SAME_PERSON = "same_person"
    LEFT_OUT = "left_out"
    I_DO_NOT_SEEK = "i_do_not_seek"
    THEY_DO_NOT_SEEK = "they_do_not_seek"
    INTRODUCED_BEFORE = "introduced_before"
    BLOCK = "block"
    FORBIDDEN = "forbidden"
    I_REFUSE = "i_refuse"
    THEY_REFUSE = "they_refuse"
    MY_FLOOR = "my_floor"
    THEIR_FLOOR = "their_floor"


def deal_breakers(me: Candidate, them: Candidate, policy: Policy) -> Iterator[str]:
    """The attributes over which I refuse them."""
    musts = (wish for wish in me.wishes.values() if wish.importance is Importance.MUST)
    return (wish.attribute for wish in musts if refuses(wish, them.value(wish.attribute), policy))


def objections(me: Candidate, them: Candidate, policy: Policy) -> Iterator[tuple[Reason, str]]:
    """Every reason in the two people's facts and wishes against introducing them, each with its attribute (or "").

    History, blocks and staff's overrides are no part of a candidate; the round adds those reasons.
    """
    if me.id == them.id:
        yield Reason.SAME_PERSON, ""
    if not me.seeks & them.gender:
        yield Reason.I_DO_NOT_SEEK, ""
    if not them.seeks & me.gender:
        yield Reason.THEY_DO_NOT_SEEK, ""
    for attribute in deal_breakers(me, them, policy):
        yield Reason.I_REFUSE, attribute
    for attribute in deal_breakers(them, me, policy):
        yield Reason.THEY_REFUSE, attribute
    if satisfaction(me, them, policy) < policy.floor:
        yield Reason.MY_FLOOR, ""
    if satisfaction(them, me, policy) < policy.floor:
        yield Reason.THEIR_FLOOR, ""


def compatible(me: Candidate, them: Candidate, policy: Policy) -> bool:
    """Whether the two people's facts and wishes allow an introduction."""
    return next(objections(me, them, policy), None) is None
