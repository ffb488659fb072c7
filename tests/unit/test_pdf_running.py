"""What runs over the pages: rows at their edges whose numbers count them."""

from pathlib import Path

from kbray.config import Settings
from kbray.document.running import mark_running
from kbray.model import Window
from kbray.parse.pdf import parse
from tests.writers.pdf import Page, write_pdf

PROSE = [
    "Some lines of text which go on over all of the page, and then",
    "on the next one, as the text of books does everywhere.",
]


def headers(tmp_path: Path, rows: list[tuple[str, str]]) -> list[str]:
    """Args: rows: at the top of each page, left and right."""
    pages = [Page().at(72, 50, left).at(480, 50, right).paragraph(72, 100, PROSE) for left, right in rows]
    found = parse(write_pdf(tmp_path / "a.pdf", pages), Window(), Settings(ocr="never")).elements
    return [one.text for one in found if one.kind == "header"]


def test_titles_of_sections_run_over_the_pages_with_their_numbers(tmp_path: Path) -> None:
    """Each is on one page alone: they stood in the text, between the halves of its sentences."""
    rows = [("On letters", "7"), ("8", "Of words"), ("Sentences", "9"), ("10", "And so on")]
    assert headers(tmp_path, rows) == ["On letters 7", "8 Of words", "Sentences 9", "10 And so on"]


def test_rows_whose_numbers_do_not_count_the_pages_are_text(tmp_path: Path) -> None:
    assert not headers(tmp_path, [("Bread", "12"), ("Butter", "7"), ("Cheese", "31"), ("Dates", "4")])


def test_two_pages_do_not_tell(tmp_path: Path) -> None:
    assert not headers(tmp_path, [("Bread", "1"), ("Butter", "2")])


def test_a_title_of_one_piece_is_none_of_these(tmp_path: Path) -> None:
    names = ("Apples of 1", "Pears of 2", "Plums of 3", "Grapes of 4")
    pages = [Page().at(72, 50, name).paragraph(72, 100, PROSE) for name in names]
    found = parse(write_pdf(tmp_path / "a.pdf", pages), Window(), Settings(ocr="never")).elements
    assert not any(one.kind == "header" for one in found)


def test_titles_of_slides_stay_titles_beside_the_numbers_of_these(tmp_path: Path) -> None:
    pages = [
        Page(720, 405)
        .at(40, 40, name, 26, "F2")
        .at(680, 40, str(number), 26, "F2")
        .paragraph(40, 120, ["What is said of it"], 18)
        for number, name in enumerate(("Apples", "Pears", "Plums", "Grapes", "Dates"), start=1)
    ]
    found = parse(write_pdf(tmp_path / "a.pdf", pages), Window(), Settings(ocr="never")).elements
    assert [one.text for one in found if one.kind == "heading"] == ["Apples", "Pears", "Plums", "Grapes", "Dates"]


def test_what_is_counted_at_the_top_of_pages_is_no_running_title(tmp_path: Path) -> None:
    """Examples, and sections of one page each, lost their titles: they are alike but for their numbers."""

    def kinds(lines: list[str]) -> set[str]:
        pages = [Page().at(72, 50, line).paragraph(72, 100, [f"{PROSE[0]} {line[::-1]}", *PROSE]) for line in lines]
        found = parse(write_pdf(tmp_path / "a.pdf", pages), Window(), Settings(ocr="never")).elements
        return {one.kind for one in mark_running(found) if one.text in lines}

    assert "header" not in kinds([f"Example {number}:" for number in (2, 3, 5, 8, 9, 12)])
    assert "header" not in kinds([f"4.{number} The {number - 1}.x Releases" for number in range(7, 13)])
    assert kinds(["Of all things"] * 6) == {"header"}
    assert kinds([f"Of all things, {number}" for number in range(7, 13)]) == {"header"}
    assert kinds([f"{number} Of all things {number + 1}" for number in range(8, 20, 2)]) == {"header"}, "a spread on each"


def test_titles_that_stand_wherever_their_section_begins_do_not_run(tmp_path: Path) -> None:
    """Of manuals of commands, where some are at the top of pages."""

    def headers(within: str) -> list[str]:
        more = [f"{PROSE[0]} {number}" for number in "abcdef"]
        pages = [
            Page().at(72, 50, "Synopsis").paragraph(72, 100, [line, *PROSE]).at(72, 300, within).paragraph(72, 330, PROSE)
            for line in more
        ]
        found = mark_running(parse(write_pdf(tmp_path / "a.pdf", pages), Window(), Settings(ocr="never")).elements)
        return [one.text for one in found if one.kind == "header"]

    assert headers("Synopsis") == []
    assert headers("Description") == ["Synopsis"] * 6
