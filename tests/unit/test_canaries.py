"""Each account's sheets of members hold one made-up person who names the account, and whom nothing else knows."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.audit import audited
from tests.support.http import World, served
from tests.unit.test_export_members import Printed
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.exporting.canary_entries import (
    consultation_of,
    introduction_of,
    membership_of,
    report_of,
    with_entry,
)
from ygs.application.exporting.export_members import MemberExport
from ygs.application.importing.import_members import MemberImport
from ygs.application.importing.mapping import parse_mapping
from ygs.domain.canaries import Canary
from ygs.domain.consultations import ConsultationState
from ygs.domain.errors import NotFound
from ygs.domain.events import EventType
from ygs.domain.exports import ExportedData
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.promises import MembershipRecord, ledger_on
from ygs.domain.reports import Report, Resolution
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import (
    SEOUL,
    a_consultation,
    a_membership,
    a_report,
    a_slot,
    a_user,
    a_week,
    an_introduction,
)
from ygs.entrypoints.testing.canaries import canaries
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.repositories.directory import MemberFilter
from ygs.ports.spreadsheets import SheetTable

PHONES = ("+821022340001", "+821022340002")
ADMIN, OTHER, THIRD = (a_user(number, role=Role.ADMIN, status=Status.DRAFT) for number in (95, 96, 97))
CONSULTANT = a_user(90, role=Role.CONSULTANT)
WHY = "점검"
Cells = tuple[str, ...]


@pytest.fixture
async def storage() -> MemoryStorage:
    made = MemoryStorage()
    async with made.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2), ADMIN, OTHER, THIRD])
    return made


async def exported(
    storage: MemoryStorage, folder: Path, actor: Actor, *, phones: tuple[str, ...] = PHONES
) -> SheetTable:
    export = MemberExport(
        storage, SheetFiles(), FrozenClock(), an_audit_writer(storage), SEOUL, canaries(storage, *phones)
    )
    file = str(folder / "out.xlsx")
    report = await export.members(actor, file, reason=WHY, contacts=True)
    table = SheetFiles().read(file)
    assert report.rows == len(table.rows)
    return table


async def stored(storage: MemoryStorage) -> list[Canary]:
    async with storage.read() as reading:
        return list(await reading.canaries.all())


def ids(table: SheetTable) -> list[str]:
    return [row.cells[0] for row in table.rows]


def strangers(table: SheetTable) -> list[tuple[str, str]]:
    """The id and phone of each row that is no member's."""
    place = table.header.index("휴대폰")
    known = {a_user(1).id, a_user(2).id}
    return [(row.cells[0], row.cells[place]) for row in table.rows if row.cells[0] not in known]


async def test_each_account_has_a_canary_of_its_own_in_every_sheet(storage: MemoryStorage, tmp_path: Path) -> None:
    first = await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    again = await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    other = await exported(storage, tmp_path, Actor.signed_in(OTHER.id, OTHER.role))
    third = await exported(storage, tmp_path, Actor.signed_in(THIRD.id, THIRD.role))
    assert [len(each.rows) for each in (first, again, other, third)] == [3, 3, 3, 3]
    assert first.rows == again.rows
    assert ids(first) == sorted(ids(first))
    [mine], [theirs], [late] = strangers(first), strangers(other), strangers(third)
    assert {mine[1], theirs[1]} == set(PHONES)
    assert late[1] == ""
    assert len({mine[0], theirs[0], late[0]}) == 3
    assert {each.account: each.id for each in await stored(storage)} == {
        ADMIN.id: mine[0],
        OTHER.id: theirs[0],
        THIRD.id: late[0],
    }


async def test_a_canary_is_no_member_and_in_no_count(storage: MemoryStorage, tmp_path: Path) -> None:
    await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    [canary] = await stored(storage)
    async with storage.read() as reading:
        assert await reading.users.by_ids([canary.id]) == []
        assert canary.phone is not None
        assert await reading.users.find_by_phone(canary.phone) is None
        assert await reading.directory.count(MemberFilter(roles=frozenset({Role.MEMBER}))) == 2
    written = [each for each in await audited(storage) if each.action == "members.exported"]
    assert [each.people for each in written] == [tuple(sorted((a_user(1).id, a_user(2).id)))]


async def test_neither_the_operator_nor_a_service_without_phones_has_one(
    storage: MemoryStorage, tmp_path: Path
) -> None:
    assert len((await exported(storage, tmp_path, Actor.operator())).rows) == 2
    assert len((await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role), phones=())).rows) == 2
    assert await stored(storage) == []


@pytest.mark.parametrize("known_by", ["id", "phone"])
async def test_an_import_leaves_a_canary_out_and_puts_it_on_record(
    storage: MemoryStorage, tmp_path: Path, known_by: str
) -> None:
    await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    [canary] = await stored(storage)
    known = replace(canary, phone=None) if known_by == "id" else replace(canary, id=a_user(7_777).id)
    empty = MemoryStorage()
    async with empty.write() as tx:
        await tx.canaries.add(known)
    file = str(tmp_path / "out.xlsx")
    members = MemberImport(empty, SheetFiles(), LibPhones(), FrozenClock(), UlidIds(), SEOUL)
    mapping = parse_mapping((await members.suggest(Actor.operator(), file)).encode())
    mapping = mapping.model_copy(update={"status": Status.DRAFT})
    dry = await members.run(Actor.operator(), file, mapping)
    report = await members.run(Actor.operator(), file, mapping, commit=True)
    assert (dry.rows, report.rows, report.accepted, report.refused, report.duplicates) == (2, 2, 2, 0, 0)
    found = [each.what for each in await audited(empty) if each.action == "canary.imported"]
    assert found == [known.id] * 2
    again = await exported(empty, tmp_path, Actor.operator())
    assert len(again.rows) == 2


async def test_administrators_hear_that_somebody_else_imports_an_accounts_sheet(
    storage: MemoryStorage, tmp_path: Path
) -> None:
    await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    file = str(tmp_path / "out.xlsx")
    members = MemberImport(storage, SheetFiles(), LibPhones(), FrozenClock(), UlidIds(), SEOUL)
    mapping = parse_mapping((await members.suggest(Actor.operator(), file)).encode())
    await members.run(Actor.signed_in(ADMIN.id, ADMIN.role), file, mapping)
    assert await alarms(storage) == []
    for actor in (Actor.signed_in(OTHER.id, OTHER.role), Actor.signed_in(OTHER.id, OTHER.role), Actor.operator()):
        await members.run(actor, file, mapping)
    assert await alarms(storage) == [ADMIN.id, ADMIN.id]


async def alarms(storage: MemoryStorage) -> list[UserId | None]:
    """Whose sheets administrators hear of."""
    async with storage.read() as reading:
        events = await reading.outbox.pending(100)
    return [each.user_id for each in events if each.type is EventType.CANARY_IMPORTED]


@pytest.mark.parametrize("data", [each for each in ExportedData if each is not ExportedData.MEMBERS])
async def test_a_canary_did_something_in_every_other_sheet_too(storage: MemoryStorage, data: ExportedData) -> None:
    assert await sheet_of(storage, data, ADMIN) == []
    await add_one_of_each(storage)
    true = await sheet_of(storage, data, None)
    mine = await sheet_of(storage, data, ADMIN)
    assert mine == await sheet_of(storage, data, ADMIN)
    theirs = await sheet_of(storage, data, OTHER)
    canary = {each.account: each.id for each in await stored(storage)}
    for account, rows in ((ADMIN.id, mine), (OTHER.id, theirs)):
        assert all(row in rows for row in true)
        [row] = [row for row in rows if row not in true]
        assert canary[account] in row
        made_up = {cell for cell in row if cell.startswith("usr_")} - {CONSULTANT.id}
        assert not made_up & {a_user(1).id, a_user(2).id}
        for one in made_up:
            assert (await canaries(storage, *PHONES).owner(Actor.operator(), one)).account == account
    [mine_only], [theirs_only] = [[row for row in rows if row not in true] for rows in (mine, theirs)]
    assert mine_only != theirs_only


async def test_what_a_canary_did_changes_no_sum(storage: MemoryStorage) -> None:
    await add_one_of_each(storage)
    canary = await canaries(storage, *PHONES).person(ADMIN.id)
    assert canary
    ledger = ledger_on(membership_of(canary, MembershipRecord(a_membership(), ())), NOON.date(), SEOUL)
    assert (ledger.membership.paid, ledger.owed, ledger.late, ledger.delivered, ledger.meetings) == (0, 0, 0, 0, 0)
    introduction = introduction_of(canary, an_introduction(a_user(1), a_user(2), a_week(), 1))
    assert (introduction.state, introduction.answer_of_a, introduction.met) == (IntroductionState.CANCELLED, None, None)
    assert consultation_of(canary, a_consultation(a_slot(), a_user(1).id)).state is ConsultationState.CANCELLED
    assert report_of(canary, a_report()).resolution is Resolution.DISMISSED


async def add_one_of_each(storage: MemoryStorage) -> None:
    slot = a_slot()
    async with storage.write() as tx:
        await tx.users.add(CONSULTANT)
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([an_introduction(a_user(1), a_user(2), a_week(), 1)], {})
        await tx.memberships.add(a_membership())
        await tx.reports.add(a_report())
        await tx.consultations.add_slots([slot])
        await tx.consultations.add(a_consultation(slot, a_user(1).id))


async def sheet_of(storage: MemoryStorage, data: ExportedData, account: User | None) -> list[Cells]:
    """The rows of a sheet, which its cover counts; made by an account, or by the operator."""
    sheets = Printed()
    export = MemberExport(storage, sheets, FrozenClock(), an_audit_writer(storage), SEOUL, canaries(storage, *PHONES))
    actor = Actor.signed_in(account.id, account.role) if account else Actor.operator()
    if data is ExportedData.INTRODUCTIONS:
        report = await export.introductions(actor, "a.xlsx", reason=WHY)
    else:
        report = await export.dated(actor, "a.xlsx", data, reason=WHY)
    assert sheets.about
    assert dict(sheets.about.lines)["행 수"] == str(len(sheets.rows)) == str(report.rows)
    return [tuple(str(cell) for cell in row) for row in sheets.rows]


async def test_a_canarys_entry_stands_beside_the_first_since_it_is_registered(storage: MemoryStorage) -> None:
    made_up = await canaries(storage, *PHONES).person(ADMIN.id)
    assert made_up
    canary = replace(made_up, user=replace(made_up.user, id=a_user(3).id))
    pages = [[a_report(1), a_report(2)], [a_report(3), a_report(4), a_report(5)]]
    for until, near in ((5, 4), (4, 4), (3, 3), (2, 2)):
        found = [each async for page in with_entry(cut(pages, until), canary, report_of) for each in page]
        assert report_of(canary, a_report(near)) in found
        assert len(found) == until + 1


async def cut(pages: Sequence[Sequence[Report]], until: int) -> AsyncIterator[Sequence[Report]]:
    left = until
    for page in pages:
        if part := page[:left]:
            yield part
        left -= len(part)


async def test_a_canary_names_its_account_by_id_and_by_phone_as_people_write_it(
    storage: MemoryStorage, tmp_path: Path
) -> None:
    await exported(storage, tmp_path, Actor.signed_in(ADMIN.id, ADMIN.role))
    [canary] = await stored(storage)
    use_case = canaries(storage, *PHONES)
    for text in (canary.id, f" {canary.id} ", canary.phone or "", "010-2234-0001"):
        owner = await use_case.owner(Actor.operator(), text)
        assert (owner.account, owner.canary) == (ADMIN.id, canary.id)
    for nobody in (a_user(1).id, PHONES[1]):
        with pytest.raises(NotFound):
            await use_case.owner(Actor.operator(), nobody)
    looked = [each.what for each in await audited(storage) if each.action == "canary.looked_up"]
    assert looked == [canary.id] * 4 + [""] * 2


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served(canary_phones=PHONES) as made:
        await made.add("owner", a_user(1))
        await made.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        await made.add("approver", a_user(8, role=Role.ADMIN, status=Status.DRAFT))
        yield made


async def test_a_sheet_over_http_holds_a_made_up_person_like_the_others(world: World, tmp_path: Path) -> None:
    asked = {"data": "members", "reason": WHY, "contacts": True}
    made = (await world.ask("POST", "/admin/exports", "admin", json=asked)).json()
    assert made["people"] == 1
    await world.ask("POST", f"/admin/exports/{made['id']}/approve", "approver")
    while await world.ygs.worker.run_one():
        pass
    (tmp_path / "sheet.xlsx").write_bytes(
        (await world.ask("GET", f"/admin/exports/{made['id']}/sheet", "admin")).content
    )
    table = SheetFiles().read(str(tmp_path / "sheet.xlsx"))
    assert len(table.rows) == 2
    [made_up] = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows if PHONES[0] in row.cells]
    assert all(made_up[name] for name in ("번호", "이름", "성별", "출생 연도", "거주 지역", "키", "등록일"))
    assert (await world.ask("GET", f"/admin/members/{made_up['번호']}", "admin")).status_code == 404


def test_the_settings_check_says_when_sheets_hold_no_canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "YGS_CANARY_PHONES" in CliRunner().invoke(app, ["settings", "check"]).output
    monkeypatch.setenv("YGS_CANARY_PHONES", f'["{PHONES[0]}"]')
    assert "YGS_CANARY_PHONES" not in CliRunner().invoke(app, ["settings", "check"]).output


def test_the_breach_command_asks_for_an_account_or_a_canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    assert CliRunner().invoke(app, ["breach"]).exit_code == 2
    nobody = CliRunner().invoke(app, ["breach", "--canary", PHONES[0]])
    assert nobody.exit_code == 1
    assert "canary" in nobody.output or "카나리아" in nobody.output
