"""What people call a school, an employer and a district: 서울대학교 is 서울대 and 설대, 한국전력공사 is 한전."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ygs.application.advisor.romanised import romanised
from ygs.domain.matching.vocabulary import VOCABULARY

_SHORTEST_WORD = 2
_SCHOOL = re.compile(r"(여자)?(대학교|대학원|대학|대|고등학교|여고|고|중학교)$")
_SCHOOL_ENDINGS = ("대학교", "대학원", "대학", "대", "여대", "고등학교", "고", "여고")
_KINDS_OF_SCHOOL = (
    ("과학", "과고"),
    ("외국어", "외고"),
    ("예술", "예고"),
    ("체육", "체고"),
    ("상업", "상고"),
    ("공업", "공고"),
)
_DISTRICT = re.compile(r"(특별자치시|특별시|광역시|시|군|구|읍|면|동|로|길)$")
_LEGAL_FORM = re.compile(r"\(주\)|\(유\)|\(재\)|\(사\)|주식회사|유한회사|재단법인|사단법인")
_COMPANY = re.compile(
    r"(전자|전기|은행|뱅크|증권|카드|생명|화재|보험|자동차|중공업|건설|화학|물산|제약|항공|통신|텔레콤|소프트|시스템즈?|그룹|"
    r"홀딩스|백화점|마트|쇼핑|호텔|병원|공사|공단|연구원|연구소|재단|학원|법무법인|회계법인)$"
)
# The shortest employer that is called by its first syllable and another: 삼성전자 is 삼전.
_SHORTENED = 4
# Short forms and stems that are words of every day.
_ORDINARY = frozenset(
    re.findall(
        r"\w+", "상대 기대 초대 군대 시대 세대 무대 절대 반대 최대 현대 침대 우리 국민 기업 하나 제일 한국 대한 세계"
    )
)
# Words of every day that begin with a job title: they tell nobody's.
_LONGER = re.compile(
    r"책임(?:감|지|져|졌|질|진)|과장(?:되|된|돼|됐|하|해|했|한)|대표적|대리운전|이사(?:하|해|했|한|갔|온|왔)"
)
# What no rule derives.
_ALSO_CALLED = {
    "서울대학교": "설대 샤대 snu",
    "연세대학교": "연세대 yonsei",
    "고려대학교": "korea_university",
    "이화여자대학교": "ewha",
    "성균관대학교": "성대 skku",
    "서울시립대학교": "시립대 설립대",
    "한국외국어대학교": "외대 한국외대 hufs",
    "한국예술종합학교": "한예종",
    "한국과학기술원": "카이스트 kaist",
    "포항공과대학교": "포스텍 포공 포항공대 postech",
    "광주과학기술원": "지스트 gist",
    "울산과학기술원": "유니스트 unist",
    "대구경북과학기술원": "디지스트 dgist",
    "육군사관학교": "육사",
    "공군사관학교": "공사",
    "해군사관학교": "해사",
    "한국전력공사": "kepco",
    "한국토지주택공사": "lh 토공",
    "한국철도공사": "코레일 korail",
    "한국산업은행": "산은 산업은행 kdb",
    "기업은행": "기은 ibk",
    "국민은행": "kb",
    "금융감독원": "금감원",
    "국민건강보험공단": "건보공단 건보",
    "네이버": "naver",
}
# Words of coded facts, which tell no more than their code: 서울, 공무원, 대기업.
_CODED = frozenset(
    word
    for code in ("region", "job_group")
    for value in VOCABULARY[code].values
    for word in re.split(r"[\s,./·|()]+", value.ko)
)
_HANGUL = re.compile(r"[가-힣]{2,}")


@dataclass(frozen=True, slots=True)
class Called:
    """One thing that a word of a profile is called. `alone`: only as a word of its own, as it is short."""

    word: str
    alone: bool = False


def short_forms(phrase: str) -> Iterator[Called]:
    """A phrase of a profile, each of its words, and their usual short forms."""
    plain = _LEGAL_FORM.sub(" ", unicodedata.normalize("NFKC", phrase))
    yield Called(plain)
    for word in re.split(r"[\s,./·|()\[\]]+", plain):
        if len(word) >= _SHORTEST_WORD and word not in _CODED:
            yield Called(word)
        yield from _of_word(word)


def in_longer_word(text: str, start: int, end: int) -> bool:
    """Whether the characters there begin an ordinary word that goes on behind them: 책임 in 책임감."""
    longer = _LONGER.match(text, start)
    return longer is not None and longer.end() > end


def in_latin_letters(phrase: str) -> Iterator[str]:
    """Patterns for the words of a phrase in Latin letters, without what kind of a place they are."""
    for called in short_forms(phrase):
        stem = _stem(called.word)
        if _HANGUL.fullmatch(stem) and stem not in _CODED and len(stem) < len(called.word):
            yield romanised(stem)


def _stem(word: str) -> str:
    for kind in (_SCHOOL, _COMPANY):
        if (found := kind.search(word)) and found.start() >= _SHORTEST_WORD:
            return word[: found.start()]
    return word


def _of_word(word: str) -> Iterator[Called]:
    yield from (Called(each.replace("_", " "), alone=True) for each in _ALSO_CALLED.get(word, "").split())
    if (school := _SCHOOL.search(word)) and school.start() > 1:
        yield from _of_school(word[: school.start()])
    elif (company := _COMPANY.search(word)) and company.start() > 1:
        yield from _of_company(word[: company.start()], word)
    if (district := _DISTRICT.search(word)) and district.start() > 1 and word[: district.start()] not in _CODED:
        yield Called(word[: district.start()])


def _of_school(stem: str) -> Iterator[Called]:
    yield from (Called(stem + ending) for ending in _SCHOOL_ENDINGS)
    yield from (Called(re.sub(rf"{kind}$", short, stem)) for kind, short in _KINDS_OF_SCHOOL if stem.endswith(kind))
    yield from _usual([stem, stem[0] + "대"])


def _of_company(stem: str, word: str) -> Iterator[Called]:
    yield from _usual([stem])
    if word.endswith("자동차"):
        yield Called(f"{stem}차")
    if len(word) >= _SHORTENED:
        yield from _usual([word[0] + each for each in word[2:]])
    # 서울아산병원 is 아산병원.
    if word[:2] in _CODED and len(stem) > 3:
        yield Called(word[2:])


def _usual(words: list[str]) -> Iterator[Called]:
    yield from (Called(word, alone=True) for word in words if word not in _ORDINARY and word not in _CODED)
