"""Two rankings fused by their scores."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue import Place
from kbray.model import FileId
from kbray.ops.search import fused

Scores = Mapping[int, float]
RANKINGS = st.dictionaries(st.integers(0, 12), st.integers(1, 1000), max_size=8)
DEPTH = 8


def ranking(scores: Scores, first: int = 0) -> list[Place]:
    """Of file 1, by ordinal; the `first` ones have the phrase."""
    best = sorted(scores, key=lambda number: -scores[number])
    return [Place(FileId(1), number, scores[number], n < first) for n, number in enumerate(best)]


def order(words: list[Place], meaning: list[Place], depth: int = DEPTH) -> list[int]:
    return [place.ordinal for place in fused(words, meaning, depth)]


def test_what_both_know_comes_first_and_units_do_not_matter() -> None:
    words, meaning = {4: 10.0, 7: 9.0, 9: 2.0}, {7: 0.8, 5: 0.4}
    found = fused(ranking(words), ranking(meaning), DEPTH)
    assert [place.ordinal for place in found] == [7, 4, 9, 5]
    assert [place.score for place in found] == pytest.approx([(0.9 + 1) / 2, (1 + 0.5) / 2, (0.2 + 0.5) / 2, 0.5 / 2])
    assert order(ranking({number: 1000 * score for number, score in words.items()}), ranking(meaning)) == [7, 4, 9, 5]


def test_what_is_far_ahead_in_one_ranking_leads() -> None:
    assert order(ranking({1: 30.0, 2: 9.0}), ranking({2: 0.5, 1: 0.45}))[0] == 1
    assert order(ranking({1: 30.0, 2: 29.0}), ranking({2: 0.5, 1: 0.3}))[0] == 2


def test_what_a_ranking_lacks_counts_as_its_last_but_words_that_few_have_are_not_there() -> None:
    words, meaning = ranking({1: 10.0, 2: 9.0}), ranking({3: 0.9, 2: 0.5})
    assert order(words, meaning, 2) == [3, 1, 2], "3 may have nine tenths of the words"
    assert order(words, meaning, 3) == [1, 2, 3], "3 has none"


def test_what_has_no_vectors_yet_counts_by_its_words() -> None:
    words = [Place(FileId(2), 0, 10.0), Place(FileId(1), 0, 6.0)]
    meaning = [Place(FileId(1), 0, 0.9), Place(FileId(1), 1, 0.3)]
    assert [place.file_id for place in fused(words, meaning, DEPTH)] == [1, 2, 1], "as if it were far from what is meant"
    found = fused(words, meaning, DEPTH, {FileId(2)})
    assert [(place.file_id, place.score) for place in found[:2]] == [(2, 1.0), (1, pytest.approx(0.8))]


def test_what_has_the_phrase_stays_first() -> None:
    assert order(ranking({4: 9.0, 7: 8.0, 9: 7.0}, first=1), ranking({7: 0.9, 9: 0.8, 5: 0.7})) == [4, 7, 9, 5]


def test_nothing_is_like_it_and_still_there() -> None:
    assert order([], ranking({1: -0.1, 2: -0.2})) == [1, 2]
    assert fused([], [], DEPTH) == []


@given(RANKINGS, RANKINGS)
def test_all_that_was_found_is_there_once_in_an_order_that_both_agree_to(words: Scores, meaning: Scores) -> None:
    found = fused(ranking(words), ranking(meaning), DEPTH)
    numbers = [place.ordinal for place in found]
    assert sorted(numbers) == sorted({*words, *meaning})
    assert all(0 <= place.score <= 1 for place in found)
    for a in numbers:
        for b in numbers:
            if all(a in one and one[a] > one.get(b, 0.0) for one in (words, meaning)):
                assert numbers.index(a) < numbers.index(b)
