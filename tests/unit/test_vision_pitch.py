"""Print of one width, told from where the characters of its lines stand."""

from dataclasses import replace

import pytest

from kbray.vision.detection import Quad
from kbray.vision.ocr import Found
from kbray.vision.pitch import _step, pitches, tokens
from kbray.vision.strips import Read

NARROW, WIDE = "ijl'.,:;|!tfr()[] ", "mwMW@"
CODE = ["while limit > minimum:", "    limit = limit - will(0)", "    swim(limit, willing)", "print(limit)"]
TEXT = [
    "while the limit is more than",
    "the minimum it falls, and will",
    "swim below what is willing to",
    "be printed as the limit is",
]


def line(text: str, top: float, *, even: bool, left: float = 100, size: float = 25) -> Found:
    """A line as if recognised; `even`: all characters are as wide as 0.6 of its size."""
    widths = [size * (0.6 if even else 0.28 if one in NARROW else 0.85 if one in WIDE else 0.55) for one in text]
    ends = [sum(widths[: number + 1]) for number in range(len(text))]
    places = tuple((end - width / 2) / ends[-1] for end, width in zip(ends, widths, strict=True))
    indent = len(text) - len(text.lstrip())
    start = ends[indent - 1] if indent else 0.0
    inner = tuple((place * ends[-1] - start) / (ends[-1] - start) for place in places[indent:])
    quad = Quad(left + (start + ends[-1]) / 2, top, ends[-1] - start, 1.3 * size, 0.0)
    return Found(quad, Read(text.strip(), 0.9, inner), size)


def page(*blocks: tuple[list[str], bool]) -> dict[int, Found]:
    lines = [(text, even) for texts, even in blocks for text in texts]
    return {number: line(text, 100 + 35 * number, even=even) for number, (text, even) in enumerate(lines)}


def test_code_between_text_is_told_with_the_width_of_its_characters() -> None:
    found = pitches(page((TEXT, False), (CODE, True), (TEXT, False)))
    assert sorted(found) == [4, 5, 6, 7]
    assert all(pitch == pytest.approx(15) for pitch in found.values())


@pytest.mark.parametrize(
    "blocks",
    [
        ((TEXT, False), (TEXT, False)),
        ((TEXT, False), (CODE[:2], True), (TEXT, False)),  # as a long address, which is broken
        ((TEXT, True), (TEXT[:1], False)),  # a typescript
        ((["Tea   2 = 4.00", "Milk   1", "Total:   4.00", "paid in cash"], True),),  # a receipt
        (([], True),),
    ],
)
def test_text_addresses_and_typescripts_are_no_code(blocks: tuple[tuple[list[str], bool], ...]) -> None:
    assert pitches(page(*blocks)) == {}


def test_a_bracket_alone_closes_code_and_a_short_line_of_text_does_not_go_on_with_it() -> None:
    assert sorted(pitches(page((TEXT, False), ([*CODE, "}"], True), (TEXT, False)))) == [4, 5, 6, 7, 8]
    assert sorted(pitches(page((TEXT, False), (CODE, True), (["mill"], False), (TEXT, False)))) == [4, 5, 6, 7]


def test_a_page_of_nothing_but_code_is_code_but_for_its_title() -> None:
    """Short lines tell their width badly, one that is wider is none of it."""
    lines = page((CODE, True), (["a = b", "}"], True), (TEXT[:1], False))
    short = lines[4]
    lines[4] = replace(short, quad=replace(short.quad, width=1.2 * short.quad.width))
    lines[9] = line("The title", 40, even=True, size=45)
    assert sorted(pitches(lines)) == [0, 1, 2, 3, 4, 5]


def as_wide(text: str, top: float, step: float) -> Found:
    """A line of text whose letters are so wide on average, as those of code are."""
    return line(text, top, even=False, size=25 * step / _step(line(text, top, even=False)))


def test_text_around_more_lines_of_code_stays_text() -> None:
    """All of a page is code where nothing speaks against it, and not because most of it is."""
    lines = page((CODE + CODE + CODE, True))
    above = {20 + number: as_wide(text, 100 - 35 * (4 - number), 15) for number, text in enumerate(TEXT)}
    below = {30 + number: as_wide(text, 100 + 35 * (12 + number), 15) for number, text in enumerate(TEXT)}
    assert sorted(pitches(above | lines | below)) == list(range(12))


def test_words_are_as_wide_as_their_characters_and_white_parts_them_though_no_space_was_read() -> None:
    found = line("limit  = will(0)", 100, even=True)
    letters = "".join(found.read.text.split())
    places = tuple(place for letter, place in zip(found.read.text, found.read.places, strict=True) if letter != " ")
    for read in (found.read, Read(letters, 0.9, places)):
        words = list(tokens(Found(found.quad, read, 25), 15))
        assert [text for text, _, _ in words] == ["limit", "=", "will(0)"]
        assert [round(first * found.quad.width / 15) for _, first, _ in words] == [0, 7, 9]
        assert [round((last - first) * found.quad.width / 15) for _, first, last in words] == [5, 1, 7]
