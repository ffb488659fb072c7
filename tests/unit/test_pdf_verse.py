"""Lines that end on purpose stay lines: verse, addresses, indexes; those of prose do not."""

from dataclasses import replace

from kbray.document import joining
from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from kbray.geometry import Box
from kbray.model import Element
from tests.unit.printed import row


def _texts(*lines: str, insets: tuple[float, ...] = ()) -> list[str]:
    """Of the paragraphs that lines below each other make. insets: how far each stands in, in points."""
    shifts = (*insets, *[0.0] * len(lines))
    words = [word for place, line in enumerate(lines) for word in row(line, 50 + shifts[place], 100 + 12 * place, 100 * place)]
    return [element.text for element in elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])]


def test_verse_keeps_its_lines() -> None:
    stanza = (
        "I used to love my garden",
        "But now my love is dead",
        "For I found a bachelor and his button",
        "In the bed.",
        "So I sing;",
        "Of flowers that are red.",
    )
    assert _texts(*stanza) == ["\n".join(stanza)]


def test_lines_of_verse_may_stand_in() -> None:
    stanza = ("I used to love my garden so", "But now it is dead", "For I found a bachelor and his button", "In the bed.")
    assert _texts(*stanza, insets=(0, 20, 0, 20)) == ["\n".join(stanza)]


def test_an_address_keeps_its_lines() -> None:
    assert _texts("John Q. Doe", "255 Customer Lane, Second Floor", "Suite B", "12345 User Town") == [
        "John Q. Doe\n255 Customer Lane, Second Floor\nSuite B\n12345 User Town"
    ]


def test_entries_of_an_index_are_lines_and_what_goes_on_below_is_of_its_entry() -> None:
    entries = ("absences, 12", "accessibility, 31, 48, 117,", "259", "accounting, 301–304", "acquaintances, 7, 9")
    assert _texts(*entries, insets=(0, 0, 12)) == [
        "absences, 12\naccessibility, 31, 48, 117, 259\naccounting, 301–304\nacquaintances, 7, 9"
    ]


def test_a_word_that_goes_over_the_end_of_a_line_is_whole() -> None:
    lines = ("numbered sections have one ex-", "ception", "the first is not numbered at all, as you see", "nor named", "nor told")
    assert _texts(*lines) == ["\n".join(("numbered sections have one exception", *lines[2:]))]


def test_prose_has_no_lines() -> None:
    """Each of its lines ends because the next word had no place, and only the last is short."""
    prose = (
        "The old man seemed livelier than usual and went",
        "on about the weather, which he said had been far",
        "better in his youth; Overhead swapping can still",
        "be avoided.",
    )
    assert _texts(*prose) == [" ".join(prose)]


def test_prose_with_a_line_that_ends_early_has_none() -> None:
    """What comes next cannot be divided, and is longer than it looks."""
    prose = (
        "The old man seemed livelier than usual and went",
        "on about the weather, which he",
        "said had been far better in his youth; Overhead",
        "be avoided.",
    )
    assert _texts(*prose) == [" ".join(prose)]


def test_a_title_of_contents_has_none() -> None:
    assert _texts("1 How a list of vertices that describes", "a path is made to pairs ..................... 30") == [
        "1 How a list of vertices that describes a path is made to pairs ..................... 30"
    ]


def test_lines_go_on_as_lines_over_a_page() -> None:
    one = Element(kind="paragraph", text="absences, 12\naccessibility, 31", page=1, box=Box(50, 700, 200, 730))
    other = replace(one, text="accounting, 301\nacquaintances, 7", page=2, box=Box(50, 50, 200, 80))
    (found,) = joining.join([one, other])
    assert found.text == "absences, 12\naccessibility, 31\naccounting, 301\nacquaintances, 7"
    assert found.text[found.rest[0].start :] == other.text


PROSE = "This is a line of prose as books have it from one margin of the page to the other"


def test_lines_that_say_first_what_they_tell_are_lines_and_what_goes_on_below_is_of_its_line() -> None:
    """However wide they are: none but the second has room for the next word."""
    lines = (
        "Beneficiary name: DblFuzzr, LLC in Acton",
        "Account number : 1556 6706",
        "Amazon.com order: 114-1838434-7413862 in",
        "two",
    )
    assert _texts(*lines) == ["\n".join((*lines[:2], "Amazon.com order: 114-1838434-7413862 in two"))]
    assert _texts(*lines[:1], *[PROSE] * 3)[0].count("\n") == 0


def _beside_text(*lines: str, far: float = 50, wide: float = 12) -> str:
    """The text of lines under three of prose, in another print."""
    words = [word for place in range(3) for word in row(PROSE, 50, 100 + 12 * place, 100 * place)]
    words += [word for n, line in enumerate(lines) for word in row(line, far, 200 + wide * n, 900 + 100 * n)]
    return elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])[-1].text


def test_short_lines_at_the_edge_of_wide_text_are_lines() -> None:
    """The first is the longest, so nothing but the text shows that the next word had room behind it."""
    assert _beside_text("SAN FRANCISCO, CA 94117-2212", "United States") == "SAN FRANCISCO, CA 94117-2212\nUnited States"
    assert _beside_text("SAN FRANCISCO, CA 94117-2212", "United States", far=80) == "SAN FRANCISCO, CA 94117-2212 United States"
    assert (
        _beside_text("Figure 1: a caption may be set narrow", "for its figure")
        == "Figure 1: a caption may be set narrow for its figure"
    )
    assert _beside_text("a line that goes on with", "a small letter") == "a line that goes on with a small letter"


def test_a_command_below_the_text_that_names_it_is_a_line() -> None:
    prose = [word for n in range(6) for word in row(PROSE, 50, 100 + 12 * n, 100 * n)]
    words = [
        *prose,
        *row("It is loaded by", 50, 190, 900),
        *(replace(one, mono=True) for one in row("(require 'unix)", 50, 202, 950)),
    ]
    assert elements_of([LaidOutPage(1, 600, 800, tuple(blocks_on(words)))])[-1].text == "It is loaded by\n(require 'unix)"


def test_a_list_of_amounts_keeps_its_lines() -> None:
    """Those that the longest line but one had no room behind were joined."""
    amounts = ["6 cooking apples", "100 g brown sugar", "150 g flour", "100 g cold butter, cut into", "cubes", "½ tsp cinnamon"]
    assert _texts(*amounts) == ["\n".join([*amounts[:3], f"{amounts[3]} {amounts[4]}", amounts[5]])]
