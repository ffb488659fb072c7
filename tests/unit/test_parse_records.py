"""JSON and source code: what tests write is what is read."""

import json
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument, UnsupportedMedia
from kbray.model import Parsed, Window
from kbray.parse import code, parse
from kbray.parse.media import JSON, JSON_LINES, SOURCE
from kbray.parse.sniff import sniff

SAID = "The ship sailed out of the port at noon."


def read(folder: Path, text: str, name: str, kind: str) -> Parsed:
    path = folder / name
    path.write_bytes(text.encode())
    assert sniff(path, name) == kind
    return parse(path, kind, Window(), Settings())


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in parsed.elements]


def test_records_of_sentences(tmp_path: Path) -> None:
    records = [
        {
            "title": "One",
            "text": SAID,
            "by": {"name": "Ada", "age": 36},
            "tags": ["a", "b"],
            "none": None,
            "on": True,
            "size": 1.50,
        },
        {"title": "Two", "text": f"{SAID}\n\n{SAID}", "parts": [{"said": SAID}, {"said": SAID}], "end": SAID},
        {"html": f"<p>{SAID}</p><ul><li>item</li></ul>"},
    ]
    assert told(read(tmp_path, json.dumps(records), "a.json", JSON)) == [
        ("paragraph", f"title: One\ntext: {SAID}\nby.name: Ada\nby.age: 36\ntags: a, b\non: true\nsize: 1.5"),
        ("paragraph", "title: Two"),
        ("paragraph", f"text: {SAID}"),
        ("paragraph", SAID),
        ("paragraph", f"parts.said: {SAID}"),
        ("paragraph", f"parts.said: {SAID}"),
        ("paragraph", f"end: {SAID}"),
        ("paragraph", SAID),
        ("list_item", "item"),
    ]


def test_json_lines(tmp_path: Path) -> None:
    text = "".join(json.dumps({"n": n, "text": SAID}) + "\n" for n in range(3))
    expected = [("paragraph", f"n: {n}\ntext: {SAID}") for n in range(3)]
    assert told(read(tmp_path, text, "a.jsonl", JSON_LINES)) == expected
    assert told(read(tmp_path, text, "a.json", JSON_LINES)) == expected, "whatever they are called"
    assert told(read(tmp_path, f"[{SAID!r}]\n", "a.ndjson", JSON_LINES)) == [("code", f"[{SAID!r}]")], "broken, so as it stands"


def test_a_name_that_comes_twice_is_told_twice(tmp_path: Path) -> None:
    assert told(read(tmp_path, f'{{"title": "T", "a": "{SAID}", "a": "{SAID} Again."}}', "a.json", JSON)) == [
        ("paragraph", f"title: T\na: {SAID}\na: {SAID} Again.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{\n "name": "kbray",\n "version": "1.0"\n}',
        "[" * 100_000,
        '{"a": [1, 2',
        "[1, 2]",
        "1" * 5000,
        '{"a": "one-two_three four"}',
    ],
)
def test_settings_and_data_stay_code(tmp_path: Path, text: str) -> None:
    parsed = read(tmp_path, text, "a.json", JSON)
    assert {one.kind for one in parsed.elements} == {"code"}
    assert "".join(one.text for one in parsed.elements) == text
    assert max(len(one.text) for one in parsed.elements) <= 4000


def test_many_numbers_stay_within_bounds(tmp_path: Path) -> None:
    text = json.dumps(list(range(1_000_000)))
    parsed = read(tmp_path, text, "a.json", JSON)
    assert "".join(one.text for one in parsed.elements).replace(" ", "") == text.replace(" ", "")


def test_source_is_cut_between_definitions(tmp_path: Path) -> None:
    definitions = [f"def f{n}():\n    '''{SAID}'''\n\n    # {SAID}\n    return {n}\n" for n in range(200)]
    text = "#!/usr/bin/env python\n# A comment\n\n" + "\n\n".join(definitions)
    parsed = read(tmp_path, text, "a.py", SOURCE)
    assert len(parsed.elements) > 5
    assert {one.kind for one in parsed.elements} == {"code"}
    assert all(one.text.startswith("def ") for one in parsed.elements[1:]), "no definition is cut"
    assert "\n\n\n".join(one.text for one in parsed.elements).split() == text.split()
    assert max(len(one.text) for one in parsed.elements) <= 4000


def test_lines_of_code_are_kept() -> None:
    text = "\n\n  a:\n\tb  = 1\n\n\n# c\n\n"
    assert [one.text for one in code.elements_of(text)] == ["  a:\n\tb  = 1\n\n\n# c"]
    long = "x" * 9000
    assert [len(one.text) for one in code.elements_of(long)] == [4000, 4000, 1000]


@pytest.mark.parametrize("name", ["a.py", "a.YAML", "a.c", "Makefile", "Dockerfile", "a.toml", "a.ini"])
def test_sources_are_told_by_their_names(tmp_path: Path, name: str) -> None:
    assert told(read(tmp_path, "# from: me\nfrom: a\nsubject: b\nmessage-id: c\n", name, SOURCE))[0][0] == "code"


def test_scripts_are_told_by_their_first_line(tmp_path: Path) -> None:
    assert told(read(tmp_path, "#!/bin/sh\necho a\n", "run", SOURCE)) == [("code", "#!/bin/sh\necho a")]


def test_what_is_no_source(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(" \n")
    with pytest.raises(EmptyDocument):
        parse(path, SOURCE, Window(), Settings())
    path.write_bytes(b"a\x01\x02\x03\x04" * 40)
    with pytest.raises(UnsupportedMedia):
        parse(path, SOURCE, Window(), Settings())


@pytest.mark.parametrize("cut", [-1, -3, -20, -60])
def test_json_that_was_cut_short(tmp_path: Path, cut: int) -> None:
    """In a string, a name, a number, or between them."""
    words = "The tea is ready and the cakes are on the table"
    document = json.dumps([{"said": words, "times": number, "true": True} for number in range(9)])
    lines = "".join(json.dumps({"said": words, "times": number}) + "\n" for number in range(9)).rstrip()
    for text in (document, lines):
        (tmp_path / "x.json").write_text(text[:cut])
        told = parse(tmp_path / "x.json", JSON_LINES, Window(), Settings()).warnings
        assert told == ("The file ends within a value of its JSON: it was cut short, and is shown as it is; fetch it again.",)
        (tmp_path / "x.json").write_text(text)
        assert not parse(tmp_path / "x.json", JSON_LINES, Window(), Settings()).warnings


@pytest.mark.parametrize("text", ["{\n // a remark\n 'a': [1,\n 2,],\n}", '{"a": 1}\n{"b" 2}\n{"c": 3}', "{a: 1}\nnot at all\n{"])
def test_what_is_no_json_is_not_cut(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert not parse(tmp_path / "x.json", JSON_LINES, Window(), Settings()).warnings
