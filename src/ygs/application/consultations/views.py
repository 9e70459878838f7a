"""Consultations and slots as members and staff see them, and their requests."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.explanations.suggestions import UnknownFact
from ygs.application.facts import FactValue, value_told
from ygs.application.person_views import masked_name
from ygs.application.request_fields import CheckedText, Moment
from ygs.domain.consultations import (
    CalendarEntry,
    CancellationRule,
    Consultation,
    ConsultationState,
    KeptQuestion,
    Slot,
)
from ygs.domain.consulting_hours import ClosedDay, Hours, SlotSeries, WorkingHours
from ygs.domain.errors import DeadlinePassed
from ygs.domain.ids import ULID, ConsultationId, SlotId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH
from ygs.domain.users import User
from ygs.domain.week_schedule import Weekday

_SLOT = {"pattern": f"^csl_{ULID}$", "examples": ["csl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
_USER = {"pattern": f"^usr_{ULID}$", "examples": ["usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"]}
SlotChoice = Annotated[SlotId, Field(**_SLOT)]
UserChoice = Annotated[UserId, Field(**_USER)]

Names = Mapping[UserId, str]


def _name(names: Names, id: UserId) -> str:
    return names.get(id, "?")


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SlotBooking(_Request):
    """Which time a member wants."""

    slot_id: SlotChoice = Field(description="A slot of GET /consultations/slots.")


class SlotBookingFor(SlotBooking):
    """Which time staff book for whom."""

    member_id: UserChoice = Field(description="The member.")


class SlotOpening(_Request):
    """A time at which a consultant receives a member."""

    consultant_id: UserChoice | None = Field(default=None, description="Left out: the consultant who asks.")
    starts_at: Moment = Field(description="With its offset from UTC, on a quarter of an hour.")
    minutes: int = Field(ge=15, le=240, multiple_of=15, description="How long, in minutes.")


class SeriesOpening(_Request):
    """Times that repeat weekly. Local times of the service's time zone, also after the clocks change."""

    consultant_id: UserChoice | None = Field(default=None, description="Left out: the consultant who asks.")
    weekdays: frozenset[Weekday] = Field(min_length=1, max_length=7, description="On which days of the week.")
    times: list[time] = Field(
        min_length=1, max_length=16, description="When on each of those days, such as 10:00; without an offset."
    )
    minutes: int = Field(ge=15, le=240, multiple_of=15, description="How long each is, in minutes.")
    first: date = Field(description="The first day.")
    last: date = Field(description="The last day, within a year.")
    weeks_apart: int = Field(default=1, ge=1, le=8, description="1 for every week, 2 for every other.")

    def series(self) -> SlotSeries:
        """The series."""
        return SlotSeries(
            weekdays=self.weekdays,
            times=tuple(sorted({each.replace(tzinfo=None) for each in self.times})),
            length=timedelta(minutes=self.minutes),
            first=self.first,
            last=self.last,
            weeks_apart=self.weeks_apart,
        )


class ConsultationNotes(_Request):
    """What staff write down about a consultation; members never read it."""

    notes: Annotated[str, CheckedText("notes", NOTE_LENGTH)] = Field(description="The notes; empty for none.")


class ConsultationCancellation(_Request):
    """Why staff cancel a consultation; only staff read it, in the audit log."""

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(description="Why.")


class HoursFields(_Request):
    """From when to when on a day, local time."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    start: time = Field(description="From when, such as 10:00.")
    end: time = Field(description="Until when, later on the same day.")


class WorkingHoursFields(_Request):
    """When a consultant works in a week. Series open slots only within; no days: at any time."""

    days: dict[Weekday, list[HoursFields]] = Field(max_length=7, description="The hours by day of the week.")

    def hours(self, consultant: UserId, version: int) -> WorkingHours:
        """The working hours."""
        days = {
            day: tuple(Hours(each.start.replace(tzinfo=None), each.end.replace(tzinfo=None)) for each in those)
            for day, those in self.days.items()
            if those
        }
        return WorkingHours(consultant=consultant, days=days, version=version)


class WorkingHoursView(_View):
    """When a consultant works in a week, local time."""

    consultant_id: UserId = Field(description="The consultant.")
    days: dict[Weekday, list[HoursFields]] = Field(description="The hours by day of the week; none: at any time.")
    version: int = Field(ge=0, description="How often they were set.")

    @classmethod
    def of(cls, hours: WorkingHours) -> Self:
        """The view of working hours."""
        days = {day: [HoursFields.model_validate(each) for each in those] for day, those in hours.days.items()}
        return cls(consultant_id=hours.consultant, days=days, version=hours.version)


class ClosedDayFields(_Request):
    """A day on which no consultant receives members."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    day: date = Field(description="The date.")
    name: Annotated[str, CheckedText("name", LINE_LENGTH, required=True)] = Field(
        description="Why, such as the name of a public holiday."
    )

    def closed_day(self) -> ClosedDay:
        """The closed day."""
        return ClosedDay(self.day, self.name)


class ClosedDaysEdit(_Request):
    """Days to close."""

    days: list[ClosedDayFields] = Field(min_length=1, max_length=100, description="The days.")


class ClosedDaysView(_View):
    """What came of closing days: their free slots are closed, what is booked on them is left to staff."""

    closed: int = Field(ge=0, description="How many free slots were closed.")
    booked: list[ConsultationId] = Field(description="Booked consultations on those days: move or cancel each.")


class SlotView(_View):
    """A time that can be booked."""

    id: SlotId = Field(description="The slot.")
    consultant_id: UserId = Field(description="With whom.")
    consultant_name: str = Field(description="The consultant's name.")
    starts_at: datetime = Field(description="When it begins, UTC.")
    ends_at: datetime = Field(description="When it ends, UTC.")

    @classmethod
    def of(cls, slot: Slot, names: Names) -> Self:
        """The view of a slot."""
        return cls(
            id=slot.id,
            consultant_id=slot.consultant,
            consultant_name=_name(names, slot.consultant),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )


class OpenedSlots(_View):
    """What came of opening a series. Times that could not be opened are counted by why."""

    opened: int = Field(ge=0, description="How many slots were opened.")
    closed_days: int = Field(ge=0, description="Times left out: the club is closed on that day.")
    outside_hours: int = Field(ge=0, description="Times left out: outside the consultant's working hours.")
    taken: int = Field(ge=0, description="Times left out: the consultant has a slot then.")
    skipped: int = Field(ge=0, description="Times left out: over, more than a year ahead, or skipped by the clocks.")


class ConsultationView(_View):
    """A member's own consultation."""

    id: ConsultationId = Field(description="The consultation.")
    consultant_id: UserId = Field(description="With whom.")
    consultant_name: str = Field(description='The consultant\'s name; "?" once they left.')
    starts_at: datetime = Field(description="When it begins, UTC.")
    ends_at: datetime = Field(description="When it ends, UTC.")
    state: ConsultationState = Field(description="What became of it.")
    can_change: bool = Field(description="Whether the member may move or cancel it now.")

    @classmethod
    def of(cls, consultation: Consultation, names: Names, rule: CancellationRule, at: datetime) -> Self:
        """The view of a consultation."""
        return cls(
            id=consultation.id,
            consultant_id=consultation.consultant,
            consultant_name=_name(names, consultation.consultant),
            starts_at=consultation.starts_at,
            ends_at=consultation.ends_at,
            state=consultation.state,
            can_change=_may_change(consultation, rule, at),
        )


def _may_change(consultation: Consultation, rule: CancellationRule, at: datetime) -> bool:
    try:
        rule.require_open(consultation, at)
    except DeadlinePassed:
        return False
    return consultation.state is ConsultationState.BOOKED


class CalendarLine(_View):
    """A slot in a consultant's calendar, and who booked it."""

    slot_id: SlotId = Field(description="The slot.")
    consultant_id: UserId = Field(description="Whose calendar.")
    consultant_name: str = Field(description='The consultant\'s name; "?" once they left.')
    starts_at: datetime = Field(description="When it begins, UTC.")
    ends_at: datetime = Field(description="When it ends, UTC.")
    consultation_id: ConsultationId | None = Field(description="What takes it; null while it is free.")
    state: ConsultationState | None = Field(description="What became of that; null while it is free.")
    member_id: UserId | None = Field(description="Who booked it; null while it is free, and for another's member.")
    member_name: str | None = Field(description='Masked; "?" once they left; null where the id is.')

    @classmethod
    def of(cls, entry: CalendarEntry, names: Names, shown: Collection[UserId]) -> Self:
        """The line of a slot; `shown`: the members whom the reader may know of."""
        booked = entry.consultation
        member = booked.member if booked and booked.member in shown else None
        return cls(
            slot_id=entry.slot.id,
            consultant_id=entry.slot.consultant,
            consultant_name=_name(names, entry.slot.consultant),
            starts_at=entry.slot.starts_at,
            ends_at=entry.slot.ends_at,
            consultation_id=booked.id if booked else None,
            state=booked.state if booked else None,
            member_id=member,
            member_name=masked_name(_name(names, member)) if member else None,
        )


class ConsultantView(_View):
    """Somebody of the staff who can receive members."""

    id: UserId = Field(description="The consultant.")
    name: str = Field(description="The consultant's name.")

    @classmethod
    def of(cls, user: User) -> Self:
        """The view of a consultant."""
        return cls(id=user.id, name=user.name)


class MemberConsultationView(_View):
    """A consultation of one member, as staff see it in a list."""

    id: ConsultationId = Field(description="The consultation.")
    consultant_id: UserId = Field(description="With whom.")
    consultant_name: str = Field(description='The consultant\'s name; "?" once they left.')
    starts_at: datetime = Field(description="When it begins, UTC.")
    ends_at: datetime = Field(description="When it ends, UTC.")
    state: ConsultationState = Field(description="What became of it.")

    @classmethod
    def of(cls, consultation: Consultation, names: Names) -> Self:
        """The view of a consultation."""
        return cls(
            id=consultation.id,
            consultant_id=consultation.consultant,
            consultant_name=_name(names, consultation.consultant),
            starts_at=consultation.starts_at,
            ends_at=consultation.ends_at,
            state=consultation.state,
        )


class PreparedQuestion(_View):
    """A fact of the member that is unknown and worth asking for. The best `answer` would open so many more mutual
    candidates to them."""

    attribute: str = Field(description="The attribute, as GET /vocabulary has it.")
    answer: FactValue = Field(description="The answer that would open most.")
    opens: int = Field(ge=0, description="How many more mutual candidates it would open.")
    ko: str = Field(description="What to ask, in Korean.")
    en: str = Field(description="What to ask, in English.")

    @classmethod
    def of(cls, question: KeptQuestion) -> Self:
        """The view of a question that was prepared."""
        fact = UnknownFact(question.attribute, question.answer, question.opens, question.opens)
        return cls(
            attribute=fact.attribute,
            answer=value_told(fact.attribute, fact.answer),
            opens=fact.opens,
            ko=fact.sentence(Language.KO),
            en=fact.sentence(Language.EN),
        )


def _still_unknown(consultation: Consultation, member: User | None) -> list[PreparedQuestion]:
    """The questions that were prepared, without those that have been answered since; none once the member left."""
    if member is None:
        return []
    facts = member.facts
    return [PreparedQuestion.of(each) for each in consultation.questions if not facts.get(each.attribute)]


class StaffConsultationView(_View):
    """A consultation as staff see it."""

    id: ConsultationId = Field(description="The consultation.")
    slot_id: SlotId = Field(description="Its slot.")
    consultant_id: UserId = Field(description="With whom.")
    consultant_name: str = Field(description='The consultant\'s name; "?" once they left.')
    member_id: UserId = Field(description="Who booked it, or for whom it was booked.")
    member_name: str = Field(description='The member\'s name; "?" once they left.')
    starts_at: datetime = Field(description="When it begins, UTC.")
    ends_at: datetime = Field(description="When it ends, UTC.")
    state: ConsultationState = Field(description="What became of it.")
    booked_at: datetime = Field(description="When it was booked, UTC.")
    member_can_change: bool = Field(description="Whether the member may still move or cancel it.")
    notes: str = Field(description="Staff's notes; members never read them.")
    questions: list[PreparedQuestion] = Field(description="What to ask the member, the most promising first.")
    questions_at: datetime | None = Field(description="When the questions were prepared, UTC; null if never.")
    version: int = Field(ge=1, description="How often it was stored.")

    @classmethod
    def of(
        cls, consultation: Consultation, names: Names, member: User | None, rule: CancellationRule, at: datetime
    ) -> Self:
        """The view of a consultation; `member`: whose it is, None once they left."""
        return cls(
            id=consultation.id,
            slot_id=consultation.slot_id,
            consultant_id=consultation.consultant,
            consultant_name=_name(names, consultation.consultant),
            member_id=consultation.member,
            member_name=_name(names, consultation.member),
            starts_at=consultation.starts_at,
            ends_at=consultation.ends_at,
            state=consultation.state,
            booked_at=consultation.booked_at,
            member_can_change=_may_change(consultation, rule, at),
            notes=consultation.notes,
            questions=_still_unknown(consultation, member),
            questions_at=consultation.questions_at,
            version=consultation.version,
        )
