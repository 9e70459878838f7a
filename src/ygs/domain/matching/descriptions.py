"""Descriptions of facts, wishes and reasons against a pair, in Korean and English."""

from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind, Language
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.vocabulary import known_attribute
from ygs.domain.matching.wishes import Wish

_LISTED = 4  # A longer list of accepted values is shown by its length.


def pick(language: Language, *, ko: str, en: str) -> str:
    """The sentence in `language`."""
    return ko if language is Language.KO else en


def counted(number: int, one: str, many: str) -> str:
    """An English count with its noun: "1 person", "1,204 people"."""
    return f"{number:,} {one if number == 1 else many}"


def people_ko(number: int) -> str:
    """A Korean count of people: "1,204명", or "없음" for none."""
    return f"{number:,}명" if number else "없음"


def percent(basis_points: int) -> str:
    """Basis points as people read them: "73.4%"."""
    return f"{basis_points / 100:.1f}%"


def value_words(attribute: str, value: int, language: Language) -> str:
    """A fact in words: "170cm", "서울", "여행, 등산"; "모름" / "unknown" for 0."""
    known = known_attribute(attribute)
    if value == UNKNOWN:
        return pick(language, ko="모름", en="unknown")
    if known.kind is Kind.SET:
        names = ", ".join(known.label(code, language) for code in known.values_in(value))
        return as_noun(known, names, language)
    return known.label(known.value_of(value), language)


# What a wish is called that every value meets: only an answer is missing then.
ANYTHING = {Language.KO: "상관없음", Language.EN: "anything"}


def wish_words(wish: Wish, language: Language) -> str:
    """What a wish accepts: "1988~1994년생", "165cm 이상", "서울 또는 경기", "천주교 외 모두"."""
    known = known_attribute(wish.attribute)
    if known.kind is not Kind.ORDINAL:
        return _accepted(known, wish, language)
    if (wish.low, wish.high) == (1, known.size):
        return ANYTHING[language]
    if known.is_number:
        return _number_range(known, wish, language)
    if wish.attribute == "income_band":
        return _band_range(known, wish, language)
    return _level_range(known, wish, language)


def _number_range(known: Attribute, wish: Wish, language: Language) -> str:
    low = known.low + wish.low - 1
    high = known.low + wish.high - 1
    if low == high:
        return known.label(low, language)
    if known.low < low and high < known.high:
        return f"{low}{pick(language, ko='~', en='-')}{known.label(high, language)}"
    if known.code == "birth_year":  # Nobody says "born in 1994 or more".
        if known.low < low:
            return pick(language, ko=f"{low}년 이후 출생", en=f"{low} or later")
        return pick(language, ko=f"{high}년 이전 출생", en=f"{high} or earlier")
    return _open_ended(known.label(low, language), known.label(high, language), high == known.high, language)


def _open_ended(low: str, high: str, upwards: bool, language: Language) -> str:
    if upwards:
        return pick(language, ko=f"{low} 이상", en=f"{low} or more")
    return pick(language, ko=f"{high} 이하", en=f"{high} or less")


def _band_range(known: Attribute, wish: Wish, language: Language) -> str:
    """A range of income bands, which are ranges themselves: from the start of the first to the end of the last."""
    first, last = (known.label(known.value_of(code), language) for code in (wish.low, wish.high))
    if wish.low == wish.high:
        return first
    dash, unit = ("~", "원") if language is Language.KO else ("-", " million won")
    start = first.partition(dash)[0]
    end = last.partition(dash)[2]
    if wish.high == known.size:
        return pick(language, ko=f"{start}{unit} 이상", en=f"{start}{unit} or more")
    if wish.low == 1:
        return pick(language, ko=f"{end} 미만", en=f"under {end}")
    return f"{start}{dash}{end}"


def _level_range(known: Attribute, wish: Wish, language: Language) -> str:
    labels = [known.label(known.value_of(code), language) for code in range(wish.low, wish.high + 1)]
    if known.code == "education" and len(labels) > 1 and (wish.high == known.size or wish.low == 1):
        return _open_ended(labels[0], labels[-1], wish.high == known.size, language)
    if len(labels) <= _LISTED - 1:
        return _either(labels, language)
    return pick(language, ko=f"{labels[0]}부터 {labels[-1]}까지", en=f"{labels[0]} to {labels[-1]}")


def _accepted(known: Attribute, wish: Wish, language: Language) -> str:
    codes = known.values_in(wish.accepts)
    if wish.low:
        names = as_noun(known, ", ".join(known.label(code, language) for code in codes), language)
        return pick(language, ko=f"{names} 중 {wish.low}가지 이상", en=f"at least {wish.low} of {names}")
    refused = [value.label(language) for value in known.values if value.code not in codes]
    if not refused:
        return ANYTHING[language]
    if len(refused) <= 2 < len(codes):
        names = as_noun(known, _either(refused, language), language)
        return pick(language, ko=f"{names} 외 모두", en=f"anything but {names}")
    labels = [known.label(code, language) for code in codes]
    if len(labels) <= _LISTED:
        return as_noun(known, _either(labels, language), language)
    shown = ", ".join(labels[:2])
    return pick(
        language,
        ko=as_noun(known, f"{shown} 등 {len(labels)}가지", language),
        en=f"{shown} or {len(labels) - 2} others",
    )


def as_noun(known: Attribute, names: str, language: Language) -> str:
    """The names of values as a noun: those of a personality are adjectives in Korean, which no particle can follow."""
    return f"{names} 성격" if known.code == "personality" and language is Language.KO else names


def _either(labels: list[str], language: Language) -> str:
    if len(labels) == 1:
        return labels[0]
    *first, last = labels
    return f"{', '.join(first)} {pick(language, ko='또는', en='or')} {last}"


def objection_words(reason: Reason, attribute: str, language: Language, me: str, them: str) -> str:
    """A reason against a pair as a sentence about two people, who are called `me` and `them`."""
    name = known_attribute(attribute).name(language) if attribute else ""
    ko, en = _OBJECTIONS[reason]
    return pick(language, ko=ko, en=en).format(me=Word(me), them=Word(them), name=name)


_OBJECTIONS = {
    Reason.SAME_PERSON: ("같은 사람입니다.", "They are one person."),
    Reason.LEFT_OUT: (
        "직원이 이번 주 소개에서 {me} 또는 {them:을} 제외했습니다.",
        "Staff left {me} or {them} out of this week.",
    ),
    Reason.I_DO_NOT_SEEK: (
        "{them:은} {me:이} 소개받기를 원하는 성별이 아닙니다.",
        "{me} does not seek {them}'s gender.",
    ),
    Reason.THEY_DO_NOT_SEEK: (
        "{me:은} {them:이} 소개받기를 원하는 성별이 아닙니다.",
        "{them} does not seek {me}'s gender.",
    ),
    Reason.INTRODUCED_BEFORE: (
        "{me:과} {them:은} 이미 소개된 적이 있습니다.",
        "{me} and {them} were introduced before.",
    ),
    Reason.BLOCK: ("{me:과} {them} 사이에 소개 차단이 있습니다.", "A block keeps {me} and {them} apart."),
    Reason.FORBIDDEN: (
        "직원이 이번 주에 {me:과} {them}의 소개를 막았습니다.",
        "Staff forbade introducing {me} and {them} this week.",
    ),
    Reason.I_REFUSE: (
        "{me}의 필수 조건({name})에 {them:이} 맞지 않습니다.",
        "{name}: {them} does not meet what {me} must have.",
    ),
    Reason.THEY_REFUSE: (
        "{them}의 필수 조건({name})에 {me:이} 맞지 않습니다.",
        "{name}: {me} does not meet what {them} must have.",
    ),
    Reason.MY_FLOOR: (
        "{me}의 만족도가 하한에 못 미칩니다.",
        "{me}'s satisfaction is below the floor.",
    ),
    Reason.THEIR_FLOOR: (
        "{them}의 만족도가 하한에 못 미칩니다.",
        "{them}'s satisfaction is below the floor.",
    ),
}
