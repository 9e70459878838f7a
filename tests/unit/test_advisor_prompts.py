"""What a prompt about pairs holds, and which replies count."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.adversarial_text import Stranger, stranger, survivors, told
from ygs.application.advisor.answers import MOST_REPLY, checked_answers
from ygs.application.advisor.prompts import MOST_TEXT, TOLD_FACTS, PairItem, pair_item, pairs_prompt, tokens_of
from ygs.domain.advice import Disclosure, PromptItem
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Group, Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, User
from ygs.entrypoints.testing.builders import a_user, coded
from ygs.ports.match_advisor import ModelReply, Stopped

NOON = datetime(2026, 11, 2, tzinfo=UTC)
DISCLOSURE = Disclosure(versions=frozenset({"llm-2"}), recipient="Model Inc.", country="US")
MODEL = "some-model"


def member(number: int, *, text: str = "주말에는 산에 갑니다.", version: str | None = "llm-2", **more: Any) -> User:
    consents = dict(a_user(number).consents)
    consents.pop(Purpose.LLM, None)
    if version:
        consents[Purpose.LLM] = Consent(purpose=Purpose.LLM, version=version, given_at=NOON)
    profile = more.pop("profile", Profile(introduction=text, ideal_partner="다정한 사람"))
    return a_user(number, consents=consents, profile=profile, **more)


def item(a: User, b: User) -> PairItem:
    made = pair_item(a, b, DISCLOSURE)
    assert made is not None
    return made


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_no_canary_survives_in_a_rendered_prompt(seed: int) -> None:
    _assert_no_canary(Random(seed))


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(st.integers(0, 2**32))
def test_no_canary_survives_in_ten_thousand_rendered_prompts(seed: int) -> None:
    _assert_no_canary(Random(seed))


def _assert_no_canary(rng: Random) -> None:
    people = [stranger(rng) for _ in range(4)]
    users = [_telling(rng, number, who, rng.choice(people[number // 2 * 2 :][:2])) for number, who in enumerate(people)]
    data = pairs_prompt([item(users[0], users[1]), item(users[2], users[3])], Language.KO).data
    pairs = json.loads(data)["items"]
    for number, who in enumerate(people):
        for text in _texts(pairs[number // 2]):
            assert [each for each in survivors(text, who) if len(each) > 1] == [], text
    assert not [user.id for user in users if user.id in data]


def _telling(rng: Random, number: int, who: Stranger, about: Stranger) -> User:
    """A member whose texts tell of themselves or of their partner."""
    school, job, district = who.known.words
    profile = Profile(
        school=school,
        job_title=job,
        district=district,
        introduction=told(rng, who, "주말에는 산에 갑니다."),
        ideal_partner=told(rng, about, "다정한 사람이 좋아요."),
    )
    return member(number + 1, profile=profile, name=who.known.name, phone=who.known.phone, email=who.known.email)


def _texts(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for each in content.values() for text in _texts(each)]
    if isinstance(content, list):
        return [text for each in content for text in _texts(each)]
    return [str(content)]


@pytest.mark.parametrize("version", [None, "llm-1", "2026-01"])
def test_only_people_who_consented_to_this_very_recipient_are_in_a_prompt(version: str | None) -> None:
    assert pair_item(member(1), member(2, version=version), DISCLOSURE) is None
    assert pair_item(member(1, version=version), member(2), DISCLOSURE) is None
    assert pair_item(member(1), member(2), Disclosure()) is None


def test_a_consent_that_was_withdrawn_counts_no_more() -> None:
    gone = Consent(purpose=Purpose.LLM, version="llm-2", given_at=NOON, withdrawn_at=NOON)
    user = member(1)
    assert pair_item(user.edited(at=NOON, consents={**user.consents, Purpose.LLM: gone}), member(2), DISCLOSURE) is None


def test_a_pair_without_texts_is_not_asked_about() -> None:
    assert pair_item(member(1), member(2, profile=Profile()), DISCLOSURE) is None


def test_nothing_sensitive_and_no_exact_year_of_birth_is_sent() -> None:
    sensitive = {code for code, attribute in VOCABULARY.items() if attribute.sensitive}
    profile = Profile(facts=coded(religion="catholic", education="bachelor"), introduction="산을 좋아해요")
    about = item(member(1, profile=profile, birth_year=1993), member(2)).about_a
    assert not sensitive & about["facts"].keys()
    assert about["facts"]["birth_year"] == "1990-1994"
    assert about["facts"]["education"] == "bachelor"


def test_what_no_model_is_to_judge_is_not_sent_to_one() -> None:
    everything = {
        group: {code: 1 for code, each in VOCABULARY.items() if each.group is group and code != "birth_year"}
        for group in (Group.PROFILE, Group.LIFESTYLE)
    }
    profile = Profile(facts=everything[Group.PROFILE], introduction="산을 좋아해요")
    told = member(1, profile=profile, lifestyle=Lifestyle(facts=everything[Group.LIFESTYLE]))
    sent = item(told, member(2)).about_a["facts"].keys()
    withheld = VOCABULARY.keys() - sent
    assert withheld >= {
        "income_band",
        "height_cm",
        "body_type",
        "nationality",
        "religion",
        "marital_history",
        "children",
    }
    assert sent == TOLD_FACTS


def test_only_what_was_disclosed_is_sent() -> None:
    disclosure = Disclosure(versions=frozenset({"llm-2"}), items=frozenset({PromptItem.INTRODUCTION}))
    made = pair_item(member(1), member(2), disclosure)
    assert made is not None
    assert made.about_a.keys() == {"introduction"}


def test_names_hold_for_one_call_and_instructions_hold_no_data() -> None:
    prompt = pairs_prompt([item(member(1), member(2)), item(member(3), member(4))], Language.KO)
    pairs = json.loads(prompt.data)["items"]
    assert [(each["pair"], each["a"]["name"], each["b"]["name"]) for each in pairs] == [
        (1, "A1", "B1"),
        (2, "A2", "B2"),
    ]
    assert "산에" not in prompt.instructions
    assert tokens_of(prompt) > len(prompt.data) // 4


def test_the_content_hash_covers_what_is_sent_and_whose_it_is() -> None:
    one = item(member(1), member(2))
    again = item(member(1), member(2)).content_hash(MODEL, Language.KO)
    assert one.content_hash(MODEL, Language.KO) == again
    others = {
        one.content_hash("other", Language.KO),
        one.content_hash(MODEL, Language.EN),
        item(member(1, text="바다가 좋아요"), member(2)).content_hash(MODEL, Language.KO),
        item(member(1), member(4)).content_hash(MODEL, Language.KO),
        # Two who tell the same of themselves are two all the same: answers are stored, and deleted, by member.
        replace(one, b=UserId("usr_9")).content_hash(MODEL, Language.KO),
    }
    assert again not in others
    assert len(others) == 5


def test_a_long_text_is_cut_after_it_was_scrubbed() -> None:
    assert len(item(member(1, text="산 " * 900), member(2)).about_a["introduction"]) <= MOST_TEXT
    until_within_the_name = "산 " * (MOST_TEXT // 2 - 1)
    text = until_within_the_name + "김민준입니다"
    told = item(member(1, text=text, name="김민준"), member(2)).about_a["introduction"]
    assert told == until_within_the_name + "[이"


ITEMS = [
    PairItem(a=UserId("usr_1"), b=UserId("usr_2"), about_a={}, about_b={}),
    PairItem(a=UserId("usr_3"), b=UserId("usr_4"), about_a={}, about_b={}),
]


def answer(
    pair: Any = 1, a: Any = None, b: Any = None, strength: Any = 40, reason: Any = "둘 다 산을 좋아합니다."
) -> dict[str, Any]:
    return {"pair": pair, "a": a or f"A{pair}", "b": b or f"B{pair}", "strength": strength, "reason": reason}


def reply(*answers: Any, stopped: Stopped | None = None) -> ModelReply:
    return ModelReply(text=json.dumps({"answers": answers}), input_tokens=1, output_tokens=1, stopped=stopped)


def strengths(given: ModelReply, language: Language = Language.KO) -> dict[int, int]:
    return {at: each.strength for at, each in checked_answers(given, ITEMS, language).items()}


def test_good_answers_count_in_any_order() -> None:
    assert strengths(reply(answer(2, strength=-100), answer(1))) == {0: 40, 1: -100}


@pytest.mark.parametrize(
    "bad",
    [
        answer(3),
        answer(0),
        answer("1"),
        answer(True),
        answer(1, a="A2"),
        answer(1, a="A2", b="B2"),
        answer(1, a="B1", b="A1"),
        answer(strength=101),
        answer(strength=1e9),
        answer(strength=math.nan),
        answer(strength=math.inf),
        answer(strength=0.5),
        answer(strength="40"),
        answer(strength=None),
        answer(strength=True),
        answer(reason=""),
        answer(reason=7),
        answer(reason="가" * 201),
        answer(reason="Both like mountains."),
        answer(reason="二人とも山が好きです。"),
        answer(reason="900101-1234567 번호입니다"),
        {},
        [],
        "A1",
        None,
    ],
)
def test_an_answer_that_is_not_exactly_what_was_asked_counts_for_nothing(bad: Any) -> None:
    good = answer(2)
    document = json.dumps({"answers": [bad, good]})
    given = ModelReply(text=document, input_tokens=1, output_tokens=1)
    assert strengths(given) == ({} if "NaN" in document or "Infinity" in document else {1: 40})


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '{"answers": {}}', '{"answers": [', "나는 답하지 않겠습니다", "[" * 50_000, "\ud800"],
)
def test_a_reply_that_is_no_document_counts_for_nothing(text: str) -> None:
    assert strengths(ModelReply(text=text, input_tokens=1, output_tokens=1)) == {}


def test_two_answers_about_one_pair_count_for_nothing() -> None:
    assert strengths(reply(answer(1), answer(1, strength=90), answer(2))) == {1: 40}


def test_a_reply_that_was_stopped_or_is_too_long_counts_for_nothing() -> None:
    assert strengths(reply(answer(1), stopped=Stopped.SAFETY)) == {}
    assert strengths(reply(answer(1), "x" * MOST_REPLY)) == {}


def test_a_reason_is_one_line_and_scrubbed() -> None:
    given = reply(answer(reason="산을\n좋아하고 010-2345-6789로\u200b 연락하세요"))
    assert checked_answers(given, ITEMS, Language.KO)[0].reason == "산을 좋아하고 [번호]로 연락하세요"


def test_reasons_in_english_count_when_english_was_asked_for() -> None:
    assert strengths(reply(answer(reason="Both like mountains.")), Language.EN) == {0: 40}
