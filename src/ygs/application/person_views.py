"""What people are called: for staff by name, with what tells two of one name apart; for members by a masked name."""

from collections.abc import Iterable, Mapping
from typing import Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import UNKNOWN, Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.explaining import Naming
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import User
from ygs.ports.repositories.directory import DirectoryLine
from ygs.ports.storage import Storage


def masked_name(name: str) -> str:
    """What members see of a name before both accepted: its first letter, and a circle for each other."""
    return name[0] + "○" * (len(name) - 1)


class PersonView(BaseModel):
    """A person in a list for staff: name, year of birth, and the region's code, null while unknown.

    Who has `withdrawn` is called so instead of by name, and has neither.
    """

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    birth_year: int | None
    region: str | None
    withdrawn: bool = False

    @classmethod
    def of(cls, user: User) -> Self:
        """The view of a user."""
        code = user.facts.get("region", UNKNOWN)
        region = str(VOCABULARY["region"].value_of(code)) if code else None
        return cls(id=user.id, name=user.name, birth_year=user.birth_year, region=region)

    @classmethod
    def of_line(cls, line: DirectoryLine) -> Self:
        """The view of somebody by their line of the directory."""
        region = str(VOCABULARY["region"].value_of(line.region)) if line.region else None
        return cls(id=line.id, name=line.name, birth_year=line.birth_year, region=region)

    @classmethod
    def of_withdrawn(cls, id: UserId, language: Language) -> Self:
        """The view of somebody who has left since."""
        return cls(id=id, name=pick(language, **_WITHDRAWN), birth_year=None, region=None, withdrawn=True)


_WITHDRAWN = {"ko": "탈퇴 회원", "en": "withdrawn member"}

People: TypeAlias = Mapping[str, PersonView]


async def people_of(storage: Storage, ids: Iterable[str], language: Language) -> People:
    """Everybody of these ids, also who has left since."""
    wanted = [UserId(each) for each in dict.fromkeys(ids)]
    async with storage.read() as reading:
        lines = await reading.directory.lines(wanted)
    known: dict[str, PersonView] = {line.id: PersonView.of_line(line) for line in lines}
    return {each: PersonView.of_withdrawn(each, language) for each in wanted} | known


def namer(people: People, language: Language) -> Naming:
    """What sentences of that language call these people; others by their ids."""

    def name(person: str) -> str:
        if person not in people:
            return person
        return pick(language, **_WITHDRAWN) if people[person].withdrawn else people[person].name

    return name
