"""Acting once on a command that may come twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from ygs.application.actors import Actor
from ygs.domain.errors import YgsError
from ygs.domain.idempotency import KEPT_FOR, IdempotencyRecord, Reply, checked_key
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class IdempotentRequests:
    """Keeps replies for 24 hours under the actor's own keys.

    For commands of signed-in users that make something. Not for signing in and up: their replies are tokens, and no
    token is ever stored.
    """

    storage: Storage
    clock: Clock

    async def reply(self, actor: Actor, key: str, asked: bytes, act: Callable[[], Awaitable[Reply]]) -> Reply:
        """What `act` replies, or replied when this was asked before: it runs at most once.

        `asked`: everything the command depends on (method, path, body), to tell another request under the same key,
        which is `KeyReused`. `StillRunning` while the first has no reply. When `act` raises an error of ours, nothing
        happened and the key is free again. When this process dies in between nobody can tell whether it happened: then
        the key stays taken for the 24 hours, since acting twice is worse than asking a person to look.
        """
        actor_id = actor.id or "operator"
        earlier = await self._begin(actor_id, checked_key(key), sha256(asked).digest())
        return earlier or await self._act(actor_id, key, act)

    async def _begin(self, actor: str, key: str, digest: bytes) -> Reply | None:
        now = self.clock.now()
        async with self.storage.write() as tx:
            found = await tx.idempotency.find(actor, key)
            if found is not None:
                if now - found.started_at < KEPT_FOR:
                    return found.again(digest)
                # Only what was found, and is held since: another may have begun the command between two statements.
                await tx.idempotency.remove(actor, key)
            await tx.idempotency.add(IdempotencyRecord(actor=actor, key=key, digest=digest, started_at=now))
        return None

    async def _act(self, actor: str, key: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            reply = await act()
        except YgsError:
            async with self.storage.write() as tx:
                await tx.idempotency.remove(actor, key)
            raise
        async with self.storage.write() as tx:
            found = await tx.idempotency.find(actor, key)
            if found is not None:
                await tx.idempotency.save(found.done(reply))
        return reply
