"""Pages in scripts that the models don't know: by Tesseract where it is installed, and by a stand-in that fails in its ways."""

import importlib.util
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from kbray import vision
from kbray.config import Settings
from kbray.errors import ConfigError, UnreadPage
from kbray.model import PageImage, Reading
from kbray.ports import Recogniser
from kbray.vision import Models, tesseract
from kbray.vision.detection import Pixels
from kbray.vision.ocr import Ocr, decoded
from kbray.vision.reading import Reader
from kbray.vision.strips import Read
from kbray.vision.tesseract import Tesseract, _Letter, _read, _without_rules
from tests.unit.test_vision_reading import encoded

GREEK = [
    "Ο ποταμός πήρε τον δρόμο και τη γέφυρα μαζί του",
    "το βράδυ της μεγάλης βροχής, και κανένας δεν είδε",
    "πώς έγινε. Το πρωί οι άνθρωποι κατέβηκαν στην όχθη",
    "και βρήκαν μόνο τις πέτρες. Μερικοί λένε ότι ήταν",
    "το πλοίο που έσπασε πρώτο, και άλλοι ότι το νερό",
    "είχε ανέβει ήδη ψηλά όταν χτύπησε η καμπάνα.",
]
HEBREW = ["הנהר לקח את הדרך ואת הגשר", "בערב הגשם הגדול ואיש לא ראה", "איך זה קרה. בבוקר ירדו האנשים", "אל הגדה ומצאו רק אבנים"]
ENGLISH = ["The river took the road and the bridge", "on the evening of the great rain", "and nobody saw how it came about."]


def _has(script: str) -> bool:
    found = tesseract.installed()
    return found is not None and script in found.networks


needs_greek = pytest.mark.skipif(not _has("Greek"), reason="needs Tesseract with its data for Greek")
needs_hebrew = pytest.mark.skipif(not _has("Hebrew"), reason="needs Tesseract with its data for Hebrew")


def page(lines: Sequence[str], *, rtl: bool = False, turned: int = 0) -> PageImage:
    """Lines in a font with many scripts, at 200 dpi; turned counter-clockwise by so many quarters."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    font = ImageFont.truetype(str(Path(spec.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"), 34)
    picture = Image.new("L", (1200, 120 + 60 * len(lines)), 255)
    canvas = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        left = 1120 - canvas.textlength(line, font=font, direction="rtl") if rtl else 80
        canvas.text((left, 60 + 60 * number), line, fill=0, font=font, direction="rtl" if rtl else None)
    picture = picture.rotate(90 * turned, expand=True)
    return PageImage(3, picture.width * 0.36, picture.height * 0.36, encoded(picture))


def text(reading: Reading) -> str:
    return " ".join(element.text for element in reading.elements)


def misread(found: str, wanted: Sequence[str]) -> float:
    return Levenshtein.distance(found, " ".join(wanted)) / len(" ".join(wanted))


def loaded(*scripts: str) -> Recogniser:
    return vision.load(models=Models(scripts=scripts), threads=1)


@pytest.fixture(scope="module")
def models() -> Reader:
    made = vision.load(threads=1)
    assert isinstance(made, Reader)
    return made


@needs_greek
@pytest.mark.parametrize("turned", range(4))
def test_a_page_in_greek_is_read_whichever_way_it_lies(models: Reader, turned: int) -> None:
    (before,) = models.recognise([page(GREEK, turned=turned)])
    assert misread(text(before), GREEK) > 0.2, "the models know signs of formulas"
    (found,) = loaded("Greek").recognise([page(GREEK, turned=turned)])
    assert misread(text(found), GREEK) < 0.03
    assert found.unread == 0
    assert all(element.confidence and element.confidence > 0.8 and element.origin == "ocr" for element in found.elements)


@needs_greek
def test_lines_in_latin_and_figures_on_a_page_in_greek_are_read_by_the_models(models: Reader) -> None:
    mixed = [*GREEK[:3], *ENGLISH, "1,204.50   17   93", *GREEK[3:]]
    (expected,) = models.recognise([page([*ENGLISH, "1,204.50   17   93"])])
    (found,) = loaded("Greek").recognise([page(mixed)])
    assert text(expected) == " ".join(" ".join([*ENGLISH, "1,204.50   17   93"]).split())
    assert text(expected) in text(found)
    assert misread(text(found), [" ".join(line.split()) for line in mixed]) < 0.03


def test_rules_at_the_ends_of_a_line_are_not_read_with_it() -> None:
    strip = np.full((48, 400), 255, np.uint8)
    strip[10:40, 100:106] = 0  # a letter
    strip[:, 2:5] = strip[3:, 390:393] = 30
    cleaned = _without_rules(strip)
    assert cleaned[:, 100:106].tolist() == strip[:, 100:106].tolist()
    cleaned[10:40, 100:106] = 255
    assert (cleaned == 255).all()
    white_on_dark = _without_rules(255 - strip)
    assert (white_on_dark[:, :90] == 0).all()
    assert (_without_rules(strip[:, 10:300]) == strip[:, 10:300]).all()


@needs_greek
def test_cells_between_rules_begin_with_their_letters() -> None:
    image = page(GREEK)
    pixels = decoded(image.image).copy()
    pixels[50:420, 66:70] = 0
    (found,) = loaded("Greek").recognise([replace(image, image=encoded(Image.fromarray(pixels)))])
    assert misread(text(found), GREEK) < 0.03


@needs_hebrew
def test_a_page_from_right_to_left_comes_in_the_order_in_which_it_is_read() -> None:
    (found,) = loaded("Hebrew").recognise([page(HEBREW, rtl=True)])
    assert misread(text(found), HEBREW) < 0.05
    box = found.elements[0].box
    assert box is not None
    assert 1090 * 0.36 < box.right < 1150 * 0.36, "and its box ends where its print does"


def test_to_tell_what_is_read_takes_nothing_heavy() -> None:
    """Each writer asks it."""
    told = "from kbray import vision; vision.scripts(vision.Models(scripts=('Greek',)))"
    code = f"import sys; {told}; sys.exit(any(one in sys.modules for one in ('cv2', 'lxml', 'PIL', 'onnxruntime')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@needs_greek
def test_what_is_read_is_part_of_what_identifies_a_result() -> None:
    greek = Models.of(Settings(ocr_scripts="Greek"))
    assert greek.scripts == ("Greek",)
    assert Models.of(Settings(ocr_scripts="Greek, Hebrew")).scripts == ("Greek", "Hebrew")
    assert vision.identity(greek) != vision.identity()
    assert vision.scripts(greek) == (*vision.scripts(), "Greek")
    assert "Greek" not in vision.unused_scripts(greek)
    assert "Greek" in vision.unused_scripts()
    assert "ώ" in loaded("Greek").characters
    assert "ώ" not in loaded().characters


class Asked:
    """Says the same of each strip, and counts."""

    script = "Greek"
    characters = frozenset("αβγ")

    def __init__(self, says: str, confidence: float = 0.9) -> None:
        self.read = Read(says, confidence)
        self.strips = 0

    def __call__(self, strips: Sequence[Pixels]) -> list[Read]:
        self.strips += len(strips)
        return [self.read for _ in strips]


def with_other(models: Reader, other: Asked) -> Ocr:
    own = models._ocr
    return Ocr(own._detect, own._recognise, list(own._characters[1:-1]), pixels=(0, 48 * 1280), trimmed=True, others=[other])


def lines_of(ocr: Ocr, image: PageImage) -> list[str]:
    pixels = decoded(image.image)
    (found,) = ocr.pages([pixels])
    return [one.read.text for one in sorted(found.lines, key=lambda one: one.quad.y)]


def test_a_page_that_the_models_read_well_is_shown_to_nobody_else(models: Reader) -> None:
    other = Asked("ο ποταμός και η γέφυρα")
    assert lines_of(with_other(models, other), page(ENGLISH)) == ENGLISH
    assert lines_of(with_other(models, other), page(ENGLISH, turned=2)) == ENGLISH, "nor one upside down"
    assert other.strips == 0


@pytest.mark.parametrize(
    "other",
    [Asked("ο ποταμός πήρε τον δρόμο", 0.75), Asked("the river took the road", 0.95), Asked("ο", 0.95), Asked("", 0.0)],
    ids=["unsure", "in another script", "next to nothing", "nothing"],
)
def test_who_does_not_know_the_script_leaves_the_page_as_the_models_read_it(models: Reader, other: Asked) -> None:
    pixels = page(GREEK)
    assert lines_of(with_other(models, other), pixels) == lines_of(models._ocr, pixels)
    assert other.strips == 8, "four lines were tried, both ways up"


def test_who_knows_the_script_reads_the_page(models: Reader) -> None:
    other = Asked("ο ποταμός πήρε τον δρόμο και τη γέφυρα")
    assert lines_of(with_other(models, other), page(GREEK)) == [other.read.text] * len(GREEK)


def test_places_and_confidence_are_those_of_the_letters() -> None:
    found = _read("ffb c", [_Letter("ff", 99, 15), _Letter("b", 99, 25), _Letter("c", 96, 70)], 100)
    assert found.places == (0.15, 0.15, 0.25, 0.25, 0.7)
    assert found.confidence == pytest.approx(1 - 2 / 15)
    assert _read("אב", [_Letter("א", 99, 60), _Letter("ב", 99, 10)], 100).places == ()
    assert _read("ab", [_Letter("a", 99, 60), _Letter("b", 99, 10)], 100).places == (), "out of order"
    assert _read("abc", [_Letter("ab", 99, 60)], 100).places == (), "not the same letters"
    pointed = _read("בְ", [_Letter("ב", 98.5, 60), _Letter("ְ", 80, 60)], 100)
    assert pointed.confidence == pytest.approx(0.9), "points are small, and read worse"
    ruled = _read("| a |b |", [_Letter(one, 99, 20 * place) for place, one in enumerate("|a|b|")], 100)
    assert (ruled.text, ruled.places) == ("a |b", (0.2, 0.2, 0.4, 0.6)), "without the strokes at its ends"
    assert _read("||", [_Letter("|", 99, 20), _Letter("|", 99, 20)], 100) == Read("", 0.0)
    assert _read("?", [_Letter("?", 60, 20)], 100).confidence == 0
    assert _read("", [], 100) == Read("", 0.0)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program `tesseract` that tells what there is as the real one of version 4 does, and ends with what a test appends."""
    path = tmp_path / "tesseract"
    path.write_text(
        textwrap.dedent(f"""\
        #!{sys.executable}
        import sys, time
        if sys.argv[1] == "--version":
            sys.exit(print("tesseract 4.1.1"))
        if sys.argv[1] == "--list-langs":
            sys.exit(print("List of available languages (4):\\neng\\nosd\\nscript/Greek\\nscript/HanS_vert"))
        options, out = sys.argv[3:], sys.argv[2]
        def say(*lines):
            open(out + ".txt", "w").write("".join(line + "\\n\\f" for line in lines))
            def letter(number, said):
                told = f"x_bboxes {{9 * number}} 0 {{9 * number + 9}} 30; x_conf 98.5"
                return f"<span class='ocrx_cinfo' title='{{told}}'>{{said}}</span>" if said != " " else ""
            spans = ("".join(letter(*one) for one in enumerate(line)) for line in lines)
            pages = "".join(f"<div class='ocr_page'><span class='ocrx_word'>{{one}}</span></div>" for one in spans)
            open(out + ".hocr", "w").write(f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{{pages}}</body></html>')
        """)
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    tesseract.installed.cache_clear()
    yield path
    tesseract.installed.cache_clear()


def then(program: Path, code: str) -> None:
    with program.open("a") as file:
        file.write(code + "\n")


STRIPS = [np.full((48, 96, 3), 255, np.uint8)] * 2


def test_a_program_of_an_older_version_is_read(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then(program, 'assert options[:2] == ["-l", "script/Greek+eng"], options')
    then(program, 'import os; assert not [name for name in os.environ if name.startswith("KBRAY")], "no secrets"')
    monkeypatch.setenv("KBRAY_DATABASE_URL", "postgresql://kbray:secret@db/kbray")
    then(program, 'say("να  ναι", "")')
    assert tesseract.wanted("Greek").version == "4.1.1"
    assert vision.unused_scripts() == ["Greek"]
    first, second = Tesseract("Greek")(STRIPS)
    assert first.text == "να ναι"
    assert first.confidence == pytest.approx(0.9)
    assert first.places == pytest.approx([(9 * place + 4.5) / 96 for place in (0, 1, 1, 4, 5, 6)])
    assert second == Read("", 0.0)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('print("Could not open\\nsomething", file=sys.stderr); sys.exit(3)', "ended with code 3 (something)"),
        ("import os; os.abort()", "ended with code -6"),
        ("time.sleep(60)", "took more than 2 s"),
        ('say("να")', "read 1 of 2 lines"),
    ],
)
def test_a_program_that_fails_costs_the_page_with_a_sentence(
    program: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.setattr(tesseract, "_LONGEST_S", 2.0)
    then(program, code)
    with pytest.raises(UnreadPage) as caught:
        Tesseract("Greek")(STRIPS)
    assert words in caught.value.message


def test_a_script_that_nothing_reads_is_told_with_what_there_is(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted in ("Cyrillic", "HanS_vert", "eng"):
        with pytest.raises(ConfigError, match=rf"ocr_scripts names {wanted}, .* has Greek\. Install it with its data"):
            Tesseract(wanted)
    monkeypatch.setenv("PATH", "/nonexistent")
    tesseract.installed.cache_clear()
    with pytest.raises(ConfigError, match="there is no program `tesseract`"):
        vision.identity(Models(scripts=("Greek",)))
    assert vision.unused_scripts() == []
