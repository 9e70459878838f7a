"""Erasure is real: a canary in every column by reflection, and after the purge none in any, nor in what was logged."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, select

from tests.support.databases import opened
from tests.support.planted_rows import CANARY, planted, row_of
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import Retention as Kept
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.audit import audit
from ygs.adapters.sql.tables.directory import directory, name_keys
from ygs.adapters.sql.tables.users import users
from ygs.application.actors import Actor
from ygs.application.operations.purge import Erasure, Retention
from ygs.domain.contacts import Contact
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import a_draft, a_slot, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock

LEFT = NOON - timedelta(days=31)
# What names a row or says whose it is, and so cannot be just anything; ids name nobody once the row of `users` is gone.
TIED = {"week_id", "user_id", "a", "b", "introduction_id", "by_user", "asked_by", "other", "dedupe_key", "kind", "id"}
TIED |= {"reporter", "subject", "member", "consultant", "slot_id"}
# Kept on purpose, and why: docs/decisions.
# What somebody else answered and told, in codes, and what became of the two: theirs as much.
THE_OTHERS = {
    "introductions.state",
    "introductions.origin",
    "introductions.choice_of_b",
    "introductions.reason_of_b",
    "feedback.reasons",
}
SHARED = {"origin", "state", "decided_at", "met", "deadline", "created_at"}
FILES = {"uploads", "photos", "documents"}
STAYS = {
    "week_commitments",
    "audit",
    "audit_head",
    "audit_subjects",
    "match_weeks",
    "policies",
    "learned_versions",
    "week_schedules",
    "contact_blocks",
    "suspended_contacts",
    "met_contacts",
}
# Kept as long as the law asks of contracts, payments and disputes, and of an id that names nobody any more.
CONTRACTS = {"membership_plans", "memberships", "refunds", "forecasts"}
STAYS |= {"pending_deletions", "webhooks"} | CONTRACTS
# What the advice of a week took in all, and the drafts of a day.
STAYS |= {"advice_usage", "draft_usage"}
# What consultants offer names no member.
CONSULTATION_TIMES = {"slots", "slot_quarters"}
STAYS |= {"closed_days"} | CONSULTATION_TIMES
# Made-up members in exported sheets, and the ids of accounts of staff to whom they lead.
STAYS |= {"export_canaries"}


async def plant(tx: SqlTransaction, one: User, other: User) -> None:
    """A row about `one` in every table, with canaries; what `other` told of the two as well."""
    week = a_week(1)
    introduction = an_introduction(one, other, week)
    tied: dict[str, Any] = {"user_id": one.id, "week_id": week.id, "introduction_id": introduction.id}
    tied |= {"member": one.id, "consultant": one.id, "slot_id": a_slot().id}
    tied |= {"asked_by": one.id, "other": other.id, "reporter": one.id, "subject": other.id, "owner": one.id}
    by_table: dict[str, list[dict[str, Any]]] = {
        "introductions": [{"id": introduction.id, "a": introduction.a, "b": introduction.b}],
        "meetings": [{"id": introduction.id, "a": introduction.a, "b": introduction.b}],
        "pair_advice": [{"a": introduction.a, "b": introduction.b}],
        "drafts": [{"id": "d1"}, {"id": "d2", "user_id": other.id, "other": one.id}],
        "feedback": [{"id": "mf_1", "by_user": one.id}, {"id": "mf_2", "by_user": other.id}],
        "slots": [{"id": a_slot().id}],
        "outbox": [{"id": 7}],
        "deliveries": [{"id": "dlv_1"}, {"id": "dlv_2", "user_id": None, "recipient_id": one.id}],
        "delivery_attempts": [{"delivery_id": "dlv_1"}],
        "accounts": [{"id": one.id}],
        "directory": [{"id": one.id}],
        "reports": [{"id": "rep_1"}, {"id": "rep_2", "reporter": other.id, "subject": one.id}],
        "notes": [{"subject": one.id}],
        "contact_blocks": [{"other": "0" * 64}, {"asked_by": "0" * 64, "other": one.id}],
        "met_contacts": [{"one": "0" * 64, "other": "1" * 64}, {"one": "0" * 64, "other": one.id}],
        "suspended_contacts": [{"contact": "0" * 64}],
        "memberships": [{"id": "mb_1", "ended_on": None}],
        "refunds": [{"membership_id": "mb_1"}],
        "learned_versions": [{"number": 1, "rates": {}, "evaluation": {}}],
        "learned_people": [{"number": 1}],
        "forecasts": [{"membership_id": "mb_1"}],
        "idempotency_records": [{"started_at": LEFT}],
        "rate_limits": [{"since": LEFT}],
        "jobs": [{"finished_at": LEFT}],
        "read_budgets": [{"kind": "full"}],
        "imports": [{"id": "imp_1", "state": "open", "created_at": LEFT}],
        "exports": [{"id": "exp_1", "requested_at": LEFT}],
        "import_verdicts": [{"id": "imp_1.1", "import_id": "imp_1"}],
        "imported_members": [{"import_id": "imp_1"}],
        "week_keys": [{"id": tied["week_id"]}],
        "uploads": [file_row(tx, "uploads", kind="photo")],
        "photos": [file_row(tx, "photos", state="uploaded")],
        "documents": [file_row(tx, "documents", kind="identity", state="submitted")],
    }
    skipped = {"users", "match_weeks", "week_commitments", "policies", "week_schedules", "audit", "audit_head"}
    skipped |= {"audit_subjects", "pending_deletions", "webhooks", "closed_days", "export_canaries"}
    # These have rows of every live user, which would not take a second one.
    for copies in (name_keys, directory):
        await tx.run(copies.delete())
    for table in (table for table in metadata.sorted_tables if table.name not in skipped):
        for own in by_table.get(table.name, [{}]):
            await tx.run(table.insert().values(row_of(table, **{**tied, **own})))
    about = {column.name: planted(column, 1) for column in users.c if column.name not in untouched()}
    await tx.run(users.update().where(users.c.id == one.id).values(about))


def file_row(tx: SqlTransaction, table: str, **more: str) -> dict[str, Any]:
    """What the object keys of the bytes are read from before it goes."""
    key = tx.keyring.seal(metadata.tables[table].c.key, f"id of {table}", "01J00000000000000000000000")
    return {"id": f"id of {table}", "key": key, "content_type": "image/jpeg", **more}


def untouched() -> set[str]:
    return {"id", "version", "gender", "seeks", "role", "status", "deleted_at", "erased_at", "created_at", "updated_at"}


async def dump(storage: SqlStorage, skip: set[str]) -> dict[str, Sequence[Any]]:
    """Everything in every table."""
    async with storage.transaction() as tx:
        tables = [table for table in metadata.sorted_tables if table.name not in skip]
        return {table.name: await tx.rows(select(table)) for table in tables}


@pytest.fixture
async def left(storage: SqlStorage) -> tuple[User, User]:
    """Somebody who left 31 days ago, in every table there is, and somebody who stays."""
    one, other = a_draft(1), a_user(2)
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(a_week(1, created_at=LEFT - timedelta(days=1)))
    async with storage.transaction() as bare:
        await plant(bare, one, other)
        await bare.run(users.update().where(users.c.id == one.id).values(deleted_at=LEFT, status="withdrawn"))
    return one, other


async def purge(storage: SqlStorage, at: datetime = NOON) -> Any:
    return await Erasure(storage, FrozenClock(at), Retention(timedelta(days=30))).purge(Actor.operator())


async def test_no_canary_survives_an_erasure_in_any_column_or_log(
    storage: SqlStorage, left: tuple[User, User], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = await dump(storage, STAYS)
    assert all(before.values()), "plant something of the person in every table"
    sung = {column for name, rows in before.items() for row in rows for column in columns_with_canary(name, row)}
    silent = {str(each) for each in texts()} - sung
    assert not silent, "every column that can hold a text about a person needs a canary here"
    assert (await purge(storage)).people == 1
    after = await dump(storage, set())
    erased = {name: rows for name, rows in after.items() if name not in CONTRACTS}
    left_over = {each for name, rows in erased.items() for row in rows for each in columns_with_canary(name, row)}
    assert left_over == THE_OTHERS
    assert CANARY not in caplog.text
    one, other = left
    kept = {row.id: row for row in after["users"]}
    assert kept[one.id].erased_at == NOON
    told = {name: value for name, value in kept[one.id]._mapping.items() if name not in untouched()}
    assert set(told.values()) <= {None, "", 0}
    assert kept[other.id].name == other.name
    (introduction,) = after["introductions"]
    assert {one.id, other.id} == {introduction.a, introduction.b}
    # Numbers and moments too: nothing is left but what is both's, and the other's answer.
    side = "a" if introduction.a == other.id else "b"
    theirs = {f"choice_of_{side}", f"answered_at_of_{side}", f"reason_of_{side}"}
    said = {name for name, value in introduction._mapping.items() if value not in (None, 0, [], "")}
    assert said == {"id", "week_id", "a", "b", *SHARED, "version"} | theirs
    (told_by_other,) = after["feedback"]
    assert (told_by_other.by_user, told_by_other.words) == (other.id, None)


async def test_the_id_of_the_erased_is_left_where_it_names_nobody_and_nowhere_else(
    storage: SqlStorage, left: tuple[User, User]
) -> None:
    await purge(storage)
    after = await dump(storage, {"audit", "audit_subjects"})
    named = {name for name, rows in after.items() if any(left[0].id in row for row in rows)}
    assert named == {"users", "introductions", "participants"} | CONSULTATION_TIMES


def texts() -> list[Column[Any]]:
    """Every column that can hold words or bytes about a person."""
    tied = TIED | {"role", "status"}
    in_files = {"key", "state", "content_type"}
    return [
        column
        for table in metadata.sorted_tables
        if table.name not in STAYS
        for column in table.columns
        if column.name not in (tied | in_files if table.name in FILES else tied)
        and (isinstance(column.type, LargeBinary) or column.type.python_type is str)
    ]


def columns_with_canary(name: str, row: Any) -> list[str]:
    def sings(value: Any) -> bool:
        return CANARY in (value.decode(errors="replace") if isinstance(value, bytes) else str(value))

    return [f"{name}.{column}" for column, value in row._mapping.items() if sings(value)]


async def test_who_was_erased_is_not_in_the_file_either(sqlite_path: str) -> None:
    storage = await opened(sqlite_path)
    people = [a_user(number, name=f"{CANARY}{number:04}") for number in range(1, 301)]
    async with storage.write() as tx:
        await tx.users.add_all(people)
    async with storage.write() as tx:
        stored = await tx.users.by_ids([user.id for user in people])
        await tx.users.save_all([user.withdraw(at=LEFT) for user in stored])
    assert (await purge(storage)).people == len(people)
    await storage.close()
    files = [path.read_bytes() for path in Path(sqlite_path).parent.iterdir() if path.is_file()]
    assert not [each for each in files if CANARY.encode() in each]


async def test_who_left_lately_stays_until_their_time_and_is_erased_once(storage: SqlStorage) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
        await tx.weeks.add(a_week(1, created_at=LEFT))
        await tx.introductions.add_all([an_introduction(a_user(1), a_user(2), a_week(1))], {})
    async with storage.write() as tx:
        early, late = await tx.users.by_ids([a_user(1).id, a_user(2).id])
        await tx.users.save_all([early.withdraw(at=LEFT), late.withdraw(at=NOON - timedelta(days=29))])
    assert [(await purge(storage)).people for _ in range(2)] == [1, 0]
    # Their row stays for the introduction. Nor are they erased again when another thirty days have passed.
    assert (await purge(storage, at=NOON + timedelta(days=40))).people == 1


async def test_somebody_never_introduced_leaves_no_row_at_all(storage: SqlStorage) -> None:
    one = a_user(1)
    async with storage.write() as tx:
        await tx.users.add(one)
        await tx.blocks.add_contacts(one.id, [Contact.phone("+821099990000")], NOON)
    async with storage.write() as tx:
        await tx.users.save((await tx.users.get(one.id)).withdraw(at=LEFT))
    assert (await purge(storage)).people == 1
    after = await dump(storage, {"audit", "audit_head", "audit_subjects"})
    assert not any(after.values())
    assert (await purge(storage)).people == 0


async def test_the_living_cannot_be_erased(storage: SqlStorage) -> None:
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
        await tx.erasure.erase([a_user(1).id], NOON)
    async with storage.read() as tx:
        assert await tx.users.get(a_user(1).id) == replace(a_user(1), version=1)


async def test_erasing_leaves_a_store_that_keeps_every_invariant(storage: SqlStorage) -> None:
    one, other, week = a_user(1), a_user(2), a_week(1, created_at=LEFT)
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(week)
        await tx.introductions.add_all([an_introduction(one, other, week)], {})
        await tx.users.save((await tx.users.get(one.id)).withdraw(at=LEFT))
    await purge(storage)
    async with storage.read() as tx:
        assert [violation async for violation in tx.invariants.violations()] == []
        (kept,) = await tx.introductions.of_user(other.id)
        assert await tx.introductions.have_met(one.id, other.id)
        assert list((await tx.market.enrolled(capacity=1)).introduced) == [1]
    assert kept.other(other.id) == one.id


async def test_of_two_purges_at_once_each_erases_others_and_nobody_is_on_record_twice(database: str) -> None:
    storages = [await opened(database) for _ in range(2)]
    people = [a_user(number) for number in range(1, 401)]
    async with storages[0].write() as tx:
        await tx.users.add_all(people)
        await tx.weeks.add(a_week(1, created_at=LEFT))
        # Between those whom one erases and those whom the other does.
        pairs = [an_introduction(people[at], people[-1 - at], a_week(1), at) for at in range(0, 200, 2)]
        await tx.introductions.add_all(pairs, {})
        stored = await tx.users.by_ids([user.id for user in people])
        await tx.users.save_all([user.withdraw(at=LEFT) for user in stored])
    purged = await asyncio.gather(*(purge(storage) for storage in storages))
    assert sum(each.people for each in purged) == len(people)
    async with storages[1].transaction() as tx:
        erased = await tx.rows(select(audit.c.subject).where(audit.c.action == "member.erased"))
    assert sorted(row.subject for row in erased) == sorted(user.id for user in people)
    for storage in storages:
        await storage.close()


def test_contracts_hold_no_profile_fact() -> None:
    """Codes of attributes that were agreed, without any value; evidence is sealed."""
    contract = {column.name for column in metadata.tables["memberships"].columns}
    assert contract == {
        *("id", "user_id", "plan", "fee", "months", "promised", "service", "unit", "basis", "agreed", "rules"),
        *("contracted_on", "starts_on", "payments", "grants", "pauses", "fixed_dates", "ended_on", "over_on"),
        *("created_at", "version"),
    }


def test_whatever_stays_is_classed_as_staying() -> None:
    stays = [metadata.tables[name] for name in STAYS - {"pending_deletions"}]
    kinds = {column.info["retention"] for table in stays for column in table.columns}
    assert kinds <= {Kept.AUDIT, Kept.SERVICE, Kept.ROUND, Kept.HISTORY, Kept.RECOGNITION, Kept.CONTRACT, Kept.DISPUTE}
