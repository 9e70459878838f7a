"""Search of names by their parts, against a search written the slow and obvious way."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidText
from ygs.domain.name_search import INITIALS, MOST_PARTS, NameQuery, after_prefix, initials, name_keys, searchable

_LETTERS = "가각김민준서연이힣ㄱㅁㅋkimJ金"
NAMES = st.text(alphabet=_LETTERS + " -", min_size=1, max_size=9).filter(lambda name: any(c in _LETTERS for c in name))


def _initial(character: str) -> str:
    """By decomposition, not by arithmetic on code points."""
    first = unicodedata.normalize("NFD", character)[0]
    return INITIALS[ord(first) - 0x1100] if "가" <= character <= "힣" else character


def _begins(name: str, query: str) -> bool:
    return len(query) <= len(name) and all(map(_fits, query, name))


def _fits(written: str, letter: str) -> bool:
    return written == letter or (written in INITIALS and written == _initial(letter))


def _slowly(name: str, query: str) -> bool:
    words = name.casefold().replace("-", "").split()
    plain = "".join(words)
    heads = {sum(map(len, words[:count])) for count in range(len(words))}
    starts = sorted(heads | {at for at, each in enumerate(plain) if each >= "가" or each in "金ㄱㅁㅋ"})
    return any(_begins(plain[start:], query) for start in starts[:MOST_PARTS])


@given(NAMES, st.text(alphabet=_LETTERS, min_size=1, max_size=4))
def test_a_search_finds_what_the_obvious_comparison_finds(name: str, written: str) -> None:
    query = NameQuery.of(written)
    assert query.matches(name) is _slowly(name, query.text)


@given(NAMES, st.data())
def test_every_part_of_a_name_finds_it_in_letters_in_initials_and_mixed(name: str, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(name_keys(name)))
    length = data.draw(st.integers(1, len(key.text)))
    mixed = "".join(data.draw(st.sampled_from(pair)) for pair in zip(key.text, key.initials, strict=True))
    for written in (key.text, key.initials, mixed):
        assert NameQuery.of(written[:length]).matches(name)


def test_letters_beside_initials_must_stand_where_they_are_written() -> None:
    query = NameQuery.of("ㄱ민준")
    assert query.matches("김민준")
    assert not query.matches("강문주민준"), "its initials fit, and 민준 comes later"


@given(st.text(min_size=1), st.text())
def test_the_text_after_a_prefix_follows_all_that_begin_with_it_and_nothing_else(prefix: str, rest: str) -> None:
    end = after_prefix(prefix)
    assert end is None or prefix + rest < end
    if end is not None and rest < end and rest >= prefix:
        assert rest.startswith(prefix)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㄳㅎ", "ㄱㅅㅎ"),  # what a keyboard makes of ㄱ and ㅅ
        ("ᄀᄆᄌ", "ㄱㅁㅈ"),  # as initials stand in decomposed text
        (unicodedata.normalize("NFD", "김민"), "김민"),
        (" O'Brien-Kim ", "obrienkim"),
        ("KİM", "ki̇m"),
    ],
)
def test_what_keyboards_send_is_read_as_it_is_meant(typed: str, meant: str) -> None:
    assert NameQuery.of(typed).text == meant


def test_initials_of_every_syllable_are_those_of_its_decomposition() -> None:
    syllables = "".join(map(chr, range(ord("가"), ord("힣") + 1)))
    assert initials(syllables) == "".join(map(_initial, syllables))


def test_a_long_name_has_few_parts_and_a_search_needs_something_visible() -> None:
    assert len(name_keys("가" * 60)) == MOST_PARTS
    assert [key.text for key in name_keys("...")] == ["..."]
    assert searchable("김 민·준") == "김민준"
    with pytest.raises(InvalidText):
        NameQuery.of(" \u200b ")
