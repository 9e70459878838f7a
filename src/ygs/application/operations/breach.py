"""After a leak by an account: whose data it was shown, drafts of their notices, and of the report to the authority."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, groupby
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.audit.redaction import Redaction
from ygs.application.bilingual import Bilingual
from ygs.application.messages.translate import translate
from ygs.domain.breach_rules import KOREA
from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import ReadKind
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AccessSum
from ygs.ports.storage import Storage


class SeenData(StrEnum):
    """What of a member's data an account saw."""

    LISTED = "listed"
    PROFILE = "profile"
    PHOTOS = "photos"
    DOCUMENTS = "documents"
    CONTRACT = "contract"
    CONSULTATIONS = "consultations"
    MATCHING = "matching"
    OTHER = "other"


# By action, or by what stands before its point. A notice must not tell a member that they were reported, nor that
# staff wrote a note: both are other data.
_SEEN = {
    "alternative": SeenData.MATCHING,
    "breach.listed": SeenData.LISTED,
    "candidates": SeenData.MATCHING,
    "consultation": SeenData.CONSULTATIONS,
    "consultations": SeenData.CONSULTATIONS,
    "consultations.listed": SeenData.LISTED,
    "deliveries.read": SeenData.LISTED,
    "document": SeenData.DOCUMENTS,
    "documents": SeenData.DOCUMENTS,
    "draft": SeenData.PROFILE,
    "forecast": SeenData.CONTRACT,
    "import": SeenData.LISTED,
    "introduction": SeenData.MATCHING,
    "introductions": SeenData.MATCHING,
    "match": SeenData.MATCHING,
    "meeting": SeenData.OTHER,
    "meetings.listed": SeenData.LISTED,
    "member": SeenData.PROFILE,
    "member.assigned": SeenData.LISTED,
    "members": SeenData.PROFILE,
    "members.read": SeenData.LISTED,
    "membership": SeenData.CONTRACT,
    "memberships": SeenData.CONTRACT,
    "memberships.listed": SeenData.LISTED,
    "note": SeenData.OTHER,
    "notes": SeenData.OTHER,
    "override_price": SeenData.MATCHING,
    "overrides": SeenData.MATCHING,
    "pair": SeenData.MATCHING,
    "photo": SeenData.PHOTOS,
    "proposal": SeenData.MATCHING,
    "questions": SeenData.MATCHING,
    "queue.read": SeenData.LISTED,
    "refund": SeenData.CONTRACT,
    "refunds": SeenData.CONTRACT,
    "report": SeenData.OTHER,
    "reports": SeenData.OTHER,
    "reports.listed": SeenData.LISTED,
    "timeline": SeenData.PROFILE,
    "week.advice_compared": SeenData.MATCHING,
    "week.advice_previewed": SeenData.PROFILE,
    "week.inputs_read": SeenData.MATCHING,
    "week.overridden": SeenData.MATCHING,
}
# Actions on accounts, on one's own account, or on what names nobody: they show nothing of a member.
_SHOWS_NOTHING = frozenset(
    {
        "account",
        "audit",
        "block",
        "calendar_feed",
        "canary",
        "data_export",
        "database",
        "day",
        "days",
        "delivery",
        "device",
        "export",
        "feedback",
        "file",
        "job",
        "learning",
        "notices",
        "policy",
        "reading",
        "saved_filter",
        "slot",
        "slots",
        "webhook",
        "week",
        "week_schedule",
        "working_hours",
    }
)
_TEXTS = {
    SeenData.LISTED: N_("your masked name, year of birth and status in a list"),
    SeenData.PROFILE: N_("your profile, with name, contacts, facts about your life, religion and marital history"),
    SeenData.PHOTOS: N_("your photos"),
    SeenData.DOCUMENTS: N_("documents that you sent, or that you sent them"),
    SeenData.CONTRACT: N_("your contract and payments"),
    SeenData.CONSULTATIONS: N_("your consultations, and what was noted there"),
    SeenData.MATCHING: N_("facts about you and your wishes, by which introductions are chosen"),
    SeenData.OTHER: N_("other data that staff keep about you"),
}


def seen_data(action: str) -> SeenData | None:
    """What an audited action showed of a member; None when it showed nothing, and other data when it is unknown."""
    topic, _, _ = action.partition(".")
    known = _SEEN.get(action) or _SEEN.get(topic)
    return known or (None if topic in _SHOWS_NOTHING else SeenData.OTHER)


class BreachPerson(BaseModel):
    """A member whose data an account was shown, and the draft of the notice to them."""

    model_config = ConfigDict(frozen=True)

    user_id: UserId = Field(description="The member.")
    data: list[SeenData] = Field(description="What of their data.")
    times: int = Field(ge=1, description="How often.")
    first_at: datetime = Field(description="When first, UTC.")
    last_at: datetime = Field(description="When last, UTC.")
    notice: Bilingual = Field(description="A draft of the notice; what stands in brackets is for you to fill in.")

    @classmethod
    def of(cls, user_id: UserId, sums: Sequence[AccessSum], zone: ZoneInfo) -> Self:
        """The view of one member's sums."""
        data = _sorted_data(sums)
        first = min(each.first_at for each in sums)
        last = max(each.last_at for each in sums)
        return cls(
            user_id=user_id,
            data=data,
            times=sum(each.count for each in sums),
            first_at=first,
            last_at=last,
            notice=Bilingual.by(lambda language: _notice(data, first, last, zone, language)),
        )


class BreachView(BaseModel):
    """Whose data an account was shown in a time, and what the law asks for: a draft, and no legal advice."""

    model_config = ConfigDict(frozen=True)

    account: UserId = Field(description="The account.")
    since: datetime = Field(description="From when on, UTC.")
    until: datetime = Field(description="Before when, UTC.")
    people: int = Field(ge=0, description="How many members.")
    in_full: int = Field(ge=0, description="Of how many more than a row of a list with a masked name.")
    incomplete: bool = Field(description="Whether members whom you were introduced to are left out: ask the operator.")
    must_report: bool = Field(description="Whether the authority must hear, as the rules named here say.")
    notify_by: datetime = Field(description="Until when members must be notified, UTC.")
    report_by: datetime = Field(description="Until when the authority must hear, UTC.")
    law: str = Field(description="Which law the deadlines are from.")
    in_force_since: date = Field(description="Since when it asks for this.")
    checked_on: date = Field(description="When this was last looked up.")
    sources: list[str] = Field(description="Where it was looked up.")
    report: Bilingual = Field(description="A draft of the report; what stands in brackets is for you to fill in.")
    items: list[BreachPerson] = Field(description="The members, by id.")
    next: UserId | None = Field(description="After whom the next page begins; null on the last.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachQuestion:
    """Which account, in which time, when the leak was known, and whether somebody intruded from outside."""

    account: UserId
    since: datetime
    until: datetime
    known_at: datetime | None = None
    intrusion: bool = True


@dataclass(frozen=True, slots=True)
class Breaches:
    """Use case after a leak, for administrators and the operator; audited with everybody whom it lists."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    audit_writer: AuditWriter

    async def find(
        self, actor: Actor, question: BreachQuestion, *, after: UserId | None = None, limit: int | None = MOST_PAGE
    ) -> BreachView:
        """Whose data the account was shown, by id after `after`, at most `limit`; all of them for `limit` None.

        `Forbidden` about an account that the actor was introduced to, and about the actor's own.
        """
        actor.require(Permission.READ_AUDIT)
        if question.since >= question.until:
            raise InvalidFact("until", N_("must be after the beginning"))
        redaction = await Redaction.towards(actor, self.storage)
        redaction.require_stranger(question.account)
        async with self.storage.read(latest=True) as reading:
            sums = await reading.audit.accessed_by(question.account, question.since, question.until)
        showing = (each for each in sums if seen_data(each.action))
        by_person = {
            person: list(theirs)
            for person, theirs in groupby(showing, key=lambda each: each.user_id)
            if person not in redaction.people
        }
        later = [person for person in by_person if after is None or person > after]
        page = later if limit is None else later[: min(limit, MOST_PAGE)]
        shown = [BreachPerson.of(person, by_person[person], self.zone) for person in page]
        now = self.clock.now()
        what = question.account
        await self.audit_writer.shown(actor, "breach.listed", page, at=now, kind=ReadKind.MASKED, what=what)
        more = page[-1] if len(page) < len(later) else None
        return self._view(question, question.known_at or now, by_person, redaction, shown, more)

    def _view(
        self,
        question: BreachQuestion,
        known_at: datetime,
        by_person: dict[UserId, list[AccessSum]],
        redaction: Redaction,
        shown: list[BreachPerson],
        more: UserId | None,
    ) -> BreachView:
        people = len(by_person)
        in_full = sum(
            any(seen_data(each.action) is not SeenData.LISTED for each in sums) for sums in by_person.values()
        )
        # A profile holds religion and marital history.
        must_report = KOREA.must_report(people, sensitive=in_full > 0, intrusion=question.intrusion)
        data = _sorted_data(chain.from_iterable(by_person.values()))
        return BreachView(
            account=question.account,
            since=question.since,
            until=question.until,
            people=people,
            in_full=in_full,
            incomplete=len(redaction.people) > 1,
            must_report=must_report,
            notify_by=KOREA.notify_by(known_at),
            report_by=KOREA.report_by(known_at),
            law=KOREA.law,
            in_force_since=KOREA.in_force_since,
            checked_on=KOREA.checked_on,
            sources=[*KOREA.sources],
            report=Bilingual.by(lambda language: self._report(question, known_at, people, data, language)),
            items=shown,
            next=more,
        )

    def _report(
        self, question: BreachQuestion, known_at: datetime, people: int, data: Iterable[SeenData], language: Language
    ) -> Iterator[str]:
        yield translate(
            N_("Report of a leak of personal data to the Personal Information Protection Commission"), language
        )
        yield translate(N_("Who reports: [name of the service, its representative, the person in charge]"), language)
        yield translate(N_("People concerned: {count}"), language, count=people)
        yield translate(N_("What leaked: {data}"), language, data=_listed(data, language))
        yield translate(
            N_("When and how: from {since} until {until}, by an account of staff; [how it was taken over or misused]"),
            language,
            since=_clock(question.since, self.zone),
            until=_clock(question.until, self.zone),
        )
        yield translate(N_("Known since: {known}"), language, known=_clock(known_at, self.zone))
        yield translate(
            N_("What was done: all that the account read is known from a sealed log; [account closed, cause removed]"),
            language,
        )
        yield translate(N_("People notified: [when, by which way]; help: [department, phone, e-mail]"), language)


def _sorted_data(sums: Iterable[AccessSum]) -> list[SeenData]:
    """What these accesses showed, in the order of `SeenData`."""
    seen = {seen_data(each.action) for each in sums}
    return [data for data in SeenData if data in seen]


def _notice(
    data: Iterable[SeenData], first: datetime, last: datetime, zone: ZoneInfo, language: Language
) -> Iterator[str]:
    yield translate(
        N_("Your personal data was seen, or may have been seen, by somebody who had no right to it."), language
    )
    yield translate(N_("What: {data}"), language, data=_listed(data, language))
    yield translate(
        N_("When and how: from {since} until {until}, by an account of staff; [how it was taken over or misused]"),
        language,
        since=_clock(first, zone),
        until=_clock(last, zone),
    )
    yield translate(
        N_("What you can do: mistrust calls and messages that use such data, give no code and no money"),
        language,
    )
    yield translate(
        N_("What we did: [account closed, cause removed]; we know from a sealed log what the account was shown"),
        language,
    )
    yield translate(
        N_("Your rights: you may claim damages, also those that the law fixes, or ask for mediation"),
        language,
    )
    yield translate(N_("Ask us: [department, phone, e-mail]"), language)


def _listed(data: Iterable[SeenData], language: Language) -> str:
    return "; ".join(translate(_TEXTS[each], language) for each in data)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
