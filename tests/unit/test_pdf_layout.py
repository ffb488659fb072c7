"""Geometry alone: words with boxes made here, no PDF."""

from dataclasses import replace

from kbray.document.layout.columns import regions
from kbray.document.layout.lines import lines_of
from kbray.document.layout.paragraphs import blocks_of, join_lines, marker_of
from kbray.document.layout.ruled import tables_of
from kbray.document.layout.structure import LaidOutPage, elements_of
from kbray.document.layout.words import Word, joined
from kbray.geometry import Box


def word(
    text: str, left: float, baseline: float, *, size: float = 10, order: int = 0, bold: bool = False, score: float | None = None
) -> Word:
    box = Box(left, baseline - 0.8 * size, left + 0.5 * size * len(text), baseline + 0.2 * size)
    return Word(text, box, size, baseline, bold=bold, order=order, confidence=score)


def row(text: str, left: float, baseline: float, order: int = 0, **more: float) -> list[Word]:
    words, x = [], left
    for part in text.split():
        words.append(word(part, x, baseline, order=order + len(words), **more))  # type: ignore[arg-type]  # numbers only
        x = words[-1].box.right + 3
    return words


def test_a_wide_gap_parts_lines_and_a_raised_mark_does_not() -> None:
    words = [
        *row("one two", 0, 100),
        replace(word("2", 33.5, 96, size=6, order=2), spaced=False),
        *row("far away", 200, 100, order=3),
    ]
    assert [line.text for line in lines_of(words)] == ["one two2", "far away"]


def test_words_printed_twice_count_once() -> None:
    shadow = [word("Bold", 10, 50, order=0), word("Bold", 10.4, 50.2, order=1), word("again", 40, 50, order=2)]
    assert [line.text for line in lines_of(shadow)] == ["Bold again"]


def test_right_to_left_words_are_put_in_logical_order() -> None:
    visual = [
        word("שלישי", 0, 50, order=2),
        word("42", 30, 50, order=3),
        word("Ray", 45, 50, order=4),
        word("ראשון", 70, 50, order=0),
    ]
    assert lines_of(visual)[0].text == "ראשון Ray 42 שלישי"


def test_chinese_lines_join_without_spaces() -> None:
    assert join_lines(["中国公司", "年度报告"]) == "中国公司年度报告"
    assert joined([word("中国", 0, 50), word("公司", 11, 50)]) == "中国公司"


def test_line_ends() -> None:
    assert join_lines(["a divi-", "ded word"]) == "a divided word"
    assert join_lines(["Jean-", "Paul"]) == "Jean-Paul"
    assert join_lines(["soft\u00ad", "ened"]) == "softened"
    assert join_lines(["pages 3-", "4"]) == "pages 3- 4"


def test_markers() -> None:
    assert [marker_of(text) for text in ("• x", "1. x", "(a) x", "iv) x", "1.5 x", "A fine day", "-5 degrees")] == [
        "•",
        "1.",
        "(a)",
        "iv)",
        None,
        None,
        None,
    ]


def test_rows_of_a_table_are_not_columns() -> None:
    words = [
        w
        for n in range(6)
        for w in (*row(f"item {n}", 50, 100 + 14 * n, 10 * n), *row(f"{n * 11}.00", 300, 100 + 14 * n, 10 * n + 5))
    ]
    assert len(regions(lines_of(words))) == 1
    assert [block.text for block in blocks_of(lines_of(words))][:2] == ["item 0 0.00", "item 1 11.00"]


def test_recognised_columns_without_a_stream_order() -> None:
    words = []
    for n in range(8):
        words.append(word(f"left column line number {n} goes on", 50, 100 + 12 * n, score=0.9))
        words.append(word(f"right column line number {n} goes on", 260, 100 + 12 * n, score=0.7))
    first, second = blocks_of(lines_of(words))
    assert first.text.startswith("left column line number 0")
    assert "right" not in first.text
    assert second.confidence is not None
    assert abs(second.confidence - 0.7) < 1e-9


def test_heading_levels_follow_the_size() -> None:
    words = [*row("The Title", 50, 40, 0, size=20), *row("A Part", 50, 80, 5, size=14)]
    for n in range(5):
        words += row("plain words of the body that fill a line of it", 50, 110 + 12 * n, 10 + 20 * n)
    page = LaidOutPage(1, 400, 600, tuple(blocks_of(lines_of(words))))
    found = elements_of([page])
    assert [(e.kind, e.level, e.text) for e in found[:2]] == [("heading", 1, "The Title"), ("heading", 2, "A Part")]
    assert [e.kind for e in found[2:]] == ["paragraph"]


def test_a_grid_that_holds_nothing_rules_nothing() -> None:
    rules = [Box(0, y, 100, y) for y in (0, 20, 40)] + [Box(x, 0, x, 40) for x in (0, 50, 100)]
    lone = [word("chart", 10, 15)]
    assert tables_of(lone, rules) == ([], lone)
    cells = [word("a", 10, 15), word("b", 60, 15), word("c", 10, 35), word("d", 60, 35), word("outside", 10, 90)]
    (table,), rest = tables_of(cells, rules)
    assert table.text == "a\tb\nc\td"
    assert [w.text for w in rest] == ["outside"]
