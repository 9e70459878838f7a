"""One decision about many members: a verdict for each, and the same consequences as of a decision about one."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.members.bulk_status import MOST_AT_ONCE, BulkStatus, BulkStatusChange, Verdicts
from ygs.application.members.personal_data import Correction, PersonalData
from ygs.application.members.review import DecidedStatus
from ygs.domain.errors import Forbidden, InvalidText, StaleWrite, WrongStatus
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import SEOUL, a_user


@pytest.fixture
def club() -> Club:
    return Club()


async def change(club: Club, status: str, *numbers: int, who: Actor = CONSULTANT, reason: str = "") -> Verdicts:
    ids = [a_user(number).id for number in numbers]
    request = BulkStatusChange.model_validate({"ids": ids, "status": status, "reason": reason})
    return await BulkStatus(club.member_review).change(who, request)


async def statuses(club: Club, *numbers: int) -> list[Status]:
    return [(await club.user(a_user(number).id)).status for number in numbers]


async def test_one_who_is_refused_stops_nobody_else(club: Club) -> None:
    await club.add(a_user(1, status=Status.PENDING), a_user(2, status=Status.REJECTED))
    await club.add(a_user(3, status=Status.SUSPENDED), a_user(4, status=Status.PENDING, role=Role.CONSULTANT))
    verdicts = await change(club, "active", 1, 2, 9, 3, 4, 1)
    assert [(row.done, row.code) for row in verdicts.rows] == [
        (True, ""),
        (False, "wrong_status"),
        (False, "not_found"),
        (True, ""),
        (False, "forbidden"),
    ]
    assert [bool(row.words.ko) and bool(row.words.en) for row in verdicts.rows] == [
        not row.done for row in verdicts.rows
    ]
    assert verdicts.rows[1].words.en == ["a user who is rejected cannot become active"], "why, not only that"
    assert verdicts.rows[1].words.ko == ["'반려' 상태인 회원은 '활동 중' 상태로 바꿀 수 없습니다."]
    assert await statuses(club, 1, 2, 3, 4) == [Status.ACTIVE, Status.REJECTED, Status.ACTIVE, Status.PENDING]
    assert sorted(entry.action for entry in await club.log()) == ["member.approved", "member.restored"]


async def test_a_suspension_of_many_has_the_consequences_of_one(club: Club) -> None:
    one, other = a_user(1), a_user(2)
    await club.add(one, other)
    await club.introduce(one, other)
    assert all(row.done for row in (await change(club, "suspended", 1, 2, reason="연락 두절")).rows)
    async with club.storage.read() as reading:
        (introduction,) = await reading.introductions.of_user(one.id)
        assert introduction.state is IntroductionState.CANCELLED
    assert [(entry.action, entry.reason) for entry in await club.log()] == [("member.suspended", "연락 두절")] * 2


async def test_rejecting_and_suspending_need_a_reason_and_staff_decide_about_many_at_most_a_hundred(club: Club) -> None:
    await club.add(a_user(1))
    assert [row.code for row in (await change(club, "suspended", 1)).rows] == [InvalidText.code]
    with pytest.raises(Forbidden):
        await change(club, "suspended", 1, who=signed_in(a_user(1)), reason="그냥")
    many: dict[str, Any] = {"ids": [a_user(n).id for n in range(MOST_AT_ONCE + 1)]}
    wrongs: list[dict[str, Any]] = [{"ids": []}, many, {"status": "withdrawn"}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            BulkStatusChange.model_validate({"ids": [a_user(1).id], "status": "active"} | wrong)


async def test_basic_data_status_and_role_change_in_one_edit_or_not_at_all(club: Club) -> None:
    administrator = a_user(7, role=Role.ADMIN)
    await club.add(administrator, a_user(1, status=Status.PENDING))
    admin = replace(ADMIN, id=administrator.id)
    data = PersonalData(club.storage, club.clock, SEOUL, club.member_review.audit_writer)
    edit = Correction(
        name="박하늘", birth_year=1990, status=DecidedStatus.ACTIVE, role=Role.CONSULTANT, reason="상담사 채용"
    )
    with pytest.raises(Forbidden):
        await data.correct(CONSULTANT, a_user(1).id, edit)
    with pytest.raises(StaleWrite):
        await data.correct(admin, a_user(1).id, edit, version=7)
    with pytest.raises(WrongStatus):
        await data.correct(admin, a_user(1).id, edit.model_copy(update={"status": DecidedStatus.SUSPENDED}))
    assert (await club.user(a_user(1).id)).name == a_user(1).name
    assert await club.log() == []
    view = await data.correct(admin, a_user(1).id, edit)
    assert (view.name, view.birth_year, view.status) == ("박하늘", 1990, Status.ACTIVE)
    assert (await club.user(a_user(1).id)).role is Role.CONSULTANT
    assert [(entry.action, entry.what) for entry in await club.log()] == [
        ("member.corrected", "birth_year,name"),
        ("member.approved", ""),
        ("account.role_changed", "member -> consultant"),
    ]
