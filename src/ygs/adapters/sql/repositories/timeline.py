"""Timelines of members: one query over what each event left behind."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, Boolean, Select, and_, case, literal, null, or_, select, tuple_, union_all
from sqlalchemy import cast as sql_cast

from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.audit import audit, audit_subjects
from ygs.adapters.sql.tables.column_types import Moment, Words
from ygs.adapters.sql.tables.moderation import reports
from ygs.adapters.sql.tables.rounds import introductions
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.timeline import AUDITED_EVENTS, TimelineEvent, TimelineItem, TimelineKey
from ygs.ports.repositories import MOST_PAGE

_Items: TypeAlias = Select[Any]


class SqlTimelineReader:
    """What happened to members."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def of_member(
        self,
        id: UserId,
        events: Collection[TimelineEvent],
        *,
        before: TimelineKey | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[TimelineItem]:
        happened = union_all(*_joined(id), *_audited(id), *_introductions(id), *_reports(id)).subquery()
        found = happened.c
        order = (found.at, found.number, found.event, found.what)
        query = select(happened).where(found.event.in_(sorted(events)))
        if before is not None:
            query = query.where(tuple_(*order) < _bound(before))
        query = query.order_by(*(each.desc() for each in order)).limit(limit)
        return [_to_item(row) for row in await self.tx.rows(query)]


def _bound(key: TimelineKey) -> Any:
    return tuple_(
        literal(key.at, Moment()),
        literal(key.number, BigInteger),
        literal(key.event, Words()),
        literal(key.what, Words()),
    )


def _to_item(row: Found) -> TimelineItem:
    return TimelineItem(
        at=row.at,
        event=TimelineEvent(row.event),
        number=row.number,
        what=row.what,
        outcome=row.outcome,
        actor=row.actor,
        role=row.role,
        reason=row.reason,
        other=UserId(row.other) if row.other else None,
        met=row.met,
    )


def _items(at: Any, event: Any, **columns: Any) -> _Items:
    """A branch of the union: every column that is not given is empty."""
    empty = _words("")
    return select(
        at.label("at"),
        columns.get("number", sql_cast(literal(0), BigInteger)).label("number"),
        (event if not isinstance(event, str) else _words(event)).label("event"),
        columns.get("what", empty).label("what"),
        columns.get("outcome", empty).label("outcome"),
        columns.get("actor", empty).label("actor"),
        columns.get("role", empty).label("role"),
        columns.get("reason", empty).label("reason"),
        columns.get("other", empty).label("other"),
        columns.get("met", sql_cast(null(), Boolean)).label("met"),
    )


def _words(text: str) -> Any:
    return sql_cast(literal(text, Words()), Words())


def _joined(id: UserId) -> Iterator[_Items]:
    yield _items(users.c.created_at, TimelineEvent.JOINED.value).where(users.c.id == id, LIVE)


def _audited(id: UserId) -> Iterator[_Items]:
    columns = audit.c
    entries = _items(
        columns.at,
        columns.action,
        number=columns.number,
        what=columns.what,
        actor=columns.actor,
        role=columns.role,
        reason=columns.reason,
    ).where(columns.action.in_(sorted(AUDITED_EVENTS)))
    yield entries.where(columns.subject == id)
    among = audit.join(audit_subjects, audit_subjects.c.entry == columns.number)
    yield entries.select_from(among).where(audit_subjects.c.user_id == id)


def _introductions(id: UserId) -> Iterator[_Items]:
    columns = introductions.c
    theirs = or_(columns.a == id, columns.b == id)
    other = case((columns.a == id, columns.b), else_=columns.a)
    yield _items(columns.created_at, TimelineEvent.INTRODUCED.value, what=columns.id, other=other).where(theirs)
    decided = and_(theirs, columns.state != IntroductionState.WAITING.value, columns.decided_at.is_not(None))
    event = TimelineEvent.DECIDED.value
    yield _items(columns.decided_at, event, what=columns.id, outcome=columns.state, other=other, met=columns.met).where(
        decided
    )


def _reports(id: UserId) -> Iterator[_Items]:
    columns = reports.c
    theirs = or_(columns.subject == id, columns.reporter == id)
    received, made = _words(TimelineEvent.REPORTED.value), _words(TimelineEvent.REPORT_MADE.value)
    event = case((columns.subject == id, received), else_=made)
    yield _items(columns.created_at, event, what=columns.id).where(theirs)
    resolved = _items(
        columns.resolved_at, TimelineEvent.REPORT_RESOLVED.value, what=columns.id, outcome=columns.resolution
    )
    yield resolved.where(theirs, columns.resolution.is_not(None))
