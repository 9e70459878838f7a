"""``ygs webhooks`` on a file: an endpoint from its first day to its last."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ygs.bootstrap import build, upgrade_database
from ygs.domain.deliveries import DeliveryState, EventDelivery
from ygs.domain.webhooks import DisabledBy
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.contracts.deliveries import a_delivery

TYPES = ("introduction.decided", "week.published")


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "ko")
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    asyncio.run(upgrade_database())


def webhooks(*words: str) -> Result:
    return CliRunner().invoke(app, ["webhooks", *words], env={"COLUMNS": "120"})


def added() -> dict[str, str]:
    made: dict[str, str] = json.loads(webhooks("add", "https://hooks.example.com/ygs", *TYPES, "--json").stdout)
    return made


async def _answered_410(webhook: str, failed: EventDelivery) -> None:
    async with build() as ygs, ygs.storage.write() as tx:
        (endpoint,) = await tx.webhooks.all()
        assert endpoint.id == webhook
        await tx.webhooks.save(endpoint.disabled(DisabledBy.GONE, at=failed.event.at))
        await tx.deliveries.add_all([failed])


def test_an_endpoint_that_was_disabled_is_enabled_and_sent_what_failed() -> None:
    webhook = added()["id"]
    waiting = a_delivery(1, to=webhook)
    asyncio.run(_answered_410(webhook, replace(waiting, state=DeliveryState.FAILED, finished_at=waiting.event.at)))
    resend = ("resend", webhook, "--since", "2020-01-01")
    assert webhooks(*resend).output == "ygs: 중지된 웹훅입니다. 먼저 다시 켜세요.\n"
    assert "사용 중" in webhooks("enable", webhook).output
    assert webhooks(*resend).output == "메시지 1건을 다시 보냅니다.\n"
    assert "실패한 메시지가 없습니다. 발송 대기 중인 메시지는 자동으로" in webhooks(*resend).output
    assert "이후 발송" in webhooks("attempts", webhook).output
    assert "사용 중" not in webhooks("disable", webhook).output


def test_since_is_a_time_of_the_service_as_all_times_of_the_command_are() -> None:
    webhook = added()["id"]
    failed = a_delivery(1, to=webhook)
    at = datetime.fromisoformat("2026-11-29T16:30:00+00:00")  # 01:30 of the 30th in Seoul
    event = replace(failed.event, at=at)
    asyncio.run(_answered_410(webhook, replace(failed, event=event, state=DeliveryState.FAILED, finished_at=at)))
    webhooks("enable", webhook)
    assert "실패한 메시지가 없습니다." in webhooks("resend", webhook, "--since", "2026-11-30T02:00").output
    assert "1건" in webhooks("resend", webhook, "--since", "2026-11-30T01:00").output


def test_a_secret_is_replaced_and_the_endpoint_removed() -> None:
    made = added()
    later = json.loads(webhooks("secret", made["id"], "--json").stdout)
    assert later["secret"] != made["secret"]
    assert "immediately=true" in webhooks("secret", made["id"]).output
    assert "whsec_" in webhooks("secret", made["id"], "--immediately").output
    assert webhooks("remove", made["id"]).output == "삭제했습니다.\n"
    assert webhooks("list").output == "웹훅이 없습니다.\n"


def test_a_wrong_type_is_named_once_beside_those_that_can_be_chosen() -> None:
    said = webhooks("add", "https://hooks.example.com/ygs", "introduction.reminder").output
    assert said.startswith("ygs: types: introduction.reminder: 웹훅으로 보내지 않는 이벤트입니다.")
    assert "introduction.decided" in said
    assert "webhook.test" not in said
