"""Sheets of what was agreed and done with members, each entry with its day: memberships, consultations, reports.

No free text stands in them: what people wrote about each other stays in the service.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ygs.application.exporting.canary_entries import CanaryPerson, consultation_of, membership_of, report_of
from ygs.application.exporting.columns import in_language, moment_cell
from ygs.application.labels import label
from ygs.domain.consultations import Consultation
from ygs.domain.exports import ExportedData
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.promises import MembershipRecord, ledger_on
from ygs.domain.reports import Report
from ygs.domain.service_dates import start_of
from ygs.ports.spreadsheets import Cell
from ygs.ports.storage import Reading

Entry = TypeVar("Entry")

PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days from `since` on and before `until`, None for no bound, and the account for whom they are read."""

    since: date | None
    until: date | None
    zone: ZoneInfo
    reader: UserId | None

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """The first moments of both days."""
        since = None if self.since is None else start_of(self.since, self.zone)
        until = None if self.until is None else start_of(self.until, self.zone)
        return since, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a sheet: its language, the time zone of its moments, and the day on which it is made."""

    language: Language
    zone: ZoneInfo
    today: date

    def moment(self, at: datetime | None) -> Cell:
        """A moment in the service's time zone."""
        return moment_cell(at, self.zone)


class DatedSheet(Protocol[Entry]):
    """One kind of such sheets."""

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns, "Korean / English"."""
        ...

    async def page(self, tx: Reading, period: Period, after: Entry | None) -> Sequence[Entry]:
        """At most `PAGE` entries of a period after one of them, ascending by id."""
        ...

    def people(self, entry: Entry) -> Sequence[UserId]:
        """Whom an entry is about: they count in the read budget and stand in the audit log."""
        ...

    def staff(self, entry: Entry) -> Sequence[UserId]:
        """Who else is named in it."""
        ...

    def made_up(self, canary: CanaryPerson, near: Entry) -> Entry:
        """The canary's entry beside a true one."""
        ...

    def row(self, entry: Entry, names: Mapping[UserId, str], wording: Wording) -> Sequence[Cell]:
        """An entry as a row. Names of people who have left are missing."""
        ...


class MembershipSheet:
    """Memberships by the day of the contract, with what is owed and delivered today."""

    header = (
        "번호 / id",
        "회원 번호 / member id",
        "회원 이름 / member name",
        "상품 / plan",
        "계약일 / contracted",
        "시작일 / starts",
        "종료일 / ends",
        "해지일 / ended",
        "가입비(원) / fee (won)",
        "납부액(원) / paid (won)",
        "약속 단위 / promised in",
        "약속 횟수 / promised",
        "오늘까지 제공할 횟수 / owed today",
        "제공 횟수 / delivered",
        "밀린 횟수 / late",
        "만남 횟수 / meetings",
        "합의한 조건 / agreed wishes",
        "조건 밖 소개 / outside agreed wishes",
    )

    async def page(self, tx: Reading, period: Period, after: MembershipRecord | None) -> Sequence[MembershipRecord]:
        last = after.membership.id if after else None
        return await tx.memberships.records_between(period.since, period.until, after=last, limit=PAGE)

    def people(self, entry: MembershipRecord) -> Sequence[UserId]:
        return (entry.membership.user_id,)

    def staff(self, entry: MembershipRecord) -> Sequence[UserId]:
        return ()

    def made_up(self, canary: CanaryPerson, near: MembershipRecord) -> MembershipRecord:
        return membership_of(canary, near)

    def row(self, entry: MembershipRecord, names: Mapping[UserId, str], wording: Wording) -> Sequence[Cell]:
        membership = entry.membership
        terms = membership.terms
        ledger = ledger_on(entry, wording.today, wording.zone)
        agreed = [attribute.name(wording.language) for code, attribute in VOCABULARY.items() if code in terms.agreed]
        return (
            membership.id,
            membership.user_id,
            names.get(membership.user_id),
            membership.plan,
            membership.contracted_on.isoformat(),
            membership.starts_on.isoformat(),
            membership.ends_on(wording.today).isoformat(),
            membership.ended_on.isoformat() if membership.ended_on else None,
            terms.fee,
            membership.paid,
            label("promise_unit", terms.unit, wording.language),
            membership.total,
            ledger.owed,
            ledger.delivered,
            ledger.late,
            ledger.meetings,
            ", ".join(agreed),
            ledger.outside,
        )


class ConsultationSheet:
    """Consultations by the day on which they begin."""

    header = (
        "번호 / id",
        "상태 / state",
        "시작 / begins",
        "끝 / ends",
        "회원 번호 / member id",
        "회원 이름 / member name",
        "상담사 번호 / consultant id",
        "상담사 이름 / consultant name",
        "예약한 때 / booked",
        "마지막 변경 / changed",
        "회원이 옮긴 횟수 / moved by the member",
    )

    async def page(self, tx: Reading, period: Period, after: Consultation | None) -> Sequence[Consultation]:
        since, until = period.moments
        return await tx.consultations.all_between(since, until, after=after.id if after else None, limit=PAGE)

    def people(self, entry: Consultation) -> Sequence[UserId]:
        return (entry.member,)

    def staff(self, entry: Consultation) -> Sequence[UserId]:
        return (entry.consultant,)

    def made_up(self, canary: CanaryPerson, near: Consultation) -> Consultation:
        return consultation_of(canary, near)

    def row(self, entry: Consultation, names: Mapping[UserId, str], wording: Wording) -> Sequence[Cell]:
        return (
            entry.id,
            label("consultation_state", entry.state, wording.language),
            wording.moment(entry.starts_at),
            wording.moment(entry.ends_at),
            entry.member,
            names.get(entry.member),
            entry.consultant,
            names.get(entry.consultant),
            wording.moment(entry.booked_at),
            wording.moment(entry.changed_at),
            entry.moves,
        )


class ReportSheet:
    """Reports by the day on which they were made, without those about whoever the sheet is for."""

    header = (
        "번호 / id",
        "상태 / state",
        "분류 / category",
        "신고한 회원 번호 / reporter id",
        "신고한 회원 이름 / reporter name",
        "신고된 회원 번호 / reported id",
        "신고된 회원 이름 / reported name",
        "신고한 때 / made",
        "처리 / resolution",
        "처리한 때 / resolved",
        "처리한 직원 번호 / resolved by",
    )

    async def page(self, tx: Reading, period: Period, after: Report | None) -> Sequence[Report]:
        since, until = period.moments
        last = after.id if after else None
        return await tx.reports.between(since, until, not_about=period.reader, after=last, limit=PAGE)

    def people(self, entry: Report) -> Sequence[UserId]:
        return (entry.reporter, entry.subject)

    def staff(self, entry: Report) -> Sequence[UserId]:
        return ()

    def made_up(self, canary: CanaryPerson, near: Report) -> Report:
        return report_of(canary, near)

    def row(self, entry: Report, names: Mapping[UserId, str], wording: Wording) -> Sequence[Cell]:
        language = wording.language
        return (
            entry.id,
            label("report_state", entry.state, language),
            entry.category.label(language),
            entry.reporter,
            names.get(entry.reporter),
            entry.subject,
            names.get(entry.subject),
            wording.moment(entry.created_at),
            entry.resolution.label(language) if entry.resolution else None,
            wording.moment(entry.resolved_at),
            entry.resolved_by,
        )


DATED_SHEETS: Mapping[ExportedData, DatedSheet[Any]] = {
    ExportedData.MEMBERSHIPS: MembershipSheet(),
    ExportedData.CONSULTATIONS: ConsultationSheet(),
    ExportedData.REPORTS: ReportSheet(),
}


def names_of(sheet: DatedSheet[Entry], language: Language) -> list[str]:
    """The names of a sheet's columns in one language."""
    return [in_language(name, language) for name in sheet.header]


async def pages(tx: Reading, sheet: DatedSheet[Entry], period: Period) -> AsyncIterator[Sequence[Entry]]:
    """The entries of a period, page by page."""
    after = None
    while page := await sheet.page(tx, period, after):
        yield page
        after = page[-1]
