from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import markdown


def parse(tmp_path: Path, text: str) -> Parsed:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    return markdown.parse(path, Window(), Settings())


def test_structure(tmp_path: Path) -> None:
    parsed = parse(
        tmp_path,
        "Title & `code`!\n===\nText ~~gone~~\nwrapped<br>line <b>raw</b>\n\n- a\n  1. b\n\n     on\n- c\n\n"
        "```py\nif x:\n    y()\n```\n\n"
        "| h | i |\n|---|--:|\n| 1 | `a\\|b` |\n\n![alt](i.png)\n\n## Title & code\n## Title & code\n\n<div hidden>no</div>\n",
    )
    assert [(e.kind, e.level, e.marker, e.text) for e in parsed.elements] == [
        ("heading", 1, None, "Title & code!"),
        ("paragraph", 0, None, "Text gone wrapped\nline raw"),
        ("list_item", 1, "-", "a"),
        ("list_item", 2, "1.", "b\non"),
        ("list_item", 1, "-", "c"),
        ("code", 0, None, "if x:\n    y()"),
        ("table", 0, None, "h\ti\n1\ta|b"),
        ("image", 0, None, "alt"),
        ("heading", 2, None, "Title & code"),
        ("heading", 2, None, "Title & code"),
    ]
    assert [e.anchor for e in parsed.elements if e.kind == "heading"] == ["title--code", "title--code-1", "title--code-2"]
    assert parsed.metadata.title == "Title & code!"
    assert parsed.elements[7].target == "i.png"


def test_footnotes(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "A[^1] and B[^long].\n\n[^1]: word\n[^long]: First *para*.\n\n    Second.\n\nAfter [^none].\n")
    assert [(e.kind, e.text, e.marker) for e in parsed.elements] == [
        ("paragraph", "A[^1] and B[^long].", None),
        ("footnote", "word", "1"),
        ("footnote", "First para.\nSecond.", "long"),
        ("paragraph", "After [^none].", None),
    ]


def test_front_matter(tmp_path: Path) -> None:
    yaml = parse(tmp_path, '---\ntitle: "A: b" # c\nauthors:\n  - X Y\n  - Z\nlang: fr\ndate: 2020-01-01\n---\nText\n')
    assert (yaml.metadata.title, yaml.metadata.authors, yaml.metadata.language) == ("A: b", ("X Y", "Z"), "fr")
    assert [(e.kind, e.text.split("\n")[0]) for e in yaml.elements] == [("code", 'title: "A: b" # c'), ("paragraph", "Text")]
    toml = parse(tmp_path, "+++\ntitle = 'T'\nauthor = 'A'\n+++\nText\n")
    assert (toml.metadata.title, toml.metadata.authors) == ("T", ("A",))
    rule = parse(tmp_path, "---\n\nJust a rule above, and *text* that is no mapping\n\n---\n\nEnd\n")
    assert [e.kind for e in rule.elements] == ["paragraph", "paragraph"]


def test_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument):
        parse(tmp_path, " \n\n")


def test_absurd_nesting_loses_nothing(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "\n".join(" " * (2 * n) + f"- item{n}" for n in range(300)))
    assert " ".join(e.text for e in parsed.elements).count("item") == 300
    assert "plain text" in parsed.warnings[0]
    deep = parse(tmp_path, "\n".join(" " * (2 * n) + f"- item{n}" for n in range(45)))
    assert [e.level for e in deep.elements] == list(range(1, 46))
    assert deep.warnings == ()


def test_ids_in_braces_behind_headings_are_anchors(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "# Tea {#tea .big}\n\n## `Milk`{: #with-milk }\n\n# In {braces}\n")
    assert [(e.text, e.anchor) for e in parsed.elements] == [("Tea", "tea"), ("Milk", "with-milk"), ("In {braces}", "in-braces")]


def test_what_is_set_apart(tmp_path: Path) -> None:
    text = "Tea\n::: {.box}\n**Hot**\n:::\n\n:::note[Milk *first*]\n- a\n:::\n::: tip Sugar\nlast\n:::::\n```\n:::\n```\n"
    assert [(e.kind, e.text) for e in parse(tmp_path, text + "> [!NOTE]\n> Mind it.\n").elements] == [
        ("paragraph", "Tea"),
        ("paragraph", "Hot"),
        ("paragraph", "Milk first"),
        ("list_item", "a"),
        ("paragraph", "Sugar"),
        ("paragraph", "last"),
        ("code", ":::"),
        ("paragraph", "Note\nMind it."),
    ]


def test_tasks_have_boxes(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "- [ ] tea\n- [x] **milk**\n\n  [ ] more\n- [x](y)\n- [a] b\n\n[ ] no item\n")
    assert [e.text for e in parsed.elements] == ["☐ tea", "☒ milk\n[ ] more", "x", "[a] b", "[ ] no item"]


def test_formulas_and_programs_between_fences(tmp_path: Path) -> None:
    text = (
        "## Load\n\n```{r setup, include=FALSE}\n# plots\nlibrary(a)\n```\n\n"
        "Let $\\{a_1 * b\\} \\\\ c*$ be $5 or $6, *not* \\$x\\_y\\$.\n\n"
        "$$\n\\alpha_{*} \\\\\n*b*\n$$\n"
    )
    assert [(e.kind, e.text) for e in parse(tmp_path, text).elements] == [
        ("heading", "Load"),
        ("code", "# plots\nlibrary(a)"),
        ("paragraph", "Let $\\{a_1 * b\\} \\\\ c*$ be $5 or $6, not $x_y$."),
        ("paragraph", "$$ \\alpha_{*} \\\\ *b* $$"),
    ]
