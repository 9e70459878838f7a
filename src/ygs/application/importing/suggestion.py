"""A suggested mapping for a file, from its headers, for a person to check and edit."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ygs.application.importing.mapping_examples import consent_lines
from ygs.application.importing.value_parser import plain_text
from ygs.application.importing.wish_rules import GENDER
from ygs.domain.errors import N_, BadFile, Listed
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import shown_text
from ygs.ports.spreadsheets import Row, SheetTable

# The names that agencies give to the keys of a mapping, in Korean and English, without spaces.
_MEMBER: Mapping[str, str] = {
    "name": "이름 성명 성함 회원명 고객명 회원이름 name fullname membername",
    "gender": "성별 gender sex",
    "birth_year": "생년월일 생년 생일 출생일 출생연도 출생년도 년생 birthdate dateofbirth dob birthday"
    " birthyear yearofbirth",
    "phone": "연락처 휴대폰 휴대폰번호 휴대전화 휴대전화번호 핸드폰 핸드폰번호 전화 전화번호 hp phone"
    " phonenumber mobile cell",
    "email": "이메일 메일 이메일주소 전자우편 email emailaddress mail",
    "district": "시군구 구군 상세지역 district",
    "school": "학교 출신학교 출신대학 대학교 학교명 school university college",
    "job_title": "직업 직장 직책 직급 직장·직책 회사 직장명 job jobtitle employer",
    "introduction": "자기소개 소개 소개글 introduction aboutme bio",
    "ideal_partner": "이상형 희망상대 idealpartner idealtype",
}
_FACTS: Mapping[str, str] = {
    "height_cm": "키 신장 키(cm) height heightcm",
    "region": "거주지 거주지역 지역 주소 사는곳 residence address city",
    "education": "학력 최종학력 degree",
    "income_band": "연봉 연소득 소득 수입 연봉(만원) income salary",
    "marital_history": "혼인여부 혼인이력 결혼여부 결혼이력 초재혼 초혼재혼 maritalstatus",
    "smoking": "흡연 흡연여부 담배 smoke smoker",
    "drinking": "음주 음주여부 술 drink",
    "interests": "취미 관심사 hobby hobbies",
    "children": "자녀 자녀유무",
    "nationality": "국적 nationality",
}
_SEEKS = {"seeks": "희망성별 원하는성별 선호성별 seeks lookingfor preferredgender"}
_EITHER = ("무관", "상관없음", "모두", "둘다", "both", "any", "either")
_WISHES: Mapping[str, str] = {
    "birth_year": "희망나이 희망연령 희망생년 희망출생연도 선호나이 원하는나이 preferredage wishedage agerange",
    "height_cm": "희망키 희망신장 선호키 원하는키 preferredheight heightrange",
    "region": "희망지역 희망거주지 선호지역 preferredregion",
}
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "gender": {"남": "male", "남성": "male", "남자": "male", "m": "male", "여": "female", "여성": "female"}
    | {"여자": "female", "f": "female", "男": "male", "女": "female"},
    "education": {"고졸": "high_school", "고등학교졸": "high_school", "초대졸": "associate", "전문대졸": "associate"}
    | {"대졸": "bachelor", "학사": "bachelor", "대학원졸": "master", "석사졸": "master", "박사졸": "doctorate"},
    "marital_history": {"미혼": "never_married", "재혼": "divorced", "돌싱": "divorced"},
    "smoking": {"비흡연자": "no", "안함": "no", "x": "no", "흡연자": "daily"},
    "drinking": {"안함": "none", "안마심": "none", "x": "none", "가끔": "socially", "자주": "often"},
    "religion": {"기독교": "protestant", "개신교": "protestant", "없음": "none"},
}
_OPPOSITE = {"male": "female", "female": "male"}
_REGION = r"'(\S{2})(?:특별시|광역시|특별자치시|특별자치도|시|도)?(?: .*)?'"
# In units of ten thousand won, as agencies write it, or in words: 4500, 4천만원, 4천5백, 1억 2천만원.
_THOUSANDS = r"(?:,?\d{3}|천(?: ?\d백)?) ?(?:만원|만)?"
_INCOME = (
    ("under_3000", rf"[12]{_THOUSANDS}"),
    ("from_3000", rf"3{_THOUSANDS}"),
    ("from_4000", rf"4{_THOUSANDS}"),
    ("from_5000", rf"[56]{_THOUSANDS}"),
    ("from_7000", rf"[789]{_THOUSANDS}"),
    ("from_10000", r"1억(?: ?[1-4]천 ?(?:만원|만)?|원)?"),
    ("from_15000", r"1억 ?[5-9]천 ?(?:만원|만)?|2억(?: ?[1-9]천 ?(?:만원|만)?|원)?"),
    ("from_30000", r"[3-9]억(?: ?[1-9]천 ?(?:만원|만)?|원)?"),
)
_UNKNOWN = ("", "-", "미기재", "비공개", "무관", "상관없음")
# A row that counts the people above it: "합계 24명", "Total: 24".
_FOOTER = re.compile(r"(?:합계|총계|총원|소계|총|계|total|sum) ?:? ?[\d,]* ?(?:명|인|건)?", re.IGNORECASE)
_LAST_ROWS = 3
_HEIGHT = r"(\d{3}(?:\.\d+)?) ?(?:cm)?"
_MOST_TEXTS = 40
_MOST_LOOKED_AT = 1_000
_LONGEST = 30


# What a person can say that a column is. Sensitive facts are not among them: they need consents, which only a mapping
# states.
COLUMN_ITEMS: Sequence[str] = (
    *_MEMBER,
    *_SEEKS,
    *(code for code, attribute in VOCABULARY.items() if code not in _MEMBER and not attribute.sensitive),
    *(f"wishes.{code}" for code in _WISHES),
)
_NEEDED = ("name", "gender", "birth_year")

# Recognised columns without which a row of names may be no row of names, but somebody's data.
_LEAST_RECOGNISED = 2
NOT_CHOSEN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class OpenColumns:
    """The columns whose names are not known, with their values; the items that no column was found for, by code with
    their English names; and whether enough columns were recognised for the row of names to be one."""

    values: Mapping[str, Sequence[str]]
    items: Mapping[str, str]
    recognised: bool


def open_columns(table: SheetTable) -> OpenColumns:
    """What a suggested mapping leaves open."""
    return _Suggestion(table, "").open()


def require_column_items(chosen: Mapping[str, str]) -> None:
    """`BadFile` unless the chosen items, by column, are known, each is of one column, and none that every person needs
    is left out."""
    items = [item for item in chosen.values() if item]
    for item in items:
        if item not in COLUMN_ITEMS:
            template = N_("{item} cannot be chosen here: say in the mapping which column it is")
            raise BadFile(template, item=shown_text(item, at_most=_LONGEST))
        if items.count(item) > 1:
            raise BadFile(N_("{item} is chosen for two columns: choose it for one of them"), item=item)
    if missing := [item for item in _NEEDED if item not in items]:
        raise BadFile(N_("choose the column of each of these: {missing}"), missing=Listed(missing))


def suggested_mapping(
    table: SheetTable, title: str, proposed: Mapping[str, str] = NOT_CHOSEN, chosen: Mapping[str, str] = NOT_CHOSEN
) -> str:
    """Suggest a mapping in TOML, of members as drafts, for the table's columns; a person must check it before use.

    `chosen`: what a person says that the columns are, of `COLUMN_ITEMS`; then nothing is recognised by its name.
    Columns that are not recognised are in `left_out` and in a comment, as are answers without a code.
    Facts that need the member's consent are written as comments. Answers are listed for columns with few of them;
    digits that may be a resident number never are.
    """
    return "\n".join(_Suggestion(table, title, proposed, chosen).lines()) + "\n"


def column_synonyms() -> frozenset[str]:
    """Every column name that a suggestion recognises as it is written."""
    names = [*_MEMBER.values(), *_SEEKS.values(), *_fact_names().values(), *_WISHES.values()]
    return frozenset(word for synonyms in names for word in synonyms.split())


class _Suggestion:
    def __init__(
        self,
        table: SheetTable,
        title: str,
        proposed: Mapping[str, str] = NOT_CHOSEN,
        chosen: Mapping[str, str] = NOT_CHOSEN,
    ) -> None:
        self._title = title
        self._places = {column: place for place, column in enumerate(table.header)}
        if chosen:
            self._choose(chosen)
        else:
            self._recognise(table.header)
        used = self._used()
        self._found = len(self._member) + len(self._facts)
        used += self._take(proposed, {*used, *self._facts.values()})
        self._sensitive = {code: name for code, name in self._facts.items() if VOCABULARY[code].sensitive}
        self._footers = dict(_footers(table, self._places.get(self._member.get("gender", ""))))
        people = [row for row in table.rows if row.number not in self._footers]
        self._table = replace(table, rows=people)
        counted = {column for column, _ in self._footers.values()}
        self._left = [name for name in table.header if name not in {*used, *self._facts.values(), *counted}]

    def _recognise(self, header: Sequence[str]) -> None:
        """Take columns by their names."""
        self._wishes = _recognised(header, _WISHES, ())
        self._member = _recognised(header, _MEMBER, self._wishes.values())
        self._seeks = _recognised(header, _SEEKS, self._member.values()).get("seeks", "")
        self._facts = _recognised(header, _fact_names(), self._used())

    def _used(self) -> list[str]:
        """The columns of wishes and of what is no fact."""
        return [*self._wishes.values(), *self._member.values(), *filter(None, [self._seeks])]

    def _choose(self, chosen: Mapping[str, str]) -> None:
        """Take columns for what a person says that they are."""
        columns = {item: column for column, item in chosen.items() if item and column in self._places}
        self._wishes = {code: columns[f"wishes.{code}"] for code in _WISHES if f"wishes.{code}" in columns}
        self._member = {code: columns[code] for code in _MEMBER if code in columns}
        self._seeks = columns.get("seeks", "")
        self._facts = {code: columns[code] for code in _fact_names() if code in columns}

    def _take(self, proposed: Mapping[str, str], used: set[str]) -> list[str]:
        """Take the proposed columns in that are not taken, for items that have none; return them."""
        self._proposed = {
            code: column
            for code, column in proposed.items()
            if column in self._places and column not in used and code not in {**self._member, **self._facts}
        }
        for code, column in self._proposed.items():
            (self._member if code in _MEMBER else self._facts)[code] = column
        return list(self._proposed.values())

    def open(self) -> OpenColumns:
        """What is not recognised."""
        names = {**{code: code.replace("_", " ") for code in _MEMBER}, **_fact_labels()}
        return OpenColumns(
            values={column: list(map(plain_text, self._cells(column))) for column in self._left},
            items={code: name for code, name in names.items() if code not in {**self._member, **self._facts}},
            recognised=self._found >= _LEAST_RECOGNISED,
        )

    def _cells(self, column: str) -> Iterator[str]:
        return _cells(self._table.rows[:_MOST_LOOKED_AT], self._places.get(column))

    def lines(self) -> Iterator[str]:
        yield "# 열 이름으로 만든 초안입니다. 확인하고 고친 뒤 쓰세요. / A draft from the headers: check and edit it."
        for code, column in self._proposed.items():
            yield f"# 기계가 제안함, 확인하세요 / proposed by a machine, check it: {_quoted(column)} = {code}"
        for column in self._left:
            yield f"# 알 수 없는 열 / not understood: {_quoted(column)}"
        yield f"title = {_quoted(self._title)}"
        if self._table.sheet:
            yield from self._other_sheets()
            yield f"sheet = {_quoted(self._table.sheet)}"
        yield f"header_row = {self._table.header_row}"
        yield 'status = "draft"'
        yield f"unknown = [{', '.join(map(_quoted, _UNKNOWN))}]"
        left = [*self._left, *self._sensitive.values()]
        yield f"left_out = [{', '.join(map(_quoted, left))}]"
        yield from _consents_in_comments(["terms", "privacy", *(["sensitive"] if self._sensitive else [])])
        yield from self._footer_lines()
        yield from self._member_lines()
        for code, column in self._facts.items():
            lines = list(self._fact_lines(VOCABULARY[code], column))
            if code in self._sensitive:
                yield ""
                yield "# 민감정보: [consents]에 sensitive를 적은 뒤 left_out에서 빼고 주석을 푸세요."
                yield "# Sensitive: write sensitive in [consents], take it out of left_out, and uncomment it."
                lines = [f"# {line}" for line in lines if line]
            yield from lines
        for code, column in self._wishes.items():
            yield from _wish_lines(code, column)

    def _other_sheets(self) -> Iterator[str]:
        if self._table.other_sheets:
            others = ", ".join(map(_quoted, self._table.other_sheets[:_MOST_TEXTS]))
            yield "# 아래 시트만 읽었습니다. 나머지는 --sheet로 읽으세요. / Only this one was read; see --sheet."
            yield f"# {others}"

    def _footer_lines(self) -> Iterator[str]:
        for number, (column, text) in self._footers.items():
            yield ""
            yield f"# {number}행은 회원이 아니라 합계로 보입니다. / Row {number} looks like a total, not like a person."
            yield "[[refuse]]"
            yield f"column = {_quoted(column)}"
            yield f'because = {{ {_quoted(text)} = "합계 행" }}'

    def _member_lines(self) -> Iterator[str]:
        yield ""
        yield "[member]"
        for name in _MEMBER:
            column = self._member.get(name)
            if column is None:
                if name in ("name", "gender", "birth_year"):
                    yield f'{name} = {{ column = "?"{_unit(name)} }}  # 열을 찾지 못했습니다 / no such column was found'
                continue
            values = self._genders(column, opposite=False) if name == "gender" else ""
            yield f"{name} = {{ column = {_quoted(column)}{_unit(name)}{values} }}"
        gender = self._member.get("gender", "?")
        if self._seeks:
            yield from self._seeks_lines(gender)
            return
        yield "# 이성을 소개받는 것으로 적었습니다. 다르면 고치세요. / Taken to seek the other gender: correct it."
        yield f"seeks = {{ column = {_quoted(gender)}{self._genders(gender, opposite=True)} }}"

    def _seeks_lines(self, gender: str) -> Iterator[str]:
        """The genders sought: by the column for them, and where that is blank the other one than the own."""
        own = self._gender_codes(gender)
        answers: dict[str, list[str]] = {text: [_OPPOSITE[code]] for text, code in own.items()}
        for text in self._texts(self._seeks):
            sought = _sought(text)
            if sought is None:
                yield f"# 읽지 못하는 값 / not understood: {_quoted(text)}"
                continue
            answers |= {f"{text} {each}": sought for each in own}
        pairs = ", ".join(f"{_quoted(text)} = {json.dumps(codes)}" for text, codes in answers.items())
        yield "# 비어 있으면 이성을 소개받는 것으로 적었습니다. / Left blank, it is taken to be the other gender."
        yield f"seeks = {{ column = [{_quoted(self._seeks)}, {_quoted(gender)}], values = {{ {pairs} }} }}"

    def _gender_codes(self, column: str) -> Mapping[str, str]:
        words = _words(GENDER)
        texts = [text for text in self._texts(column) if _key(text) in words] or ["남", "여"]
        return {text: words[_key(text)] for text in texts}

    def _genders(self, column: str, *, opposite: bool) -> str:
        codes = self._gender_codes(column)
        pairs = [f"{_quoted(text)} = {_quoted(_OPPOSITE[code] if opposite else code)}" for text, code in codes.items()]
        return f", values = {{ {', '.join(pairs)} }}"

    def _fact_lines(self, attribute: Attribute, column: str) -> Iterator[str]:
        yield ""
        yield f"[facts.{attribute.code}]"
        yield f"column = {_quoted(column)}"
        if attribute.is_number:
            yield f"take = '{_HEIGHT}'"
            yield 'unit = "cm"'
            yield from self._unread(column, re.compile(_HEIGHT).fullmatch)
            return
        if attribute.code == "region" and not _labels(attribute).issuperset(self._all_texts(column)):
            yield f"take = {_REGION}"
            yield from self._unread(column, _region_named)
            return
        if attribute.kind is Kind.SET:
            yield 'separator = ","'
        yield from self._answer_lines(attribute, column)

    def _answer_lines(self, attribute: Attribute, column: str) -> Iterator[str]:
        words = _words(attribute)
        texts = self._pieces(column) if attribute.kind is Kind.SET else set(self._texts(column))
        if attribute.kind is Kind.SET and texts <= _labels(attribute):
            return  # The vocabulary's own words are read without a table, however many there are.
        if attribute.code == "income_band":
            yield f"[facts.{attribute.code}.patterns]"
            for code, pattern in _INCOME:
                yield f"'{pattern}' = {_quoted(code)}"
            yield from self._income_values(column, words)
            return
        yield f"[facts.{attribute.code}.values]"
        for text in sorted(texts - {*_UNKNOWN}):
            known = words.get(_key(text))
            yield f"{_quoted(text)} = {_quoted(known)}" if known else f'# {_quoted(text)} = "?"'

    def _income_values(self, column: str, words: Mapping[str, str]) -> Iterator[str]:
        patterns = re.compile("|".join(pattern for _, pattern in _INCOME))
        texts = [text for text in self._all_texts(column) if text not in _UNKNOWN and not patterns.fullmatch(text)]
        if texts:
            yield "[facts.income_band.values]"
        for text in texts[:_MOST_TEXTS]:
            known = words.get(_key(text))
            yield f"{_quoted(text)} = {_quoted(known)}" if known else f'# {_quoted(text)} = "?"'

    def _unread(self, column: str, reads: Callable[[str], object]) -> Iterator[str]:
        """The texts that the suggestion does not read, as comments."""
        texts = [text for text in self._all_texts(column) if text not in _UNKNOWN and not reads(text)]
        # An address by its first word only: a mapping is kept and passed on.
        for text in sorted({text.split()[0] for text in texts})[:_MOST_TEXTS]:
            yield f"# 읽지 못하는 값 / not understood: {_quoted(text)}"

    def _pieces(self, column: str) -> set[str]:
        """The answers in a column that has several in a cell, without long ones and possible personal data."""
        cells = _cells(self._table.rows, self._places.get(column))
        pieces = {plain_text(piece) for cell in cells for piece in cell.split(",")}
        return {piece for piece in pieces if piece and _may_be_shown(piece)}

    def _texts(self, column: str) -> Sequence[str]:
        """The column's distinct texts, unless there are too many."""
        texts = self._all_texts(column)
        return texts if len(texts) <= _MOST_TEXTS else ()

    def _all_texts(self, column: str) -> Sequence[str]:
        """The column's distinct texts, without long ones and possible personal data."""
        texts = {plain_text(cell) for cell in _cells(self._table.rows, self._places.get(column))}
        return sorted(text for text in texts if text and _may_be_shown(text))


def _consents_in_comments(purposes: Sequence[str]) -> Iterator[str]:
    yield ""
    yield '# 동의: status를 "pending"이나 "active"로 바꾸려면, 동의한 약관의 버전과 날짜를 적고 아래 주석을 푸세요.'
    yield '# Consents: for status "pending" or "active" write what members agreed to, and when, and uncomment it.'
    yield from (f"# {line}" for line in consent_lines(purposes).splitlines())


def _footers(table: SheetTable, gender: int | None) -> Iterator[tuple[int, tuple[str, str]]]:
    """The numbers of the last rows that are totals, each with the column and the text that say so."""
    genders = _words(GENDER)
    for row in table.rows[-_LAST_ROWS:]:
        if gender is not None and _key(row.cells[gender]) in genders:
            continue
        for column, cell in zip(table.header, row.cells, strict=True):
            if _FOOTER.fullmatch(text := plain_text(cell)):
                yield row.number, (column, text)
                break


def _may_be_shown(text: str) -> bool:
    """Whether a text is one of the vocabulary, or short enough to be another answer, and no resident number."""
    return text in _LABELS or (len(text) <= _LONGEST and shown_text(text, at_most=_LONGEST) == text)


def _labels(attribute: Attribute) -> set[str]:
    return {word for value in attribute.values for word in (value.en, value.ko, value.code)}


_LABELS = frozenset(label for attribute in VOCABULARY.values() for label in _labels(attribute))


def _sought(text: str) -> list[str] | None:
    """The genders that a text names, or None."""
    if _key(text) in _EITHER:
        return list(_OPPOSITE)
    words = _words(GENDER)
    named = [words.get(_key(piece)) for piece in re.split(r"[,/·]", text)]
    codes = [code for code in named if code is not None]
    return codes if codes and len(codes) == len(named) else None


def _region_named(text: str) -> bool:
    found = re.fullmatch(_REGION.strip("'"), text)
    return found is not None and _key(found[1]) in _words(VOCABULARY["region"])


def _cells(rows: Sequence[Row], place: int | None) -> Iterator[str]:
    for row in rows if place is not None else ():
        if not row.faults:
            yield row.cells[place or 0]


def _recognised(header: Sequence[str], names: Mapping[str, str], used: Iterable[str]) -> dict[str, str]:
    taken = set(used)
    found: dict[str, str] = {}
    for code, synonyms in names.items():
        known = {_key(word) for word in synonyms.split()}
        for column in header:
            if _key(column) in known and column not in taken:
                found[code] = column
                taken.add(column)
                break
    return found


def _fact_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, attribute in VOCABULARY.items():
        if code not in _MEMBER:
            own = [name.replace(" ", "") for name in (attribute.ko, attribute.en, code)]
            names[code] = " ".join([_FACTS.get(code, ""), *own])
    return names


def _fact_labels() -> dict[str, str]:
    return {code: attribute.en for code, attribute in VOCABULARY.items() if code not in _MEMBER}


def _words(attribute: Attribute) -> dict[str, str]:
    """The attribute's codes, by the words that people write for them."""
    words = {_key(word): value.code for value in attribute.values for word in (value.en, value.ko, value.code)}
    # 요가·필라테스 is either of the two; English names join with "and", which is both: a dog and a cat.
    parts = {_key(part): value.code for value in attribute.values for part in value.ko.split("·")}
    return parts | words | {_key(word): code for word, code in _ANSWERS.get(attribute.code, {}).items()}


def _wish_lines(code: str, column: str) -> Iterator[str]:
    yield ""
    yield "[[wishes]]"
    yield f'attribute = "{code}"'
    yield 'importance = "strong"'
    if code == "region":
        yield f'among = {{ column = {_quoted(column)}, separator = "," }}'
    else:
        yield f'range = {{ column = {_quoted(column)}, unit = "{"year" if code == "birth_year" else "cm"}" }}'


def _unit(name: str) -> str:
    return ', unit = "year"' if name == "birth_year" else ""


def _key(text: str) -> str:
    return re.sub(r"[\s_\-*:]|\((?:cm|만원|필수)\)", "", text).casefold()


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(shown_text(text, at_most=200), ensure_ascii=False)
