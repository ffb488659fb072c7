"""The order of shapes on a slide: rows, columns that go on, what lies within something else, and any mess."""

from hypothesis import given
from hypothesis import strategies as st

from kbray.parse.office.reading_order import Box, reading_order


def box(left: float, top: float, width: float, height: float) -> Box:
    return Box(top, left, top + height, left + width)


def order(*boxes: Box) -> list[int]:
    return reading_order([(1, one) for one in boxes], 100)


def test_ranks_come_first() -> None:
    shapes = [(2, box(0, 0, 10, 10)), (1, box(0, 50, 10, 10)), (0, box(0, 90, 10, 10))]
    assert reading_order(shapes, 100) == [2, 1, 0]


def test_rows_whose_tops_are_not_quite_level() -> None:
    assert order(box(60, 10, 30, 20), box(0, 12, 30, 20), box(0, 50, 90, 20)) == [1, 0, 2]


def test_edges_that_overlap_a_little_part_all_the_same() -> None:
    assert order(box(0, 49, 90, 40), box(0, 10, 90, 41)) == [1, 0]


def test_two_boxes_beside_a_tall_one() -> None:
    left, below, right = box(0, 10, 40, 20), box(0, 60, 40, 20), box(50, 10, 40, 80)
    assert order(left, right, below) == [0, 2, 1]


def test_two_headings_side_by_side_each_with_its_text_below() -> None:
    """With a line above and one below both: as the file tells, by columns or by rows."""
    above, below = box(0, 0, 90, 10), box(0, 90, 90, 10)
    one, other, text, more = box(0, 15, 40, 10), box(50, 15, 40, 10), box(0, 30, 40, 50), box(50, 30, 40, 50)
    assert order(above, one, text, other, more, below) == [0, 1, 2, 3, 4, 5]
    assert order(above, one, other, text, more, below) == [0, 1, 2, 3, 4, 5]
    assert order(below, other, one, more, text, above) == [5, 2, 1, 4, 3, 0]


def test_a_source_below_two_columns_is_of_neither() -> None:
    one, other, text, more = box(0, 15, 40, 10), box(50, 15, 40, 10), box(0, 30, 40, 50), box(50, 30, 40, 50)
    assert order(one, text, other, more, box(0, 90, 30, 5)) == [0, 1, 2, 3, 4]
    assert order(one, other, text, more, box(0, 90, 30, 5)) == [0, 1, 2, 3, 4]


def test_what_lies_within_something_follows_it() -> None:
    panel, number, other, behind = box(0, 0, 40, 40), box(20, 10, 5, 5), box(30, 20, 40, 40), box(-5, -5, 200, 200)
    assert order(number, other, panel, behind) == [3, 2, 0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.builds(box, *[st.integers(-50, 150)] * 2, *[st.integers(0, 100)] * 2)), max_size=12)
)
def test_each_shape_has_one_place_whatever_they_are(shapes: list[tuple[int, Box]]) -> None:
    found = reading_order(shapes, 100)
    assert sorted(found) == list(range(len(shapes)))
    assert [shapes[index][0] for index in found] == sorted(rank for rank, _ in shapes)


@given(st.permutations(range(9)))
def test_a_grid_whose_file_is_row_by_row_or_says_nothing_clear_is_a_grid(numbers: list[int]) -> None:
    """Rows or columns, but never a mixture of both."""
    cells = [box(row % 3 * 30, row // 3 * 30, 20, 20) for row in numbers]
    read = [numbers[index] for index in order(*cells)]
    assert read in (list(range(9)), [0, 3, 6, 1, 4, 7, 2, 5, 8])


def test_more_shapes_than_anybody_draws_are_read_row_by_row() -> None:
    grid = [box(index % 100 * 10, index // 100 * 10, 8, 8) for index in range(3000)]
    assert order(*grid) == list(range(3000))
