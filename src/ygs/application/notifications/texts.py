"""What notices say, by the type of their event: nothing that is private, and the same whatever the other answered."""

from collections.abc import Mapping

from ygs.domain.errors import N_
from ygs.domain.events import EventType

# Nobody is notified of tests of webhooks. The title, which is also the subject of an e-mail, and the text.
TEXTS: Mapping[EventType, tuple[str, str]] = {
    EventType.INTRODUCTION_PROPOSED: (
        N_("You have a new introduction."),
        N_("Read why you two were introduced, and answer before the deadline."),
    ),
    EventType.INTRODUCTION_REMINDER: (
        N_("An introduction waits for your answer."),
        N_("Answer it before the deadline, or it expires."),
    ),
    EventType.INTRODUCTION_DECIDED: (
        N_("There is a result of your introduction."),
        N_("Both of you have answered. Sign in to read the result."),
    ),
    EventType.INTRODUCTION_EXPIRED: (
        N_("An introduction has expired."),
        N_("The time to answer it is over. You take part in the next round again."),
    ),
    EventType.INTRODUCTION_CANCELLED: (
        N_("An introduction was taken back."),
        N_("It no longer waits for an answer. You take part in the next round again."),
    ),
    EventType.MEETING_PROPOSED: (
        N_("A time to meet is proposed."),
        N_("Sign in to accept it, or ask for another time."),
    ),
    EventType.MEETING_TIMES_NEEDED: (
        N_("We need more of your times for a meeting."),
        N_("No time suits both of you yet. Sign in and give more half-days."),
    ),
    EventType.MEETING_FIXED: (
        N_("Your meeting is fixed."),
        N_("Sign in to read when and where, and put it into your calendar."),
    ),
    EventType.MEETING_CANCELLED: (
        N_("A meeting will not take place."),
        N_("It was cancelled. Ask us if you want to meet."),
    ),
    EventType.MEETING_REMINDER: (
        N_("You have a meeting tomorrow."),
        N_("Sign in to read when and where."),
    ),
    EventType.MEETING_FOLLOW_UP: (
        N_("Did you meet?"),
        N_("Sign in and tell us how it went, if you have not yet. The other never reads it."),
    ),
    EventType.CONSULTATION_BOOKED: (
        N_("A consultation is booked."),
        N_("Sign in to read when, and put it into your calendar."),
    ),
    EventType.CONSULTATION_MOVED: (N_("A consultation has another time."), N_("Sign in to read when.")),
    EventType.CONSULTATION_CANCELLED: (
        N_("A consultation was cancelled."),
        N_("Sign in and choose another time if you want."),
    ),
    EventType.CONSULTATION_REMINDER: (N_("You have a consultation tomorrow."), N_("Sign in to read when.")),
    EventType.MEMBER_APPROVED: (N_("Your profile was approved."), N_("You take part in the next round.")),
    EventType.MEMBER_REJECTED: (
        N_("Your profile was sent back."),
        N_("Sign in to read what to change, and send it in again."),
    ),
    EventType.MEMBER_SUSPENDED: (N_("Your account is suspended."), N_("Ask the service why.")),
    EventType.MEMBER_RESTORED: (
        N_("Your account is open again."),
        N_("You take part in the next round, or once the pause that you chose is over."),
    ),
    EventType.WEEK_LOCKED: (
        N_("The schedule locked a match week."),
        N_("Plan it, review the proposed pairs, then publish the week. It is not planned by itself."),
    ),
    EventType.WEEK_NOT_LOCKED: (
        N_("The schedule could not lock a match week."),
        N_("No round takes place until it is locked. Today's page has the reason: mend it and try again, or lock it."),
    ),
    EventType.WEEK_PROPOSED: (N_("A match week is planned."), N_("Review the proposed pairs, then publish the week.")),
    EventType.WEEK_PUBLISHED: (N_("A match week is published."), N_("Its members can answer now.")),
    EventType.MEMBER_SUBMITTED: (N_("A profile waits for review."), N_("Approve it, or send it back with a reason.")),
    EventType.PHOTO_REFUSED: (N_("A photo was not approved."), N_("Sign in to read why, and add another.")),
    EventType.DOCUMENT_VERIFIED: (N_("A document was verified."), N_("Your profile shows what it proves.")),
    EventType.DOCUMENT_REFUSED: (N_("A document was not accepted."), N_("Sign in to read why, and send another.")),
    EventType.REPORT_RESOLVED: (
        N_("Your report was looked into."),
        N_("Thank you for telling us. Ask the service if you want to know more."),
    ),
    EventType.REPORT_FILED: (N_("A member was reported."), N_("Read the report and decide what to do.")),
    EventType.MEMBERSHIP_DUE: (
        N_("A membership is due."),
        N_("Read its ledger: an introduction is owed soon or late, or there was no meeting for a long time."),
    ),
    EventType.READING_WARNED: (
        N_("An account has nearly used up today's reading."),
        N_("See in the audit log whose data it read, and ask the person why."),
    ),
    EventType.READING_STOPPED: (
        N_("An account was stopped from reading."),
        N_("It was shown as many people as one account may be in a day. Lift the stop with a reason, or leave it."),
    ),
    EventType.READING_FAST: (
        N_("An account reads unusually many people."),
        N_("See in the audit log whose data it read, and suspend it if the person knows nothing of it."),
    ),
    EventType.READING_AT_NIGHT: (
        N_("An account reads people's data at night."),
        N_("See in the audit log whose data it read, and suspend it if the person knows nothing of it."),
    ),
    EventType.READING_NEW_ADDRESS: (
        N_("An account reads from a new address."),
        N_("Ask the person whether it is theirs, and suspend the account if not."),
    ),
    EventType.CANARY_IMPORTED: (
        N_("A sheet that an account exported was imported by somebody else."),
        N_("See in the audit log who imported it and whose sheet it is, and ask both how it was handed on."),
    ),
    EventType.EXPORT_REQUESTED: (
        N_("An account requests an export."),
        N_("Read whose data it is and why, then approve or refuse it within three days."),
    ),
    EventType.JOB_FAILED: (
        N_("A job that you asked for has failed."),
        N_("Today's page has the reason. Mend what it names and try again, or give the job up."),
    ),
    EventType.STAFF_JOB_FAILED: (
        N_("A job of the service has failed."),
        N_("Today's page has the reason. Mend what it names and try again, or give the job up."),
    ),
    EventType.ADMIN_JOB_FAILED: (
        N_("A job that only administrators may repeat has failed."),
        N_("Today's page has the reason. Mend what it names and try again, or give the job up."),
    ),
    EventType.EXPORT_REFUSED: (N_("Your export was refused."), N_("Sign in to read why.")),
    EventType.EXPORT_WRITTEN: (N_("Your export is written."), N_("Sign in and download it within a day.")),
    EventType.WEBHOOK_DISABLED: (
        N_("A webhook is disabled."),
        N_("Its receiver takes nothing any more. Repair it, enable the webhook, and send again what it missed."),
    ),
}
