"""Parsed parts and elements as typed Arrow columns: what streams through Ray and is kept as elements.parquet."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from kbray.document.columns import ListOf, Plain, Record, Text
from kbray.geometry import Box
from kbray.model import (
    Cell,
    Chunk,
    Continuation,
    Document,
    Element,
    Failure,
    FileResult,
    Finished,
    Metadata,
    PageImage,
    Parsed,
    Quality,
    Reason,
    Table,
    TocEntry,
    Unit,
)

_WORD = Text(required=True)
_NAME = Text()
_NUMBER = Plain(pa.int32())
_COUNT = Plain(pa.int32(), default=0)
_FLAG = Plain(pa.bool_(), default=False)
_FLAG_SET = Plain(pa.bool_(), default=True)
_MEASURE = Plain(pa.float64())
_MANY = Plain(pa.int64(), default=0)

_BOX = Record(Box, {"left": _MEASURE, "top": _MEASURE, "right": _MEASURE, "bottom": _MEASURE})
_CELL = Record(
    Cell,
    {
        "row": _COUNT,
        "column": _COUNT,
        "text": _WORD,
        "row_span": _COUNT,
        "column_span": _COUNT,
        "header": _FLAG,
        "page": _NUMBER,
        "box": _BOX,
    },
)
_ELEMENT = Record(
    Element,
    {
        "kind": _WORD,
        "text": _WORD,
        "level": _COUNT,
        "page": _NUMBER,
        "box": _BOX,
        "chapter": _NAME,
        "anchor": _NAME,
        "heading_path": ListOf(_WORD),
        "marker": _NAME,
        "target": _NAME,
        "table": Record(Table, {"cells": ListOf(_CELL)}),
        "language": _NAME,
        "origin": _WORD,
        "confidence": _MEASURE,
        "continues": _FLAG,
        "main": _FLAG_SET,
        "print_page": _NAME,
        "formulas": ListOf(_WORD),
        "rest": ListOf(Record(Continuation, {"page": _COUNT, "box": _BOX, "start": _COUNT})),
    },
)
_LATER = ("main", "print_page", "formulas", "rest")  # columns that results of former versions lack
FAILURE = Record(
    Failure,
    {
        "code": _WORD,
        "message": _WORD,
        "stage": _WORD,
        "signature": _WORD,
        "page": _NUMBER,
        "chapter": _NAME,
        "traceback": _WORD,
    },
)
PARSED = Record(
    Parsed,
    {
        "engine": _WORD,
        "elements": ListOf(_ELEMENT),
        "units": ListOf(
            Record(
                Unit,
                {
                    "name": _WORD,
                    "characters": _MANY,
                    "produced": _FLAG,
                    "elements": _MANY,
                    "lost": _MANY,
                    "unread": _MANY,
                },
            )
        ),
        "metadata": Record(
            Metadata,
            {
                "title": _NAME,
                "authors": ListOf(_WORD),
                "language": _NAME,
                "publisher": _NAME,
                "date": _NAME,
                "identifier": _NAME,
            },
        ),
        "toc": ListOf(Record(TocEntry, {"level": _COUNT, "title": _WORD, "page": _NUMBER, "chapter": _NAME, "anchor": _NAME})),
        # 64-bit offsets: the page images of one block may pass 2 GiB
        "images": ListOf(
            Record(
                PageImage,
                {
                    "page": _COUNT,
                    "width_pt": _MEASURE,
                    "height_pt": _MEASURE,
                    "image": Plain(pa.large_binary()),
                    "partial": _FLAG,
                    "layered": _FLAG,
                    "garbled": _FLAG,
                    "target": _NAME,
                },
            )
        ),
        "failures": ListOf(FAILURE),
        "warnings": ListOf(_WORD),
    },
)

_BYTES = Plain(pa.large_binary())
_REASON = Record(Reason, {"code": _WORD, "message": _WORD, "share": _MEASURE})
FINISHED = Record(
    Finished,
    {
        "result": Record(
            FileResult,
            {
                "fingerprint": _WORD,
                "engine": _WORD,
                "title": _NAME,
                "language": _NAME,
                "units_expected": _COUNT,
                "units_produced": _COUNT,
                "characters": _MANY,
                "complete": _FLAG,
                "failed": _FLAG,
                "quality": Record(Quality, {"grade": _WORD, "reasons": ListOf(_REASON)}),
                "authors": ListOf(_WORD),
                "date": _NAME,
            },
        ),
        "failures": ListOf(FAILURE),
        "elements": _BYTES,
        "markdown": _BYTES,
        "manifest": _BYTES,
    },
)

CHUNK = Record(
    Chunk,
    {
        "text": _WORD,
        "heading_path": ListOf(_WORD),
        "tokens": _COUNT,
        "first": _COUNT,
        "last": _COUNT,
        "repeated": _COUNT,
        "page": _NUMBER,
        "box": _BOX,
        "chapter": _NAME,
        "anchor": _NAME,
        "print_page": _NAME,
        "language": _NAME,
    },
)

PARSED_TYPE: pa.StructType = PARSED.type
"""A `Parsed` as one value of a column."""

ELEMENT_DOCS: dict[str, str] = {
    "kind": "heading, paragraph, list_item, table, image, caption, footnote, code, formula, header or footer",
    "text": "the text; a table's cells joined by tabs and newlines, an image's alternative text; never null, may be empty",
    "level": "heading: 1 to 6; list item: depth from 1; else 0",
    "page": "page of the file, from 1; null where there are no pages",
    "box": "place on that page in points (1/72 inch), origin top-left, the page as displayed",
    "chapter": "EPUB: href of the spine item; CHM: path of the topic; office files: sheet, slide, or page of a drawing",
    "anchor": "id inside the chapter, or that of the note",
    "heading_path": "titles of the headings above this element, outermost first",
    "marker": "list item: `1.` or `-`; footnote: its label, which running text refers to as `[^label]`",
    "target": "image: where its bytes are inside the container; file inside a message, PDF or office file: its SHA-256",
    "table": "cells of a table: row and column from 0, text, spans, header or not; page and box, where the file has pages",
    "language": "BCP 47 tag where the document tells one",
    "origin": "text (from the file) or ocr (recognised from a picture)",
    "confidence": "0 to 1 for recognised text, else null",
    "continues": "the sentence or table goes on in the next element",
    "main": "false: navigation, teasers, comments and the like, around what a web page is about; hidden sheets; else true",
    "print_page": "EPUB: page of the printed edition on which it begins, as the book numbers it",
    "formulas": "MathML of the formulas in it, in order; `text` has them to read",
    "rest": "where a paragraph goes on behind page and column breaks: page, box, and where in the text that begins",
}
"""What each column of elements.parquet holds."""

ELEMENT_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field(field.name, field.type, nullable=field.name not in ("kind", "text"), metadata={"doc": ELEMENT_DOCS[field.name]})
        for field in _ELEMENT.type
    ]
)
"""Schema of elements.parquet: a row an element, in reading order."""


def parsed_to_bytes(parsed: Parsed) -> bytes:
    """One part as a compressed Arrow stream, without its page images."""
    names = [name for name in PARSED_TYPE.names if name != "images"]
    whole = PARSED.pack([parsed])
    batch = pa.RecordBatch.from_arrays([whole.field(name) for name in names], names=names)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def parsed_from_bytes(data: bytes) -> Parsed:
    """The reverse of `parsed_to_bytes`.

    Raises: ValueError (pyarrow's ArrowInvalid is one): these are not the bytes of one part.
    """
    with pa.ipc.open_stream(data) as stream:
        table = stream.read_all()
    if table.num_rows != 1 or set(table.column_names) != set(PARSED_TYPE.names) - {"images"}:
        raise ValueError("these bytes are not one parsed part of this version of kbray")
    images = pa.nulls(1, PARSED_TYPE.field("images").type)
    columns = [images if name == "images" else table.column(name).combine_chunks() for name in PARSED_TYPE.names]
    parsed: Parsed = PARSED.unpack_columns(columns)[0]
    return parsed


def elements_to_parquet(document: Document) -> bytes:
    """elements.parquet of `document`: the same document gives the same bytes."""
    schema = ELEMENT_SCHEMA.with_metadata(
        {
            "kbray.sha256": document.sha256,
            "kbray.fingerprint": document.fingerprint,
            "kbray.media_type": document.media_type,
            "kbray.engine": document.engine,
        }
    )
    table = pa.Table.from_arrays(_ELEMENT.pack_columns(document.elements), schema=schema)
    sink = pa.BufferOutputStream()
    # Without dictionaries, which zstd finds by itself, a small document takes two thirds of the time and less room.
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, version="2.6")
    return bytes(sink.getvalue())


def elements_from_parquet(data: bytes) -> tuple[Element, ...]:
    """The elements of an elements.parquet, in reading order.

    Raises: ValueError (pyarrow's ArrowInvalid is one): not a Parquet file, or one without kbray's columns.
    """
    table = pq.read_table(io.BytesIO(data))
    missing = [name for name in ELEMENT_SCHEMA.names if name not in table.column_names]
    for name in missing:
        if name not in _LATER:
            raise ValueError(f"not an elements.parquet of this version of kbray: no column {name!r}")
        table = table.append_column(name, pa.nulls(len(table), ELEMENT_SCHEMA.field(name).type))
    columns = [table.column(name).combine_chunks() for name in ELEMENT_SCHEMA.names]
    return tuple(_ELEMENT.unpack_columns(columns))
