"""Labels with their text behind a line that is drawn row by row, and text in frames: what belongs together by what is drawn."""

import pytest

from kbray.document.layout.chained import tables_beside
from kbray.document.layout.framed import frames_of
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.model import Element
from tests.unit.printed import row

PAIRS = (
    ("Name", "Ada Byron"),
    ("Address", "12 St James's Square, London"),
    ("E-mail", "ada@example.org"),
    ("Nationality", "British"),
    ("Date of birth", "10 December 1815"),
    ("Languages", "English, French and some Italian"),
    ("Driving licence", "None"),
    ("Interests", "Engines, weaving, horses"),
)
AT, HEIGHT = 180.0, 30.0


def _read(words: list[Word], rules: list[Box]) -> list[Element]:
    return elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words, rules)))])


def _words(lines: list[tuple[str, float, float]]) -> list[Word]:
    return [word for place, line in enumerate(lines) for word in row(*line, 100 * place)]


def _chain(count: int, at: float = AT) -> list[Box]:
    return [Box(at, 80 + HEIGHT * place, at + 0.5, 80 + HEIGHT * (place + 1)) for place in range(count)]


def _labelled() -> list[tuple[str, float, float]]:
    return [line for place, (label, text) in enumerate(PAIRS) for line in _pair(label, text, 100 + HEIGHT * place)]


def _pair(label: str, text: str, baseline: float) -> list[tuple[str, float, float]]:
    return [(label, 60.0, baseline), (text, 200.0, baseline)]


def test_labels_keep_to_their_text() -> None:
    """They were read one below the other, or made a table without what they label."""
    (table,) = _read(_words(_labelled()), _chain(len(PAIRS)))
    assert table.table is not None
    assert [(cell.row, cell.column, cell.text) for cell in table.table.cells] == [
        (number, column, text) for number, pair in enumerate(PAIRS) for column, text in enumerate(pair)
    ]


def test_what_has_nothing_beside_it_is_no_row() -> None:
    lines = [*_labelled(), ("Experience", 60.0, 100 + HEIGHT * len(PAIRS))]
    lines += _pair("Work", "Notes on an engine that nobody built", 100 + HEIGHT * (len(PAIRS) + 1))
    found = _read(_words(lines), _chain(len(PAIRS) + 2))
    assert [(one.table is not None, one.text.split("\t")[0]) for one in found] == [
        (True, "Name"),
        (False, "Experience"),
        (True, "Work"),
    ]


@pytest.mark.parametrize(
    "rules",
    [
        [Box(AT, 80, AT + 0.5, 80 + HEIGHT * len(PAIRS))],  # one line, as between columns
        [*_chain(len(PAIRS)), *_chain(len(PAIRS), 400.0)],  # of a grid
        _chain(3),
    ],
)
def test_other_lines_part_no_labels(rules: list[Box]) -> None:
    assert tables_beside(_words(_labelled()), rules)[0] == []


def test_columns_of_a_table_and_numbers_of_lines_are_no_labels() -> None:
    cells = [(f"{place}.{place}", 400.0, 100 + HEIGHT * place) for place in range(len(PAIRS))]
    assert tables_beside(_words([*_labelled(), *cells]), _chain(len(PAIRS)))[0] == []
    numbered = [(text if left > AT else str(place), left, y) for place, (text, left, y) in enumerate(_labelled())]
    assert tables_beside(_words(numbered), _chain(len(PAIRS)))[0] == []


LEFT = [("\\emph{This} is what one writes", 60.0), ("to have a word in italics,", 60.0), ("as so many do.", 60.0)]
RIGHT = [("This is what one writes to", 330.0), ("have a word in italics, as", 330.0), ("so many do.", 330.0)]


def _frame(left: float, top: float, right: float, bottom: float) -> list[Box]:
    return [
        *(Box(left, y, right, y + 0.5) for y in (top, bottom)),
        *(Box(x, top, x + 0.5, bottom) for x in (left, right)),
    ]


def _beside(lines: list[tuple[str, float]], top: float) -> list[tuple[str, float, float]]:
    return [(text, left, top + 12.0 * place) for place, (text, left) in enumerate(lines)]


def test_what_stands_in_a_frame_is_read_as_a_whole_behind_what_is_at_its_left() -> None:
    """Its lines were read among those beside it."""
    above = [("Commands take what is to be printed in another way between braces, as in the example below:", 60.0, 60.0)]
    words = _words([*above, *_beside(LEFT, 100.0), *_beside(RIGHT, 106.0)])
    texts = [one.text for one in _read(words, _frame(322.0, 92.0, 500.0, 136.0))]
    assert texts[-1] == "This is what one writes to have a word in italics, as so many do."
    assert texts[-2] == "\\emph{This} is what one writes to have a word in italics, as so many do."


def test_frames_beside_each_other_are_cells() -> None:
    frame = _frame(50.0, 88.0, 320.0, 140.0)
    assert len(frames_of(frame)) == 1
    assert len(frames_of([*frame, *_frame(340.0, 88.0, 600.0, 140.0)])) == 2
    assert not frames_of([*frame, *_frame(322.0, 88.0, 600.0, 140.0)])
    assert not frames_of(frame[:3]), "one side is missing"


@pytest.mark.parametrize(
    "other",
    [
        [("This is what one writes to have a word in italics", 200.0)],  # over the side of the frame
        [("12.5 %", 330.0), ("13.5 %", 330.0)],  # a cell
    ],
)
def test_what_stands_in_no_frame_or_is_no_text_stays_where_it_is(other: list[tuple[str, float]]) -> None:
    words = _words([*_beside(LEFT, 100.0), *_beside(other, 106.0)])
    rules = _frame(322.0, 92.0, 500.0, 136.0)
    assert [one.text for one in _read(words, rules)] == [one.text for one in _read(words, [])]
