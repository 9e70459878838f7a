"""Every error ygs raises on purpose.

::

    YgsError
    ├── DomainError              a rule of the trade says no
    │   ├── UnknownValue         a value that is not in the vocabulary
    │   ├── InvalidFact          a value of the right kind that cannot be true or is out of range
    │   ├── InvalidText          NUL, lone surrogates, too long, or a Korean resident number
    │   ├── InvalidWish          a wish that can accept nobody, or is of the wrong kind
    │   ├── InvalidPolicy        a policy that contradicts itself
    │   ├── InvalidId            not an id of the kind asked for
    │   ├── NotAdult             younger than the law of the service's country allows
    │   ├── ConsentMissing       a sensitive fact without the consent that lets us keep it
    │   ├── WrongStatus          the thing is not in a state that allows this
    │   ├── DeadlinePassed       too late, by the clock of the service
    │   └── RoundRefused         overrides or inputs no plan can satisfy
    ├── NotFound                 nothing live under that id
    ├── Conflict                 somebody was faster, or the data forbids two
    │   ├── StaleWrite           it changed since it was read
    │   ├── PhoneTaken           a live user has that phone
    │   ├── WeekTaken            that ISO week exists already
    │   ├── AlreadyIntroduced    these two met before
    │   ├── OverCapacity         a person would be in too many introductions this week
    │   └── LeaseLost            another worker holds the round now
    ├── Forbidden                the actor may not do this
    ├── Unavailable              storage or a service did not answer in time; trying again may work
    └── BadFile                  a file that is not what it should be (names the row and column)

A class's ``code`` is stable: clients and logs may match on it. Messages are for people, hold no
personal datum, and say what to do next.
"""

from typing import ClassVar


class YgsError(Exception):
    """Anything ygs raises on purpose."""

    code: ClassVar[str] = "error"


class DomainError(YgsError):
    """A rule of the trade says no."""

    code = "rule_broken"


class UnknownValue(DomainError):
    """A value, or a whole attribute, that is not in the vocabulary.

    ``shown`` may be a foreign file's text: show it to the person who brought the file, never log it.
    """

    code = "unknown_value"

    def __init__(self, attribute: str, shown: object) -> None:
        self.attribute, self.shown = attribute, shown
        super().__init__(f"{attribute}: not a value of the vocabulary (see `ygs vocabulary {attribute}`)")


class InvalidFact(DomainError):
    """A fact of the right kind that cannot be true, or lies out of range."""

    code = "invalid_fact"

    def __init__(self, attribute: str, why: str) -> None:
        self.attribute = attribute
        super().__init__(f"{attribute}: {why}")


class InvalidText(DomainError):
    """Text that cannot be stored: NUL, lone surrogates, too long, or a resident registration number."""

    code = "invalid_text"

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


class InvalidWish(DomainError):
    """A wish that can accept nobody, or does not fit the kind of its attribute."""

    code = "invalid_wish"

    def __init__(self, attribute: str, why: str) -> None:
        self.attribute = attribute
        super().__init__(f"wish for {attribute}: {why}")


class InvalidPolicy(DomainError):
    """A policy that contradicts itself or lies out of range."""

    code = "invalid_policy"


class InvalidId(DomainError):
    """A text that is not an id of the kind asked for."""

    code = "invalid_id"

    def __init__(self, kind: str) -> None:
        super().__init__(f"not a {kind} id: expected {kind}_ and 26 upper-case letters and digits")


class NotAdult(DomainError):
    """Younger than the law of the service's country allows."""

    code = "not_adult"


class ConsentMissing(DomainError):
    """A sensitive fact without the consent that lets us keep it."""

    code = "consent_missing"


class WrongStatus(DomainError):
    """The thing is not in a state that allows this."""

    code = "wrong_status"


class DeadlinePassed(DomainError):
    """Too late, by the clock of the service."""

    code = "deadline_passed"


class RoundRefused(DomainError):
    """Overrides or inputs that no plan can satisfy; the message names the pair or person."""

    code = "round_refused"


class NotFound(YgsError):
    """Nothing live under that id (or nothing this actor may know of)."""

    code = "not_found"

    def __init__(self, what: str, id: str = "") -> None:
        super().__init__(f"no {what} {id}".rstrip())


class Conflict(YgsError):
    """Somebody was faster, or the data forbids two of these."""

    code = "conflict"


class StaleWrite(Conflict):
    """It changed since it was read: read it again and repeat the edit."""

    code = "stale_write"


class PhoneTaken(Conflict):
    """A live user has that phone."""

    code = "phone_taken"


class WeekTaken(Conflict):
    """That ISO week has a match week already."""

    code = "week_taken"


class AlreadyIntroduced(Conflict):
    """These two were introduced before; a pair is introduced at most once ever."""

    code = "already_introduced"


class OverCapacity(Conflict):
    """A person would be in more introductions this week than their capacity."""

    code = "over_capacity"


class LeaseLost(Conflict):
    """Another worker holds the round now; nothing of this one was written."""

    code = "lease_lost"


class Forbidden(YgsError):
    """The actor may not do this."""

    code = "forbidden"


class Unavailable(YgsError):
    """Storage or an outside service did not answer in time; trying again may work."""

    code = "unavailable"


class BadFile(YgsError):
    """A file that is not what it should be; says where and what to do."""

    code = "bad_file"
