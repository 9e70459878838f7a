"""The contract of `UserReader.wish_counts` and `set_wishes_met`."""

from dataclasses import replace

from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import Lifestyle, Status, User
from ygs.entrypoints.testing.builders import a_user, coded, wishes
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.repositories.users import WishCounts, WishMet
from ygs.ports.storage import Storage

IGNORE, SLIGHT, FAIR, STRONG, MUST = Importance
SITTING_OUT = [status for status in Status if status is not Status.ACTIVE]


def wishing(number: int, *importances: Importance, **changes: object) -> User:
    """A user (even: a man who seeks women) with wishes for a religion, no smoking and a height, so important."""
    made = (
        Wish.among("religion", ["none"], Importance.FAIR),
        Wish.between("smoking", "no", "no", Importance.FAIR),
        Wish.between("height_cm", 160, 180, Importance.FAIR),
    )
    weighted = [replace(wish, importance=importance) for wish, importance in zip(made, importances, strict=False)]
    return a_user(number, **{"wishes": wishes(*weighted), **changes})


class WishCountContract:
    """Every promise of `UserReader.wish_counts` and `set_wishes_met`."""

    async def test_fair_wishes_and_more_are_counted_and_musts_among_them(self, storage: Storage) -> None:
        me = a_user(1)
        men = [wishing(2, MUST, FAIR, IGNORE), wishing(4, STRONG, MUST, SLIGHT), wishing(6, SLIGHT, MUST), wishing(8)]
        async with storage.write() as tx:
            await tx.users.add_all([me, *men])
            expected = {"religion": WishCounts(2, 1), "smoking": WishCounts(3, 2)}
            assert await tx.users.wish_counts(me) == expected
        async with storage.read() as tx:
            assert await tx.users.wish_counts(me) == expected

    async def test_only_who_could_be_introduced_counts_and_nobody_for_themselves(self, storage: Storage) -> None:
        both = Genders.FEMALE | Genders.MALE
        me = wishing(1, MUST, seeks=both)
        counted = [wishing(2, MUST), wishing(4, FAIR, seeks=both), wishing(3, FAIR, seeks=both)]
        left = wishing(6, MUST)
        others = [
            wishing(5, MUST),  # a woman who seeks men
            wishing(8, MUST, seeks=Genders.MALE),
            *(wishing(20 + 2 * number, MUST, status=each) for number, each in enumerate(SITTING_OUT)),
        ]
        async with storage.write() as tx:
            await tx.users.add_all([me, *counted, *others, left])
            await tx.users.save((await tx.users.get(left.id)).withdraw(at=NOON))
        async with storage.read() as tx:
            assert await tx.users.wish_counts(me) == {"religion": WishCounts(3, 1)}
            assert await tx.users.wish_counts(a_user(99)) == {"religion": WishCounts(2, 1)}

    async def test_where_nobody_could_be_introduced_nobody_chooses(self, storage: Storage) -> None:
        async with storage.read() as tx:
            assert await tx.users.wish_counts(a_user(1)) == {}

    async def test_wishes_for_values_of_a_set_are_counted_by_who_told_and_who_meets_them(
        self, storage: Storage
    ) -> None:
        wished = wishes(
            Wish.among("interests", ["hiking", "movies"], Importance.FAIR),
            Wish.among("personality", ["calm"], Importance.SLIGHT),
            Wish.among("religion", ["none"], Importance.FAIR),
        )
        me = a_user(1, wishes=wished)
        lifestyles = [
            coded(interests=["hiking"], personality=["calm"]),
            coded(interests=["hiking", "movies", "yoga"]),
            coded(interests=["yoga"], personality=["cheerful"]),
            {},
        ]
        men = [a_user(2 * at, lifestyle=Lifestyle(facts=each)) for at, each in enumerate(lifestyles, start=1)]
        others = [a_user(20, status=Status.PAUSED, lifestyle=men[0].lifestyle), a_user(3, lifestyle=men[0].lifestyle)]
        async with storage.write() as tx:
            await tx.users.add_all([me, *men, *others])
        expected = {"interests": WishMet(told=3, met=2), "personality": WishMet(told=2, met=1)}
        async with storage.read() as tx:
            assert await tx.users.set_wishes_met(me) == expected
            assert await tx.users.set_wishes_met(men[0]) == {}
            latest = {"interests": WishMet(told=1, met=0), "personality": WishMet(told=1, met=0)}
            assert await tx.users.set_wishes_met(me, among=2) == latest

    async def test_a_wish_for_several_values_in_common_is_not_counted_and_comes_back_as_it_was(
        self, storage: Storage
    ) -> None:
        wished = wishes(Wish.among("interests", ["hiking", "movies", "yoga"], Importance.STRONG, at_least=2))
        async with storage.write() as tx:
            await tx.users.add_all([a_user(1, wishes=wished), a_user(2)])
        async with storage.read() as tx:
            assert (await tx.users.get(a_user(1).id)).wishes == wished
            assert await tx.users.set_wishes_met(a_user(1, wishes=wished)) == {}
