"""Members' replies hold only what is listed: a canary in every private text column, and every route crawled."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Table, select, update

from tests.support.databases import opened
from tests.support.http import World, populate, served
from tests.unit.test_http_blindness import everything_readable
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.column_types import Sensitivity, Words
from ygs.application.files.photos import ShownPhoto
from ygs.application.introductions.introduction_view import IntroductionView, MetWish, PartnerCard
from ygs.application.introductions.partner_view import PartnerView

PRIVATE = {Sensitivity.PERSONAL, Sensitivity.SENSITIVE, Sensitivity.SECRET}
# Codes, ids and digests, in which a canary would not be what the service keeps there.
CODED = {
    *("role", "status", "state", "kind", "content_type", "provider", "ending", "choice_of_a", "choice_of_b", "actor"),
    *("reason_of_a", "reason_of_b", "category", "resolution", "purpose", "action", "subject", "digest", "address"),
    *("phone_index", "email_index", "contact", "key", "password", "totp_secret", "family", "token", "code", "data"),
    *("origin", "unit", "basis", "rules", "district_code", "district_code_of_a", "district_code_of_b"),
    *("place", "body", "version", "reasons", "asked_by", "other", "user_id", "by_user", "a", "b", "reporter", "author"),
}
# Their own are canaries enough: a phone must be one.
CONTACTS = {"phone", "email"}
# Of somebody else: what they say of themselves, once introduced, and who they are, once both accepted.
INTRODUCED = {"users.introduction"}
REVEALED = INTRODUCED | {"users.name", "users.phone"}
CANARY = re.compile(r"Q_([a-z_]+\.[a-z_]+)_(usr_[0-9A-Z]{26})")


def private() -> Iterator[Column[Any]]:
    """Every column in which a canary can sing."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            texts = isinstance(column.type, Words) or "sealed" in column.info
            ties = bool(column.foreign_keys) or column.primary_key
            if column.info["sensitivity"] in PRIVATE and texts and not ties and column.name not in CODED | CONTACTS:
                yield column


def owner(table: Table, column: Column[Any], row: Any) -> str | None:
    """Whose a value is."""
    sides = {"_of_a": "a", "_of_b": "b"}
    names = [side for end, side in sides.items() if column.name.endswith(end)]
    for name in (
        *names,
        "user_id",
        "by_user",
        "reporter",
        "author",
        *(["id"] if table.name in ("users", "accounts") else []),
    ):
        if name in row._mapping:
            return str(row._mapping[name])
    return None


async def sing(storage: SqlStorage) -> set[str]:
    """A canary for whatever is kept there, in every private column; which columns sing now."""
    sung = set[str]()
    async with storage.transaction() as tx:
        for column in private():
            table = column.table
            for row in await tx.rows(select(table)):
                whose = owner(table, column, row)
                if whose is None or not whose.startswith("usr_") or row._mapping[column.name] is None:
                    continue
                song: Any = f"Q_{column}_{whose}"
                if "sealed" in column.info:
                    song = tx.keyring.seal(column, row.id, song)
                where = [each == row._mapping[each.name] for each in table.primary_key.columns]
                await tx.run(update(table).where(*where).values({column.name: song}))
                sung.add(str(column))
    return sung


@pytest.fixture
async def world(sqlite_path: str) -> AsyncIterator[World]:
    storage = await opened(sqlite_path)
    async with served(storage) as world:
        await populate(world)
        sung = await sing(storage)
        assert {"users.name", "users.school", "users.status_reason"} <= sung
        assert {"reports.words", "notes.text"} <= sung
        yield world
    await storage.close()


@pytest.mark.parametrize(
    ("who", "about", "may"),
    [
        ("another_member", "", set()),
        ("former_match", "", set()),
        ("matched_before_reveal", "owner", INTRODUCED),
        ("matched_after_reveal", "owner", REVEALED),
        ("owner", "matched_before_reveal", INTRODUCED),
        ("owner", "matched_after_reveal", REVEALED),
    ],
)
async def test_no_canary_of_anybody_elses_is_heard(world: World, who: str, about: str, may: set[str]) -> None:
    people = {user.id: name for name, user in world.people.items()}
    bodies = [body for _, body in (await everything_readable(world, who)).values()]
    bodies += [(await world.ask("GET", f"/users/{id}", who)).content for id in people]  # noqa: A001
    text = b"".join(bodies).decode(errors="replace")
    heard = [(column, people[whose]) for column, whose in CANARY.findall(text)]
    heard += [("users.phone", name) for name, user in world.people.items() if user.phone and user.phone in text]
    heard += [("users.email", name) for name, user in world.people.items() if user.email and user.email in text]
    assert ("users.phone", who) in heard
    # The consultants whose slots one may book are called by their names.
    others = {(column, whose) for column, whose in heard if whose != who} - {("users.name", "consultant")}
    introduced = {"matched_before_reveal", "matched_after_reveal"} if who == "owner" else {about}
    assert {whose for _, whose in others} <= introduced
    assert {column for column, whose in others if whose == about} == may


def test_what_is_told_of_somebody_else_is_exactly_this() -> None:
    seen = {"id", "name", "birth_year", "facts", "introduction", "phone", "photos"}
    assert set(PartnerView.model_fields) == seen
    assert set(ShownPhoto.model_fields) == {"id", "width", "height", "url", "thumbnail_url"}
    assert set(PartnerCard.model_fields) == {"name", "age_from", "age_to", "region", "thumbnail_url"}
    assert set(MetWish.model_fields) == {"attribute", "ko", "en"}
    own = {"my_answer", "my_satisfaction", "reasons", "feedback", "met"}
    told = {"id", "week", "with_user", "partner", "state", "deadline", "decided_at"}
    assert set(IntroductionView.model_fields) == told | own
