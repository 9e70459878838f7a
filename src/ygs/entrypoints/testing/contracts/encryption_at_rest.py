"""The contract of encryption at rest: give the fixture `stored_bytes` beside `storage`."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import TypeAlias

import pytest

from ygs.domain.accounts import Account
from ygs.domain.advice import AdviceUsage, Draft, PairAdvice
from ygs.domain.canaries import Canary
from ygs.domain.commitments import WeekKey
from ygs.domain.consultations import Consultation
from ygs.domain.contacts import Contact
from ygs.domain.exports import SheetExport
from ygs.domain.files import JPEG, PDF, Album, Bucket, Document, FileKind, ObjectKey, Photo, Upload
from ygs.domain.idempotency import IdempotencyRecord, Reply
from ygs.domain.ids import DocumentId, PhotoId, UploadId
from ygs.domain.imports import ImportVerdict, SheetImport
from ygs.domain.introductions import Answer, Choice, DeclineReason, Feedback, Introduction
from ygs.domain.meetings import MeetingProposal, MeetingSide
from ygs.domain.memberships import RefundAssessment
from ygs.domain.merkle_tree import MerkleTree
from ygs.domain.notes import Note
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind
from ygs.domain.push_devices import PushDevice
from ygs.domain.reports import Report, Resolution
from ygs.domain.totp import Totp
from ygs.domain.users import User
from ygs.domain.webhooks import WebhookEndpoint
from ygs.entrypoints.testing.builders import (
    a_consultation,
    a_feedback,
    a_meeting,
    a_membership,
    a_note,
    a_refund,
    a_report,
    a_slot,
    a_user,
    a_week,
    an_introduction,
)
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.advice import a_draft, an_answer
from ygs.entrypoints.testing.contracts.canaries import a_canary
from ygs.entrypoints.testing.contracts.commitments import a_commitment
from ygs.entrypoints.testing.contracts.exports import an_export
from ygs.entrypoints.testing.contracts.imports import an_import
from ygs.entrypoints.testing.contracts.push_devices import a_device
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.encryption_at_rest import ENCRYPTED_AT_REST
from ygs.ports.storage import Storage, Writing

# Returns all stored bytes that a thief would get: every file, or every value of every row.
StoredBytes: TypeAlias = Callable[[], Awaitable[bytes]]

PHONE = "+821077776666"
EMAIL = "kanarie@example.com"
BLOCKED_PHONE = "+821077775555"
BLOCKED_EMAIL = "blocked.kanarie@example.com"
FORMER_PHONE = "+821077774444"
UPLOAD_KEY = "0CANARYKEY0000000000PYAAAA"
PHOTO_KEY = "0CANARYKEY0000000000PHTTTT"
DOCUMENT_KEY = "0CANARYKEY0000000000DDDDDD"
DELETED_KEY = "0CANARYKEY0000000000GGGGGG"

CANARIES: Mapping[tuple[type, str], Sequence[str | bytes]] = {
    (User, "phone"): (PHONE, PHONE.removeprefix("+82")),
    (User, "email"): (EMAIL,),
    (Contact, "text"): (BLOCKED_PHONE, BLOCKED_EMAIL, FORMER_PHONE),
    (Totp, "secret"): (b"canary of an enrolme",),
    (OneTimeToken, "data"): ("카나리아의 일회용 값",),
    (PushDevice, "token"): ("canary-device-token:APA91b",),
    (Reply, "body"): ("카나리아에게 준 응답",),
    (Answer, "words"): ("카나리아가 싫다고 함", "카나리아의 한마디"),
    (Feedback, "words"): ("카나리아가 좋았음",),
    (MeetingSide, "no_show_words"): ("카나리아가 나오지 않음",),
    (MeetingProposal, "place"): ("카나리아를 만날 찻집",),
    (Consultation, "notes"): ("카나리아와 나눈 상담",),
    (PairAdvice, "reason"): ("카나리아에 대한 조언",),
    (Draft, "text"): ("카나리아에 대한 초안",),
    (Report, "words"): ("카나리아를 신고함",),
    (Report, "staff_words"): ("카나리아에게 경고함",),
    (Note, "text"): ("카나리아에 대한 메모",),
    (WeekKey, "key"): (b"canary that salts leaves of week",),
    (RefundAssessment, "evidence"): ("카나리아가 환급을 요구함",),
    (WebhookEndpoint, "url"): ("https://hooks.example.com/canary",),
    (WebhookEndpoint, "secret"): ("whsec_Y2FuYXJ5IG9mIGEgc2VjcmV0",),
    (WebhookEndpoint, "previous_secret"): ("whsec_Y2FuYXJ5IG9mIGEgcHJldmlvdXM=",),
    (SheetImport, "mapping"): ("카나리아의 희망 지역",),
    (SheetExport, "filters"): ("카나리아를 찾는 말",),
    (Canary, "phone"): ("+821059998877",),
    (ImportVerdict, "text"): ("카나리아의 거절된 행",),
    (Upload, "key"): (UPLOAD_KEY,),
    (Photo, "key"): (PHOTO_KEY,),
    (Document, "key"): (DOCUMENT_KEY,),
    (ObjectKey, "path"): (DELETED_KEY,),
}


class EncryptionAtRestContract:
    """No field of `ENCRYPTED_AT_REST` is readable in the stored bytes.

    `stored_bytes` returns a function that reads all stored bytes, or None, which skips the test, for a storage in
    memory.
    """

    async def test_nothing_that_is_encrypted_at_rest_can_be_read_in_the_stored_bytes(
        self, storage: Storage, stored_bytes: StoredBytes | None
    ) -> None:
        if stored_bytes is None:
            pytest.skip("this storage keeps nothing at rest")
        before = await stored_bytes()
        await plant_canaries(storage)
        stored = await stored_bytes()
        assert len(stored) > len(before), "`stored_bytes` must return what was stored"
        assert list(readable_in(stored)) == []

    def test_every_field_that_is_encrypted_at_rest_exists_and_has_a_canary(self) -> None:
        assert set(CANARIES) == set(ENCRYPTED_AT_REST)
        for owner, name in ENCRYPTED_AT_REST:
            assert name in {field.name for field in fields(owner)}


def readable_in(stored: bytes) -> Iterator[str]:
    """The fields of which a canary can be read in these bytes: as it is, in hex or in base64."""
    for (owner, name), canaries in CANARIES.items():
        if any(form in stored for canary in canaries for form in _forms(canary)):
            yield f"{owner.__name__}.{name}"


def _forms(canary: str | bytes) -> Sequence[bytes]:
    raw = canary.encode() if isinstance(canary, str) else canary
    return raw, raw.hex().encode(), raw.hex().upper().encode(), b64encode(raw).rstrip(b"=")


async def plant_canaries(storage: Storage) -> None:
    """Store a canary in every field of `ENCRYPTED_AT_REST`."""
    one = a_user(1, phone=PHONE, email=EMAIL)
    other = a_user(2)
    introduction = an_introduction(one, other, a_week())
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(a_week())
        await _plant_commitment(tx)
        await tx.introductions.add_all([introduction], {})
        await _plant_introduction(tx, introduction)
        await _plant_moderation(tx)
        await _plant_refund(tx)
        await _plant_webhook(tx)
        await _plant_import(tx)
        await _plant_account(tx, one)
        await _plant_files(tx, one)
        await _plant_contacts(tx, one)


async def _plant_commitment(tx: Writing) -> None:
    (key,) = CANARIES[WeekKey, "key"]
    assert isinstance(key, bytes)
    await tx.commitments.add(a_commitment(a_week().id), MerkleTree([bytes(32)]), WeekKey(key))


async def _plant_introduction(tx: Writing, introduction: Introduction) -> None:
    declined, accepted = map(str, CANARIES[Answer, "words"])
    no = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.OTHER, words=declined)
    yes = Answer(choice=Choice.ACCEPT, at=NOON + timedelta(hours=1), words=accepted)
    stored = await tx.introductions.get(introduction.id)
    await tx.introductions.save(replace(stored, answer_of_a=no, answer_of_b=yes))
    (words,) = map(str, CANARIES[Feedback, "words"])
    await tx.introductions.add_feedback(a_feedback(introduction, introduction.a, words=words))
    meeting = a_meeting(introduction)
    (no_show,) = map(str, CANARIES[MeetingSide, "no_show_words"])
    (place,) = map(str, CANARIES[MeetingProposal, "place"])
    one, other = (replace(side, no_show_words=no_show) for side in (meeting.side_a, meeting.side_b))
    await tx.meetings.add(replace(meeting, side_a=one, side_b=other, proposal=MeetingProposal(NOON, "seoul", place)))


async def _plant_moderation(tx: Writing) -> None:
    report = a_report(words=str(CANARIES[Report, "words"][0]))
    await tx.reports.add(report)
    staff_words = str(CANARIES[Report, "staff_words"][0])
    await tx.reports.save(report.resolve(Resolution.WARNED, staff_words, by=a_user(90).id, at=NOON))
    await tx.consultations.add_slots([a_slot()])
    told = str(CANARIES[Consultation, "notes"][0])
    await tx.consultations.add(a_consultation(a_slot(), a_user(1).id, notes=told))
    await tx.notes.add(a_note(text=str(CANARIES[Note, "text"][0])))
    reason = str(CANARIES[PairAdvice, "reason"][0])
    await tx.advice.add(a_week().id, [an_answer(reason=reason)], AdviceUsage())
    await tx.advice.add_draft(a_draft(text=str(CANARIES[Draft, "text"][0])))


async def _plant_refund(tx: Writing) -> None:
    await tx.memberships.add(a_membership())
    await tx.memberships.add_refund(a_refund(evidence=str(CANARIES[RefundAssessment, "evidence"][0])))


async def _plant_webhook(tx: Writing) -> None:
    values = {name: str(canaries[0]) for (owner, name), canaries in CANARIES.items() if owner is WebhookEndpoint}
    await tx.webhooks.add(a_webhook(**values))


async def _plant_import(tx: Writing) -> None:
    await tx.imports.add(an_import(mapping=str(CANARIES[SheetImport, "mapping"][0])))
    verdict = ImportVerdict(1, str(CANARIES[ImportVerdict, "text"][0]))
    await tx.imports.replace_verdicts(an_import().id, [verdict])
    await tx.canaries.add(a_canary(phone=str(CANARIES[Canary, "phone"][0])))
    await tx.exports.add(an_export(filters=str(CANARIES[SheetExport, "filters"][0])))


async def _plant_account(tx: Writing, user: User) -> None:
    (secret,) = CANARIES[Totp, "secret"]
    assert isinstance(secret, bytes)
    await tx.accounts.add(Account(user_id=user.id, created_at=NOON, updated_at=NOON, totp=Totp(secret=secret)))
    data = {"told": str(CANARIES[OneTimeToken, "data"][0])}
    expires_at = NOON + timedelta(minutes=10)
    token = OneTimeToken(digest="0" * 64, kind=OneTimeTokenKind.RESET, expires_at=expires_at, data=data)
    await tx.one_time_tokens.add(token)
    await tx.push_devices.add(a_device(token=str(CANARIES[PushDevice, "token"][0])))
    record = IdempotencyRecord(actor=user.id, key="key-12345", digest=bytes(32), started_at=NOON)
    await tx.idempotency.add(record)
    await tx.idempotency.save(record.done(Reply(201, str(CANARIES[Reply, "body"][0]).encode())))


async def _plant_files(tx: Writing, owner: User) -> None:
    upload = Upload(
        id=UploadId(numbered("upl", 1)),
        user_id=owner.id,
        kind=FileKind.PHOTO,
        content_type=JPEG,
        key=UPLOAD_KEY,
        created_at=NOON,
    )
    await tx.files.add_upload(upload)
    photo = Photo(id=PhotoId(numbered("pho", 1)), key=PHOTO_KEY, width=1200, height=900, created_at=NOON)
    await tx.files.save_album(Album(user_id=owner.id, photos=(photo,)))
    document = Document(
        id=DocumentId(numbered("doc", 1)),
        user_id=owner.id,
        kind=FileKind.EDUCATION,
        content_type=PDF,
        size=12_345,
        key=DOCUMENT_KEY,
        created_at=NOON,
    )
    await tx.files.add_document(document)
    await tx.files.schedule_deletion([ObjectKey(Bucket.PHOTOS, f"photos/{DELETED_KEY}")])


async def _plant_contacts(tx: Writing, user: User) -> None:
    await tx.blocks.add_contacts(user.id, [Contact.phone(BLOCKED_PHONE)], NOON)
    await tx.blocks.add_contacts(user.id, [Contact.email(BLOCKED_EMAIL)], NOON)
    await tx.blocks.keep_former_contact(user.id, Contact.phone(FORMER_PHONE))
