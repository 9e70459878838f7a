"""Members with real sessions, over real in-memory storage."""

from dataclasses import replace

from pydantic import SecretStr

from tests.support.accounts import PASSWORD, newcomer
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.sessions import TokenView
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.actors import Actor
from ygs.application.members.blocks import Blocks
from ygs.application.members.profile import Members
from ygs.application.members.review import MemberReview
from ygs.application.rate_limits import ClientAddress
from ygs.domain.audit import Entry
from ygs.domain.ids import UserId
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.accounts import AccountsKit, an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.storage import Storage

CONSULTANT = Actor.known_elsewhere(a_user(90).id, Role.CONSULTANT)
ADMIN = Actor.known_elsewhere(a_user(91).id, Role.ADMIN)
WITHOUT_SECOND_FACTOR = Actor.signed_in(a_user(91).id, Role.ADMIN, second_factor=False)


def signed_in(user: User) -> Actor:
    """That user, as they would ask now."""
    return Actor.signed_in(user.id, user.role, status=user.status)


class Club:
    """A storage with people in it, and who may ask."""

    def __init__(self, storage: Storage | None = None) -> None:
        self.storage, self.clock = storage or MemoryStorage(), FrozenClock()
        self.accounts = AccountsKit(self.storage, self.clock)
        self.members = Members(self.storage, self.clock, SEOUL)
        self.blocks = Blocks(self.storage, self.clock, LibPhones())
        self.member_review = MemberReview(self.storage, self.clock, an_audit_writer(self.storage), SEOUL)

    async def add(self, *users: User) -> None:
        """Store these."""
        async with self.storage.write() as tx:
            await tx.users.add_all(users)

    async def user(self, id: UserId) -> User:
        """As stored now."""
        async with self.storage.read() as tx:
            return await tx.users.get(id)

    async def make_staff(self, user: User, role: Role = Role.ADMIN) -> Actor:
        """Give a stored member a role; them, as they would ask then."""
        async with self.storage.write() as tx:
            changed = await tx.users.save(replace(await tx.users.get(user.id), role=role))
        return signed_in(changed)

    async def introduce(self, one: User, other: User, number: int = 1) -> None:
        """To each other, in a week of their own; both have time to answer."""
        week = a_week(number)
        async with self.storage.write() as tx:
            await tx.weeks.add(week)
            await tx.introductions.add_all([an_introduction(one, other, week, number)], {})

    async def join(self, phone: str = "010-2222-3333", status: Status = Status.ACTIVE) -> tuple[Actor, TokenView]:
        """Somebody with an account and a session, in that status."""
        request = PhoneAndPassword(phone=phone, password=SecretStr(PASSWORD), **newcomer())
        tokens = await self.accounts.join(request, ClientAddress("203.0.113.7", "phone"))
        async with self.storage.write() as tx:
            user = await tx.users.get(UserId(tokens.user_id))
            await tx.users.save(replace(user, status=status))
        return signed_in(await self.user(user.id)), tokens

    async def log(self) -> list[Entry]:
        """What is on record."""
        async with self.storage.read() as tx:
            return [sealed.entry for sealed in await tx.audit.page(limit=1000)]
