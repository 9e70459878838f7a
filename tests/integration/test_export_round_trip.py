"""What is exported of members comes back by an import as it was: the next export of them is the same sheet."""

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.exporting.export_members import MemberExport
from ygs.application.importing.import_members import MemberImport
from ygs.application.importing.mapping import Agreement, FileMapping, parse_mapping
from ygs.application.importing.source import Source
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Group, Kind, Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, Status, User
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.canaries import canaries
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.spreadsheets import SheetTable

ROOT = Actor.operator()
FILES = SheetFiles()
SEOUL = ZoneInfo("Asia/Seoul")
# Syllables with and without a final, a letter that needs composing, and what a formula or a line of CSV begins with.
LETTERS = "가각갂힣한글\u1112\u1161ㅋé😀 ,;\"'\n\t=+-@_x0041_"
CONSENTS = {each: Consent(purpose=each, version="1", given_at=NOON) for each in (*Purpose,)[:3]}
AGREEMENT = Agreement(version="1", given=date(2026, 1, 2))


def known(group: Group) -> st.SearchStrategy[dict[str, int]]:
    """Facts of a group, each of which may be unknown."""
    greatest = {
        code: (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size
        for code, attribute in VOCABULARY.items()
        if attribute.group is group
    }
    return st.fixed_dictionaries({code: st.integers(0, most) for code, most in greatest.items()})


# A text of one dash would mean "not told".
texts = st.text(LETTERS, max_size=30).filter(lambda text: text.strip() != "-")
people = st.fixed_dictionaries(
    {
        "name": st.text("가나다라마바사힣", min_size=1, max_size=5),
        "gender": st.sampled_from([Genders.MALE, Genders.FEMALE]),
        "seeks": st.sampled_from([Genders.MALE, Genders.FEMALE, Genders.MALE | Genders.FEMALE]),
        "birth_year": st.integers(1940, 2006),
        "email": st.sampled_from([None, "kim@example.kr"]),
        "profile": st.builds(
            Profile, facts=known(Group.PROFILE), introduction=texts, ideal_partner=texts, school=texts, district=texts
        ),
        "lifestyle": st.builds(Lifestyle, facts=known(Group.LIFESTYLE)),
    }
)


def member(number: int, values: dict[str, Any]) -> User:
    """A member nobody else is like."""
    name = values["name"] + "일이삼사"[number]
    times = {"created_at": NOON, "updated_at": NOON, "activated_at": NOON}
    phone = f"+82102345{number:04}"
    rest = {**values, "name": name, "phone": phone, "consents": CONSENTS, "status": Status.ACTIVE, **times}
    return User(id=UserId(numbered("usr", number + 1)), **rest)


async def exported(storage: MemoryStorage, file: str, language: Language) -> SheetTable:
    export = MemberExport(storage, FILES, FrozenClock(), an_audit_writer(storage), SEOUL, canaries(storage))
    await export.members(ROOT, file, reason="점검", contacts=True, language=language)
    return FILES.read(file)


async def imported(file: str, language: Language) -> MemoryStorage:
    """Import a sheet by the mapping that is suggested for it, with the consents that its members have given."""
    storage = MemoryStorage()
    members = MemberImport(storage, FILES, LibPhones(), FrozenClock(), UlidIds(), SEOUL)
    suggested = parse_mapping((await members.suggest(ROOT, file)).encode())
    report = await members.run(ROOT, file, with_consents(suggested, language), commit=True)
    assert list(report.tallies) == []
    return storage


def with_consents(mapping: FileMapping, language: Language) -> FileMapping:
    """The mapping as somebody completes it who knows what the members agreed to."""
    sensitive = {code: it.name(language) for code, it in VOCABULARY.items() if it.sensitive}
    return mapping.model_copy(
        update={
            "status": Status.ACTIVE,
            "consents": dict.fromkeys(CONSENTS, AGREEMENT),
            "facts": {**mapping.facts, **{code: Source(column=column) for code, column in sensitive.items()}},
            "left_out": [column for column in mapping.left_out if column not in sensitive.values()],
        }
    )


def without_ids(table: SheetTable) -> Sequence[Sequence[str]]:
    """The header and the rows but for the ids, which are made anew."""
    assert table.header[0] in ("번호", "id")
    return [table.header[1:], *sorted(row.cells[1:] for row in table.rows)]


@pytest.mark.parametrize("language", Language)
@settings(max_examples=20, deadline=None)
@given(st.lists(people, min_size=1, max_size=4))
def test_an_export_that_is_imported_exports_the_same(language: Language, drawn: list[dict[str, Any]]) -> None:
    async def there_and_back(folder: str) -> tuple[SheetTable, SheetTable]:
        before = MemoryStorage()
        async with before.write() as tx:
            await tx.users.add_all([member(number, values) for number, values in enumerate(drawn)])
        first = await exported(before, f"{folder}/first.xlsx", language)
        after = await imported(f"{folder}/first.xlsx", language)
        return first, await exported(after, f"{folder}/second.xlsx", language)

    with TemporaryDirectory() as folder:
        first, second = asyncio.run(there_and_back(folder))
    assert without_ids(second) == without_ids(first)


async def test_libreoffice_reads_an_export_as_we_do(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("needs LibreOffice: apt-get install libreoffice-calc")
    storage = MemoryStorage()
    values = {"name": "김한", "gender": Genders.FEMALE, "seeks": Genders.MALE, "birth_year": 1990}
    profile = Profile(introduction="=HYPERLINK(1)", school="각힣 대학교")
    async with storage.write() as tx:
        await tx.users.add(member(0, {**values, "profile": profile}))
    table = await exported(storage, str(tmp_path / "members.xlsx"), Language.KO)
    to = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path)]
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [office, "--headless", home, *to, str(tmp_path / "members.xlsx")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=120, check=True)
    assert b"rror" not in done.stderr
    converted = FILES.read(str(tmp_path / "members.csv"))
    assert (converted.header, converted.rows[0].cells) == (table.header, table.rows[0].cells)
