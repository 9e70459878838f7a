"""Whatever opens a transaction that may change something puts it on record, or is named here with why it does not."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import ygs.application

# Nobody's data, or nothing that anybody decided: what it serves is on record where it takes effect.
UNRECORDED = {
    "accounts.old": "what has served: sessions long over, tickets, counters; the trail says what it let go of",
    "commands._begin": "that a command came; what it does is on record",
    "commands._act": "its reply, kept for a day",
    "doors.start_kakao": "a ticket to come back with",
    "doors.by_kakao": "the ticket, used up",
    "doors.by_firebase": "a counter",
    "keeping_files._all": "the transaction around each batch, which records",
    "keeping_files._empty": "bytes that nothing stands for",
    "linking._require_fresh": "asks, and changes nothing",
    "own_data._not_counted": "a counter, given back",
    "passwords.forgotten": "a ticket and counters; nothing is told of whether anybody has the phone",
    "passwords._counted": "a counter",
    "passwords._right_code": "a ticket tried; the new password is on record",
    "phones.begin": "a ticket and counters; the new phone is on record",
    "planning._lease": "whose turn it is to plan",
    "planning._release": "whose turn it is to plan",
    "planning._renew": "whose turn it is to plan",
    "second_factor.enrol": "a secret that is not in force until it is confirmed, which is on record",
    "signing_in._knock": "counters",
    "signing_up._count": "a counter",
    "uploads.begin": "an address to send a file to; the file is on record",
    "uploads._mine": "asks, and changes nothing",
}


def writers() -> Iterator[tuple[str, bool]]:
    """Every function of the application that opens a writing transaction, and whether it records."""
    for found in pkgutil.iter_modules(ygs.application.__path__, "ygs.application."):
        if not found.ispkg:
            source = inspect.getsource(import_module(found.name))
            functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]
            recording = _recording({each.name: ast.unparse(each) for each in functions})
            for each in functions:
                if "storage.write()" in ast.unparse(each):
                    yield f"{found.name.rpartition('.')[2]}.{each.name}", each.name in recording


def _recording(functions: dict[str, str]) -> set[str]:
    """Those that add to the trail, by themselves or by another of the same module."""
    calls, recording = {*_RECORDERS}, set[str]()
    while more := {name for name, text in functions.items() if any(call in text for call in calls)} - recording:
        recording |= more
        calls |= {call for name in more for call in (f"self.{name}(", f"await {name}(")}
    return recording


# What does so in another module.
_RECORDERS = ("tx.audit.add(", "await put_wall(", "self.admission.admit(", "await audit_staff_sign_in(")


def test_every_use_case_that_writes_is_on_record_or_says_why_not() -> None:
    assert {name for name, recorded in writers() if not recorded} == UNRECORDED.keys()
