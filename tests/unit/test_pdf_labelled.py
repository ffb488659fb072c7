"""Text with a label beside it is one paragraph with it."""

from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from tests.unit.printed import row


def _texts(*lines: tuple[str, float, float]) -> list[str]:
    """Of the elements that lines make, in the order of the stream: text, left, baseline."""
    words = [word for place, line in enumerate(lines) for word in row(*line, 100 * place)]
    return [
        f"{element.marker or ''}{element.text}" for element in elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])
    ]


def test_what_is_said_goes_on_below_the_name() -> None:
    """The name and the first line were a paragraph, what followed another."""
    assert _texts(
        ("STEFAN", 50, 100),
        ("The best quarters in the village were assigned to the captain of the", 130, 100),
        ("cavalry, as everybody knew who lived there at that time, and more", 130, 112),
        ("than that.", 130, 124),
        ("ANNA", 50, 144),
        ("But now steps were heard at the door, steps so rapid that they could", 130, 144),
        ("hardly be his.", 130, 156),
    ) == [
        "STEFAN The best quarters in the village were assigned to the captain of the cavalry, as everybody knew who lived there "
        "at that time, and more than that.",
        "ANNA But now steps were heard at the door, steps so rapid that they could hardly be his.",
    ]


def test_the_marks_for_a_question_come_behind_it() -> None:
    """They stood amid it, or made a table of all questions."""
    assert _texts(
        ("5. The use of decision tables as a tool in systems analysis is now", 50, 100),
        ("becoming accepted by those who specify programs, areas of memory", 65, 112),
        ("and data.", 65, 124),
        ("[8 marks]", 480, 100),
        ("6. What else is accepted by them, and by whom is it accepted now?", 50, 144),
        ("[12 marks]", 480, 144),
    ) == [
        "5.The use of decision tables as a tool in systems analysis is now becoming accepted by those who specify programs, areas"
        " of memory and data. [8 marks]",
        "6.What else is accepted by them, and by whom is it accepted now? [12 marks]",
    ]


def test_what_stands_in_brackets_in_another_column_is_of_that() -> None:
    left = [(f"Here is prose of one column that goes on to line number {place}", 50.0, 100.0 + 12 * place) for place in range(9)]
    right = [(f"And here is that of the other one with its line {place} too", 350.0, 100.0 + 12 * place) for place in range(8)]
    found = _texts(*left, *right, ("(issue 52)", 550, 196))
    assert found[-1].endswith("line 7 too (issue 52)") or found[-1] == "(issue 52)"
    assert not any("(issue 52)" in text for text in found[:-1])
