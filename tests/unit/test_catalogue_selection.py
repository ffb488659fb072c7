import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue.selection import TYPE_NAMES, Plan, Selection, only
from kbray.model import FileId


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("pdf", "application/pdf"),
        ("PDF", "application/pdf"),
        ("jpg", "image/jpeg"),
        ("md", "text/markdown"),
        ("html", "application/xhtml+xml"),
        ("image", "image/tiff"),
        ("image/*", "image/x-new"),
        ("application/epub+zip", "application/epub+zip"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("odt", "application/vnd.oasis.opendocument.text-flat-xml"),
        ("*/*", "text/plain"),
    ],
)
def test_a_type(text: str, media_type: str) -> None:
    meaning = only(text)

    assert meaning.place is None
    assert meaning.media_type is not None
    assert re.search(meaning.media_type, media_type)
    assert not re.search(meaning.media_type, f"{media_type}.") or "*" in text or text == "image"


def test_types_are_told_apart() -> None:
    docx = only("docx").media_type
    assert docx is not None
    assert not re.search(docx, TYPE_NAMES["pptx"][0])
    assert not re.search(docx, TYPE_NAMES["docx"][0].replace(".", "x"))


@pytest.mark.parametrize(
    ("pattern", "place", "chosen"),
    [
        ("*.pdf", "/books/a.pdf", True),
        ("*.pdf", "/books/A.PDF", True),
        ("*.pdf", "/books/a.pdf.txt", False),
        ("a*", "/ab/c.pdf", False),
        ("a*", "/b/ac.pdf", True),
        ("a?.pdf", "/b/ac.pdf", True),
        ("a?.pdf", "/b/a/.pdf", False),
        ("report", "/b/report", True),
        ("report", "/b/report.pdf", False),
        ("[ab].txt", "s3://bucket/b.txt", True),
        ("[!ab].txt", "s3://bucket/b.txt", False),
        ("c[!ab]d", "/c/d", False),
        ("x[y", "/b/x[y", True),
        ("a.b", "/b/axb", False),
        ("history/*.epub", "/books/history/a.epub", True),
        ("history/*.epub", "/books/history/old/a.epub", True),
        ("history/*.epub", "/books/prehistory/a.epub", False),
        ("/books/*", "/books/a/b", True),
        ("/books/*", "/my/books/a", False),
        ("s3://bucket/*.pdf", "s3://bucket/x/y.pdf", True),
        ("s3://bucket/*.pdf", "s3://basket/y.pdf", False),
        ("image/cats", "/home/image/cats", False),  # a media type by its looks
    ],
)
def test_a_pattern(pattern: str, place: str, chosen: bool) -> None:
    found = only(pattern).place

    assert (found is not None and re.search(found, place, re.IGNORECASE | re.DOTALL) is not None) is chosen


@given(st.text(min_size=1))
def test_a_pattern_is_always_a_regular_expression(pattern: str) -> None:
    meaning = only(pattern)
    re.compile(meaning.place or meaning.media_type or "")


def test_a_plan_travels() -> None:
    plan = Plan(Selection(only="pdf", max_files=3, stale={"application/pdf": "x"}, file_ids=(FileId(3),)), FileId(9), 1, 2, 3)

    assert pickle.loads(pickle.dumps(plan)) == plan
