"""Text layers of scans beside what recognition reads there."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kbray.document import layers
from kbray.document.recognised import merge
from kbray.model import Cell, Element, PageImage, Parsed, Reading, Table, Unit

PROSE = (
    "The keeper of the shelves wrote down each morning which of the books had been taken out, and by whom, and when they were "
    "to be brought back. Nobody had asked him for it. In the third winter the river rose higher than the oldest of them could "
    "remember, and the books of the lower shelves were carried up the stairs, one after another, by everybody who had hands. "
    "When the water had gone the ledger was all that told where each of them had stood, and what the shelves had held. "
)
LOOK_ALIKE = str.maketrans("hecnu", "bcoun")
KNOWN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöü")


def mistaken(text: str, rate: float) -> str:
    chance = random.Random(7)
    return "".join(one.translate(LOOK_ALIKE) if chance.random() < rate else one for one in text)


def layer(text: str, page: int = 1) -> Element:
    return Element("paragraph", text, page=page)


def read(text: str, confidence: float = 0.97, page: int = 1) -> Element:
    return Element("paragraph", text, page=page, origin="ocr", confidence=confidence)


def scan(*texts: str) -> Parsed:
    """A page of a scan for each text of a layer."""
    numbers = range(1, len(texts) + 1)
    return Parsed(
        "pdf",
        tuple(layer(text, number) for number, text in zip(numbers, texts, strict=True)),
        tuple(Unit(str(number), len(text), lost=1) for number, text in zip(numbers, texts, strict=True)),
        images=tuple(PageImage(number, 612, 792, b"", layered=True) for number in numbers),
    )


def test_the_text_with_mistakes_is_the_worse() -> None:
    bad = mistaken(PROSE, 0.3)
    assert layers.is_worse([layer(bad)], [read(PROSE)])
    assert not layers.is_worse([layer(PROSE)], [read(bad)]), "a layer that somebody corrected, over a bad picture"
    assert not layers.is_worse([layer(PROSE)], [read(PROSE)])
    assert not layers.is_worse([layer(mistaken(PROSE, 0.02))], [read(PROSE)]), "a few mistakes are no reason"


def test_a_comment_stays_where_a_bad_layer_goes() -> None:
    parsed = scan(mistaken(PROSE, 0.3))
    note = Element("footnote", "Anna: Ask Peter.", page=1, marker="c1")
    merged = merge(replace(parsed, elements=(*parsed.elements, note)), [Reading((read(PROSE),))])
    assert {one.text for one in merged.elements} == {PROSE, note.text}


def test_doubtful_or_partial_text_replaces_nothing() -> None:
    bad = layer(mistaken(PROSE, 0.3))
    assert not layers.is_worse([bad], [read(PROSE, 0.7)])
    assert not layers.is_worse([bad], [read(PROSE[: len(PROSE) // 2])])
    assert not layers.is_worse([bad], [])


def test_a_layer_that_has_only_a_part_of_a_page_is_worse_than_all_of_it() -> None:
    title = layer(PROSE[:90])
    assert layers.is_worse([title], [read(PROSE)])
    assert not layers.is_worse([title], [read(PROSE, 0.85)]), "what a photograph seems to say"


def test_cells_and_lines_of_the_same_table_say_the_same() -> None:
    words = PROSE.split()
    cells = Element("table", page=1, table=Table(tuple(Cell(n // 4, n % 4, word) for n, word in enumerate(words))))
    lines = [" ".join(words[start : start + 4]) for start in range(0, len(words), 4)]
    assert not layers.is_worse([cells], [read(line) for line in lines])
    assert not layers.is_worse([layer(line) for line in lines], [replace(cells, origin="ocr", confidence=0.97)])


def test_order_and_case_are_no_mistakes() -> None:
    sentences = PROSE.split(". ")
    other = [layer(sentence.upper()) for sentence in reversed(sentences)]
    assert not layers.is_worse(other, [read(sentence) for sentence in sentences])
    parsed = scan(" ".join(sentence.upper() for sentence in reversed(sentences)))
    assert not layers.is_doubtful(parsed, parsed.images[0], Reading((read(sentences[1]),)))


@given(st.text(max_size=400), st.text(max_size=400))
def test_never_are_both_the_worse_and_a_text_is_never_worse_than_itself(one: str, other: str) -> None:
    assert not layers.is_worse([layer(one)], [read(one)])
    assert not (layers.is_worse([layer(one)], [read(other)]) and layers.is_worse([layer(other)], [read(one)]))


def test_a_sample_tells_a_bad_layer() -> None:
    parsed = scan(mistaken(PROSE, 0.3))
    lines = Reading(tuple(read(PROSE[start : start + 60]) for start in (0, 120, 300)))
    assert layers.is_doubtful(parsed, parsed.images[0], lines)
    assert not layers.is_doubtful(scan(PROSE), parsed.images[0], lines)
    assert not layers.is_doubtful(parsed, parsed.images[0], Reading(unread=9)), "nothing was read"


def test_layers_that_recognition_can_not_judge_are_left_alone() -> None:
    russian = "Хранитель каждое утро записывал, какие книги были взяты, кем и когда их следовало вернуть. " * 4
    vietnamese = "Mỗi buổi sáng người giữ sách ghi lại những cuốn nào đã được mượn và ai đã mượn chúng. " * 4
    parsed = scan(PROSE, russian, vietnamese, "17. 3. 1893")
    other = PageImage(5, 612, 792, b"")
    parsed = replace(parsed, images=(*parsed.images, other))
    assert [image.page for image in layers.comparable(parsed, KNOWN).images] == [1, 4, 5]
    assert layers.trusted(parsed).images == (other,)


@given(st.lists(st.integers(0, 400), max_size=100))
def test_of_64_pages_the_fullest_is_sampled(lengths: list[int]) -> None:
    found = [image.page for image in layers.sample(scan(*(PROSE[:length] for length in lengths)))]
    assert len(set(found)) == len(found) == -(-len(lengths) // 64)
    left = [length for number, length in enumerate(lengths, 1) if number not in found]
    assert all(lengths[page - 1] >= max(left, default=0) for page in found)


def test_a_bad_layer_gives_way_and_a_good_one_stays() -> None:
    parsed = scan(PROSE, mistaken(PROSE, 0.3), PROSE)
    found = merge(parsed, [Reading((read(mistaken(PROSE, 0.3), page=1),)), Reading((read(PROSE, page=2),)), Reading(unread=4)])
    assert [(element.text, element.origin) for element in found.elements] == [(PROSE, "text"), (PROSE, "ocr"), (PROSE, "text")]
    assert found.units == (parsed.units[0], Unit("2", len(PROSE)), parsed.units[2])
    assert not found.failures
    assert found.images == ()
    (warning,) = found.warnings
    assert warning.endswith("instead: 2.")


def test_what_pictures_say_is_not_said_twice_where_their_page_was_read() -> None:
    parsed = scan(PROSE, mistaken(PROSE, 0.3))
    parts = tuple(replace(image, layered=False, partial=True) for image in parsed.images)
    label = "a label"
    readings = [Reading((read(PROSE, page=image.page),)) for image in parsed.images]
    readings += [Reading((read(label, page=image.page),)) for image in parts]
    found = merge(replace(parsed, images=(*parsed.images, *parts)), readings)
    assert [element.text for element in found.elements] == [PROSE, label, PROSE]
