"""Printing of one page for people, as PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPage:
    """What stands on the page, from top to bottom. `rows`: sentences, each with the amount at the right or ""."""

    title: str
    facts: Sequence[str]
    rows: Sequence[tuple[str, str]]
    result: str
    notes: Sequence[str]


class PagePrinter(Protocol):
    """Makes PDF files of one page."""

    def pdf(self, page: PrintedPage) -> bytes:
        """The page as PDF, A4, its text searchable; long texts make the letters smaller. The same page gives the same
        bytes. `NotSetUp` where no PDF can be made."""
        ...
