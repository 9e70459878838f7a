"""An assessed refund on one page of PDF, read back with another library."""

import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from typing import Any

import pylopdf_fonts_ko
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from pypdf import PdfReader

from ygs.adapters.pages.fpdf_pages import MARGIN, SIZES, WIDTH, FpdfPages
from ygs.adapters.pages.not_configured import NoPages
from ygs.application.memberships.refund_views import RefundAssessmentView, refund_page
from ygs.domain.errors import BadFile, NotSetUp
from ygs.domain.matching.attribute import Language
from ygs.domain.text import NOTE_LENGTH
from ygs.entrypoints.testing.builders import a_refund
from ygs.ports.page_printer import PrintedPage


def printed(language: Language = Language.KO, evidence: str = "회원이 전화로 해지를 요청함") -> tuple[int, str]:
    """The number of pages, and everything that can be read on them, without the breaks of lines."""
    assessed = RefundAssessmentView.of(a_refund(evidence=evidence))
    reader = PdfReader(BytesIO(FpdfPages().pdf(refund_page(assessed, language))))
    return len(reader.pages), " ".join(" ".join(map(read, reader.pages)).split())


def read(page: Any) -> str:
    """The text of a page. The font's codes have two bytes, of which pypdf takes the first, a zero, for a letter."""
    return str(page.extract_text()).replace("\0", "")


def test_every_step_the_result_and_the_notice_are_on_one_page_in_hangul() -> None:
    pages, text = printed()
    assert pages == 1
    for words in (
        "환급금 계산서",
        f"멤버십 번호: {a_refund().membership_id}",
        "가입비 3,600,000원 × 80% × 10 / 13",
        "2,215,384.61…",
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
        FpdfPages().pdf(page)
    short = PrintedPage(title="가", facts=(), rows=(("라", "1"),), result="나", notes=())
    assert FpdfPages().pdf(short) == FpdfPages().pdf(short)
    with pytest.raises(NotSetUp, match=r"ygs\[pdf\]"):
        NoPages().pdf(short)


def embedded(pdf: bytes) -> dict[str, int]:
    """Of every font of a PDF: how many of its letters are drawn by outlines in the file, 0 where it is not embedded."""
    fonts = dict[str, int]()
    for page in PdfReader(BytesIO(pdf)).pages:
        for each in page["/Resources"]["/Font"].values():  # type: ignore[index] # a dictionary of a PDF
            (font,) = each.get_object().get("/DescendantFonts", [each])
            descriptor = font.get_object()["/FontDescriptor"]
            outlines = CFFFontSet()
            outlines.fontNames = []
            if file := descriptor.get("/FontFile3"):
                outlines.decompile(BytesIO(file.get_object().get_data()), otFont=None)
            fonts[str(each["/BaseFont"])] = sum(_drawn(outlines[name]) for name in outlines.fontNames)
    return fonts


def _drawn(outlines: Any) -> int:
    drawn = 0
    for name in outlines.CharStrings.keys():  # noqa: SIM118 - it is no mapping
        pen = RecordingPen()
        outlines.CharStrings[name].draw(pen)
        drawn += bool(pen.value)
    return drawn


@pytest.mark.parametrize("language", Language)
def test_the_letters_are_in_the_file_for_readers_without_a_korean_font(language: Language) -> None:
    page = refund_page(RefundAssessmentView.of(a_refund(evidence="뷁: 회원이 전화로 해지를 요청함")), language)
    (drawn,) = embedded(FpdfPages().pdf(page)).values()
    texts = [page.title, page.result, *page.facts, *page.notes, *(text for row in page.rows for text in row)]
    assert drawn >= len(set("".join(texts)) - {" ", "\n"})


def test_pages_that_are_printed_at_once_keep_their_own_letters() -> None:
    pages = [
        PrintedPage(title=each * 3, facts=(), rows=(), result=each, notes=(each * 200,)) for each in "가나다라마바"
    ]
    alone = [FpdfPages().pdf(page) for page in pages]
    with ThreadPoolExecutor(len(pages)) as threads:
        assert list(threads.map(FpdfPages().pdf, pages)) == alone


def test_amounts_end_at_the_right_margin_whatever_else_is_on_the_page() -> None:
    def begins(sentence: str) -> float:
        page = PrintedPage(title="가", facts=(), rows=((sentence, "777"),), result="다", notes=())
        contents = PdfReader(BytesIO(FpdfPages().pdf(page))).pages[0].get_contents()
        assert contents is not None
        return max(float(x) for x in re.findall(rb"BT ([0-9.]+) ", contents.get_data()))

    assert begins("라") == begins("777") == pytest.approx(WIDTH - MARGIN - 3 * 0.555 * SIZES[0], abs=0.02)


def test_a_letter_that_the_font_lacks_keeps_no_page_from_being_printed() -> None:
    page = PrintedPage(title="가\N{GRINNING FACE}나", facts=(), rows=(), result="다", notes=())
    assert "가" in read(PdfReader(BytesIO(FpdfPages().pdf(page))).pages[0])


def test_the_font_is_the_one_that_its_project_published() -> None:
    published = "69975a0ac8472717870aefeab0a4d52739308d90856b9955313b2ad5e0148d68"
    assert sha256(pylopdf_fonts_ko.sans_path().read_bytes()).hexdigest() == published
