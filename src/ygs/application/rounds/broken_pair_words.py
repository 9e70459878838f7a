"""Pairs of a plan that may not be introduced, in words. Stored are their codes."""

from ygs.application.messages.translate import explain_error
from ygs.domain.errors import N_, Listed, RoundRefused
from ygs.domain.match_weeks import BrokenPair
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import Reason

_BROKEN = N_("{one} and {other}: {reason}")
_BROKEN_OVER = N_("{one} and {other}: {reason} ({attribute})")


def broken_pair_words(broken: BrokenPair, language: Language) -> str:
    """Which pair, and why not, in a sentence."""
    return explain_error(_as_error(broken), language)


def broken_pairs_listed(broken: tuple[BrokenPair, ...]) -> Listed:
    """Several of them, as a field of a message."""
    return Listed(map(_as_error, broken))


def _as_error(broken: BrokenPair) -> RoundRefused:
    # A member of the enumeration is shown by its label, another code by its name.
    reason = Reason(broken.reason) if broken.reason in set(Reason) else broken.reason
    template = _BROKEN_OVER if broken.attribute else _BROKEN
    return RoundRefused(template, one=broken.a, other=broken.b, reason=reason, attribute=broken.attribute)
