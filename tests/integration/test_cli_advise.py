"""``ygs advise`` on a file, against a local server that plays Gemini."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from tests.support.gemini_server import GeminiServer, Scripted, answers, asking, replied, serving_in_thread
from ygs.application.simulation.club import club
from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.clock import NOON
from ygs.settings import Settings


def in_english(call: dict[str, Any]) -> Scripted:
    return replied(json.dumps({"answers": answers(call, reason="Both like quiet weekends.", strength=-100)}))


@pytest.fixture
def gemini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    monkeypatch.chdir(tmp_path)
    with serving_in_thread(in_english) as server:
        for name, value in {
            **asking(server, tmp_path),
            "YGS_ADVISOR_SHARE": "2000",
            "YGS_ADVISOR_CANDIDATES": "1",
        }.items():
            monkeypatch.setenv(name, value)
        asyncio.run(_filled(f"sqlite:///{tmp_path}/club.db"))
        yield server


async def _filled(url: str) -> None:
    settings = Settings(database_url=SecretStr(url))
    await upgrade_database(settings)
    async with build(settings) as ygs, ygs.storage.write() as tx:
        await tx.users.add_all(list(club(20, seed=3, at=NOON)))


def ygs(*words: str) -> Result:
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


def output_of(*words: str) -> str:
    result = ygs(*words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.long
def test_a_week_is_rehearsed_advised_planned_and_compared(gemini: GeminiServer) -> None:
    output_of("week", "create")
    output_of("week", "lock")
    rehearsed = output_of("advise", "run", "--dry-run")
    assert "Nothing was sent." in rehearsed
    assert gemini.calls == []
    document = json.loads(output_of("advise", "run", "--dry-run", "--json"))
    assert len(document["prompts"]) == document["bill"]["calls"] > 0
    pairs = sum(len(json.loads(each["data"])["items"]) for each in document["prompts"])
    assert document["bill"]["to_ask"] == pairs < document["bill"]["pairs"]
    assert f"{document['bill']['pairs'] - pairs} pairs are not asked about" in rehearsed
    advised = output_of("advise", "run")
    assert "pairs moved" in advised
    state = json.loads(output_of("advise", "show", "--json"))
    assert f"{state['moved']} pairs moved" in output_of("advise", "show")
    assert state["calls"] == len(gemini.calls)
    assert all(each["contents"][0]["parts"][0]["text"] in rehearsed for each in gemini.calls)
    calls = len(gemini.calls)
    assert json.loads(output_of("advise", "run", "--json"))["calls"] == 0
    assert len(gemini.calls) == calls > 0
    output_of("week", "plan")
    compared = json.loads(output_of("advise", "compare", "--json"))
    assert compared["advised"] > 0
    shown = output_of("advise", "compare")
    assert "made by a machine" in shown
    assert "usr_" not in shown, "people are called by name"
    refused = ygs("advise", "run")
    assert refused.exit_code == 1, refused.output
    assert "advice comes before the plan" in refused.output


@pytest.mark.long
def test_answers_of_no_use_are_told(gemini: GeminiServer) -> None:
    gemini.script = lambda call: replied(json.dumps({"answers": answers(call, strength=1_000)}))
    output_of("week", "create")
    output_of("week", "lock")
    advised = output_of("advise", "run")
    assert "0 pairs moved" in advised
    assert "answers were of no use" in advised
