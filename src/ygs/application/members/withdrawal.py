"""What withdrawing does: what waits is cancelled, and what must still be known of who left is kept."""

from datetime import datetime

from ygs.application.accounts.sessions import close_account
from ygs.application.consultation_changes import end_consultations
from ygs.application.members.meeting_changes import end_meetings
from ygs.domain.events import ended_for
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import Status, User
from ygs.ports.storage import Writing


async def withdraw_member(tx: Writing, user: User, at: datetime) -> None:
    """Mark a user deleted, end their sessions and cancel what waits; keep by contact who must still be known.

    What a language model wrote about them is deleted at once, as when they withdraw the consent to it.
    """
    await tx.blocks.keep_after_withdrawal(user)
    await tx.introductions.keep_after_withdrawal(user, at)
    await _keep_suspension(tx, user, at)
    await tx.users.save(user.withdraw(at=at))
    await cancel_waiting(tx, user.id, at)
    await tx.advice.forget(user.id)
    await close_account(tx, user.id, at=at)


async def cancel_waiting(tx: Writing, id: UserId, at: datetime) -> None:
    """Cancel a user's introductions that wait for answers, their coming meetings and consultations, and notify the
    others."""
    waiting = [each for each in await tx.introductions.of_user(id) if each.state is IntroductionState.WAITING]
    cancelled = [each.cancel(at=at) for each in waiting]
    await tx.introductions.save_all(cancelled)
    await tx.outbox.add(ended_for(each, each.other(id), at) for each in cancelled)
    await end_meetings(tx, await tx.meetings.of_user(id), at, but=id)
    await end_consultations(tx, id, at)


async def _keep_suspension(tx: Writing, user: User, at: datetime) -> None:
    """Keep the contacts of a withdrawing user who is suspended, or who has a contact of one that left suspended.

    Staff who review a new profile with one of these contacts see when the suspended user left.
    """
    left = at if user.status is Status.SUSPENDED else (await tx.suspensions.of([user.id])).get(user.id)
    if left is not None:
        await tx.suspensions.keep_after_withdrawal(user, left)
