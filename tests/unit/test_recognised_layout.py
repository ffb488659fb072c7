"""What recognition leaves to geometry: no stream tells which line belongs to which."""

from dataclasses import replace

from kbray.document.layout.columns import regions
from kbray.document.layout.lines import lines_of
from kbray.document.layout.page import blocks_on
from kbray.document.layout.words import Word
from kbray.geometry import Box

TEXT = "Records are kept in the order in which they came, and looked up"


def word(text: str, left: float, baseline: float, *, width: float = 5.0, size: float = 10.0, mono: bool = False) -> Word:
    box = Box(left, baseline - 9, left + width * len(text), baseline + 3)
    return Word(text, box, size, baseline, mono=mono, confidence=0.99)


def read(*words: Word) -> list[str]:
    return [line.text for region in regions(lines_of(words)) for line in region]


def test_titles_at_the_margin_stand_before_the_text_that_stands_in() -> None:
    words = []
    for number, title in enumerate(["Btree", "Hash", "Heap"]):
        top = 100 + 80 * number
        words.append(word(title, 50, top, size=13))
        words += [word(f"{TEXT} {number}{row}", 130, top + 22 + 12 * row) for row in range(4)]
    assert read(*words) == [one.text for one in words]


def test_columns_that_stand_beside_each_other_are_read_one_after_the_other() -> None:
    left = [word(f"{TEXT} {row}", 50, 100 + 12 * row, width=3) for row in range(10)]
    right = [word(f"{TEXT} {row}", 300, 103 + 12 * row, width=3) for row in range(10)]
    assert read(*left, *right) == [one.text for one in (*left, *right)]


def lines_beside(heads: list[list[str]], left: float, text_left: float) -> tuple[list[list[Word]], list[list[Word]]]:
    """Heads, each beside the first of five lines of text; white between the texts."""
    tops = [100 + 70 * number for number in range(len(heads))]
    labels = [
        [word(text, left, top + 10 * row, width=4, size=8) for row, text in enumerate(head)]
        for top, head in zip(tops, heads, strict=True)
    ]
    texts = [[word(f"{TEXT} {top}{row}", text_left, top + 12 * row, width=4) for row in range(5)] for top in tops]
    return labels, texts


def test_labels_in_the_margin_stand_before_the_paragraph_beside_which_they_begin() -> None:
    """Row by row they were mixed into its lines."""
    for left, text_left in ((50, 130), (420, 50)):
        labels, texts = lines_beside(
            [["How records", "are kept"], ["Of words"], ["What is looked", "up by whom"]], left, text_left
        )
        wanted = [one.text for pair in zip(labels, texts, strict=True) for some in pair for one in some]
        assert read(*(one for some in (*labels, *texts) for one in some)) == wanted


def test_one_label_beside_the_first_line_may_be_the_end_of_a_short_column() -> None:
    text = [word(f"{TEXT} {row}", 50, 100 + 12 * row, width=4) for row in range(12)]
    column = [
        word(one, 420, 100 + 12 * row, width=4) for row, one in enumerate(["it ends here,", "with a few words", "and no more"])
    ]
    read_here = read(*text, *column)
    assert read_here.index(column[0].text) > read_here.index(text[0].text)


def test_a_space_of_code_does_not_part_its_line_however_its_letters_stray() -> None:
    """As wide as a letter and so much more as recognition strays: 0.7 of the font size, where cells of a table may begin."""
    words = [word("weight", 50, 100, width=6, mono=True), word("<-", 93, 100, width=6, mono=True)]
    assert read(*words) == ["weight <-"]
    assert read(word("weight", 50, 100, width=6), word("12", 93, 100, width=6)) == ["weight", "12"]


def test_what_recognition_says_of_words_is_told_of_their_table_and_their_code() -> None:
    """A bad one must not pass for good because it has lines or cells."""
    unsure = [
        replace(word(text, left, top), confidence=0.6) for top in (100, 115, 130) for left, text in ((50, "Tea"), (150, "4.00"))
    ]
    (table,) = blocks_on(unsure, tables=[Box(40, 80, 200, 150)])
    assert table.table is not None
    assert table.confidence == 0.6
    code = [word(f"{name}(limit)", 50, 100 + 12 * row, width=6, mono=True) for row, name in enumerate(["swim", "print", "walk"])]
    found = [block for block in blocks_on([replace(code[0], confidence=0.69), *code[1:]], tables=[]) if block.code]
    assert [block.confidence for block in found] == [0.89]
