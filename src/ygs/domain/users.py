"""Users: their facts, wishes, consents and status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, ConsentMissing, Incomplete, InvalidFact, NotAdult, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Group, Kind
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.matching.vocabulary import VOCABULARY, known_attribute
from ygs.domain.matching.wishes import Wish
from ygs.domain.text import (
    ESSAY_LENGTH,
    LINE_LENGTH,
    NAME_LENGTH,
    checked_text,
    required_name,
    required_text,
    storable_text,
)

EARLIEST_BIRTH_YEAR = 1940
LATEST_BIRTH_YEAR = 2010
# Korean law allows this trade from the age of 19. Only the birth year is known, so all born in it must be 19 already.
ADULT_AGE = 19
# The date is nowhere later than in the time zone UTC+14.
_FARTHEST_EAST = timedelta(hours=14)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL_LENGTH = 254


class Role(StrEnum):
    """The role of an account."""

    MEMBER = "member"
    CONSULTANT = "consultant"
    ADMIN = "admin"


class Status(StrEnum):
    """The status of a user. Only `ACTIVE` users take part in match weeks."""

    DRAFT = "draft"
    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class MarkReason(StrEnum):
    """Why a member in the review queue is marked."""

    LEFT_SUSPENDED = "left_suspended"


class Purpose(StrEnum):
    """The purpose of a consent."""

    TERMS = "terms"
    PRIVACY = "privacy"
    SENSITIVE = "sensitive"
    LLM = "llm"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A user's consent to one version of a text for one purpose; it may have been withdrawn."""

    purpose: Purpose
    version: str
    given_at: datetime
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", required_text("version", self.version, at_most=LINE_LENGTH))

    @property
    def stands(self) -> bool:
        """Whether the consent is not withdrawn."""
        return self.withdrawn_at is None


def checked_facts(group: Group, facts: Mapping[str, int]) -> dict[str, int]:
    """The known facts (code, or mask for a set), in vocabulary order; `UnknownValue` or `InvalidFact` otherwise."""
    for code, value in facts.items():
        if known_attribute(code).group is not group:
            raise InvalidFact(code, N_("is not part of the {group}"), group=group)
        if not UNKNOWN <= value <= _GREATEST[group][code]:
            raise InvalidFact(code, N_("is out of range"))
    return {code: facts[code] for code in _GREATEST[group] if facts.get(code)}


def _greatest(attribute: Attribute) -> int:
    return (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size


# Every fact's greatest code or mask, by group, in vocabulary order. Computed once, because each user read needs it.
_GREATEST = {
    group: {code: _greatest(attribute) for code, attribute in VOCABULARY.items() if attribute.group is group}
    for group in Group
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileText:
    """A free text of the profile: its name in Korean and English, and the most characters it may have."""

    ko: str
    en: str
    at_most: int


# Every text of `Profile`, in the order in which sheets and tables hold them.
PROFILE_TEXTS: Mapping[str, ProfileText] = {
    "district": ProfileText(ko="시군구", en="district", at_most=LINE_LENGTH),
    "school": ProfileText(ko="학교", en="school", at_most=LINE_LENGTH),
    "job_title": ProfileText(ko="직장·직책", en="job title", at_most=LINE_LENGTH),
    "introduction": ProfileText(ko="자기소개", en="introduction", at_most=ESSAY_LENGTH),
    "ideal_partner": ProfileText(ko="이상형", en="ideal partner", at_most=ESSAY_LENGTH),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The profile of a person. `facts`: attribute -> code (mask for a set); an absent one is unknown, never "no".

    `verified`: the facts that a verified document proves. The texts are those of `PROFILE_TEXTS`.
    """

    facts: Mapping[str, int] = field(default_factory=dict)
    district: str = ""
    school: str = ""
    job_title: str = ""
    introduction: str = ""
    ideal_partner: str = ""
    verified: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", checked_facts(Group.PROFILE, self.facts))
        for name, text in PROFILE_TEXTS.items():
            object.__setattr__(self, name, checked_text(name, getattr(self, name), at_most=text.at_most))
        if not self.verified <= self.facts.keys():
            raise InvalidFact("verified", N_("names a fact that is not known"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifestyle:
    """The lifestyle of a person: facts coded like those of the profile."""

    facts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", checked_facts(Group.LIFESTYLE, self.facts))


# A profile needs these to be matched; everything else may stay unknown.
REQUIRED_FACTS = ("height_cm", "region", "education", "job_group")
REQUIRED_CONSENTS = (Purpose.TERMS, Purpose.PRIVACY)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account. Staff call users who may take part members.

    `phone`: in E.164, unique among live users; None for users who signed up by a provider. `phone_proven_at` and
    `email_proven_at`: when the user proved by a code to have the phone or to read `email`; None for never. `capacity`:
    the most introductions a week; None for the policy's. `paused_until`: the day on which a pause ends.
    `suspended_from`: the status of a suspended user before the suspension. `submitted_at`: when the profile was last
    submitted for review. `version` counts saves; the storage raises
    it. Times are UTC.
    """

    id: UserId
    name: str
    gender: Genders
    seeks: Genders
    birth_year: int
    created_at: datetime
    updated_at: datetime
    phone: str | None = None
    phone_proven_at: datetime | None = None
    email: str | None = None
    email_proven_at: datetime | None = None
    role: Role = Role.MEMBER
    status: Status = Status.DRAFT
    status_reason: str = ""
    profile: Profile = field(default_factory=Profile)
    lifestyle: Lifestyle = field(default_factory=Lifestyle)
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    consents: Mapping[Purpose, Consent] = field(default_factory=dict)
    capacity: int | None = None
    paused_until: date | None = None
    suspended_from: Status | None = None
    submitted_at: datetime | None = None
    activated_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        self._check_texts()
        if len(self.gender) != 1 or not self.seeks:
            raise InvalidFact("gender", N_("must be one gender, and at least one must be sought"))
        check_birth_year(self.birth_year)
        # The exact date depends on the service's time zone, which use cases know: see `require_adult`.
        require_adult(self.birth_year, (self.created_at.astimezone(UTC) + _FARTHEST_EAST).date())
        if self.capacity is not None and not 1 <= self.capacity <= MOST_CAPACITY:
            raise InvalidFact("capacity", N_("must be 1..{most_capacity}"), most_capacity=MOST_CAPACITY)
        object.__setattr__(self, "wishes", _in_vocabulary_order(self.wishes))
        if any(purpose is not consent.purpose for purpose, consent in self.consents.items()):
            raise InvalidFact("consents", N_("each must stand under its own purpose"))
        self._require_consent_for_sensitive_facts()

    def _check_texts(self) -> None:
        object.__setattr__(self, "name", required_name("name", self.name, at_most=NAME_LENGTH))
        reason = checked_text("status_reason", self.status_reason, at_most=LINE_LENGTH)
        object.__setattr__(self, "status_reason", reason)
        if self.email is not None:
            object.__setattr__(self, "email", required_text("email", self.email, at_most=EMAIL_LENGTH))
        if self.phone is not None and not _E164.fullmatch(storable_text("phone", self.phone)):
            raise InvalidFact("phone", N_("must be written like +821012345678"))

    @property
    def has_proven_phone(self) -> bool:
        """Whether the user has a phone and has proven it, so that partners can reach them."""
        return self.phone is not None and self.phone_proven_at is not None

    def _require_consent_for_sensitive_facts(self) -> None:
        sensitive = [code for code in self.facts if VOCABULARY[code].sensitive]
        if sensitive and not self.consents_to(Purpose.SENSITIVE):
            raise ConsentMissing(N_("sensitive facts need the consent for sensitive data first"), sensitive)

    @property
    def facts(self) -> dict[str, int]:
        """All facts that matching uses: birth year, profile and lifestyle, coded."""
        born = VOCABULARY["birth_year"].code_of(self.birth_year)
        return {"birth_year": born, **self.profile.facts, **self.lifestyle.facts}

    @property
    def missing(self) -> tuple[str, ...]:
        """What the profile lacks before it can be submitted: codes of attributes, "consent_…" for consents, "wishes",
        and "phone" for a proven phone."""
        facts = tuple(code for code in REQUIRED_FACTS if code not in self.profile.facts)
        consents = tuple(f"consent_{purpose}" for purpose in REQUIRED_CONSENTS if not self.consents_to(purpose))
        wishes = () if self.wishes else ("wishes",)
        return facts + consents + wishes + (() if self.has_proven_phone else ("phone",))

    def consents_to(self, purpose: Purpose) -> bool:
        """Whether consent for this purpose was given and not withdrawn."""
        return purpose in self.consents and self.consents[purpose].stands

    def candidate(self, *, capacity: int, weeks_waited: int = 0, introduced: int = 0, due: bool = False) -> Candidate:
        """The candidate that this user is in a round."""
        return Candidate(
            id=self.id,
            gender=self.gender,
            seeks=self.seeks,
            facts=self.facts,
            wishes=self.wishes,
            weeks_waited=weeks_waited,
            due=due,
            capacity=self.capacity or capacity,
            introduced=introduced,
        )

    def edited(self, *, at: datetime, **changes: object) -> Self:
        """The user with other facts, texts, wishes, consents or role; `WrongStatus` for a withdrawn user.

        `InvalidFact` for a field that only the methods below may change, such as the status.
        """
        for name in changes.keys() & _NOT_EDITED:
            raise InvalidFact(name, N_("cannot be edited"))
        return self._changed(at, **changes)

    def with_phone(self, phone: str, *, at: datetime) -> Self:
        """The user with a phone that they have just proven to hold."""
        return self._changed(at, phone=phone, phone_proven_at=at)

    def with_email(self, email: str, *, at: datetime) -> Self:
        """The user with an e-mail address that they have just proven to read."""
        return self._changed(at, email=email, email_proven_at=at)

    def submit(self, *, at: datetime) -> Self:
        """Submit the profile for review; `Incomplete` names what is missing."""
        if self.missing:
            raise Incomplete(self.missing)
        return replace(self._moved({Status.DRAFT, Status.REJECTED}, Status.PENDING, at), submitted_at=at)

    def approve(self, *, at: datetime) -> Self:
        """Approve the profile: the user takes part in match weeks from now on."""
        return replace(self._moved({Status.PENDING}, Status.ACTIVE, at), activated_at=at)

    def reject(self, *, at: datetime, reason: str) -> Self:
        """Reject the profile, with a reason that the user reads. They can submit it again."""
        return self._moved({Status.PENDING}, Status.REJECTED, at, reason)

    def pause(self, *, at: datetime, until: date | None = None) -> Self:
        """Take no part in match weeks until a date, or until `resume`; for a paused user, change that date."""
        return replace(self._moved({Status.ACTIVE, Status.PAUSED}, Status.PAUSED, at), paused_until=until)

    def resume(self, *, at: datetime) -> Self:
        """End the pause."""
        return replace(self._moved({Status.PAUSED}, Status.ACTIVE, at), paused_until=None)

    def suspend(self, *, at: datetime, reason: str) -> Self:
        """Suspend the member until restored; only staff read the reason. Staff are suspended from any status: most of
        them never sent in a profile."""
        unreviewed = set() if self.role is Role.MEMBER else {Status.DRAFT, Status.PENDING, Status.REJECTED}
        suspended = self._moved({Status.ACTIVE, Status.PAUSED} | unreviewed, Status.SUSPENDED, at, reason)
        return replace(suspended, suspended_from=self.status)

    def restore(self, *, at: datetime, today: date) -> Self:
        """End the suspension. A pause that has not ended by `today`, in the service's time zone, goes on, and whoever
        was not reviewed before is not by that."""
        restored = replace(self._moved({Status.SUSPENDED}, Status.ACTIVE, at), suspended_from=None)
        if self.suspended_from in (Status.DRAFT, Status.PENDING, Status.REJECTED):
            return replace(restored, status=self.suspended_from)
        if self.suspended_from is Status.PAUSED and (self.paused_until is None or self.paused_until > today):
            return replace(restored, status=Status.PAUSED)
        return replace(restored, paused_until=None)

    def withdraw(self, *, at: datetime) -> Self:
        """Withdraw from the service for good. The user is erased after the retention period."""
        everywhere = set(Status) - {Status.WITHDRAWN}
        withdrawn = self._moved(everywhere, Status.WITHDRAWN, at)
        return replace(withdrawn, deleted_at=at, paused_until=None, suspended_from=None)

    def is_unchanged(self, before: "User") -> bool:
        """Whether nothing but the time of the last edit differs from `before`."""
        return replace(self, updated_at=before.updated_at) == before

    def _changed(self, at: datetime, **changes: object) -> Self:
        if self.status is Status.WITHDRAWN:
            raise WrongStatus(N_("this user has left; nothing can be edited"))
        return replace(self, updated_at=at, **changes)  # type: ignore[arg-type]

    def _moved(self, allowed: set[Status], to: Status, at: datetime, reason: str = "") -> Self:
        if self.status is to and to not in allowed:
            raise WrongStatus(N_("this user is {status} already"), status=to)
        if self.status not in allowed:
            raise WrongStatus(N_("a user who is {status} cannot become {to}"), status=self.status, to=to)
        return replace(self, status=to, status_reason=reason, updated_at=at)


_NOT_EDITED = frozenset(
    {
        *("id", "status", "status_reason", "paused_until", "suspended_from"),
        *("submitted_at", "activated_at", "created_at"),
        *("deleted_at", "version"),
        *("phone", "phone_proven_at", "email", "email_proven_at"),
    }
)


def check_birth_year(birth_year: int) -> None:
    """`InvalidFact` for a birth year out of range."""
    if not EARLIEST_BIRTH_YEAR <= birth_year <= LATEST_BIRTH_YEAR:
        raise InvalidFact(
            "birth_year",
            N_("must be {earliest_birth_year}..{latest_birth_year}"),
            earliest_birth_year=EARLIEST_BIRTH_YEAR,
            latest_birth_year=LATEST_BIRTH_YEAR,
        )


def require_adult(birth_year: int, today: date) -> None:
    """`NotAdult` unless everybody born in this year is of age on this date, in the service's time zone.

    Use cases that store a new user or another birth year call it. `User` does not know the time zone, so it only
    refuses a person who is not of age in any.
    """
    if today.year - birth_year <= ADULT_AGE:
        raise NotAdult(N_("birth_year: members must be of age ({adult_age} full years)"), adult_age=ADULT_AGE)


def _in_vocabulary_order(wishes: Mapping[str, Wish]) -> dict[str, Wish]:
    if any(code != wish.attribute for code, wish in wishes.items()):
        raise InvalidFact("wishes", N_("each must stand under its own attribute"))
    return {code: wishes[code] for code in VOCABULARY if code in wishes}
