"""Parts survive Arrow: through arrays, slices, bytes and Parquet, whatever their text."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray.document import arrow
from kbray.document.columns import Record, Text, without_surrogates
from kbray.geometry import Box
from kbray.model import KINDS, Cell, Document, Element, Failure, Metadata, PageImage, Parsed, Table, TocEntry, Unit

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.none() | texts
numbers = st.integers(0, 2**31 - 1)
measures = st.floats(allow_nan=False, allow_infinity=False)
cells = st.builds(Cell, row=numbers, column=numbers, text=texts, row_span=numbers, column_span=numbers, header=st.booleans())
elements = st.builds(
    Element,
    kind=st.sampled_from(KINDS),
    text=texts,
    level=numbers,
    page=st.none() | numbers,
    box=st.none() | st.builds(Box, measures, measures, measures, measures),
    chapter=names,
    anchor=names,
    heading_path=st.lists(texts, max_size=2).map(tuple),
    marker=names,
    target=names,
    table=st.none() | st.lists(cells, max_size=3).map(lambda found: Table(tuple(found))),
    language=names,
    origin=st.sampled_from(["text", "ocr"]),
    confidence=st.none() | measures,
    continues=st.booleans(),
    main=st.booleans(),
)
parts = st.builds(
    Parsed,
    engine=texts,
    elements=st.lists(elements, max_size=4).map(tuple),
    units=st.lists(st.builds(Unit, texts, st.integers(0, 2**40), st.booleans()), max_size=2).map(tuple),
    metadata=st.builds(
        Metadata, title=names, authors=st.lists(texts, max_size=2).map(tuple), language=names, publisher=names, date=names
    ),
    toc=st.lists(st.builds(TocEntry, numbers, texts, st.none() | numbers, names, names), max_size=2).map(tuple),
    images=st.lists(st.builds(PageImage, numbers, measures, measures, st.binary(max_size=9)), max_size=2).map(tuple),
    failures=st.lists(
        st.builds(Failure, texts, texts, st.just("parse"), texts, st.none() | numbers, names, texts), max_size=2
    ).map(tuple),
    warnings=st.lists(texts, max_size=2).map(tuple),
)


def a_document(*found: Element) -> Document:
    return Document("ab" * 32, "f" * 16, "application/pdf", "pdf", found, (), Metadata())


@given(st.lists(st.none() | parts, max_size=4))
@settings(max_examples=60)
def test_parts_come_back_from_arrow(items: list[Parsed | None]) -> None:
    array = arrow.PARSED.pack(items)
    assert array.type == arrow.PARSED_TYPE
    assert list(arrow.PARSED.unpack(array)) == items
    assert list(arrow.PARSED.unpack(array.slice(1))) == items[1:]


@given(parts)
@settings(max_examples=60)
def test_a_part_comes_back_from_bytes_and_parquet(part: Parsed) -> None:
    again = arrow.parsed_from_bytes(arrow.parsed_to_bytes(part))
    assert (again.elements, again.units, again.metadata) == (part.elements, part.units, part.metadata)
    assert (again.toc, again.failures, again.warnings) == (part.toc, part.failures, part.warnings)
    assert again.images == ()  # page images never rest in the store
    document = a_document(*part.elements)
    data = arrow.elements_to_parquet(document)
    assert arrow.elements_from_parquet(data) == part.elements
    assert arrow.elements_to_parquet(document) == data


def test_results_from_before_a_column_are_read() -> None:
    table = pa.parquet.read_table(
        pa.BufferReader(arrow.elements_to_parquet(a_document(Element("paragraph", "x", print_page="ix"))))
    )
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table.drop_columns(["print_page", "formulas"]), sink)
    assert arrow.elements_from_parquet(sink.getvalue().to_pybytes()) == (Element("paragraph", "x"),)
    with pa.BufferOutputStream() as other:
        pa.parquet.write_table(table.drop_columns(["text"]), other)
    with pytest.raises(ValueError, match="no column 'text'"):
        arrow.elements_from_parquet(other.getvalue().to_pybytes())


def test_text_that_utf8_cannot_hold_is_replaced() -> None:
    part = Parsed("text", (Element("code", "nul \x00, pair \ud83d\ude00, lone \ud800."),))
    (again,) = arrow.PARSED.unpack(arrow.PARSED.pack([part]))
    assert again is not None
    assert again.elements[0].text == "nul \x00, pair 😀, lone �."
    assert without_surrogates("\udc00\ud83d\ude00") == "�😀"


def test_missing_text_comes_back_empty() -> None:
    holed = pa.array([{"engine": "pdf", "elements": [{"kind": "image", "text": None, "heading_path": None}]}], arrow.PARSED_TYPE)
    (again,) = arrow.PARSED.unpack(holed)
    assert again is not None
    assert again.elements[0].text == ""
    assert again.elements[0].heading_path == ()
    assert again.units == ()


def test_results_from_before_there_was_main_content_are_all_main() -> None:
    data = arrow.elements_to_parquet(a_document(Element("paragraph", "x"), Element("paragraph", "y", main=False)))
    old = pa.BufferOutputStream()
    pa.parquet.write_table(pa.parquet.read_table(pa.BufferReader(data)).drop_columns("main"), old)
    assert [element.main for element in arrow.elements_from_parquet(old.getvalue().to_pybytes())] == [True, True]


def test_a_part_from_before_there_was_main_content_is_all_main() -> None:
    array = arrow.PARSED.pack([Parsed("pdf", (Element("paragraph", "x", main=False),))])
    elements = array.field("elements")
    known = elements.type.value_type
    fields = list(known)[: known.get_field_index("main")]  # and none of what came later still
    old = pa.StructArray.from_arrays([elements.values.field(field.name) for field in fields], fields=fields)
    columns = [
        pa.ListArray.from_arrays(elements.offsets, old) if field.name == "elements" else array.field(field.name)
        for field in arrow.PARSED_TYPE
    ]
    (again,) = arrow.PARSED.unpack_columns(columns)
    assert again.elements == (Element("paragraph", "x"),)


def test_foreign_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        arrow.parsed_from_bytes(b"not arrow at all")
    with pytest.raises(ValueError, match=r"."):
        arrow.elements_from_parquet(b"PAR1")


def test_a_field_missing_from_the_columns_is_an_error() -> None:
    with pytest.raises(TypeError, match="TocEntry"):
        Record(TocEntry, {"title": Text()})


def test_parquet_tells_where_it_comes_from() -> None:
    table = pa.parquet.read_table(pa.BufferReader(arrow.elements_to_parquet(a_document(Element("paragraph", "x")))))
    assert table.schema.metadata[b"kbray.sha256"] == b"ab" * 32
    assert table.schema.names == list(arrow.ELEMENT_DOCS)
    assert table.schema.field("box").metadata[b"doc"].startswith(b"place on that page")
