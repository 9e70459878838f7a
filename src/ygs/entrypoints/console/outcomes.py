"""What an act has done, said once on the page that comes after it.

A cookie carries the code of the outcome from the act to that page, so that it needs no script and no address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import Request, Response

from ygs.domain.errors import N_
from ygs.domain.ids import UserId, user_id
from ygs.entrypoints.console.cookies import OUTCOME_COOKIE, root

_SECONDS = 60

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "approve": N_("Approved. The member can be introduced from now on."),
        "reject": N_("Returned. The member reads your reason, and can send the profile in again."),
        "suspend": N_("Suspended. The sessions have ended, and waiting introductions are cancelled."),
        "restore": N_("Restored. The member can sign in again."),
        "filter_saved": N_("The filter is saved. It is in the row above the list from now on."),
        "filter_removed": N_("The saved filter is removed."),
        "note": N_("The note is kept."),
        "photo_approved": N_("The photo is approved."),
        "photo_refused": N_("The photo is refused. The member reads your reason."),
        "document_verified": N_("The document is verified."),
        "document_refused": N_("The document is refused. The member reads your reason."),
        "paid": N_("The payment is recorded."),
        "membership_started": N_("The membership has begun. Record its first payment here."),
        "membership_ended": N_("The membership has ended. What is paid back is on the page of its refund."),
        "refund_assessed": N_("The calculation is kept. Record the payment when it was paid back."),
        "membership_paused": N_("The membership is paused: its end moves by the days of the pause."),
        "membership_resumed": N_("The pause has its end."),
        "granted": N_("The introductions on top are recorded."),
        "resolved": N_("The report is resolved."),
        "consultation_booked": N_("Booked. The member and the consultant are notified."),
        "consultation_moved": N_("Moved. Both are notified of the new time."),
        "consultation_cancelled": N_("Cancelled. The time is free again, and both are notified."),
        "consultation_done": N_("It is recorded that the consultation took place."),
        "consultation_no_show": N_("It is recorded that the member did not come."),
        "consultation_noted": N_("The notes are kept."),
        "questions_prepared": N_("The questions are prepared from the members of today."),
        "slot_opened": N_("The time is open: members can book it."),
        "slot_closed": N_("The time is taken back: nobody can book it."),
        "hours_set": N_("The working hours are set."),
        "feed_revoked": N_("Your calendar's address no longer works."),
        "day_opened": N_("The day is open again. Open its times anew."),
        "week_created": N_("The week is open. Lock it when everybody is in."),
        "lock": N_("Locked. Make the plan next."),
        "discard": N_("Open again. Lock it when everybody is in."),
        "cancel": N_("The week is cancelled. Nobody is introduced in it."),
        "close": N_("The week is closed."),
        "advise_week": N_("The advice is in. Make the plan next."),
        "plan_week": N_("The plan is made. Look it through, then publish it."),
        "publish_week": N_("Published. The members have been told."),
        "role_changed": N_("The role is changed, and their sessions have ended."),
        "authenticator_removed": N_("The authenticator is removed. They enrol another one at the next sign-in."),
        "assigned": N_("The assignment is changed."),
        "policy_set": N_("The policy is set. It holds for weeks that are created from now on."),
        "schedule_set": N_("The schedule is set."),
        "export_requested": N_("Requested. Another administrator is notified and decides on it."),
        "export_approved": N_("Approved. The sheet is being written, for whoever requested it."),
        "export_refused": N_("Refused. The requester reads your reason."),
        "budget_lifted": N_("The account may read more people for the rest of the day."),
        "resent": N_("The message is sent again."),
        "undone": N_("The import is undone. Its members have left."),
        "fit_learning": N_("Learned and judged. Nothing is used before you say so."),
        "evaluate_learning": N_("Judged. Nothing is stored as a version."),
        "use_learning": N_("In use for weeks that are locked from now on, where their policy maximises chances."),
        "learning_off": N_(
            "Nothing that was learned is in use. Weeks that are locked from now on go by the score alone."
        ),
        "job_cancelled": N_("The job is asked to stop."),
        "job_given_up": N_("The job is given up, and no longer among what waits."),
        "job_queued": N_("The job is queued again."),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A message, and the member whom it is about, if any."""

    message: str
    member: UserId | None = None


def leave_outcome(request: Request, response: Response, code: str, member: UserId | None = None) -> None:
    """Have the next page say what has been done. `code`: of `OUTCOMES`."""
    value = f"{code}.{member}" if member else code
    response.set_cookie(OUTCOME_COOKIE, value, max_age=_SECONDS, path=root(request), httponly=True, samesite="strict")


def outcome_of(request: Request) -> Outcome | None:
    """What the act before this page has done."""
    code, _, member = request.cookies.get(OUTCOME_COOKIE, "").partition(".")
    if code not in OUTCOMES:
        return None
    return Outcome(OUTCOMES[code], user_id(member) if re.fullmatch("usr_[0-9A-Z]{26}", member) else None)


def forget_outcome(request: Request, response: Response) -> None:
    """Say it once."""
    response.delete_cookie(OUTCOME_COOKIE, path=root(request), httponly=True, samesite="strict")
