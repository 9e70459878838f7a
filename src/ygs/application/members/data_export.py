"""Data export: a zip of everything kept about a user, without private data of anybody else."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.own_accesses import accesses_of
from ygs.application.changes import own_user
from ygs.application.members.profile import MyselfView
from ygs.application.rate_limits import hit_rate_limit, raise_if_limited
from ygs.domain.accounts import Account
from ygs.domain.consultations import Consultation
from ygs.domain.errors import NotFound, Unavailable
from ygs.domain.files import JPEG, MOST_BYTES, Album, Document, ObjectKey
from ygs.domain.forecasts import KeptForecast
from ygs.domain.ids import UserId
from ygs.domain.introductions import Feedback, Introduction, IntroductionState
from ygs.domain.meetings import Meeting
from ygs.domain.memberships import Membership, RefundAssessment
from ygs.domain.notices import Notice, NoticeSettings
from ygs.domain.push_devices import PushDevice
from ygs.domain.rate_limit import EXPORTS_PER_PERSON
from ygs.domain.reports import Report
from ygs.domain.saved_filters import SavedFilter
from ygs.domain.sessions import Session
from ygs.domain.users import Status, User
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.directory import DirectoryLine
from ygs.ports.storage import Reading, Storage

# A photo is encoded again when it is stored, and may become larger than the upload.
_LONGEST_FILE = 2 * MOST_BYTES
_EXTENSIONS = {JPEG: "jpg", "image/png": "png", "application/pdf": "pdf"}
README = """내 정보 / My data

data.json: 저희가 보관하는 회원님의 모든 정보입니다. accesses는 직원이 언제 그 정보를 보았는지입니다.
photos, documents: 올리신 파일입니다.
상대방의 답변과 의견처럼 다른 사람의 것은 들어 있지 않습니다.

data.json holds everything we keep about you; accesses is when staff were shown it.
Photos and documents hold the files you sent.
What others answered or told us is theirs, and not in here.
"""


@dataclass(frozen=True, slots=True)
class DataExport:
    """Exports a user's own data."""

    storage: Storage
    clock: Clock
    files: BlobStore
    zone: ZoneInfo

    async def export(self, actor: Actor) -> IO[bytes]:
        """Return a zip with ``data.json`` and the actor's files, as an open temporary file that closing deletes.

        A suspended user may export too. `TooManyAttempts` after three exports, until half a day has passed.
        `Unavailable` if the blob store does not answer, because an incomplete export would look complete; such a try
        does not count.
        """
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        await self._count(actor, me)
        async with self.storage.read() as reading:
            data, object_keys = await _read_all(reading, me)
            data["accesses"] = await accesses_of(reading, me, self.zone)
        try:
            return await self._zip(data, object_keys)
        except Unavailable:
            await self._give_back(me)
            raise

    async def _zip(self, data: Mapping[str, Any], object_keys: Mapping[str, ObjectKey]) -> IO[bytes]:
        archive = await asyncio.to_thread(TemporaryFile)
        try:
            await asyncio.to_thread(_pack, archive, {"README.txt": README.encode(), "data.json": _json(data)})
            for name, object_key in object_keys.items():
                await self._add(archive, name, object_key)
        except BaseException:
            archive.close()
            raise
        archive.seek(0)
        return archive

    async def _add(self, archive: IO[bytes], name: str, object_key: ObjectKey) -> None:
        """Add a file. A function of its own, so that the memory of each file is freed before the next is read."""
        if data := await self._bytes(object_key):
            await asyncio.to_thread(_pack, archive, {name: data})

    async def _count(self, actor: Actor, me: UserId) -> None:
        now = self.clock.now()
        async with self.storage.write() as tx:
            await own_user(tx, actor, Permission.OWN_ACCOUNT)
            wait = await hit_rate_limit(tx, [(_counter(me), EXPORTS_PER_PERSON)], now)
            if not wait:
                await tx.audit.add(audit_entry(actor, "data_export.exported", at=now, subject=me))
        raise_if_limited(wait)

    async def _give_back(self, me: UserId) -> None:
        async with self.storage.write() as tx:
            await tx.rate_limits.give_back(_counter(me))

    async def _bytes(self, object_key: ObjectKey) -> bytes:
        try:
            return await self.files.read(object_key, _LONGEST_FILE)
        except NotFound:
            return b""  # Deleted since it was listed: documents are, some time after their review.


def _counter(me: UserId) -> str:
    return f"export:{me}"


async def _read_all(reading: Reading, me: UserId) -> tuple[dict[str, Any], dict[str, ObjectKey]]:
    """Return the contents of ``data.json``, and the user's files by their names in the zip."""
    user = await reading.users.get(me)
    account = await reading.accounts.find(me)
    sessions = await reading.sessions.every(me)
    introductions = await reading.introductions.of_user(me)
    mutual = [each for each in introductions if each.state is IntroductionState.MUTUAL]
    place = {each.id: number for number, each in enumerate(mutual)}
    given = await reading.introductions.feedback_by(me, list(place))
    feedback = sorted(given, key=lambda each: place[each.introduction_id])
    album = await reading.files.album(me)
    documents = await reading.files.documents_of(me)
    reports = await reading.reports.by_reporter(me)
    memberships = await reading.memberships.of_user(me)
    refunds = await reading.memberships.refunds_of([each.id for each in memberships])
    forecasts = await reading.forecasts.of_memberships([each.id for each in memberships])
    data = {
        "about_me": about(user),
        "care": _care(await reading.directory.find(me)),
        "account": _account(account),
        "sessions": [_session(each) for each in sessions],
        "kept_apart": {
            "from": await reading.blocks.asked_by(me),
            "contacts_since": await reading.blocks.contacts_asked_by(me),
        },
        "introductions": [_introduction(each, me) for each in introductions],
        "feedback": [_feedback(each) for each in feedback],
        "meetings": [_meeting(each, me) for each in await reading.meetings.of_user(me)],
        "consultations": [_consultation(each) for each in await _consultations(reading, me)],
        "reports": [_report(each) for each in reports],
        "memberships": [_membership(each) for each in memberships],
        "refunds": [_refund(each) for each in refunds],
        "forecasts": [_forecast(each) for each in forecasts],
        "notices": [_notice(each) for each in await _notices(reading, me)],
        "notice_settings": _notice_settings((await reading.notices.settings([me])).get(me)),
        "push_devices": [_push_device(each) for each in await reading.push_devices.of_users([me])],
        "saved_filters": [_saved_filter(each) for each in await _saved_filters(reading, me)],
        "inferred": _inferred(await reading.learning.count_about(me)),
        "photos": _photos(album),
        "documents": [_document(each) for each in documents],
    }
    return data, _object_keys(album, documents)


def about(user: User) -> dict[str, Any]:
    """Return the user's own data. The reason of a suspension is left out, because it is for staff only."""
    view = MyselfView.of(user).model_dump(exclude={"completeness"})
    hidden = {"status_reason": ""} if user.status is Status.SUSPENDED else {}
    more = {
        "role": user.role,
        "capacity": user.capacity,
        "suspended_from": user.suspended_from,
        "submitted_at": user.submitted_at,
        "activated_at": user.activated_at,
    }
    return {**view, **more, **hidden, "deleted_at": user.deleted_at}


def _care(line: DirectoryLine | None) -> dict[str, Any] | None:
    return {"consultant_id": line.consultant_id, "seen_at": line.seen_at} if line else None


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {
        "id": account.user_id,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "authenticator_since": account.totp.confirmed_at if account.totp else None,
        "links": [
            {"provider": link.provider, "subject": link.subject, "linked_at": link.linked_at} for link in account.links
        ],
    }


def _session(session: Session) -> dict[str, Any]:
    names = ("id", "device", "second_factor", "started_at", "refreshed_at", "expires_at", "ended_at", "ending")
    return {name: getattr(session, name) for name in names}


def _introduction(introduction: Introduction, me: UserId) -> dict[str, Any]:
    """Return an introduction with the user's own answer. The other's answer is left out, even whether there is one."""
    mine = introduction.answer_of(me)
    answer = {"choice": mine.choice, "at": mine.at, "reason": mine.reason, "words": mine.words} if mine else None
    names = ("id", "week_id", "origin", "state", "met", "deadline", "decided_at", "created_at")
    shared = {name: getattr(introduction, name) for name in names}
    return {**shared, "with_user": introduction.other(me), "my_answer": answer}


def _feedback(feedback: Feedback) -> dict[str, Any]:
    names = ("id", "introduction_id", "met", "again", "rating", "words", "created_at")
    return {**{name: getattr(feedback, name) for name in names}, "reasons": sorted(feedback.reasons)}


def _meeting(meeting: Meeting, me: UserId) -> dict[str, Any]:
    """Return a meeting with what the user gave. What the other gave is left out, even whether there is anything."""
    side = meeting.side(me)
    proposal = meeting.proposal
    names = ("id", "state", "fixed_at", "created_at")
    return {
        **{name: getattr(meeting, name) for name in names},
        "starts_at": proposal.starts_at if proposal else None,
        "district_code": proposal.district if proposal else None,
        "place": proposal.place if proposal else "",
        "my_half_days": sorted((each.day, each.part) for each in side.half_days),
        "my_district_code": side.district,
        "accepted": side.accepted,
        "no_show_at": side.no_show_at,
        "no_show_words": side.no_show_words,
    }


async def _consultations(reading: Reading, me: UserId) -> list[Consultation]:
    found = list[Consultation]()
    while page := await reading.consultations.of_member(me, after=found[-1].id if found else None):
        found += page
    return found


def _consultation(consultation: Consultation) -> dict[str, Any]:
    """Return a consultation. Staff's notes are left out, like those on the member, and so are their questions."""
    names = ("id", "consultant", "member", "starts_at", "ends_at", "state", "booked_at", "changed_at")
    return {name: getattr(consultation, name) for name in names}


def _report(report: Report) -> dict[str, Any]:
    """Return a report that the user filed. What staff decided is left out, because it is about the other."""
    names = ("id", "subject", "category", "words", "state", "created_at")
    return {name: getattr(report, name) for name in names}


def _membership(membership: Membership) -> dict[str, Any]:
    names = ("id", "user_id", "plan", "rules", "contracted_on", "starts_on", "ended_on", "created_at")
    entries = ("payments", "grants", "pauses", "fixed_dates")
    terms = membership.terms
    numbers = ("fee", "months", "promised", "service", "unit", "basis")
    return {
        **{name: getattr(membership, name) for name in (*names, *entries)},
        **{name: getattr(terms, name) for name in numbers},
        "agreed": sorted(terms.agreed),
    }


def _refund(refund: RefundAssessment) -> dict[str, Any]:
    """Return what was computed. The evidence is left out, because it is for staff only."""
    names = ("id", "membership_id", "cancelled_on", "figures", "created_at")
    return {name: getattr(refund, name) for name in names}


def _forecast(forecast: KeptForecast) -> dict[str, Any]:
    """Return what was said before the contract. Who of staff made it is left out."""
    names = ("id", "membership_id", "statement", "signature", "made_at")
    return {name: getattr(forecast, name) for name in names}


async def _notices(reading: Reading, me: UserId) -> list[Notice]:
    found = list[Notice]()
    while page := await reading.notices.page(me, after=found[-1].id if found else None):
        found += page
    return found


def _notice(notice: Notice) -> dict[str, Any]:
    """A notice; whom one of staff's is about is not staff's own."""
    event = notice.event
    ids = {name: value for name, value in event.ids.items() if name != "user_id"}
    return {
        "id": notice.id,
        "type": event.type,
        "created_at": event.at,
        "read_at": notice.read_at,
        "ids": ids,
    }


def _notice_settings(settings: NoticeSettings | None) -> dict[str, Any] | None:
    if settings is None:
        return None
    channels = {group.value: sorted(chosen) for group, chosen in settings.channels.items()}
    return {"language": settings.language, "channels": channels}


def _push_device(device: PushDevice) -> dict[str, Any]:
    return {"id": device.id, "registered_at": device.registered_at}


async def _saved_filters(reading: Reading, me: UserId) -> list[SavedFilter]:
    return [each for each in await reading.saved_filters.visible_to(me) if each.owner == me]


def _saved_filter(saved: SavedFilter) -> dict[str, Any]:
    names = ("id", "owner", "name", "criteria", "sort", "saved_at")
    return {name: getattr(saved, name) for name in names}


def _inferred(versions: int) -> dict[str, Any]:
    """Return that something is computed about the user, and no value: it comes from what others answered."""
    return {"from_answers_of_others": versions > 0, "versions": versions}


def _photos(album: Album) -> list[dict[str, Any]]:
    names = ("id", "width", "height", "state", "reason", "created_at")
    return [
        {**{name: getattr(photo, name) for name in names}, "cover": photo.id == album.cover} for photo in album.photos
    ]


def _document(document: Document) -> dict[str, Any]:
    names = (*("id", "kind", "content_type", "size", "state", "reason"), "created_at", "decided_at", "expires_at")
    named = {name: getattr(document, name) for name in (*names, "removed_at")}
    return {**named, "facts": sorted(document.facts)}


def _object_keys(album: Album, documents: Sequence[Document]) -> dict[str, ObjectKey]:
    photos = {f"photos/{photo.id}.jpg": photo.object_keys[0] for photo in album.photos}
    stored = (document for document in documents if document.removed_at is None)
    return photos | {
        f"documents/{document.id}.{_EXTENSIONS[document.content_type]}": document.object_key for document in stored
    }


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(TypeAdapter(Any).dump_python(data, mode="json"), ensure_ascii=False, indent=2).encode()


def _pack(archive: IO[bytes], files: Mapping[str, bytes]) -> None:
    """Add files to a zip or to an empty file, and leave a complete zip."""
    with ZipFile(archive, "a", ZIP_DEFLATED) as packing:
        for name, data in files.items():
            packing.writestr(name, data)
