"""docs/results.md says what the files hold."""

import json
import re
from pathlib import Path

import pyarrow as pa

from kbray.document import manifest
from kbray.document.arrow import ELEMENT_DOCS, ELEMENT_SCHEMA
from kbray.model import Document, Metadata, Quality, Reason

TEXT = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_columns_are_documented() -> None:
    found = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (.+) \|$", TEXT, re.MULTILINE)
    assert [(name, text) for name, _, text in found] == list(ELEMENT_DOCS.items())
    for name, kind, _ in found:
        expected = str(ELEMENT_SCHEMA.field(name).type)
        assert kind.partition("&")[0] == expected.partition("<")[0], name
    cell = ELEMENT_SCHEMA.field("table").type.field("cells").type.value_type
    assert all(f"`{field.name}`" in TEXT for field in cell)
    assert all(pa.types.is_floating(field.type) for field in ELEMENT_SCHEMA.field("box").type)


def test_the_fields_of_the_manifest_are_documented() -> None:
    empty = Document("a" * 64, "f" * 16, "text/plain", "text", (), (), Metadata())
    section = TEXT.split("## document.json")[1].split("## Exports")[0]
    data = json.loads(manifest.render(empty, Quality("fair", (Reason("lost-characters", "Some.", 0.02),))))
    for field in (*data, *data["completeness"], *data["quality"], *data["quality"]["reasons"][0], *data["engine"]):
        assert f"`{field}`" in section, field
