"""Chains of refresh tokens: rotation, grace, reuse."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidToken
from ygs.domain.ids import SessionId, UserId
from ygs.domain.sessions import GRACE, Ending, Lifetime, RefreshToken, Session, start_session
from ygs.domain.users import Role
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered

SECOND = timedelta(seconds=1)


def started(role: Role = Role.MEMBER) -> tuple[Session, RefreshToken]:
    return start_session(
        SessionId(numbered("ses", 1)),
        UserId(numbered("usr", 1)),
        secret=bytes(range(32)),
        salt=bytes(range(32, 64)),
        lifetime=Lifetime.of(role),
        at=NOON,
    )


def refreshed(session: Session, token: RefreshToken, at: datetime) -> tuple[Session, RefreshToken]:
    after, successor = session.refresh(token, at=at)
    assert successor is not None
    return after, successor


def test_every_use_gives_another_token_and_the_latest_is_good() -> None:
    session, token = started()
    seen = {str(token)}
    for hour in range(1, 50):
        session, token = refreshed(session, token, NOON + hour * timedelta(hours=1))
        seen.add(str(token))
    assert len(seen) == 50


def test_a_token_used_again_within_the_grace_gets_the_same_successor_and_changes_nothing() -> None:
    session, token = started()
    rotated, successor = refreshed(session, token, NOON + SECOND)
    again, same = refreshed(rotated, token, NOON + SECOND + GRACE)
    assert same == successor
    assert again == rotated


def test_a_token_used_again_after_the_grace_ends_the_session() -> None:
    session, token = started()
    rotated, successor = refreshed(session, token, NOON)
    ended, nothing = rotated.present(1).refresh(token, at=NOON + GRACE + SECOND)
    assert nothing is None
    assert ended.ending is Ending.TOKEN_REUSED
    with pytest.raises(InvalidToken):
        ended.refresh(successor, at=NOON + GRACE + SECOND)


def test_a_token_used_again_after_the_grace_is_good_once_more_while_nobody_used_what_it_gave() -> None:
    session, token = started()
    rotated, successor = refreshed(session, token, NOON)
    again, same = refreshed(rotated, token, NOON + GRACE + SECOND)
    assert same == successor
    ended, nothing = again.refresh(token, at=NOON + GRACE + 2 * SECOND)
    assert (ended.ending, nothing) == (Ending.TOKEN_REUSED, None)


def test_an_access_token_of_an_earlier_generation_uses_nothing_of_the_latest() -> None:
    session, token = started()
    session, token = refreshed(session.present(0), token, NOON)
    session, _ = refreshed(session.present(1), token, NOON)
    assert refreshed(session.present(1), token, NOON + GRACE + SECOND)[0].repeated == 1


def test_a_token_from_before_the_last_ends_the_session_even_within_the_grace() -> None:
    session, first = started()
    session, second = refreshed(session, first, NOON)
    session, _ = refreshed(session, second, NOON)
    ended, nothing = session.refresh(first, at=NOON)
    assert nothing is None
    assert ended.ended_at == NOON


@given(st.binary(min_size=32, max_size=32), st.integers(0, 9))
def test_a_made_up_token_is_refused_and_ends_nothing(secret: bytes, generation: int) -> None:
    session, token = started()
    for _ in range(5):
        session, token = refreshed(session, token, NOON)
    with pytest.raises(InvalidToken):
        session.refresh(RefreshToken(session.id, generation, secret), at=NOON)


def test_a_guess_far_back_costs_nothing() -> None:
    session, token = started()
    session = type(session)(**{name: getattr(session, name) for name in session.__slots__} | {"generation": 10**8})
    with pytest.raises(InvalidToken):
        session.refresh(token, at=NOON)


def test_nothing_that_is_stored_gives_a_token() -> None:
    session, token = started()
    _, successor = refreshed(session, token, NOON)
    for value in (session.salt, session.digest):
        assert value not in {token.secret, successor.secret}
        with pytest.raises(InvalidToken):
            session.refresh(RefreshToken(session.id, 0, value), at=NOON)


@pytest.mark.parametrize(
    ("role", "unused", "in_all"),
    [(Role.MEMBER, timedelta(days=14), timedelta(days=30)), (Role.ADMIN, timedelta(minutes=30), timedelta(hours=12))],
)
def test_sessions_end_when_unused_and_in_any_case(role: Role, unused: timedelta, in_all: timedelta) -> None:
    session, token = started(role)
    assert session.live(at=NOON + unused - SECOND)
    assert not session.live(at=NOON + unused)
    at = NOON
    while at + unused / 2 < NOON + in_all:
        at += unused / 2
        session, token = refreshed(session, token, at)
    with pytest.raises(InvalidToken):
        session.refresh(token, at=NOON + in_all)


def test_a_token_is_read_back_from_its_text() -> None:
    _, token = started()
    assert RefreshToken.parse(str(token)) == token
    assert token.secret.hex() not in repr(token)


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "ses_1.0.ff", "x" * 10_000, "ses_" + "0" * 26 + ".0." + "g" * 64, "\x00"]
)
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        RefreshToken.parse(text)
