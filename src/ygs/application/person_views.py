"""What staff call people: by name, with what tells two of one name apart."""

from collections.abc import Iterable, Mapping
from typing import Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.explaining import Naming
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import User
from ygs.ports.storage import Storage


class PersonView(BaseModel):
    """A person in a list for staff: name, year of birth, and region when known."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    birth_year: int
    region: str

    @classmethod
    def of(cls, user: User, language: Language) -> Self:
        """The view of a user."""
        code = user.facts.get("region", 0)
        region = VOCABULARY["region"]
        label = region.label(region.value_of(code), language) if code else ""
        return cls(id=user.id, name=user.name, birth_year=user.birth_year, region=label)


People: TypeAlias = Mapping[str, PersonView]


async def people_of(storage: Storage, ids: Iterable[str], language: Language) -> People:
    """Everybody of these ids; who has left since is called "?"."""
    wanted = dict.fromkeys(ids)
    async with storage.read() as reading:
        users = await reading.users.by_ids([UserId(each) for each in wanted])
    known = {user.id: PersonView.of(user, language) for user in users}
    return {each: PersonView(id=each, name="?", birth_year=0, region="") for each in wanted} | known


def namer(people: People) -> Naming:
    """What sentences call these people; others by their ids."""
    return lambda person: people[person].name if person in people else person
