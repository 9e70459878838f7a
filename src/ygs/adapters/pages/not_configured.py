"""Pages without anything to print them."""

from ygs.domain.errors import N_, NotSetUp
from ygs.ports.page_printer import PrintedPage


class NoPages:
    """`PagePrinter` where the extra `pdf` is not installed."""

    def pdf(self, page: PrintedPage) -> bytes:
        """Always `NotSetUp`."""
        raise NotSetUp(N_("no PDF can be made here: pip install 'ygs[pdf]'"))
