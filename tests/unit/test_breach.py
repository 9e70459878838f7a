"""After a leak: whose data an account was shown, the drafts, and what is withheld from a reader."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ygs.application
from tests.support.audit import audited
from tests.support.members import ADMIN, CONSULTANT, Club
from ygs.application.actors import Actor
from ygs.application.operations.breach import (
    _SEEN,
    _SHOWS_NOTHING,
    Breaches,
    BreachQuestion,
    SeenData,
    seen_data,
)
from ygs.domain.breach_rules import KOREA
from ygs.domain.errors import Forbidden, InvalidFact
from ygs.domain.users import Role
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON

ONE, TWO, THREE = (a_user(number) for number in (1, 2, 3))
LEAKED = CONSULTANT.require_id()
DAY = timedelta(days=1)
QUESTION = BreachQuestion(account=LEAKED, since=NOON - DAY, until=NOON + DAY)

# Names of logs and of a file, which look like an action.
_NO_ACTIONS = {"ygs.jobs", "ygs.notifications", "ygs.polling", "data.json"}


def _audited() -> Iterator[str]:
    """Whatever text of the application looks like an action."""
    for path in Path(ygs.application.__path__[0]).rglob("*.py"):
        yield from re.findall(r'"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))


AUDITED = frozenset(_audited()) - _NO_ACTIONS


@pytest.fixture
async def club() -> Club:
    """The account was shown two members, one of them in full."""
    club = Club()
    await club.add(ONE, TWO, THREE)
    writer = an_audit_writer(club.storage)
    await writer.shown(CONSULTANT, "members.read", [ONE.id, TWO.id], at=NOON)
    await writer.shown(CONSULTANT, "member.read", [TWO.id], at=NOON + timedelta(hours=1))
    await writer.shown(CONSULTANT, "photo.read", [TWO.id], at=NOON + timedelta(hours=2))
    await writer.shown(CONSULTANT, "member.read", [THREE.id], at=NOON + DAY)
    await writer.shown(ADMIN, "member.read", [THREE.id], at=NOON)
    return club


def breaches(club: Club) -> Breaches:
    return Breaches(club.storage, club.clock, SEOUL, an_audit_writer(club.storage))


async def test_everybody_whom_the_account_was_shown_is_listed_with_what_of_them_and_a_notice(club: Club) -> None:
    found = await breaches(club).find(Actor.operator(), QUESTION, limit=None)
    assert [(each.user_id, each.data, each.times) for each in found.items] == [
        (ONE.id, [SeenData.LISTED], 1),
        (TWO.id, [SeenData.LISTED, SeenData.PROFILE, SeenData.PHOTOS], 3),
    ]
    assert (found.people, found.in_full, found.incomplete, found.next) == (2, 1, False, None)
    told = "\n".join(found.items[1].notice.ko)
    assert "2026-11-23 12:00" in told
    assert "2026-11-23 14:00" in told
    assert "사진" in told
    assert "사진" not in "\n".join(found.items[0].notice.ko)
    assert len(found.report.ko) == len(found.report.en) == 8
    assert "2" in found.report.en[2]
    assert (await audited(club.storage))[-1] == ("breach.listed", (ONE.id, TWO.id), LEAKED)


async def test_pages_follow_each_other(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await breaches(club).find(ADMIN, QUESTION, limit=1)
    assert (first.people, [each.user_id for each in first.items], first.next) == (2, [ONE.id], ONE.id)
    rest = await breaches(club).find(ADMIN, QUESTION, after=first.next, limit=1)
    assert ([each.user_id for each in rest.items], rest.next) == ([TWO.id], None)
    monkeypatch.setattr("ygs.application.operations.breach.MOST_PAGE", 1)
    assert len((await breaches(club).find(ADMIN, QUESTION, limit=1_000)).items) == 1


async def test_the_deadlines_begin_when_it_is_known(club: Club) -> None:
    known = replace(QUESTION, known_at=NOON - DAY, intrusion=False)
    found = await breaches(club).find(ADMIN, known)
    assert (found.notify_by, found.report_by) == (NOON + 2 * DAY, NOON + 2 * DAY)
    # One was shown in full, and a profile holds sensitive data.
    assert found.must_report
    listed_only = replace(known, until=NOON + timedelta(minutes=1))
    assert not (await breaches(club).find(ADMIN, listed_only)).must_report
    assert (await breaches(club).find(ADMIN, replace(listed_only, intrusion=True))).must_report


def test_a_thousand_people_are_reported_whatever_it_was() -> None:
    assert [KOREA.must_report(people, sensitive=False, intrusion=False) for people in (0, 999, 1000)] == [
        False,
        False,
        True,
    ]
    assert not KOREA.must_report(0, sensitive=True, intrusion=True)


async def test_a_reader_does_not_see_whom_they_were_introduced_to_and_asks_nothing_about_themselves(club: Club) -> None:
    await club.introduce(ONE, TWO)
    reader = Actor.signed_in(ONE.id, Role.ADMIN)
    with pytest.raises(Forbidden):
        await breaches(club).find(reader, QUESTION)
    async with club.storage.write() as tx:
        for waiting in await tx.introductions.of_user(ONE.id):
            await tx.introductions.save(waiting.cancel(at=NOON))
    found = await breaches(club).find(reader, QUESTION)
    assert (found.people, found.items, found.incomplete) == (0, [], True)
    for account in (ONE.id, TWO.id):
        with pytest.raises(Forbidden):
            await breaches(club).find(reader, replace(QUESTION, account=account))


async def test_only_administrators_ask_and_the_time_has_a_length(club: Club) -> None:
    with pytest.raises(Forbidden):
        await breaches(club).find(CONSULTANT, QUESTION)
    with pytest.raises(InvalidFact):
        await breaches(club).find(ADMIN, replace(QUESTION, until=QUESTION.since))


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("members.read", SeenData.LISTED),
        ("member.approved", SeenData.PROFILE),
        ("document.read", SeenData.DOCUMENTS),
        ("refunds.read", SeenData.CONTRACT),
        ("note.written", SeenData.OTHER),
        ("candidates.read", SeenData.MATCHING),
        ("consultation.read", SeenData.CONSULTATIONS),
        ("consultations.listed", SeenData.LISTED),
        ("week.inputs_read", SeenData.MATCHING),
        ("week.locked", None),
        ("nobody.knows", SeenData.OTHER),
    ],
)
def test_each_action_shows_one_kind_of_data(action: str, data: SeenData | None) -> None:
    assert seen_data(action) is data


def test_what_shows_nothing_of_a_member_lists_nobody() -> None:
    assert {each for each in AUDITED if each.startswith(("account.", "reading."))}
    assert not {each for each in AUDITED if each.startswith(("account.", "reading.")) and seen_data(each)}


def test_every_action_of_the_application_is_known() -> None:
    known = {*_SEEN, *_SHOWS_NOTHING}
    assert {each for each in AUDITED if not known & {each, each.partition(".")[0]}} == set()
    assert known - AUDITED - {each.partition(".")[0] for each in AUDITED} == set()


def test_who_was_shown_nobody_gives_no_deadline_and_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    words = ["breach", "--account", a_user(7_777).id, "--from", "2026-11-01", "--to", "2026-12-01"]
    found = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert found.exit_code == 0
    assert found.output.count("\n") == 1
    assert a_user(7_777).id in found.output
