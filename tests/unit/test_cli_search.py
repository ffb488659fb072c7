"""How a hit is shown to people."""

from hypothesis import given
from hypothesis import strategies as st

from kbray.cli.search import excerpt, marked


def test_matches_stand_between_asterisks() -> None:
    assert marked("The black cat\nsat.", [(4, 9), (10, 13)]) == "The *black* *cat* sat."


def test_a_long_passage_is_cut_to_where_most_matches_are() -> None:
    text = "word " * 100 + "here are cats and more cats " + "word " * 100
    first, second = text.index("cats"), text.rindex("cats")
    shown, matches = excerpt(text, [(0, 4), (first, first + 4), (second, second + 4)], 60)
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert [shown[start:end] for start, end in matches] == ["cats", "cats"]
    assert len(shown) < 80


def test_a_short_passage_is_whole() -> None:
    assert excerpt("All of it.", [(0, 3)]) == ("All of it.", [(0, 3)])


@given(
    st.text("ab \n", max_size=200), st.lists(st.tuples(st.integers(0, 200), st.integers(1, 20)), max_size=5), st.integers(10, 80)
)
def test_what_is_marked_is_what_matched(text: str, places: list[tuple[int, int]], width: int) -> None:
    matches = sorted({(start, start + length) for start, length in places if start + length <= len(text)})
    apart = [match for number, match in enumerate(matches) if all(match[0] >= end for _, end in matches[:number])]
    shown, inside = excerpt(text, apart, width)
    told = {text[start:end] for start, end in apart}
    assert all(shown[start:end] in told for start, end in inside)
    assert len(inside) <= len(apart)
