"""Each thing done with somebody's data, and the entry it leaves: who, what, of whom."""

from base64 import b32decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr

from tests.support.accounts import HOME, OTHER_PASSWORD, newcomer
from tests.support.http import PASSWORD, World, populate, served
from tests.support.pictures import A_PDF
from tests.unit.test_uploads import Kit
from ygs.application.accounts.passwords import PasswordChange, PasswordForgotten, PasswordReset
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.accounts.second_factor import EnrolmentProof
from ygs.application.accounts.sessions import RefreshRequest
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.actors import Actor
from ygs.application.files.documents import Verification
from ygs.application.files.photos import PhotoEdit
from ygs.application.introductions.member_introductions import AnswerRequest, FeedbackRequest
from ygs.application.members.blocks import ContactBlock
from ygs.application.members.review import Decision
from ygs.domain.accounts import Provider
from ygs.domain.audit import Entry
from ygs.domain.errors import InvalidToken, Unavailable
from ygs.domain.files import PDF, FileKind
from ygs.domain.ids import DocumentId, PhotoId, SessionId
from ygs.domain.introductions import Choice, DeclineReason
from ygs.domain.totp import code_at, step_at
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user

OPERATOR, NO = Actor.operator(), Decision(reason="흐립니다")
YES = AnswerRequest(choice=Choice.ACCEPT)
NO_THANKS = AnswerRequest(choice=Choice.DECLINE, reason=DeclineReason.LOOKS, words="취향이 아닙니다")
LIKED = FeedbackRequest(met=True, again=True, rating=5, words="좋은 분이었어요")
DISLIKED = FeedbackRequest(met=True, again=False, rating=1, words="늦게 왔습니다")
STAFF, BLOCK = RoleChange(role=Role.CONSULTANT, reason="입사"), ContactBlock(phone="010-7777-6666")


@dataclass
class Office:
    """A world, and those in it who act."""

    world: World

    def __post_init__(self) -> None:
        self.ygs, self.photo = self.world.ygs, PhotoId(self.world.files["photos"])
        self.document, self.owner = DocumentId(self.world.files["documents"]), self.world.people["owner"].id
        assert self.ygs.accounts
        self.accounts: AccountUseCases = self.ygs.accounts

    def actor(self, name: str) -> Actor:
        """Signed in as that one, just now."""
        user = self.world.people[name]
        return Actor.signed_in(user.id, user.role, status=user.status, session=self.session(name))

    def session(self, name: str) -> SessionId:
        """By which that one is signed in."""
        return self.world.sessions[name]

    async def log(self) -> list[Entry]:
        """What is on record."""
        async with self.ygs.storage.read() as reading:
            return [sealed.entry for sealed in await reading.audit.page(limit=1000)]

    async def verify(self) -> None:
        """The document proves what the profile says."""
        version = (await self.ygs.documents.read(self.actor("consultant"), self.document)).member_version
        seen = Verification(member_version=version)
        await self.ygs.documents.verify(self.actor("consultant"), self.document, seen)


async def _expire(office: Office) -> None:
    await office.verify()
    office.world.clock.advance(days=4000)
    await office.ygs.file_cleanup.run(OPERATOR)


async def _erase(office: Office) -> None:
    await office.ygs.members.withdraw(office.actor("owner"))
    office.world.clock.advance(days=31)
    await office.ygs.erasure.purge(OPERATOR)


async def _remove_document(office: Office) -> None:
    await office.ygs.documents.refuse(office.actor("consultant"), office.document, NO)
    office.world.clock.advance(days=31)
    await office.ygs.file_cleanup.run(OPERATOR)


async def _reuse_token(office: Office) -> None:
    """Whoever stole a token comes with it later than its owner."""
    request = PasswordSignIn(phone=office.world.with_phone("owner"), password=SecretStr(PASSWORD))
    tokens = (await office.accounts.sign_in.by_password(request, HOME)).tokens
    assert tokens
    stolen = RefreshRequest(refresh_token=SecretStr(tokens.refresh_token))
    theirs = await office.accounts.sessions.refresh(stolen)
    await office.accounts.sessions.refresh(RefreshRequest(refresh_token=SecretStr(theirs.refresh_token)))
    office.world.clock.advance(minutes=1)
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await office.accounts.sessions.refresh(stolen)


async def _unblock(office: Office) -> None:
    me, other = office.actor("owner"), office.world.people["former_match"].id
    await office.ygs.blocks.block(me, other)
    await office.ygs.blocks.unblock(me, other)


async def _answer(office: Office, request: AnswerRequest) -> None:
    waiting = office.world.introductions["waiting"]
    await office.ygs.member_introductions.answer(office.actor("owner"), waiting, request)


async def _tell(office: Office, request: FeedbackRequest) -> None:
    await office.ygs.member_introductions.give_feedback(
        office.actor("owner"), office.world.introductions["mutual"], request
    )


async def _unlink(office: Office) -> None:
    async with office.ygs.storage.write() as tx:
        account = await tx.accounts.find(office.owner)
        assert account
        await tx.accounts.save(account.link(Provider.KAKAO, "4001", at=office.world.clock.now()))
    await office.accounts.linked_identities.unlink(office.actor("owner"), Provider.KAKAO)


async def _change_password(office: Office) -> None:
    request = PasswordChange(current=SecretStr(PASSWORD), new=SecretStr(OTHER_PASSWORD))
    await office.accounts.passwords.change(office.actor("owner"), request, HOME)


async def _reset_password(office: Office) -> None:
    started = await office.accounts.passwords.request_reset(
        PasswordForgotten(phone=office.world.with_phone("owner")), HOME
    )
    request = PasswordReset(
        one_time_token=SecretStr(started.one_time_token), code=office.world.mailbox.code, new=SecretStr(OTHER_PASSWORD)
    )
    await office.accounts.passwords.reset(request, HOME)


async def _enrol(office: Office) -> None:
    me = office.actor("consultant")
    shown = await office.accounts.second_factor.enrol(me)
    secret = b32decode(shown.secret + "=" * (-len(shown.secret) % 8))
    proof = EnrolmentProof(code=code_at(secret, step_at(office.world.clock.now())))
    await office.accounts.second_factor.confirm(me, proof, HOME)


async def _make_administrator(office: Office) -> None:
    request = PhoneAndPassword(phone="010-5555-0009", password=SecretStr(PASSWORD), **newcomer())
    await office.accounts.sign_up.administrator(office.actor("admin"), request)


async def _sign_in(office: Office) -> None:
    request = PasswordSignIn(phone=office.world.with_phone("consultant"), password=SecretStr(PASSWORD))
    await office.accounts.sign_in.by_password(request, HOME)


async def _close(office: Office) -> None:
    week = office.world.weeks["proposed"]
    await office.ygs.planning.publish(OPERATOR, week)
    office.world.clock.advance(days=60)
    await office.ygs.weeks.close(office.actor("admin"), week)


# What is on record afterwards: the action, who acted, and of whom (or, for a week, nobody).
DEEDS: list[tuple[str, str, str, Callable[[Office], Awaitable[Any]]]] = [
    ("photo.read", "consultant", "owner", lambda o: o.ygs.photos.list_of_member(o.actor("consultant"), o.owner)),
    ("photo.read", "consultant", "owner", lambda o: o.ygs.photos.list_waiting(o.actor("consultant"))),
    ("photo.approved", "consultant", "owner", lambda o: o.ygs.photos.approve(o.actor("consultant"), o.photo)),
    ("photo.refused", "consultant", "owner", lambda o: o.ygs.photos.refuse(o.actor("consultant"), o.photo, NO)),
    ("photo.edited", "owner", "owner", lambda o: o.ygs.photos.edit(o.actor("owner"), o.photo, PhotoEdit(cover=True))),
    ("photo.deleted", "owner", "owner", lambda o: o.ygs.photos.delete(o.actor("owner"), o.photo)),
    (
        "documents.listed",
        "consultant",
        "owner",
        lambda o: o.ygs.documents.list_of_member(o.actor("consultant"), o.owner),
    ),
    ("documents.listed", "consultant", "owner", lambda o: o.ygs.documents.list_waiting(o.actor("consultant"))),
    ("document.read", "consultant", "owner", lambda o: o.ygs.documents.read(o.actor("consultant"), o.document)),
    (
        "document.refused",
        "consultant",
        "owner",
        lambda o: o.ygs.documents.refuse(o.actor("consultant"), o.document, NO),
    ),
    ("document.verified", "consultant", "owner", Office.verify),
    ("document.expired", "operator", "owner", _expire),
    ("document.removed", "operator", "owner", _remove_document),
    ("member.erased", "operator", "owner", _erase),
    ("week.inputs_removed", "operator", "", _erase),
    ("account.session_ended", "owner", "owner", lambda o: o.accounts.sessions.log_out(o.actor("owner"))),
    (
        "account.session_ended",
        "owner",
        "owner",
        lambda o: o.accounts.sessions.end(o.actor("owner"), o.session("owner")),
    ),
    ("account.session_ended", "owner", "owner", lambda o: o.accounts.sessions.end_all(o.actor("owner"))),
    ("account.session_ended", "anonymous", "owner", _reuse_token),
    ("block.removed", "owner", "owner", _unblock),
    ("block.removed", "owner", "owner", lambda o: o.ygs.blocks.unblock_contact(o.actor("owner"), BLOCK)),
    ("introduction.answered", "owner", "owner", lambda o: _answer(o, NO_THANKS)),
    ("feedback.given", "owner", "owner", lambda o: _tell(o, LIKED)),
    ("account.unlinked", "owner", "owner", _unlink),
    ("account.password_changed", "owner", "owner", _change_password),
    ("account.password_reset", "owner", "owner", _reset_password),
    ("account.second_factor_enrolled", "consultant", "consultant", _enrol),
    (
        "account.second_factor_removed",
        "admin",
        "consultant",
        lambda o: o.accounts.second_factor.remove(o.actor("admin"), o.world.people["consultant"].id, "분실"),
    ),
    ("account.role_changed", "admin", "owner", lambda o: o.accounts.roles.change(o.actor("admin"), o.owner, STAFF)),
    ("account.administrator_made", "admin", "", _make_administrator),
    ("account.signed_in", "consultant", "consultant", _sign_in),
    ("week.closed", "admin", "", _close),
]


@pytest.mark.parametrize(("action", "by", "of", "do"), DEEDS)
async def test_what_is_done_with_somebodys_data_is_on_record(
    action: str, by: str, of: str, do: Callable[[Office], Awaitable[Any]]
) -> None:
    async with served() as world:
        await populate(world)
        office = Office(world)
        before = len(await office.log())
        await do(office)
        people = {name: user.id for name, user in world.people.items()}
        written = [(one.action, one.actor, one.subject) for one in (await office.log())[before:]]
        acted, subject = people.get(by, by), people.get(of)
        assert [(one, who) for one, who, about in written if subject in (None, about)].count((action, acted)) == 1
        assert await office.accounts.audit_log.verify(OPERATOR) == []


@pytest.mark.parametrize(
    ("do", "one", "other"),
    [(_answer, YES, NO_THANKS), (_tell, LIKED, DISLIKED), (_tell, LIKED, FeedbackRequest(met=False))],
)
async def test_nobody_who_reads_the_log_learns_what_was_answered(
    do: Callable[[Office, Any], Awaitable[None]], one: object, other: object
) -> None:
    written = []
    for said in (one, other):
        async with served() as world:
            await populate(world)
            office = Office(world)
            await do(office, said)
            last = (await office.log())[-1]
            assert last.what in world.introductions.values()
            written.append((last.action, last.actor == last.subject == office.owner, last.reason))
    assert written[0] == written[1]


async def test_the_same_answer_again_changes_nothing_and_is_not_on_record_twice() -> None:
    async with served() as world:
        await populate(world)
        office = Office(world)
        before = len(await office.log())
        for said in (YES, YES, NO_THANKS, NO_THANKS):
            await _answer(office, said)
        assert len(await office.log()) == before + 2


async def test_no_answer_is_kept_that_cannot_be_put_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise Unavailable("the log is full")

    async with served() as world:
        await populate(world)
        office = Office(world)
        monkeypatch.setattr("ygs.adapters.memory.audit.MemoryAuditRepository.add", full)
        for doing in (_answer(office, YES), _tell(office, LIKED)):
            with pytest.raises(Unavailable):
                await doing
        async with world.ygs.storage.read() as reading:
            asked = await reading.introductions.get(world.introductions["waiting"])
            assert asked.answer_of(office.owner) is None
            assert await reading.introductions.feedback_on(world.introductions["mutual"]) == []


async def test_a_file_that_was_sent_in_is_on_record() -> None:
    kit = Kit()
    async with kit.storage.write() as tx:
        await tx.users.add(a_user(1))
    await kit.add(A_PDF, FileKind.EDUCATION, PDF)
    assert await kit.actions() == [("file.added", a_user(1).id, a_user(1).id)]
