"""An export of the audit log: what is in it, and what is found in it elsewhere, with the key and without."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from tests.unit.test_audit_search import OPERATOR, READER, READER_USER, REPORTER, STRANGER, a_club, report
from ygs.application.actors import Actor
from ygs.application.audit import export
from ygs.application.audit.export import AuditExportRequest, AuditExports
from ygs.domain.audit import Mac
from ygs.domain.audit_export import MOST_FAULTS, ExportVerifier
from ygs.domain.errors import Forbidden, InvalidFact
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.clock import NOON

DAY = timedelta(days=1)


async def exported(
    club: Club, actor: Actor = OPERATOR, since: datetime = NOON - DAY, until: datetime = NOON + 9 * DAY
) -> list[str]:
    request = AuditExportRequest(since=since, until=until, reason="감사 자료 제출")
    return [line async for line in await AuditExports(club.storage, club.clock).export(actor, request)]


async def key_of(club: Club) -> Mac:
    async with club.storage.read() as reading:
        return reading.audit.mac


def faults(lines: Sequence[str], mac: Mac | None = None) -> list[str]:
    return [str(each) for each in ExportVerifier.of(lines, mac).faults]


async def a_log() -> Club:
    """Six entries on three days; the fifth is about two people."""
    club = await a_club()
    for day in range(3):
        club.clock.set(NOON + day * DAY)
        await club.member_review.get_member(CONSULTANT, STRANGER.id)
    await report(club)
    await club.member_review.get_member(CONSULTANT, STRANGER.id)
    return club


async def test_an_export_holds_the_entries_of_its_time_and_verifies_with_the_key_and_without() -> None:
    club = await a_log()
    mac = await key_of(club)
    whole = await exported(club)
    for key in (None, mac):
        found = ExportVerifier.of(whole, key)
        assert (found.faults, found.entries, found.first, found.last, found.withheld) == ([], 6, 1, 6, 0)
    of_two_days = await exported(club, since=NOON + DAY, until=NOON + 2 * DAY)
    assert [json.loads(each)["number"] for each in of_two_days[1:-1]] == [2]
    assert faults(of_two_days, mac) == []
    first, last = json.loads(of_two_days[0]), json.loads(whole[1])
    assert (first["after"], first["digest"]) == (1, last["digest"])
    people = json.loads(whole[5])["people"]
    assert people == sorted([REPORTER.id, READER_USER.id])


async def test_a_time_without_an_entry_and_an_empty_log_are_exported_too() -> None:
    club = Club()
    for lines in (await exported(club), await exported(club, since=NOON - 9 * DAY, until=NOON - 8 * DAY)):
        assert len(lines) == 2
        assert faults(lines, await key_of(club)) == []


async def test_a_log_of_which_the_oldest_entries_are_gone_still_verifies() -> None:
    club = await a_log()
    async with club.storage.write() as tx:
        assert await tx.audit.trim(NOON + DAY) == 1
    lines = await exported(club)
    assert json.loads(lines[0])["after"] == 1
    assert faults(lines, await key_of(club)) == []


async def test_the_export_is_on_record_with_its_reason_and_its_run() -> None:
    club = await a_log()
    await exported(club, ADMIN)
    entry = (await club.log())[-1]
    assert (entry.action, entry.what, entry.reason) == ("audit.exported", "1-6", "감사 자료 제출")
    with pytest.raises(ValidationError):
        AuditExportRequest(since=NOON, until=NOON + DAY, reason="  ")


async def test_only_administrators_export_and_no_time_is_the_wrong_way_round_or_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    club = await a_log()
    for who in (CONSULTANT, signed_in(STRANGER)):
        with pytest.raises(Forbidden):
            await exported(club, who)
    with pytest.raises(InvalidFact):
        await exported(club, since=NOON, until=NOON)
    monkeypatch.setattr(export, "MOST_EXPORTED", 6)
    assert len(await exported(club)) == 8
    with pytest.raises(InvalidFact, match="6 entries"):
        await exported(club)
    assert len(await club.log()) == 7


async def test_of_what_is_withheld_only_the_place_is_in_it_and_the_rest_still_verifies() -> None:
    club = await a_log()
    lines = await exported(club, READER)
    withheld = [json.loads(each) for each in lines[1:-1] if "withheld" in each]
    assert [sorted(each) for each in withheld] == [["digest", "number", "withheld"]] * 2
    assert not any(person in "".join(lines) for person in (REPORTER.id, "report."))
    found = ExportVerifier.of(lines, await key_of(club))
    assert (found.faults, found.withheld, found.entries) == ([], 2, 6)


def changed(lines: Sequence[str], place: int, **values: Any) -> list[str]:
    """The file with some fields of a line replaced."""
    line = json.loads(lines[place])
    return [*lines[:place], json.dumps({**line, **values}) + "\n", *lines[place + 1 :]]


async def test_what_was_changed_is_found_and_more_of_it_with_the_key() -> None:
    club = await a_log()
    mac = await key_of(club)
    lines = await exported(club)
    entry = json.loads(lines[2])["entry"]
    edited = changed(lines, 2, entry={**entry, "actor": "usr_x"})
    hidden = [*lines[:2], json.dumps({"number": 2, "withheld": True, "digest": json.loads(lines[2])["digest"]}) + "\n"]
    end = json.loads(lines[-1])
    without_key = {
        "a line is cut out": [*lines[:3], *lines[4:]],
        "the end is cut off": lines[:-1],
        "the last entry is cut out": [*lines[:-2], lines[-1]],
        "two lines are swapped": [*lines[:2], lines[3], lines[2], *lines[4:]],
        "a person is added": changed(lines, 2, people=["usr_x"]),
        "a person is left out": changed(lines, 5, people=json.loads(lines[5])["people"][:1]),
        "an entry is hidden": [*hidden, *lines[3:]],
        "something follows": [*lines, lines[-1]],
        "nonsense": [*lines[:2], "[1]\n", *lines[3:]],
        "another format": changed(lines, 0, format="ygs-audit-9"),
        "no line": [],
    }
    for name, file in without_key.items():
        assert faults(file), name
        assert faults(file, mac), name
    with_key = {
        "an entry is edited": edited,
        "an entry is edited and its digest": changed(edited, 2, digest="00" * 32),
        "the times asked for": changed(lines, 0, until=(NOON + 99 * DAY).isoformat()),
        "the seal": changed(lines, -1 + len(lines), seal="00" * 32),
        "the beginning": [changed([lines[0]], 0, after=1, digest=json.loads(lines[1])["digest"])[0], *lines[2:]],
        "hidden, and counted": [*hidden, *lines[3:-1], json.dumps({**end, "withheld": 1}) + "\n"],
    }
    for name, file in with_key.items():
        assert faults(file) == [], name
        assert faults(file, mac), name
    assert faults(lines, lambda content: hmac.digest(b"another", content, "sha256"))
    assert len(faults(["nonsense\n"] * (2 * MOST_FAULTS))) == MOST_FAULTS


def test_the_command_line_exports_and_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)

    def ygs(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, words)
        return result.exit_code, result.output

    assert ygs("db", "upgrade")[0] == 0
    assert ygs("members", "find", "--json")[0] == 0
    times = ("--since", "2020-01-01", "--until", "2099-01-01")
    assert ygs("audit", "export", "log.jsonl", *times, "--reason", "점검") == (
        0,
        "1 entries are written to log.jsonl.\n",
    )
    (tmp_path / "club.db").unlink()
    code, text = ygs("audit", "verify", "log.jsonl")
    assert (code, "Nothing is missing" in text) == (0, True)
    code, text = ygs("audit", "verify", "log.jsonl", "--key")
    assert (code, "Every link holds" in text) == (0, True)
    file = tmp_path / "log.jsonl"
    file.write_text(file.read_text("utf-8").replace('"members.read"', '"members.seen"'), "utf-8")
    assert ygs("audit", "verify", "log.jsonl")[0] == 0
    code, text = ygs("audit", "verify", "log.jsonl", "--key", "--json")
    found = json.loads(text)
    assert (code, found["holds"], len(found["faults"])) == (4, False, 1)
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    assert "1번 기록" in ygs("audit", "verify", "log.jsonl", "--key")[1]
