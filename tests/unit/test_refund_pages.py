"""An assessed refund on one page of PDF, read back with another library."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from ygs.adapters.pages.not_configured import NoPages
from ygs.adapters.pages.reportlab_pages import ReportlabPages
from ygs.application.memberships.refund_views import RefundAssessmentView, refund_page
from ygs.domain.errors import BadFile, NotSetUp
from ygs.domain.matching.attribute import Language
from ygs.domain.text import NOTE_LENGTH
from ygs.entrypoints.testing.builders import a_refund
from ygs.ports.page_printer import PrintedPage


def printed(language: Language = Language.KO, evidence: str = "회원이 전화로 해지를 요청함") -> tuple[int, str]:
    """The number of pages, and everything that can be read on them, without the breaks of lines."""
    assessed = RefundAssessmentView.of(a_refund(evidence=evidence))
    reader = PdfReader(BytesIO(ReportlabPages().pdf(refund_page(assessed, language))))
    text = " ".join(page.extract_text() for page in reader.pages)
    return len(reader.pages), " ".join(text.split())


def test_every_step_the_result_and_the_notice_are_on_one_page_in_hangul() -> None:
    pages, text = printed()
    assert pages == 1
    for words in (
        "환급금 계산서",
        f"멤버십 번호: {a_refund().membership_id}",
        "가입비 3,600,000원 × 80% × 10 / 13 2,215,384.61…",
        "돌려줄 금액: 2,215,384원",
        "해지 사유: 회원 사정. 근거: 회원이 전화로 해지를 요청함",
        "법률 자문이 아닙니다",
    ):
        assert words in text, text


def test_it_is_there_in_english_too() -> None:
    _, text = printed(Language.EN)
    assert "To be paid back: 2,215,384 won." in text
    assert "no legal advice" in text


@pytest.mark.parametrize("letter", ["뷁", "가 ", "W"])
def test_the_longest_evidence_still_fits_on_the_page(letter: str) -> None:
    evidence = (letter * NOTE_LENGTH)[: NOTE_LENGTH - 1] + "끝"
    pages, text = printed(evidence=evidence)
    assert pages == 1
    assert text.replace(" ", "").count(letter.strip()) >= evidence.count(letter.strip())
    assert "끝" in text


def test_the_same_page_gives_the_same_bytes_and_one_that_is_too_long_is_refused() -> None:
    page = PrintedPage(title="가", facts=(), rows=(), result="나", notes=("다" * 20_000,))
    with pytest.raises(BadFile, match="too long"):
        ReportlabPages().pdf(page)
    short = PrintedPage(title="가", facts=(), rows=(("라", "1"),), result="나", notes=())
    assert ReportlabPages().pdf(short) == ReportlabPages().pdf(short)
    with pytest.raises(NotSetUp, match=r"ygs\[pdf\]"):
        NoPages().pdf(short)
