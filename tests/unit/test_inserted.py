"""What stands between columns, and what stands above and below them."""

import pytest

from kbray.document.layout.columns import regions
from kbray.document.layout.lines import lines_of
from kbray.document.layout.paragraphs import blocks_of
from kbray.document.layout.words import Word
from kbray.geometry import Box

SAID = "rain carried land from the hills"


def printed(text: str, left: float, right: float, row: float, size: float = 10) -> Word:
    """A recognised line."""
    top = 50 + 14 * row
    return Word(text, Box(left, top, right, top + size), size, top + 0.8 * size, confidence=0.9)


def order(words: list[Word]) -> list[str]:
    return [line.text.split()[0] for region in regions(lines_of(sorted(words, key=lambda one: one.baseline))) for line in region]


def columns(*inset: int) -> list[Word]:
    """Two of 16 lines; those of these rows make room in the middle."""
    room = [60 if row in inset else 0 for row in range(16)]
    left = [printed(f"l{row} {SAID}", 50, 290 - room[row], row) for row in range(16)]
    return left + [printed(f"r{row} {SAID}", 310 + room[row], 550, row) for row in range(16)]


@pytest.mark.parametrize(("rows", "after"), [((0, 1, 2, 3), False), ((6, 7, 8, 9), True)])
def test_columns_go_on_around_larger_print_between_them(rows: tuple[int, ...], after: bool) -> None:
    quoted = [printed(text, 240, 360, row, 14) for row, text in zip(rows[::2], ["What is", "quoted from"], strict=True)]
    text = [f"{side}{row}" for side in "lr" for row in range(16)]
    assert order([*columns(*rows), *quoted]) == ([*text, "What", "quoted"] if after else ["What", "quoted", *text])


def test_print_over_both_columns_parts_them() -> None:
    words = [word for word in columns() if word.text.split()[0][1:] not in ("7", "8")]
    found = order([*words, printed("Title over both", 200, 400, 7.5, 14)])
    assert found == [
        *(f"{side}{row}" for side in "lr" for row in range(7)),
        "Title",
        *(f"{side}{row}" for side in "lr" for row in range(9, 16)),
    ]


@pytest.mark.parametrize("text", ["Further reading", "It ends here."])
def test_a_title_below_columns_is_of_what_follows_over_their_width(text: str) -> None:
    below = [printed(f"b{row} {SAID} {SAID}", 50, 550, row) for row in range(18, 24)]
    found = order([*columns(), printed(text, 50, 150, 17), *below])
    of_left = found.index(text.split(maxsplit=1)[0]) < found.index("r0")
    assert of_left == text.endswith(".")  # the end of a text is no title


def test_a_bracket_that_lines_before_opened_is_no_marker() -> None:
    words = [printed(f"{SAID} (see p.", 50, 290, 0), printed(f"43) in the library of {SAID}", 50, 290, 1)]
    (block,) = blocks_of(lines_of(words))
    assert block.text == f"{SAID} (see p. 43) in the library of {SAID}"
