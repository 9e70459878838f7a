"""A wish for values of a set that nearly everybody meets is pointed out to the member and to staff."""

from collections.abc import Sequence

import pytest

from tests.support.http import World, served
from tests.support.members import Club, signed_in
from tests.unit.test_console import page
from ygs.application.members.completeness import ProfileCompleteness
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Lifestyle, Role, Status, User
from ygs.entrypoints.testing.builders import a_user, coded, wishes


def hikers(count: int, others: int) -> Sequence[User]:
    """So many men who hike, and others who do yoga."""
    return [
        a_user(2 * number, lifestyle=Lifestyle(facts=coded(interests=["hiking" if number <= count else "yoga"])))
        for number in range(1, count + others + 1)
    ]


def hoping_for_hikers(importance: Importance = Importance.FAIR) -> User:
    return a_user(1, wishes=wishes(Wish.among("interests", ["hiking"], importance)))


@pytest.mark.parametrize(
    ("met", "others", "importance", "told"),
    [
        (18, 3, Importance.FAIR, ["interests"]),
        (17, 3, Importance.FAIR, []),  # 85 %, and not more
        (18, 2, Importance.SLIGHT, ["interests"]),
        (19, 0, Importance.FAIR, []),  # too few to tell
        (30, 0, Importance.IGNORE, []),
    ],
)
async def test_a_wish_that_more_than_85_percent_meet_is_pointed_out(
    met: int, others: int, importance: Importance, told: list[str]
) -> None:
    club, me = Club(), hoping_for_hikers(importance)
    await club.add(me, *hikers(met, others))
    view = await ProfileCompleteness(club.storage).get(signed_in(me))
    assert [each.attribute for each in view.broad_wishes] == told


async def test_staff_and_the_member_read_it_and_the_share_itself_is_told_to_nobody() -> None:
    async with served() as world:
        me = await _club(world)
        member = (await world.ask("GET", f"/admin/members/{me.id}", "admin")).json()
        own = (await world.ask("GET", "/users/me/completeness", "me")).json()
        assert member["broad_wishes"] == own["broad_wishes"]
        (broad,) = own["broad_wishes"]
        assert broad["ko"].startswith("관심사 조건은 소개받을 수 있는 사람의 85% 넘게")
        assert "100" not in f"{broad}"
        assert "met by nearly everybody" in (await page(world, f"/members/{me.id}")).text


async def _club(world: World) -> User:
    me = hoping_for_hikers()
    await world.add("me", me)
    await world.add("admin", a_user(91, role=Role.ADMIN, status=Status.DRAFT))
    async with world.ygs.storage.write() as tx:
        await tx.users.add_all(hikers(25, 0))
    return me
