"""The policy of a club: the one for its rounds, with the time since when it is in force."""

from dataclasses import dataclass, field
from datetime import datetime

from ygs.domain.matching.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ClubPolicy:
    """A policy in force since a time. Without arguments it is the default, in force until staff set another.

    `version` counts the policies that the club has set, from 1; the default has version 0 and no `since`. The name
    that staff give to a policy is `policy.version`.
    """

    policy: Policy = field(default_factory=Policy)
    since: datetime | None = None
    version: int = 0
