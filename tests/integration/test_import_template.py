"""The template of a sheet of members: filled in, an import reads it without a question; office programs open it."""

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.importing.import_members import MemberImport
from ygs.application.importing.mapping import parse_mapping
from ygs.application.importing.template import ImportTemplate
from ygs.domain.matching.attribute import Kind, Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.spreadsheets import Cell

ROOT = Actor.operator()
FILES = SheetFiles()
SEOUL = ZoneInfo("Asia/Seoul")
TEMPLATE = ImportTemplate(FILES, FrozenClock(), SEOUL)


async def headed(tmp_path: Path, language: Language, *, sensitive: bool = False) -> Sequence[str]:
    file = tmp_path / "template.xlsx"
    file.write_bytes(await TEMPLATE.download(ROOT, language, sensitive=sensitive))
    return FILES.read(str(file)).header


def person(number: int, language: Language) -> dict[str, Cell]:
    """The `number`-th answer of every attribute, by the header of its column; the words of one with several."""
    facts: dict[str, Cell] = {}
    for attribute in VOCABULARY.values():
        if attribute.is_number:
            facts[attribute.name(language)] = attribute.low + 40
        elif attribute.kind is Kind.SET:
            facts[attribute.name(language)] = ", ".join(value.label(language) for value in attribute.values)
        else:
            facts[attribute.name(language)] = attribute.values[number % attribute.size].label(language)
    return facts


@pytest.mark.parametrize("language", Language)
async def test_a_filled_template_is_imported_without_a_question(tmp_path: Path, language: Language) -> None:
    header = await headed(tmp_path, language)
    name, gender, seeks, born, phone = header[:5]
    genders = ("남성", "여성") if language is Language.KO else ("Male", "Female")
    people = [
        person(number, language)
        | {name: f"회원 {number}", gender: genders[number % 2], born: 1980 + number, phone: f"010-2345-{1000 + number}"}
        | {seeks: ("", *genders, ", ".join(genders))[number % 4]}
        for number in range(24)
    ]
    filled = tmp_path / "filled.xlsx"
    FILES.write(str(filled), header, [[each.get(column, "") for column in header] for each in people], title="회원")
    storage = MemoryStorage()
    members = MemberImport(storage, FILES, LibPhones(), FrozenClock(), UlidIds(), SEOUL)
    mapping = await members.suggest(ROOT, str(filled))
    assert "not understood" not in mapping
    assert '"?"' not in mapping
    report = await members.run(ROOT, str(filled), parse_mapping(mapping.encode()), commit=True)
    assert (report.accepted, list(report.tallies)) == (24, [])
    async with storage.read() as reading:
        stored = await reading.users.page()
    facts = {code for code, attribute in VOCABULARY.items() if not attribute.sensitive}
    assert all(user.facts.keys() == facts for user in stored)
    assert [int(user.seeks) for user in stored[:8]] == [2, 1, 2, 3, 2, 1, 2, 3]


async def test_sensitive_columns_are_there_on_request_and_wait_for_the_consent(tmp_path: Path) -> None:
    plain = await headed(tmp_path, Language.KO)
    whole = await headed(tmp_path, Language.KO, sensitive=True)
    assert [name for name in whole if name not in plain] == ["종교", "혼인 이력", "자녀"]


async def test_answers_are_lists_to_choose_from_and_phones_are_text(tmp_path: Path) -> None:
    header = await headed(tmp_path, Language.EN)
    with ZipFile(tmp_path / "template.xlsx") as archive:
        form, lists = (ET.fromstring(archive.read(f"xl/worksheets/sheet{each}.xml")) for each in (1, 2))
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    rules = {each.get("sqref", "").split(":")[0]: each for each in form.iterfind(".//x:dataValidation", space)}
    # Longer than the 255 characters that a rule itself may hold.
    place = header.index("Occupation")
    letter = chr(ord("A") + place)
    assert rules[f"{letter}2"].findtext("x:formula1", namespaces=space) == f"_lists!${letter}$1:${letter}$20"
    listed = {each.get("r"): each.findtext(".//x:t", namespaces=space) for each in lists.iterfind(".//x:c", space)}
    assert listed[f"{letter}20"] == VOCABULARY["job_group"].values[-1].en
    assert rules["D2"].get("type") == "whole"
    phone = form.findall(".//x:col", space)[header.index("Phone")]
    assert phone.get("style") == "2"


async def test_libreoffice_reads_the_template(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("needs LibreOffice: apt-get install libreoffice-calc")
    header = await headed(tmp_path, Language.KO)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    to = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path)]
    command = [office, "--headless", profile, *to, str(tmp_path / "template.xlsx")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=120, check=True)
    assert b"rror" not in done.stderr
    assert (tmp_path / "template.csv").read_text(encoding="utf-8-sig").strip().split(",") == list(header)
