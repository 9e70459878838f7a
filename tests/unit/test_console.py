"""The staff console: who gets in, whose forms count, and what a page may load."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyotp
import pytest

from tests.support.http import PASSWORD, World, populate, served
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.errors import Forbidden
from ygs.domain.ids import MembershipId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import Overrides
from ygs.domain.users import Role, Status
from ygs.entrypoints import console
from ygs.entrypoints.console.audit_words import about_words
from ygs.entrypoints.console.rendering import static_files
from ygs.entrypoints.testing.builders import a_user

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


def cookie(world: World, name: str) -> Mapping[str, str]:
    """The cookie of somebody who is signed in."""
    token = world.headers[name]["Authorization"].removeprefix("Bearer ")
    return {"Cookie": f"ygs-console={token}|none"}


async def page(world: World, path: str, who: str = "admin", **more: Any) -> httpx.Response:
    headers = {"Accept-Language": "en", **(cookie(world, who) if who else {}), **more.pop("headers", {})}
    return await world.client.get(f"/console{path}", headers=headers, **more)


def csrf_of(world: World, who: str) -> str:
    """The token of somebody's forms."""
    assert world.ygs.accounts
    session = world.sessions.get(who, "")
    return world.ygs.accounts.authentication.secrets.keyed_hash("console form", session)


async def send(world: World, path: str, who: str = "admin", **fields: Any) -> httpx.Response:
    headers = {"Accept-Language": "en", **FORM, **(cookie(world, who) if who else {}), **fields.pop("headers", {})}
    if who and "csrf" not in fields:
        fields["csrf"] = csrf_of(world, who)
    return await world.client.post(f"/console{path}", headers=headers, content=urlencode(fields, doseq=True))


async def enrol(world: World, name: str) -> pyotp.TOTP:
    """Give somebody an authenticator that is in force."""
    assert world.ygs.accounts
    key = await world.ygs.accounts.second_factor.give(Actor.operator(), world.people[name].id)
    return pyotp.TOTP(key)


async def test_only_the_operator_gives_an_authenticator_that_nobody_scanned(world: World) -> None:
    assert world.ygs.accounts
    admin = Actor.signed_in(world.people["admin"].id, Role.ADMIN)
    with pytest.raises(Forbidden):
        await world.ygs.accounts.second_factor.give(admin, world.people["consultant"].id)


async def test_who_is_not_signed_in_comes_to_the_sign_in_and_back(world: World) -> None:
    reply = await page(world, "/weeks?after=x", who="")
    assert reply.status_code == 303
    assert reply.headers["Location"] == "/console/sign-in?next=/console/weeks%3Fafter%3Dx"


async def test_staff_sign_in_by_password_and_code_and_come_to_the_page_they_asked_for(world: World) -> None:
    totp = await enrol(world, "admin")
    asked = await send(world, "/sign-in", "", phone=world.with_phone("admin"), password=PASSWORD, next="/console/weeks")
    token = re.search(r'name="one_time_token" value="([^"]+)"', asked.text)
    assert token
    code = totp.at(world.clock.now())
    reply = await send(world, "/sign-in/code", "", one_time_token=token[1], code=code, next="/console/weeks")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/console/weeks")
    kept = reply.headers["Set-Cookie"]
    assert all(each in kept for each in ("HttpOnly", "SameSite=strict", "Path=/console"))
    shown = await world.client.get("/console/", headers={"Cookie": kept.partition(";")[0]})
    assert shown.status_code == 200


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/console/\\evil.test", "/api/v1/users/me", ""])
async def test_nobody_is_sent_to_another_site_after_signing_in(world: World, next: str) -> None:
    totp = await enrol(world, "admin")
    asked = await send(world, "/sign-in", "", phone=world.with_phone("admin"), password=PASSWORD)
    token = re.search(r'name="one_time_token" value="([^"]+)"', asked.text)
    assert token
    code = totp.at(world.clock.now())
    reply = await send(world, "/sign-in/code", "", one_time_token=token[1], code=code, next=next)
    assert reply.headers["Location"] == "/console/"


async def test_a_session_that_was_planted_before_the_sign_in_is_not_taken_over(world: World) -> None:
    code = await enrol(world, "admin")
    planted = cookie(world, "consultant")
    fields = {"phone": world.with_phone("admin"), "password": PASSWORD, "next": "/console/weeks"}
    asked = await send(world, "/sign-in", "", headers=planted, **fields)
    token = re.findall('name="one_time_token" value="([^"]+)"', asked.text)[0]
    proof = {"one_time_token": token, "code": code.at(world.clock.now()), "next": "/console/weeks"}
    signed_in = await send(world, "/sign-in/code", "", headers=planted, **proof)
    fresh = signed_in.cookies["ygs-console"]
    assert fresh.partition("|")[0] not in planted["Cookie"]
    assert await whose(world, {"Cookie": f"ygs-console={fresh}"}) == world.people["admin"].id
    assert await whose(world, planted) == world.people["consultant"].id, "the planted one gains nothing"


async def whose(world: World, headers: Mapping[str, str]) -> UserId:
    """Whose session a cookie holds."""
    token = headers["Cookie"].removeprefix("ygs-console=").strip('"').partition("|")[0]
    assert world.ygs.accounts
    return (await world.ygs.accounts.authentication.actor(token, ClientAddress())).require_id()


async def test_a_wrong_password_is_refused_beside_the_form_which_keeps_the_phone(world: World) -> None:
    reply = await send(world, "/sign-in", "", phone="010-0000-0000", password="no")
    assert reply.status_code == 401
    assert 'value="010-0000-0000"' in reply.text
    assert 'role="alert"' in reply.text
    assert "Set-Cookie" not in reply.headers


async def test_members_get_no_session_and_no_page(world: World) -> None:
    reply = await send(world, "/sign-in", "", phone=world.with_phone("owner"), password=PASSWORD)
    assert reply.status_code == 403
    assert "Set-Cookie" not in reply.headers
    assert (await page(world, "/", "owner")).status_code == 403


async def test_staff_without_a_second_factor_can_only_enrol_one(world: World) -> None:
    who = "consultant_without_second_factor"
    reply = await page(world, "/", who)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/console/authenticator")
    assert (await page(world, "/authenticator", who)).status_code == 200


async def test_an_access_token_that_expired_is_renewed_by_the_cookie(world: World) -> None:
    assert world.ygs.accounts
    user = a_user(31, role=Role.ADMIN, status=Status.DRAFT)
    await world.add("late", user)
    issuer = world.ygs.accounts.sessions.session_issuer
    async with world.ygs.storage.write() as tx:
        tokens = await issuer.open(tx, user.id, user.role, ClientAddress(), at=world.clock.now(), second_factor=True)
    kept = {"Cookie": f"ygs-console={tokens.access_token}|{tokens.refresh_token}"}
    world.clock.advance(minutes=20)
    reply = await world.client.get("/console/", headers=kept)
    assert reply.status_code == 200
    assert tokens.access_token not in reply.headers["Set-Cookie"]
    world.clock.advance(minutes=31)
    reply = await world.client.get("/console/", headers={"Cookie": reply.headers["Set-Cookie"].partition(";")[0]})
    assert reply.status_code == 303, "after half an hour without use the session is over"


@pytest.mark.parametrize("wrong", [{"csrf": ""}, {"csrf": "0" * 64}, {"headers": {"Sec-Fetch-Site": "cross-site"}}])
async def test_a_form_of_another_site_or_session_changes_nothing(world: World, wrong: dict[str, Any]) -> None:
    before = await world.ygs.weeks.latest(Actor.operator())
    reply = await send(world, "/weeks", **wrong)
    assert reply.status_code == 403
    assert await world.ygs.weeks.latest(Actor.operator()) == before


async def test_a_form_of_anothers_session_is_refused(world: World) -> None:
    reply = await send(world, "/weeks", csrf=csrf_of(world, "consultant"))
    assert reply.status_code == 403


async def test_signing_out_ends_the_session(world: World) -> None:
    reply = await send(world, "/sign-out")
    assert reply.headers["Location"] == "/console/sign-in"
    assert (await page(world, "/")).status_code == 303


async def test_a_page_that_is_not_there_says_so_and_an_error_keeps_what_was_typed(world: World) -> None:
    assert (await page(world, "/nothing")).status_code == 404
    reply = await send(world, "/weeks", week="2026-W49", headers=HTMX)
    assert reply.status_code == 409
    assert reply.headers["HX-Retarget"] == "#alert"
    assert "<html" not in reply.text
    assert "Load this page again" in reply.text


async def test_pages_speak_korean_by_default_and_the_language_that_was_chosen(world: World) -> None:
    korean = await page(world, "/", headers={"Accept-Language": ""})
    assert '<html lang="ko">' in (await page(world, "/", headers={"Accept-Language": "ko"})).text
    chosen = await send(world, "/language", "", language="ko", next="/console/weeks")
    assert chosen.headers["Location"] == "/console/weeks"
    assert "ygs-console-language=ko" in chosen.headers["Set-Cookie"]
    assert korean.status_code == 200


PAGES = ["/", "/weeks", "/weeks/{proposed}", "/weeks/{open}", "/weeks/{proposed}/pairs", "/weeks/{proposed}/unmatched"]
PAGES += ["/weeks/{proposed}/compare", "/jobs", "/jobs/{job}", "/sign-in", "/authenticator", "/review"]
PAGES += ["/introductions/{waiting}/as/{owner}"]
PAGES += ["/members/{owner}", "/members/{owner}/timeline", "/members/{owner}/candidates"]
PAGES += ["/weeks/{proposed}/pair/{owner}/{another_member}", "/weeks/{proposed}/person/{owner}"]
PAGES += ["/members/{owner}/with", "/members/{owner}/with/{another_member}"]
PAGES += ["/files", "/documents/{document}", "/memberships", "/memberships?only=due", "/memberships/{membership}"]
PAGES += ["/memberships/{membership}/refund"]
PAGES += ["/staff", "/settings", "/health", "/deliveries", "/learning", "/learning/1"]
PAGES += ["/imports", "/imports/{import}", "/imports/{import}/verdicts"]
PAGES += ["/exports", "/exports/{export}"]
PAGES += ["/reports", "/reports/{report}", "/members", "/audit", "/audit?member={owner}"]


def address_of(world: World, path: str) -> str:
    people = {name: user.id for name, user in world.people.items()}
    things = {kind.removesuffix("s"): known for kind, known in world.files.items()}
    return path.format(waiting=world.introductions["waiting"], **world.weeks, **people, **things)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_a_page_loads_nothing_but_our_own_files_and_runs_nothing_inline(world: World, language: str) -> None:
    for path in PAGES:
        address = address_of(world, path)
        reply = await page(world, address, headers={"Accept-Language": language})
        assert reply.status_code == 200, address
        policy = reply.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["Cache-Control"] == "no-store"
        nonce = re.search("'nonce-([^']+)'", policy)
        assert nonce
        for script in re.findall("<script[^>]*>", reply.text):
            assert f'nonce="{nonce[1]}"' in script
        for htmx in re.findall(r"<[^>]*\shx-(?:get|post)=[^>]*>", reply.text):
            assert f'hx-nonce="{nonce[1]}"' in htmx
        assert not re.search(r'\son[a-z]+="|\sstyle="|javascript:', reply.text)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', reply.text)


def test_nothing_to_press_is_printed() -> None:
    """The browser tests look at it; this one is quick."""
    css = (Path(console.__file__).parent / "static/console.css").read_text("utf-8")
    (hidden,) = re.findall(r"([^{}]+) \{ display: none !important; \}", css.partition("@media print")[2])
    assert {"nav", "form", "button", ".button", ".acting"} <= {each.strip() for each in hidden.split(",")}


async def test_the_nonce_of_every_reply_is_another(world: World) -> None:
    first, second = [(await page(world, "/")).headers["Content-Security-Policy"] for _ in range(2)]
    assert first != second


async def test_a_static_file_may_be_kept_for_good_and_only_by_its_own_address(world: World) -> None:
    found = re.search(r'href="/console(/static/[^"]+css)"', (await page(world, "/")).text)
    assert found
    reply = await page(world, found[1], who="")
    assert "immutable" in reply.headers["Cache-Control"]
    assert (await page(world, found[1].replace("/static/", "/static/0"), who="")).status_code == 404
    assert (await page(world, "/static/0/cookies.py", who="")).status_code == 404


async def test_a_week_is_planned_overridden_and_published_from_the_desk(world: World) -> None:
    week = world.weeks["open"]
    assert (await send(world, f"/weeks/{week}/do", act="lock")).status_code == 303
    queued = await send(world, f"/weeks/{week}/do", act="plan")
    job = queued.headers["Location"].removeprefix("/console")
    assert "/jobs/job_" in job
    waiting = await page(world, job)
    assert 'hx-trigger="every 1s"' in waiting.text
    while await world.ygs.worker.run_one():
        pass
    assert (await page(world, job)).headers["Location"] == f"/console/weeks/{week}"
    assert (await page(world, job, headers=HTMX)).headers["HX-Redirect"] == f"/console/weeks/{week}"
    desk = (await page(world, f"/weeks/{week}")).text
    one, other = re.findall(r'name="one" value="([^"]+)"><input type="hidden" name="other" value="([^"]+)"', desk)[0]
    forbidden = await send(world, f"/weeks/{week}/overrides", kind="forbid", one=one, other=other, headers=HTMX)
    assert forbidden.status_code == 200
    assert 'id="price"' in forbidden.text
    assert "pairs of equal value may change too" in forbidden.text
    assert_changes(priced(forbidden.text))
    key = re.findall(r"/overrides/([^/]+)/take-back", forbidden.text)[0]
    assert (
        f'value="{one}"><input type="hidden" name="other" value="{other}"'
        not in (await page(world, f"/weeks/{week}")).text
    )
    taken_back = await send(world, f"/weeks/{week}/overrides/{key}/take-back")
    assert taken_back.status_code == 200
    assert_changes(priced(taken_back.text))
    await send(world, f"/weeks/{week}/do", act="publish")
    while await world.ygs.worker.run_one():
        pass
    published = (await page(world, f"/weeks/{week}")).text
    assert "Published" in published
    assert 'value="close"' not in published, "before the deadline it could only be refused"
    assert 'value="forbid"' not in published


def priced(text: str) -> list[tuple[str, str, str]]:
    """What a page says of each objective: before, after, and the change."""
    figures = re.findall('<td class="number">([^<]+)</td>' * 3, text)
    assert figures
    return figures


def assert_changes(prices: list[tuple[str, str, str]]) -> None:
    """Each change has its sign, and leads from the figure before to the one after, both rounded."""
    for figures in prices:
        before, after, change = (float(each.replace(",", "")) for each in figures)
        assert figures[2][0] in "+-"
        assert before + change == pytest.approx(after, abs=0.011)


async def test_two_pairs_exchange_partners_from_the_page_of_one_and_back(world: World) -> None:
    week = world.weeks["open"]
    async with world.ygs.storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(20, 32)])
    await world.ygs.weeks.lock(Actor.operator(), week)
    await world.ygs.planning.plan(Actor.operator(), week)
    desk = (await page(world, f"/weeks/{week}")).text
    pairs = re.findall(rf'href="/console(/weeks/{week}/pair/[^"#]+)"', desk)
    shown = [(await page(world, each)).text for each in pairs]
    offered = "".join(f'data-label="{name}">([^<]+)</td>[^>]*' for name in ("before", "after", "change"))
    prices = [found for text in shown for found in re.findall(offered, text)]
    assert any(after != before for before, after, _ in prices)
    assert_changes(prices)
    field = '<input type="hidden" name="{}" value="([^"]+)">'
    form = "".join(map(field.format, ("one", "other", "mine", "theirs")))
    one, other, mine, theirs = next(found for text in shown for found in re.findall(form, text))
    fields = {"one": one, "other": other, "mine": mine, "theirs": theirs}
    swapped = await send(world, f"/weeks/{week}/overrides", kind="swap", **fields, headers=HTMX)
    assert re.search("Other partners than before: [0-9]+ people", swapped.text)
    (key,) = {*re.findall(r"/overrides/(swap[^/]+)/take-back", swapped.text)}
    assert key in (await page(world, f"/weeks/{week}")).text
    assert key not in (await send(world, f"/weeks/{week}/overrides/{key}/take-back", headers=HTMX)).text


async def test_the_review_queue_is_worked_through_from_its_page(world: World) -> None:
    for left in (2, 1):
        shown = (await page(world, "/review")).text
        assert f"1 of {left}" in shown
        member, version = re.findall(
            r'/members/(usr_[^/]+)/decide".*?name="version" value="([0-9]+)"', shown, re.DOTALL
        )[0]
        decided = await send(world, f"/members/{member}/decide", act="approve", version=version, next="review")
        assert decided.headers["Location"] == "/console/review"
    assert "Nobody waits for review." in (await page(world, "/review")).text


async def test_the_page_after_an_act_says_once_what_was_done_and_to_whom(world: World) -> None:
    member = world.people["pending"].id
    decided = await send(world, f"/members/{member}/decide", act="approve", version=1, next="review")
    kept = decided.headers["Set-Cookie"].partition(";")[0]
    told = {"Cookie": f"{cookie(world, 'admin')['Cookie']}; {kept}"}
    shown = await page(world, "/review", headers=told)
    assert "Approved." in shown.text
    assert f"/members/{member}" in shown.text
    assert 'ygs-console-outcome=""' in shown.headers["Set-Cookie"]
    assert "Approved." not in (await page(world, "/review")).text


@pytest.mark.parametrize("planted", ["<b>", "approve.<b>", "approve.usr_../../x", "nothing", ""])
async def test_nothing_but_an_outcome_is_said(world: World, planted: str) -> None:
    told = {"Cookie": f"{cookie(world, 'admin')['Cookie']}; ygs-console-outcome={planted}"}
    shown = (await page(world, "/reports", headers=told)).text
    assert "<b>" not in shown
    assert "/members/usr_../" not in shown


async def test_a_member_is_returned_with_a_reason_and_never_without_one(world: World) -> None:
    member, version = world.people["pending"].id, 1
    assert (await send(world, f"/members/{member}/decide", act="reject", version=version)).status_code == 422
    await send(world, f"/members/{member}/decide", act="reject", version=version, reason="사진이 흐립니다")
    assert "사진이 흐립니다" in (await page(world, f"/members/{member}")).text


async def test_who_decides_on_an_older_version_of_a_member_is_refused(world: World) -> None:
    member = world.people["pending"].id
    assert (await send(world, f"/members/{member}/decide", act="approve", version=7)).status_code == 409


async def test_a_note_is_written_on_the_members_page(world: World) -> None:
    member = world.people["owner"].id
    await send(world, f"/members/{member}/notes", text="전화로 상담함")
    assert "전화로 상담함" in (await page(world, f"/members/{member}")).text


async def test_what_members_and_staff_write_is_text_on_every_page(world: World) -> None:
    canary = "\"'><img src=x onerror=alert(1)>{{7*7}}"
    owner = world.people["owner"]
    async with world.ygs.storage.write() as tx:
        user = await tx.users.get(owner.id)
        profile = replace(user.profile, introduction=canary, ideal_partner=canary, school=canary, job_title=canary)
        await tx.users.save(replace(user, name=canary[:20], status_reason=canary, profile=profile))
    await send(world, f"/members/{owner.id}/notes", text=canary)
    assert "{{7*7}}" in (await page(world, f"/members/{owner.id}")).text
    for path in PAGES:
        assert "<img src=x" not in (await page(world, address_of(world, path))).text, path


async def test_a_report_is_resolved_and_a_payment_recorded_on_their_pages(world: World) -> None:
    report, membership = world.files["reports"], world.files["memberships"]
    resolved = await send(world, f"/reports/{report}/resolve", resolution="warned", words="전화로 주의를 줌")
    assert resolved.headers["Location"] == "/console/reports"
    assert "전화로 주의를 줌" in (await page(world, f"/reports/{report}")).text
    await send(world, f"/memberships/{membership}/pay", amount="1234567", on="2026-11-20")
    assert "1,234,567" in (await page(world, f"/memberships/{membership}")).text


async def test_more_paid_than_the_fee_is_recorded_and_pointed_out_until_it_is_put_right(world: World) -> None:
    membership = world.files["memberships"]
    address = f"/memberships/{membership}"
    ledger = await world.ygs.memberships.get(Actor.operator(), MembershipId(membership))
    surplus = ledger.paid + 27_000_000 - ledger.terms.fee
    told = f"{surplus:,} won more than the fee were paid"
    assert told not in (await page(world, address)).text
    await send(world, f"{address}/pay", amount="27000000", on="2026-11-20")
    assert told in (await page(world, address)).text
    await send(world, f"{address}/pay", amount=str(-surplus), on="2026-11-20")
    assert "more than the fee" not in (await page(world, address)).text


async def test_the_page_of_what_a_member_sees_is_headed_by_their_name(world: World) -> None:
    shown = await page(world, address_of(world, "/introductions/{waiting}/as/{owner}"))
    assert re.search(rf"<h1><a [^>]*>{world.people['owner'].name}</a>", shown.text)


async def test_a_membership_is_paused_and_goes_on_again_on_its_page(world: World) -> None:
    here = f"/memberships/{world.files['memberships']}"
    paused = await send(world, f"{here}/pause", since="", until="")
    assert paused.headers["Location"] == f"/console{here}"
    assert "end not known yet" in (await page(world, here)).text
    again = await send(world, f"{here}/pause", since="", until="")
    assert "paused then already" in again.text
    resumed = await send(world, f"{here}/resume", on=(world.clock.now() + timedelta(days=9)).date().isoformat())
    assert resumed.headers["Location"] == f"/console{here}"
    assert "end not known yet" not in (await page(world, here)).text


async def test_a_photo_is_approved_and_a_document_refused_from_the_list(world: World) -> None:
    photo, document = world.files["photos"], world.files["documents"]
    approved = await send(world, f"/photos/{photo}/decide", approve="true", back="files")
    assert approved.headers["Location"] == "/console/files"
    shown = await page(world, f"/documents/{document}")
    version = re.findall(r'name="member_version" value="([0-9]+)"', shown.text)[0]
    await send(
        world, f"/documents/{document}/decide", approve="false", member_version=version, reason="흐려서 읽을 수 없음"
    )
    assert "흐려서 읽을 수 없음" in (await page(world, f"/members/{world.people['owner'].id}")).text
    emptied = (await page(world, "/files")).text
    assert "No photo waits." in emptied
    assert "No document waits." in emptied


async def test_members_are_found_by_a_form_that_leaves_no_name_in_an_address(world: World) -> None:
    owner = world.people["owner"]
    found = await send(world, "/members", search=owner.name[:2], headers=HTMX)
    assert found.status_code == 200
    assert f"/members/{owner.id}" in found.text
    assert "<html" not in found.text
    assert (await page(world, f"/members?search={owner.id}")).text.count("/members/usr_") > 1, "no search by an address"
    assert "Nobody fits." in (await send(world, "/members", search="없는이름")).text


async def test_the_directory_goes_on_page_by_page(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(100, 180)])
    first = (await page(world, "/members")).text
    after = re.findall(r'name="after" value="([^"]+)"', first)[0]
    more = await send(world, "/members", after=after, headers=HTMX)
    shown = re.compile('href="/console/members/(usr_[^"]+)"')
    members = sum(user.role is Role.MEMBER for user in world.people.values())
    assert len(set(shown.findall(first) + shown.findall(more.text))) == 80 + members - 1, "without staff"


async def test_administrators_search_the_audit_log_and_consultants_may_not(world: World) -> None:
    owner = world.people["owner"].id
    await page(world, f"/members/{owner}", "consultant")
    shown = (await page(world, f"/audit?member={owner}&action=member.read")).text
    assert world.people["consultant"].id in shown
    assert '<td class="line">Read a member</td>' in shown
    assert "회원 정보를 봄" in (await page(world, "/audit", headers={"Accept-Language": "ko"})).text
    assert "No entry fits." in (await page(world, "/audit?action=never.")).text
    assert (await page(world, "/audit", "consultant")).status_code == 403


def test_what_an_entry_of_the_log_is_about_is_said_in_words_and_ids_stay() -> None:
    assert about_words("member -> consultant", Language.KO) == "회원 -> 상담사"
    assert about_words("height_cm,income_band", Language.KO) == "키,연소득"
    assert about_words("job_01J8 plan_week", Language.EN).startswith("job_01J8 ")
    assert about_words("imp_01J8 dry run", Language.KO) == "imp_01J8 미리 확인"
    assert about_words("mw_01J8 inputs=3fa9", Language.EN) == "mw_01J8 hash of the inputs=3fa9"


async def test_what_is_in_the_log_has_no_code_of_small_letters_in_korean(world: World) -> None:
    assert world.ygs.accounts
    await page(world, f"/audit?member={world.people['owner'].id}&action=member.read")
    shown = (await page(world, "/audit", headers={"Accept-Language": "ko"})).text
    about = re.findall('<span class="quiet">([^<]+)</span></td>', shown)
    assert about
    assert not [each for each in about if re.search(r"(?<!\w)[a-z]{3,}(?!\w)", each)], about


def test_the_scripts_of_others_are_those_that_the_decision_names() -> None:
    decision = (Path(__file__).parents[2] / "docs/decisions/0024-console.md").read_text(encoding="utf-8")
    for name, digest in re.findall(r"`([a-z-]+\.min\.js)` SHA-256 `([0-9a-f]+)\.\.\.`", " ".join(decision.split())):
        assert sha256(static_files()[name].content).hexdigest().startswith(digest), name
    assert decision.count("SHA-256") == 2


async def test_a_form_that_is_refused_leads_back_to_what_it_is_about(world: World) -> None:
    owner = world.people["owner"].id
    refused = (await send(world, f"/members/{owner}/notes", text="")).text
    assert f'href="/console/members/{owner}">Back' in refused
    assert ">Back<" not in (await send(world, "/consultations/hours", minutes="none")).text


async def test_after_an_override_the_desk_counts_anew_what_publishing_would_introduce(world: World) -> None:
    week = world.weeks["proposed"]
    counted = re.compile(r"Introduce ([0-9]+) pairs? now")
    desk = (await page(world, f"/weeks/{week}")).text
    one = re.findall(r'value="leave_out"><input type="hidden" name="one" value="([^"]+)"', desk)[0]
    address = f"/weeks/{week}/overrides?order=best&changed=false"
    anew = (await send(world, address, kind="leave_out", one=one, headers=HTMX)).text
    assert "<html" not in anew
    assert all(f'id="{part}"' in anew for part in ("price", "standing", "pairs")), "all of it in one reply"
    assert int(counted.findall(anew)[0]) < int(counted.findall(desk)[0])


async def test_a_pair_is_pinned_from_the_candidates_of_a_member(world: World) -> None:
    week, owner = world.weeks["proposed"], world.people["owner"].id
    shown = (await page(world, f"/members/{owner}/candidates")).text
    kind, one, other = re.findall(
        r'name="kind" value="(pin)"><input type="hidden" name="one" value="([^"]+)"><input type="hidden" name="other" '
        r'value="([^"]+)"',
        shown,
    )[0]
    pinned = await send(world, f"/weeks/{week}/overrides", kind=kind, one=one, other=other)
    assert pinned.status_code == 200
    assert one == owner
    assert f"/members/{other}" in pinned.text


async def test_weeks_to_create_are_offered_by_their_days_without_those_that_are_there(world: World) -> None:
    shown = (await page(world, "/weeks")).text
    offered = re.findall('<option value="([^"]+)">', shown)
    assert "2026-W51" in offered
    assert not {"2026-W49", "2026-W50"} & set(offered)


async def test_what_a_form_may_not_hold_is_refused_and_not_an_error_of_ours(world: World) -> None:
    member, report, membership = world.people["owner"].id, world.files["reports"], world.files["memberships"]
    version = (await world.ask("GET", f"/admin/members/{member}", "admin")).json()["version"]
    sent: list[tuple[str, dict[str, Any]]] = [
        (f"/members/{member}/notes", {"text": "가" * 4_001}),
        (f"/members/{member}/notes", {"text": "  "}),
        (f"/members/{member}/decide", {"act": "suspend", "version": version, "reason": " "}),
        ("/members", {"after": "usr_1"}),
        (f"/reports/{report}/resolve", {"resolution": "warned", "words": " "}),
        (f"/memberships/{membership}/grant", {"count": 10_000}),
        (f"/memberships/{membership}/pay", {"amount": "많이"}),
        ("/weeks", {"week": "2026-W99"}),
    ]
    for path, fields in sent:
        assert (await send(world, path, **fields)).status_code == 422, path


async def test_a_pair_is_drawn_from_both_sides_with_the_figures_in_tables(world: World) -> None:
    shown = (await page(world, address_of(world, "/weeks/{proposed}/pair/{owner}/{another_member}"))).text
    picture = re.search(r'<svg [^>]*role="img" aria-label="([^"]+)">.*?</svg>', shown, re.DOTALL)
    assert picture is not None
    owner = world.people["owner"].name
    assert owner in picture[1]
    assert picture[0].count('class="bar"') == picture[0].count('class="bar-ground"') > 0
    assert shown.count("<table>") >= 2


async def test_two_members_are_compared_without_a_script_and_in_the_plan_too(world: World) -> None:
    owner, other = world.people["owner"], world.people["another_member"]
    candidates = (await page(world, f"/members/{owner.id}/candidates")).text
    search = f"/members/{owner.id}/with"
    assert f'href="/console{search}"' in candidates
    found = (await send(world, search, search=other.name)).text
    assert f'href="/console{search}/{other.id}"' in found
    compared = (await page(world, f"{search}/{other.id}")).text
    assert "As of today, by the policy in force." in compared
    in_plan = f"/weeks/{world.weeks['proposed']}/pair/{owner.id}/{other.id}"
    assert f'href="/console{in_plan}"' in compared
    used = [use.used for each in await world.ygs.budget_lifts.list(Actor.operator()) for use in each.budgets]
    assert sum(used) >= 2


async def test_a_member_who_gets_no_one_reads_why_in_the_plan(world: World) -> None:
    week, owner = world.weeks["proposed"], world.people["owner"]
    await world.ygs.proposals.override(Actor.operator(), week, Overrides.of(left_out=[owner.id]))
    shown = (await page(world, f"/weeks/{week}/person/{owner.id}")).text
    assert "no introduction" in shown
    other = world.people["another_member"]
    apart = (await page(world, f"/weeks/{week}/pair/{owner.id}/{other.id}")).text
    assert "Why the plan does not introduce them" in apart


async def test_a_search_that_finds_the_member_alone_says_so(world: World) -> None:
    owner = world.people["owner"]
    found = (await send(world, f"/members/{owner.id}/with", search=owner.id, headers=HTMX)).text
    assert f"Only {owner.name} fits" in found
    assert "<table" not in found


async def test_the_first_page_draws_what_became_of_introductions_beside_the_table(world: World) -> None:
    shown = (await page(world, "/")).text
    picture = shown[shown.index('aria-label="How many introductions were answered') :]
    drawn = re.findall(r">([0-9,]+ · [0-9]+%)<", picture[: picture.index("</svg>")])
    assert drawn == ["3 · 100%", "2 · 67%", "1 · 33%", "0 · 0%"]
    assert "As a table, week by week" in picture


async def test_the_bars_of_a_pair_tell_a_wish_from_being_alike(world: World) -> None:
    shown = (await page(world, address_of(world, "/members/{owner}/with/{another_member}"))).text
    picture = shown[shown.index("<svg viewBox") : shown.index("</figure>")]
    drawn = re.findall('text-anchor="middle">([^<]+)<', picture)
    tables = shown[shown.index("</figure>") :]
    assert len(drawn) == len(set(drawn)) == len({*re.findall('<tr><th scope="row">([^<]+)<', tables)})
    assert any(each.startswith("alike: ") for each in drawn)


async def test_a_membership_says_whose_it_is(world: World) -> None:
    here = f"/memberships/{world.files['memberships']}"
    for address in (here, f"{here}/refund"):
        assert world.people["owner"].name in (await page(world, address)).text


async def test_a_membership_is_begun_ended_and_its_refund_calculated_kept_and_printed(world: World) -> None:
    member = world.people["another_member"].id
    plan = world.files["membership-plans"]
    assert f'value="{plan}"' in (await page(world, f"/members/{member}")).text
    begun = await send(world, f"/members/{member}/memberships", plan=plan, contracted_on="2026-11-01")
    assert begun.status_code == 303, begun.text
    here = begun.headers["Location"].removeprefix("/console")
    shown = (await page(world, f"{here}/refund?fault=operator&on=2026-11-20")).text
    assert '<option value="operator" selected>' in shown
    assert "Calculation of a refund" in shown
    kept = await send(world, f"{here}/refund", fault="operator", on="2026-11-20", evidence="세 달 동안 만남이 없었음")
    assert kept.status_code == 303, kept.text
    shown = (await page(world, f"{here}/refund")).text
    (pdf,) = re.findall(r'href="/console(/refunds/rf_[^"]+/pdf)"', shown)
    printed = await page(world, pdf)
    assert printed.content.startswith(b"%PDF-")
    assert printed.headers["Cache-Control"] == "no-store"
    assert (await send(world, f"{here}/end")).status_code == 422, "never without a reason"
    assert (await send(world, f"{here}/end", reason="회원이 원함")).status_code == 303
    assert "End the membership" not in (await page(world, here)).text


async def test_the_first_page_draws_whom_the_pool_lacks_once_it_is_counted(world: World) -> None:
    assert "Whom the pool lacks" in (await page(world, "/", headers={"Accept-Language": "en"})).text
    world.clock.advance(minutes=2)
    while await world.ygs.worker.run_one():
        pass
    shown = (await page(world, "/", headers={"Accept-Language": "en"})).text
    assert "As a table: wanted / there" in shown
    assert 'class="lack"' in shown or 'class="plenty"' in shown
    assert "People by weeks waited" in shown
