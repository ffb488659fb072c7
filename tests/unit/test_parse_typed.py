"""What was typed as plain paragraphs: captions beside tables and pictures."""

from pathlib import Path

from kbray.model import Element
from kbray.parse.markup.typed import with_captions
from tests.unit.test_parse_markdown import parse


def kinds(*elements: Element) -> list[str]:
    return [element.kind for element in with_captions(elements)]


def test_paragraphs_beside_what_they_tell_of_are_captions() -> None:
    table, image, text = Element("table", "a | b"), Element("image", ""), Element("paragraph", "It stands.")
    over, under = Element("paragraph", "Table 2: Shelves"), Element("paragraph", "Figure 1.3. A shelf.")
    assert kinds(over, table, text, image, under) == ["caption", "table", "paragraph", "image", "caption"]
    assert kinds(table, over, table) == ["table", "caption", "table"]
    assert kinds(over, text, table) == ["paragraph", "paragraph", "table"], "not beside it"
    said = Element("paragraph", "Table 2 shows shelves."), Element("paragraph", "Table 2: " + "long " * 80)
    assert kinds(said[0], table, said[1]) == ["paragraph", "table", "paragraph"]
    assert kinds(Element("heading", "Table 2: Shelves"), table) == ["heading", "table"]
    assert kinds() == []


def test_in_markdown(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "Table 1: Tea\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAnd so on.\n")
    assert [element.kind for element in parsed.elements] == ["caption", "table", "paragraph"]
