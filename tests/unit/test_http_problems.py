"""Why something was refused, said to people: in both languages, naming the field, and nothing of what was sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http import PASSWORD, World, populate, served
from ygs.adapters.identities.not_configured import NoKakao
from ygs.application.actors import Actor, Permission
from ygs.application.messages.translate import explain_error
from ygs.domain import errors
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role
from ygs.entrypoints.http.problems import ADVICE, REFUSED, preferred_language
from ygs.entrypoints.testing.accounts import KnownCodes


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def refused(world: World, method: str, path: str, body: Any, language: str, who: str = "owner") -> dict[str, Any]:
    reply = await world.ask(method, path, who, json=body, headers={"Accept-Language": language})
    assert reply.status_code >= 400, reply.text
    problem: dict[str, Any] = reply.json()
    return problem


NEWCOMER = {
    "name": "김하늘",
    "gender": "female",
    "seeks": ["male"],
    "birth_year": 1993,
    "phone": "010-2345-6789",
    "password": "노란 우산 아래 고양이 세 마리",
    "one_time_token": "of nobody",
    "code": "12345678",
    "consents": {"terms": "2026-01", "privacy": "2026-01"},
}
PROFILE, WISHES = "/users/me/profile", "/users/me/preferences"
EDITS: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", PROFILE, {"district": "은평구"}),
    ("PATCH", "/users/me/lifestyle", {"facts": {"smoking": "no"}}),
    ("PUT", WISHES, {"wishes": {"height_cm": {"importance": "fair", "low": 165}}}),
    ("PUT", "/users/me/consents", {"consents": {"marketing": "2026-01"}}),
)


@pytest.mark.parametrize(
    ("method", "path", "body", "where", "rule", "ko", "en"),
    [
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "name": ""},
            "body.name",
            "invalid_text",
            "비워 둘 수",
            "must not be empty",
        ),
        ("POST", "/auth/signup", {**NEWCOMER, "name": "가" * 61}, "body.name", "string_too_long", "60자", "60 char"),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "phone": "없음"},
            "body.phone",
            "invalid_fact",
            "번호가 둘 이상",
            "like 010",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "password": "짧다"},
            "body.password",
            "weak_password",
            "15자 이상",
            "at least 15",
        ),
        (
            "POST",
            "/auth/password",
            {"current": PASSWORD, "new": "짧다"},
            "body.new",
            "weak_password",
            "새 비밀번호",
            "at least 15",
        ),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": 2009}, "body.birth_year", "not_adult", "만 19세", "of age"),
        ("POST", "/auth/signup", {**NEWCOMER, "gender": "x"}, "body.gender", "literal_error", "male, female", "One of"),
        ("POST", "/auth/signup", {**NEWCOMER, "seeks": []}, "body.seeks", "too_short", "1개 이상", "At least 1"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"height_cm": 900}},
            "body.facts.height_cm",
            "less_than_equal",
            "220 이하",
            "220 or less",
        ),
        ("PATCH", PROFILE, {"facts": {"height_cm": 1.5}}, "body.facts.height_cm", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"children": True}}, "body.facts.children", "enum", "lives_apart", "lives_apart"),
        ("POST", "/auth/signup", {**NEWCOMER, "birth_year": "1993"}, "body.birth_year", "int_type", "정수", "whole"),
        ("PATCH", PROFILE, {"facts": {"region": "mars"}}, "body.facts.region", "enum", "seoul", "seoul"),
        (
            "PATCH",
            PROFILE,
            {"facts": {"smoking": "no"}},
            "body.facts.smoking",
            "extra_forbidden",
            "없",
            "no such field",
        ),
        (
            "PUT",
            WISHES,
            {"wishes": {"region": {"importance": "must", "any_of": []}}},
            "body.wishes.region",
            "impossible_wish",
            "아무도",
            "nobody",
        ),
        (
            "POST",
            "/uploads",
            {"kind": "photo", "content_type": "image/gif"},
            "body.content_type",
            "invalid_fact",
            "사진",
            "image/",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "one_time_token": "x", "code": "12345678", "consents": {"terms": "2026-01"}},
            "body.consents",
            "consent_missing",
            "가입할 수 있습니다: 개인정보 처리",
            "consent to: privacy",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "one_time_token": "x", "code": "12345678", "consents": {"terms": "2026-01", "privacy": None}},
            "body.consents.privacy",
            "string_type",
            "글자",
            "text",
        ),
        (
            "POST",
            "/auth/signup",
            {**NEWCOMER, "one_time_token": "x", "code": "1234"},
            "body.code",
            "string_pattern_mismatch",
            "숫자 8자리",
            "Exactly 8 digits",
        ),
        ("POST", "/auth/signup/phone", {"phone": " "}, "body.phone", "invalid_fact", "비워", "must not be empty"),
        (
            "GET",
            "/match/history/usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
            None,
            "path.id",
            "string_pattern_mismatch",
            "mh_",
            "begins with mh_",
        ),
        ("GET", "/admin/jobs/1", None, "path.id", "string_pattern_mismatch", "앞이 job_인", "begins with job_,"),
        (
            "PUT",
            "/users/me/notices/preferences",
            {"language": "ko", "channels": {"reminders": ["fax"]}},
            "body.channels.reminders.0",
            "literal_error",
            "다음 중 하나여야 합니다: email, text, push",
            "One of: email, text, push",
        ),
        (
            "GET",
            "/users/me/rounds/48/proof",
            None,
            "path.week",
            "string_pattern_mismatch",
            "2026-W48",
            "such as 2026-W48",
        ),
        ("POST", "/users/me/blocks/contacts", {}, "body", "value_error", "하나만", "either a phone"),
        ("GET", "/match/history?limit=101", None, "query.limit", "less_than_equal", "100 이하", "100 or less"),
    ],
)
async def test_a_refusal_names_the_field_and_says_why_in_both_languages(
    world: World, method: str, path: str, body: Any, where: str, rule: str, ko: str, en: str
) -> None:
    for language, words in {"ko": ko, "en": en}.items():
        (fault,) = (await refused(world, method, path, body, language))["faults"]
        assert (fault["where"], fault["rule"]) == (where, rule)
        assert words in fault["detail"], fault


async def test_a_version_that_is_no_etag_is_told_what_one_looks_like(world: World) -> None:
    reply = await world.ask("PATCH", PROFILE, "owner", json={}, headers={"If-Match": "7", "Accept-Language": "en"})
    [fault] = reply.json()["faults"]
    assert (fault["where"], fault["detail"]) == ("header.if-match", 'The ETag of a reply, such as "7".')


async def test_a_profile_sent_in_too_early_is_told_what_is_missing(world: World) -> None:
    joined = await world.sign_up(NEWCOMER)
    world.headers["newcomer"] = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    problem = await refused(world, "POST", "/users/me/submit", None, "ko", "newcomer")
    assert (problem["status"], problem["code"]) == (409, "incomplete")
    said = {each["where"]: (each["rule"], each["detail"]) for each in problem["faults"]}
    assert said["me.profile.height_cm"] == ("missing", "심사를 신청하려면 키가 필요합니다.")
    assert said.keys() >= {"me.wishes", "me.profile.region"}
    assert "키, 거주 지역" in problem["detail"]


async def test_a_sensitive_fact_without_its_consent_is_told_at_its_place(world: World) -> None:
    joined = await world.sign_up(NEWCOMER)
    world.headers["newcomer"] = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    facts = {"religion": "none", "children": "none", "region": "seoul"}
    problem = await refused(world, "PATCH", PROFILE, {"facts": facts}, "en", "newcomer")
    assert (problem["status"], problem["code"]) == (403, "consent_missing")
    assert {each["where"] for each in problem["faults"]} == {"body.facts.religion", "body.facts.children"}


async def test_the_suspended_and_staff_without_a_second_factor_are_told_why_they_may_not(world: World) -> None:
    problem = await refused(world, "GET", "/users/me", None, "ko", "suspended")
    assert (problem["status"], problem["code"]) == (403, "suspended")
    assert "탈퇴할 수는 있습니다" in problem["detail"]
    # What members may not do anyway is refused to the suspended as to everybody.
    assert (await refused(world, "GET", "/admin/queue", None, "en", "suspended"))["code"] == "forbidden"
    actor = Actor.signed_in(world.people["admin"].id, Role.ADMIN, second_factor=False)
    with pytest.raises(errors.SecondFactorNeeded):
        actor.require(Permission.READ_AUDIT)
    with pytest.raises(errors.Forbidden) as refusal:
        actor.require(Permission.OWN_PROFILE)
    assert refusal.type is errors.Forbidden


async def test_what_is_not_set_up_asks_nobody_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownCodes, "authorize_url", NoKakao.authorize_url)
    reply = await world.ask("POST", "/auth/kakao/start", headers={"Accept-Language": "ko"})
    assert (reply.status_code, reply.json()["code"]) == (503, "not_set_up")
    assert "retry-after" not in reply.headers
    assert "카카오로 로그인하지 않습니다" in reply.json()["detail"]


async def test_what_somebody_makes_up_is_in_no_fault(world: World) -> None:
    made_up = "CANARY-7f3a"
    for method, path, body in (
        ("PATCH", PROFILE, {"facts": {made_up: 1}}),
        ("PATCH", PROFILE, {"facts": {"region": made_up}, made_up: made_up}),
        ("PUT", WISHES, {"wishes": {made_up: {"importance": made_up, made_up: made_up}}}),
        ("POST", "/auth/signup", {**NEWCOMER, "consents": {made_up: made_up}}),
    ):
        problem = await refused(world, method, path, body, "ko")
        assert problem["faults"]
        assert made_up not in str(problem)


async def test_everything_that_is_wrong_is_told_at_once_by_its_place(world: World) -> None:
    problem = await refused(
        world,
        "PATCH",
        PROFILE,
        {
            "facts": {"height_cm": 12, "region": "mars", "languages": ["korean", "elvish"], "smoking": "no"},
            "district": "가" * 121,
            "introduction": "900101-1234567",
            "ideal_partner": "\x00",
        },
        "ko",
    )
    assert {fault["where"] for fault in problem["faults"]} == {
        "body.facts.height_cm",
        "body.facts.region",
        "body.facts.languages.1",
        "body.facts.smoking",
        "body.district",
        "body.introduction",
        "body.ideal_partner",
    }
    wishes = {
        "height_cm": {"importance": "must", "low": 180, "high": 170},
        "region": {"importance": "must", "low": 1},
        "education": {"importance": "much", "low": "bachelor"},
    }
    problem = await refused(world, "PUT", WISHES, {"wishes": wishes}, "en")
    assert {(fault["where"], fault["rule"]) for fault in problem["faults"]} == {
        ("body.wishes.height_cm", "impossible_wish"),
        ("body.wishes.region", "invalid_wish"),
        ("body.wishes.education.importance", "literal_error"),
    }


async def test_what_an_edit_may_not_take_back_is_told_by_its_place_too(world: World) -> None:
    problem = await refused(world, "PATCH", PROFILE, {"facts": {"region": None}}, "en")
    assert [fault["where"] for fault in problem["faults"]] == ["body.facts.region"]
    problem = await refused(world, "POST", "/users/me/pause", {"until": "2020-01-01"}, "en")
    assert [fault["where"] for fault in problem["faults"]] == ["body.until"]


@pytest.mark.parametrize("content", [b"{", b"{'a': 1}", b"nothing", b"[1,]", b'{"a": 1}}', b"\xef\xbb\xbf{"])
async def test_json_that_cannot_be_read_is_a_bad_request_and_no_wrong_field(world: World, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    reply = await world.ask("PATCH", PROFILE, "owner", content=content, headers=headers)
    assert (reply.status_code, reply.json()["code"], reply.json()["faults"]) == (400, "bad_request", [])
    assert "no JSON at character" in reply.json()["detail"]


async def test_every_refusal_of_http_itself_says_what_to_do_in_both_languages(world: World) -> None:
    assert ADVICE.keys() == REFUSED.keys()
    for language in ("ko", "en"):
        for method, path, content_type in (
            ("GET", "/nowhere", ""),
            ("PUT", PROFILE, ""),
            ("PATCH", PROFILE, "text/plain"),
            ("PATCH", PROFILE, "application/json"),
        ):
            headers = {"Accept-Language": language, "Content-Type": content_type}
            reply = await world.ask(method, path, "owner", content=b"{", headers=headers)
            assert reply.json()["detail"], (language, path, content_type)


@pytest.mark.parametrize("shape", ['"{}"', 'W/"{}"'])
async def test_an_old_version_fails_its_precondition_and_the_current_one_holds_weak_or_strong(
    world: World, shape: str
) -> None:
    for method, path, body in EDITS:
        version = int((await world.ask("GET", "/users/me", "owner")).headers["etag"].strip('W/"'))
        old = await world.ask(method, path, "owner", json=body, headers={"If-Match": shape.format(version - 1)})
        assert (old.status_code, old.json()["code"]) == (412, "stale_write"), path
        assert old.headers["etag"] == f'"{version}"', path
        now = await world.ask(method, path, "owner", json=body, headers={"If-Match": shape.format(version)})
        assert now.status_code == 200, path


async def test_what_changed_meanwhile_is_a_conflict_for_whoever_named_no_version(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stale(*_: object) -> None:
        raise errors.StaleWrite("somebody was faster")

    monkeypatch.setattr("ygs.adapters.memory.users.MemoryUserRepository.save", stale)
    tries: list[tuple[dict[str, str], int]] = [({}, 409), ({"If-Match": "*"}, 412)]
    for headers, status in tries:
        reply = await world.ask("PATCH", PROFILE, "owner", json={"district": "은평구"}, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (status, "stale_write")


async def test_a_pause_begins_tomorrow_in_either_language(world: World) -> None:
    today = {"until": str(world.clock.now().date())}
    korean, english = [await refused(world, "POST", "/users/me/pause", today, each) for each in ("ko", "en")]
    assert [each["faults"][0]["where"] for each in (korean, english)] == ["body.until"] * 2
    assert "내일부터" in korean["detail"]
    assert "a day to come" in english["detail"]


async def test_a_wrong_code_is_told_at_its_field_and_alike_whoever_has_the_phone(world: World) -> None:
    told = set()
    for phone in ("010-2345-6789", world.people["owner"].phone):
        for path in ("/auth/signup", "/auth/password/reset"):
            start = "/auth/signup/phone" if path == "/auth/signup" else "/auth/password/forgot"
            begun = (await world.ask("POST", start, json={"phone": phone})).json()
            known = {"new": PASSWORD} if path == "/auth/password/reset" else {**NEWCOMER, "phone": phone}
            sent = {**known, "one_time_token": begun["one_time_token"], "code": "00000000"}
            reply = await world.ask("POST", path, json=sent, headers={"X-Request-ID": "the-same-for-all"})
            told.add((reply.status_code, reply.content))
            assert (reply.json()["code"], reply.json()["faults"][0]["where"]) == ("wrong_code", "body.code")
    assert len(told) == 1


async def test_a_wrong_current_password_is_told_at_its_field(world: World) -> None:
    sent = {"current": "not it", "new": NEWCOMER["password"]}
    problem = await refused(world, "POST", "/auth/password", sent, "ko")
    assert (problem["status"], problem["code"]) == (401, "wrong_password")
    assert problem["faults"][0]["where"] == "body.current"
    assert "로그인" not in problem["title"] + problem["detail"]


async def test_what_a_members_client_must_tell_apart_has_a_code_of_its_own(world: World) -> None:
    mutual = f"/match/history/{world.introductions['mutual']}"
    upload = {"kind": "photo", "content_type": "image/jpeg"}
    begun = (await world.ask("POST", "/uploads", "owner", json=upload)).json()
    feedback = {"met": True, "again": True, "rating": 4}
    await world.ask("POST", f"{mutual}/feedback", "owner", json=feedback)
    for method, path, body, code in (
        ("PUT", f"{mutual}/answer", {"choice": "decline", "reason": "age"}, "already_decided"),
        ("POST", f"{mutual}/feedback", feedback, "already_given"),
        ("POST", f"/uploads/{begun['id']}/confirm", None, "not_uploaded"),
        ("PUT", "/users/me/consents", {"consents": {"terms": None}}, "consent_needed"),
    ):
        problem = await refused(world, method, path, body, "ko")
        assert (problem["status"], problem["code"]) == (409, code), problem


async def test_who_repeats_a_request_that_still_runs_is_told_when_to_ask_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def running(*_: object, **__: object) -> None:
        raise errors.StillRunning("still running")

    monkeypatch.setattr("ygs.application.idempotency.IdempotentRequests.reply", running)
    key = {"Idempotency-Key": "a-key-of-mine"}
    upload = {"kind": "photo", "content_type": "image/jpeg"}
    reply = await world.ask("POST", "/uploads", "owner", json=upload, headers=key)
    assert (reply.status_code, reply.json()["code"], reply.headers["retry-after"]) == (409, "still_running", "1")


@pytest.mark.parametrize(
    ("seconds", "ko", "en"),
    [
        (1, "1초", "1 second"),
        (59, "59초", "59 seconds"),
        (60, "1분", "1 minute"),
        (61, "2분", "2 minutes"),
        (5400, "1시간 30분", "1 hour and 30 minutes"),
        (43_199, "12시간", "12 hours"),
        (86_400, "24시간", "24 hours"),
    ],
)
def test_a_wait_is_told_as_people_say_it(seconds: int, ko: str, en: str) -> None:
    error = errors.TooManyAttempts(seconds)
    assert explain_error(error, Language.KO) == f"{ko} 뒤에 다시 시도해 주세요."
    assert explain_error(error, Language.EN) == str(error) == f"try again in {en}"


# A weight of an Accept-Language, in thousandths, as some spell it.
_WEIGHTS = st.integers(0, 1000)
_SPELLINGS = ("{tag};q={weight}", "{tag}; q={weight}", " {tag} ;Q={weight}", "{tag}-XX;q={weight}")


@given(
    st.lists(st.tuples(st.sampled_from(["ko", "en", "fr", "kok"]), _WEIGHTS, st.sampled_from(_SPELLINGS)), max_size=5),
    st.sampled_from(Language),
)
def test_the_language_is_the_one_of_the_highest_weight(wanted: list[tuple[str, int, str]], otherwise: Language) -> None:
    header = ",".join(spelling.format(tag=tag, weight=weight / 1000) for tag, weight, spelling in wanted)
    ours = [(weight, tag) for tag, weight, _ in wanted if tag in ("ko", "en")]
    best = max((weight for weight, _ in ours), default=0)
    first = next((tag for weight, tag in ours if weight == best), None)
    weights = {tag: max(weight for weight, each in ours if each == tag) for _, tag in ours}
    tied = len(weights) == 2 and len(set(weights.values())) == 1
    expected = next(tag for _, tag in ours) if tied else first
    assert preferred_language(header, otherwise) == (expected if best else otherwise)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en;q=0.1, ko;q=0.9", Language.KO),
        ("*, ko;q=0.5", Language.EN),
        ("ko, *;q=0.5", Language.KO),
        ("fr, *;q=0.1", Language.EN),
        ("ko;q=high, en;q=0.1", Language.EN),
        ("ko;q=0", Language.EN),
        ("kok", Language.EN),
        ("", Language.EN),
    ],
)
def test_a_language_is_chosen_as_the_header_means_it(header: str, language: Language) -> None:
    assert preferred_language(header, Language.EN) is language
