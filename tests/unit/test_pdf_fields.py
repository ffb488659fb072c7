"""Answers in the fields of a form, behind what asks for them."""

from kbray.document.layout.page import blocks_on
from kbray.document.layout.words import Word
from kbray.geometry import Box
from kbray.parse.pdf.fields import Field, with_undrawn, with_values
from tests.unit.printed import row


def _field(left: float, baseline: float, width: float = 100, value: str = "") -> Field:
    return Field(Box(left, baseline - 10, left + width, baseline + 4), value)


def _texts(words: list[Word], fields: list[Field], rules: tuple[Box, ...] = ()) -> list[str]:
    return [block.text for block in blocks_on(with_values(words, fields, rules), rules)]


def test_an_answer_stands_behind_its_label() -> None:
    """They were drawn last, and read as a column of their own."""
    labels = [*row("Surname:", 60, 100, 0), *row("Given names:", 60, 114, 10), *row("Born:", 60, 128, 30)]
    answers = [*row("Okonkwo", 170, 100, 50), *row("Adaeze Ngozi", 170, 114, 60)]
    found = _texts([*labels, *answers], [_field(165, 100), _field(165, 114), _field(165, 128)])
    assert found == ["Surname: Okonkwo", "Given names: Adaeze Ngozi", "Born:"]


def test_a_sentence_goes_on_behind_an_answer() -> None:
    sentence = [*row("I was born on", 60, 100, 0), *row("in the town named below.", 232, 100, 20)]
    found = _texts([*sentence, *row("3 June", 130, 100, 80)], [_field(128, 100)])
    assert found == ["I was born on 3 June in the town named below."]


def test_a_label_may_stand_above() -> None:
    labels = [*row("Given name", 60, 100, 0), *row("Family name", 240, 100, 20)]
    answers = [*row("Jonas", 62, 114, 40), *row("Weber", 242, 114, 50)]
    assert _texts([*labels, *answers], [_field(60, 114), _field(240, 114)]) == ["Given name Jonas", "Family name Weber"]


def test_parts_of_an_answer_have_one_label() -> None:
    answers = [*row("12", 122, 100, 20), *row("04", 152, 100, 30), *row("1987", 182, 100, 40)]
    fields = [_field(182, 100, 30), _field(120, 100, 20), _field(150, 100, 20)]
    assert _texts([*row("Born on:", 60, 100, 0), *answers], fields) == ["Born on: 12 04 1987"]


def test_print_of_one_letter_a_box_is_told_as_the_file_has_it() -> None:
    answer = [word for place, letter in enumerate("AB12") for word in row(letter, 120 + 20 * place, 100, 20 + place)]
    assert _texts([*row("Code:", 60, 100, 0), *answer], [_field(115, 100, value="AB12")]) == ["Code: AB12"]


def test_cells_of_a_table_keep_their_answers() -> None:
    labels = [*row("Height", 64, 100, 0), *row("Weight", 64, 116, 10)]
    answers = [*row("182 cm", 204, 100, 20), *row("81 kg", 204, 116, 30)]
    rules = [Box(60, y, 400, y) for y in (88, 104, 120)] + [Box(x, 88, x, 120) for x in (60, 200, 400)]
    assert with_values([*labels, *answers], [_field(202, 100), _field(202, 116)], rules) == [*labels, *answers]
    frame = [Box(200, y, 400, y) for y in (88, 104)] + [Box(x, 88, x, 104) for x in (200, 400)]
    assert with_values(row("Height", 64, 100, 0) + answers[:2], [_field(202, 100)], frame)[0].text == "Height 182 cm"


def test_a_row_of_fields_is_one_of_a_table() -> None:
    words = [*row("1.", 60, 100, 0), *row("Ann", 82, 100, 10), *row("Room 4", 252, 100, 20)]
    assert with_values(words, [_field(80, 100), _field(250, 100)], ()) == words


def test_on_a_page_that_is_read_from_the_right_labels_stand_there() -> None:
    label = Word("שם", Box(500, 92, 520, 102), 10, 100, leftwards=True)
    answer = Word("דנה", Box(430, 92, 450, 102), 10, 100, order=10, leftwards=True)
    (found,) = with_values([label, answer], [_field(360, 100)], ())
    assert (found.text, found.box) == ("שם דנה", Box(430, 92, 520, 102))


def test_an_answer_that_is_not_drawn_is_one() -> None:
    """As programs leave it that fill in forms, and don't draw them anew; the answer was lost."""
    labels = [*row("Surname:", 60, 100, 0), *row("Address:", 60, 128, 10)]
    fields = [
        _field(165, 100, value="Adaeze Okonkwo"),
        Field(Box(165, 118, 300, 146), "12 Main Street\r\nLagos"),
        _field(165, 170),
    ]
    words = with_undrawn({0: labels}, fields)
    assert [block.text for block in blocks_on(with_values(words, fields, ()))] == [
        "Surname: Adaeze Okonkwo",
        "Address: 12 Main Street Lagos",
    ]
    assert all(fields[0].box.holds(*word.box.middle) for word in words if word.text in ("Adaeze", "Okonkwo"))
    assert len({word.order for word in words}) == len(words)


def test_an_answer_that_is_drawn_is_there_once() -> None:
    labels, answer = row("Surname:", 60, 100, 0), row("Okonkwo", 170, 100, 50)
    assert with_undrawn({0: [*labels, *answer]}, [_field(165, 100, value="Okonkwo")]) == [*labels, *answer]
    assert with_undrawn({0: labels, 1: answer}, [_field(165, 100, value="Okonkwo")]) == labels  # written upwards
