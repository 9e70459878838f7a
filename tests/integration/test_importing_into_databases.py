"""Imports and exports over SQLite and PostgreSQL, with real files."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unit.test_import_members import JIHO, MAPPING, MINSU, SERI
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.exporting.export_members import MemberExport
from ygs.application.importing.import_members import ImportReport, MemberImport
from ygs.application.importing.mapping import parse_mapping
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.canaries import canaries
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.spreadsheets import TablePlace
from ygs.ports.storage import Storage

FILES = SheetFiles()


def importing(storage: Storage) -> MemberImport:
    return MemberImport(storage, FILES, LibPhones(), FrozenClock(), UlidIds(), SEOUL)


async def bring(storage: Storage, file: Path, *rows: dict[str, str], commit: bool = True) -> ImportReport:
    cells: Sequence[Sequence[str]] = [tuple(row.values()) for row in rows]
    await asyncio.to_thread(FILES.write, str(file), tuple(SERI), cells, title="회원")
    return await importing(storage).run(Actor.operator(), str(file), parse_mapping(MAPPING), commit=commit)


async def test_a_workbook_comes_in_once_and_goes_out_whole(storage: SqlStorage, tmp_path: Path) -> None:
    rows = SERI, MINSU | {"자기소개": "=HYPERLINK(1)"}, JIHO, SERI | {"종교": "몰라"}
    first = await bring(storage, tmp_path / "in.xlsx", *rows)
    again = await bring(storage, tmp_path / "in.csv", *rows)
    assert (first.accepted, first.refused, first.duplicates) == (3, 1, 0)
    assert (again.accepted, again.refused, again.duplicates) == (0, 1, 3)
    exporting = MemberExport(
        storage, FILES, FrozenClock(), an_audit_writer(storage), ZoneInfo("Asia/Seoul"), canaries(storage)
    )
    file = tmp_path / "out.xlsx"
    await exporting.members(Actor.operator(), str(file), reason="점검", contacts=True)
    table = FILES.read(str(file))
    out = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
    assert [(each["이름"], each["휴대폰"], each["키"], each["거주 지역"], each["자기소개"]) for each in out] == [
        ("김세리", "+821012345678", "165", "서울", "안녕하세요."),
        ("이민수", "+821099998888", "178", "서울", "=HYPERLINK(1)"),
        ("박지호", "", "165", "서울", "안녕하세요."),
    ]


async def test_the_cover_is_a_second_sheet_that_no_import_reads(storage: SqlStorage, tmp_path: Path) -> None:
    await bring(storage, tmp_path / "in.xlsx", SERI, MINSU)
    exporting = MemberExport(
        storage, FILES, FrozenClock(), an_audit_writer(storage), ZoneInfo("Asia/Seoul"), canaries(storage)
    )
    file = tmp_path / "out.xlsx"
    await exporting.members(Actor.operator(), str(file), reason="=1+1", contacts=True)
    first = FILES.read(str(file))
    assert (first.sheet, first.other_sheets) == ("회원", ("이 파일에 대해",))
    cover = FILES.read(str(file), TablePlace(sheet="이 파일에 대해", header_row=1))
    assert ("사유", "=1+1") in [row.cells[:2] for row in cover.rows]
    assert [row.cells[0] for row in first.rows] == sorted(row.cells[0] for row in first.rows)


async def test_the_same_file_brought_twice_at_once_comes_in_once(storage: SqlStorage, tmp_path: Path) -> None:
    """Nobody here has a phone, so no unique index helps."""
    rows = [JIHO | {"이름": f"사람 {number}"} for number in range(1_200)]
    reports = await asyncio.gather(
        bring(storage, tmp_path / "a.csv", *rows), bring(storage, tmp_path / "b.csv", *rows), return_exceptions=True
    )
    stored = [each.accepted for each in reports if isinstance(each, ImportReport)]
    async with storage.read() as tx:
        people = sum((await tx.users.count_by_status()).values())
    assert people == 1_200, (stored, reports)
    assert sum(stored) == 1_200


async def test_nothing_is_left_of_an_import_that_fails_in_its_last_chunk(storage: SqlStorage, tmp_path: Path) -> None:
    rows = [JIHO | {"이름": f"사람 {number}"} for number in range(1_100)]
    file = tmp_path / "a.csv"
    FILES.write(str(file), tuple(SERI), [tuple(row.values()) for row in rows], title="회원")

    class Repeating(UlidIds):
        """The last id it makes is its first again."""

        def __init__(self) -> None:
            super().__init__()
            self.made: list[str] = []

        def make(self, prefix: str) -> str:
            self.made.append(self.made[0] if len(self.made) == 1_099 else super().make(prefix))
            return self.made[-1]

    desk = replace(importing(storage), ids=Repeating())
    failed = await asyncio.gather(
        desk.run(Actor.operator(), str(file), parse_mapping(MAPPING), commit=True), return_exceptions=True
    )
    assert isinstance(failed[0], Exception)
    async with storage.read() as tx:
        assert not await tx.users.count_by_status()
        assert not await tx.audit.page()
