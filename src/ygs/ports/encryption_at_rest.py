"""What every storage encrypts at rest.

Whoever steals a copy of the data (a dump, a file, a replica, a disk) must not read these fields. A storage encrypts
them with a key that is not stored beside the data, or, where it only compares them, keeps a keyed hash. The contract
`ygs.entrypoints.testing.contracts.encryption_at_rest` looks for each of them in the stored bytes.
"""

from collections.abc import Sequence

from ygs.domain.contacts import Contact
from ygs.domain.files import Document, ObjectKey, Photo, Upload
from ygs.domain.idempotency import Reply
from ygs.domain.introductions import Answer, Feedback
from ygs.domain.memberships import RefundAssessment
from ygs.domain.notes import Note
from ygs.domain.one_time_token import OneTimeToken
from ygs.domain.reports import Report
from ygs.domain.totp import Totp
from ygs.domain.users import User
from ygs.domain.verification import WeekKey

# A class and one of its fields. Names of people are not among them: staff search by name, so lists mask them instead.
ENCRYPTED_AT_REST: Sequence[tuple[type, str]] = (
    (User, "phone"),
    (User, "email"),
    # Of a block, and of a contact that a user gave up: only a keyed hash is stored.
    (Contact, "text"),
    (Totp, "secret"),
    (OneTimeToken, "data"),
    (Reply, "body"),
    (Answer, "words"),
    (Feedback, "words"),
    (Report, "words"),
    (Report, "staff_words"),
    (Note, "text"),
    (WeekKey, "key"),
    (RefundAssessment, "evidence"),
    (Upload, "key"),
    (Photo, "key"),
    (Document, "key"),
    # Of bytes that are to be deleted.
    (ObjectKey, "path"),
)
