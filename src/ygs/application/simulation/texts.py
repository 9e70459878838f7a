"""Korean sentences of simulated members about themselves, without sensitive facts, names or numbers."""

from random import Random

from ygs.application.simulation.facts import Answer
from ygs.application.simulation.persona import Sketch
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY

_OPENINGS = (
    "안녕하세요, {region}에서 지내는 {age}입니다.",
    "{region}에 살고 있고, 일은 {job} 쪽입니다.",
    "반갑습니다. {region}에서 {job} 일을 하고 있어요.",
)
_CHARACTERS = (
    "주변에서는 {first} 편이고 {second} 사람이라고 합니다.",
    "{first} 성격이라는 말을 자주 듣고, 친해지면 {second} 면도 있어요.",
    "스스로는 {first} 사람이라고 생각합니다.",
)
_FREE_TIME = (
    "쉬는 날에는 {interest} 좋아하고, 요즘은 {other} 빠져 있어요.",
    "{interest} 즐기고 {other} 관심이 많습니다.",
    "주말에는 보통 {interest} 즐기며 시간을 보냅니다.",
)
_CLOSINGS = (
    "서로 존중하며 편하게 이야기할 수 있는 분을 만나고 싶습니다.",
    "천천히 알아 가며 오래 함께할 인연을 기다립니다.",
    "좋은 인연이 되면 좋겠습니다.",
    "작은 일에도 같이 웃을 수 있으면 좋겠어요.",
)
_IDEALS = (
    "{first} 분이면 좋겠습니다.",
    "무엇보다 {first} 분, 그리고 대화가 잘 통하는 분이요.",
    "외모보다는 마음이 통하고 {first} 분을 만나고 싶어요.",
    "생활 방식이 비슷하고 {first} 분을 기다립니다.",
)
_HOPED_FOR = ("kind", "warm", "considerate", "humorous", "responsible", "diligent", "positive", "family_minded")


def introduction(rng: Random, who: Sketch, facts: dict[str, Answer]) -> str:
    """Three or four sentences about oneself."""
    character = _chosen(rng, facts["personality"])
    interests = _chosen(rng, facts["interests"])
    words = {
        "region": _korean("region", str(facts["region"])),
        "age": f"{who.age // 10 * 10}대",
        "job": _korean("job_group", str(facts["job_group"])),
        "first": _korean("personality", character[0]),
        "second": _korean("personality", character[-1]),
        "interest": _with_object(_korean("interests", interests[0])),
        "other": _korean("interests", interests[-1]) + "에",
    }
    openings = _OPENINGS[:1] if facts["job_group"] in ("student", "not_working") else _OPENINGS
    sentences = [rng.choice(options) for options in (openings, _CHARACTERS, _FREE_TIME, _CLOSINGS)]
    return " ".join(sentence.format_map(words) for sentence in sentences)


def ideal_partner(rng: Random) -> str:
    """One sentence about whom one hopes to meet."""
    return rng.choice(_IDEALS).format(first=_korean("personality", rng.choice(_HOPED_FOR)))


def _chosen(rng: Random, values: Answer) -> list[str]:
    several = values if isinstance(values, list) else [str(values)]
    return rng.sample(several, min(2, len(several)))


def _korean(attribute: str, value: str) -> str:
    return VOCABULARY[attribute].label(value, Language.KO)


def _with_object(noun: str) -> str:
    """The noun with 을 after a final consonant, else with 를 (Hangul syllables are in blocks of 28 by final)."""
    return noun + ("을" if (ord(noun[-1]) - ord("가")) % 28 else "를")
