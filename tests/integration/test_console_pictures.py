"""The pictures of the console that the README shows, taken anew by `make pictures` (needs Chromium)."""

from pathlib import Path

import pytest

from tests.integration.test_console_browser import CHROMIUM, console, screen, sign_in
from ygs.domain.matching.attribute import Language

IMAGES = Path(__file__).parents[2] / "docs/images"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.opt_in,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]


@pytest.mark.parametrize(("language", "name"), [(Language.EN, "week-desk-en"), (Language.KO, "today-ko")])
async def test_the_pictures_of_the_readme_are_taken(tmp_path: Path, language: Language, name: str) -> None:
    async with console(tmp_path) as (address, staff), screen(address, staff, language, 1280) as shown:
        page = shown.page
        await sign_in(shown)
        await page.goto(f"{address}/console/weeks")
        await shown.press("Create a match week")
        await page.wait_for_url("**/weeks/mw_*")
        await shown.press("Lock")
        await shown.press("Plan")
        await page.wait_for_selector("#pairs table", timeout=60_000)
        if name.startswith("today"):
            await page.goto(f"{address}/console/")
        await page.screenshot(path=IMAGES / f"{name}.png")
        assert shown.faults == []
