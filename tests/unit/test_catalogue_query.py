"""What people type, and in which language it is looked up."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kbray.catalogue import storable
from kbray.catalogue.languages import config, searchable, tag
from kbray.catalogue.query import Query, parse
from kbray.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("black swans", Query(words=("black", "swans"))),
        ('"black swan" bird', Query(words=("bird",), phrases=("black swan",))),
        ('bird -ballet -"swan lake"', Query(words=("bird",), excluded=("ballet", "swan lake"))),
        ("immun* theory", Query(words=("theory",), prefixes=("immun",))),
        ("state-of-the-art co-operation -x", Query(words=("state-of-the-art", "co-operation"), excluded=("x",))),
        ('an unfinished "phrase', Query(words=("an", "unfinished", "phrase"))),
        ('word"glued"', Query(words=("word",), phrases=("glued",))),
        ("C++ 3.5%", Query(words=("C++", "3.5%"))),
        ('- -- * "" \' (', Query()),
        ("", Query()),
    ],
)
def test_what_is_typed_is_understood(text: str, wanted: Query) -> None:
    assert parse(text) == wanted


@given(st.text(max_size=80))
@example("0\x00")
def test_anything_can_be_typed(text: str) -> None:
    query = parse(text)
    terms = (*query.words, *query.prefixes, *query.phrases, *query.excluded)
    assert all(term and term in storable.text(text) for term in terms)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "english"),
        ("en-GB", "english"),
        ("DE_at", "german"),
        ("fre", "french"),
        ("nb", "norwegian"),
        ("ja", "simple"),
        ("la", "simple"),
        ("", "english"),
        (None, "english"),
    ],
)
def test_a_language_has_its_configuration(language: str | None, wanted: str) -> None:
    assert config(tag(language)) == wanted


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("en", "en"),
        (" EN_us ", "en-US"),
        ("ger", "de"),
        ("eng-GB", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("de-1901", "de-1901"),
        ("x-klingon", None),
        ("English (US)", None),
        ("en" * 2000, None),
        ("", None),
        (None, None),
    ],
)
def test_a_language_is_told_by_its_tag(told: str | None, wanted: str | None) -> None:
    assert tag(told) == wanted
    assert tag(wanted) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain words", "plain words"),
        ("日本語の本", "日本 本語 語の の本"),
        ("本", "本"),
        ("in 東京駅, platform 3", "in 東京 京駅 , platform 3"),
        ("한국어 문장", "한국어 문장"),
        ("Freeman¹,² at 10³ m² and 5 km³", "Freeman ¹,² at 10³ m2 and 5 km3"),
        ("日本²語", "日本 2 語"),
        ("cafe\u0301 Mo\u0308bius \u1112\u1161\u11ab\u1100\u1173\u11af", "café Möbius 한글"),
        ("\ufb01ne \ufb02ow ｆｕｌｌ１２", "fine flow full12"),
        ("ｶﾞﾗｽ", "ガラ ラス"),
        ("הַמִּשְׁנָה \ufb4bר", "המשנה ור"),
        ("المَدِينَة مـــدينة \ufedf\ufe94", "المدينة مدينة لة"),
        ("کتاب علی", "كتاب علي"),
        ("½ … ™ 10⁵ हिन्दी ก่อน", "½ … ™ 10⁵ हिन्दी ก่ ่อ อน"),
    ],
)
def test_words_are_taken_apart_where_the_server_would_not(text: str, wanted: str) -> None:
    assert " ".join(searchable(text).split()) == wanted


@pytest.mark.parametrize("text", ["word " * 5_000, "-word " * 101, '"a b" ' * 101, "beg* " * 101])
def test_a_question_longer_than_any_is_refused(text: str) -> None:
    """20,000 exclusions kept the database busy for more than 20 seconds."""
    with pytest.raises(ConfigError, match="shorten it"):
        parse(text)
    assert parse(text[: len(text) // 5 * 3])
