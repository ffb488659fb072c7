"""document.json and the exports: stable, complete, and readable by those they are for."""

import json
import re
from dataclasses import replace
from pathlib import Path

from unstructured.documents import elements as unstructured_elements
from unstructured.staging.base import elements_from_dicts

from kbray import parse
from kbray.document import jsonl, manifest, unstructured
from kbray.document.tables import table_from_rows
from kbray.geometry import Box
from kbray.model import KINDS, Document, Element, Failure, Metadata, Quality, Reason, TocEntry, Unit

TABLE = table_from_rows([["Bed", "Plants"], ["1", "sage & thyme"]], header_rows=1)
ELEMENTS = (
    Element("heading", "Garden", level=1, page=1, box=Box(1, 2, 3, 4)),
    Element("paragraph", "Text", page=1, language="en"),
    Element("heading", "Beds", level=2, page=2),
    Element("table", "Bed\tPlants", page=2, table=TABLE),
    Element("list_item", "rake", level=2, marker="-", page=2),
    Element("heading", "Pond", level=2, page=2),
    Element("paragraph", "lone \ud800", page=2, origin="ocr", confidence=0.5),
    Element("image", "", page=2, target="img/pond.png"),
)
DOCUMENT = Document(
    sha256="a" * 64,
    fingerprint="f" * 16,
    media_type="application/pdf",
    engine="pdf",
    elements=ELEMENTS,
    units=(Unit("1", 10, elements=2), Unit("2", 32, elements=6), Unit("3", 0, produced=False)),
    metadata=Metadata(title="Gärten", authors=("A. Rosa", "B. Iris"), language="de"),
    toc=(TocEntry(1, "Garden", page=1),),
    failures=(Failure("corrupt_document", "Page 3 is cut off.", "parse", "sig", page=3, traceback="File /somewhere/x.py"),),
    warnings=("The outline is empty.",),
)
QUALITY = Quality("poor", (Reason("missing-pages", "33% of the pages are missing.", 0.3333),))


def test_manifest_tells_what_is_missing() -> None:
    text = manifest.render(DOCUMENT, QUALITY)
    data = json.loads(text)
    assert text == manifest.render(DOCUMENT, QUALITY)
    assert text.endswith("}\n")
    assert "/somewhere" not in text
    assert data["title"] == "Gärten"
    assert data["authors"] == ["A. Rosa", "B. Iris"]
    assert data["toc"] == [{"level": 1, "title": "Garden", "page": 1}]
    assert data["completeness"] == {
        "complete": False,
        "unit": "page",
        "expected": 3,
        "produced": 2,
        "missing": ["3"],
        "characters": 42,
        "elements": {"1": 2, "2": 6},
    }
    assert data["quality"] == {
        "grade": "poor",
        "reasons": [{"code": "missing-pages", "message": "33% of the pages are missing.", "share": 0.3333}],
    }
    assert data["counts"] == {"heading": 3, "paragraph": 2, "list_item": 1, "table": 1, "image": 1}
    assert data["recognised"] == {"elements": 1, "confidence": 0.5}
    assert sorted(data["engine"]["versions"]) == ["kbray", "onnxruntime", "pypdfium2", "rapid-layout", "rapidocr"]
    assert data["failures"][0]["page"] == 3
    assert data["warnings"] == ["The outline is empty."]


def test_the_libraries_of_every_engine_are_known() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(parse.__file__).parent.rglob("*.py"))
    named = re.findall(r'(?:\bENGINE = |\bengine=|\b(?:whole|Parsed|Read)\(\s*|\btold\(sheets, )"(\w+)"', sources)

    assert {"pdf", "epub", "word", "code", "keynote", "numbers"} <= set(named)
    for engine in set(named):
        versions = json.loads(manifest.render(replace(DOCUMENT, engine=engine), QUALITY))["engine"]["versions"]
        assert "kbray" in versions
    assert set(named) == set(manifest.LIBRARIES)


def test_units_are_named() -> None:
    assert manifest.unit_kind([Unit("whole")]) == "document"
    assert manifest.unit_kind([Unit("1"), Unit("12")]) == "page"
    assert manifest.unit_kind([Unit("text/ch01.xhtml"), Unit("2")]) == "chapter"


def test_jsonl_has_the_same_keys_on_every_line() -> None:
    found = [json.loads(line) for line in jsonl.lines(ELEMENTS)]
    assert [element["index"] for element in found] == list(range(len(ELEMENTS)))
    assert len({tuple(element) for element in found}) == 1
    assert found[0]["box"] == {"left": 1, "top": 2, "right": 3, "bottom": 4}
    assert found[3]["table"]["cells"][3]["text"] == "sage & thyme"
    assert "<td>sage &amp; thyme</td>" in found[3]["html"]
    assert found[6]["text"] == "lone �"


def test_unstructured_reads_its_own_format() -> None:
    dicts = unstructured.to_dicts(ELEMENTS, filename="garden.pdf", media_type="application/pdf")
    read = elements_from_dicts(json.loads(json.dumps(dicts)))
    assert [type(element) for element in read[:4]] == [
        unstructured_elements.Title,
        unstructured_elements.NarrativeText,
        unstructured_elements.Title,
        unstructured_elements.Table,
    ]
    assert [element.text for element in read] == [*(element.text for element in ELEMENTS[:6]), "lone �", ""]
    garden, text, beds, table, rake, pond, lone, image = read
    assert garden.metadata.parent_id is None
    assert text.metadata.parent_id == beds.metadata.parent_id == pond.metadata.parent_id == garden.id
    assert table.metadata.parent_id == rake.metadata.parent_id == beds.id
    assert lone.metadata.parent_id == pond.id
    assert (table.metadata.page_number, rake.metadata.category_depth, beds.metadata.category_depth) == (2, 1, 1)
    assert "<th>Bed</th>" in table.metadata.text_as_html
    assert image.metadata.image_path == "img/pond.png"
    assert len({element.id for element in read}) == len(read)


def test_every_kind_has_a_type_of_unstructured() -> None:
    assert set(unstructured.TYPES) == set(KINDS)
    assert set(unstructured.TYPES.values()) <= set(unstructured_elements.TYPE_TO_TEXT_ELEMENT_MAP)


def test_exports_tell_main_content_or_hold_nothing_else() -> None:
    elements = (Element("list_item", "Home", main=False), Element("paragraph", "The page"))
    assert [json.loads(line)["main"] for line in jsonl.lines(elements)] == [False, True]
    assert [one["text"] for one in unstructured.to_dicts(elements)] == ["The page"]
