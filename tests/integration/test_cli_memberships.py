"""``ygs memberships`` on a file, from a plan to a refund."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ygs.application.members.withdrawal import withdraw_member
from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction

ME, THEM = a_user(1, name="김민수"), a_user(2, name="이서연")


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with two people who were introduced to each other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    asyncio.run(_introduced())


async def _introduced() -> None:
    await upgrade_database()
    async with build() as ygs, ygs.storage.write() as tx:
        await tx.users.add_all([ME, THEM])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([an_introduction(ME, THEM, a_week())], {})


def memberships(*words: object) -> Result:
    return CliRunner().invoke(app, ["memberships", *map(str, words)], env={"COLUMNS": "120"})


def made() -> str:
    """The id of a membership that began before the introduction, made by commands."""
    offered = memberships(
        "plans", "offer", "정회원 12회", "--fee", 3_600_000, "--months", 12, "--promised", 12, "--json"
    )
    plan = json.loads(offered.stdout)["id"]
    assert f"{plan}  정회원 12회" in memberships("plans", "list").output
    started = memberships("start", ME.id, "--plan", plan, "--contracted", "2026-01-02", "--json")
    return str(json.loads(started.stdout)["id"])


def test_from_a_plan_to_a_ledger_in_korean() -> None:
    membership = made()
    paid = memberships("pay", membership, "--amount", 3_600_000, "--on", "2026-01-02").output
    assert "가입비 3,600,000원 중 3,600,000원 납부" in paid
    fixed = memberships("fix-date", membership, an_introduction(ME, THEM, a_week()).id, "--meets", "2030-01-01")
    assert fixed.exit_code == 0, fixed.output
    shown = memberships("show", membership).output
    assert an_introduction(ME, THEM, a_week()).id in shown
    assert "약정 12회." in shown
    listed = memberships("list", "--only", "late").output
    assert "김○수" in listed
    assert "회사 책임" in listed
    assert "김민수" not in listed
    assert memberships("grant", membership, "--count", 1).exit_code == 0
    assert "계약 기간이 멈춰 있습니다." in memberships("pause", membership).output
    assert memberships("resume", membership).exit_code == 0
    assert memberships("end", membership, "--reason", "해지").exit_code == 0
    assert "해당하는 멤버십이 없습니다." in memberships("list").output


def test_a_zero_too_many_in_a_payment_is_pointed_out() -> None:
    membership = made()
    assert "더 냈습니다" not in memberships("pay", membership, "--amount", 3_600_000).output
    paid = memberships("pay", membership, "--amount", 32_400_000).output
    assert "가입비보다 32,400,000원 더 냈습니다." in paid


def test_the_contract_of_who_has_left_is_to_be_ended() -> None:
    membership = made()
    assert "탈퇴한 회원" not in memberships("list").output
    asyncio.run(_left())
    assert "탈퇴한 회원입니다. `ygs memberships end`로 계약을 끝내세요." in memberships("list").output
    assert memberships("end", membership, "--reason", "탈퇴").exit_code == 0


async def _left() -> None:
    async with build() as ygs, ygs.storage.write() as tx:
        await withdraw_member(tx, await tx.users.get(ME.id), ygs.clock.now())


def test_a_refund_is_shown_and_kept_with_its_evidence() -> None:
    membership = made()
    memberships("pay", membership, "--amount", 3_600_000)
    preview = memberships("refund", membership, "--fault", "member").output
    assert "가입비 3,600,000원 × 85%" in preview
    assert "돌려줄 금액: 3,060,000원" in preview
    kept = memberships("refund", membership, "--fault", "operator", "--evidence", "만남이 없었음", "--json")
    found = json.loads(kept.stdout)
    assert (found["refund"]["amount"], found["evidence"]) == (4_140_000, "만남이 없었음")


def test_what_cannot_be_is_said_in_korean() -> None:
    membership = made()
    refused = memberships("pay", membership, "--amount", -1)
    assert (refused.exit_code, refused.output) == (
        1,
        "ygs: 금액: 낸 금액은 0보다 크게, 돌려준 금액은 0보다 작게 적되 지금까지 낸 금액을 넘을 수 없습니다.\n",
    )
    past = memberships("fix-date", membership, an_introduction(ME, THEM, a_week()).id, "--meets", "2026-01-03")
    assert past.output == (
        "ygs: 만나는 날: 날짜를 확정한 날보다 앞설 수 없습니다. 이미 지난 만남이면 확정한 날도 적으세요.\n"
    )
    offered = ("plans", "offer", "정회원", "--fee", 1, "--months", 1, "--promised", 1, "--agreed")
    assert memberships(*offered, "birthyear").output == (
        "ygs: 약정 조건: 어휘에 없는 항목입니다(birthyear). `ygs vocabulary`에서 확인하세요.\n"
    )
    assert "약정 조건: 출생 연도" in memberships(*offered, "birth_year").output
    unknown = memberships("show", "mb_01JD8Q4W0M8Q5V7X0C9T1R2E3S")
    assert unknown.output == "ygs: 멤버십을 찾을 수 없습니다: mb_01JD8Q4W0M8Q5V7X0C9T1R2E3S\n"
