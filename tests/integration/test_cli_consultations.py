"""``ygs consultations`` on a file, from hours to a consultation that did not take place."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ygs.bootstrap import build, upgrade_database
from ygs.domain.users import Role
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user

CONSULTANT = a_user(5, name="한상담", role=Role.CONSULTANT)
DAY = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Seoul")) + timedelta(days=2)).date()


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with a member and a consultant."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    asyncio.run(_staffed())


async def _staffed() -> None:
    await upgrade_database()
    async with build() as ygs, ygs.storage.write() as tx:
        await tx.users.add_all([a_user(1, name="김민수"), CONSULTANT])


def consultations(*words: object) -> Result:
    return CliRunner().invoke(app, ["consultations", *map(str, words)], env={"COLUMNS": "120"})


def test_a_slot_is_opened_booked_by_name_moved_and_cancelled_in_korean() -> None:
    assert "아직 열어 둔 상담 시간이 없습니다." in consultations("list").output
    opened = consultations("open", CONSULTANT.id, f"{DAY} 14:00", "--json")
    slot = json.loads(opened.stdout)["id"]
    assert f"{slot}  {DAY} 14:00" in consultations("free").output
    booked = consultations("book", slot, "김민수", "--json")
    booking = json.loads(booked.stdout)["id"]
    listed = consultations("list", "--first", DAY, "--days", 1).output
    assert "김○○" in listed
    assert "예약됨" in listed
    assert booking in listed
    assert "김민수" not in listed
    assert "예약할 수 있는 시간이 없습니다." in consultations("free", "--consultant", CONSULTANT.id).output
    later = json.loads(consultations("open", CONSULTANT.id, f"{DAY} 16:00", "--json").stdout)["id"]
    assert f"{DAY} 16:00" in consultations("move", booking, later).output
    assert slot in consultations("free").output
    assert consultations("no-show", booking).exit_code == 1
    assert "취소" in consultations("cancel", booking, "--reason", "회원이 전화함").output
    assert "김민수" in consultations("show", booking).output
    assert later in consultations("list", "--first", DAY).output


def test_a_series_leaves_closed_days_out_and_closing_tells_what_is_booked() -> None:
    holiday = DAY + timedelta(days=7)
    assert "2027-01-01" in consultations("closed-days", 2027, "--proposed").output
    assert "시간 0개를 닫았습니다" in consultations("close-days", holiday, "--name", "정기 휴무").output
    assert f"{holiday}  정기 휴무" in consultations("closed-days", holiday.year).output
    days = ("--day", f"{DAY:%A}".lower(), "--first", DAY, "--last", holiday)
    opened = consultations("open-series", CONSULTANT.id, *days, "--at", "10:00", "--at", "11:00").output
    assert "2" in opened.splitlines()[0]
    assert "휴무일" in opened.splitlines()[1]
    slot = json.loads(consultations("free", "--json").stdout)[0]["id"]
    booking = json.loads(consultations("book", slot, "김민수", "--json").stdout)["id"]
    assert booking in consultations("close-days", DAY, "--name", "단수").output
    assert json.loads(consultations("free", "--json").stdout) == []
    assert "휴무를 취소했습니다" in consultations("open-day", DAY).output
    assert consultations("open-day", DAY).exit_code == 1


def test_hours_are_replaced_by_the_week_and_shown() -> None:
    assert "시간 제한 없음" in consultations("hours", CONSULTANT.id).output
    week = ("--day", "monday=10:00-12:00, 13:00-19:00", "--day", "friday=09:30-18:00")
    told = consultations("hours", CONSULTANT.id, *week).output
    assert "월요일 10:00-12:00, 13:00-19:00" in told
    assert "금요일 09:30-18:00" in told
    assert "시간 제한 없음" in consultations("hours", CONSULTANT.id, "--any-time").output
    assert consultations("hours", CONSULTANT.id, "--day", "monday=12:00-10:00").exit_code != 0
    assert consultations("cancel", "mh_1", "--reason", "x").exit_code == 1
