"""What errors say, in Korean. Errors say it in English; the sentences stand side by side in `sentences`."""

import re
from collections.abc import Iterator, Mapping

from ygs.application.labels import LABELS
from ygs.application.messages import catalogue_ko as sentences
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import PROFILE_TEXTS

# Names and states that sentences are filled with; codes and attributes have labels of their own.
WORDS: Mapping[str, str] = {
    **{code: ko for labels in LABELS.values() for code, (ko, _) in labels.items()},
    **{code: attribute.ko for code, attribute in VOCABULARY.items()},
    **{name: text.ko for name, text in PROFILE_TEXTS.items()},
    "name": "이름",
    "phone": "전화번호",
    "email": "이메일",
    "password": "비밀번호",
    "new": "새 비밀번호",
    "gender": "성별",
    "wishes": "바라는 조건",
    "reason": "사유",
    "words": "내용",
    "text": "내용",
    "rating": "평점",
    "until": "날짜",
    "content_type": "파일 형식",
    "capacity": "소개 횟수",
    "consents": "동의",
    "profile": "프로필",
    "lifestyle": "생활 방식",
    "user": "회원",
    "account": "계정",
    "document": "서류",
    "file": "파일",
    "link": "연결된 계정",
    "note": "메모",
    "report": "신고",
    "session": "로그인 기기",
    "upload": "업로드",
    "block": "차단",
    "match week": "매칭 주",
    "attribute": "항목",
    "Kakao": "카카오",
    "the store of files": "파일 저장소",
    ", or sign in otherwise": ". 다른 방법으로 로그인하셔도 됩니다",
}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return zip(lines[::2], map(str.strip, lines[1::2]), strict=True)


SENTENCES: Mapping[str, str] = dict(_pairs(sentences.SENTENCES))
_TEMPLATES = [
    (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), korean)
    for english, korean in SENTENCES.items()
    if "{}" in english
]


def in_korean(english: str) -> str:
    """What an error says, in Korean: the sentence, or the name of a field and what is wrong with it. What nobody has
    translated stays as it is."""
    field, _, rest = english.partition(": ")
    said = _translated(english)
    if said is None and rest and (said := _translated(rest)) is not None:
        said = f"{_word(field.removeprefix('wish for '))}: {said}"
    return english if said is None else said


def _translated(sentence: str) -> str | None:
    if sentence in SENTENCES:
        return SENTENCES[sentence]
    for template, korean in _TEMPLATES:
        if found := template.fullmatch(sentence):
            return korean.format(*map(_words, found.groups()))
    return None


def _words(filled: str) -> str:
    """One word, or several that stand in a row."""
    return WORDS.get(filled) or ", ".join(map(_word, filled.split(", ")))


def _word(english: str) -> str:
    """The Korean word; of "user usr_01..." too, whose id stays."""
    if english in WORDS:
        return WORDS[english]
    what, _, id = english.rpartition(" ")  # noqa: A001
    return f"{WORDS[what]} {id}" if what in WORDS else english
