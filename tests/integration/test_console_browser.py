"""The console in a real browser: an agency's week through the screens, in both languages, wide and narrow.

Needs Chromium, which `make setup` does not install; skipped without it.
"""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
import uvicorn
from pydantic import SecretStr

from tests.support.http import World, populate, served
from tests.unit.test_console_permissions import filled, routes
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.actors import Actor
from ygs.application.messages.translate import translate
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.jobs import JobKind, JobState
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import ReadKind
from ygs.domain.users import Status
from ygs.entrypoints.cli.demo_club import DemoStaff, add_staff
from ygs.entrypoints.http.app import create
from ygs.entrypoints.testing.contracts.jobs import a_job
from ygs.entrypoints.workers import working
from ygs.ports.storage import Storage
from ygs.settings import Settings

playwright = pytest.importorskip("playwright.async_api")
axe = pytest.importorskip("axe_playwright_python.async_playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WAITING = 4
COLLEAGUE = "010-2345-6780"
MEMBERS = 60

pytestmark = [
    pytest.mark.long,
    pytest.mark.opt_in,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]


@dataclass
class Screen:
    """A browser's page on a console, and what went wrong in it."""

    page: Any
    address: str
    language: Language
    staff: DemoStaff
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors in scripts, violations of the policy, and requests to other hosts."""
        self.page.on("console", lambda each: self._note(each.text, at_fault=each.type == "error"))
        self.page.on("pageerror", lambda each: self._note(str(each), at_fault=True))
        ours = (self.address, "data:")
        self.page.on("request", lambda each: self._note(each.url, at_fault=not each.url.startswith(ours)))

    def _note(self, fault: str, *, at_fault: bool) -> None:
        if at_fault:
            self.faults.append(fault)

    def say(self, message: str) -> str:
        """A message in the language of this browser."""
        return translate(message, self.language)

    async def press(self, message: str) -> None:
        """Press the first button or link of that message."""
        name = re.compile(f"^{re.escape(self.say(message))}( [a-z])?$")
        found = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        await found.first.click()

    async def look_if(self, scripts: bool) -> None:
        """As `look`, which needs scripts, where they run."""
        if scripts:
            await self.look()

    async def look(self) -> None:
        """Nothing is wider than the window, and axe finds nothing serious, nor colours that do not contrast in dark."""
        wider = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{self.page.url} is {wider} pixels too wide"
        await self._find_nothing_serious({})
        await self.page.emulate_media(color_scheme="dark")
        await self._find_nothing_serious({"runOnly": ["color-contrast"]})
        await self.page.emulate_media(color_scheme="light")

    async def _find_nothing_serious(self, options: dict[str, Any]) -> None:
        found = await axe.Axe().run(self.page, options=options)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert serious == [], (self.page.url, [(each["id"], each["nodes"][0]["html"]) for each in serious])


async def print_preview(shown: Screen) -> None:
    """On a sheet of A4, less its margins, there is nothing to press, and no part scrolls, which would be cut off."""
    page = shown.page
    screen_size = page.viewport_size
    await page.set_viewport_size({"width": 688, "height": 970})
    await page.emulate_media(media="print")
    assert await page.locator("nav:visible, form:visible, button:visible, input:visible").count() == 0
    cut = "Array.from(document.querySelectorAll('.scroll')).filter(e => getComputedStyle(e).overflowX !== 'visible')"
    assert await page.evaluate(f"{cut}.length") == 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= 688
    rows = "Array.from(document.querySelectorAll('tr')).filter(e => getComputedStyle(e).breakInside !== 'avoid')"
    assert await page.evaluate(f"{rows}.length") == 0
    await page.emulate_media(media="screen")
    await page.set_viewport_size(screen_size)


@asynccontextmanager
async def console(folder: Path, colleagues: list[DemoStaff] | None = None) -> AsyncIterator[tuple[str, DemoStaff]]:
    """A club behind a real server: its address, and its administrator; a second one is put into `colleagues`."""
    settings = Settings(data_folder=folder)
    async with build(settings, {Storage: MemoryStorage()}) as ygs:
        assert ygs.accounts
        async with ygs.storage.write() as tx:
            people = list(club(MEMBERS, seed=1, at=ygs.clock.now()))
            waiting = [replace(each, status=Status.PENDING) for each in people[:WAITING]]
            await tx.users.add_all([*waiting, *people[WAITING:]])
        staff = await add_staff(ygs)
        if colleagues is not None:
            colleagues.append(await add_colleague(ygs))
        async with serving(create(ygs)) as address, working(ygs.worker, ygs.dispatcher, ygs.deliverer):
            yield address, staff


async def add_colleague(ygs: Application) -> DemoStaff:
    """A second administrator, who can sign in at once."""
    assert ygs.accounts
    operator, password = Actor.operator(), "green lamp beside seven rivers"
    request = PhoneAndPassword(
        name="박동료",
        phone=COLLEAGUE,
        password=SecretStr(password),
        birth_year=1984,
        gender="male",
        seeks=frozenset({"female"}),
    )
    made = await ygs.accounts.sign_up.administrator(operator, request)
    return DemoStaff(COLLEAGUE, password, await ygs.accounts.second_factor.give(operator, made))


@asynccontextmanager
async def screen(
    address: str, staff: DemoStaff, language: Language, width: int, *, scripts: bool = True
) -> AsyncIterator[Screen]:
    """A browser of that width and language at the console."""
    async with playwright.async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, locale=language.value, java_script_enabled=scripts
        )
        shown = Screen(await context.new_page(), address, language, staff)
        shown.watch()
        yield shown
        await browser.close()


async def sign_in(shown: Screen) -> None:
    await shown.page.goto(f"{shown.address}/console/")
    await shown.page.fill("[name=phone]", shown.staff.phone)
    await shown.page.fill("[name=password]", shown.staff.password)
    await shown.press("Sign in")
    await shown.page.fill("[name=code]", pyotp.TOTP(shown.staff.key).now())
    await shown.press("Continue")
    await shown.page.wait_for_url("**/console/")


@pytest.mark.parametrize(("language", "width"), [(Language.KO, 1440), (Language.EN, 390)])
async def test_a_week_is_lived_through_the_screens(tmp_path: Path, language: Language, width: int) -> None:
    async with console(tmp_path) as (address, staff), screen(address, staff, language, width) as shown:
        page = shown.page
        await sign_in(shown)
        await shown.look()
        await review_three(shown)
        await page.goto(f"{address}/console/weeks")
        await shown.look()
        await shown.press("Create a match week")
        await page.wait_for_url("**/weeks/mw_*")
        await shown.press("Lock")
        await shown.press("Plan")
        await page.wait_for_selector("#pairs table", timeout=60_000)
        await shown.look()
        await print_preview(shown)
        await override(shown)
        page.on("dialog", lambda asked: asyncio.ensure_future(asked.accept()))
        await shown.press("Publish")
        await page.get_by_text(shown.say("Published. The members have been told.")).wait_for(timeout=60_000)
        for path in ("unmatched", "compare"):
            await page.goto(f"{page.url.partition('?')[0].rstrip('/')}/{path}")
            await shown.look()
            await page.go_back()
        await shown.press("Sign out")
        await page.wait_for_url("**/sign-in")
        assert shown.faults == []


async def review_three(shown: Screen) -> None:
    """Approve one member by the keyboard and one by the button, and return one with a reason."""
    await shown.page.goto(f"{shown.address}/console/review")
    await shown.look()
    # A keyboard that is set to Hangul sends another letter by the same key.
    hangul = {"key": "ㅁ", "code": "KeyA", "bubbles": True}
    await shown.page.evaluate("sent => document.body.dispatchEvent(new KeyboardEvent('keydown', sent))", hangul)
    await counted(shown, WAITING - 1)
    await shown.press("Approve")
    await counted(shown, WAITING - 2)
    await shown.page.keyboard.press("r")
    await shown.page.keyboard.type("사진을 한 장 더 올려 주세요")
    await shown.press("Return")
    await counted(shown, WAITING - 3)


async def counted(shown: Screen, waiting: int) -> None:
    """Wait until so many are left in the queue."""
    words = translate("{place} of {count}", shown.language, place=1, count=waiting)
    await shown.page.get_by_text(words if waiting else shown.say("Nobody waits for review.")).wait_for()


async def override(shown: Screen) -> None:
    """Forbid the first pair, read its price, and take it back: the focus is on what was answered."""
    forbid = shown.page.locator("form:has([name=kind][value=forbid]) button").first
    await forbid.click()
    await shown.page.wait_for_selector("#price table")
    assert await shown.page.evaluate("document.activeElement.closest('#price') !== null")
    await shown.press("Take back")
    await shown.page.get_by_text(shown.say("No override. Every pair is as the plan has it.")).wait_for()


@pytest.mark.parametrize(
    ("language", "width", "scripts"), [(Language.KO, 1440, True), (Language.EN, 390, True), (Language.KO, 390, False)]
)
async def test_a_consultation_is_booked_through_the_screens(
    tmp_path: Path, language: Language, width: int, scripts: bool
) -> None:
    async with (
        console(tmp_path) as (address, staff),
        screen(address, staff, language, width, scripts=scripts) as shown,
    ):
        page = shown.page
        name = max(club(MEMBERS, seed=1, at=datetime.now(UTC)), key=lambda each: each.name).name
        page.on("dialog", lambda asked: asyncio.ensure_future(asked.accept()))
        await sign_in(shown)
        await page.goto(f"{address}/console/consultations")
        await shown.look_if(scripts)
        await shown.press("Open times and set hours")
        await shown.look_if(scripts)
        await shown.press("Open")
        await page.wait_for_url("**/consultations?first=*")
        await shown.look_if(scripts)
        await shown.press("free")
        await page.fill("[name=search]", name)
        await shown.press("Search")
        await shown.press("Book")
        await page.wait_for_url("**/consultations/cs_*")
        await page.get_by_text(name).first.wait_for()
        await shown.look_if(scripts)
        await page.fill("[name=notes]", "희망 나이를 함께 보기로 함")
        await shown.press("Write")
        await page.get_by_text(shown.say("The notes are kept.")).wait_for()
        await shown.press("To the member")
        await page.wait_for_url("**/members/usr_*")
        await page.go_back()
        await page.fill("[name=reason]", "회원이 전화함")
        await shown.press("Cancel the consultation")
        await page.get_by_text(shown.say("Cancelled. The time is free again, and both are notified.")).wait_for()
        assert shown.faults == []


@pytest.mark.parametrize(
    ("language", "width", "scripts"), [(Language.KO, 1440, True), (Language.EN, 390, True), (Language.KO, 390, False)]
)
async def test_an_export_is_requested_approved_by_another_and_downloaded(
    tmp_path: Path, language: Language, width: int, scripts: bool
) -> None:
    colleagues: list[DemoStaff] = []
    async with (
        console(tmp_path, colleagues) as (address, staff),
        screen(address, staff, language, width, scripts=scripts) as shown,
    ):
        await sign_in(shown)
        await shown.page.goto(f"{address}/console/exports")
        await shown.look_if(scripts)
        await shown.page.fill("form[action$='/exports/members'] [name=reason]", "감사 자료 제출")
        await shown.press("Request members")
        await shown.page.wait_for_url("**/exports/exp_*")
        export = shown.page.url
        await shown.look_if(scripts)
        async with screen(address, colleagues[0], language, width, scripts=scripts) as other:
            other.page.on("dialog", lambda asked: asyncio.ensure_future(asked.accept()))
            await sign_in(other)
            await other.page.goto(export)
            await other.look_if(scripts)
            await other.press("Approve the export")
            await other.page.get_by_text(
                other.say("Approved. The sheet is being written, for whoever requested it.")
            ).wait_for()
            assert other.faults == []
        await written(shown, export)
        await shown.look_if(scripts)
        async with shown.page.expect_download() as downloading:
            await shown.press("Download the sheet")
        sheet = tmp_path / "sheet.xlsx"
        await (await downloading.value).save_as(sheet)
        assert len(SheetFiles().read(str(sheet)).rows) == MEMBERS
        assert shown.faults == []


async def written(shown: Screen, export: str) -> None:
    """Load the page of an export until its sheet is there."""
    link = shown.page.get_by_role("link", name=shown.say("Download the sheet"))
    async with asyncio.timeout(30):
        while not await link.count():
            await asyncio.sleep(0.5)
            await shown.page.goto(export)


async def test_the_core_path_needs_no_scripts(tmp_path: Path) -> None:
    async with console(tmp_path) as (address, staff), screen(address, staff, Language.KO, 1440, scripts=False) as shown:
        await sign_in(shown)
        await shown.page.goto(f"{address}/console/weeks")
        for step in ("Create a match week", "Lock", "Plan"):
            await shown.press(step)
        await shown.page.wait_for_selector("#pairs table", timeout=60_000)
        await shown.page.locator("form:has([name=kind][value=forbid]) button").first.click()
        await shown.page.wait_for_selector("#price table")
        await shown.press("Back to the week")
        await shown.press("Publish")
        await shown.page.get_by_text(shown.say("Promises due")).wait_for(timeout=60_000)
        assert shown.faults == []


@pytest.mark.parametrize(("language", "width"), [(Language.KO, 390), (Language.EN, 1440)])
async def test_every_page_is_fit_to_be_read_in_light_and_dark(language: Language, width: int) -> None:
    async with served() as world, serving(world.app) as address:
        await populate(world)
        async with signed_in(world, "admin", address, language, width) as shown:
            for path in pages():
                await shown.page.goto(f"{address}/console{filled(world, path)}")
                await shown.look()
                if path == "/members/{id}":
                    await print_preview(shown)


@asynccontextmanager
async def signed_in(world: World, who: str, address: str, language: Language, width: int) -> AsyncIterator[Screen]:
    """A browser of somebody who has signed in."""
    async with screen(address, DemoStaff("", "", ""), language, width) as shown:
        token = world.headers[who]["Authorization"].removeprefix("Bearer ")
        await shown.page.context.add_cookies([{"name": "ygs-console", "value": f"{token}|none", "url": address}])
        yield shown


@pytest.mark.parametrize(("language", "width"), [(Language.KO, 1440), (Language.EN, 390)])
async def test_a_budget_of_reading_that_stopped_is_lifted_by_another(language: Language, width: int) -> None:
    async with served(read_limits={ReadKind.FULL: 1}) as world, serving(world.app) as address:
        await populate(world)
        member = f"{address}/console/members/{world.people['another_member'].id}"
        async with (
            signed_in(world, "consultant", address, language, width) as reader,
            signed_in(world, "admin", address, language, width) as other,
        ):
            await reader.page.goto(f"{address}/console/members/{world.people['owner'].id}")
            assert (await reader.page.goto(member)).status == 403
            await reader.look()
            await other.page.goto(f"{address}/console/health")
            await other.page.get_by_text(other.say("stopped"), exact=True).wait_for()
            await other.look()
            await other.page.fill("[name=reason]", "월말 점검")
            await other.press("Lift for today")
            await other.page.get_by_text(other.say("lifted")).first.wait_for()
            assert (await reader.page.goto(member)).status == 200
            assert other.faults == []


@pytest.mark.parametrize(("language", "width"), [(Language.KO, 390), (Language.EN, 1440)])
async def test_a_job_that_failed_is_found_on_today_tried_again_and_given_up(language: Language, width: int) -> None:
    failed = replace(a_job(950, kind=JobKind.MEETING_NOTICES), state=JobState.FAILED, error="unexpected")
    async with served() as world, serving(world.app) as address:
        await populate(world)
        async with world.ygs.storage.write() as tx:
            await tx.jobs.add(failed)
        async with signed_in(world, "consultant", address, language, width) as shown:
            for act in ("Try again", "Give it up"):
                await shown.page.goto(f"{address}/console/")
                await shown.look()
                await shown.page.locator("#failed-jobs a").first.click()
                await shown.page.wait_for_selector("#progress")
                await shown.look()
                await shown.press(act)
                async with world.ygs.storage.write() as tx:
                    job = await tx.jobs.get(failed.id)
                    if job.state is JobState.QUEUED:
                        await tx.jobs.save(replace(job, state=JobState.FAILED, finished_at=job.created_at))
            await shown.page.get_by_text(shown.say("The job is given up, and no longer among what waits.")).wait_for()
            await shown.page.goto(f"{address}/console/")
            assert not await shown.page.locator("#failed-jobs").count()
            assert shown.faults == []


def pages() -> list[str]:
    """The paths of all pages, without what is downloaded."""
    paths = [path for each in routes() for method, _, path in [each.partition(" ")] if method == "GET"]
    return [path for path in paths if not path.endswith(("/pdf", "/sheet", "/template", "/{name}"))]


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """An application behind a real server: its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        task = asyncio.create_task(server.serve([listening]))
        # What comes before the server has started waits in the socket.
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


SHEET = """이름,성별,생년,휴대폰,키,비고
김세리,여,1994,010-1234-5678,165,
이민수,남,1991,010-9999-8888,178,
박지호,남,1989,,크다,메모
"""


@pytest.mark.parametrize(
    ("language", "width", "scripts"), [(Language.KO, 1440, True), (Language.EN, 390, True), (Language.KO, 390, False)]
)
async def test_a_sheet_is_imported_after_a_dry_run_and_undone(
    tmp_path: Path, language: Language, width: int, scripts: bool
) -> None:
    sheet = tmp_path / "members.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    async with console(tmp_path) as (address, staff), screen(address, staff, language, width, scripts=scripts) as shown:
        page = shown.page
        page.on("dialog", lambda asked: asyncio.ensure_future(asked.accept()))
        await sign_in(shown)
        await page.goto(f"{address}/console/imports")
        await page.get_by_text(shown.say("No import yet. Send a sheet, or begin with the template.")).wait_for()
        await looked_at(shown, scripts)
        await page.set_input_files("[name=sheet]", str(sheet))
        await shown.press("Send")
        await page.wait_for_url("**/imports/imp_*", timeout=60_000)
        await page.get_by_text(shown.say("What the columns are")).wait_for()
        await looked_at(shown, scripts)
        await shown.press("Dry run: judge every row")
        store = translate("Store {count} members", language, count=2)
        await page.get_by_role("button", name=store).wait_for(timeout=60_000)
        await looked_at(shown, scripts)
        await page.get_by_role("button", name=store).click()
        undo = translate("Undo: {count} members leave", language, count=2)
        await page.get_by_role("button", name=undo).wait_for(timeout=60_000)
        await looked_at(shown, scripts)
        await page.get_by_role("button", name=undo).click()
        await page.get_by_text(shown.say("The import is undone. Its members have left.")).wait_for()
        await looked_at(shown, scripts)
        assert shown.faults == []


async def looked_at(shown: Screen, scripts: bool) -> None:
    """Look at the page where axe, which is a script, can run."""
    if scripts:
        await shown.look()
