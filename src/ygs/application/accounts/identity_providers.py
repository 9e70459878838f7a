"""Who a provider says somebody is: Firebase's tokens, and Kakao's way there and back."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ygs.application.accounts.one_time_tokens import TicketText, unguessable, use_ticket, write_ticket
from ygs.application.rate_limits import Origin, require_no_wait, take
from ygs.domain.errors import SignInRefused
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import Ticket, TicketKind, ticket_digest
from ygs.domain.rate_limit import PER_ADDRESS
from ygs.ports.authentication import Firebase, Identity, Kakao, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# Firebase's tokens live for an hour; used ones are remembered for longer than that.
_FIREBASE_REMEMBERED = timedelta(hours=2)


class FirebaseProof(BaseModel):
    """A Firebase ID token, fresh from the SDK: each is taken once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id_token: SecretStr = Field(max_length=8192)


class KakaoStart(BaseModel):
    """Send the person to `authorize_url` and keep `ticket` in this browser; bring it back with what Kakao adds to our
    address."""

    model_config = ConfigDict(frozen=True)

    authorize_url: str
    ticket: str


class KakaoProof(BaseModel):
    """What came back from Kakao, with the ticket of the browser that was sent there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: TicketText
    state: SecretStr = Field(max_length=100)
    code: SecretStr = Field(max_length=512)


@dataclass(frozen=True, slots=True)
class Doors:
    """Identities proven by others. Every proof is good once, and nothing but the provider's own id is believed."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    firebase: Firebase
    kakao: Kakao

    async def by_firebase(self, proof: FirebaseProof, origin: Origin) -> Identity:
        """Whose token it is; `SignInRefused` for a bad one and for one that was used here before, `TooManyAttempts` for
        an address with too many of those: each may cost a request to Google."""
        token, now = proof.id_token.get_secret_value(), self.clock.now()
        key = f"firebase:{origin.blind(self.secrets)}"
        async with self.storage.write() as tx:
            wait = await take(tx, [(key, PER_ADDRESS)], now)
        require_no_wait(wait)
        identity = await self.firebase.prove(token)
        # Without the signature, which can be written in several ways.
        digest = ticket_digest(token.rpartition(".")[0])
        async with self.storage.write() as tx:
            if await tx.tickets.find(digest) is not None:
                raise SignInRefused
            used = Ticket(digest=digest, kind=TicketKind.FIREBASE, expires_at=now + _FIREBASE_REMEMBERED, used_at=now)
            await tx.tickets.add(used)
            await tx.attempts.give_back(key)
        return identity

    async def start_kakao(self, origin: Origin, user_id: UserId | None = None) -> KakaoStart:
        """Begin: `user_id` when a signed-in user wants to link the account they come back with."""
        now = self.clock.now()
        data = {name: unguessable(self.secrets) for name in ("state", "nonce", "verifier")}
        async with self.storage.write() as tx:
            wait = await take(tx, [(f"kakao:{origin.blind(self.secrets)}", PER_ADDRESS)], now)
            if not wait:
                ticket = await write_ticket(tx, self.secrets, TicketKind.KAKAO, at=now, user_id=user_id, data=data)
        require_no_wait(wait)
        return KakaoStart(authorize_url=self.kakao.authorize_url(**data), ticket=ticket)

    async def by_kakao(self, proof: KakaoProof, user_id: UserId | None = None) -> Identity:
        """Whose code it is, for whom it was begun; a ticket is used up even when what came with it is wrong."""
        async with self.storage.write() as tx:
            ticket = await use_ticket(tx, TicketKind.KAKAO, proof.ticket, at=self.clock.now())
        state = proof.state.get_secret_value().encode("utf-8", "surrogatepass")
        if not compare_digest(ticket.data["state"].encode(), state) or ticket.user_id != user_id:
            raise SignInRefused
        return await self.kakao.prove(
            code=proof.code.get_secret_value(), nonce=ticket.data["nonce"], verifier=ticket.data["verifier"]
        )
