"""The same service twice, and everything that is private of others changed in the second."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, LargeBinary, Table, select, update
from sqlalchemy.types import Integer

from tests.integration.test_http_canaries import PRIVATE
from tests.support.databases import opened
from tests.support.http import World, populate, served
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.column_types import Json, Moment, Words
from ygs.adapters.sql.tables.users import CODED, POSITIONS
from ygs.domain.accounts import Provider
from ygs.domain.contacts import Contact
from ygs.domain.deliveries import Channel
from ygs.domain.ids import ReportId, SessionId
from ygs.domain.introductions import Answer, Choice, DeclineReason
from ygs.domain.matching.attribute import Kind, Language
from ygs.domain.memberships import FixedDate, ServiceGrant
from ygs.domain.notices import EventGroup, NoticeSettings
from ygs.domain.reports import Resolution
from ygs.domain.sessions import Ending
from ygs.domain.totp import Totp
from ygs.domain.users import Purpose, Status
from ygs.entrypoints.testing.builders import a_feedback, a_forecast, a_membership, a_refund, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.files import a_document, a_photo, an_album
from ygs.entrypoints.testing.contracts.outbox import a_notice
from ygs.entrypoints.testing.contracts.push_devices import a_device
from ygs.entrypoints.testing.contracts.saved_filters import a_saved_filter
from ygs.ports.storage import Writing

# What says whose a row is, or which one: with another value it would be another row. And digests that find rows.
TIES = {"id", "user_id", "a", "b", "week_id", "introduction_id", "by_user", "asked_by", "other", "reporter", "subject"}
TIES |= {"key", "provider", "contact", "purpose", "attribute", "slot", "resolved_by", "author", "actor", "dedupe_key"}
TIES |= {"membership_id", "assessed_by", "made_by", "member", "consultant", "slot_id", "owner"}
TIES |= {"made", "action", "digest", "code", "position"}
# Of both who are introduced to each other; the rest of an introduction is one side's, or nobody's but staff's.
SHARED = {"origin", "state", "decided_at", "met", "deadline", "created_at"}
# Not shown to members at all, whoever they are about.
STAFFS = {
    "notes",
    "working_hours",
    "calendar_feeds",
    "read_budgets",
    "read_people",
    "read_lifts",
    "read_addresses",
    "audit",
    "outbox",
    "deliveries",
    "delivery_attempts",
    "one_time_tokens",
    "rate_limits",
    "week_snapshots",
    "week_plans",
    "week_keys",
    "audit_releases",
    "week_commitments",
    "policies",
    "learned_versions",
    "learned_people",
    "week_schedules",
    "match_weeks",
    "idempotency_records",
}
STAFFS |= {
    "pair_advice",
    "exports",
    "export_canaries",
    "advice_usage",
    "drafts",
    "draft_usage",
    "webhooks",
    "jobs",
    "imports",
    "import_verdicts",
    "imported_members",
    "former_contacts",
    "suspended_contacts",
    "met_contacts",
    "pending_deletions",
}
# Codes: one that it could be as well.
OTHER_CODES = {
    "users.status": {"active": "paused"},
    "reports.category": {"money_or_fraud": "harassment"},
    "reports.resolution": {"warned": "dismissed"},
    "photos.state": {"uploaded": "approved"},
    "documents.kind": {"education": "income"},
    "documents.state": {"submitted": "refused"},
    "documents.content_type": {"application/pdf": "image/jpeg"},
    "uploads.kind": {"photo": "identity"},
    "uploads.content_type": {"image/jpeg": "image/png"},
    "sessions.ending": {"logged_out": "too_many"},
    "feedback.reasons": {"conversation manners": "manners"},
    "users.suspended_from": {"active": "paused"},
    "consultations.state": {"booked": "done"},
    "meetings.state": {"fixed": "proposed"},
    "meetings.district_code": {"seoul_yongsan": "seoul_jongno"},
    "meetings.district_code_of_a": {"seoul_mapo": "seoul_songpa"},
    "meetings.district_code_of_b": {"seoul_gangnam": "seoul_songpa"},
    "memberships.unit": {"meetings": "introductions"},
    "memberships.basis": {"meetings": "days"},
    "memberships.rules": {"2021": "2015"},
    "notices.type": {"introduction.proposed": "introduction.expired"},
    "notice_settings.language": {"en": "ko"},
    "introductions.state": {"not_mutual": "cancelled", "mutual": "not_mutual", "waiting": "expired"},
    "introductions.origin": {"round": "staff"},
    "introductions.reason_of_a": {"age": "looks"},
    "introductions.reason_of_b": {"age": "looks"},
}
# Whose the memberships are.
MEMBERS = {a_membership(1).id: a_user(1).id, a_membership(2, user=6).id: a_user(6).id}
OTHER_VALUES = {
    "users.paused_until": date(2031, 7, 8),
    "users.capacity": 2,
    "notices.ids": {},
    "notice_settings.channels": {"reminders": []},
    "consultations.questions": [["religion", 1, 3]],
}
# What stays, and why: a role says what one may do, that they met is told to both, and choices are what
# tests/unit/test_http_blindness.py is about.
STILL = {"users.role", "feedback.met", "introductions.choice_of_a", "introductions.choice_of_b"}


# A contract is never after the day on which it begins.
CONTRACTS: dict[str, Callable[[Any], Any]] = {
    "memberships.contracted_on": lambda value: value - timedelta(days=7),
    "refunds.figures": lambda value: {**value, "total": value["total"] + 1},
}


def private() -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.info["sensitivity"] in PRIVATE and column.name not in TIES and str(column) not in STILL:
                yield column


def owners(column: Column[Any], row: Any) -> set[str]:
    """Who may read it."""
    table, values = str(column.table), row._mapping
    if table == "introductions":
        sides = {"a": ("_of_a", "a_to_b"), "b": ("_of_b", "b_to_a")}
        mine = {values[side] for side, ends in sides.items() if column.name.endswith(ends)}
        return {row.a, row.b} if column.name in SHARED else mine
    if table == "consultations":
        return set() if column.name in ("notes", "questions", "questions_at") else {row.member}
    if table == "meetings":
        return _sides_of_meeting(column.name, row)
    if table in STAFFS or (table == "reports" and column.name in ("resolution", "staff_words", "resolved_at")):
        return set()
    if table in ("refunds", "forecasts"):
        return {MEMBERS[row.membership_id]}
    names = {
        "users": "id",
        "directory": "id",
        "accounts": "id",
        "reports": "reporter",
        "feedback": "by_user",
        "saved_filters": "owner",
    }
    return {values[names.get(table, "asked_by" if "asked_by" in values else "user_id")]}


def _sides_of_meeting(name: str, row: Any) -> set[str]:
    if name == "refused":
        return set()
    mine = {side for side in ("a", "b") if name.endswith(f"_of_{side}")}
    return {row._mapping[side] for side in mine or ("a", "b")}


def another(column: Column[Any], row: Any, tx: SqlTransaction) -> Any:
    """Something else that a column could hold just as well; None where there is nothing."""
    value, name = row._mapping[column.name], str(column)
    if name in OTHER_VALUES:
        return OTHER_VALUES[name]
    if name == "consents.withdrawn_at":
        return NOON if row.purpose == Purpose.MARKETING else None
    if value is None:
        return None
    if name in CONTRACTS:
        return CONTRACTS[name](value)
    if "sealed" in column.info:
        text = tx.keyring.open(column, row.id, value)
        return tx.keyring.seal(column, row.id, f"{text[:-1]}7")
    if name in OTHER_CODES:
        return OTHER_CODES[name].get(value)
    return of_type(column, value)


def of_type(column: Column[Any], value: Any) -> Any:
    match column.type:
        case Json():
            return []
        case Moment():
            return value + timedelta(hours=7, minutes=7)
        case Date():
            return value + timedelta(days=7)
        case Boolean():
            return not value
        case LargeBinary():
            return value[:-1] + bytes([value[-1] ^ 1])
        case Words():
            return f"{value}가"
        case Integer():
            return number(column, value)
    raise AssertionError(f"say what else {column} could hold")


def number(column: Column[Any], value: int) -> int:
    known = CODED.get(column.name) if str(column.table) == "users" else None
    if str(column.table) == "wishes" and column.name != "importance":
        # A wish is a range or a set; of the one that it is not, nothing is kept.
        return value and (value ^ 1 or 2)
    if column.name == "verified":
        return value ^ 1 << POSITIONS["height_cm"]
    if known is None:
        within = {"gender": 2, "seeks": 3, "importance": 4, "rating": 5}
        return value % within[column.name] + 1 if column.name in within else value + 1
    if known.kind is Kind.SET:
        return value ^ 0b11 or 0b100
    return value % len(known.values) + 1 if known.values else (value or known.low) + (1 if value < known.high else -1)


async def change(storage: SqlStorage, reader: str, may: dict[str, set[str]]) -> set[str]:
    """Everything that is private of others than the reader, but what they may read of whom; which columns changed."""
    changed = set[str]()
    async with storage.transaction() as tx:
        for column in private():
            for row in await tx.rows(select(column.table)):
                theirs = owners(column, row)
                if reader not in theirs and not any(str(column) in may.get(each, ()) for each in theirs):
                    changed |= await put(tx, column, row, another(column, row, tx))
    return changed


async def put(tx: SqlTransaction, column: Column[Any], row: Any, value: Any) -> set[str]:
    if value is None or value == row._mapping[column.name]:
        return set()
    await store(tx, column, row, value)
    return {str(column)}


async def store(tx: SqlTransaction, column: Column[Any], row: Any, value: Any) -> None:
    assert isinstance(column.table, Table)
    where = [each == row._mapping[each.name] for each in column.table.primary_key.columns]
    await tx.run(update(column.table).where(*where).values({column.name: value}))


async def fill(world: World) -> None:
    """A row in every table about people, and nothing left out that a row can hold."""
    people, at = {name: user.id for name, user in world.people.items()}, world.clock.now()
    one, other = people["owner"], people["former_match"]
    async with world.ygs.storage.write() as tx:
        mutual = await tx.introductions.get(world.introductions["mutual"])
        for number, side in enumerate((mutual.a, mutual.b), start=1):
            await tx.introductions.add_feedback(a_feedback(mutual, side, number))
        await tx.introductions.save(mutual.reported(met=True))
        former = await tx.introductions.get(world.introductions["former"])
        no = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.AGE, words="나이가 많아요 1")
        await tx.introductions.save(replace(former, answer_of_a=no, answer_of_b=no))
        report = await tx.reports.get(ReportId(world.files["reports"]))
        staff = people["consultant"]
        await tx.reports.save(report.resolve(Resolution.WARNED, "전화로 경고 1", by=staff, at=at))
        await tx.directory.assign([one, other], staff)
        for number, user in enumerate((one, other), start=1):
            await tx.notices.add_all([replace(a_notice(number), user_id=user, read_at=at)])
            channels = {EventGroup.REMINDERS: frozenset({Channel.PUSH})}
            settings = NoticeSettings(user_id=user, language=Language.EN, channels=channels)
            await tx.notices.keep_settings(settings)
            await tx.push_devices.add(replace(a_device(10 + number), user_id=user))
            await tx.saved_filters.add(a_saved_filter(10 + number, owner=user))
            stored = await tx.users.get(user)
            stored = replace(stored, suspended_from=Status.ACTIVE, submitted_at=at)
            await tx.users.save(stored.with_email(stored.email or "one@example.kr", at=at))
            await tx.blocks.add(user, people["matched_before_reveal"], at)
            await tx.blocks.add_contacts(user, [Contact.phone("+821077776661")], at)
            account = await tx.accounts.find(user)
            assert account
            account = account.link(Provider.KAKAO, f"subject of {user}", at=at)
            await tx.accounts.save(account.with_totp(Totp(secret=bytes(20), confirmed_at=at), at=at))
            (session,) = await tx.sessions.of_user(user)
            ended = replace(session, id=SessionId(f"ses_{user[4:]}"), ended_at=at, ending=Ending.LOGGED_OUT)
            await tx.sessions.add(ended)
        meeting = await tx.meetings.find(mutual.id)
        assert meeting
        missed = replace(meeting.side_a, no_show_at=at, no_show_words="기다렸습니다 1")
        await tx.meetings.save(replace(meeting, side_a=missed))
        await _fill_contracts(tx)
        for number in (1, 6):
            refused = a_document(10 + number, number).refuse("흐립니다", at=at)
            gone = replace(refused, expires_at=at, removed_at=at, facts=frozenset({"education"}))
            await tx.files.add_document(gone)
        album = an_album(replace(a_photo(9), reason="어둡습니다"), owner=6)
        await tx.files.save_album(album)
        await tx.files.save_album(an_album(a_photo(), a_photo(8)))


async def _fill_contracts(tx: Writing) -> None:
    """A membership each of `owner` and `former_match`, with everything that one can have, and a refund each."""
    await tx.memberships.add(a_membership(2, user=6))
    await tx.memberships.add_refund(a_refund(2, membership=2))
    await tx.forecasts.add(a_forecast(2, membership_id=a_membership(2).id))
    today = NOON.date()
    for each in MEMBERS:
        (introduction,) = (await tx.memberships.record(each)).deliveries[-1:]
        stored = await tx.memberships.get(each)
        terms = replace(stored.terms, agreed=frozenset({"birth_year"}))
        full = replace(stored, terms=terms, rules="2021", grants=(ServiceGrant(today, 2),))
        paused = full.paused(today - timedelta(days=9), today)
        fixed = paused.with_fixed_date(FixedDate(today, today, introduction.introduction_id))
        await tx.memberships.save(fixed.ended(today))


@dataclass
class Twins:
    """The same service twice, and what the second is kept in."""

    one: World
    other: World
    copy: SqlStorage


@asynccontextmanager
async def serving_twins(sqlite_path: str) -> AsyncIterator[Twins]:
    """A service with everybody in it, and its copy."""
    storage = await opened(sqlite_path)
    async with served(storage) as first:
        await populate(first)
        await fill(first)
    await storage.close()
    copied = str(shutil.copy(sqlite_path, Path(sqlite_path).with_name("copy.db")))
    one, other = await opened(sqlite_path), await opened(copied)
    async with served(one) as here, served(other) as there:
        for world in (here, there):
            for each in ("people", "headers", "sessions", "introductions", "weeks", "files"):
                setattr(world, each, getattr(first, each))
        yield Twins(here, there, other)
    await one.close()
    await other.close()
