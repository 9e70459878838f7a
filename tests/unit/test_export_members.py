"""Exports hold everything once, contacts only when asked for, answers only when decided, and leave a reason behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import pytest

from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.exporting import dated_sheets
from ygs.application.exporting.dated_sheets import DATED_SHEETS, PAGE
from ygs.application.exporting.export_members import MemberExport
from ygs.application.labels import label
from ygs.domain.consultations import ConsultationState
from ygs.domain.errors import Forbidden, InvalidText
from ygs.domain.exports import ExportedData
from ygs.domain.introductions import Answer, Choice, DeclineReason, IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.memberships import PromiseUnit
from ygs.domain.promises import MembershipRecord, ledger_on
from ygs.domain.reports import Category, ReportState
from ygs.domain.users import Lifestyle, Profile, Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import (
    a_consultation,
    a_membership,
    a_report,
    a_slot,
    a_user,
    a_week,
    an_introduction,
    coded,
)
from ygs.entrypoints.testing.canaries import canaries
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.spreadsheets import ANYWHERE, Cell, Cover, SheetTable, TablePlace

SEOUL = ZoneInfo("Asia/Seoul")

WHY = "감사 자료 제출"


@dataclass
class Printed:
    """Sheets that keep what is written to them."""

    header: Sequence[str] = ()
    rows: list[Sequence[Cell]] = field(default_factory=list)
    title: str = ""
    about: Cover | None = None

    def read(self, file: str, place: TablePlace = ANYWHERE) -> SheetTable:
        raise NotImplementedError

    def write(
        self,
        file: str,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        title: str,
        cover: Cover | None = None,
    ) -> int:
        self.header, self.rows, self.title, self.about = header, list(rows), title, cover
        return 0

    def records(self) -> list[dict[str, Cell]]:
        assert len(set(self.header)) == len(self.header)
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def sheets() -> Printed:
    return Printed()


@pytest.fixture
def exporting(storage: MemoryStorage, sheets: Printed) -> MemberExport:
    return MemberExport(
        storage, sheets, FrozenClock(), an_audit_writer(storage), ZoneInfo("Asia/Seoul"), canaries(storage)
    )


async def test_a_member_is_written_in_words(storage: MemoryStorage, sheets: Printed, exporting: MemberExport) -> None:
    profile = Profile(facts=coded(height_cm=165, region="seoul", religion="catholic"), introduction="=1+1")
    lifestyle = Lifestyle(facts=coded(interests=["reading", "hiking"]))
    seri = a_user(1, name="김세리", birth_year=1994, seeks=Genders(3), profile=profile, lifestyle=lifestyle)
    async with storage.write() as tx:
        await tx.users.add(seri)
    report = await exporting.members(Actor.operator(), "회원.xlsx", reason=WHY)
    [korean] = sheets.records()
    assert (report.rows, sheets.title) == (1, "회원")
    assert (korean["번호"], korean["이름"], korean["성별"], korean["희망 성별"]) == (
        seri.id,
        "김세리",
        "여성",
        "남성, 여성",
    )
    assert (korean["출생 연도"], korean["키"], korean["거주 지역"], korean["종교"]) == (1994, 165, "서울", "천주교")
    assert (korean["관심사"], korean["상태"], korean["자기소개"]) == ("등산, 독서", "활동 중", "=1+1")
    assert korean["MBTI"] is None
    assert korean["등록일"] == "2026-10-14 12:00"
    await exporting.members(Actor.operator(), "members.xlsx", reason=WHY, language=Language.EN)
    [english] = sheets.records()
    assert (english["Religion"], english["Interests"], english["status"]) == ("Catholic", "Hiking, Reading", "Active")


@pytest.mark.parametrize("language", list(Language))
async def test_every_attribute_has_its_column(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport, language: Language
) -> None:
    async with storage.write() as tx:
        await tx.users.add(a_user())
    await exporting.members(Actor.operator(), "all.csv", reason=WHY, language=language)
    [record] = sheets.records()
    names = {attribute.name(language) for code, attribute in VOCABULARY.items() if code != "birth_year"}
    assert names <= record.keys()


async def test_contacts_are_written_only_when_asked_for(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport
) -> None:
    user = a_user()
    async with storage.write() as tx:
        await tx.users.add(user)
    await exporting.members(Actor.operator(), "회원.csv", reason=WHY)
    assert not {user.phone, user.email} & set(sheets.rows[0])
    await exporting.members(Actor.operator(), "회원.csv", reason=WHY, contacts=True)
    [record] = sheets.records()
    assert (record["휴대폰"], record["이메일"]) == (user.phone, user.email)


async def test_every_page_is_written_once(storage: MemoryStorage, sheets: Printed, exporting: MemberExport) -> None:
    people = [a_user(number) for number in range(1, 2 * PAGE + 2)]
    seen: list[tuple[str, int, int]] = []
    async with storage.write() as tx:
        await tx.users.add_all(people)
    report = await exporting.members(Actor.operator(), "회원.csv", reason=WHY, progress=lambda *step: seen.append(step))
    assert report.rows == len(people)
    assert [row[0] for row in sheets.rows] == sorted(user.id for user in people)
    assert seen == [("writing", done, len(people)) for done in (1_000, 2_000, len(people))]


async def test_an_export_of_nobody_has_a_header(sheets: Printed, exporting: MemberExport) -> None:
    report = await exporting.members(Actor.operator(), "회원.csv", reason=WHY)
    assert (report.rows, sheets.header[0]) == (0, "번호")
    assert (await exporting.introductions(Actor.operator(), "소개.csv", reason=WHY)).rows == 0
    assert sheets.header[0] == "주"


async def test_introductions_hide_an_answer_until_it_is_decided(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport
) -> None:
    people = [a_user(number) for number in range(1, 5)]
    first, second = a_week(1), a_week(2)
    yes, no = Answer(choice=Choice.ACCEPT, at=NOON), Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE)
    waiting = replace(an_introduction(people[0], people[1], second, 1), answer_of_a=yes)
    decided = an_introduction(
        people[2],
        people[3],
        first,
        2,
        state=IntroductionState.NOT_MUTUAL,
        answer_of_a=yes,
        answer_of_b=no,
        decided_at=NOON,
    )
    async with storage.write() as tx:
        await tx.users.add_all(people)
        await tx.weeks.add(second)
        await tx.weeks.add(first)
        await tx.introductions.add_all([waiting, decided], {})
        gone = await tx.users.get(people[3].id)
        await tx.users.save(gone.withdraw(at=NOON))
    assert (await exporting.introductions(Actor.operator(), "소개.xlsx", reason=WHY)).rows == 2
    one, other = sheets.records()
    assert (one["주"], one["상태"], one["회원 A의 답"], one["회원 B의 답"]) == (
        "2026-W48",
        "성사되지 않음",
        "수락",
        "거절",
    )
    assert (one["회원 A 이름"], one["회원 B 이름"]) == (people[2].name, "")
    assert (other["주"], other["상태"], other["회원 A의 답"], other["회원 B의 답"]) == (
        "2026-W49",
        "답변 대기",
        None,
        None,
    )
    assert (other["회원 A의 만족도(%)"], other["점수(%)"], other["만남"]) == (82.0, 76.3, "")


async def test_who_exports_and_why_is_on_record(storage: MemoryStorage, exporting: MemberExport) -> None:
    await exporting.members(Actor.operator(), "회원.csv", reason=f" {WHY} ", contacts=True)
    await exporting.introductions(Actor.operator(), "소개.csv", reason=WHY)
    async with storage.read() as tx:
        log = [sealed.entry for sealed in await tx.audit.page()]
    assert [(each.actor, each.action, each.what, each.reason) for each in log] == [
        ("operator", "members.exported", "contacts", WHY),
        ("operator", "introductions.exported", "", WHY),
    ]


async def test_a_cover_says_who_made_the_sheet_when_why_and_how_many_rows(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport
) -> None:
    admin = a_user(9, role=Role.ADMIN, name="박관리")
    async with storage.write() as tx:
        await tx.users.add_all([a_user(1), admin])
    await exporting.members(Actor.signed_in(admin.id, Role.ADMIN), "회원.xlsx", reason=WHY, request="exp_1")
    assert sheets.about
    assert sheets.about.title == "이 파일에 대해"
    assert sheets.about.lines[:5] == [
        ("만든 사람", f"박관리 {admin.id}"),
        ("만든 시각", "2026-11-23 12:00 (Asia/Seoul)"),
        ("사유", WHY),
        ("행 수", "1"),
        ("승인된 요청", "exp_1"),
    ]
    await exporting.introductions(Actor.operator(), "소개.xlsx", reason=WHY, language=Language.EN)
    assert sheets.about.lines[:3] == [
        ("Made by", "the operator, at the machine"),
        ("Made at", "2026-11-23 12:00 (Asia/Seoul)"),
        ("Reason", WHY),
    ]
    assert "Approved request" not in dict(sheets.about.lines)


@pytest.mark.parametrize("reason", ["", "  ", "가" * 121])
async def test_nothing_is_exported_without_a_reason(sheets: Printed, exporting: MemberExport, reason: str) -> None:
    with pytest.raises(InvalidText):
        await exporting.members(Actor.operator(), "회원.csv", reason=reason)
    assert not sheets.header


async def test_only_who_may_export_can(exporting: MemberExport) -> None:
    consultant = Actor.signed_in(a_user().id, Role.CONSULTANT)
    for export in (exporting.members, exporting.introductions):
        with pytest.raises(Forbidden):
            await export(consultant, "회원.csv", reason=WHY)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("data", list(DATED_SHEETS))
async def test_a_sheet_by_days_tells_its_entries_in_words_and_names_nobody_who_left(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport, data: ExportedData, language: Language
) -> None:
    people = [a_user(1), a_user(2), a_user(90, role=Role.CONSULTANT)]
    slot = a_slot()
    async with storage.write() as tx:
        await tx.users.add_all(people)
        await tx.memberships.add(a_membership())
        await tx.reports.add(a_report())
        await tx.consultations.add_slots([slot])
        await tx.consultations.add(a_consultation(slot, people[0].id))
        await tx.users.save((await tx.users.get(people[0].id)).withdraw(at=NOON))
    report = await exporting.dated(Actor.operator(), "a.xlsx", data, reason=WHY, language=language)
    [record] = sheets.records()
    words = {each for each in record.values() if isinstance(each, str)}
    assert (report.rows, sheets.title) == (1, label("exported_data", data, language))
    assert people[0].id in words
    assert people[0].name not in words
    codes = {*PromiseUnit, *ConsultationState, *ReportState, *Category}
    assert not words & codes
    assert sheets.about is not None
    assert ("행 수" if language is Language.KO else "Rows", "1") in sheets.about.lines


async def test_a_sheet_of_memberships_tells_what_is_owed_and_delivered(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport
) -> None:
    membership = a_membership()
    async with storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
        await tx.memberships.add(membership)
    await exporting.dated(Actor.operator(), "a.xlsx", ExportedData.MEMBERSHIPS, reason=WHY, language=Language.EN)
    [record] = sheets.records()
    ledger = ledger_on(MembershipRecord(membership, []), NOON.date(), ZoneInfo("Asia/Seoul"))
    assert (record["fee (won)"], record["paid (won)"]) == (membership.terms.fee, membership.paid)
    assert (record["owed today"], record["late"], record["delivered"]) == (ledger.owed, ledger.late, 0)
    assert ledger.owed > 0


async def test_a_sheet_by_days_goes_on_after_a_page(
    storage: MemoryStorage, sheets: Printed, exporting: MemberExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dated_sheets, "PAGE", 2)
    people = [a_user(number) for number in range(1, 6)]
    async with storage.write() as tx:
        await tx.users.add_all(people)
        for number in range(1, 6):
            await tx.memberships.add(a_membership(number, user=number))
    await exporting.dated(Actor.operator(), "a.xlsx", ExportedData.MEMBERSHIPS, reason=WHY)
    assert [row[1] for row in sheets.rows] == [each.id for each in people]
