"""People come in from a file all at once or not at all; whatever cannot come in is listed with its row and reason."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.importing.import_members import ImportReport, MemberImport
from ygs.application.importing.mapping import FileMapping, parse_mapping
from ygs.application.importing.rejections import RejectionReason, detail_in_words
from ygs.domain.errors import BadFile, Forbidden, Unavailable
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Purpose, Role, Status, User
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.spreadsheets import ANYWHERE, Cell, CellFault, Cover, FaultKind, Row, SheetTable, TablePlace

MAPPING = (Path(__file__).parents[2] / "examples" / "korean_members.toml").read_bytes()
SERI = {
    "이름": "김세리",
    "성별": "여",
    "생년월일": "1994-03-12",
    "휴대폰": "010-1234-5678",
    "이메일": "seri@example.com",
    "시군구": "강남구",
    "학교": "한국대학교",
    "직장·직책": "과장",
    "자기소개": "안녕하세요.",
    "키": "165cm",
    "거주지": "서울",
    "최종학력": "대졸",
    "직업군": "대기업",
    "연봉(만원)": "5,200",
    "종교": "천주교",
    "혼인이력": "초혼",
    "자녀": "없음",
    "MBTI": "INFP",
    "흡연": "비흡연",
    "음주": "가끔",
    "취미": "등산, 독서",
    "민감정보 동의": "동의",
    "마케팅 동의": "미동의",
    "상태": "정회원",
    "비고": "우수 회원",
}
MINSU = SERI | {"이름": "이민수", "성별": "남", "생년월일": "1991.01.02", "휴대폰": "01099998888", "키": "178"}
JIHO = SERI | {"이름": "박지호", "성별": "남", "생년월일": "1989-07-30", "휴대폰": ""}


class WornOut(UlidIds):
    """Makes 2,200 ids and no more."""

    def make(self, prefix: str) -> str:
        self.made = getattr(self, "made", 0) + 1
        if self.made > 2_200:
            raise Unavailable("no more ids")
        return super().make(prefix)


@dataclass
class Given:
    """Sheets that hold what a test gives them."""

    rows: Sequence[dict[str, str]] = ()
    header: tuple[str, ...] = tuple(SERI)
    table: SheetTable | None = None
    written: dict[str, list[Sequence[Cell]]] = field(default_factory=dict)

    def read(self, file: str, place: TablePlace = ANYWHERE) -> SheetTable:
        rows = [Row(number, tuple(row[column] for column in self.header)) for number, row in enumerate(self.rows, 2)]
        return self.table or SheetTable(self.header, rows)

    def write(
        self,
        file: str,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        title: str,
        cover: Cover | None = None,
    ) -> int:
        self.written[file] = [header, *rows]
        return 0


class ImportRun:
    """An import desk over a fresh memory storage."""

    def __init__(self) -> None:
        self.storage, self.sheets = MemoryStorage(), Given()
        self.member_import = MemberImport(self.storage, self.sheets, LibPhones(), FrozenClock(), UlidIds(), SEOUL)

    async def bring(self, *rows: dict[str, str], mapping: FileMapping | None = None, **how: object) -> ImportReport:
        self.sheets.rows = rows
        mapping = mapping or parse_mapping(MAPPING)
        return await self.member_import.run(Actor.operator(), "회원.xlsx", mapping, **how)  # type: ignore[arg-type]

    async def people(self) -> Sequence[User]:
        async with self.storage.read() as tx:
            return await tx.users.page(limit=100_000)


@pytest.fixture
def desk() -> ImportRun:
    return ImportRun()


async def test_a_row_becomes_a_whole_member(desk: ImportRun) -> None:
    report = await desk.bring(SERI, commit=True)
    [seri] = await desk.people()
    assert (report.rows, report.accepted, report.refused, report.duplicates, report.committed) == (1, 1, 0, 0, True)
    assert (seri.name, seri.gender, seri.seeks) == ("김세리", Genders.FEMALE, Genders.MALE)
    assert (seri.phone, seri.email, seri.status) == ("+821012345678", "seri@example.com", Status.PENDING)
    assert (seri.profile.district, seri.profile.school, seri.profile.job_title) == ("강남구", "한국대학교", "과장")
    told = {code: VOCABULARY[code].value_of(value) for code, value in seri.facts.items() if code != "interests"}
    assert told == {
        "birth_year": 1994,
        "height_cm": 165,
        "region": "seoul",
        "education": "bachelor",
        "job_group": "large_company",
        "income_band": "from_5000",
        "religion": "catholic",
        "marital_history": "never_married",
        "children": "none",
        "mbti": "infp",
        "smoking": "no",
        "drinking": "socially",
    }
    assert VOCABULARY["interests"].values_in(seri.facts["interests"]) == ("hiking", "reading")
    assert seri.wishes["birth_year"] == Wish.between("birth_year", 1989, 1995, Importance.STRONG)
    assert seri.wishes["region"] == Wish.among("region", ["seoul"], Importance.FAIR)
    assert seri.consents_to(Purpose.SENSITIVE)
    assert not seri.consents_to(Purpose.MARKETING)
    assert seri.activated_at is None


async def test_active_people_are_active_from_the_import_on(desk: ImportRun) -> None:
    await desk.bring(SERI, mapping=parse_mapping(MAPPING.replace(b'"pending"', b'"active"')), commit=True)
    [seri] = await desk.people()
    assert (seri.status, seri.activated_at) == (Status.ACTIVE, NOON)


async def test_a_dry_run_stores_nobody_and_says_the_same(desk: ImportRun) -> None:
    rows = (SERI, MINSU, SERI, MINSU | {"종교": "몰라"})
    dry = await desk.bring(*rows)
    assert not dry.committed
    assert not await desk.people()
    wet = await desk.bring(*rows, commit=True)
    assert wet == dry.model_copy(update={"committed": True})
    assert len(await desk.people()) == 2


@pytest.mark.parametrize(
    ("column", "text", "why", "detail"),
    [
        ("종교", "몰라", RejectionReason.NOT_LISTED, "religion"),
        ("거주지", "Atlantis", RejectionReason.NOT_LISTED, "region"),
        ("취미", "독서, 순간이동", RejectionReason.NOT_LISTED, "interests"),
        ("키", "백칠십", RejectionReason.NOT_LISTED, "height_cm"),
        ("키", "999", RejectionReason.IMPOSSIBLE, "height_cm: 130..220"),
        ("연봉(만원)", "많음", RejectionReason.NOT_LISTED, "income_band"),
        ("성별", "", RejectionReason.NOT_TOLD, "gender"),
        ("생년월일", "", RejectionReason.NOT_TOLD, "birth_year"),
        ("생년월일", "1903-01-01", RejectionReason.IMPOSSIBLE, "birth_year: 1940..2010"),
        ("생년월일", "2009-01-01", RejectionReason.RULE, "birth_year: members must be of age (19 full years)"),
        ("이름", "", RejectionReason.RULE, "name: must not be empty"),
        ("이름", "가" * 61, RejectionReason.RULE, "name: longer than 60 characters"),
        ("자기소개", "901231-1234567", RejectionReason.RESIDENT_NUMBER, ""),
        ("생년월일", "901231-1234567", RejectionReason.RESIDENT_NUMBER, ""),
        ("종교", "901231-1234567", RejectionReason.RESIDENT_NUMBER, ""),
        (
            "휴대폰",
            "010-12",
            RejectionReason.RULE,
            "phone: is no phone number that exists; write it like 010-1234-5678",
        ),
        ("이메일", "seri", RejectionReason.IMPOSSIBLE, "email"),
        ("이메일", "a\x00@b.kr", RejectionReason.RULE, "email: holds a character that cannot be stored"),
        ("상태", "탈회", RejectionReason.LEFT_OUT, "탈회한 회원"),
        ("상태", "?", RejectionReason.NOT_LISTED, ""),
        ("민감정보 동의", "미동의", RejectionReason.RULE, "sensitive facts need the consent for sensitive data first"),
        ("마케팅 동의", "글쎄", RejectionReason.NOT_LISTED, "consents"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_named_with_its_column(
    desk: ImportRun, column: str, text: str, why: RejectionReason, detail: str
) -> None:
    report = await desk.bring(MINSU, SERI | {column: text}, commit=True, language=Language.EN)
    [verdict] = report.verdicts
    assert (verdict.row, verdict.column, verdict.why, verdict.detail) == (3, column, why, detail)
    assert [user.name for user in await desk.people()] == ["이민수"]


async def test_a_listed_marker_leaves_a_fact_unknown(desk: ImportRun) -> None:
    report = await desk.bring(SERI | {"종교": "-", "키": "미기재", "취미": "없음", "직업군": ""}, commit=True)
    [seri] = await desk.people()
    assert not {"religion", "height_cm", "interests", "job_group"} & seri.facts.keys()
    assert report.unknown == {"height_cm": 1, "job_group": 1, "phone": 1}


async def test_a_text_beyond_the_last_named_column_refuses_its_row_and_not_the_next(desk: ImportRun) -> None:
    fault = CellFault(len(SERI), "Z2", FaultKind.UNNAMED)
    desk.sheets.table = SheetTable(tuple(SERI), [Row(2, tuple(SERI.values()), (fault,)), Row(3, tuple(MINSU.values()))])
    report = await desk.bring(commit=True)
    assert [(it.row, it.why, it.detail) for it in report.verdicts] == [(2, RejectionReason.UNNAMED_COLUMN, "Z2")]
    assert len(await desk.people()) == 1


async def test_doubles_within_the_file_are_told_from_their_first(desk: ImportRun) -> None:
    twin = SERI | {"휴대폰": "010 8765 4321"}
    report = await desk.bring(SERI, twin, SERI | {"이름": "김다른", "휴대폰": "+82 10-1234-5678"}, commit=True)
    assert [(verdict.row, verdict.why, verdict.twin) for verdict in report.verdicts] == [
        (3, RejectionReason.SAME_PERSON, "2"),
        (4, RejectionReason.SAME_PHONE, "2"),
    ]
    assert (report.accepted, report.duplicates, report.refused) == (1, 2, 0)


async def test_the_same_file_again_brings_nobody_twice(desk: ImportRun) -> None:
    await desk.bring(SERI, MINSU, JIHO, commit=True)
    again = await desk.bring(SERI, MINSU, JIHO, commit=True)
    assert (again.accepted, again.duplicates) == (0, 3)
    known = {user.name: user.id for user in await desk.people()}
    assert [verdict.twin for verdict in again.verdicts] == [known["김세리"], known["이민수"], known["박지호"]]


async def test_the_same_file_brought_twice_at_once_comes_in_once(desk: ImportRun) -> None:
    reports = await asyncio.gather(desk.bring(SERI, JIHO, commit=True), desk.bring(SERI, JIHO, commit=True))
    assert sorted(report.accepted for report in reports) == [0, 2]
    assert len(await desk.people()) == 2


async def test_staff_may_admit_a_namesake_but_never_the_same_phone(desk: ImportRun) -> None:
    await desk.bring(SERI, commit=True)
    namesake = SERI | {"휴대폰": "010-5555-6666"}
    report = await desk.bring(namesake, SERI | {"이름": "김둘"}, admit=[2, 3], commit=True)
    assert [(verdict.row, verdict.why) for verdict in report.verdicts] == [(3, RejectionReason.SAME_PHONE)]
    assert len(await desk.people()) == 2


async def test_nobody_comes_in_when_storing_fails_half_way(desk: ImportRun) -> None:
    rows = [SERI | {"이름": f"사람 {n}", "휴대폰": ""} for n in range(2_500)]
    desk.member_import = replace(desk.member_import, ids=WornOut())
    with pytest.raises(Unavailable):
        await desk.bring(*rows, commit=True)
    assert not await desk.people()


async def test_every_row_that_stays_out_is_written_in_the_readers_language(desk: ImportRun) -> None:
    rows = [SERI | {"종교": "몰라"}] * 300
    report = await desk.bring(*rows, SERI, verdicts="거절.csv", language=Language.KO)
    header, *lines = desk.sheets.written["거절.csv"]
    assert header == ("행", "열", "사유", "설명", "값", "같은 사람")
    assert lines[0] == (2, "종교", "매핑에 없는 값입니다", "종교", "몰라", "")
    assert (len(lines), len(report.verdicts), report.refused) == (300, 200, 300)
    [tally] = report.tallies
    assert (tally.column, tally.why, tally.rows, tally.first) == ("종교", RejectionReason.NOT_LISTED, 300, 2)


async def test_every_reason_of_a_row_is_said_at_once_a_resident_number_first(desk: ImportRun) -> None:
    wrong = {"이름": "", "키": "백칠십", "생년월일": "2009-01-01", "이메일": "seri", "자기소개": "901231-1234567"}
    report = await desk.bring(MINSU, SERI | wrong | {"연봉(만원)": "8천"}, verdicts="거절.csv", commit=True)
    columns = [verdict.column for verdict in report.verdicts]
    assert columns[0] == "자기소개"
    assert set(columns) == {*wrong, "연봉(만원)"}
    assert (report.rows, report.accepted, report.refused, report.duplicates) == (2, 1, 1, 0)
    lines = [line[3] for line in desk.sheets.written["거절.csv"][1:]]
    assert not [detail for detail in lines if re.search("[a-z]", str(detail))]


async def test_a_row_that_is_left_out_on_purpose_has_no_other_reason(desk: ImportRun) -> None:
    report = await desk.bring(SERI | {"상태": "탈회", "키": "백칠십"})
    assert [verdict.why for verdict in report.verdicts] == [RejectionReason.LEFT_OUT]


async def test_a_refusal_without_a_list_of_what_stays_lets_all_others_in(desk: ImportRun) -> None:
    open_ended = parse_mapping(MAPPING.replace('keep = ["정회원"]'.encode(), b""))
    report = await desk.bring(SERI | {"상태": "준회원"}, MINSU | {"상태": "탈회"}, mapping=open_ended)
    assert (report.accepted, [it.why for it in report.verdicts]) == (1, [RejectionReason.LEFT_OUT])


async def test_the_texts_that_were_not_understood_are_in_the_report(desk: ImportRun) -> None:
    texts = ["몰라", "비밀", "몰라", "901231-123456"]
    report = await desk.bring(*(SERI | {"종교": text} for text in texts))
    [tally] = report.tallies
    assert tally.texts == ["몰라", "비밀", "******-******"]


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("income_band", VOCABULARY["income_band"].ko),
        ("birth_year: 1940..2010", "출생 연도: 1940..2010"),
        ("wishes.birth_year", "바라는 조건: 출생 연도"),
        ("consents", "동의"),
        ("A7", "A7"),
    ],
)
def test_a_detail_is_in_korean(detail: str, words: str) -> None:
    assert detail_in_words(detail, Language.KO) == words


async def test_a_file_of_a_header_only_brings_nobody(desk: ImportRun) -> None:
    report = await desk.bring(commit=True)
    assert (report.rows, report.accepted) == (0, 0)


async def test_a_file_and_a_mapping_that_do_not_go_together_are_refused_whole(desk: ImportRun) -> None:
    desk.sheets.header = tuple(column for column in SERI if column != "키")
    with pytest.raises(BadFile, match="no column '키'"):
        await desk.bring(SERI, commit=True)


async def test_progress_reaches_the_end_of_every_stage(desk: ImportRun) -> None:
    seen: dict[str, tuple[int, int]] = {}
    await desk.bring(
        *[SERI | {"이름": f"사람 {n}", "휴대폰": ""} for n in range(1_001)],
        progress=lambda stage, done, total: seen.__setitem__(stage, (done, total)),
    )
    assert seen == {"reading": (1, 1), "judging": (1_001, 1_001), "comparing with members": (1_001, 1_001)}


async def test_only_who_may_import_can(desk: ImportRun) -> None:
    consultant = Actor.signed_in(UlidIds().make("usr"), Role.CONSULTANT)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        await desk.member_import.run(consultant, "회원.xlsx", parse_mapping(MAPPING))


async def test_an_import_is_on_record_with_its_people(desk: ImportRun) -> None:
    await desk.bring(SERI, MINSU, SERI, commit=True)
    await desk.bring(JIHO)
    async with desk.storage.read() as tx:
        log = [sealed.entry for sealed in await tx.audit.page()]
    assert [(each.actor, each.action, each.what) for each in log] == [("operator", "members.imported", "users=2")]


async def test_a_members_own_wish_comes_before_the_rules(desk: ImportRun) -> None:
    wish = '[[wishes]]\nattribute="birth_year"\nimportance="must"\nrange={column="나이", unit="year"}'.encode()
    desk.sheets.header = (*SERI, "나이")
    report = await desk.bring(SERI | {"나이": "85~93"}, mapping=parse_mapping(MAPPING + b"\n" + wish), commit=True)
    [seri] = await desk.people()
    assert report.accepted == 1
    assert seri.wishes["birth_year"] == Wish.between("birth_year", 1985, 1993, Importance.MUST)
    refused = await desk.bring(MINSU | {"나이": "연하"}, mapping=parse_mapping(MAPPING + b"\n" + wish))
    assert [(it.column, it.detail, it.shown) for it in refused.verdicts] == [("나이", "wishes.birth_year", "연하")]


async def test_who_has_no_phone_in_a_file_of_phones_waits_for_review(desk: ImportRun) -> None:
    mapping = parse_mapping(MAPPING.decode().replace("pending", "active").encode())
    report = await desk.bring(SERI, MINSU | {"휴대폰": ""}, mapping=mapping, commit=True)
    assert (report.accepted, report.without_phone) == (2, 1)
    found = {user.phone: (user.status, user.activated_at is None) for user in await desk.people()}
    assert found == {"+821012345678": (Status.ACTIVE, False), None: (Status.PENDING, True)}


async def test_a_file_that_has_no_phones_comes_in_as_its_mapping_says(desk: ImportRun) -> None:
    phones = 'phone = { column = "휴대폰" }'
    assert phones in MAPPING.decode()
    mapping = parse_mapping(MAPPING.decode().replace("pending", "active").replace(phones, "").encode())
    desk.sheets.header = tuple(name for name in SERI if name != "휴대폰")
    report = await desk.bring(SERI, MINSU, mapping=mapping, commit=True)
    assert report.without_phone == 0
    assert {user.status for user in await desk.people()} == {Status.ACTIVE}


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PENDING])
async def test_who_left_suspended_and_comes_by_a_file_waits_for_review(desk: ImportRun, status: Status) -> None:
    async with desk.storage.write() as tx:
        left = a_user(1, status=Status.SUSPENDED, phone="+821012345678")
        await tx.users.add(left)
        await tx.suspensions.keep_after_withdrawal(left, NOON)
        await tx.users.save((await tx.users.get(left.id)).withdraw(at=NOON))
    mapping = parse_mapping(MAPPING.decode().replace("pending", status.value).encode())
    report = await desk.bring(SERI, MINSU, mapping=mapping, commit=True)
    assert (report.accepted, report.known_again) == (2, 1)
    found = {user.phone: user.status for user in await desk.people()}
    assert found == {"+821012345678": Status.PENDING, "+821099998888": status}
