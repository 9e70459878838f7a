"""The same two reads as one would write them with FastAPI and SQLAlchemy's ORM, and with FastAPI and asyncpg by hand.

Both check the access token and look up its session, and write down who read the list, whom it showed, and how many
people that account was shown today, as ours does. Neither takes turns to seal what it writes down to what was written
before, or finds unusual reading, which ours does.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy import DateTime, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from ygs.adapters.sql.tables.accounts import sessions as session_table
from ygs.adapters.sql.tables.column_types import metadata as tables
from ygs.adapters.sql.tables.users import CODED
from ygs.adapters.sql.tables.users import consents as consent_table
from ygs.adapters.sql.tables.users import users as user_table
from ygs.adapters.sql.tables.users import wishes as wish_table
from ygs.ports.authentication import Tokens

FACTS = tuple(CODED)
BUDGET = 10_000
TEXTS = ("district", "school", "job_title", "introduction", "ideal_partner")


class WishOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    attribute: int
    importance: int
    low: int
    high: int
    accepts: int


class ConsentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    purpose: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class Line(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    birth_year: int
    role: str
    status: str
    updated_at: datetime


class _Me(Line):
    gender: int
    seeks: int
    status_reason: str
    created_at: datetime
    version: int
    wishes: list[WishOut]
    consents: list[ConsentOut]


_more: dict[str, Any] = {**dict.fromkeys(FACTS, (int, ...)), **dict.fromkeys(TEXTS, (str, ...))}
Me: type[_Me] = create_model("Me", __base__=_Me, **_more)


class Base(DeclarativeBase):
    metadata = tables


class Wish(Base):
    __table__ = wish_table


class Consent(Base):
    __table__ = consent_table


class _User(Base):
    __table__ = user_table
    wishes = relationship(Wish)
    consents = relationship(Consent)


User: Any = _User


class Recorded(DeclarativeBase):
    """What a rival writes down, in a table of its own."""


class Read(Recorded):
    __tablename__ = "rival_reads"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str]
    action: Mapped[str]


class Shown(Recorded):
    __tablename__ = "rival_shown"
    read_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)


class ShownToday(Recorded):
    __tablename__ = "rival_shown_today"
    actor: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)


class _Session(Base):
    __table__ = session_table


Session: Any = _Session


async def record(database: AsyncSession, actor: str, people: Collection[str]) -> None:
    """Write down who was shown whom, unless that passes the budget of the day."""
    today = datetime.now(UTC).date()
    mine = select(ShownToday.user_id).where(ShownToday.actor == actor, ShownToday.day == today)
    known = set(await database.scalars(mine))
    if len(known.union(people)) > BUDGET:
        raise HTTPException(429)
    if new := set(people) - known:
        insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[database.get_bind().dialect.name]
        rows = [{"actor": actor, "day": today, "user_id": each} for each in new]
        await database.execute(insert(ShownToday).on_conflict_do_nothing(), rows)
    read = Read(at=datetime.now(UTC), actor=actor, action="members.read")
    database.add(read)
    await database.flush()
    database.add_all(Shown(read_id=read.id, user_id=each) for each in people)
    await database.commit()


async def make_tables(url: str) -> None:
    """Make the tables of the rivals."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Recorded.metadata.create_all)
    await engine.dispose()


def orm(url: str, tokens: Tokens) -> FastAPI:  # noqa: C901 - an application as tutorials write it, in one function
    """FastAPI and the ORM, as its tutorial has it."""
    engine = create_async_engine(url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await make_tables(url)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=life)

    async def database() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    async def current(
        database: Annotated[AsyncSession, Depends(database)], authorization: Annotated[str, Header()]
    ) -> str:
        access = tokens.read(authorization.removeprefix("Bearer "), at=datetime.now(UTC))
        session = await database.get(Session, access.session_id)
        if session is None or session.ended_at is not None or session.expires_at < datetime.now(UTC):
            raise HTTPException(401)
        return str(session.user_id)

    @app.get("/me", response_model=Me)
    async def me(database: Annotated[AsyncSession, Depends(database)], id: Annotated[str, Depends(current)]) -> Any:
        loading = selectinload(User.wishes), selectinload(User.consents)
        query = select(User).options(*loading).where(User.id == id, User.deleted_at.is_(None))
        return (await database.scalars(query)).one()

    @app.get("/members", response_model=list[Line])
    async def members(
        database: Annotated[AsyncSession, Depends(database)],
        id: Annotated[str, Depends(current)],
        recorded: bool = True,
    ) -> Any:
        caller = await database.get(User, id)
        if caller is None or caller.role == "member":
            raise HTTPException(403)
        query = select(User).where(User.deleted_at.is_(None)).order_by(User.id).limit(50)
        found = (await database.scalars(query)).all()
        if recorded:
            await record(database, id, [each.id for each in found])
        return found

    return app


def by_hand(url: str, tokens: Tokens) -> FastAPI:
    """FastAPI and asyncpg, one statement a question, no transaction."""
    pools: list[asyncpg.Pool] = []

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        pools.append(await asyncpg.create_pool(url))
        yield
        await pools[0].close()

    app = FastAPI(lifespan=life)

    async def current(authorization: Annotated[str, Header()]) -> asyncpg.Record:
        access = tokens.read(authorization.removeprefix("Bearer "), at=datetime.now(UTC))
        bearer = await pools[0].fetchrow(
            "SELECT s.user_id, u.role FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1"
            " AND s.ended_at IS NULL AND s.expires_at > now() AND u.deleted_at IS NULL",
            access.session_id,
        )
        if bearer is None:
            raise HTTPException(401)
        return bearer

    @app.get("/me")
    async def me(bearer: Annotated[Any, Depends(current)]) -> Me:
        async with pools[0].acquire() as connection:
            row = await connection.fetchrow("SELECT * FROM users WHERE id = $1", bearer["user_id"])
            wishes = await connection.fetch("SELECT * FROM wishes WHERE user_id = $1", bearer["user_id"])
            consents = await connection.fetch("SELECT * FROM consents WHERE user_id = $1", bearer["user_id"])
        return Me(
            **row, wishes=[WishOut(**each) for each in wishes], consents=[ConsentOut(**each) for each in consents]
        )

    @app.get("/members")
    async def members(bearer: Annotated[Any, Depends(current)]) -> list[Line]:
        if bearer["role"] == "member":
            raise HTTPException(403)
        found = await pools[0].fetch(
            "SELECT id, name, birth_year, role, status, updated_at FROM users"
            " WHERE deleted_at IS NULL ORDER BY id LIMIT 50"
        )
        people = [each["id"] for each in found]
        async with pools[0].acquire() as connection, connection.transaction():
            shown = await connection.fetchval(
                "WITH fresh AS (INSERT INTO rival_shown_today SELECT $1::text, current_date, unnest($2::text[])"
                " ON CONFLICT DO NOTHING RETURNING 1) SELECT (SELECT count(*) FROM fresh)"
                " + (SELECT count(*) FROM rival_shown_today WHERE actor = $1 AND day = current_date)",
                bearer["user_id"],
                people,
            )
            if shown > BUDGET:
                raise HTTPException(429)
            read = await connection.fetchval(
                "INSERT INTO rival_reads (at, actor, action) VALUES (now(), $1, 'members.read') RETURNING id",
                bearer["user_id"],
            )
            await connection.execute("INSERT INTO rival_shown SELECT $1::int, unnest($2::text[])", read, people)
        return [Line(**each) for each in found]

    return app
