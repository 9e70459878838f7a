"""Whatever opens a transaction that may change something puts it on record, or is named here with why it does not."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import ygs.application

# Nobody's data, or nothing that anybody decided: what it serves is on record where it takes effect.
UNRECORDED = {
    "accounts.expired_rows.remove": "what has served: sessions long over, tokens, counters; the log says what went",
    "changes.begin_change": "the transaction of a use case, which records",
    "idempotency._begin": "that a command came; what it does is on record",
    "idempotency._act": "its reply, kept for a day",
    "accounts.identity_providers.start_kakao": "a one-time token to come back with",
    "accounts.identity_providers.by_kakao": "the one-time token, used up",
    "accounts.identity_providers.by_firebase": "a counter",
    "consultations.prepared_questions._keep": "what to ask, from what is stored; who reads it is on record",
    "forecasts.forecasts._count": "a counter",
    "files.cleanup._all": "the transaction around each batch, which records",
    "files.cleanup._delete_scheduled": "bytes that nothing stands for",
    "accounts.linked_identities._require_fresh": "asks, and changes nothing",
    "members.data_export._give_back": "a counter, given back",
    "accounts.passwords.request_reset": "a one-time token and counters; no reply tells whether the phone is known",
    "accounts.passwords._count_change": "a counter",
    "accounts.passwords._use_code": "a one-time token tried; the new password is on record",
    "accounts.email_change.begin": "a one-time token and counters; the new address is on record",
    "accounts.phone_change.begin": "a one-time token and counters; the new phone is on record",
    "jobs.export_jobs.run_export": "that a sheet is written; whom it holds is on record",
    "jobs.file_removals.run": "a copy that is removed; who made and opened it is on record",
    "jobs.handlers.schedule": "a job of the day; what it does is on record",
    "memberships.due_warnings.warn": "events about work that waits; what staff do about it is on record",
    "notifications.deliver.deliver": "messages sent; what an endpoint is disabled for is on record",
    "notifications.deliver._without_old_news": "news that is none any more; what happened is on record",
    "notifications.deliver._still_wanted": "reminders; a record of them would tell who had answered",
    "notifications.dispatch.dispatch": "an event, from the outbox to lists; what happened is on record",
    "notifications.personal_channel._send": "a device that the push service no longer knows",
    "notifications.notices.mark_read": "that somebody has read their own notice",
    "notifications.consultation_reminders._remind_page": "what both sides hear; the consultation is on record",
    "notifications.meeting_notices._notify_page": "what both sides hear; the meeting is on record",
    "notifications.reminders._remind_page": "reminders; a record of them would tell who had answered",
    "jobs.worker._run": "whose turn it is to do a job",
    "jobs.worker._give_back": "whose turn it is to do a job",
    "jobs.worker.beat": "how far a job is",
    "jobs.worker._end_cancelled": "the end of a job that was cancelled; its cancellation is on record",
    "jobs.worker._finish": "how a job ended; what it did is on record",
    "jobs.worker._fail": "how a job ended; what it did is on record",
    "operations.readiness._require_writable": "a counter, to see whether the storage can be written",
    "introductions.round_proof._count": "a counter",
    "rounds.leases.week_lease": "whose turn it is to plan",
    "rounds.leases._release": "whose turn it is to plan",
    "rounds.leases._renew": "whose turn it is to plan",
    "accounts.second_factor.enrol": "a secret that is not in force until it is confirmed, which is on record",
    "accounts.sign_in._count_attempt": "counters",
    "accounts.sessions._mark_presented": "which of a session's tokens was used",
    "accounts.sign_up._count": "a counter",
    "accounts.sign_up._require_code": "a one-time token tried; the sign-up is on record",
    "accounts.sign_up.start": "a one-time token and counters; no reply tells whether the phone is known",
    "simulation.demo_weeks._add_answers": "made-up members' answers, in a demonstration",
    "simulation.demo_weeks._add_feedback": "made-up members' feedback, in a demonstration",
    "files.uploads.begin": "an address to send a file to; the file is on record",
    "drafts.drafter._ask": "a counter; that a draft was asked for is on record",
    "drafts.drafter._count": "a counter",
    "drafts.drafter._store": "a draft that was asked for, which is on record",
    "exporting.canaries.person": "a made-up member of a sheet; that it was asked for is on record",
    "advisor.asking._store": "answers and what they took; the week's advice is on record",
    "files.uploads._own_upload": "asks, and changes nothing",
}


def writers() -> Iterator[tuple[str, bool]]:
    """Every function of the application that opens a writing transaction, and whether it records."""
    for found in pkgutil.walk_packages(ygs.application.__path__, "ygs.application."):
        if not found.ispkg:
            source = inspect.getsource(import_module(found.name))
            functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]
            recording = _recording({each.name: ast.unparse(each) for each in functions})
            for each in functions:
                if any(opening in ast.unparse(each) for opening in ("storage.write(", "begin_change(")):
                    yield f"{found.name.removeprefix('ygs.application.')}.{each.name}", each.name in recording


def _recording(functions: dict[str, str]) -> set[str]:
    """Those that add to the log, by themselves or by another of the same module."""
    calls, recording = {*_RECORDERS}, set[str]()
    while more := {name for name, text in functions.items() if any(call in text for call in calls)} - recording:
        recording |= more
        calls |= {call for name in more for call in (f"self.{name}(", f"await {name}(")}
    return recording


# What does so in another module.
_RECORDERS = ("tx.audit.add(", "await add_block(", "self.sign_in_completion.admit(", "await audit_staff_sign_in(")


def test_every_use_case_that_writes_is_on_record_or_says_why_not() -> None:
    assert {name for name, recorded in writers() if not recorded} == UNRECORDED.keys()
