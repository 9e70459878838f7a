"""Translates driver errors into domain errors, and removes stored data from their texts.

Constraints are found by name. PostgreSQL reports the name; SQLite reports the columns of a unique constraint and the
name of a check.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ygs.domain.errors import (
    N_,
    AlreadyGiven,
    AlreadyIntroduced,
    AlreadyReported,
    Conflict,
    LinkTaken,
    Misconfigured,
    NotWritable,
    OutcomeUnknown,
    OverCapacity,
    PhoneTaken,
    SlotOverlap,
    SlotTaken,
    StaleWrite,
    StillRunning,
    Unavailable,
    WeekTaken,
    YgsError,
)

_TAKEN: Mapping[str, YgsError] = {
    "users_live_phone": PhoneTaken(N_("a live user has that phone: log in, or take another")),
    "match_weeks_standing": WeekTaken(N_("that ISO week has a match week: cancel it first, or use it")),
    "introductions_pair": AlreadyIntroduced(N_("two of these people were introduced before: plan the week again")),
    "participants_key": OverCapacity(N_("a person would be in too many introductions this week: plan it again")),
    "participants_slot": OverCapacity(N_("a person would be in too many introductions this week: plan it again")),
    "policies_key": StaleWrite(N_("another policy was set meanwhile: read it again and repeat the edit")),
    "working_hours_key": StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit")),
    "week_schedules_key": StaleWrite(N_("somebody changed this meanwhile: read it again and repeat the edit")),
    "meetings_key": Conflict(N_("an introduction has one meeting: read it, and change that")),
    "feedback_side": AlreadyGiven(N_("this side has told already how it went")),
    "reports_open": AlreadyReported(N_("your earlier report of this person is still open: wait for our answer")),
    "memberships_open": Conflict(N_("the member has a membership that has not ended: end it first")),
    "consultations_slot": SlotTaken(N_("somebody else booked this time: choose another")),
    "slot_quarters_key": SlotOverlap(N_("the consultant has a slot at that time: close it first, or take another")),
    "links_key": LinkTaken(N_("that account signs in another user: sign in with it, and unlink it there")),
    "idempotency_records_key": StillRunning(
        N_("the first request with that Idempotency-Key is still running: ask again shortly")
    ),
}

# Unique constraints by the columns that SQLite reports.
_ON_SQLITE: Mapping[str, str] = {
    "users.phone_index": "users_live_phone",
    "match_weeks.iso_year, match_weeks.iso_week": "match_weeks_standing",
    "introductions.a, introductions.b": "introductions_pair",
    "participants.week_id, participants.user_id, participants.slot": "participants_key",
    "feedback.introduction_id, feedback.by_user": "feedback_side",
    "meetings.id": "meetings_key",
    "reports.reporter, reports.subject": "reports_open",
    "memberships.user_id": "memberships_open",
    "policies.version": "policies_key",
    "working_hours.consultant": "working_hours_key",
    "week_schedules.version": "week_schedules_key",
    "consultations.slot_id": "consultations_slot",
    "slot_quarters.consultant, slot_quarters.starts_at": "slot_quarters_key",
    "links.provider, links.subject": "links_key",
    "idempotency_records.id": "idempotency_records_key",
}

BUSY = N_(
    "the database did not answer in time; try again in a moment, or look for a long import or backup that holds it"
)
GONE = N_("the database cannot be reached; look whether it runs and whether its URL is right, then try again")
OLD = N_("the database has another schema than this release needs: run `ygs db upgrade`")
LOST = N_("the database was lost during the commit; this may be stored or not: look before you repeat it")
_NOT_ALLOWED = Misconfigured(
    N_("the database does not let this user in or do that: look at the user and password in its URL, and at GRANTs")
)
_FULL = NotWritable(N_("the disk is full: make room, then try again; nothing was written"))
_READ_ONLY = NotWritable(N_("the database is read-only here: look at the file's permissions, or write with `write()`"))
_FAILED = NotWritable(N_("the disk failed: look at it, and have a backup ready"))

# SQLite's errors by a part of their text.
_BY_TEXT: Mapping[str, Unavailable] = {
    "file is not a database": Misconfigured(N_("this file is not a SQLite database: give another path")),
    "unable to open database file": Unavailable(
        N_("the database file cannot be opened: look at its path and permissions")
    ),
    "readonly database": _READ_ONLY,
    "database or disk is full": _FULL,
    "disk I/O error": _FAILED,
    "malformed": Unavailable(N_("the database file is damaged: restore the latest backup")),
    "no such table": Misconfigured(OLD),
    "no such column": Misconfigured(OLD),
    "database is locked": Unavailable(BUSY),
    "database table is locked": Unavailable(BUSY),
}

# PostgreSQL's errors by their SQLSTATE. Busy: cancelled by a timeout, no lock in time, deadlock, serialisation, too
# many connections, idle for too long.
_BY_STATE: Mapping[str, Unavailable] = {
    **dict.fromkeys(("57014", "55P03", "40P01", "40001", "53300", "25P03", "57P05"), Unavailable(BUSY)),
    **dict.fromkeys(("42P01", "42703"), Misconfigured(OLD)),
    **dict.fromkeys(("42501", "28000", "28P01"), _NOT_ALLOWED),
    "3D000": Misconfigured(N_("there is no database of that name on the server: make it, or mend its URL")),
    **dict.fromkeys(("57P01", "57P02", "57P03"), Unavailable(GONE)),
    "53100": _FULL,
    "25006": _READ_ONLY,
    "58030": _FAILED,
}


@contextmanager
def translated() -> Iterator[None]:
    """Translate driver errors that the block raises."""
    try:
        with in_our_words():
            yield
    except TimeoutError as error:
        raise Unavailable(BUSY) from error


@contextmanager
def in_our_words() -> Iterator[None]:
    """Like `translated`, around a caller's code, whose own timeouts are not the database's."""
    try:
        yield
    except StatementError as error:
        if isinstance(error.orig, YgsError):
            raise error.orig from None
        _silence(error)
        raise meaning(error) from error
    except PendingRollbackError as error:
        raise Unavailable(N_("an earlier statement failed, so nothing of this was written: try again")) from error
    except PoolTimeout as error:
        raise Unavailable(BUSY) from error


@contextmanager
def committing() -> Iterator[None]:
    """Like `translated`, around the commit of a server, which may be done although its reply does not come."""
    try:
        yield
    except DBAPIError as error:
        _silence(error)
        raise (OutcomeUnknown(LOST) if error.connection_invalidated else meaning(error)) from error
    except OSError as error:
        raise OutcomeUnknown(LOST) from error


@contextmanager
def connecting() -> Iterator[None]:
    """Like `translated`, where the driver may also fail to connect."""
    try:
        with translated():
            yield
    except (OSError, SQLAlchemyError) as error:
        raise Unavailable(GONE) from error


def meaning(error: StatementError) -> YgsError:
    """The domain error of a failed statement."""
    if isinstance(error, IntegrityError):
        return _taken(error)
    return trouble(error.orig, gone=isinstance(error, DBAPIError) and error.connection_invalidated)


def trouble(error: BaseException | None, *, gone: bool = False) -> Unavailable:
    """The domain error of a driver error that is not a constraint. `gone`: the connection is lost."""
    known = _BY_STATE.get(getattr(error, "sqlstate", None) or "")
    if known is None:
        message = str(error)
        known = next((each for words, each in _BY_TEXT.items() if words in message), None)
    if known is not None:
        return type(known)(*known.args)
    if gone:
        return Unavailable(GONE)
    return Unavailable(N_("the database refused ({kind}): its log says why"), kind=type(error).__name__)


def _taken(error: IntegrityError) -> YgsError:
    name = constraint_of(error)
    known = _TAKEN.get(name)
    if known is None:
        return Conflict(
            N_("the stored data forbids this ({value}): read it again and repeat the edit"),
            value=name or "a constraint",
        )
    return type(known)(*known.args)


def constraint_of(error: IntegrityError) -> str:
    """The name of the broken constraint; "" where the database does not report it (SQLite foreign keys)."""
    name = getattr(error.orig.__cause__, "constraint_name", None) if error.orig else None
    if name:
        return str(name)
    _, _, what = str(error.orig).partition("constraint failed: ")
    return _ON_SQLITE.get(what, what)


def _silence(error: StatementError) -> None:
    """Remove PostgreSQL's DETAIL, which quotes the refused row: tracebacks are logged."""
    driver = error.orig.__cause__ if error.orig else None
    for one in (error, error.orig, driver):
        if one is not None and one.args:
            one.args = (str(one.args[0]).partition("\nDETAIL:")[0], *one.args[1:])
    if driver is not None and hasattr(driver, "detail"):
        driver.detail = None
