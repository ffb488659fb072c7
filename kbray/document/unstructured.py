"""Export: the element JSON of the library `unstructured`, as its own `elements_from_dicts` reads it.

Coordinates are not given: that format needs the size of the page, which an element doesn't tell. They stand in the JSONL export.
Nor does it tell main content from what stands around it, so it holds the former only.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from kbray.document.columns import without_surrogates
from kbray.document.tables import table_to_html
from kbray.model import Element, Kind

TYPES: Mapping[Kind, str] = {
    "heading": "Title",
    "paragraph": "NarrativeText",
    "list_item": "ListItem",
    "table": "Table",
    "image": "Image",
    "caption": "FigureCaption",
    "footnote": "Footnote",
    "code": "CodeSnippet",
    "formula": "Formula",
    "header": "Header",
    "footer": "Footer",
}


def to_dicts(elements: Iterable[Element], *, filename: str | None = None, media_type: str | None = None) -> list[dict[str, Any]]:
    """Elements as dicts with `type`, `element_id`, `text` and `metadata`; `parent_id` is the heading an element stands under.

    Ids are hashes of file name, place and text, so they stay the same from one export to the next.
    """
    found: list[dict[str, Any]] = []
    above: list[tuple[int, str]] = []  # level and id of the headings open here
    for index, element in enumerate(elements):
        if not element.main:
            continue
        text = without_surrogates(element.text)
        identity = f"{filename or ''}\0{index}\0{element.page or ''}\0{text}"
        element_id = hashlib.sha256(without_surrogates(identity).encode()).hexdigest()[:32]
        if element.kind == "heading":
            while above and above[-1][0] >= element.level:
                above.pop()
        metadata = _metadata(element) | {
            "filename": filename,
            "filetype": media_type,
            "parent_id": above[-1][1] if above else None,
        }
        if element.kind == "heading":
            above.append((element.level, element_id))
        found.append(
            {
                "type": TYPES[element.kind],
                "element_id": element_id,
                "text": text,
                "metadata": {name: value for name, value in sorted(metadata.items()) if value is not None},
            }
        )
    return found


def _metadata(element: Element) -> dict[str, Any]:
    return {
        "category_depth": max(element.level - 1, 0) if element.kind in ("heading", "list_item") else None,
        "page_number": element.page,
        "page_name": element.chapter,
        "languages": [element.language] if element.language else None,
        "text_as_html": table_to_html(element.table) if element.table else None,
        "image_path": element.target if element.kind == "image" else None,
        "detection_class_prob": element.confidence,
    }
