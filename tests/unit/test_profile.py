"""What members do with their own data, over real in-memory storage."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from tests.support.accounts import HOME, actor
from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.facts import HowMuch, WishModel
from ygs.application.members.profile import ConsentEdit, LifestyleEdit, Members, Pause, Preferences, ProfileEdit
from ygs.domain.errors import (
    ConsentMissing,
    Forbidden,
    InvalidFact,
    InvalidToken,
    NotFound,
    StaleWrite,
    WrongStatus,
)
from ygs.domain.events import ended_for
from ygs.domain.introductions import Answer, Choice, IntroductionState
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.users import PROFILE_TEXTS, Purpose, Role, Status
from ygs.entrypoints.testing.builders import a_draft, a_profile, a_user, consents
from ygs.entrypoints.testing.clock import NOON

WISHES = Preferences(wishes={"height_cm": WishModel(importance="fair", low=160, high=175)})
USE_CASES: dict[str, Callable[[Members, Actor], Awaitable[Any]]] = {
    "myself": lambda members, who: members.get(who),
    "edit_profile": lambda members, who: members.edit_profile(who, ProfileEdit(district="은평구")),
    "edit_lifestyle": lambda members, who: members.edit_lifestyle(who, LifestyleEdit(facts={"smoking": "no"})),
    "set_preferences": lambda members, who: members.set_preferences(who, WISHES),
    "set_consents": lambda members, who: members.set_consents(who, ConsentEdit(consents={Purpose.LLM: "2026-01"})),
    "submit": lambda members, who: members.submit(who),
    "pause": lambda members, who: members.pause(who, Pause()),
    "resume": lambda members, who: members.resume(who),
}
EDITS: dict[str, Callable[[Members, Actor, int], Awaitable[Any]]] = {
    "profile": lambda members, who, version: members.edit_profile(who, ProfileEdit(school="서울대학교"), version),
    "lifestyle": lambda members, who, version: members.edit_lifestyle(
        who, LifestyleEdit(facts={"drinking": "rarely"}), version
    ),
    "wishes": lambda members, who, version: members.set_preferences(who, WISHES, version),
    "consents": lambda members, who, version: members.set_consents(
        who, ConsentEdit(consents={Purpose.LLM: "2026-02"}), version
    ),
}
ME = signed_in(a_user(1))


@pytest.fixture
async def club() -> Club:
    """Two active members."""
    club = Club()
    await club.add(a_user(1), a_user(2))
    return club


@pytest.mark.parametrize("use_case", USE_CASES)
@pytest.mark.parametrize(
    "who",
    [CONSULTANT, ADMIN, WITHOUT_SECOND_FACTOR, signed_in(a_user(1, status=Status.SUSPENDED)), Actor.operator()],
    ids=["consultant", "admin", "without second factor", "suspended", "operator"],
)
async def test_ones_own_profile_is_for_members_who_are_not_kept_out(club: Club, who: Actor, use_case: str) -> None:
    with pytest.raises(Forbidden):
        await USE_CASES[use_case](club.members, who)
    assert await club.log() == []


async def test_whoever_has_left_finds_nothing(club: Club) -> None:
    await club.members.withdraw(ME)
    for name, use_case in USE_CASES.items():
        with pytest.raises(NotFound if name == "myself" else InvalidToken):
            await use_case(club.members, ME)


async def test_facts_are_told_changed_and_made_unknown_again_in_values(club: Club) -> None:
    told: dict[str, Any] = {"height_cm": 171, "body_type": "slim", "religion": None}
    seen = await club.members.edit_profile(ME, ProfileEdit(facts=told, district=" 은평구 "))
    assert seen.profile["height_cm"] == 171
    assert seen.profile["body_type"] == "slim"
    assert "religion" not in seen.profile
    assert seen.profile["region"] == (await club.members.get(ME)).profile["region"]
    assert (seen.district, seen.school) == ("은평구", "한국대학교")
    assert seen == await club.members.get(ME)


async def test_lifestyle_takes_sets_and_an_empty_one_is_unknown(club: Club) -> None:
    seen = await club.members.edit_lifestyle(ME, LifestyleEdit(facts={"interests": ["hiking", "movies"]}))
    assert set(seen.lifestyle["interests"]) == {"hiking", "movies"}  # type: ignore[arg-type]
    assert "interests" not in (await club.members.edit_lifestyle(ME, LifestyleEdit(facts={"interests": []}))).lifestyle


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"height_cm": 12}, "greater_than_equal"),
        ({"height_cm": ["171"]}, "int_type"),
        ({"languages": "korean"}, "list_type"),
        ({"interests": ["hiking"]}, "extra_forbidden"),  # of the lifestyle
        ({"birth_year": 1990}, "extra_forbidden"),
        ({"religion": "jedi"}, "enum"),
        ({"shoe_size": 270}, "extra_forbidden"),
    ],
    ids=str,
)
def test_a_request_holds_facts_of_the_vocabulary_and_of_its_part_of_the_profile(facts: Any, rule: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProfileEdit(facts=facts, district="은평구")
    assert [each["type"] for each in refusal.value.errors()] == [rule]


def test_a_resident_number_is_refused_in_any_text() -> None:
    for name in PROFILE_TEXTS:
        with pytest.raises(ValidationError, match="resident registration number"):
            ProfileEdit.model_validate({name: "제 번호는 900101-1234567 입니다"})


async def test_a_text_that_is_null_is_removed_and_one_that_is_left_out_stays(club: Club) -> None:
    every = {name: f"{name} 글" for name in PROFILE_TEXTS}
    await club.members.edit_profile(ME, ProfileEdit.model_validate(every))
    for name in PROFILE_TEXTS:
        seen = await club.members.edit_profile(ME, ProfileEdit.model_validate({name: None}))
        every[name] = ""
        assert {each: getattr(seen, each) for each in every} == every


async def test_a_changed_fact_is_no_longer_verified_and_the_same_value_is(club: Club) -> None:
    assert (await club.members.edit_profile(ME, ProfileEdit(facts={"education": "bachelor"}))).verified == ["education"]
    assert (await club.members.edit_profile(ME, ProfileEdit(facts={"height_cm": 160}))).verified == ["education"]
    assert (await club.members.edit_profile(ME, ProfileEdit(facts={"education": "master"}))).verified == []
    assert (await club.members.edit_profile(ME, ProfileEdit(facts={"education": "bachelor"}))).verified == []


async def test_what_a_member_takes_part_with_is_changed_but_not_taken_back(club: Club) -> None:
    with pytest.raises(InvalidFact, match="region"):
        await club.members.edit_profile(ME, ProfileEdit(facts={"region": None}))
    with pytest.raises(InvalidFact, match="wishes"):
        await club.members.set_preferences(ME, Preferences(wishes={}))
    await club.add(a_draft(3), replace(a_user(5), profile=replace(a_profile(5), facts={}, verified=frozenset())))
    await club.members.edit_profile(signed_in(a_draft(3)), ProfileEdit(facts={"region": None}))
    assert (
        "region" in (await club.members.edit_profile(signed_in(a_user(5)), ProfileEdit(school=""))).completeness.missing
    )


async def test_a_sensitive_fact_needs_its_consent_first() -> None:
    club, somebody = Club(), a_draft(1, consents=consents(Purpose.TERMS, Purpose.PRIVACY))
    await club.add(somebody)
    edit = ProfileEdit(facts={"religion": "catholic"})
    with pytest.raises(ConsentMissing):
        await club.members.edit_profile(signed_in(somebody), edit)
    await club.members.set_consents(signed_in(somebody), ConsentEdit(consents={Purpose.SENSITIVE: "2026-01"}))
    assert (await club.members.edit_profile(signed_in(somebody), edit)).profile == {"religion": "catholic"}


async def test_withdrawing_the_consent_for_sensitive_data_forgets_the_facts_at_once_and_for_good(club: Club) -> None:
    user = await club.user(a_user(1).id)
    verified = replace(user.profile, verified=frozenset({"education", "marital_history"}))
    async with club.storage.write() as tx:
        await tx.users.save(replace(user, profile=verified))
    seen = await club.members.set_consents(ME, ConsentEdit(consents={Purpose.SENSITIVE: None}))
    assert seen.profile.keys() == user.profile.facts.keys() - {"religion", "marital_history"}
    assert seen.verified == ["education"]
    assert seen.consents[Purpose.SENSITIVE].withdrawn_at == NOON
    again = await club.members.set_consents(ME, ConsentEdit(consents={Purpose.SENSITIVE: "2026-02"}))
    assert "religion" not in again.profile
    assert again.consents[Purpose.SENSITIVE].withdrawn_at is None


async def test_consents_keep_when_they_were_given_and_withdrawn(club: Club) -> None:
    club.clock.advance(days=1)
    kept = await club.members.set_consents(ME, ConsentEdit(consents={Purpose.TERMS: "2026-01"}))
    assert kept.consents[Purpose.TERMS].given_at == NOON
    newer = await club.members.set_consents(ME, ConsentEdit(consents={Purpose.TERMS: "2026-12"}))
    assert newer.consents[Purpose.TERMS].given_at == NOON + timedelta(days=1)
    gone = await club.members.set_consents(ME, ConsentEdit(consents={Purpose.LLM: None}))
    club.clock.advance(days=1)
    assert await club.members.set_consents(ME, ConsentEdit(consents={Purpose.LLM: None})) == gone
    assert (await club.user(a_user(1).id)).consents[Purpose.LLM].withdrawn_at == NOON + timedelta(days=1)
    assert not (await club.user(a_user(1).id)).consents_to(Purpose.LLM)


@pytest.mark.parametrize("purpose", [Purpose.TERMS, Purpose.PRIVACY])
async def test_an_account_cannot_be_without_what_it_rests_on(club: Club, purpose: Purpose) -> None:
    with pytest.raises(WrongStatus, match="delete the account"):
        await club.members.set_consents(ME, ConsentEdit(consents={purpose: None}))


async def test_wishes_are_replaced_as_a_whole(club: Club) -> None:
    seen = await club.members.set_preferences(ME, WISHES)
    assert seen.wishes == WISHES.wishes
    others = Preferences(wishes={"region": WishModel(importance="must", any_of=["seoul"])})
    assert (await club.members.set_preferences(ME, others)).wishes == others.wishes
    shared = WishModel(importance="strong", any_of=["hiking", "yoga", "movies"], at_least=2)
    several = Preferences(wishes={"interests": shared})
    assert (await club.members.set_preferences(ME, several)).wishes == several.wishes


@pytest.mark.parametrize(
    ("attribute", "wish", "rule"),
    [
        ("height_cm", {"any_of": ["tall"]}, "invalid_wish"),
        ("height_cm", {}, "invalid_wish"),
        ("height_cm", {"low": 175, "high": 160}, "impossible_wish"),
        ("height_cm", {"low": 100}, "unknown_value"),
        ("education", {"low": "doctorate", "high": "bachelor"}, "impossible_wish"),
        ("region", {"low": "seoul"}, "invalid_wish"),
        ("region", {"any_of": []}, "impossible_wish"),
        ("region", {"any_of": ["mars"]}, "unknown_value"),
        ("interests", {"any_of": []}, "impossible_wish"),
        ("interests", {"any_of": ["hiking", "movies"], "at_least": 3}, "impossible_wish"),
        ("region", {"any_of": ["seoul", "busan"], "at_least": 2}, "invalid_wish"),
        ("height_cm", {"low": 170, "at_least": 2}, "invalid_wish"),
        ("shoe_size", {"low": 250}, "extra_forbidden"),
    ],
)
def test_a_wish_that_nobody_can_meet_is_told_from_one_that_is_badly_written(
    attribute: str, wish: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        Preferences.model_validate({"wishes": {attribute: {"importance": "fair", **wish}}})
    assert [each["type"] for each in refusal.value.errors()] == [rule]


@pytest.mark.parametrize("code", [code for code, each in VOCABULARY.items() if each.kind is Kind.ORDINAL])
async def test_a_wish_may_be_open_at_either_end(club: Club, code: str) -> None:
    attribute = VOCABULARY[code]
    first, middle, last = (attribute.value_of(at) for at in (1, (attribute.size + 1) // 2, attribute.size))
    for ends, read in (
        ({"low": middle}, (middle, None)),
        ({"high": middle}, (None, middle)),
        ({"low": middle, "high": last}, (middle, None)),
        ({"low": first, "high": last}, (first, None)),
    ):
        wishes = Preferences.model_validate({"wishes": {code: {"importance": "must", **ends}}})
        seen = (await club.members.set_preferences(ME, wishes)).wishes[code]
        assert (seen.low, seen.high) == read
        assert seen.wish(code) == wishes.wishes[code].wish(code)


def test_a_wish_matters_as_much_as_matching_knows_and_no_more() -> None:
    assert list(get_args(HowMuch)) == [importance.code for importance in Importance]
    with pytest.raises(ValidationError):
        WishModel.model_validate({"importance": "desperate", "low": 160, "high": 170})


@pytest.mark.parametrize("edit", EDITS)
async def test_the_second_of_two_editors_is_told(club: Club, edit: str) -> None:
    before = (await club.members.get(ME)).version
    assert (await EDITS[edit](club.members, ME, before)).version == before + 1
    with pytest.raises(StaleWrite):
        await EDITS[edit](club.members, ME, before)
    assert [each.what for each in await club.log()] == [edit]


async def test_an_edit_and_its_record_are_one(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise OSError("the log cannot be written")

    monkeypatch.setattr("ygs.adapters.memory.audit.MemoryAuditRepository.add", full)
    before = await club.user(a_user(1).id)
    for edit in EDITS.values():
        with pytest.raises(OSError, match="log"):
            await edit(club.members, ME, before.version)
    with pytest.raises(OSError, match="log"):
        await club.members.withdraw(ME)
    assert await club.user(before.id) == before


async def test_a_profile_is_sent_in_once_it_is_complete_and_again_after_a_rejection() -> None:
    club = Club()
    await club.add(a_draft(1))
    me = signed_in(a_draft(1))
    with pytest.raises(WrongStatus, match=r"height_cm.*consent_terms.*wishes"):
        await club.members.submit(me)
    await club.members.set_consents(me, ConsentEdit(consents={Purpose.TERMS: "1", Purpose.PRIVACY: "1"}))
    facts: dict[str, Any] = {"height_cm": 165, "region": "busan", "education": "master", "job_group": "finance"}
    await club.members.edit_profile(me, ProfileEdit(facts=facts))
    assert (await club.members.set_preferences(me, WISHES)).completeness.missing == []
    assert (await club.members.submit(me)).status is Status.PENDING
    async with club.storage.write() as tx:
        user = await tx.users.get(a_draft(1).id)
        await tx.users.save(user.reject(at=NOON, reason="사진을 더해 주세요"))
    assert (await club.members.get(me)).status_reason == "사진을 더해 주세요"
    assert (await club.members.submit(me)).status is Status.PENDING


async def test_completeness_counts_what_is_known(club: Club) -> None:
    await club.add(a_draft(3))
    assert (await club.members.get(signed_in(a_draft(3)))).completeness.percent < 5
    assert 0 < (await club.members.get(ME)).completeness.percent < 100


async def test_a_pause_is_for_days_to_come_and_is_taken_back(club: Club) -> None:
    with pytest.raises(InvalidFact, match="until"):
        await club.members.pause(ME, Pause(until=NOON.date()))
    back = NOON.date() + timedelta(days=14)
    assert (await club.members.pause(ME, Pause(until=back))).paused_until == back
    async with club.storage.read() as tx:
        assert (await tx.market.enrolled(capacity=1)).ids == (a_user(2).id,)
    resumed = await club.members.resume(ME)
    assert (resumed.status, resumed.paused_until) == (Status.ACTIVE, None)


async def test_the_end_of_a_pause_is_changed_or_removed(club: Club) -> None:
    back = NOON.date() + timedelta(days=14)
    await club.members.pause(ME, Pause(until=back))
    for until in (back + timedelta(days=1), None, back):
        changed = await club.members.pause(ME, Pause(until=until))
        assert (changed.status, changed.paused_until) == (Status.PAUSED, until)


@pytest.mark.parametrize(
    ("status", "use_case"), [(Status.PENDING, "submit"), (Status.PAUSED, "pause"), (Status.ACTIVE, "resume")]
)
async def test_a_step_that_was_taken_already_changes_nothing(club: Club, status: Status, use_case: str) -> None:
    await club.add(a_user(3, status=status))
    me = signed_in(a_user(3, status=status))
    before = await club.members.get(me)
    assert await USE_CASES[use_case](club.members, me) == before
    async with club.storage.read() as tx:
        assert await tx.outbox.pending() == []
    assert await club.log() == []


async def test_a_step_from_another_status_is_refused(club: Club) -> None:
    await club.add(a_user(3, status=Status.PENDING))
    for use_case in ("pause", "resume"):
        with pytest.raises(WrongStatus):
            await USE_CASES[use_case](club.members, signed_in(a_user(3, status=Status.PENDING)))
    with pytest.raises(WrongStatus):
        await club.members.submit(ME)


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edit_that_changes_nothing_stales_no_other(club: Club, edit: str) -> None:
    first = await EDITS[edit](club.members, ME, 1)
    entries = await club.log()
    club.clock.advance(hours=1)
    assert await EDITS[edit](club.members, ME, first.version) == first
    assert await club.members.edit_profile(ME, ProfileEdit(), first.version) == first
    assert await club.log() == entries


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.WITHDRAWN])
async def test_a_member_in_any_status_may_leave_and_every_session_ends_now(status: Status) -> None:
    club = Club()
    me, tokens = await club.join(status=status)
    await club.members.withdraw(me)
    with pytest.raises(InvalidToken):
        await actor(club.accounts, tokens, HOME)
    async with club.storage.read() as tx:
        assert await tx.accounts.find(me.require_id()) is None
        assert await tx.users.find_by_phone("+821022223333") is None
    assert [each.action for each in await club.log()][-1] == "member.withdrawn"
    again, _ = await club.join()
    assert again.id != me.id


async def test_who_leaves_takes_back_the_introductions_that_wait_and_the_others_hear_of_it(club: Club) -> None:
    await club.add(a_user(4))
    one, two, four = [await club.user(a_user(number).id) for number in (1, 2, 4)]
    await club.introduce(one, two, 1)
    await club.introduce(one, four, 2)
    async with club.storage.write() as tx:
        (_, first) = await tx.introductions.of_user(one.id)
        for side in (one.id, two.id):
            first = first.answered(side, Answer(choice=Choice.ACCEPT, at=NOON))
        await tx.introductions.save(first)
    await club.members.withdraw(ME)
    async with club.storage.read() as tx:
        states = [each.state for each in await tx.introductions.of_user(one.id)]
        (cancelled,) = await tx.introductions.of_user(four.id)
        assert await tx.outbox.pending() == [ended_for(cancelled, four.id, NOON)]
    assert states == [IntroductionState.CANCELLED, IntroductionState.MUTUAL]


@pytest.mark.parametrize("who", [CONSULTANT, ADMIN, WITHOUT_SECOND_FACTOR, Actor.operator()])
async def test_staff_do_not_leave_by_a_password_alone(club: Club, who: Actor) -> None:
    await club.add(a_user(90, role=Role.CONSULTANT), a_user(91, role=Role.ADMIN))
    with pytest.raises(Forbidden):
        await club.members.withdraw(who)


async def test_what_is_on_record_names_parts_and_never_values(club: Club) -> None:
    await club.members.edit_profile(ME, ProfileEdit(facts={"religion": "buddhist"}, introduction="비밀 이야기"))
    (entry,) = await club.log()
    assert (entry.actor, entry.action, entry.subject, entry.what) == (ME.id, "member.edited", ME.id, "profile")
    assert "buddhist" not in str(entry)
