"""Idempotent requests: run a command once, though a client may send it twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from ygs.application.actors import Actor
from ygs.domain.errors import OutcomeUnknown, YgsError
from ygs.domain.idempotency import KEPT_FOR, IdempotencyRecord, Reply, checked_key
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class IdempotentRequests:
    """Stores replies for 24 hours under the idempotency keys of each actor.

    For commands of signed-in users that create something. Not for sign-in and sign-up: their replies hold tokens, and
    tokens are never stored.
    """

    storage: Storage
    clock: Clock

    async def reply(
        self,
        actor: Actor,
        key: str,
        request: bytes,
        act: Callable[[], Awaitable[Reply]],
        *,
        kept_for: timedelta = KEPT_FOR,
    ) -> Reply:
        """Run `act` at most once, and return its reply; for a repeated request, the stored reply.

        `request`: everything the command depends on (method, path, body). `KeyReused` when the key belongs to another
        request, `StillRunning` while the first request has no reply. When `act` raises a `YgsError`, nothing happened
        and the key is free again. After `OutcomeUnknown`, or when the process dies meanwhile, the key stays taken for
        24 hours, because acting twice is worse than having a person look. `kept_for`: how long the reply is of use;
        after that the same request acts anew.
        """
        actor_id = actor.id or "operator"
        earlier = await self._begin(actor_id, checked_key(key), sha256(request).digest(), kept_for)
        return earlier or await self._act(actor_id, key, act)

    async def _begin(self, actor: str, key: str, digest: bytes, kept_for: timedelta) -> Reply | None:
        now = self.clock.now()
        async with self.storage.write() as tx:
            found = await tx.idempotency.find(actor, key)
            if found is not None:
                if now - found.started_at < (kept_for if found.repeats(digest) else KEPT_FOR):
                    return found.again(digest)
                # Remove only the record that was found and locked: another request may have begun since.
                await tx.idempotency.remove(actor, key)
            await tx.idempotency.add(IdempotencyRecord(actor=actor, key=key, digest=digest, started_at=now))
        return None

    async def _act(self, actor: str, key: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            reply = await act()
        except OutcomeUnknown:
            raise
        except YgsError:
            async with self.storage.write() as tx:
                await tx.idempotency.remove(actor, key)
            raise
        async with self.storage.write() as tx:
            found = await tx.idempotency.find(actor, key)
            if found is not None:
                await tx.idempotency.save(found.done(reply))
        return reply
