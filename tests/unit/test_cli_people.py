"""Members on the command line: by id, or by a name as the tables show it; finding them, and reviewing who waits."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from ygs.bootstrap import build, upgrade_database
from ygs.domain.users import Status
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user
from ygs.settings import Settings

PEOPLE = [
    a_user(1, name="강소영", birth_year=1991),
    a_user(2, name="강소영", birth_year=1993),
    a_user(3, name="정진호", birth_year=1990),
    a_user(4, name="윤하나", status=Status.PENDING),
]


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'club.db'}"
    monkeypatch.setenv("YGS_DATABASE_URL", url)

    async def fill() -> None:
        settings = Settings(database_url=SecretStr(url))
        await upgrade_database(settings)
        async with build(settings) as made, made.storage.write() as tx:
            await tx.users.add_all(PEOPLE)

    asyncio.run(fill())


def output_of(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, words, env={"COLUMNS": "80"})
    return result.exit_code, result.output


def test_a_member_is_named_by_id_by_name_or_by_name_and_year(club: None) -> None:
    id_of = {person.name: person.id for person in PEOPLE}
    by_id = output_of("explain", id_of["정진호"], PEOPLE[0].id)
    assert by_id[0] == 0
    for other in ("강소영 1991", "강소영 1991 서울", PEOPLE[0].id):
        assert output_of("explain", "정진호", other) == by_id


def test_of_several_who_are_called_alike_the_ids_are_given(club: None) -> None:
    code, text = output_of("explain", "정진호", "강소영")
    assert code == 1
    assert all(f"{person.id} ({person.birth_year})" in text for person in PEOPLE[:2])
    assert output_of("explain", "정진호", "강소영 1992")[0] == 1
    assert output_of("explain", "아무개")[0] == 1


def test_members_are_found_with_their_ids_whole_at_eighty_columns(club: None) -> None:
    code, text = output_of("members", "find", "강소영")
    assert code == 0
    assert all(person.id in text for person in PEOPLE[:2])
    assert "Nobody" in output_of("members", "find", "아무개")[1]


def test_who_waits_for_review_is_listed_and_approved_or_sent_back(club: None) -> None:
    waiting = PEOPLE[3].id
    assert waiting in output_of("members", "queue")[1]
    assert output_of("members", "reject", "윤하나", "--reason", "사진이 없습니다.") == (0, "Sent back: 윤하나\n")
    assert "Nobody waits" in output_of("members", "queue")[1]
    assert output_of("members", "approve", "윤하나")[0] == 1


def test_members_are_found_by_initials_and_filters_and_paged_in_the_order_asked(club: None) -> None:
    code, text = output_of("members", "find", "ㄱㅅㅇ", "--where", "born_from=1992", "--total")
    assert (code, PEOPLE[1].id in text, PEOPLE[0].id in text, "In all: 1" in text) == (0, True, False, True)
    code, text = output_of("members", "find", "--where", "status=active", "--sort", "birth_year", "--limit", "2")
    assert (PEOPLE[2].id in text, PEOPLE[0].id in text, PEOPLE[1].id in text) == (True, True, False)
    assert "강소영" not in text
    assert output_of("members", "find", "--where", "shoe_size=42")[0] == 2
    assert output_of("members", "find", "--where", "region=atlantis")[0] == 2


def test_the_status_of_several_is_changed_with_a_verdict_for_each(club: None) -> None:
    code, text = output_of("members", "status", "active", "윤하나", "정진호", "--json")
    assert code == 1
    assert [row["done"] for row in json.loads(text)["rows"]] == [True, False]
    assert output_of("members", "status", "suspended", "정진호", "--reason", "연락 두절")[0] == 0
    code, text = output_of("members", "assign", "정진호", "--to", "윤하나")
    assert (code, "staff" in text) == (1, True)


def test_a_filter_that_is_saved_is_opened_by_its_name_renamed_and_removed(club: None) -> None:
    assert "No filter is saved" in output_of("members", "filters")[1]
    code, text = output_of("members", "save-filter", "검토 대기", "--where", "status=pending", "--sort", "waiting")
    assert (code, text) == (0, "Saved: 검토 대기\n")
    assert "status=pending" in output_of("members", "filters")[1]
    assert output_of("members", "save-filter", "검토 대기", "--where", "status=active")[0] == 1
    code, text = output_of("members", "find", "--saved", "검토 대기", "--json")
    assert (code, [each["id"] for each in json.loads(text)["items"]]) == (0, [PEOPLE[3].id])
    code, text = output_of("members", "find", "강소영", "--saved", "검토 대기")
    assert (code, "Nobody fits" in text) == (0, True)
    assert output_of("members", "rename-filter", "검토 대기", "심사")[0] == 0
    assert output_of("members", "find", "--saved", "검토 대기")[0] == 1
    assert output_of("members", "remove-filter", "심사") == (0, "Removed: 심사\n")
    assert "No filter is saved" in output_of("members", "filters")[1]
    assert output_of("members", "save-filter", "이름", "--where", "search=강소영")[0] == 2
