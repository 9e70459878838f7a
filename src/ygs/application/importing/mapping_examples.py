"""Lines for a mapping to paste and edit where it lacks them."""

from collections.abc import Iterable, Mapping

# By the place that lacks them.
EXAMPLES: Mapping[str, str] = {
    "title": 'title = "회원 명부"',
    "member": '[member]\nname = { column = "이름" }',
    "member.name": 'name = { column = "이름" }',
    "member.gender": 'gender = { column = "성별", values = { "남" = "male", "여" = "female" } }',
    "member.seeks": 'seeks = { column = "성별", values = { "남" = "female", "여" = "male" } }',
    "member.birth_year": 'birth_year = { column = "생년월일", unit = "year" }',
}
_CONSENTS: Mapping[str, str] = {
    "terms": 'terms = { version = "1", given = 2026-01-02 }',
    "privacy": 'privacy = { version = "1", given = 2026-01-02 }',
    "sensitive": 'sensitive = { version = "1", given = 2026-01-02, column = "민감정보 동의", yes = ["동의"] }',
}


def consent_lines(purposes: Iterable[str], *, header: bool = True) -> str:
    """The lines of a mapping that say what members agreed to, to paste and edit."""
    lines = [_CONSENTS[purpose] for purpose in purposes]
    return "\n".join(["[consents]", *lines] if header else lines)
