"""What staff search members by: one text for names, phones, addresses and ids, and a filter for every coded fact."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from ygs.application.fact_types import CodesOf
from ygs.application.facts import Gender, to_genders
from ygs.application.request_fields import Moment
from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import ULID, UserId, user_id
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Group
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.name_search import NameQuery
from ygs.domain.text import LINE_LENGTH, checked_text
from ygs.domain.users import EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR, Role, Status
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.directory import MemberFilter, MemberOrder

_LAST_DIGITS = 4
_FEWEST_DIGITS = 7
_NUMBER = re.compile(r"[\d\s().+\-]*\d[\d\s().+\-]*")
_USER = f"usr_{ULID}"
_ME = "me"
_NOBODY = "none"

FILTERED = {code: each for code, each in VOCABULARY.items() if each.group is not Group.IDENTITY}
FilteredFact = StrEnum("FilteredFact", {code: code for code in FILTERED})  # type: ignore[misc] # its fields are made of the vocabulary
WishedAttribute = StrEnum("WishedAttribute", {code: code for code in VOCABULARY})  # type: ignore[misc]
BirthYear = Annotated[int, Field(ge=EARLIEST_BIRTH_YEAR, le=LATEST_BIRTH_YEAR)]


class MembershipStanding(StrEnum):
    """How a member's membership stands."""

    ACTIVE = "active"  # there is one that has not ended
    DUE = "due"  # staff must look at it: due, late, or nearly three months without a meeting, as of the morning
    NONE = "none"  # there is none that has not ended


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for code, attribute in FILTERED.items():
        if attribute.is_number:
            number = Annotated[int, Field(ge=attribute.low, le=attribute.high)]
            unit = f", in {attribute.unit_en}" if attribute.unit_en else ""
            fields[f"{code}_from"] = number | None, Field(default=None, description=f"The least {attribute.en}{unit}.")
            fields[f"{code}_to"] = number | None, Field(default=None, description=f"The greatest {attribute.en}{unit}.")
        else:
            one = Annotated[str, CodesOf(code)]
            about = f"{attribute.en}: one of these codes of GET /vocabulary."
            fields[code] = list[one], Field(default=[], max_length=attribute.size, description=about)
    return fields


# One field for each coded fact; of a number, its two ends.
_FactCriteria: Any = create_model("FactCriteria", **_fields())


class StandingCriteria(_FactCriteria):  # made of the vocabulary
    """Whom a list shows, without a search: everybody who fits all that is given. Of several values of one field, one is
    enough."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: list[Status] = Field(default=[], max_length=len(Status), description="Only those in one of these.")
    role: list[Role] = Field(default=[], max_length=len(Role), description="Only those with one of these.")
    gender: Gender | None = Field(default=None, description="Only those of this gender.")
    born_from: BirthYear | None = Field(default=None, description="Born in this year or later.")
    born_to: BirthYear | None = Field(default=None, description="Born in this year or earlier.")
    unknown: list[FilteredFact] = Field(
        default=[], max_length=len(FILTERED), description="Facts that may also, or without a filter must, be unknown."
    )
    wish: list[WishedAttribute] = Field(
        default=[], max_length=len(VOCABULARY), description="Only those with a wish that matters about all of these."
    )
    verified: list[FilteredFact] = Field(
        default=[], max_length=len(FILTERED), description="Only those of whom documents prove all of these."
    )
    seen_since: Moment | None = Field(default=None, description="Signed in at this time or later.")
    seen_before: Moment | None = Field(default=None, description="Not signed in since this time.")
    submitted_since: Moment | None = Field(default=None, description="Last submitted at this time or later.")
    submitted_before: Moment | None = Field(default=None, description="Last submitted before this time.")
    membership: MembershipStanding | None = Field(default=None, description="How their membership stands.")
    consultant: str | None = Field(
        default=None,
        pattern=rf"^({_USER}|{_ME}|{_NOBODY})$",
        description="Only those assigned to this consultant: an id, `me`, or `none` for those assigned to nobody.",
    )

    @property
    def names(self) -> str:
        """The names of the criteria that are given, for the audit log: never their values."""
        return ",".join(sorted(self.given()))

    def given(self) -> dict[str, Any]:
        """The criteria that are given, as JSON has them."""
        written = self.model_dump(mode="json", include=set(MemberCriteria.model_fields))
        return {name: value for name, value in written.items() if value not in (None, [])}


class MemberCriteria(StandingCriteria):
    """Whom a list shows: everybody who fits all that is given and the search."""

    search: str | None = Field(
        default=None,
        max_length=LINE_LENGTH,
        description="A part of the name, also in initials (ㄱㅁㅈ, ㄱ민준); a phone, or its last four digits; a whole "
        "e-mail address; or an id.",
    )

    def to_filter(self, phones: Phones, me: UserId | None) -> MemberFilter:
        """The filter; `InvalidFact` or `InvalidText` for a search that can find nobody."""
        searched = _searched(self.search, phones) if self.search else MemberFilter()
        wanted = replace(
            searched,
            statuses=frozenset(self.status),
            roles=frozenset(self.role),
            genders=to_genders({self.gender}) if self.gender else None,
            born_from=self.born_from,
            born_to=self.born_to,
            facts=self._facts(),
            wishes=frozenset(map(str, self.wish)),
            verified=frozenset(map(str, self.verified)),
            seen_since=self.seen_since,
            seen_before=self.seen_before,
            submitted_since=self.submitted_since,
            submitted_before=self.submitted_before,
        )
        return replace(wanted, **self._membership(), **self._consultant(me))

    def _facts(self) -> Mapping[str, frozenset[int]]:
        accepted = {code: _accepted(self, attribute) for code, attribute in FILTERED.items()}
        unknown = {str(code): frozenset({UNKNOWN}) for code in self.unknown}
        either = {code: codes | unknown.get(code, frozenset()) for code, codes in accepted.items()}
        return {code: codes for code, codes in either.items() if codes}

    def _membership(self) -> dict[str, Any]:
        match self.membership:
            case MembershipStanding.DUE:
                return {"due": True}
            case None:
                return {}
        return {"membership": self.membership is MembershipStanding.ACTIVE}

    def _consultant(self, me: UserId | None) -> dict[str, Any]:
        if self.consultant == _NOBODY:
            return {"assigned": False}
        if self.consultant == _ME:
            # The operator has no id, and so no members.
            return {"consultant": me} if me else {"ids": ()}
        return {"consultant": user_id(self.consultant)} if self.consultant else {}


def _accepted(given: StandingCriteria, attribute: Attribute) -> frozenset[int]:
    code = attribute.code
    if not attribute.is_number:
        return frozenset(map(attribute.code_of, getattr(given, code)))
    low, high = getattr(given, f"{code}_from"), getattr(given, f"{code}_to")
    if low is None and high is None:
        return frozenset()
    first = attribute.code_of(low if low is not None else attribute.low)
    last = attribute.code_of(high if high is not None else attribute.high)
    if first > last:
        raise InvalidFact(f"{code}_to", N_("must not be below the other end"))
    return frozenset(range(first, last + 1))


def _searched(search: str, phones: Phones) -> MemberFilter:
    text = checked_text("search", search, at_most=LINE_LENGTH)
    if text.startswith("usr_"):
        return MemberFilter(ids=(user_id(text),))
    if "@" in text:
        return MemberFilter(email=text)
    if not _NUMBER.fullmatch(text):
        return MemberFilter(name=NameQuery.of(text))
    digits = re.sub(r"\D", "", text)
    if len(digits) == _LAST_DIGITS:
        return MemberFilter(last_four=digits)
    if len(digits) < _FEWEST_DIGITS:
        raise InvalidFact("search", N_("give the whole phone number, or its last four digits"))
    return MemberFilter(phone=phones.e164(text))


class DirectoryRequest(MemberCriteria):
    """Which members to list, in what order, and which page of them."""

    sort: MemberOrder = Field(default=MemberOrder.NEWEST, description="The order of the list.")
    total: bool = Field(default=False, description="Whether to count all who fit, exactly.")
    after: str | None = Field(default=None, pattern=f"^{_USER}$", description="`next` of the page before.")
    limit: int = Field(default=MOST_PAGE, ge=1, le=MOST_PAGE, description="The most items to answer with.")

    @property
    def position(self) -> UserId | None:
        """The user after whom the page begins."""
        return UserId(self.after) if self.after else None
