"""A pair explained is the specification taken apart: put together again, it is the same."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import Reason, objections
from ygs.domain.matching.explaining import explain_pair
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Affinity, Policy
from ygs.domain.matching.scoring import mutual, satisfaction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish
from ygs.entrypoints.testing.people import candidates, policies

KO, EN = Language.KO, Language.EN


def person(id: str, *wishes: Wish, **facts: int) -> Candidate:
    gender = Genders.MALE if id < "b" else Genders.FEMALE
    return Candidate(
        id=id,
        gender=gender,
        seeks=Genders.MALE | Genders.FEMALE,
        facts=facts,
        wishes={wish.attribute: wish for wish in wishes},
    )


def code(attribute: str, value: str | int) -> int:
    return VOCABULARY[attribute].code_of(value)


@given(candidates("a"), candidates("b"), policies())
def test_the_terms_add_up_to_the_scores_of_the_specification(me: Candidate, them: Candidate, policy: Policy) -> None:
    pair = explain_pair(me, them, policy)
    assert pair.mine.satisfaction == satisfaction(me, them, policy)
    assert pair.theirs.satisfaction == satisfaction(them, me, policy)
    assert pair.mutual == mutual(me, them, policy)
    for view in (pair.mine, pair.theirs):
        assert sum(term.possible for term in view.terms) == (FULL if any(term.weight for term in view.terms) else 0)
        assert all(0 <= term.contribution <= term.possible + 1 for term in view.terms)


@given(candidates("a"), candidates("b"), policies())
def test_the_objections_are_those_of_the_specification(me: Candidate, them: Candidate, policy: Policy) -> None:
    pair = explain_pair(me, them, policy)
    told = [(objection.reason, objection.attribute) for objection in pair.objections]
    assert told == list(objections(me, them, policy))
    assert pair.eligible == (not told)
    refusing = {term.attribute for term in pair.mine.terms if term.refuses}
    assert refusing == {attribute for reason, attribute in told if reason is Reason.I_REFUSE}


@given(candidates("a"), candidates("b"), policies(), st.sampled_from(Language))
def test_there_is_a_sentence_for_every_term_and_none_is_said_twice(
    me: Candidate, them: Candidate, policy: Policy, language: Language
) -> None:
    pair = explain_pair(me, them, policy, [Reason.BLOCK])
    sentences = pair.sentences(language, {"a": "김민수", "b": "이지영"}.__getitem__)
    assert len(set(sentences)) == len(sentences) >= 1
    for term in (*pair.mine.terms, *pair.theirs.terms):
        assert term.sentence(language).count(":") >= 1


def test_the_strongest_reason_comes_first_and_an_affinity_only_once() -> None:
    wish = Wish.between("height_cm", 165, 175, Importance.STRONG)
    me = person("a", wish, birth_year=code("birth_year", 1990))
    them = person("b", height_cm=code("height_cm", 170), birth_year=code("birth_year", 1990))
    strongest = explain_pair(me, them, Policy()).strongest()
    assert strongest[0].criterion == wish
    assert [term.attribute for term in strongest if isinstance(term.criterion, Affinity)] == ["birth_year"]
    assert strongest[0].sentence(KO, {"a": "김민수", "b": "이지영"}.__getitem__) == (
        "키: 김민수 님은 165~175 cm를 원하고, 이지영 님은 170 cm입니다. 바라는 대로입니다."
    )
    assert strongest[0].sentence(EN) == "Height: a wishes for 165-175 cm; b: 170 cm. Just as wished."


def test_reasons_say_a_thing_once_and_of_a_wish_on_both_sides_only_that_both_wish_it() -> None:
    tall = Wish.between("height_cm", 150, 175, Importance.STRONG)
    me = person("a", tall, height_cm=code("height_cm", 170))
    them = person("b", tall, height_cm=code("height_cm", 160))
    pair = explain_pair(me, them, Policy(affinities=()))
    called = {"a": "김민수", "b": "이지영"}.__getitem__
    assert pair.reasons(KO, called) == ("키: 김민수 님은 170 cm, 이지영 님은 160 cm, 서로 바라는 대로입니다.",)
    assert pair.reasons(EN) == ("Height: a: 170 cm; b: 160 cm. Just as both wish.",)
    one_sided = explain_pair(replace(me, wishes={}), them, Policy(affinities=()))
    assert one_sided.reasons(KO, called) == ("키: 이지영 님은 150~175 cm를 원하고, 김민수 님은 170 cm입니다.",)


@given(candidates("a"), candidates("b"), policies(), st.sampled_from(Language))
def test_no_two_reasons_are_about_the_same(me: Candidate, them: Candidate, policy: Policy, language: Language) -> None:
    pair = explain_pair(me, them, policy)
    about = [term.attribute for term in pair.strongest()]
    assert len(about) == len(set(about)) == len(pair.reasons(language)) <= 3


def test_what_must_be_met_is_the_first_question_to_ask_when_it_is_unknown() -> None:
    me = person(
        "a",
        Wish.between("height_cm", 165, 175, Importance.STRONG),
        Wish.among("religion", ["catholic"], Importance.MUST),
    )
    questions = explain_pair(me, person("b"), Policy()).open_questions()
    assert [(term.attribute, term.is_must) for term in questions] == [("religion", True), ("height_cm", False)]
    assert questions[0].sentence(KO) == "종교: a 님의 희망은 천주교인데, b 님의 답을 아직 모릅니다."


def test_an_answer_that_would_fit_whatever_it_is_is_no_contrast_to_a_wish() -> None:
    everything = (1 << VOCABULARY["religion"].size) - 1
    me = person("a", Wish(attribute="religion", accepts=everything, importance=Importance.FAIR))
    (question,) = explain_pair(me, person("b"), Policy(affinities=())).open_questions()
    assert question.sentence(KO) == "종교: a 님은 어떤 답이든 괜찮지만, b 님의 답을 아직 모릅니다."
    assert question.sentence(EN) == "Religion: a accepts any answer, but b has not said yet."


def test_korean_makes_no_contrast_of_a_wish_that_is_met() -> None:
    me = person("a", Wish.among("religion", ["catholic"], Importance.STRONG))
    (reason,) = explain_pair(me, person("b", religion=code("religion", "catholic")), Policy(affinities=())).reasons(KO)
    assert reason == "종교: a 님의 희망은 천주교이고, b 님의 답은 천주교입니다."


def test_a_deal_breaker_leads_the_weakest_and_says_that_it_breaks_a_must() -> None:
    me = person(
        "a",
        Wish.among("region", ["seoul"], Importance.MUST),
        Wish.among("religion", ["catholic"], Importance.STRONG),
        Wish.between("smoking", "no", "no", Importance.STRONG),
    )
    them = person(
        "b",
        region=code("region", "busan"),
        religion=code("religion", "none"),
        smoking=code("smoking", "daily"),
    )
    pair = explain_pair(me, them, Policy())
    assert pair.weakest()[0].attribute == "region"
    assert pair.weakest()[0].sentence(KO).endswith("b 님의 답은 부산입니다. 필수 조건에 어긋납니다.")
    assert pair.objections[0].sentence(KO) == "a 님의 필수 조건(거주 지역)에 b 님이 맞지 않습니다."
    assert not pair.eligible


def test_what_two_people_share_is_named() -> None:
    travel = VOCABULARY["interests"].mask_of(["travel", "hiking"])
    me, them = person("a", interests=travel), person("b", interests=travel)
    told = explain_pair(me, them, Policy()).sentences(KO)
    assert "관심사: 두 사람 모두 여행, 등산을 꼽았습니다." in told
