"""Jupyter notebooks: what tests write is what is read."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from kbray.config import Settings
from kbray.errors import CorruptDocument, EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import JSON, NOTEBOOK
from kbray.parse.sniff import sniff

FRAME = (
    "<div><style scoped>td {color: red}</style><table><thead><tr><th></th><th>name</th></tr></thead>"
    "<tbody><tr><th>0</th><td>Ada</td></tr></tbody></table><p>1 rows × 1 columns</p></div>"
)


def picture(width: int = 800) -> str:
    made = Image.new("RGB", (width, 400), "white")
    ImageDraw.Draw(made).line((0, 0, width, 400), fill="black")
    out = io.BytesIO()
    made.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def code(source: Any, *outputs: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": source, "outputs": list(outputs)}


def words(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def shown(**data: Any) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "metadata": {},
        "data": {name.replace("_", "/"): value for name, value in data.items()},
    }


def stream(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def written(folder: Path, *cells: Any, **about: Any) -> Path:
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def read(path: Path) -> Parsed:
    assert sniff(path, path.name) == NOTEBOOK
    return parse(path, NOTEBOOK, Window(), Settings())


def told(path: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in read(path).elements]


def test_cells_and_their_outputs_stand_in_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        words(["# Ships\n", "\n", "A *short* text."]),
        code(["import a\n", "a.b()"], stream("one\n"), stream(["two\n", "three"])),
        code("frame", shown(text_html=FRAME, text_plain="  name\n0 Ada")),
        code("x", shown(text_plain="42")),
        code("y", shown(text_latex="$\\frac{1}{2}$", text_plain="<Formula>")),
        code("z", shown(text_markdown="- item", text_plain="<Markdown object>")),
        code("h", shown(text_html="<p>Said</p>", text_plain="<IPython.core.display.HTML object>")),
        {"cell_type": "raw", "metadata": {}, "source": ["Told of\n", "ships."]},
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": "<p>Raw <b>page</b></p>"},
        code("   \n"),
        words("## Ships\n\nEnd."),
    )
    assert told(path) == [
        ("heading", "Ships"),
        ("paragraph", "A short text."),
        ("code", "import a\na.b()"),
        ("code", "one\ntwo\nthree"),
        ("code", "frame"),
        ("table", "\tname\n0\tAda"),
        ("paragraph", "1 rows × 1 columns"),
        ("code", "x"),
        ("code", "42"),
        ("code", "y"),
        ("formula", "$\\frac{1}{2}$"),
        ("code", "z"),
        ("list_item", "item"),
        ("code", "h"),
        ("paragraph", "Said"),
        ("paragraph", "Told of\nships."),
        ("paragraph", "Raw page"),
        ("heading", "Ships"),
        ("paragraph", "End."),
    ]
    parsed = read(path)
    assert parsed.metadata.title == "Ships"
    assert [one.anchor for one in parsed.elements if one.kind == "heading"] == ["ships", "ships-1"], (
        "one document, one set of anchors"
    )
    assert not parsed.warnings


def test_what_a_terminal_would_show(tmp_path: Path) -> None:
    trace = ["\x1b[0;31m-----\x1b[0m", "\x1b[1;31mValueError\x1b[0m: no \x1b]8;;http://a\x07ship\x1b]8;;\x07"]
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no ship", "traceback": trace}
    path = written(tmp_path, code("a", error, stream(" 10%\r 50%\r100%\ndone\r\n")), code("b", {**error, "traceback": []}))
    assert told(path) == [
        ("code", "a"),
        ("code", "-----\nValueError: no ship"),
        ("code", "100%\ndone"),
        ("code", "b"),
        ("code", "ValueError: no ship"),
    ]


def test_pictures_go_to_recognition_with_their_names(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        words("![A map](attachment:map.png)", attachments={"map.png": {"image/png": picture()}}),
        code("plot()", shown(image_png=picture(900), text_plain="<Figure size 900x400>")),
        code("small()", shown(image_png=picture(20), text_plain="<Figure>")),
        code("broken()", shown(image_png="!!!", text_plain="A ship")),
    )
    parsed = read(path)
    assert [(one.text, one.target) for one in parsed.elements if one.kind == "image"] == [
        ("A map", "cell1-map.png"),
        ("", "cell2-output1.png"),
        ("", "cell3-output1.png"),
        ("A ship", "cell4-output1.png"),
    ]
    assert [one.target for one in parsed.images] == ["cell1-map.png", "cell2-output1.png"]
    assert parsed.warnings == ("Pictures in the file are not read (2).",)


def test_long_outputs_lose_their_middle_which_is_told(tmp_path: Path) -> None:
    numbers = "\n".join(map(str, range(1_000_000)))
    parsed = read(written(tmp_path, words("# T"), code("x", stream(numbers))))
    assert sum(len(one.text) for one in parsed.elements) < 25_000
    assert parsed.elements[2].text.startswith("0\n1\n2\n")
    assert parsed.elements[-1].text.endswith("999998\n999999")
    assert any("characters …]" in one.text for one in parsed.elements)
    assert parsed.warnings == ("Outputs of more than 20000 characters were cut in the middle (cell 2).",)


def test_formulas_keep_their_backslashes(tmp_path: Path) -> None:
    formula = r"$\{a_1 * b_2\} \\ c*d$"
    assert told(written(tmp_path, words(f"Let {formula} be; it costs $5 or $10 and *more*."))) == [
        ("paragraph", f"Let {formula} be; it costs $5 or $10 and more.")
    ]


def test_lines_without_line_breaks(tmp_path: Path) -> None:
    program = {"cell_type": "code", "input": ["a = 1", "b = 2"], "outputs": []}
    cells = [program, {"cell_type": "markdown", "source": ["# A", "", "b"]}]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 2, "metadata": {}, "worksheets": [{"cells": cells}]}))
    assert told(path) == [("code", "a = 1\nb = 2"), ("heading", "A"), ("paragraph", "b")]


def test_older_notebooks(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old"], "metadata": {}},
        {
            "cell_type": "code",
            "input": ["1+1"],
            "language": "python",
            "outputs": [
                {"output_type": "pyout", "text": ["2"], "prompt_number": 1},
                {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["E: v"]},
                {"output_type": "display_data", "png": picture(10)},
                {"output_type": "display_data", "html": "<b>bold</b>"},
            ],
        },
        {"cell_type": "markdown", "source": "Text."},
    ]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"metadata": {"name": ""}, "nbformat": 3, "worksheets": [{"cells": cells}]}))
    assert told(path) == [
        ("heading", "Old"),
        ("code", "1+1"),
        ("code", "2"),
        ("code", "E: v"),
        ("image", ""),
        ("paragraph", "bold"),
        ("paragraph", "Text."),
    ]
    assert read(path).elements[0].level == 2


def test_notebooks_are_told_by_their_content(tmp_path: Path) -> None:
    path = written(tmp_path, words("# T"))
    assert sniff(path, "notebook") == sniff(path, "a.json") == NOTEBOOK
    other = tmp_path / "b.ipynb"
    other.write_text('{"extra": 1, "cells": [], "nbformat": 4}')
    assert sniff(other, other.name) == NOTEBOOK
    other.write_text('{"a": [1, 2]}')
    assert sniff(other, other.name) == JSON


def test_broken_notebooks_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    for text, error, message in (
        ('{"cells": [{"cell_type": "code", "sou', CorruptDocument, "JSON can't be read"),
        ('{"cells": 1, "nbformat": 4}', CorruptDocument, "no cells in it"),
        ('{"cells": [], "nbformat": 4}', EmptyDocument, "no text"),
        ('{"nbformat": 4, "cells": ' + "[" * 100_000, CorruptDocument, "nested too deeply"),
        (
            '{"nbformat": 4, "cells": ' + '[{"source":' * 100_000 + "1" + "}]" * 100_000 + "}",
            CorruptDocument,
            "nested too deeply",
        ),
    ):
        path.write_text(text)
        with pytest.raises(error, match=message):
            parse(path, NOTEBOOK, Window(), Settings())


def test_what_is_no_text_is_told_and_kept(tmp_path: Path) -> None:
    path = written(
        tmp_path, code({"a": 1}, {"output_type": "?"}, 5), words(["x", 7.5]), "loose", code(None), words("> " * 120 + "deep")
    )
    parsed = read(path)
    assert [(one.kind, one.text) for one in parsed.elements][:3] == [
        ("code", '{"a": 1}'),
        ("paragraph", "x 7.5"),
        ("paragraph", "loose"),
    ]
    assert "deep" in parsed.elements[-1].text
    assert parsed.warnings == (
        "There is something else than text where text should be (cells 1, 2).",
        "Quotes or lists are nested too deeply, so that they were read as plain text (cell 5).",
    )
