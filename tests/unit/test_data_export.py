"""A person takes along everything that is theirs, and nothing private of anybody else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.support.http import populate, served
from tests.support.members import CONSULTANT, Club, signed_in
from ygs.adapters.sql.tables import metadata
from ygs.application.actors import Actor
from ygs.application.members.data_export import DataExport
from ygs.domain.accounts import Provider
from ygs.domain.contacts import Contact
from ygs.domain.errors import Forbidden, InvalidToken, NotFound, TooManyAttempts, Unavailable
from ygs.domain.files import Album, ObjectKey, Photo
from ygs.domain.ids import PhotoId
from ygs.domain.introductions import Answer, Choice
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import NoticeSettings
from ygs.domain.users import Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import (
    SEOUL,
    a_consultation,
    a_feedback,
    a_forecast,
    a_meeting,
    a_membership,
    a_refund,
    a_report,
    a_slot,
    a_user,
)
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.files import a_document
from ygs.entrypoints.testing.contracts.outbox import a_notice
from ygs.entrypoints.testing.contracts.push_devices import a_device
from ygs.entrypoints.testing.contracts.saved_filters import a_saved_filter
from ygs.entrypoints.testing.ids import numbered

# Columns that are the subject's but say the same as another one that is given, or only tie rows together.
SAID_ELSEWHERE = {
    "participants.week_id", "participants.user_id", "participants.capacity", "participants.introduction_id",
    "introductions.a", "introductions.b", "feedback.by_user", "links.user_id", "sessions.user_id", "blocks.asked_by",
    "wishes.user_id", "consents.user_id", "photos.user_id", "photos.position", "documents.user_id", "wishes.attribute",
    "wishes.accepts", "consents.purpose", "users.deleted_at", "reports.reporter",
    "notices.user_id", "notice_settings.user_id", "push_devices.user_id",
}  # fmt: skip
# Under which name the export gives a column that is called otherwise there.
CALLED = {"totp_confirmed_at": "authenticator_since", "at": "from"}


class Buckets:
    """A `BlobStore` that has what is put in `there`."""

    def __init__(self) -> None:
        self.there: dict[ObjectKey, bytes] = {}

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        if object_key not in self.there:
            raise NotFound("file")
        return self.there[object_key]


async def exported(club: Club, who: Actor, buckets: Buckets | None = None) -> tuple[dict[str, Any], list[str], str]:
    """What is in ``data.json``, the names in the archive, and all text of it."""
    own: Any = DataExport(club.storage, club.clock, buckets or Buckets(), SEOUL)  # type: ignore[arg-type]
    with await own.export(who) as file, ZipFile(file) as archive:
        text = archive.read("data.json").decode()
        return json.loads(text), archive.namelist(), text


async def a_full_life(club: Club) -> tuple[Actor, Actor]:
    """Two who were introduced and met; the first one's account has everything an account can have."""
    one, _ = await club.join("010-2222-3333")
    await club.add(a_user(2))
    me, two = await club.user(one.require_id()), await club.user(a_user(2).id)
    await club.introduce(me, two)
    async with club.storage.write() as tx:
        (introduction,) = await tx.introductions.of_user(me.id)
        for side, words in ((me.id, "나의 말"), (two.id, "상대의 말")):
            introduction = introduction.answered(side, Answer(choice=Choice.ACCEPT, at=NOON, words=words))
        saved = await tx.introductions.save(introduction)
        mine, theirs = (
            a_feedback(saved, me.id, 1, words="내 후기"),
            a_feedback(saved, two.id, 2, words="상대의 후기", rating=1),
        )
        await tx.introductions.add_feedbacks([mine, theirs])
        account = await tx.accounts.find(me.id)
        assert account
        await tx.accounts.save(account.link(Provider.KAKAO, "kakao-subject-77", at=NOON))
        await tx.reports.add(replace(a_report(), reporter=me.id, subject=two.id, words="내 신고"))
        await tx.meetings.add(a_meeting(saved))
        await tx.consultations.add_slots([a_slot()])
        await tx.consultations.add(a_consultation(a_slot(), me.id, notes="상담사의 메모"))
        await tx.memberships.add(a_membership(1, user_id=me.id))
        await tx.memberships.add(a_membership(2, user_id=two.id, plan="상대의 계약"))
        await tx.memberships.add_refund(a_refund(evidence="직원의 판단"))
        await tx.forecasts.add(a_forecast(membership_id=a_membership(1).id))
        await tx.notices.add_all([replace(a_notice(), user_id=me.id)])
        await tx.notices.keep_settings(NoticeSettings(user_id=me.id, language=Language.KO))
        await tx.push_devices.add(replace(a_device(token="the token of a device"), user_id=me.id))
        for number, owner in enumerate((me.id, two.id, None), start=1):
            await tx.saved_filters.add(a_saved_filter(number, owner=owner))
        await tx.blocks.add(me.id, two.id, NOON)
        await tx.blocks.add(two.id, me.id, NOON)
        await tx.blocks.add_contacts(me.id, [Contact.phone("+821077776666")], NOON)
    return one, signed_in(two)


async def test_everything_of_ones_own_is_in_it_and_nothing_private_of_the_other() -> None:
    club = Club()
    me, them = await a_full_life(club)
    data, names, text = await exported(club, me)
    assert names == ["README.txt", "data.json"]
    for own in (
        "김하늘",
        "나의 말",
        "seoul_mapo",
        "호텔 1층 커피숍",
        "내 후기",
        "내 신고",
        "kakao-subject-77",
        "+821022223333",
        "terms",
    ):
        assert own in text
    for private in (
        "상대의 말",
        "상대의 후기",
        "상대의 계약",
        "오지 않았습니다",
        "seoul_gangnam",
        "evening",
        "직원의 판단",
        "상담사의 메모",
        str(a_user(2).phone),
        a_user(2).name,
        "quick$",
        "+821077776666",
        "phone_index",
    ):
        assert private not in text
    assert data["introductions"][0]["with_user"] == them.id
    assert list(data["kept_apart"]["from"]) == [them.id]
    assert len(data["kept_apart"]["contacts_since"]) == 1
    assert [each["rating"] for each in data["feedback"]] == [4]
    assert (await club.log())[-1].action == "data_export.exported"


async def test_it_tells_when_staff_were_shown_ones_data_and_nothing_that_would_tell_of_others() -> None:
    club = Club()
    me, them = await a_full_life(club)
    await club.member_review.get_member(CONSULTANT, me.require_id())
    writer = an_audit_writer(club.storage)
    both = [me.require_id(), them.require_id()]
    for action in ("introduction.previewed", "refund.previewed", "pair.previewed", "report.read", "meeting.read"):
        await writer.shown(CONSULTANT, action, both, at=club.clock.now())
    day = {"day": "2026-11-23", "role": "consultant", "count": 1}
    data, _, _ = await exported(club, me)
    shown = ["introduction.previewed", "member.read", "refund.previewed"]
    assert data["accesses"] == [{**day, "action": action} for action in shown]


async def test_the_other_sides_export_never_tells_an_answer_before_it_is_decided() -> None:
    texts = []
    for answered in (False, True):
        club = Club()
        await club.add(a_user(1), a_user(2))
        one, two = await club.user(a_user(1).id), await club.user(a_user(2).id)
        await club.introduce(one, two)
        if answered:
            async with club.storage.write() as tx:
                (introduction,) = await tx.introductions.of_user(two.id)
                await tx.introductions.save(introduction.answered(two.id, Answer(choice=Choice.ACCEPT, at=NOON)))
        texts.append((await exported(club, signed_in(one)))[2])
    assert texts[0] == texts[1]


async def test_every_column_of_the_subject_is_given_under_its_name() -> None:
    club = Club()
    me, _ = await a_full_life(club)
    async with club.storage.write() as tx:
        user = await tx.users.get(me.require_id())
        await tx.users.save(user.edited(at=NOON, profile=a_user(1).profile, lifestyle=a_user(1).lifestyle,
                                        consents=a_user(1).consents, wishes=a_user(1).wishes))  # fmt: skip
    given = set(keys((await exported(club, me))[0]))
    facts = {"profile", "lifestyle"} <= given
    files = {"photos", "documents"} <= given
    assert facts
    assert files
    columns = [column for table in metadata.sorted_tables for column in table.columns if column.info["subject"]]
    # Facts are given by their codes, inside the profile and the lifestyle, as far as they are known.
    coded = {str(column) for column in metadata.tables["users"].c if column.server_default is not None}
    missing = [
        str(column)
        for column in columns
        if str(column) not in SAID_ELSEWHERE | coded
        and str(column.table) not in ("photos", "documents")
        and CALLED.get(column.name, column.name) not in given
        and str(column) not in ("contact_blocks.at", "wishes.importance")
    ]
    assert missing == []


def keys(value: Any) -> Iterator[str]:
    """Every name anywhere in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


async def test_the_suspended_may_take_their_data_but_not_read_staffs_reason() -> None:
    club = Club()
    await club.add(a_user(1, status=Status.SUSPENDED, status_reason="신고 세 건"))
    data, _, text = await exported(club, signed_in(a_user(1, status=Status.SUSPENDED)))
    assert data["about_me"]["name"] == a_user(1).name
    assert "신고" not in text


async def test_files_come_along_and_one_that_is_gone_is_left_out() -> None:
    club, buckets = Club(), Buckets()
    await club.add(a_user(1))
    made: Any = {"width": 3, "height": 4, "created_at": NOON}
    there, gone = [
        Photo(id=PhotoId(numbered("ph", number)), key=f"01J0000000000000000000000{number}", **made) for number in (1, 2)
    ]
    async with club.storage.write() as tx:
        await tx.files.save_album(Album(user_id=a_user(1).id, photos=(there, gone)))
    buckets.there[there.object_keys[0]] = b"jpeg"
    data, names, text = await exported(club, signed_in(a_user(1)), buckets)
    assert names == ["README.txt", "data.json", f"photos/{there.id}.jpg"]
    assert [photo["id"] for photo in data["photos"]] == [there.id, gone.id]
    assert there.key not in text


async def test_nobody_exports_who_is_nobody() -> None:
    club = Club()
    for who, error in ((Actor.operator(), Forbidden), (CONSULTANT, InvalidToken)):
        with pytest.raises(error):
            await exported(club, who)


class Counted(bytes):
    """Bytes that count how many of them there are, and how many there were at most."""

    there = most = 0

    @classmethod
    def of(cls, data: bytes) -> "Counted":
        cls.there += 1
        cls.most = max(cls.most, cls.there)
        return cls(data)

    def __del__(self) -> None:
        type(self).there -= 1


class CountingBuckets(Buckets):
    """Every file is there, made when it is read."""

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        return Counted.of(object_key.path.encode())


async def test_files_are_packed_as_they_are_read_and_never_all_held() -> None:
    club = Club()
    await club.add(a_user(1))
    documents = [a_document(number) for number in range(1, 21)]
    async with club.storage.write() as tx:
        for document in documents:
            await tx.files.add_document(document)
    _, names, _ = await exported(club, signed_in(a_user(1)), CountingBuckets())
    assert len(names) == 2 + len(documents)
    # Threads that packed one may not have let go of it yet when the next is read.
    assert 1 <= Counted.most <= 5


async def test_a_few_a_day_and_no_more_are_made_for_one_person() -> None:
    club = Club()
    await club.add(a_user(1), a_user(2))
    me, other = signed_in(a_user(1)), signed_in(a_user(2))
    for _ in range(3):
        await exported(club, me)
    before = await club.log()
    with pytest.raises(TooManyAttempts):
        await exported(club, me)
    assert await club.log() == before
    await exported(club, other)
    club.clock.advance(hours=11)
    with pytest.raises(TooManyAttempts):
        await exported(club, me)
    club.clock.advance(hours=1)
    await exported(club, me)


class Deaf(Buckets):
    """A store that does not answer."""

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        raise Unavailable("no")


async def test_a_store_that_does_not_answer_costs_nobody_one_of_their_few(club_with_a_document: Club) -> None:
    me = signed_in(a_user(1))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await exported(club_with_a_document, me, Deaf())
    for _ in range(3):
        await exported(club_with_a_document, me)
    with pytest.raises(TooManyAttempts):
        await exported(club_with_a_document, me)


@pytest.fixture
async def club_with_a_document() -> Club:
    club = Club()
    await club.add(a_user(1))
    async with club.storage.write() as tx:
        await tx.files.add_document(a_document())
    return club


async def test_an_archive_that_cannot_be_finished_is_left_nowhere(
    club_with_a_document: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[BytesIO] = []

    def temporary() -> BytesIO:
        made.append(BytesIO())
        return made[-1]

    monkeypatch.setattr("ygs.application.members.data_export.TemporaryFile", temporary)
    with pytest.raises(Unavailable):
        await exported(club_with_a_document, signed_in(a_user(1)), Deaf())
    assert [file.closed for file in made] == [True]


async def test_over_http_half_an_archive_is_never_open_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object) -> bytes:
        raise Unavailable("the store of files does not answer")

    async with served() as world:
        await populate(world)
        monkeypatch.setattr(type(world.ygs.blob_store), "read", silent)
        reply = await world.ask("GET", "/users/me/export", "owner")
        assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json")
        assert reply.json()["code"] == "unavailable"
