"""``ygs forecast`` on a file: figures, a kept forecast, and the contract that follows."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ygs.bootstrap import build, upgrade_database
from ygs.domain.users import Status
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_plan, a_user

PERSON = {"gender": "male", "seeks": ["female"], "birth_year": 1990, "weeks": 2}


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A club of ten, a plan, and a file about somebody who is none of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    Path("person.json").write_text(json.dumps(PERSON), "utf-8")
    asyncio.run(_filled())


async def _filled() -> None:
    await upgrade_database()
    async with build() as ygs, ygs.storage.write() as tx:
        await tx.users.add_all([a_user(number, status=Status.ACTIVE, wishes={}) for number in range(1, 11)])
        await tx.memberships.add_plan(a_plan(1))


def ygs(*words: object, input: str | None = None) -> Result:
    return CliRunner().invoke(app, [*map(str, words)], env={"COLUMNS": "120"}, input=input)


def test_a_forecast_is_told_kept_and_follows_into_the_contract() -> None:
    told = ygs("forecast", "person.json", "--promised", 1).output
    assert "지금 서로 맞는 회원: 10명 미만." in told
    assert "2주 동안 예상 소개" in told
    kept = json.loads(ygs("forecast", "person.json", "--keep", "--json").stdout)
    assert kept["figures"]["weeks"] == 2
    started = ygs(
        "memberships", "start", a_user(1).id, "--plan", a_plan(1).id, "--contracted", "2026-01-02",
        "--forecast", kept["id"],
    )  # fmt: skip
    assert started.exit_code == 0, started.output
    shown = ygs("forecast", "--kept", kept["id"]).output
    assert "서명됨, 바뀐 내용 없음" in shown
    assert json.loads(ygs("forecast", "--kept", kept["id"], "--json").stdout)["membership_id"]


def test_a_file_that_is_no_person_is_refused_with_what_to_do() -> None:
    for wrong, what in (("[]", "JSON 객체가 아닙니다"), ("{", "JSON 객체가 아닙니다"), ('{"gender": "male"}', "seeks")):
        refused = ygs("forecast", "-", input=wrong)
        assert refused.exit_code in (1, 2)
        assert what in refused.output
    assert ygs("forecast", "nowhere.json").exit_code == 1
    assert "파일" in ygs("forecast").output
