"""A small writer of XLSB: records by [MS-XLSB] 2.1.4 in a package."""

import struct
import zipfile
from pathlib import Path

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"


def record(kind: int, *pieces: bytes) -> bytes:
    data = b"".join(pieces)
    told = bytes((kind,)) if kind < 0x80 else bytes((kind & 0x7F | 0x80, kind >> 7))
    size, left = b"", len(data)
    while left > 0x7F:
        size, left = size + bytes((left & 0x7F | 0x80,)), left >> 7
    return told + size + bytes((left,)) + data


def text(words: str) -> bytes:
    return struct.pack("<I", len(words.encode("utf-16-le")) // 2) + words.encode("utf-16-le")


def row(number: int, *cells: bytes) -> bytes:
    return record(0, struct.pack("<I", number), bytes(13)) + b"".join(cells)


def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style), value)


def relations(*targets: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'


def workbook(
    path: Path,
    sheet: bytes,
    *,
    texts: bytes = b"",
    styles: bytes = b"",
    since_1904: bool = False,
    hidden: bool = True,
    drawn: str | None = None,
) -> Path:
    """Two sheets, the second one hidden or not; the first has a comment at B1 and perhaps a drawing."""
    drawing = [("drawing", drawn)] if drawn else []
    book = record(153, struct.pack("<II", since_1904, 0), text("")) + b"".join(
        record(156, struct.pack("<II", is_hidden, number + 1), text(f"r{number}"), text(name))
        for number, (name, is_hidden) in enumerate((("Stock", False), ("Draft", hidden)))
    )
    comments = (
        record(632, text("Zoe"))
        + record(635, struct.pack("<5I", 0, 0, 0, 1, 1), bytes(16))
        + record(637, b"\0", text("Zoe:\nwrong?"))
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types><Override PartName="/xl/workbook.bin" ContentType="{MAIN}"/></Types>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.bin")),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations(
            ("worksheet", "worksheets/sheet1.bin"),
            ("worksheet", "worksheets/sheet2.bin"),
            ("sharedStrings", "sharedStrings.bin"),
            ("styles", "styles.bin"),
        ),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/worksheets/_rels/sheet1.bin.rels": relations(("comments", "../comments1.bin"), *drawing),
        "xl/worksheets/sheet2.bin": row(0, cell(6, 0, text("not for all"))),
        "xl/comments1.bin": comments,
        "xl/sharedStrings.bin": texts,
        "xl/styles.bin": styles,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
