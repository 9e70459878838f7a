"""Rejections of rows: why a row of a file is not imported, with texts in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ygs.application.messages.translate import term
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.text import shown_text

SHOWN = 60
_WISH = "wishes."


class RejectionReason(StrEnum):
    """The reason of a rejection; `label` gives it in words."""

    UNNAMED_COLUMN = "unnamed_column"
    CELL_ERROR = "cell_error"
    UNCOMPUTED = "uncomputed"
    RESIDENT_NUMBER = "resident_number"
    LEFT_OUT = "left_out"
    NOT_TOLD = "not_told"
    NOT_LISTED = "not_listed"
    NO_NUMBER = "no_number"
    IMPOSSIBLE = "impossible"
    RULE = "rule"
    SAME_PHONE = "same_phone"
    SAME_PERSON = "same_person"

    def label(self, language: Language) -> str:
        """The reason in words, with what to do about it."""
        return _LABELS[self][language is Language.EN]


_LABELS: Mapping[RejectionReason, tuple[str, str]] = {
    RejectionReason.UNNAMED_COLUMN: (
        "이름 없는 열에 값이 있습니다. 열에 이름을 붙이거나 값을 지우세요",
        "has a text in a column without a name; name the column, or delete the text",
    ),
    RejectionReason.CELL_ERROR: (
        "셀에 오류가 표시되어 있습니다. 엑셀에서 값을 바로잡으세요",
        "is an error in the sheet; correct it in Excel",
    ),
    RejectionReason.UNCOMPUTED: (
        "계산 결과가 저장되지 않은 수식입니다. 엑셀에서 열어 다시 저장하세요",
        "is a formula without a result; open the file in Excel and save it again",
    ),
    RejectionReason.RESIDENT_NUMBER: (
        "주민등록번호가 들어 있습니다. 지우거나 뒷자리를 가리세요",
        "holds a resident registration number; delete it, or mask its second half",
    ),
    RejectionReason.LEFT_OUT: ("매핑에서 제외하도록 한 행입니다", "is left out by the mapping"),
    RejectionReason.NOT_TOLD: ("꼭 필요한 값이 비어 있습니다", "is needed, and empty"),
    RejectionReason.NOT_LISTED: (
        "매핑에 없는 값입니다",
        "is not in the mapping; correct it, or map it",
    ),
    RejectionReason.NO_NUMBER: ("숫자가 아닙니다", "is not a number"),
    RejectionReason.IMPOSSIBLE: ("있을 수 없는 값입니다", "cannot be true"),
    RejectionReason.RULE: ("규칙에 어긋납니다", "breaks a rule"),
    RejectionReason.SAME_PHONE: ("같은 전화번호의 회원이 있습니다", "somebody has that phone"),
    RejectionReason.SAME_PERSON: (
        "이름·성별·출생 연도가 같은 회원이 있습니다",
        "somebody has that name, gender and birth year",
    ),
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason why a row is not imported.

    `detail`: the code of the attribute, with its limits if any, the cell, or the broken rule in words.
    `shown`: the text of the cell, for the person who imports, never for a log. `twin`: the id of the user, or the
    number of the row, that the row duplicates.
    """

    row: int
    column: str
    why: RejectionReason
    detail: str = ""
    shown: str = ""
    twin: str = ""


def detail_in_words(detail: str, language: Language) -> str:
    """The detail of a rejection, with attributes by their names instead of their codes."""
    code, separator, rest = detail.removeprefix(_WISH).partition(": ")
    attribute = VOCABULARY.get(code)
    if attribute is not None:
        name = attribute.ko if language is Language.KO else attribute.en
    else:
        name = term(code, language)
    wish = f"{term('wishes', language)}: " if detail.startswith(_WISH) else ""
    return f"{wish}{name}{separator}{rest}"


def shown(text: str) -> str:
    """The part of a text that a rejection shows."""
    return shown_text(text, at_most=SHOWN)


class RefusedRow(Exception):
    """A row that cannot become a user, with at least one reason."""

    def __init__(self, *verdicts: Rejection) -> None:
        self.verdicts = verdicts
        super().__init__(*(verdict.why for verdict in verdicts))
