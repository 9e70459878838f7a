"""``ygs reports`` on a file, as an operator meets what members report of each other."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.audit import Audited, audited
from ygs.application.actors import Actor
from ygs.application.moderation.reports import ReportRequest
from ygs.bootstrap import build, upgrade_database
from ygs.domain.reports import Category
from ygs.domain.users import Role
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction

ME, THEM = a_user(1, name="김민수"), a_user(2, name="이서연")
WORDS = "돈을 빌려 달라고 했습니다\x1b[2J"


@pytest.fixture(autouse=True)
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file with one report in it, and the report's id."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    return asyncio.run(_reported())


async def _reported() -> str:
    await upgrade_database()
    async with build() as ygs:
        async with ygs.storage.write() as tx:
            await tx.users.add_all([ME, THEM])
            await tx.weeks.add(a_week())
            await tx.introductions.add_all([an_introduction(ME, THEM, a_week())], {})
        told = ReportRequest(category=Category.MONEY_OR_FRAUD, words=WORDS)
        return (await ygs.reports.report(Actor.signed_in(ME.id, Role.MEMBER), THEM.id, told)).id


def reports(*words: object) -> Result:
    return CliRunner().invoke(app, ["reports", *map(str, words)], env={"COLUMNS": "120"})


async def _log() -> list[Audited]:
    async with build() as ygs:
        return await audited(ygs.storage)


def on_record(action: str) -> set[tuple[str, ...]]:
    """Of whom."""
    return {one.people for one in asyncio.run(_log()) if one.action == action}


def test_the_list_masks_names_and_holds_no_word_of_anybody(report: str) -> None:
    listed = reports("list").output
    assert all(part in listed for part in (report, "김○수", "이○연", "Asked for money, or fraud"))
    assert not any(part in listed for part in ("김민수", "이서연", "돈을", "ygs reports list"))
    assert on_record("reports.listed") == {(ME.id, THEM.id)}
    full = reports("list", "--limit", 1).output
    assert f"ygs reports list --after {report}" in full
    assert "No report waits" in reports("list", "--after", report).output
    (line,) = json.loads(reports("list", "--json").stdout)
    assert (line["id"], line["subject_name"]) == (report, "이○연")


def test_one_report_is_shown_with_its_words_and_nothing_a_terminal_would_obey(
    report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    shown = reports("show", report).output
    assert all(part in shown for part in (THEM.id, ME.id, "금전 요구·사기", "돈을 빌려", "아직 처리하지 않았습니다"))
    assert "\x1b" not in shown
    assert on_record("report.read") == {(ME.id, THEM.id)}


def test_a_report_is_resolved_once_with_a_reason_by_the_operator(report: str) -> None:
    assert reports("resolve", report, "warned").exit_code == 2
    refused = reports("resolve", report, "suspended", "--reason", "세 번째 신고")
    assert (refused.exit_code, "suspend them first" in refused.output) == (1, True)
    done = reports("resolve", report, "warned", "--reason", "통화함")
    assert (done.exit_code, "Warned" in done.output, "통화함" in done.output) == (0, True, True)
    assert on_record("report.resolved") == {(ME.id, THEM.id)}
    assert json.loads(reports("show", report, "--json").stdout)["resolved_by"] is None
    assert reports("resolve", report, "dismissed", "--reason", "다시 봄").exit_code == 1
    assert "No report waits" in reports("list").output


def test_a_report_that_is_not_there_is_said_not_to_be() -> None:
    assert reports("show", "rep_nobody").exit_code == 1
