"""The fields that every storage encrypts at rest.

A thief of a copy of the data (a dump, a file, a replica, a disk) must not be able to read them. A storage encrypts
them with a key that is not stored beside the data, or stores a keyed hash of those that it only compares. The contract
`ygs.entrypoints.testing.contracts.encryption_at_rest` looks for each of them in the stored bytes.
"""

from collections.abc import Sequence

from ygs.domain.advice import Draft, PairAdvice
from ygs.domain.canaries import Canary
from ygs.domain.commitments import WeekKey
from ygs.domain.consultations import Consultation
from ygs.domain.contacts import Contact
from ygs.domain.exports import SheetExport
from ygs.domain.files import Document, ObjectKey, Photo, Upload
from ygs.domain.idempotency import Reply
from ygs.domain.imports import ImportVerdict, SheetImport
from ygs.domain.introductions import Answer, Feedback
from ygs.domain.meetings import MeetingProposal, MeetingSide
from ygs.domain.memberships import RefundAssessment
from ygs.domain.notes import Note
from ygs.domain.one_time_token import OneTimeToken
from ygs.domain.push_devices import PushDevice
from ygs.domain.reports import Report
from ygs.domain.totp import Totp
from ygs.domain.users import User
from ygs.domain.webhooks import WebhookEndpoint

# A class and one of its fields. People's names are not among them, because staff search by name: lists mask them.
ENCRYPTED_AT_REST: Sequence[tuple[type, str]] = (
    (User, "phone"),
    (User, "email"),
    # Of blocks by contact, and of former contacts of a user: only a keyed hash is stored.
    (Contact, "text"),
    (Totp, "secret"),
    (OneTimeToken, "data"),
    (PushDevice, "token"),
    (Reply, "body"),
    (Answer, "words"),
    (Feedback, "words"),
    (MeetingSide, "no_show_words"),
    (MeetingProposal, "place"),
    (Consultation, "notes"),
    (Report, "words"),
    (Report, "staff_words"),
    (Note, "text"),
    (PairAdvice, "reason"),
    (Draft, "text"),
    (WeekKey, "key"),
    (RefundAssessment, "evidence"),
    (WebhookEndpoint, "url"),
    (WebhookEndpoint, "secret"),
    (WebhookEndpoint, "previous_secret"),
    (SheetImport, "mapping"),
    (ImportVerdict, "text"),
    (SheetExport, "filters"),
    (Canary, "phone"),
    (Upload, "key"),
    (Photo, "key"),
    (Document, "key"),
    # Of files whose deletion is scheduled.
    (ObjectKey, "path"),
)
