"""What telling a fact would open: most first, and nobody to be read out of the figures."""

from typing import Any

import pytest
from pydantic import SecretStr

from tests.support.accounts import HOME, PHONE, actor, join_by_kakao
from tests.support.members import CONSULTANT, Club, signed_in
from ygs.application.accounts.phone_change import NewPhone, PhoneProof
from ygs.application.members.completeness import CompletenessView, ProfileCompleteness, UnknownView, rounded
from ygs.domain.errors import Forbidden, Incomplete
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Consent, Purpose, Status, User
from ygs.entrypoints.testing.builders import a_draft, a_user, wishes
from ygs.entrypoints.testing.clock import NOON


def man(number: int, *told: Wish, **changes: Any) -> User:
    """A man who wishes for that and seeks women."""
    return a_user(2 * number, wishes=wishes(*told), **changes)


def smoking(importance: Importance) -> Wish:
    return Wish.between("smoking", "no", "no", importance)


def drinking(importance: Importance) -> Wish:
    return Wish.between("drinking", "none", "none", importance)


def religion(importance: Importance) -> Wish:
    return Wish.among("religion", ["none"], importance)


async def told(club: Club, me: User) -> CompletenessView:
    return await ProfileCompleteness(club.storage).get(signed_in(me))


def of(view: CompletenessView, attribute: str) -> UnknownView:
    (found,) = (each for each in view.unknown if each.attribute == attribute)
    return found


@pytest.mark.parametrize(("count", "said"), [(0, 0), (1, None), (4, None), (5, 5), (9, 5), (10, 10), (1234, 1230)])
def test_figures_are_rounded_down_to_fives_and_a_few_are_not_counted(count: int, said: int | None) -> None:
    assert rounded(count) == said


async def test_each_unknown_fact_says_how_many_choose_by_it_and_most_come_first() -> None:
    club, me = Club(), a_draft(1)
    fair = [man(number, smoking(Importance.FAIR)) for number in range(1, 7)]
    must = [man(number, smoking(Importance.MUST), religion(Importance.FAIR)) for number in range(7, 14)]
    few = [man(number, drinking(Importance.MUST)) for number in range(14, 17)]
    await club.add(me, *fair, *must, *few, man(40, drinking(Importance.MUST), status=Status.PAUSED))
    view = await told(club, me)
    assert [(each.attribute, each.people, each.must) for each in view.unknown][:3] == [
        ("smoking", 10, 5),
        ("religion", 5, 0),
        ("drinking", None, None),
    ]
    assert {(each.people, each.must) for each in view.unknown[3:]} == {(0, 0)}


async def test_what_is_known_is_not_asked_for_and_everything_else_is() -> None:
    club, me = Club(), a_user(1)
    await club.add(me)
    view = await told(club, me)
    assert {each.attribute for each in view.unknown} == VOCABULARY.keys() - me.facts.keys()
    assert view.percent == 100 * len(me.facts) // len(VOCABULARY)
    assert view.missing == []


async def test_a_draft_reads_what_is_missing_in_both_languages() -> None:
    club, me = Club(), a_draft(1)
    await club.add(me)
    view = await told(club, me)
    assert [each.code for each in view.missing] == list(me.missing)
    named = {each.code: (each.ko, each.en) for each in view.missing}
    assert named["region"] == (VOCABULARY["region"].ko, VOCABULARY["region"].en)
    assert named["consent_terms"] == ("이용약관 동의", "Consent to the terms")
    assert all(ko and en for ko, en in named.values())


async def test_sensitive_facts_say_that_they_need_a_consent_first() -> None:
    club = Club()
    agreed = Consent(purpose=Purpose.SENSITIVE, version="1", given_at=NOON)
    without, with_it = a_draft(1), a_draft(3, consents={Purpose.SENSITIVE: agreed})
    await club.add(without, with_it)
    assert of(await told(club, without), "religion").needs_consent
    assert not of(await told(club, without), "smoking").needs_consent
    assert not of(await told(club, with_it), "religion").needs_consent


async def test_sentences_say_the_same_as_the_figures() -> None:
    club, me = Club(), a_draft(1)
    many = [man(number, smoking(Importance.MUST if number < 3 else Importance.FAIR)) for number in range(1, 13)]
    await club.add(me, *many, man(30, drinking(Importance.FAIR)))
    view = await told(club, me)
    some, few, none = of(view, "smoking"), of(view, "drinking"), of(view, "religion")
    assert some.ko == "소개받을 수 있는 사람 중 흡연을 보고 고르는 사람: 10명 이상, 그중 몇 명에게는 꼭 필요한 조건."
    assert some.en == (
        "Smoking: 10 or more of those you could be introduced to choose by it; for a few of them it is a must."
    )
    assert few.ko == "소개받을 수 있는 사람 중 음주를 보고 고르는 사람: 몇 명."
    assert few.en == "Drinking: a few of those you could be introduced to choose by it."
    assert none.ko == "종교를 보고 고르는 사람은 아직 없습니다."
    assert none.en == "Religion: nobody you could be introduced to chooses by it yet."


async def test_the_order_tells_no_more_than_the_figures() -> None:
    """Two by which five and nine people choose stand as they do in the vocabulary, whichever has nine."""
    orders = []
    for ahead, behind in ((smoking, drinking), (drinking, smoking)):
        club, me = Club(), a_draft(1)
        nine = [man(number, ahead(Importance.FAIR)) for number in range(1, 10)]
        five = [man(number, behind(Importance.FAIR)) for number in range(10, 15)]
        await club.add(me, *nine, *five)
        orders.append([each.attribute for each in (await told(club, me)).unknown])
    assert orders[0] == orders[1]


async def test_it_is_members_own() -> None:
    with pytest.raises(Forbidden):
        await ProfileCompleteness(Club().storage).get(CONSULTANT)


async def test_who_came_without_a_phone_is_told_to_prove_one_before_sending_the_profile_in() -> None:
    club = Club()
    me = await actor(club.accounts, await join_by_kakao(club.accounts, "4001"))
    (phone,) = [each for each in (await told(club, await club.user(me.require_id()))).missing if each.code == "phone"]
    assert (phone.ko, phone.en) == ("인증한 휴대폰 번호", "A phone, proven by a code")
    with pytest.raises(Incomplete, match="phone"):
        await club.members.submit(me)
    started = await club.accounts.changing_phone.begin(me, NewPhone(phone=PHONE), HOME)
    proof = PhoneProof(one_time_token=SecretStr(started.one_time_token), code=club.accounts.mailbox.code, phone=PHONE)
    await club.accounts.changing_phone.confirm(me, proof)
    assert "phone" not in {each.code for each in (await told(club, await club.user(me.require_id()))).missing}
