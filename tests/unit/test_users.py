"""Users: what may be true of one, and which step leads from which status to which."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ygs.application.importing.mapping import Member
from ygs.application.members.profile import MyselfView, ProfileEdit
from ygs.domain.errors import ConsentMissing, InvalidFact, InvalidText, NotAdult, UnknownValue, WrongStatus
from ygs.domain.matching.attribute import Group
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import (
    PROFILE_TEXTS,
    REQUIRED_FACTS,
    Consent,
    Lifestyle,
    Profile,
    Purpose,
    Role,
    Status,
    User,
    checked_facts,
    require_adult,
)
from ygs.entrypoints.testing.builders import a_draft, a_profile, a_user, coded, consents, wishes
from ygs.entrypoints.testing.clock import NOON

LATER = NOON + timedelta(days=1)

Step = Callable[[User], User]
STEPS: dict[str, tuple[Step, set[Status], Status]] = {
    "submit": (lambda user: user.submit(at=LATER), {Status.DRAFT, Status.REJECTED}, Status.PENDING),
    "approve": (lambda user: user.approve(at=LATER), {Status.PENDING}, Status.ACTIVE),
    "reject": (lambda user: user.reject(at=LATER, reason="사진이 흐립니다"), {Status.PENDING}, Status.REJECTED),
    "pause": (lambda user: user.pause(at=LATER, until=date(2027, 1, 4)), {Status.ACTIVE, Status.PAUSED}, Status.PAUSED),
    "resume": (lambda user: user.resume(at=LATER), {Status.PAUSED}, Status.ACTIVE),
    "suspend": (
        lambda user: user.suspend(at=LATER, reason="신고 확인 중"),
        {Status.ACTIVE, Status.PAUSED},
        Status.SUSPENDED,
    ),
    "restore": (
        lambda user: user.restore(at=LATER, today=LATER.date()),
        {Status.SUSPENDED},
        Status.ACTIVE,
    ),
    "withdraw": (lambda user: user.withdraw(at=LATER), set(Status) - {Status.WITHDRAWN}, Status.WITHDRAWN),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_taken_from_its_statuses_and_from_no_other(name: str, status: Status) -> None:
    step, allowed, to = STEPS[name]
    user = a_user(status=status)
    if status in allowed:
        moved = step(user)
        assert (moved.status, moved.updated_at, moved.id) == (to, LATER, user.id)
    else:
        with pytest.raises(WrongStatus):
            step(user)


def test_a_step_that_was_taken_already_says_so() -> None:
    with pytest.raises(WrongStatus, match="is active already"):
        a_user().approve(at=NOON)
    with pytest.raises(WrongStatus, match="is withdrawn already"):
        a_user().withdraw(at=NOON).withdraw(at=NOON)


def test_approval_begins_the_membership() -> None:
    assert a_user(status=Status.PENDING, activated_at=None).approve(at=LATER).activated_at == LATER


def test_a_restored_member_keeps_the_day_they_began() -> None:
    member = a_user()
    restored = member.suspend(at=LATER, reason="확인").restore(at=LATER, today=LATER.date())
    assert restored.activated_at == member.activated_at


def test_a_pause_ends_on_its_day_or_when_resumed_or_withdrawn() -> None:
    paused = a_user().pause(at=LATER, until=date(2027, 1, 4))
    assert paused.paused_until == date(2027, 1, 4)
    assert paused.resume(at=LATER).paused_until is None
    assert paused.withdraw(at=LATER).paused_until is None


@pytest.mark.parametrize("until", [None, date(2027, 1, 4)])
def test_restoring_returns_to_a_pause_that_has_not_ended(until: date | None) -> None:
    paused = a_user().pause(at=LATER, until=until)
    suspended = paused.suspend(at=LATER, reason="확인")
    assert suspended.restore(at=LATER, today=date(2027, 1, 3)) == paused
    later = suspended.restore(at=LATER, today=date(2027, 1, 4))
    assert (later.status, later.suspended_from) == (Status.PAUSED if until is None else Status.ACTIVE, None)
    assert later.paused_until is None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", [Status.DRAFT, Status.PENDING, Status.REJECTED])
def test_staff_are_suspended_from_any_status_and_restoring_them_approves_nobody(status: Status, role: Role) -> None:
    before = a_user(status=status, role=role)
    if role is Role.MEMBER:
        with pytest.raises(WrongStatus):
            before.suspend(at=LATER, reason="확인")
        return
    suspended = before.suspend(at=LATER, reason="확인")
    assert (suspended.status, suspended.suspended_from) == (Status.SUSPENDED, status)
    assert suspended.restore(at=LATER, today=LATER.date()) == replace(before, updated_at=LATER)
    # Also when their role was taken away meanwhile.
    member = replace(suspended, role=Role.MEMBER)
    assert member.restore(at=LATER, today=LATER.date()).status is status


def test_a_reason_lasts_until_the_next_step() -> None:
    rejected = a_user(status=Status.PENDING).reject(at=LATER, reason=" 사진이 흐립니다 ")
    assert rejected.status_reason == "사진이 흐립니다"
    assert rejected.submit(at=LATER).status_reason == ""


def test_a_reason_is_text_like_any_other() -> None:
    with pytest.raises(InvalidText):
        a_user().suspend(at=LATER, reason="900101-1234567 확인")


def test_who_withdraws_is_gone_from_that_moment() -> None:
    assert a_user().deleted_at is None
    assert a_user().withdraw(at=LATER).deleted_at == LATER


@pytest.mark.parametrize("code", REQUIRED_FACTS)
def test_a_profile_is_not_sent_in_without_the_facts_matching_needs(code: str) -> None:
    facts = {each: value for each, value in a_profile().facts.items() if each != code}
    draft = a_user(status=Status.DRAFT, profile=a_profile(facts=facts, verified=frozenset()))
    assert draft.missing == (code,)
    with pytest.raises(WrongStatus, match=code):
        draft.submit(at=LATER)


def test_a_blank_draft_misses_everything() -> None:
    blank = a_draft(phone_proven_at=None)
    assert blank.missing == (*REQUIRED_FACTS, "consent_terms", "consent_privacy", "wishes", "phone")


def test_a_profile_is_not_sent_in_without_a_proven_phone() -> None:
    """Who was introduced and is wanted must be reachable."""
    for draft in (a_user(status=Status.DRAFT, phone=None), a_user(status=Status.DRAFT, phone_proven_at=None)):
        assert draft.missing == ("phone",)
        with pytest.raises(WrongStatus, match="phone"):
            draft.submit(at=LATER)
        assert draft.with_phone("+821024681357", at=LATER).submit(at=LATER).status is Status.PENDING


def test_contacts_change_by_their_proof_only() -> None:
    for name in ("phone", "phone_proven_at", "email", "email_proven_at"):
        with pytest.raises(InvalidFact, match=name):
            a_user().edited(at=LATER, **{name: None})
    assert a_user().with_email("new@example.com", at=LATER).email_proven_at == LATER


def test_a_withdrawn_consent_is_missing_again() -> None:
    given = consents()
    taken_back = {**given, Purpose.PRIVACY: replace(given[Purpose.PRIVACY], withdrawn_at=LATER)}
    user = a_user(status=Status.DRAFT, consents=taken_back)
    assert not user.consents_to(Purpose.PRIVACY)
    assert user.missing == ("consent_privacy",)


@pytest.mark.parametrize("year", range(2004, 2010))
def test_members_are_of_age_by_the_year_alone(year: int) -> None:
    # 19 full years: born in 2006, the whole of the 19th year is over only in 2026.
    if year <= 2006:
        assert a_user(birth_year=year).birth_year == year
    else:
        with pytest.raises(NotAdult):
            a_user(birth_year=year)


def test_a_user_is_of_age_somewhere_on_earth_on_the_day_of_registration() -> None:
    first_new_year = datetime(2026, 12, 31, 10, tzinfo=UTC)
    with pytest.raises(NotAdult):
        a_user(birth_year=2007, created_at=first_new_year - timedelta(minutes=1))
    for created_at in (first_new_year, first_new_year.astimezone(ZoneInfo("America/Los_Angeles"))):
        assert a_user(birth_year=2007, created_at=created_at).birth_year == 2007


def test_a_birth_year_is_of_age_by_the_date_of_the_service() -> None:
    require_adult(2007, date(2027, 1, 1))
    with pytest.raises(NotAdult):
        require_adult(2007, date(2026, 12, 31))


@pytest.mark.parametrize("year", [1939, 2011, 0, -1])
def test_birth_years_lie_in_the_vocabulary(year: int) -> None:
    with pytest.raises(InvalidFact):
        a_user(birth_year=year)


@pytest.mark.parametrize(
    "changes",
    [
        {"gender": Genders.MALE | Genders.FEMALE},
        {"gender": Genders(0)},
        {"seeks": Genders(0)},
        {"capacity": 0},
        {"capacity": 8},
        {"phone": "010-1234-5678"},
        {"phone": "+82 10 1234 5678"},
        {"phone": "+0821012345678"},
        {"phone": "+821012345\uff16\uff17\uff18"},
        {"phone": ""},
        {"phone": "+821012345678\n"},
        {"wishes": {"education": Wish.between("height_cm", 160, 170, Importance.FAIR)}},
        {"consents": {Purpose.SENSITIVE: consents()[Purpose.TERMS]}},
    ],
)
def test_what_cannot_be_true_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidFact):
        a_user(**changes)


@pytest.mark.parametrize("bad", ["", "  ", "가\x00", "\ud800", "이" * 61])
def test_a_name_is_needed_and_is_text(bad: str) -> None:
    with pytest.raises(InvalidText):
        a_user(name=bad)


@pytest.mark.parametrize("name", PROFILE_TEXTS)
def test_every_text_of_a_profile_passes_the_gate(name: str) -> None:
    assert getattr(a_profile(**{name: "  마포구  "}), name) == "마포구"
    for bad in ("\x00", "\udfff", "900101-1234567", "가" * 2001):
        with pytest.raises(InvalidText):
            a_profile(**{name: bad})


def test_no_text_of_a_profile_is_forgotten() -> None:
    """Where the texts are written out one by one, because a client or a mapping names them."""
    texts = {field.name for field in fields(Profile) if field.type is str}
    assert texts == PROFILE_TEXTS.keys()
    for model in (ProfileEdit, MyselfView, Member):
        assert texts <= model.model_fields.keys(), model


def test_so_do_the_email_and_the_version_of_a_consent() -> None:
    for bad in ("", "a\x00@example.com", "a" * 255):
        with pytest.raises(InvalidText):
            a_user(email=bad)
        with pytest.raises(InvalidText):
            Consent(purpose=Purpose.TERMS, version=bad, given_at=NOON)


class TestFacts:
    def test_unknown_facts_are_absent(self) -> None:
        assert Profile(facts={"height_cm": 0, "region": 1}).facts == {"region": 1}
        assert Lifestyle(facts={"interests": 0}).facts == {}

    def test_facts_stand_in_vocabulary_order(self) -> None:
        backwards = coded(job_group="teaching", education="master", region="seoul", height_cm=170)
        assert list(Profile(facts=backwards).facts) == ["height_cm", "region", "education", "job_group"]

    @pytest.mark.parametrize(
        "code", [code for code, attribute in VOCABULARY.items() if attribute.group is Group.PROFILE]
    )
    def test_a_fact_is_one_of_its_values(self, code: str) -> None:
        attribute = VOCABULARY[code]
        most = (1 << attribute.size) - 1 if attribute.kind == "set" else attribute.size
        assert checked_facts(Group.PROFILE, {code: most}) == {code: most}
        for wrong in (-1, most + 1):
            with pytest.raises(InvalidFact):
                checked_facts(Group.PROFILE, {code: wrong})

    def test_a_fact_belongs_to_its_group(self) -> None:
        for facts in ({"smoking": 1}, {"birth_year": 50}):
            with pytest.raises(InvalidFact):
                Profile(facts=facts)
        with pytest.raises(InvalidFact):
            Lifestyle(facts={"religion": 1})

    def test_there_are_no_other_facts(self) -> None:
        with pytest.raises(UnknownValue):
            Profile(facts={"shoe_size": 1})

    def test_only_a_known_fact_can_be_verified(self) -> None:
        with pytest.raises(InvalidFact):
            a_profile(verified=frozenset({"income_band"}))

    def test_matching_knows_the_birth_year_the_profile_and_the_lifestyle(self) -> None:
        user = a_user(
            birth_year=1990, profile=Profile(facts=coded(region="jeju")), lifestyle=Lifestyle(facts=coded(smoking="no"))
        )
        assert user.facts == coded(birth_year=1990, region="jeju", smoking="no")


SENSITIVE = [code for code, attribute in VOCABULARY.items() if attribute.sensitive]


@pytest.mark.parametrize("code", SENSITIVE)
@pytest.mark.parametrize(
    "given",
    [
        {},
        consents(Purpose.TERMS, Purpose.PRIVACY, Purpose.LLM, Purpose.MARKETING),
        {
            Purpose.SENSITIVE: Consent(
                purpose=Purpose.SENSITIVE, version="2026-01", given_at=NOON, withdrawn_at=NOON + timedelta(seconds=1)
            )
        },
    ],
    ids=["none", "every other", "withdrawn"],
)
def test_no_sensitive_fact_is_kept_without_its_consent(code: str, given: dict[Purpose, Consent]) -> None:
    profile = Profile(facts={code: 1})
    with pytest.raises(ConsentMissing):
        a_user(profile=profile, consents=given)
    assert a_user(profile=profile, consents=consents(Purpose.SENSITIVE)).facts[code] == 1
    assert a_user(profile=Profile(facts=coded(height_cm=170)), consents=given).consents == given


def test_who_takes_the_consent_back_takes_the_facts_back_with_it() -> None:
    member = a_user()
    withdrawn = {**member.consents, Purpose.SENSITIVE: replace(member.consents[Purpose.SENSITIVE], withdrawn_at=LATER)}
    with pytest.raises(ConsentMissing):
        member.edited(at=LATER, consents=withdrawn)
    plain = {code: value for code, value in member.profile.facts.items() if code not in SENSITIVE}
    edited = member.edited(at=LATER, consents=withdrawn, profile=a_profile(facts=plain))
    assert not edited.consents_to(Purpose.SENSITIVE)


def test_an_edit_changes_what_it_names_and_the_time() -> None:
    member = a_user()
    edited = member.edited(at=LATER, name="김새이름", role=Role.CONSULTANT)
    assert edited == replace(member, name="김새이름", role=Role.CONSULTANT, updated_at=LATER)


@pytest.mark.parametrize("name", ["status", "status_reason", "id", "version", "deleted_at", "activated_at"])
def test_an_edit_is_no_way_round_the_steps(name: str) -> None:
    with pytest.raises(InvalidFact, match=name):
        a_user().edited(at=LATER, **{name: getattr(a_user(2), name)})


def test_who_has_left_is_edited_no_more() -> None:
    with pytest.raises(WrongStatus):
        a_user().withdraw(at=LATER).edited(at=LATER, name="김새이름")


def test_wishes_stand_in_vocabulary_order() -> None:
    age, height = (
        Wish.between("birth_year", 1985, 1995, Importance.FAIR),
        Wish.between("height_cm", 165, 180, Importance.MUST),
    )
    assert list(a_user(wishes=wishes(height, age)).wishes) == ["birth_year", "height_cm"]


def test_a_candidate_is_the_person_as_the_round_sees_them() -> None:
    candidate = a_user(capacity=None).candidate(capacity=2, weeks_waited=3, introduced=4, due=True)
    user = a_user()
    assert (candidate.id, candidate.gender, candidate.seeks) == (user.id, user.gender, user.seeks)
    assert (candidate.facts, candidate.wishes) == (user.facts, user.wishes)
    assert (candidate.capacity, candidate.weeks_waited, candidate.introduced, candidate.due) == (2, 3, 4, True)
    assert a_user(capacity=3).candidate(capacity=1).capacity == 3
