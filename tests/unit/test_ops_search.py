"""Two rankings fused by rank."""

from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue import Place
from kbray.model import FileId
from kbray.ops.search import FUSION, fused

RANKINGS = st.lists(st.integers(0, 30), unique=True, max_size=20)


def ranking(numbers: list[int], first: int = 0) -> list[Place]:
    """Of file 1, by ordinal; the `first` ones have the phrase."""
    return [Place(FileId(1), number, 100.0 - n, n < first) for n, number in enumerate(numbers)]


def test_what_both_know_comes_first_and_scores_do_not_matter() -> None:
    found = fused(ranking([4, 7, 9]), ranking([7, 5]))
    assert [place.ordinal for place in found] == [7, 4, 5, 9]
    assert found[0].score == 1 / (FUSION + 2) + 1 / (FUSION + 1)


def test_what_has_the_phrase_stays_first() -> None:
    assert [place.ordinal for place in fused(ranking([4, 7, 9], first=1), ranking([7, 9, 5]))] == [4, 7, 9, 5]


@given(RANKINGS, RANKINGS)
def test_all_that_was_found_is_there_once_in_an_order_that_both_agree_to(words: list[int], meaning: list[int]) -> None:
    found = [place.ordinal for place in fused(ranking(words), ranking(meaning))]
    assert sorted(found) == sorted({*words, *meaning})
    for a in found:
        for b in found:
            if all(a in one and (b not in one or one.index(a) < one.index(b)) for one in (words, meaning)):
                assert found.index(a) < found.index(b) or a == b
