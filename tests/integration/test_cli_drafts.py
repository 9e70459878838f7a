"""``ygs draft …`` and ``ygs import --ask-model`` on a file, against a local server that plays Gemini."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from tests.integration.test_drafts import CELLS, MINJUN, NOTE, SAID, SEOYEON
from tests.integration.test_drafts_in_use import (
    CONSULTATION,
    INTRODUCTION,
    MARKED,
    MARKED_QUIT,
    SHEET,
    anything,
    columns,
)
from tests.support.gemini_server import GeminiServer, asking, serving_in_thread
from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_slot, a_user, a_week
from ygs.settings import Settings

MACHINE_MADE = "기계가 쓴 초안입니다. 확인하고 쓰세요."


@pytest.fixture
def gemini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    monkeypatch.chdir(tmp_path)
    with serving_in_thread(anything) as server:
        for name, value in {
            **asking(server, tmp_path),
            "YGS_LANGUAGE": "ko",
            "YGS_ADVISOR_ITEMS": '["facts", "introduction", "ideal_partner", "note"]',
            "YGS_ADVISOR_DRAFTS": '["summary", "messages", "columns", "facts"]',
            "COLUMNS": "200",
        }.items():
            monkeypatch.setenv(name, value)
        Path("list.csv").write_text(SHEET, "utf-8")
        yield server


@pytest.fixture
def club(gemini: GeminiServer, tmp_path: Path) -> GeminiServer:
    """The server, beside a database of two who are introduced, one of whom was consulted."""
    asyncio.run(_filled(Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/club.db"))))
    return gemini


async def _filled(settings: Settings) -> None:
    await upgrade_database(settings)
    # The command goes by the real clock, and an introduction past its deadline is none to write for.
    waiting = replace(INTRODUCTION, deadline=datetime.now(UTC) + timedelta(days=3))
    async with build(settings) as ygs, ygs.storage.write() as tx:
        await tx.users.add_all([MINJUN, SEOYEON, a_user(90)])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([waiting], {MINJUN.id: 1, SEOYEON.id: 1})
        await tx.consultations.add_slots([a_slot()])
        await tx.consultations.add(CONSULTATION)


def ygs(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def output_of(*words: str) -> str:
    result = ygs(*words)
    assert result.exit_code == 0, result.output
    return result.output


def test_each_draft_is_written_marked_and_paid_once(club: GeminiServer) -> None:
    summary = output_of("draft", "summary", MINJUN.id)
    messages = output_of("draft", "messages", INTRODUCTION.id)
    facts = output_of("draft", "facts", CONSULTATION.id)
    for text in (summary, messages, facts):
        assert MACHINE_MADE in text
    assert SAID in summary
    assert all(f"{each.id}: " in messages for each in (MINJUN, SEOYEON))
    assert f"작년에 {MARKED_QUIT} 함" in facts
    assert json.loads(output_of("draft", "summary", MINJUN.id, "--json"))["summary"] == MARKED
    services = json.loads(output_of("draft", "services", "--json"))
    assert (services["calls"], services["kinds"]) == (3, ["columns", "facts", "messages", "summary"])
    assert "민준" not in json.dumps(club.calls, ensure_ascii=False)


def test_a_fact_is_stored_when_it_is_accepted_and_no_other(club: GeminiServer) -> None:
    other = ygs("draft", "accept", CONSULTATION.id, "drinking")
    assert (other.exit_code, "Traceback" in other.output) == (1, False), other.output
    stored = json.loads(output_of("draft", "accept", CONSULTATION.id, "height_cm", "--json"))
    assert stored["profile"]["height_cm"] == 178
    left = json.loads(output_of("draft", "facts", CONSULTATION.id, "--json"))
    assert [each["attribute"] for each in left["facts"]] == ["smoking"]
    assert NOTE not in json.dumps(club.calls, ensure_ascii=False), "the name in it is taken out"


def test_without_a_model_a_draft_is_refused_in_a_sentence(club: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_ADVISOR", "none")
    refused = ygs("draft", "summary", MINJUN.id)
    assert (refused.exit_code, "YGS_ADVISOR" in refused.output) == (2, True), refused.output
    assert club.calls == []


def test_a_mapping_is_suggested_with_what_the_model_takes_unknown_columns_for(club: GeminiServer) -> None:
    club.script = columns
    alone = output_of("import", "list.csv", "--suggest")
    assert club.calls == []
    asked = output_of("import", "list.csv", "--suggest", "--ask-model")
    assert '[facts.smoking]\ncolumn = "담배?"' in asked
    assert '[facts.smoking]\ncolumn = "담배?"' not in alone
    assert not [cell for cells in CELLS for cell in cells[3:] if cell in json.dumps(club.calls, ensure_ascii=False)]


def test_a_model_is_asked_for_a_suggestion_alone(gemini: GeminiServer) -> None:
    Path("list.toml").write_text("", "utf-8")
    refused = ygs("import", "list.csv", "--mapping", "list.toml", "--ask-model")
    assert (refused.exit_code, "--suggest" in refused.output) == (2, True), refused.output
